"""What changes without a model's own SQL: where tables are, and what runs before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Compare = Callable[[ProjectFiles, ProjectFiles], Any]


@pytest.fixture
def compare(ask: Callable[..., Any], tmp_path: Path) -> Compare:
    """Compare two projects."""

    def found(base: ProjectFiles, head: ProjectFiles) -> Any:
        sides = base.write(tmp_path / "a", True), head.write(tmp_path / "b", True)
        return ask("changes", "--base", sides[0], "--head", sides[1])

    return found


def names(document: Any, key: str) -> list[str]:
    return [uid.rpartition(".")[2] for uid in document[key]]


def on_source(table: str = "orders", **source: Any) -> ProjectFiles:
    """A view on a source that the catalog lists, and a table on that."""
    files = ProjectFiles()
    uid = files.source("raw", "orders")
    name = f'"db"."raw"."{table}"'
    files.manifest["sources"][uid].update(
        {"database": "db", "schema": "raw", "identifier": table, "relation_name": name} | source
    )
    files.built(uid, id="INTEGER", amount="INTEGER")
    sql = f"select id, amount from {name}"
    files.model("stg", uid, compiled_code=sql, raw_code="select", materialized="view")
    sql = 'select sum(amount) as total from "db"."main"."stg"'
    files.model("mart", "model.shop.stg", compiled_code=sql, raw_code=sql)
    return files


def test_a_source_that_is_another_table(compare: Compare) -> None:
    document = compare(on_source(), on_source("orders_v2"))
    assert names(document, "rebuild") == ["stg", "mart"]
    [source] = [one for one in document["nodes"] if one["kind"] == "source"]
    assert "it is another table, or another file, than it was" in source["because"]


def test_a_source_that_is_another_file(compare: Compare) -> None:
    sides = [on_source(meta={"external_location": f"data/{name}.csv"}) for name in ("a", "b")]
    assert names(compare(*sides), "rebuild") == ["stg", "mart"]


def placed(schema: str, macro: str = "", listed: bool = False, **keys: Any) -> ProjectFiles:
    """A table, a view on it, and who reads it by its name; dbt may know that it does."""
    files = ProjectFiles()
    sql = "select 1 as id"
    name = f'"db"."{schema}"."{keys.get("alias", "fct")}"'
    fct = files.model("fct", compiled_code=sql, raw_code=sql, schema=schema, relation_name=name,
                      **keys)  # fmt: skip
    sql = f"select id from {name}"
    files.model("shown", fct, compiled_code=sql, raw_code="select", materialized="view")
    sql = "select id from main_marts.fct"
    files.model("reader", *([fct] if listed else []), compiled_code=sql, raw_code=sql)
    if macro:
        files.manifest["macros"]["macro.shop.generate_schema_name"] = {
            "unique_id": "macro.shop.generate_schema_name", "name": "generate_schema_name",
            "package_name": "shop", "macro_sql": macro, "depends_on": {"macros": []},
        }  # fmt: skip
    return files


def test_another_environment_is_no_change(compare: Compare) -> None:
    document = compare(placed("main_marts"), placed("ci_7_marts"))
    assert names(document, "rebuild") == [] and document["breaks"] == []


def test_a_macro_that_says_where_tables_are(compare: Compare) -> None:
    document = compare(placed("main_marts"), placed("marts", "{% macro x() %}{% endmacro %}"))
    assert {"fct", "shown"} <= set(names(document, "rebuild"))
    told = [(one["name"], one["certain"]) for one in document["breaks"]]
    assert told == [("reader", False)]


@pytest.mark.parametrize("listed", [True, False])
def test_who_reads_by_its_name_what_has_another_one_now(compare: Compare, listed: bool) -> None:
    head = placed("main_marts", listed=listed, alias="facts", config={"alias": "facts"})
    document = compare(placed("main_marts", listed=listed), head)
    assert {"fct", "shown"} <= set(names(document, "rebuild"))
    assert [one["name"] for one in document["breaks"]] == ["reader"]


def hooked(hook: str) -> ProjectFiles:
    """A model that calls a function, and one that doesn't; a hook that may make the function."""
    files = ProjectFiles()
    for name, sql in (("tidied", "select main.Tidy('x') as x"), ("plain", "select 'tidy' as x")):
        files.model(name, compiled_code=sql, raw_code=sql)
    uid = "operation.shop.shop-on-run-start-0"
    files.manifest["nodes"][uid] = {
        "unique_id": uid, "resource_type": "operation", "name": "x", "package_name": "shop",
        "original_file_path": "dbt_project.yml", "tags": ["on-run-start"], "raw_code": hook,
    }  # fmt: skip
    return files


