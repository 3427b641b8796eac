"""`review` on a made-up project: the verdict and its rules, tests, scores, runs, formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from analytics_tools.review.verdict import RULES
from tests.unit.project_files import ProjectFiles
from tests.unit.review_files import node, recode, shop, test_on, write, write_run
from tests.unit.test_json_reference import documented, keys_in

Run = Callable[..., Result]
Ask = Callable[..., Any]
Edit = Callable[[ProjectFiles], object]
FCT = "model.shop.fct_orders"


def sides(tmp_path: Path, edit: Edit, run: dict[str, str] | None = None) -> tuple[Path, Path]:
    base, head = shop(), shop()
    if edit is SAFE["column added to a contract"]:
        for files in (base, head):
            enforce(files)
    edit(head)
    return write(base, tmp_path / "base"), write(head, tmp_path / "head", run)


def review(
    ask: Ask, tmp_path: Path, edit: Edit, run: dict[str, str] | None = None, *words: str
) -> Any:
    base, head = sides(tmp_path, edit, run)
    return ask("review", "--base", base, "--head", head, *words)


def rules(document: Any) -> dict[str, list[str]]:
    return {
        reason["rule"]: [item["name"] for item in reason["items"]] for reason in document["reasons"]
    }


def drop_test(files: ProjectFiles, column: str, kind: str) -> None:
    files.manifest["nodes"].pop(test_on(files, column, kind)["unique_id"])


def configure(column: str, kind: str, **settings: Any) -> Edit:
    return lambda files: test_on(files, column, kind).update(config=settings)


def arguments(column: str, kind: str, **values: Any) -> Edit:
    def edit(files: ProjectFiles) -> None:
        test = test_on(files, column, kind)
        test["test_metadata"]["kwargs"].update(values)
        files.manifest["nodes"].pop(test["unique_id"])
        test["unique_id"] += "_other"  # dbt puts arguments into the id
        files.manifest["nodes"][test["unique_id"]] = test

    return edit


def add_model(files: ProjectFiles) -> None:
    meta = {"owner": "Finance", "grain": "one row per order"}
    sql = 'select order_id from "prod"."main"."stg_orders"'
    uid = files.model("fct_other", "model.shop.stg_orders", compiled_code=sql, folder="marts",
                      columns=["order_id"], config={"meta": meta})  # fmt: skip
    files.key(uid, "order_id")
    files.other("exposures", "list", uid)


def enforce(files: ProjectFiles, **constraints: str) -> None:
    model = node(files, FCT)
    model["contract"] = model["config"]["contract"] = {"enforced": True}
    for column, kind in constraints.items():
        model["columns"][column]["constraints"] = [{"type": kind}]


def add_to_contract(files: ProjectFiles) -> None:
    recode(files, "fct_orders", "amount * 2 as twice", "amount * 2 as twice, amount * 3 as thrice")
    column = {"name": "thrice", "description": "Three times the amount"}
    node(files, FCT)["columns"]["thrice"] = column


def into_contract(files: ProjectFiles) -> None:
    drop_test(files, "order_id", "not_null")
    model = node(files, FCT)
    model["contract"] = {"enforced": True}
    model["config"]["contract"] = {"enforced": True}
    model["columns"]["order_id"]["constraints"] = [{"type": "not_null"}]


SAFE: dict[str, Edit] = {
    "nothing": lambda _: None,
    "comment": lambda files: recode(files, "fct_orders", "select ", "select -- all\n "),
    "column added to a contract": lambda files: add_to_contract(files),
    "description": lambda files: node(files, FCT).update(description="Each order, in full words"),
    "column added": lambda files: recode(
        files, "fct_orders", "amount * 2 as twice", "amount * 2 as twice, amount * 3 as thrice"
    ),
    "model added": lambda files: add_model(files),
    "test added": lambda files: files.test("not_null", FCT, "amount"),
    "stricter threshold": configure("order_id", "unique", severity="error", error_if=">= 1"),
    "fewer values": arguments("status", "accepted_values", values=["placed"]),
}  # fmt: skip
LOOK: dict[str, tuple[Edit, str]] = {
    "values": (lambda f: recode(f, "fct_orders", "amount * 2", "amount * 3"), "values-change"),
    "rows": (lambda f: recode(f, "stg_orders", '"raw"', '"raw" where id > 0'), "rows-change"),
    "column removed": (
        lambda f: recode(f, "fct_orders", ", amount * 2 as twice", ""), "column-removed",
    ),
    "column renamed": (
        lambda f: recode(f, "fct_orders", " as twice", " as doubled"), "column-renamed",
    ),
    "metric": (
        lambda f: f.manifest["semantic_models"]["semantic_model.shop.orders"]["measures"][0].update(
            expr="twice"
        ),
        "metric-changed",
    ),
    "exposure removed": (
        lambda f: f.manifest["exposures"].clear(), "removed",
    ),
    "unreadable": (lambda f: recode(f, "raw", "select 1", "select 1! as n, 1"), "not-read"),
    "test removed": (lambda f: drop_test(f, "order_id", "unique"), "test-lost"),
    "test warns": (configure("order_id", "unique", severity="warn"), "test-weakened"),
    "where": (configure("order_id", "unique", where="amount > 0"), "test-weakened"),
    "error_if": (configure("order_id", "unique", error_if="> 10"), "test-weakened"),
    "more values": (
        arguments("status", "accepted_values", values=["placed", "completed", "lost"]),
        "test-weakened",
    ),
    "other values": (
        arguments("status", "accepted_values", quote=False), "test-changed",
    ),
    "score": (lambda f: node(f, FCT).update(description=""), "score-drops"),
    "access": (
        lambda f: node(f, FCT)["config"].update(access="private"), "access-narrowed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAFE)
def test_safe(name: str, ask: Ask, tmp_path: Path) -> None:
    document = review(ask, tmp_path, SAFE[name])
    assert rules(document) == {}
    assert document["verdict"] == "safe"


@pytest.mark.parametrize("name", LOOK)
def test_look(name: str, ask: Ask, tmp_path: Path) -> None:
    edit, rule = LOOK[name]
    document = review(ask, tmp_path, edit)
    assert rule in rules(document)
    assert document["verdict"] == "look"
    assert document["gate"] == {"fail_on": "breaks", "met": True}


def test_a_lost_column_breaks_the_metric_and_its_owner_is_told(ask: Ask, tmp_path: Path) -> None:
    document = review(ask, tmp_path, lambda f: recode(f, "stg_orders", " amount,", ""))
    assert rules(document)["reader-breaks"] == ["fct_orders"]
    assert document["verdict"] == "breaks"
    felt = {one["name"]: one["effect"] for one in document["consumers"]}
    assert felt == {"board": "breaks", "revenue": "breaks"}
    assert document["contacts"][0]["owner"] == "Ada <ada@example.com>"
    assert document["contacts"][0]["of"] == ["exposure.shop.board"]


def test_whoever_stands_on_a_failed_build_is_told(ask: Ask, run: Run, tmp_path: Path) -> None:
    base, head = sides(tmp_path, lambda _: None, {FCT: "error"})
    document = ask("review", "--base", base, "--head", head)
    assert [(one["name"], one["effect"]) for one in document["consumers"]] == [
        ("board", "breaks"), ("revenue", "breaks"),
    ]  # fmt: skip
    text = run("review", "--base", base, "--head", head).stdout
    assert text.index("exposure board") < text.index("Not built: fct_orders")


@pytest.mark.parametrize(
    ("uid", "status", "rule"),
    [(FCT, "error", "build-failed"), ("test.", "fail", "test-failed"), ("test.", "warn", "test-warns")],
)  # fmt: skip
def test_the_run_counts(uid: str, status: str, rule: str, ask: Ask, tmp_path: Path) -> None:
    uid = next(u for u in shop().manifest["nodes"] if u.startswith(uid))
    document = review(ask, tmp_path, lambda _: None, {uid: status})
    assert document["verdict"] == ("look" if status == "warn" else "breaks")
    assert rule in rules(document)
    told = document["build"]["warnings" if status == "warn" else "failures"]
    assert [one["unique_id"] for one in told] == [uid]


def test_a_contract_that_fails_in_the_run_is_called_so(ask: Ask, tmp_path: Path) -> None:
    base, head = sides(tmp_path, lambda _: None)
    write_run(head, {FCT: "error"}, "This model has an enforced contract that failed.")
    document = ask("review", "--base", base, "--head", head)
    assert rules(document)["contract-broken"] == ["fct_orders"]


def test_what_can_differ_has_to_be_built(ask: Ask, tmp_path: Path) -> None:
    base, head = sides(tmp_path, lambda f: recode(f, "fct_orders", "* 2", "* 3"))
    write_run(head, {"model.shop.raw": "success"})
    document = ask("review", "--base", base, "--head", head)
    assert rules(document)["not-built"] == ["fct_orders"]


def test_a_constraint_takes_over_from_a_test(ask: Ask, tmp_path: Path) -> None:
    document = review(ask, tmp_path, into_contract)
    assert [one["change"] for one in document["tests"]] == ["replaced"]
    assert "test-lost" not in rules(document)


def test_tests_that_go_with_their_model_are_no_reason(ask: Ask, tmp_path: Path) -> None:
    def edit(files: ProjectFiles) -> None:
        gone = [u for u, n in files.manifest["nodes"].items() if n.get("attached_node") == FCT]
        for uid in (FCT, *gone):
            files.manifest["nodes"].pop(uid)
        for section in ("semantic_models", "metrics", "exposures"):
            files.manifest[section].clear()

    document = review(ask, tmp_path, edit)
    assert "fct_orders" in rules(document)["removed"]
    assert {tuple(one["why"]) for one in document["tests"]} == {("with its model",)}
    assert "test-lost" not in rules(document)


@pytest.mark.parametrize(
    ("edit", "detail"),
    [
        (lambda f: f["contract"].update(enforced=False), "it is not enforced any more"),
        (lambda f: f["columns"]["amount"].update(constraints=[]), "without not_null of amount"),
    ],
)
def test_a_contract_that_holds_less(
    edit: Callable[[Any], object], detail: str, ask: Ask, tmp_path: Path
) -> None:
    base, head = shop(), shop()
    for files in (base, head):
        enforce(files, amount="not_null")
    edit(node(head, FCT))
    folders = write(base, tmp_path / "base"), write(head, tmp_path / "head")
    document = ask("review", "--base", folders[0], "--head", folders[1])
    reason = next(one for one in document["reasons"] if one["rule"] == "contract-loosened")
    assert reason["items"][0]["detail"] == detail


def test_every_rule_is_documented() -> None:
    page = Path(__file__).parent.parent.parent / "docs" / "reference" / "review.md"
    rows = re.findall(r"^\| `([a-z-]+)` \| (breaks|look) \|", page.read_text(), re.M)
    assert dict(rows) == {rule: str(level) for rule, level in RULES.items()}


@pytest.mark.parametrize("policy", ["breaks", "look"])
def test_seeds_that_nobody_can_read_may_differ(policy: str, run: Run, tmp_path: Path) -> None:
    base, head = shop(), shop()
    for files, name in ((base, "one"), (head, "two")):
        for seed in ("rates", "regions"):
            uid = f"seed.shop.{seed}"
            files.manifest["nodes"][uid] = {
                "resource_type": "seed", "unique_id": uid, "name": seed, "package_name": "shop",
                "original_file_path": f"seeds/{seed}.csv", "config": {"materialized": "seed"},
                "depends_on": {}, "checksum": {"name": "sha256", "checksum": name},
            }  # fmt: skip
    folders = write(base, tmp_path / "base"), write(head, tmp_path / "head")
    result = run("review", "--base", folders[0], "--head", folders[1], "--fail-on", policy)
    assert result.exit_code == (policy == "look")
    told = "- Other rows: seed rates, as far as can be told; seed regions, as far as can be told\n"
    assert told in result.stdout


@pytest.mark.parametrize(
    ("policy", "codes"), [("breaks", (0, 0, 1)), ("look", (0, 1, 1)), ("never", (0, 0, 0))]
)
def test_policies(policy: str, codes: tuple[int, ...], run: Run, tmp_path: Path) -> None:
    edits = (SAFE["comment"], LOOK["rows"][0], lambda f: recode(f, "stg_orders", " amount,", ""))
    for number, (edit, code) in enumerate(zip(edits, codes, strict=True)):
        base, head = sides(tmp_path / str(number), edit)
        words = ("review", "--base", base, "--head", head, "--fail-on", policy)
        assert run(*words).exit_code == code


def test_without_base_head_is_looked_at(run: Run, ask: Ask, tmp_path: Path) -> None:
    head = write(shop(), tmp_path)
    document = ask("review", "--head", head)
    assert (document["verdict"], list(rules(document))) == ("look", ["no-base"])
    assert document["score"]["after"] is not None
    result = run("review", "--head", head)
    assert result.exit_code == 0
    assert "no base to compare with yet" in result.stdout


def test_the_score_is_that_of_score(ask: Ask, tmp_path: Path) -> None:
    base, head = sides(tmp_path, LOOK["score"][0])
    document = ask("review", "--base", base, "--head", head)
    assert document["score"]["before"] == ask("score", "--manifest", base)["score"]
    assert document["score"]["after"] == ask("score", "--manifest", head)["score"]
    told = [one for one in document["score"]["deductions"] if one["after"] > one["before"]]
    assert [one["name"] for one in told] == ["fct_orders"]


def test_a_partial_run_is_no_improvement(ask: Ask, tmp_path: Path) -> None:
    base, head = shop(), shop()
    for files in (base, head):
        files.built(FCT, order_id="INTEGER", amount="INTEGER", status="VARCHAR", late="DATE")
    recode(head, "raw", "1 as id", "3 as id")
    head.catalog["nodes"].clear()
    head.built("model.shop.raw", id="INTEGER")
    folders = write(base, tmp_path / "base"), write(head, tmp_path / "head")
    document = ask("review", "--base", folders[0], "--head", folders[1])
    assert document["score"]["before"] == document["score"]["after"]
    assert document["score"]["deductions"] == []


def test_sql_of_a_deferred_run_is_no_change(ask: Ask, tmp_path: Path) -> None:
    base, head = shop(), shop("ci")
    for name in ("stg_orders", "fct_orders"):  # parents stayed in production
        recode(head, name, '"ci"', '"prod"')
    folders = write(base, tmp_path / "base"), write(head, tmp_path / "head")
    document = ask("review", "--base", folders[0], "--head", folders[1])
    assert document["scope"]["rebuild"] == []
    assert document["verdict"] == "safe"


def test_keys(ask: Ask, tmp_path: Path) -> None:
    def edit(files: ProjectFiles) -> None:
        recode(files, "stg_orders", " amount,", "")
        recode(files, "raw", "select 1", "select from where 1")
        drop_test(files, "status", "accepted_values")
        node(files, FCT)["description"] = ""

    test = test_on(shop(), "order_id", "unique")["unique_id"]
    warned = test_on(shop(), "order_id", "not_null")["unique_id"]
    document = review(ask, tmp_path, edit, {test: "fail", warned: "warn"})
    promised = documented("Every document") | documented("review")
    found = {_open(key) for key in keys_in(document)}
    filled = {"schema[]", "data[]", "build.warnings[]"}
    assert not found - promised - {key for key in found if key.startswith("build.warnings[].")}
    missing = {key for key in promised - found if not key.startswith(tuple(filled))}
    assert missing == set()


def _open(key: str) -> str:
    key = re.sub(r"^unread\..*", "unread.<unique_id>", key)
    return re.sub(r"^build\.counts\..*", "build.counts.<kind>", key)


def test_annotations(run: Run, tmp_path: Path) -> None:
    def edit(files: ProjectFiles) -> None:
        recode(files, "stg_orders", " amount,", "")
        path = "models/a,b:c%\n::error::no.sql"
        node(files, FCT).update(original_file_path=path)

    base, head = sides(tmp_path, edit)
    result = run("review", "--base", base, "--head", head, "--format", "github",
                 "--project-dir", ".")  # fmt: skip
    lines = result.stdout.splitlines()
    assert all(re.match(r"::(error|warning|notice) ", line) for line in lines)
    assert lines[0].startswith("::error file=models/a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ano.sql,")
    assert "fct_orders" in lines[0]
    assert result.exit_code == 1


def test_annotations_name_the_line(run: Run, tmp_path: Path) -> None:
    def edit(files: ProjectFiles) -> None:
        recode(files, "fct_orders", "select ", "select -- amount\n\n ")
        recode(files, "stg_orders", " amount,", "")

    base, head = sides(tmp_path, edit)
    result = run("review", "--base", base, "--head", head, "--format", "github",
                 "--project-dir", "analytics")  # fmt: skip
    assert "file=analytics/models/marts/fct_orders.sql,line=3,title=" in result.stdout


def test_one_run_writes_several_formats(run: Run, tmp_path: Path) -> None:
    base, head = sides(tmp_path, LOOK["rows"][0])
    files = [tmp_path / "out" / name for name in ("a.md", "a.json", "a.txt")]
    words = [word for file in files for word in ("--write", file)]
    out = tmp_path / "annotations"
    result = run(
        "review", "--base", base, "--head", head, *words, "--format", "github", "--out", out
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert files[0].read_text().startswith("<!-- analytics-tools review -->\n")
    assert json.loads(files[1].read_text())["verdict"] == "look"
    assert files[2].read_text().startswith("Look here.")
    assert out.read_text().startswith("::notice ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--head", "nowhere"), "nowhere"),
        (("--base-data", "x.duckdb"), "give both"),
        (("--write", "a.pdf"), ".md, .json or .txt"),
        (("--data-diff", "nobody"), "nobody"),
    ],
)
def test_wrong_use_is_one_line(words: tuple[str, ...], said: str, run: Run, tmp_path: Path) -> None:
    base, head = sides(tmp_path, SAFE["nothing"])
    given = words if words[0] == "--head" else ("--head", head, *words)
    result = run("review", "--base", base, *given)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
