"""What DuckDB itself refuses, over empty tables: names, types, measures, contracts, later runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
Broken = Callable[[ProjectFiles, ProjectFiles], list[tuple[str, str, str]]]
COLUMNS = {
    "id": "INTEGER", "name": "VARCHAR", "seen": "TIMESTAMP", "price": "DECIMAL(10,2)",
    "tags": "VARCHAR[]", "box": "STRUCT(w INTEGER)",
}  # fmt: skip
STG = 'select * from "db"."raw"."items"'
MART = 'select {} from "db"."main"."stg"'


def project(mart: str, stg: str = STG, adapter: str = "duckdb", **columns: str) -> ProjectFiles:
    """A model that reads another one, which reads a source that the catalog lists."""
    files = ProjectFiles(adapter)
    source = files.source("raw", "items")
    files.manifest["sources"][source]["relation_name"] = '"db"."raw"."items"'
    files.built(source, **(COLUMNS | columns))
    files.model("stg", source, compiled_code=stg, raw_code=stg, materialized="view")
    files.model("mart", "model.shop.stg", compiled_code=mart, raw_code=mart)
    return files


@pytest.fixture
def broken(ask: Ask, tmp_path: Path) -> Broken:
    """What surely breaks between two projects: node, column and reason."""

    def found(base: ProjectFiles, head: ProjectFiles) -> list[tuple[str, str, str]]:
        sides = base.write(tmp_path / "a", True), head.write(tmp_path / "b", True)
        document = ask("changes", "--base", sides[0], "--head", sides[1])
        return [
            (one["name"], one["column"], one["reason"])
            for one in document["breaks"] if one["certain"]
        ]  # fmt: skip

    return found


WORKS = [
    ("list_sum(tags)", "list_sum(list_transform(tags, t -> length(t)))"),
    ("id", "columns(c -> c <> 'box')"),
    ("id", "price in (select id from range(3) as r(id))"),
    ("id", "a_function_of_ours(id)"),
    ("id", "box.w + 1"),
    ("id", "printf('%d', id)"),
]
REFUSED = [
    ("list_count(tags)", "list_sum(list_value(tags))", "sum(VARCHAR[])"),
    ("box.w", "box.v", 'Could not find key "v" in struct'),
    ("id in (select 1) as y", "seen in (select 1) as y", "TIMESTAMP and INTEGER"),
    ("sum(id) as n", "string_agg(distinct name order by id) as n", "ORDER BY"),
    ("id", "printf('%d', id) + 1", "'+(VARCHAR, INTEGER_LITERAL)'"),
    ("id", "unnest(box) + 1", "UNNEST"),
]


@pytest.mark.parametrize(("before", "after"), WORKS)
def test_what_duckdb_takes_or_does_not_know_is_no_break(
    broken: Broken, before: str, after: str
) -> None:
    assert broken(project(MART.format(before)), project(MART.format(after))) == []


@pytest.mark.parametrize(("before", "after", "why"), REFUSED)
def test_what_duckdb_refuses_breaks(broken: Broken, before: str, after: str, why: str) -> None:
    base, head = project(MART.format(before)), project(MART.format(after))
    [(node, _, reason)] = broken(base, head)
    assert node == "mart"
    assert why in reason
    assert broken(head, head.copy()) == []


@pytest.mark.parametrize("text", ["a_function_of_ours(id)", "list_transform(tags, t -> 1)"])
def test_what_another_duckdb_may_take_is_a_doubt(ask: Ask, tmp_path: Path, text: str) -> None:
    base, head = project(MART.format("id")), project(MART.format(text))
    sides = base.write(tmp_path / "a", True), head.write(tmp_path / "b", True)
    [one] = ask("changes", "--base", sides[0], "--head", sides[1])["breaks"]
    assert (one["name"], one["certain"]) == ("mart", False)
    assert one["reason"].startswith("DuckDB refuses it: ")


def test_a_new_model_may_call_what_a_hook_makes(ask: Ask, tmp_path: Path) -> None:
    base, head = (project(MART.format(text)) for text in ("id", "a_function_of_ours(id)"))
    del base.manifest["nodes"]["model.shop.mart"]
    sides = base.write(tmp_path / "a", True), head.write(tmp_path / "b", True)
    assert ask("changes", "--base", sides[0], "--head", sides[1])["breaks"] == []


def test_a_type_far_above(broken: Broken) -> None:
    base = project(MART.format("list_sum(box.w)").replace("box.w", "[box.w]"))
    head = base.copy()
    head.catalog["sources"]["source.shop.raw.items"]["columns"]["box"]["type"] = "STRUCT(w VARCHAR)"
    stg = STG.replace("*", "* exclude (box), struct_pack(w := box.w) as box")
    for files in (base, head):
        files.manifest["nodes"]["model.shop.stg"].update(compiled_code=stg, raw_code=stg)
    head.manifest["nodes"]["model.shop.stg"].update(
        compiled_code=stg.replace("box.w)", "box.w::varchar)"),
        raw_code=stg.replace("box.w)", "box.w::varchar)"),
    )
    [(node, _, reason)] = broken(base, head)
    assert (node, "sum(VARCHAR)" in reason) == ("mart", True)


def test_a_source_that_is_a_seed_has_its_types(broken: Broken) -> None:
    sides = []
    for text in ("box.w", "box.v"):
        files = project(MART.format(text))
        node = files.manifest["nodes"]["model.shop.stg"] | {
            "unique_id": "seed.shop.items", "resource_type": "seed", "name": "items",
            "relation_name": '"db"."raw"."items"',
        }  # fmt: skip
        files.manifest["nodes"]["seed.shop.items"] = node
        files.catalog["nodes"]["seed.shop.items"] = files.catalog["sources"].popitem()[1]
        sides.append(files)
    [(node, _, reason)] = broken(sides[0], sides[1])
    assert (node, '"v"' in reason) == ("mart", True)


def test_what_did_not_work_in_base_says_nothing(broken: Broken) -> None:
    base, head = (project(MART.format(f"unnest(box) + {n}")) for n in (1, 2))
    assert broken(base, head) == []


@pytest.mark.parametrize("why", ["no catalog", "no duckdb", "another adapter", "a file"])
def test_where_duckdb_can_not_be_asked_nothing_is_said(
    broken: Broken, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = "postgres" if why == "another adapter" else "duckdb"
    base, head = (project(MART.format(text), adapter=adapter) for text in ("id", "unnest(box) + 1"))
    if why == "no catalog":
        for files in (base, head):
            files.catalog["sources"] = {}
    if why == "no duckdb":
        monkeypatch.setitem(sys.modules, "duckdb", None)
    if why == "a file":
        for files in (base, head):
            stg = "select * from read_csv('/etc/hostname')"
            files.manifest["nodes"]["model.shop.stg"].update(compiled_code=stg, raw_code=stg)
    assert broken(base, head) == []


def test_nothing_that_is_bound_runs(ask: Ask, tmp_path: Path) -> None:
    target = tmp_path / "copied.csv"
    sides: list[Path] = []
    for text in ("select 1 as x", f"copy (select 1 as x) to '{target}'", "set threads = 3",
                 "select 1 as x; create table t as select 1", "select * from files"):  # fmt: skip
        files = project(text)
        sides.append(files.write(tmp_path / str(len(sides)), True))
    for head in sides[1:]:
        assert ask("changes", "--base", sides[0], "--head", head)["nodes"]
    assert not target.exists()


def test_a_data_test(broken: Broken) -> None:
    base = project(MART.format("id, box"))
    uid = base.test("boxed", "model.shop.mart")
    base.manifest["nodes"][uid]["compiled_code"] = (
        'select 1 from "db"."main"."mart" where box.w > 1'
    )
    head = base.copy()
    mart = MART.format("id, struct_pack(v := box.w) as box")
    head.manifest["nodes"]["model.shop.mart"].update(compiled_code=mart, raw_code=mart)
    [(node, _, reason)] = broken(base, head)
    assert node.startswith("boxed")
    assert "struct" in reason


@pytest.mark.parametrize(
    ("agg", "expr", "why"),
    [
        ("sum", "price - id", ""), ("sum", "price - name", "'-(DECIMAL(10,2), VARCHAR)'"),
        ("sum", "tags", "sum(VARCHAR[])"), ("median", "length(tags)", ""),
        ("count_distinct", "box", ""),
    ],
)  # fmt: skip
def test_a_measure(broken: Broken, agg: str, expr: str, why: str) -> None:
    base = project(MART.format("*"))
    measure = {"name": "worth", "agg": "sum", "expr": "price"}
    keys = {"entities": [{"name": "item", "type": "primary", "expr": "id"}], "dimensions": []}
    base.other("semantic_models", "items", "model.shop.mart", measures=[measure], **keys)
    head = base.copy()
    head.manifest["semantic_models"]["semantic_model.shop.items"]["measures"] = [
        measure | {"agg": agg, "expr": expr}
    ]
    found = broken(base, head)
    assert [(node, why in reason) for node, _, reason in found] == (
        [("items", True)] if why else []
    )


@pytest.mark.parametrize(
    ("type_", "given", "expect", "told"),
    [
        ("integer", {"id": 1, "name": "open"}, {"state": "open"}, "name"),
        ("integer", {"id": 1, "name": "7"}, {"state": "7"}, ""),
        ("integer", {"id": 1, "name": "7"}, {"state": "open"}, "state"),
        ("integer", {"id": 1, "name": "open"}, {"n": 1}, ""),  # nobody looks at it
        ("varchar", {"id": 1, "name": "open"}, {"state": "open"}, ""),
    ],
)  # fmt: skip
def test_values_of_a_unit_test_that_a_column_takes_no_longer(
    broken: Broken, type_: str, given: dict[str, Any], expect: dict[str, Any], told: str
) -> None:
    sides = []
    for kind in ("varchar", type_):
        stg = STG.replace("*", f"id, try_cast(name as {kind}) as name")
        files = project(MART.format("id as n, name as state"), stg)
        files.other(
            "unit_tests", "states", "model.shop.mart", model="mart",
            given=[{"input": "ref('stg')", "rows": [given]}], expect={"rows": [expect]},
        )  # fmt: skip
        sides.append(files)
    found = [(node, column) for node, column, _ in broken(sides[0], sides[1])]
    assert found == ([("states", told)] if told else [])


LATER = "{% if is_incremental() %} where seen > (select max(seen) from {{ this }}){% endif %}"


def incremental(at: str, policy: str = "ignore", key: str = "id") -> ProjectFiles:
    """A model that adds rows newer than those it has."""
    text = f"select id, {at} as seen from"
    files = project(f'{text} "db"."main"."stg"')
    node = files.manifest["nodes"]["model.shop.mart"]
    node["raw_code"] = f"{text} {{{{ ref('stg') }}}} {LATER.replace('where seen', f'where {at}')}"
    node["config"] |= {
        "materialized": "incremental", "on_schema_change": policy, "unique_key": key,
    }  # fmt: skip
    files.built("model.shop.mart", id="INTEGER", seen="TIMESTAMP")
    return files


@pytest.mark.parametrize(
    ("at", "policy", "why"),
    [
        ("seen + interval 1 day", "ignore", ""),
        ("name", "ignore", "VARCHAR and type TIMESTAMP"),
        ("seen::date", "append_new_columns", ""),
        ("seen::date", "fail", "seen differs, and on_schema_change is fail"),
    ],
)  # fmt: skip
def test_a_later_run_compares_with_the_table_that_is_there(
    ask: Ask, tmp_path: Path, at: str, policy: str, why: str
) -> None:
    base, head = incremental("seen", policy), incremental(at, policy)
    sides = base.write(tmp_path / "a", True), head.write(tmp_path / "b", True)
    document = ask("changes", "--base", sides[0], "--head", sides[1])
    [one] = [one for one in document["nodes"] if one["unique_id"] == "model.shop.mart"]
    assert one["plain_run_fails"] == bool(why)
    assert why in (one["full_refresh"] or "")
    assert document["breaks"] == []


def test_old_rows_are_found_by_their_key(ask: Ask, tmp_path: Path) -> None:
    base, head = incremental("seen", key="seen"), incremental("seen", key="seen")
    for files, text in ((base, "seen"), (head, "name")):
        node = files.manifest["nodes"]["model.shop.mart"]
        sql = f"select id, {text} as seen from"
        node["compiled_code"] = f'{sql} "db"."main"."stg"'
        node["raw_code"] = f"{sql} {{{{ ref('stg') }}}}"
    sides = base.write(tmp_path / "a", True), head.write(tmp_path / "b", True)
    document = ask("changes", "--base", sides[0], "--head", sides[1])
    [one] = [one for one in document["nodes"] if one["unique_id"] == "model.shop.mart"]
    assert "TIMESTAMP and VARCHAR" in one["full_refresh"]


@pytest.mark.parametrize(
    ("config", "at", "fails"),
    [
        ({"strategy": "timestamp", "updated_at": "seen"}, "seen", False),
        ({"strategy": "timestamp", "updated_at": "seen"}, "name", True),
        ({"strategy": "check", "check_cols": "all"}, "name", False),
    ],
)  # fmt: skip
def test_a_snapshot_compares_with_what_it_has(
    ask: Ask, tmp_path: Path, config: dict[str, Any], at: str, fails: bool
) -> None:
    sides: list[Path] = []
    for column in ("seen", at):
        files = project(MART.format("id"))
        uid = files.model("history", "model.shop.stg", materialized="snapshot")
        node = files.manifest["nodes"].pop(uid)
        sql = MART.format(f"id, {column} as seen, price")
        node |= {
            "resource_type": "snapshot", "unique_id": "snapshot.shop.history",
            "compiled_code": sql, "raw_code": sql,
        }  # fmt: skip
        node["config"] |= {"unique_key": "id", **config}
        files.manifest["nodes"]["snapshot.shop.history"] = node
        sides.append(files.write(tmp_path / str(len(sides)), True))
    document = ask("changes", "--base", sides[0], "--head", sides[1])
    found = [one["plain_run_fails"] for one in document["nodes"] if "history" in one["unique_id"]]
    assert found == ([fails] if at != "seen" else [])


def test_ephemeral_models_that_read_each_other_crosswise(broken: Broken) -> None:
    sides = []
    for text in ("box.w", "box.v"):
        files = project(MART.format(text))
        above = ["model.shop.stg"]
        for level in range(40):
            above = [
                files.model(f"{side}{level}", *above, materialized="ephemeral",
                            compiled_code="select 1 as n", raw_code="select 1 as n")
                for side in "ab"
            ]  # fmt: skip
        depends = files.manifest["nodes"]["model.shop.mart"]["depends_on"]["nodes"]
        depends += above
        sides.append(files)
    assert [node for node, *_ in broken(sides[0], sides[1])] == ["mart"]
