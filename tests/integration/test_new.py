"""New projects: dbt takes them without a word, the small one builds, its guide is true, the wheel makes them alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from analytics_tools import template
from tests.conftest import ANALYTICS, ROOT
from tests.integration.test_build import ALL_DEPRECATIONS

BIN = Path(sys.executable).parent
MF = [str(BIN / "mf"), "query", "--quiet", "--metrics"]
GUIDE = ROOT / "docs" / "guides" / "start.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
NEW_FILE = re.compile(r"New file `([^`]+)`[^`]*?```\w+\n(.*?)^```$", re.M | re.S)


Alone = Callable[..., list[str]]


def bake(home: Path, **asked: object) -> Path:
    new = template.NewProject(name="acme", tools="dbt-analytics-tools==0", **asked)  # type: ignore[arg-type]
    template.write(template.plan(template.read_template(), new), home)
    shutil.copytree(home / "analytics" / "offline", home / "analytics" / "dbt_packages")
    return home


def run(home: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    raw = str(home / "sample")
    done = subprocess.run(
        words,
        cwd=home / "analytics",
        env={
            **os.environ,
            "ANALYTICS_RAW_PATH": raw,
            "NO_COLOR": "1",
            "ANALYTICS_DUCKDB_PATH": "dev.duckdb",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done


def built(home: Path) -> Counter[str]:
    run(home, str(BIN / "dbt"), "build")
    results = json.loads((home / "analytics" / "target" / "run_results.json").read_text())[
        "results"
    ]
    assert {result["status"] for result in results} == {"success", "pass", "no-op"}
    kinds = Counter(result["unique_id"].split(".")[0] for result in results)
    return Counter(models=kinds["model"], tests=kinds["test"] + kinds["unit_test"])


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only to be read, or copied."""
    return bake(tmp_path_factory.mktemp("starter") / "acme", demo=False)


def test_the_demo_parses_without_a_deprecation_and_without_the_old_name(tmp_path: Path) -> None:
    home = bake(tmp_path / "acme")
    run(home, sys.executable, "-c", ALL_DEPRECATIONS)
    manifest = json.loads((home / "analytics" / "target" / "manifest.json").read_text())
    assert manifest["metadata"]["project_name"] == "acme"
    ids = [
        uid
        for kind in ("nodes", "sources", "metrics", "exposures", "macros")
        for uid in manifest[kind]
    ]
    assert not [uid for uid in ids if ".analytics." in f".{uid}."]
    ours = sum(1 for uid in manifest["nodes"] if uid.startswith("model.acme."))
    assert ours == len(list((ANALYTICS / "models").rglob("*.sql")))


@pytest.mark.parametrize("name", ["a", "acme", "analytics", "x" * 40])
@pytest.mark.parametrize("demo", [True, False])
def test_a_name_of_any_length_passes_the_linters(name: str, demo: bool, tmp_path: Path) -> None:
    new = template.NewProject(name=name, tools="dbt-analytics-tools==0", demo=demo)
    template.write(template.plan(template.read_template(), new), tmp_path)
    lint(tmp_path)