TIDY = "create or replace macro main.tidy(x) as {}(x)"


def test_a_function_that_a_hook_makes_otherwise(compare: Compare) -> None:
    document = compare(hooked(TIDY.format("lower")), hooked(TIDY.format("upper")))
    assert names(document, "rebuild") == ["tidied"] and document["breaks"] == []


def test_who_calls_it_where_head_was_not_compiled(compare: Compare) -> None:
    """Its own code asks a macro for a part, so that only base shows the call."""
    base, head = hooked(TIDY.format("lower")), hooked(TIDY.format("upper"))
    for files, compiled in ((base, "select main.tidy('x') as x"), (head, "")):
        files.manifest["nodes"]["model.shop.tidied"].update(
            raw_code="select {{ tidied('x') }} as x", compiled_code=compiled
        )
    assert names(compare(base, head), "rebuild") == ["tidied"]


def test_a_function_that_a_hook_makes_no_longer(compare: Compare) -> None:
    document = compare(hooked(TIDY.format("lower")), hooked("select 1"))
    assert names(document, "rebuild") == ["tidied"]
    assert [(one["name"], one["certain"]) for one in document["breaks"]] == [("tidied", False)]


@pytest.mark.parametrize(("added", "built"), [("", []), (", 2 as note", ["parent", "copy"])])
def test_code_that_asked_for_columns_before_they_were_there(
    compare: Compare, added: str, built: list[str]
) -> None:
    """`copy` was compiled on base's tables, and a run will find the new column."""
    sides = []
    for more in ("", added):
        files = ProjectFiles()
        sql = f"select 1 as id{more}"
        parent = files.model("parent", compiled_code=sql, raw_code=sql)
        raw = "select {{ adapter.get_columns_in_relation(ref('parent')) }}"
        files.model("copy", parent, compiled_code='select id from "db"."main"."parent"',
                    raw_code=raw)  # fmt: skip
        sides.append(files)
    assert names(compare(*sides), "rebuild") == built


def shown(name: str, between: str = "", relation: str = "", kind: str = "view") -> ProjectFiles:
    """A view on a table, which may be called otherwise; an ephemeral model may stand between."""
    files = ProjectFiles()
    relation = relation or f'"db"."main"."{name}"'
    sql = "select 1 as id"
    above = files.model(name, compiled_code=sql, raw_code=sql, relation_name=relation)
    sql = f"select id from {relation}"
    if between:
        files.model(between, above, raw_code="select", materialized="ephemeral", relation_name=None)
        sql = f"with __dbt__cte__{between} as ({sql}) select id from __dbt__cte__{between}"
        above = f"model.shop.{between}"
    files.model("shown", above, compiled_code=sql, raw_code=f"select {name}", materialized=kind)
    sql = 'select id from "db"."main"."shown"'
    files.model("mart", "model.shop.shown", compiled_code=sql, raw_code=sql)
    return files


@pytest.mark.parametrize(
    ("between", "kind", "built"),
    [
        ("", "view", ["new", "shown"]),
        ("small", "view", ["new", "shown"]),
        ("", "materialized_view", ["new", "shown"]),
        ("", "table", ["new"]),
    ],
)
def test_a_view_on_a_model_that_was_renamed_must_name_the_new_one(
    compare: Compare, between: str, kind: str, built: list[str]
) -> None:
    """dbt leaves the old table there, and the view would go on to show it."""
    sides = (shown(name, between, kind=kind) for name in ("old", "new"))
    assert sorted(names(compare(*sides), "rebuild")) == built


def test_a_renamed_model_that_makes_the_same_table(compare: Compare) -> None:
    sides = (shown(name, relation='"db"."main"."orders"') for name in ("old", "new"))
    assert names(compare(*sides), "rebuild") == ["new"]
