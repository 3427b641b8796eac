"""A new project on each engine: its default target, its adapter's lock, its README and its CI."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml

from analytics_tools import template
from analytics_tools.errors import AnalyticsToolsError
from analytics_tools.template import source
from analytics_tools.template.warehouse import TITLES
from tests.conftest import ROOT

ELSEWHERE = [name for name in template.WAREHOUSES if name != "duckdb"]


def baked(warehouse: str, *, demo: bool = False, ci: str = "github") -> dict[str, str]:
    new = template.NewProject("acme", "x==1", demo=demo, ci=ci, warehouse=warehouse)
    return template.plan(template.read_template(), new)


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("warehouse", ELSEWHERE)
def test_the_engine_is_the_default_and_duckdb_stays(warehouse: str, demo: bool) -> None:
    files = baked(warehouse, demo=demo)
    profile = yaml.safe_load(files["analytics/profiles.yml"])["acme"]
    assert profile["target"] == f"{{{{ env_var('DBT_TARGET', '{warehouse}') }}}}"
    assert profile["outputs"][warehouse]["type"] == warehouse
    assert {profile["outputs"][name]["type"] for name in ("dev", "prod", "ci")} == {"duckdb"}
    assert f"TARGET ?= {warehouse}\n" in files["Makefile"]
    asked = yaml.safe_load(files["analytics/profile_template.yml"])["prompts"]
    assert asked["target"]["default"] == warehouse
    assert f"requirements-{warehouse}.lock" in files
    assert "\nmake build TARGET=dev\n" in files[".ci/run"]
    assert f"dbt project on {TITLES[warehouse]}" in files["README.md"]


@pytest.mark.parametrize("warehouse", template.WAREHOUSES)
def test_the_small_one_has_nothing_of_other_engines(warehouse: str) -> None:
    files = baked(warehouse)
    outputs = yaml.safe_load(files["analytics/profiles.yml"])["acme"]["outputs"]
    own = {warehouse} - {"duckdb"}
    assert set(outputs) == {"dev", "prod", "ci", "slim_ci"} | own
    groups = tomllib.loads(files["pyproject.toml"])["dependency-groups"]
    assert set(groups) == {"dev"} | own
    locks = {path for path in files if path.startswith("requirements-") and path.endswith(".lock")}
    assert locks == {f"requirements-{name}.lock" for name in own}
    assert ("\nload:" in files["Makefile"]) == ("scripts/load.py" in files)
    loaders = {path for path in files if re.fullmatch(r"scripts/loading/[a-z]+\.py", path)}
    assert loaders <= {f"scripts/loading/{warehouse}.py"}
    assert "test-engines" not in files["Makefile"] and "test-bake" not in files["Makefile"]


@pytest.mark.parametrize("warehouse", ELSEWHERE)
def test_every_variable_that_is_asked_for_is_named(warehouse: str) -> None:
    files = baked(warehouse)
    profile = files["analytics/profiles.yml"]
    asked = set(re.findall(r"env_var\('(\w+)'", profile[profile.index(f"    {warehouse}:") :]))
    table = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", files["README.md"], re.M))
    assert asked == set(table) and "ANALYTICS_SCHEMA" in table


@pytest.mark.parametrize("warehouse", ELSEWHERE)
def test_production_is_built_by_a_job_that_is_off_at_first(warehouse: str) -> None:
    github = yaml.safe_load(baked(warehouse)[".github/workflows/deploy.yml"])["jobs"]
    gitlab = yaml.safe_load(baked(warehouse, ci="gitlab")[".gitlab/dbt-review.yml"])
    if warehouse == "spark":  # it runs inside dbt's own process
        assert "warehouse" not in github and "warehouse" not in gitlab
        return
    job = github["warehouse"]
    assert "vars.BUILD_WAREHOUSE == 'true'" in job["if"]
    assert job["permissions"] == {"contents": "read"}
    *_, build = job["steps"]
    assert build["run"] == "make build" and build["env"].pop("ANALYTICS_SCHEMA") == "prod"
    for name, value in build["env"].items():
        assert f"secrets.{name}" in value if "SECRET" in name else f"vars.{name}" in value
    assert gitlab["warehouse"]["script"] == ["make build"]
    assert "BUILD_WAREHOUSE" in gitlab["warehouse"]["rules"][0]["if"]


def test_dbt_init_asks_for_each_engine() -> None:
    text = (ROOT / "analytics" / "profile_template.yml").read_text()
    offered = yaml.safe_load(text)["prompts"]["_choose_warehouse"]
    assert tuple(offered) == template.WAREHOUSES
    assert {name: asked["_fixed_type"] for name, asked in offered.items()} == dict(
        zip(offered, offered, strict=True)
    )


def test_a_target_that_the_template_lacks_is_an_error() -> None:
    read = template.read_template()
    profiles = read["analytics/profiles.yml"].replace("\n    trino:\n", "\n    other:\n")
    changed = {**read, "analytics/profiles.yml": profiles}
    with pytest.raises(AnalyticsToolsError, match="no target trino"):
        template.plan(changed, template.NewProject("acme", "x", warehouse="trino"))


def test_every_lock_goes_along() -> None:
    there = {path.name for path in ROOT.glob("requirements*.lock")}
    assert there == {path for path in source.FILES if path.endswith(".lock")}
    assert {f"requirements-{name}.lock" for name in ELSEWHERE} <= there
