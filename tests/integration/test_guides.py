"""What the guides name exists: paths, models, links and anchors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ANALYTICS, ROOT

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
LINKED = [ROOT / "docs" / "README.md", *sorted(ANALYTICS.glob("*.md")), *GUIDES]
# What the worked example of extending.md adds: it must not exist, or it is no example.
INVENTED = {
    "stg_doors__counts",
    "int_store_visits_deduplicated",
    "fct_store_visits",
    "int_stores_tracked",
    "snap_orders__stores",
    # What its short way adds.
    "int_counts_deduplicated",
    "fct_counts",
    "snap_doors__counts",
}
# What the worked example of start.md adds to a new project without the demo, or finds there.
STARTED = {
    "stg_shop__orders",
    "stg_shop__customers",
    "dim_customer_knows_who_is_domestic",
    "stg_shop__visits",
    "int_visits_deduplicated",
    "fct_visits",
}
# Names of the wrong variants, which stand only behind the word "bad" or in a message of dbt.
WRONG = {"int_order_deduplicated", "int_agents2"}
MODEL = re.compile(r"\b(?:stg|int|dim|fct|bridge|snap|assert)_[a-z0-9]\w*\b")
PATH = re.compile(r"`((?:analytics|analytics_tools|docs|scripts|tests|benchmarks)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def named(guide: Path, pattern: re.Pattern[str]) -> set[str]:
    return set(pattern.findall(guide.read_text(encoding="utf-8")))


def existing() -> set[str]:
    """Models, snapshots and tests of the project, and the unit tests and CTEs that begin alike."""
    folders = ("models", "snapshots", "tests", "macros")
    files = [path for folder in folders for path in (ANALYTICS / folder).rglob("*")]
    return {path.stem for path in files if path.suffix in (".sql", ".yml")}


def unit_tests() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in ANALYTICS.glob("models/**/*.yml"))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_each_model_that_a_guide_names_exists(guide: Path) -> None:
    known = existing()
    unknown = {
        name
        for name in named(guide, MODEL) - known - INVENTED - STARTED - WRONG
        if f"name: {name}\n" not in unit_tests()
    }
    assert not unknown
    assert not INVENTED & known


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_each_path_that_a_guide_names_exists(guide: Path) -> None:
    files = {path for path in named(guide, PATH) if not (ROOT / path).exists()}
    # What start.md adds to a new project's models is followed in test_new.py.
    missing = {p for p in files if guide.stem != "start" or not p.startswith("analytics/models/")}
    assert {
        path for path in missing if not re.search(r"doors|" + "|".join(INVENTED), path)
    } == set()


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_each_test_that_a_guide_names_exists(guide: Path) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    for name in named(guide, re.compile(r"`(test_\w+)`")):
        assert f"def {name}(" in code, name


def test_every_guide_is_listed() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [guide.name for guide in GUIDES if f"guides/{guide.name}" not in listed] == []
