"""Which contracts and settings that name columns `changes` tells to break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
Broken = Callable[[ProjectFiles, ProjectFiles], list[tuple[str, str, bool]]]
MART = 'select city as town, sum(amount) as total, count(*) as orders from "db"."main"."stg" group by 1'
TYPES = {"town": "varchar", "total": "decimal(38,2)", "orders": "bigint"}
STG = "select 'x' as city, 1.5::decimal(16,2) as amount"


@pytest.fixture
def broken(ask: Ask, tmp_path: Path) -> Broken:
    """What breaks between two projects, shortly."""

    def found(base: ProjectFiles, head: ProjectFiles) -> list[tuple[str, str, bool]]:
        sides = base.write(tmp_path / "a"), head.write(tmp_path / "b")
        document = ask("changes", "--base", sides[0], "--head", sides[1])
        return [(one["column"], one["reason"], one["certain"]) for one in document["breaks"]]

    return found


def project(
    stg: str = STG,
    mart: str = MART,
    types: dict[str, str] = TYPES,
    listed: tuple[str, str] | None = ("VARCHAR", "DECIMAL(16,2)"),
    adapter: str = "duckdb",
) -> ProjectFiles:
    """A model with a contract on another one, which the catalog may list."""
    files = ProjectFiles(adapter)
    uid = files.model("stg", compiled_code=stg, raw_code=stg)
    if listed:
        files.built(uid, city=listed[0], amount=listed[1])
    mart_uid = files.model(
        "mart", uid, compiled_code=mart, raw_code=mart, columns=list(types),
        config={"contract": {"enforced": True}}, contract={"enforced": True},
    )  # fmt: skip
    for name, type_ in types.items():
        files.manifest["nodes"][mart_uid]["columns"][name]["data_type"] = type_
    return files


@pytest.mark.parametrize(
    ("adapter", "type_", "told"),
    [
        ("duckdb", "integer", True), ("duckdb", "int8", False), ("postgres", "integer", True),
        ("snowflake", "integer", False), ("snowflake", "varchar", True),
    ],
)  # fmt: skip
def test_a_type_that_only_yaml_changes(
    broken: Broken, adapter: str, type_: str, told: bool
) -> None:
    head = project(types=TYPES | {"orders": type_}, adapter=adapter)
    real = "BIGINT" if adapter == "duckdb" else "bigint"
    why = f"its contract declares {type_}, and the column is {real}"
    name = "ORDERS" if adapter == "snowflake" else "orders"
    assert broken(project(adapter=adapter), head) == ([(name, why, True)] if told else [])


def test_a_contract_of_an_ephemeral_model_holds_nobody(broken: Broken) -> None:
    sides = project(), project(types=TYPES | {"orders": "integer"})
    for files in sides:
        files.manifest["nodes"]["model.shop.mart"]["config"]["materialized"] = "ephemeral"
        files.model("reader", "model.shop.mart", compiled_code="select 1 as a from x")
    assert broken(*sides) == []


def test_a_type_that_yaml_and_sql_change_alike(broken: Broken) -> None:
    mart = MART.replace("sum(amount)", "sum(amount)::varchar")
    head = project(mart=mart, types=TYPES | {"total": "text"})
    assert broken(project(), head) == []
    (found,) = broken(project(), project(mart=mart))
    assert found[0] == "total"
    assert found[1].startswith("its contract declares decimal(38,2), and the column is")
    assert "digits" not in found[1]


@pytest.mark.parametrize(
    ("stg", "listed", "wanted"),
    [
        ("length('x') as city, 1.5::decimal(16,2)", ("BIGINT", "DECIMAL(16,2)"),
         [("town", "its contract declares varchar, and the column is BIGINT", True)]),
        ("'x' as city, 1.5::double", ("VARCHAR", "DOUBLE"),
         [("total", "its contract declares decimal(38,2), and the column is DOUBLE", True)]),
        ("'x' as city, 1.5::decimal(18,4)", ("VARCHAR", "DECIMAL(18,4)"),
         [("total", "its contract declares decimal(38,2), and the column is DECIMAL(38,4)", True)]),
        ("'x' as city, 1.5::decimal(12,2)", ("VARCHAR", "DECIMAL(12,2)"), []),
        ("'x' as city, 1.5::decimal(18,4)", None,
         [("total", "its contract declares decimal(38,2), and the column is DECIMAL(38,4)", True)]),
    ],
)  # fmt: skip
def test_a_type_that_comes_from_upstream(
    broken: Broken, stg: str, listed: Any, wanted: Any
) -> None:
    assert broken(project(), project(f"select {stg} as amount", listed=listed)) == wanted


def test_a_cast_keeps_the_type(broken: Broken) -> None:
    mart = MART.replace("sum(amount)", "sum(amount)::decimal(38,2)").replace(
        "city as", "city::text as"
    )
    stg = "select length('x') as city, 1.5::double as amount"
    head = project(stg, mart, listed=("BIGINT", "DOUBLE"))
    assert broken(project(mart=mart), head) == []


def test_what_a_union_makes_of_types(broken: Broken) -> None:
    mart = MART + " union all select 'x', 0, 0"
    head = project("select 1 as city, 1.5::double as amount", mart, listed=("INTEGER", "DOUBLE"))
    why = "its contract declares decimal(38,2), and the column is DOUBLE"
    assert broken(project(mart=mart), head) == [("total", why, True)]


@pytest.mark.parametrize(
    ("adapter", "sql", "yaml", "told"),
    [
        ("duckdb", '"Town"', "town", True), ("duckdb", "Town", "town", True),
        ("duckdb", "Town", "Town", False), ("duckdb", "town", "Town", True),
        ("postgres", '"Town"', "town", True), ("postgres", "Town", "town", False),
        ("postgres", "town", "Town", False), ("snowflake", "Town", "town", False),
        ("snowflake", '"town"', "town", True), ("bigquery", "Town", "town", False),
    ],
)  # fmt: skip
def test_dbt_compares_names_with_their_case(
    broken: Broken, adapter: str, sql: str, yaml: str, told: bool
) -> None:
    types = {yaml if key == "town" else key: type_ for key, type_ in TYPES.items()}
    head = project(mart=MART.replace("as town", f"as {sql}"), types=types, adapter=adapter)
    found = broken(project(adapter=adapter), head)
    assert bool(found) == told
    assert all(certain for _, _, certain in found)


def keyed(kind: str, **config: Any) -> ProjectFiles:
    """A snapshot or an incremental model, whose settings name columns."""
    files = ProjectFiles()
    sql = "select 1 as id, 2 as amount, 3 as seen"
    raw = files.model("raw", compiled_code=sql, raw_code=sql)
    sql = 'select * from "db"."main"."raw"'
    uid = files.model(kind, raw, compiled_code=sql, raw_code=sql, materialized=kind, config=config)
    if kind == "snapshot":
        node = files.manifest["nodes"].pop(uid)
        uid = uid.replace("model.", "snapshot.")
        files.manifest["nodes"][uid] = {**node, "unique_id": uid, "resource_type": "snapshot"}
    return files


CHECK = {"strategy": "check", "unique_key": "id", "check_cols": ["amount"]}
TIMED = {"strategy": "timestamp", "unique_key": "id", "updated_at": "seen"}


@pytest.mark.parametrize(
    ("kind", "before", "after", "column"),
    [
        ("incremental", {"unique_key": "id"}, {"unique_key": "key"}, "key"),
        ("incremental", {"unique_key": "key"}, {"unique_key": "key"}, ""),
        ("incremental", {"unique_key": "id"}, {"unique_key": "id || 1"}, ""),
        ("incremental", {"unique_key": "id"}, {"unique_key": ["id", "amount"]}, ""),
        ("incremental", {}, {"unique_key": "key", "incremental_strategy": "append"}, ""),
        ("snapshot", CHECK, {**CHECK, "check_cols": ["amount", "shop"]}, "shop"),
        ("snapshot", CHECK, {**CHECK, "check_cols": "all"}, ""),
        ("snapshot", TIMED, {**TIMED, "updated_at": "changed_at"}, "changed_at"),
        ("snapshot", CHECK, {**CHECK, "updated_at": "changed_at"}, ""),
    ],
)
def test_a_setting_that_names_no_column(
    broken: Broken, kind: str, before: Any, after: Any, column: str
) -> None:
    found = broken(keyed(kind, **before), keyed(kind, **after))
    why = "its settings name a column that it doesn't have"
    assert found == ([(column, why, True)] if column else [])


def test_a_key_of_the_table_names_a_column_that_is_gone(broken: Broken) -> None:
    base, head = project(), project(mart=MART.replace("as town", "as place"))
    for files in (base, head):
        node = files.manifest["nodes"]["model.shop.mart"]
        node["constraints"] = [{"type": "primary_key", "columns": ["Town"]}]
        if files is head:
            node["columns"]["place"] = node["columns"].pop("town") | {"name": "place"}
    assert broken(base, head) == [
        ("Town", "its primary key names a column that its SQL lacks", True)
    ]
    assert broken(head, head.copy()) == []


def test_a_type_that_comes_of_cutting_a_time(broken: Broken) -> None:
    mart = 'select date_trunc(\'month\', at)::date as month from "db"."main"."stg"'
    stg = 'select cast(v as date) as at from "db"."raw"."events"'
    types = {"month": "date"}
    base = project(stg, mart, types, None)
    head = project(stg, mart.replace("::date", ""), types, None)
    why = "its contract declares date, and the column is TIMESTAMP"
    assert broken(base, head) == [("month", why, True)]


def test_sql_that_no_longer_parses_may_break(broken: Broken) -> None:
    mart = MART.replace("count(*)", "strftime(amount, %Y)")
    assert broken(project(), project(mart=mart)) == [
        ("Y", 'DuckDB refuses it: Referenced column "Y" not found in FROM clause', True)
    ]
    sides = project(adapter="spark"), project(mart=mart, adapter="spark")
    [(column, reason, certain)] = broken(*sides)
    assert (column, certain) == ("", False)
    assert reason == "its SQL can't be parsed: Required keyword: 'this' missing for Mod, line 1"


def test_a_column_that_may_be_null_now(broken: Broken) -> None:
    base, head = project(), project(mart=MART.replace("sum(amount)", "nullif(count(amount), 0)"))
    before = MART.replace("sum(amount)", "count(amount)")
    why = "its contract wants the column filled, and it may be null now"
    for files in (base, head):
        node = files.manifest["nodes"]["model.shop.mart"]
        node["columns"]["total"].update(constraints=[{"type": "not_null"}], data_type="bigint")
        if files is base:
            node.update(compiled_code=before, raw_code=before)
    assert broken(base, head) == [("total", why, False)]
    del head.manifest["nodes"]["model.shop.mart"]["columns"]["total"]["constraints"]
    assert broken(base, head) == []


def test_no_macro_builds_it(broken: Broken) -> None:
    base = project()
    for name in ("table_default", "view_default", "of_ours_duckdb"):
        uid = f"macro.dbt.materialization_{name}"
        base.manifest.setdefault("macros", {})[uid] = {"unique_id": uid, "macro_sql": ""}
    for way, told in (("of_ours", False), ("ephemeral", False), ("incrementalx", True)):
        head = base.copy()
        head.manifest["nodes"]["model.shop.stg"]["config"]["materialized"] = way
        why = f"no macro builds what is materialized as {way}"
        assert broken(base, head) == ([("", why, True)] if told else [])


@pytest.mark.parametrize("clause", ["group by 4", "group by 1 order by 4"])
def test_a_place_that_no_column_has(broken: Broken, clause: str) -> None:
    head = project(mart=MART.replace("group by 1", clause))
    why = "it groups or orders by column 4, and has not so many"
    assert ("4", why, True) in broken(project(), head)


@pytest.mark.parametrize(
    ("type_", "told"),
    [("strng", True), ("decimal(40, 2)", True), ("decimal(10)", False), ("text", False)],
)
def test_a_type_that_duckdb_has_not(broken: Broken, type_: str, told: bool) -> None:
    head = project(mart=MART.replace("city as town", f"cast(city as {type_}) as town"))
    reasons = [reason for _, reason, certain in broken(project(), head) if not certain]
    assert [reason.startswith("it casts to ") for reason in reasons] == [True] * told