@pytest.fixture(scope="module")
def small(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, built and documented."""
    home = tmp_path_factory.mktemp("small") / "acme"
    shutil.copytree(starter, home)
    assert built(home) == {"models": 4, "tests": 19}
    log = (home / "analytics" / "logs" / "dbt.log").read_text()
    assert "[WARNING]" not in log
    run(home, str(BIN / "dbt"), "docs", "generate", "--quiet")
    return home


def test_the_small_one_parses_without_a_deprecation(small: Path, tmp_path: Path) -> None:
    home = tmp_path / "acme"
    shutil.copytree(small, home)
    run(home, sys.executable, "-c", ALL_DEPRECATIONS)


def test_the_small_one_is_exemplary(small: Path) -> None:
    is_exemplary(small)
    asked = run(small, *MF, "revenue", "--group-by", "metric_time__month")
    assert len(re.findall(r"^2026-0\d-01", asked.stdout, re.M)) == 3


def test_dbt_init_writes_a_profile_of_ones_own(small: Path, tmp_path: Path) -> None:
    """In the order of its questions: target, schema, threads, warehouse, then what that one needs."""
    answers = "snowflake\nmine\n8\n3\naccount\nme\nsales\nlarge\nanalyst\n2\n/key.p8\n"
    done = subprocess.run(
        [str(BIN / "dbt"), "init", "--skip-debug", "--profiles-dir", str(tmp_path)],
        cwd=small / "analytics",
        input=answers,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert yaml.safe_load((tmp_path / "profiles.yml").read_text())["acme"] == {
        "target": "snowflake",
        "outputs": {
            "snowflake": {
                "type": "snowflake",
                "schema": "mine",
                "threads": 8,
                "account": "account",
                "user": "me",
                "database": "sales",
                "warehouse": "large",
                "role": "analyst",
                "private_key_path": "/key.p8",
            }
        },
    }


def is_exemplary(home: Path) -> None:
    """Full marks, and nothing that a linter would say."""
    run(home, str(BIN / "analytics-tools"), "score", "--fail-under", "100")
    sqlfluff = ["sqlfluff", "lint", "analytics/models", "analytics/tests"]
    lint(home, sqlfluff, ["yamllint", "--strict", "."])


def lint(home: Path, *commands: list[str]) -> None:
    ruff = ["ruff", "check", "--no-cache", "."], ["ruff", "format", "--no-cache", "--check", "."]
    for command, *words in (*commands, *ruff):
        done = subprocess.run(
            [str(BIN / command), *words], cwd=home, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_guide_leads_to_a_mart_of_ones_own(starter: Path, tmp_path: Path) -> None:
    home = tmp_path / "acme"
    shutil.copytree(starter, home)
    guide = GUIDE.read_text()
    (customers,) = (code for word, code in BLOCK.findall(guide) if "customers/2026" in code)
    subprocess.run(["sh", "-c", customers.replace("make data", "")], cwd=home, check=True)
    (table,) = (
        code for _, code in BLOCK.findall(guide) if code.startswith("      - name: customers")
    )
    sources = home / "analytics" / "models" / "staging" / "shop" / "_shop__sources.yml"
    sources.write_text(sources.read_text() + table)
    (related,) = (
        code for _, code in BLOCK.findall(guide) if code.startswith("        data_tests:")
    )
    orders = home / "analytics" / "models" / "marts" / "core" / "fct_orders.yml"
    key, below = orders.read_text().split("      - name: order_status", 1)
    orders.write_text(f"{key}{related}      - name: order_status{below}")
    files = NEW_FILE.findall(guide)
    assert len(files) == 6
    for path, text in files:
        (home / path).write_text(text)
    counted = built(home)
    assert f"Built {counted['models']} models, and {counted['tests']} tests passed." in guide
    run(home, str(BIN / "dbt"), "docs", "generate", "--quiet")
    is_exemplary(home)
    words = "new_customers,revenue --group-by metric_time__month"
    assert f"--metrics {words}" in guide
    assert re.search(r"^2026-01-01\S* +20 ", run(home, *MF, *words.split()).stdout, re.M)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    words = [str(BIN / "hatchling"), "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_is_small_and_holds_what_a_project_needs(wheel: Path) -> None:
    assert wheel.stat().st_size < 2_000_000
    with zipfile.ZipFile(wheel) as packed:
        prefix = "analytics_tools/template/files/"
        files = {name.removeprefix(prefix) for name in packed.namelist() if name.startswith(prefix)}
        assert files == set(template.read_template())
    parts = {part for name in packed.namelist() for part in name.split("/")}
    assert not parts & {
        "data",
        "target",
        "logs",
        "dbt_packages",
        "__pycache__",
        ".git",
        ".venv",
        "unit",
        "contract",
    }


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """The wheel's command, installed where nothing of this checkout is."""
    site = tmp_path_factory.mktemp("site")
    words = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([sys.executable, *words, str(wheel)], check=True, capture_output=True)
    code = "import analytics_tools as a; from analytics_tools.cli import main; print(a.__file__); main()"

    def run_it(here: Path, *words: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=here,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=True,
        )
        first, *rest = done.stdout.splitlines()
        assert Path(first).is_relative_to(site)
        return rest

    return run_it


def test_the_wheel_alone_makes_the_same_project(wheel: Path, alone: Alone, tmp_path: Path) -> None:
    listed = alone(tmp_path, "new", "acme", "--name", "acme", "--dry-run")
    assert not (tmp_path / "acme").exists()
    alone(tmp_path, "new", "acme", "--name", "acme", "--yes")
    made = tmp_path / "acme"
    assert listed == sorted(p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file())
    # It was installed from a wheel, which goes along: nobody else has that path.
    carried = f"vendor/{wheel.name}"
    assert (made / carried).read_bytes() == wheel.read_bytes()
    of_checkout = template.plan(
        template.read_template(), template.NewProject("acme", f"./{carried}")
    )
    found = {path: (made / path).read_text() for path in listed if path != carried}
    assert found == of_checkout


def test_the_wheel_alone_adds_and_adopts(alone: Alone, small: Path, tmp_path: Path) -> None:
    home = tmp_path / "acme"
    shutil.copytree(small, home)
    (home / "stores.csv").write_text("id,name\n1,North\n2,South\n")
    added = alone(home / "analytics", "add", "source", "shop.stores", "--from", "../stores.csv")
    assert "  new      models/staging/shop/stg_shop__stores.yml" in added
    adopted = alone(home / "analytics", "init", "--ci", "gitlab", "--hook", "--tools", "x")
    assert "  new      analytics/score_baseline.json" not in adopted  # it is no repository
    assert "  new      .ci/dbt_comment.py" in adopted
    assert "  new      .gitlab/dbt-review.yml" in adopted
    alone(home / "analytics", "score", "--baseline", "score_baseline.json")
