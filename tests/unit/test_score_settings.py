"""What a project configures, excuses, selects, and adds to its score."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics_tools.artifacts import load_project
from analytics_tools.errors import UsageError
from analytics_tools.selection import select
from tests.unit.project_files import ProjectFiles

TABLE = "[tool.analytics_tools.score]\n"


@pytest.fixture
def configured(shop: ProjectFiles, tmp_path: Path) -> Callable[[str], Path]:
    """Write the shop with a configuration one folder above its target."""

    def write(toml: str) -> Path:
        (tmp_path / "pyproject.toml").write_text(toml)
        return shop.write(tmp_path / "target")

    return write


Configured = Callable[[str], Path]
Ask = Callable[..., Any]


def deducted(document: Any, name: str) -> dict[str, int]:
    model = next(one for one in document["models"] if one["name"] == name)
    return {one["rule"]: one["points"] for one in model["deductions"]}


def test_rules_off_and_weighed(configured: Configured, ask: Ask) -> None:
    plain = ask("score", "--manifest", configured(""))
    assert deducted(plain, "fct_orders") == {"DOC002": 6}
    off = ask("score", "--manifest", configured(TABLE + 'off = ["DOC002"]'))
    assert deducted(off, "fct_orders") == {}
    half = ask("score", "--manifest", configured(TABLE + "points = {DOC002 = 9}"))
    assert deducted(half, "fct_orders") == {"DOC002": 3}
    none = ask("score", "--manifest", configured(TABLE + "points = {DOC002 = 0}"))
    assert deducted(none, "fct_orders") == {}


def test_overrides_and_thresholds(configured: Configured, ask: Ask, run: Any) -> None:
    marts = "[[tool.analytics_tools.score.overrides]]\nlayer = 'marts'\n"
    folder = configured(marts + "fail_under = 95\n")
    document = ask("score", "--manifest", folder)
    assert document["below"] == ["model.shop.fct_orders"]
    assert document["gate"]["met"] is False
    assert run("score", "--manifest", folder).exit_code == 1
    path = "[[tool.analytics_tools.score.overrides]]\npath = 'models/marts/*'\noff = ['DOC002']\n"
    assert ask("score", "--manifest", configured(path))["score"] == 100
    folder = configured(TABLE + "fail_under = 99\n")
    assert run("score", "--manifest", folder).exit_code == 1
    assert run("score", "--manifest", folder, "--fail-under", "90").exit_code == 0


@pytest.mark.parametrize(
    "toml",
    [
        TABLE + "offf = []",
        TABLE + "off = ['NOPE001']",
        TABLE + "off = 'DOC001'",
        TABLE + "points = {DOC001 = -1}",
        TABLE + "preset = 'x'",
        TABLE + "fail_under = 'x'",
        TABLE + "plugins = ['no_such_module_anywhere']",
        TABLE + "layers = {gold = {}}",
        TABLE + "overrides = [{off = []}]",
        TABLE + "limits = {x = 1}",
        "[tool.analytics_tools]\nscore = 1",
        TABLE + "not toml",
    ],
)
def test_mistakes_are_errors(toml: str, configured: Configured, run: Any) -> None:
    result = run("score", "--manifest", configured(toml))
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


def test_layers_of_ones_own(files: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    files.model("rv_orders", folder="raw_vault")
    files.model("gold_orders", folder="x")
    toml = TABLE + "preset = 'medallion'\nlayers = {staging = {folders = ['raw_vault']}}\n"
    (tmp_path / "pyproject.toml").write_text(toml)
    document = ask("score", "--manifest", files.write(tmp_path / "target"))
    layers = {model["name"]: model["layer"] for model in document["models"]}
    assert layers == {"rv_orders": "staging", "gold_orders": "marts"}


def test_exemptions(shop: ProjectFiles, run: Any, ask: Ask, tmp_path: Path) -> None:
    def excuse(**rules: Any) -> Any:
        meta = {"analytics_tools": {"ignore": rules}}
        shop.manifest["nodes"]["model.shop.fct_orders"]["config"]["meta"] = meta
        return ask("score", "--manifest", shop.write(tmp_path))

    document = excuse(DOC002="late is going away")
    assert deducted(document, "fct_orders") == {}
    assert document["exemptions"][0]["state"] == "applies"
    assert document["exemptions"][0]["points"] == 6
    document = excuse(DOC002="", DOC001="was needed once", NOPE="x")
    assert deducted(document, "fct_orders") == {"DOC002": 6}
    states = {one["rule"]: one["state"] for one in document["exemptions"]}
    assert states == {"DOC001": "stale", "DOC002": "no reason", "NOPE": "no such rule"}
    assert "stale" in run("score", "--manifest", tmp_path).stderr


def test_baseline(shop: ProjectFiles, run: Any, ask: Ask, tmp_path: Path) -> None:
    before = tmp_path / "baseline.json"
    before.write_text(json.dumps(ask("score", "--manifest", shop.write(tmp_path))))
    words = ("score", "--manifest", tmp_path, "--baseline", before)
    assert run(*words).exit_code == 0
    shop.manifest["nodes"]["model.shop.fct_orders"]["description"] = ""
    shop.built("model.shop.fct_orders", order_id="INTEGER", amount="DECIMAL(18,2)")
    shop.write(tmp_path)
    result = run(*words)
    assert result.exit_code == 1
    assert "New or worse than in the baseline: 1, 1 deduction fewer" in result.stdout
    worse = ask(*words)["baseline"]
    assert [(one["rule"], one["before"]) for one in worse["worse"]] == [("DOC001", 0)]
    before.write_text("[]")
    assert run(*words).exit_code == 2


SELECTORS = [
    ("fct_orders", {"fct_orders"}),
    ("+fct_orders", {"stg_orders", "fct_orders"}),
    ("stg_orders+", {"stg_orders", "fct_orders"}),
    ("1+fct_orders", {"stg_orders", "fct_orders"}),
    ("@stg_orders", {"stg_orders", "fct_orders"}),
    ("source:raw+1", {"stg_orders"}),
    ("source:raw.orders+", {"stg_orders", "fct_orders"}),
    ("path:models/marts", {"fct_orders"}),
    ("models/staging/stg_orders.sql", {"stg_orders"}),
    ("file:stg_*", {"stg_orders"}),
    ("tag:nightly", {"stg_orders"}),
    ("config.materialized:table,fct_*", {"fct_orders"}),
    ("+exposure:board", {"stg_orders", "fct_orders"}),
    ("shop.marts", {"fct_orders"}),
    ("marts.fct_*", {"fct_orders"}),
    ("package:shop,resource_type:model", {"stg_orders", "fct_orders"}),
    ("tag:none", set()),
    ("fct_orders tag:nightly", {"stg_orders", "fct_orders"}),
]


@pytest.mark.parametrize(("words", "expected"), SELECTORS)
def test_selectors(words: str, expected: set[str], shop: ProjectFiles, tmp_path: Path) -> None:
    shop.manifest["nodes"]["model.shop.stg_orders"]["tags"] = ["nightly"]
    project = load_project(shop.write(tmp_path))
    found = {uid.rpartition(".")[2] for uid in select(project, [words]) if uid in project.models}
    assert found == expected


def test_unknown_method(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    with pytest.raises(UsageError, match="doesn't know the method"):
        select(load_project(folder), ["state:modified+"])
    assert run("score", "--manifest", folder, "--select", "state:new").exit_code == 2


def test_select_and_exclude(shop: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    words = ("score", "--manifest", shop.write(tmp_path))
    document = ask(*words, "--select", "+fct_orders", "--exclude", "path:models/marts")
    assert [model["name"] for model in document["models"]] == ["stg_orders"]


RULE = '''
from analytics_tools.score import Area, Finding, rule

@rule("SHOP001", Area.GOVERNANCE, 5)
def has_a_steward(model, facts):
    """The model names a steward.

    Bad:
        meta: {}
    Fix: set meta.steward.
    """
    if "boom" in model.name:
        raise KeyError("x")
    return Finding(points=50, message="nobody is steward", fix="set meta.steward")
'''


def test_a_rule_of_ones_own(
    configured: Configured, shop: ProjectFiles, run: Any, ask: Ask, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from analytics_tools.score import registry

    monkeypatch.setattr(registry, "_RULES", dict(registry._RULES))
    (tmp_path / "shop_rules_for_test.py").write_text(RULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = configured(TABLE + "plugins = ['shop_rules_for_test']")
    assert deducted(ask("score", "--manifest", folder), "stg_orders")["SHOP001"] == 5
    config = tmp_path / "pyproject.toml"
    assert "names a steward" in run("explain", "shop001", "--config", config).stdout
    shop.model("boom")
    shop.write(folder)
    failed = run("score", "--manifest", folder)
    assert failed.exit_code == 2
    assert "SHOP001" in failed.stderr
    sys.modules.pop("shop_rules_for_test")


@pytest.mark.parametrize(
    ("speaks_of", "models"),
    [
        ("layers=['marts']", {"fct_orders"}),
        ("materialized=['view']", set()),
        ("layers=['staging'], materialized=['table', 'view']", {"stg_orders"}),
        ("among=lambda facts: {'model.shop.fct_orders', 'test.shop.x'}", {"fct_orders"}),
        ("layers=['staging'], among=lambda facts: facts.project.models", {"stg_orders"}),
        ("layers=['marts'], among=lambda facts: facts.public", set()),
        ("layers=['mart']", None),
        ("among=lambda facts: facts.nothing_of_the_kind", None),
    ],
)
def test_a_rule_is_asked_about_the_models_it_speaks_of(
    configured: Configured, run: Any, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    speaks_of: str, models: set[str] | None,
) -> None:  # fmt: skip
    from analytics_tools.score import registry

    monkeypatch.setattr(registry, "_RULES", dict(registry._RULES))
    rule = RULE.replace("GOVERNANCE, 5)", f"GOVERNANCE, 5, {speaks_of})")
    (tmp_path / "rules_of_some_models.py").write_text(rule)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "rules_of_some_models", raising=False)
    folder = configured(TABLE + "plugins = ['rules_of_some_models']")
    if models is None:
        failed = run("score", "--manifest", folder)
        assert failed.exit_code == 2
        assert "'mart' is not a valid Layer" in failed.stderr or "SHOP001" in failed.stderr
    else:
        found = ask("score", "--manifest", folder)["models"]
        asked = {one["name"] for one in found if "SHOP001" in str(one["deductions"])}
        assert asked == models


def test_explain(run: Any) -> None:
    assert "Good:" in run("explain", "DOC001").stdout
    assert len(run("explain").stdout.splitlines()) > 40
    near = run("explain", "DOC01")
    assert near.exit_code == 2
    assert "did you mean DOC0" in near.stderr


HOSTILE = "x\n::error file=y::z%0A<script>\x1b[31m]]>&\ud800"


def test_formats_hold_hostile_names(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    shop.model(HOSTILE, folder="marts", description="", columns={HOSTILE: ""})
    words = ("score", "--manifest", shop.write(tmp_path), "--format")
    sarif = json.loads(run(*words, "sarif").stdout)
    results = sarif["runs"][0]["results"]
    rules = {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in results} == rules
    suite = ElementTree.fromstring(run(*words, "junit").stdout)  # noqa: S314
    assert suite.get("tests") == "4"
    assert suite.get("failures") == "0"
    lines = run(*words, "github").stdout.splitlines()
    assert lines
    assert all(line.startswith(("::warning file=", "::notice file=")) for line in lines)
    assert "\x1b" not in "".join(lines)
    ElementTree.fromstring(run(*words, "badge").stdout)  # noqa: S314
    markdown = run(*words, "markdown").stdout
    outside = re.sub(r"(?<!\\)(`+)(?!`).+?(?<!`)\1(?!`)", "", markdown)
    assert "<script" not in outside


def test_junit_fails_where_the_command_does(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    folder = shop.write(tmp_path / "a")

    def failed(*words: object) -> set[str | None]:
        result = run("score", "--manifest", folder, "--format", "junit", *words)
        suite = ElementTree.fromstring(result.stdout)  # noqa: S314
        names = {case.get("name") for case in suite if case.find("failure") is not None}
        assert result.exit_code == bool(names)
        assert suite.get("failures") == str(len(names))
        return names

    assert failed() == set()
    assert failed("--fail-under", 100) == {"mean of all models"}
    config = tmp_path / "a.toml"
    config.write_text(
        "[[tool.analytics_tools.score.overrides]]\nlayer = 'marts'\nfail_under = 95\n"
    )
    assert failed("--config", config) == {"fct_orders"}
    baseline = tmp_path / "baseline.json"
    baseline.write_text(run("score", "--manifest", folder, "--json").stdout)
    assert failed("--baseline", baseline) == set()
    shop.manifest["nodes"]["model.shop.stg_orders"]["description"] = ""
    shop.write(tmp_path / "a")
    assert failed("--baseline", baseline) == {"stg_orders"}


def test_annotations_name_files_of_the_repository(
    shop: ProjectFiles, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop.write(tmp_path / "analytics" / "target")
    monkeypatch.chdir(tmp_path)
    text = run("score", "--manifest", folder, "--format", "github").stdout
    assert text.startswith("::warning file=analytics/models/marts/fct_orders.sql,title=DOC002")
