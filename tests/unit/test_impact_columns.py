"""What a column reaches: held against the plainest way to compute it, and through metrics."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.lineage import Lineages
from analytics_tools.lineage.columns import reached
from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
FIRST = "start"
COLUMNS = ("a", "b")
# A node, its parents, the parent's column that each of its own is, and one that a filter asks for.
Plan = dict[str, tuple[list[str], dict[str, tuple[str, str] | None], tuple[str, str] | None]]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Models of two columns each, in an order that their names say nothing of."""
    names = draw(st.permutations([f"m{number}" for number in range(6)]))
    plan: Plan = {}
    for place, name in enumerate(names):
        earlier = st.sampled_from([FIRST, *names[:place]])
        # Everything reads something that the column is no part of as well.
        above = draw(st.sets(earlier, min_size=1, max_size=2)) | {"aside"}
        column = st.tuples(st.sampled_from(sorted(above)), st.sampled_from(COLUMNS))
        own = {one: draw(st.none() | column) for one in COLUMNS}
        plan[name] = (sorted(above), own, draw(st.none() | st.none() | column))
    return plan


def expected(plan: Plan, asked: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {FIRST: {asked}}
    for name, (above, own, filtered) in plan.items():
        of = [filtered] if filtered else []
        if any(found.get(p, set()) & {c, "*"} for p, c in of) or any(
            "*" in found.get(p, set()) for p in above
        ):
            found[name] = {"*"}
            continue
        hit = {
            c for c, source in own.items() if source and source[1] in found.get(source[0], set())
        }
        if hit:
            found[name] = hit
    return found


@settings(deadline=None)  # the machine may be busy
@given(plans(), st.sampled_from(COLUMNS))
def test_a_column_reaches_what_it_reaches(plan: Plan, asked: str) -> None:
    files = ProjectFiles()
    uids = {
        one: files.model(one, compiled_code="select 1 as a, 2 as b") for one in (FIRST, "aside")
    }
    for name, (above, own, filtered) in plan.items():
        listed = [f"{'.'.join(own[c]) if own[c] else 7} as {c}" for c in COLUMNS]  # type: ignore[arg-type]
        relations = " cross join ".join(f'"db"."main"."{one}" as {one}' for one in above)
        where = f" where {'.'.join(filtered)} > 1" if filtered else ""
        sql = f"select {', '.join(listed)} from {relations}{where}"
        uids[name] = files.model(name, *(uids[p] for p in above), compiled_code=sql)
    with tempfile.TemporaryDirectory() as folder:
        path = files.write(Path(folder)) / "manifest.json"
        lineages = Lineages(load_project(path), read_code(path))
        found = reached(lineages, uids[FIRST], (asked,))
    named = {uid.rpartition(".")[2]: set(columns) for uid, columns in found.items()}
    assert named == expected(plan, asked)


@pytest.mark.parametrize(
    "sql",
    [
        "select id, unnest(tags) as tag from {}",
        "select c.id, t.tag from {} as c, lateral (select unnest(c.tags) as tag) as t",
        "select c.id, t.tag from {} as c cross join unnest(c.tags) as t(tag)",
    ],
)
def test_what_is_unnested_decides_how_many_rows_there_are(
    sql: str, ask: Ask, tmp_path: Path
) -> None:
    files = ProjectFiles()
    start = files.model("start", compiled_code="select 1 as id, [1, 2] as tags")
    made = files.model("made", start, compiled_code=sql.format('"db"."main"."start"'))
    files.model(
        "counted",
        made,
        compiled_code='select id, count(*) as n from "db"."main"."made" group by id',
    )
    folder = files.write(tmp_path)
    document = ask("impact", "--manifest", folder, "--model", "start", "--column", "tags")
    assert {one["name"] for one in document["touched"]} == {"made", "counted"}


@pytest.fixture
def sales() -> ProjectFiles:
    """Orders and stores with a semantic model each, three metrics, and a saved query."""
    files = ProjectFiles()
    sql = "select 1 as order_id, 2 as store_id, 3 as amount, 4 as cost, 5 as is_sold, 6 as line"
    orders = files.model("fct_orders", compiled_code=sql)
    stores = files.model("dim_stores", compiled_code="select 1 as store_id, 2 as region, 3 as tint")
    store = {"name": "store", "expr": "store_id"}
    by_order = files.other(
        "semantic_models", "orders", orders,
        entities=[{"name": "order", "type": "primary", "expr": "order_id"},
                  {**store, "type": "foreign"}],
        dimensions=[{"name": "is_sold", "type": "categorical"}],
        measures=[{"name": "total", "agg": "sum", "expr": "amount"}],
    )  # fmt: skip
    files.other(
        "semantic_models", "stores", stores, entities=[{**store, "type": "primary"}],
        dimensions=[{"name": "store_region", "type": "categorical", "expr": "region"},
                    {"name": "tint", "type": "categorical"}],
    )  # fmt: skip
    region = {
        "where_filters": [{"where_sql_template": "{{ Dimension('store__store_region') }} = 'n'"}]
    }
    files.other("metrics", "revenue", by_order, type="simple",
                type_params={"measure": {"name": "total"}})  # fmt: skip
    direct = {"semantic_model": "orders", "agg": "sum", "expr": "cost"}
    files.other("metrics", "costs", by_order, type="simple",
                type_params={"metric_aggregation_params": direct}, filter=region)  # fmt: skip
    files.other("metrics", "margin", "metric.shop.revenue", "metric.shop.costs", type="derived",
                type_params={"metrics": [{"name": "revenue"}, {"name": "costs"}]})  # fmt: skip
    files.other("saved_queries", "by_region", "metric.shop.revenue",
                query_params={"metrics": ["revenue"], "group_by": ["Dimension('store__store_region')"]})  # fmt: skip
    return files


@pytest.mark.parametrize(
    ("model", "column", "names"),
    [
        ("fct_orders", "line", set()),
        ("fct_orders", "amount", {"orders", "revenue", "margin", "by_region"}),
        ("fct_orders", "cost", {"orders", "costs", "margin"}),
        # Any metric of a model may be asked by its dimensions.
        ("fct_orders", "is_sold", {"orders", "revenue", "costs", "margin", "by_region"}),
        # Of another model, those that name the dimension, or the entity on the way to it.
        ("dim_stores", "region", {"stores", "costs", "margin", "by_region"}),
        ("dim_stores", "store_id", {"stores", "costs", "margin", "by_region"}),
        ("dim_stores", "tint", {"stores"}),
    ],
)
def test_metrics_of_a_column(
    model: str, column: str, names: set[str], sales: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    folder = sales.write(tmp_path)
    document = ask("impact", "--manifest", folder, "--model", model, "--column", column)
    assert {one["name"] for one in document["touched"]} == names


def test_whoever_names_a_dimension_reads_its_model(
    sales: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    document = ask("impact", "--manifest", sales.write(tmp_path), "--model", "dim_stores")
    touched = {one["name"]: one["path"] for one in document["touched"]}
    assert touched.keys() == {"stores", "costs", "margin", "by_region"}
    assert touched["by_region"][1] == "semantic_model.shop.stores"
