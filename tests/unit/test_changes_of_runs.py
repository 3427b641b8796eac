"""What `changes` knows besides SQL: settings of runs, hooks, functions, files, ways to build."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles
from tests.unit.seed_files import project as project_on_seed

Ask = Callable[..., Any]
SQL = 'select id, amount, seen from "db"."main"."raw"'
READER = 'select id, amount from "db"."main"."mid"'
UNIQUE: dict[str, Any] = {"unique_key": "id", "incremental_strategy": "merge"}


def project(kind: str = "table", **config: Any) -> ProjectFiles:
    """Raw rows, a model on them built in some way, and a reader of two of its columns."""
    files = ProjectFiles()
    sql = "select 1 as id, 2 as amount, 3 as seen"
    raw = files.model("raw", compiled_code=sql, raw_code=sql)
    mid = files.model("mid", raw, compiled_code=SQL, raw_code=SQL, materialized=kind, config=config)
    files.model("reader", mid, compiled_code=READER, raw_code=READER)
    return files


def mid(files: ProjectFiles) -> Any:
    return files.manifest["nodes"]["model.shop.mid"]


def macro(files: ProjectFiles, name: str, text: str, *calls: str) -> None:
    files.manifest["macros"][f"macro.shop.{name}"] = {
        "unique_id": f"macro.shop.{name}", "name": name, "package_name": "shop",
        "macro_sql": f"{{% macro {name}() %}}{text}{{% endmacro %}}",
        "depends_on": {"macros": [f"macro.shop.{one}" for one in calls]},
    }  # fmt: skip


def other_seen(files: ProjectFiles) -> None:
    sql = SQL.replace("seen", "seen + 1 as seen")
    mid(files).update(compiled_code=sql, raw_code=sql)


def setting(**config: Any) -> Callable[[ProjectFiles], None]:
    return lambda files: mid(files)["config"].update(config)


def macros(*texts: str) -> Callable[[ProjectFiles], None]:
    def write(files: ProjectFiles) -> None:
        for text in texts:
            macro(files, *text.split("|"))

    return write


def function(body: str) -> Callable[[ProjectFiles], None]:
    def write(files: ProjectFiles) -> None:
        uid = "function.shop.twice"
        files.manifest["functions"] = {uid: {"unique_id": uid, "raw_code": body}}
        mid(files)["depends_on"]["nodes"].append(uid)

    return write


HOOK: dict[str, Any] = {"post-hook": [{"sql": "{{ outer() }}"}]}
HOLDS = "outer|{{ inner() }}|inner"
OTHER = [
    # A condition on which rows are replaced, that reads a column nobody else does.
    (project("incremental", **UNIQUE, incremental_predicates=["DBT_INTERNAL_DEST.seen < 2"]), None, other_seen),
    (project("incremental", **UNIQUE, merge_update_condition="SOURCE.seen > DEST.seen"), None, other_seen),
    (project("incremental", **UNIQUE), None, setting(merge_update_condition="SOURCE.seen > 1")),
    # Built anew on every run from now on.
    (project("incremental", **UNIQUE), None, setting(full_refresh=True)),
    # A strategy, or a hook, that calls what changed.
    (project("incremental", **UNIQUE | {"incremental_strategy": "mine"}),
     macros("get_incremental_mine_sql|{{ inner() }}|inner", "inner|1"),
     macros("get_incremental_mine_sql|{{ inner() }}|inner", "inner|2")),
    (project(**HOOK), macros(HOLDS, "inner|1"), macros(HOLDS, "inner|2")),
    (project(), None, setting(**{"post-hook": [{"sql": "grant select on x to y; delete from {{ this }}"}]})),
    # A way of building that may look at anything.
    (project("of_ours"), None, other_seen),
    (project("of_ours", keep_days=3), None, setting(keep_days=4)),
    # A file of text is read back by what it looks like.
    (project("external", format="csv"), None, setting(format="parquet")),
    (project("external", format="csv", options={"delim": ";"}), None, setting(options={})),
    (project(), function("x + 1"), function("x + 2")),
]  # fmt: skip


@pytest.mark.parametrize(("files", "before", "after"), OTHER)
def test_the_reader_is_told(
    files: ProjectFiles, before: Any, after: Any, ask: Ask, tmp_path: Path
) -> None:
    base, head = files.copy(), files.copy()
    for side, change in ((base, before), (head, after)):
        if change is not None:
            change(side)
    sides = ("--base", base.write(tmp_path / "a"), "--head", head.write(tmp_path / "b"))
    assert {"model.shop.mid", "model.shop.reader"} <= set(ask("changes", *sides)["rebuild"])


SAME = [
    (project("incremental", **UNIQUE), setting(tags=["nightly"], persist_docs={"relation": True})),
    (project(), setting(**{"post-hook": [{"sql": "grant select on x to y;"}]})),
    (project("of_ours"), setting(meta={"owner": "us"})),
]  # fmt: skip


@pytest.mark.parametrize(("files", "after"), SAME)
def test_the_reader_stays(files: ProjectFiles, after: Any, ask: Ask, tmp_path: Path) -> None:
    head = files.copy()
    after(head)
    sides = ("--base", files.write(tmp_path / "a"), "--head", head.write(tmp_path / "b"))
    assert "model.shop.reader" not in ask("changes", *sides)["rebuild"]


PLAIN = [
    ("ignore", "select 1 as a", "the table has b, which its SQL no longer has"),
    ("ignore", "select 1 as a, 2 as B", ""),
    ("ignore", "select 1 as a, 2 as b, 3 as c", ""),
    ("fail", "select 1 as a, 2 as b, 3 as c", "c differs, and on_schema_change is fail"),
    ("append_new_columns", "select 1 as a", ""),
    ("append_new_columns", "select 1 as a, 2 as B", "it adds B, which is there already"),
    ("sync_all_columns", "select 1 as a, 2 as c", ""),
]


@pytest.mark.parametrize(("policy", "sql", "why"), PLAIN)
def test_a_plain_run_that_fails(ask: Ask, tmp_path: Path, policy: str, sql: str, why: str) -> None:
    base = ProjectFiles()
    config = {"materialized": "incremental", "on_schema_change": policy}
    before = "select 1 as a, 2 as b"
    uid = base.model("kept", compiled_code=before, raw_code=before, config=config)
    head = base.copy()
    head.manifest["nodes"][uid].update(compiled_code=sql, raw_code=sql)
    sides = ("--base", base.write(tmp_path / "a"), "--head", head.write(tmp_path / "b"))
    node = ask("changes", *sides)["nodes"][0]
    assert node["plain_run_fails"] == bool(why)
    if why:
        assert node["full_refresh"] == f"a plain run fails: {why}: run it with --full-refresh"


LESS, MORE = ("its file has 1 column " + word + " than the table" for word in ("less", "more"))
SEEDS = [
    # dbt-duckdb copies a file by the place of its columns, others insert by their names.
    ("duckdb", "id,price", "id,cost", False, "cost would go into price"),
    ("duckdb", "id,price", "id", True, LESS),
    ("duckdb", "id", "id,price", True, MORE),
    ("postgres", "id,price", "id,cost", True, "the table has no cost"),
    ("postgres", "id,price", "id", False, ""),
]


@pytest.mark.parametrize(("adapter", "before", "after", "fails", "why"), SEEDS)
def test_a_seed_whose_table_is_there(
    ask: Ask, tmp_path: Path, adapter: str, before: str, after: str, fails: bool, why: str
) -> None:
    sides = []
    for name, head in (("a", before), ("b", after)):
        text = head + "\n" + ",".join("1" for _ in head.split(",")) + "\n"
        files = project_on_seed(tmp_path / name, "select id from raw", rows=text)
        files.manifest["metadata"]["adapter_type"] = adapter
        sides.append(files.write(tmp_path / name / "target"))
    document = ask("changes", "--base", sides[0], "--head", sides[1])
    [seed] = [one for one in document["nodes"] if one["kind"] == "seed"]
    assert seed["plain_run_fails"] == fails
    assert why in seed["full_refresh"] and bool(why) == bool(seed["full_refresh"])


HOOKS = [
    ("delete from {{ this }} where b < 0", [("b", True)]),
    ("update {{ this }} set a = 1 where c = 'b'", [("c", True)]),
    ("delete from {{ this }} where a = 'b'", []),
    ("{{ index(this, 'b') }}", [("b", False)]),
    ("grant select on {{ this }} to bob", []),
]


@pytest.mark.parametrize(("hook", "told"), HOOKS)
def test_a_hook_names_a_column(
    ask: Ask, tmp_path: Path, hook: str, told: list[tuple[str, bool]]
) -> None:
    base = ProjectFiles()
    uid = base.model("kept", compiled_code="select 1 as a, 2 as b", config={"post-hook": []})
    head = base.copy()
    config = {"post-hook": [{"sql": hook, "transaction": True}]}
    head.manifest["nodes"][uid].update(compiled_code="select 1 as a", config=config)
    sides = ("--base", base.write(tmp_path / "a"), "--head", head.write(tmp_path / "b"))
    breaks = ask("changes", *sides)["breaks"]
    assert [(one["column"], one["certain"]) for one in breaks] == told


SEEDS = [
    ("id,price\n1,2.5\n", "id,price\n1,free\n", {}, True),
    ("id,price\n1,2.5\n", "id,price,note\n1,2.5,x\n", {}, True),
    ("id,price\n1,2.5\n", "id,price\n1,2.75\n", {}, False),
    ("id,price\n1,2.5\n", "id,price\n1,2.5\n", {"price": "varchar"}, False),
]


@pytest.mark.parametrize(("before", "after", "types", "fails"), SEEDS)
def test_a_seed_is_loaded_into_the_table_that_is_there(
    ask: Ask, tmp_path: Path, before: str, after: str, types: dict[str, str], fails: bool
) -> None:
    sides = []
    for name, text, settings in (("a", before, {}), ("b", after, types)):
        files = ProjectFiles()
        (tmp_path / name).mkdir()
        (tmp_path / name / "prices.csv").write_text(text)
        uid = files.model("prices")
        entry = files.manifest["nodes"].pop(uid)
        checksum = {"name": "sha256", "checksum": sha256(text.strip().encode()).hexdigest()}
        files.manifest["nodes"]["seed.shop.prices"] = entry | {
            "unique_id": "seed.shop.prices", "resource_type": "seed", "checksum": checksum,
            "original_file_path": "prices.csv", "root_path": str(tmp_path / name),
            "config": {"materialized": "seed", "column_types": settings}, "raw_code": "",
        }  # fmt: skip
        sides.append(files.write(tmp_path / name / "target"))
    [node] = ask("changes", "--base", sides[0], "--head", sides[1])["nodes"]
    assert node["plain_run_fails"] is fails
    assert bool(types) == ("keep the old type" in node["full_refresh"])


@pytest.mark.parametrize(
    ("after", "fails"), [("a::bigint", True), ("a::varchar", True), ("abs(a::integer)", False)]
)
def test_on_schema_change_fails_for_another_type(
    ask: Ask, tmp_path: Path, after: str, fails: bool
) -> None:
    base = ProjectFiles()
    config = {"materialized": "incremental", "on_schema_change": "fail"}
    sql = 'select {} as x from "db"."raw"."events"'
    before = sql.format("a::integer")
    uid = base.model("kept", compiled_code=before, raw_code=before, config=config)
    head = base.copy()
    head.manifest["nodes"][uid].update(compiled_code=sql.format(after), raw_code=after)
    sides = ("--base", base.write(tmp_path / "a"), "--head", head.write(tmp_path / "b"))
    assert ask("changes", *sides)["nodes"][0]["plain_run_fails"] is fails
