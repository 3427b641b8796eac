"""What `changes` says of metrics and saved queries when a column they read goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

Ask = Callable[..., Any]
COLUMNS = {
    "orders": ["order_id", "customer_id", "ordered_at", "amount", "status"],
    "customers": ["customer_id", "country", "joined_at"],
}


def select(table: str, gone: str = "") -> str:
    kept = [one for one in COLUMNS[table] if one != gone]
    values = ["date '2026-01-31'" if one.endswith("_at") else "1" for one in kept]
    return "select " + ", ".join(f"{v} as {one}" for v, one in zip(values, kept, strict=True))


def where(*templates: str) -> dict[str, Any]:
    return {"where_filters": [{"where_sql_template": one} for one in templates]}


def time(name: str, expr: str) -> dict[str, Any]:
    grain = {"time_granularity": "day"}
    return {"name": name, "type": "time", "expr": expr, "type_params": grain}


@pytest.fixture
def base() -> ProjectFiles:
    """Orders of customers, metrics of both, and saved queries of them."""
    files = ProjectFiles()
    for table in COLUMNS:
        files.model(table, compiled_code=select(table), raw_code=select(table))
    files.other(
        "semantic_models", "orders", "model.shop.orders",
        defaults={"agg_time_dimension": "ordered_on"},
        entities=[{"name": "order", "type": "primary", "expr": "order_id"},
                  {"name": "customer", "type": "foreign", "expr": "customer_id"}],
        dimensions=[time("ordered_on", "ordered_at"), {"name": "status", "type": "categorical"}],
        measures=[{"name": "total", "agg": "sum", "expr": "amount"}],
    )  # fmt: skip
    files.other(
        "semantic_models", "customers", "model.shop.customers",
        entities=[{"name": "customer", "type": "primary", "expr": "customer_id"}],
        dimensions=[time("joined_on", "joined_at"), {"name": "country", "type": "categorical"}],
        measures=[{"name": "members", "agg": "count", "expr": "customer_id",
                   "agg_time_dimension": "joined_on"}],
    )  # fmt: skip
    metrics(files)
    saved(files, "by_status", "revenue", "Dimension('order__status')")
    saved(files, "by_country", "revenue", "Dimension('customer__country')")
    saved(files, "by_week", "revenue", "TimeDimension('metric_time', 'week')")
    saved(files, "by_customer", "revenue", "customer")
    saved(files, "running_by_day", "running", "metric_time__day")
    return files


def metrics(files: ProjectFiles) -> None:
    total = {"measure": {"name": "total"}}
    orders, customers = "semantic_model.shop.orders", "semantic_model.shop.customers"
    files.other("metrics", "revenue", orders, type="simple", type_params=total)
    files.other("metrics", "members", customers, type="simple",
                type_params={"measure": {"name": "members"}})  # fmt: skip
    files.other("metrics", "french", orders, type="simple", type_params=total,
                filter=where("{{ Dimension('customer__country') }} = 'FR'"))  # fmt: skip
    files.other("metrics", "loyal", orders, type="simple", type_params=total,
                filter=where("{{ Metric('members', group_by=['customer']) }} > 1"))  # fmt: skip
    files.other("metrics", "share", "metric.shop.french", "metric.shop.revenue", type="ratio",
                type_params={"numerator": "french", "denominator": "revenue"})  # fmt: skip
    window = {"count": 7, "granularity": "day"}
    files.other("metrics", "running", orders, type="cumulative",
                type_params={**total, "cumulative_type_params": {"window": window}})  # fmt: skip


def saved(files: ProjectFiles, name: str, metric: str, *by: str, **asked: Any) -> None:
    files.other("saved_queries", name, f"metric.shop.{metric}",
                query_params={"metrics": [metric], "group_by": list(by), **asked})  # fmt: skip


def without(files: ProjectFiles, table: str, column: str) -> ProjectFiles:
    """Return a copy of a project in which a model lacks a column."""
    head = files.copy()
    sql = select(table, column)
    head.manifest["nodes"][f"model.shop.{table}"].update(compiled_code=sql, raw_code=sql)
    return head


def broken(base: ProjectFiles, head: ProjectFiles, ask: Ask, folder: Path) -> set[str]:
    """Return the names of metrics and saved queries that break."""
    sides = base.write(folder / "a"), head.write(folder / "b")
    found = ask("changes", "--base", sides[0], "--head", sides[1])["breaks"]
    kinds = ("metric.", "saved_query.")
    return {one["name"] for one in found if one["unique_id"].startswith(kinds)}


@pytest.mark.parametrize(
    ("table", "column", "names"),
    [
        ("orders", "status", "by_status"),
        ("customers", "country", "french share by_country"),
        ("orders", "amount", "revenue french loyal share running by_status by_country by_week "
         "by_customer running_by_day"),
        ("orders", "ordered_at", "revenue french loyal share running by_week running_by_day"),
        ("customers", "joined_at", "members"),
        ("orders", "customer_id", "french loyal share by_country by_customer"),
        ("customers", "customer_id", "members french loyal share by_country"),
        ("orders", "order_id", ""),
    ],
)  # fmt: skip
def test_what_reads_a_column_breaks_with_it(
    base: ProjectFiles, ask: Ask, tmp_path: Path, table: str, column: str, names: str
) -> None:
    head = without(base, table, column)
    assert broken(base, head, ask, tmp_path) == set(names.split())


def test_a_saved_query_breaks_by_what_it_filters_by(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    for name, by in (
        ("is_french", "Dimension('customer__country')"),
        ("one", "Entity('customer')"),
    ):
        saved(base, name, "revenue", where=where(f"{{{{ {by} }}}} = 'FR'"))
    head = without(base, "customers", "country")
    assert broken(base, head, ask, tmp_path) == {"french", "share", "by_country", "is_french"}


def test_what_a_conversion_counts_by(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    counted = {"base_measure": {"name": "members"}, "conversion_measure": {"name": "total"}}
    base.other("metrics", "bought", "semantic_model.shop.orders", type="conversion",
               type_params={"conversion_type_params": {**counted, "entity": "customer"}})  # fmt: skip
    saved(base, "bought_by_country", "bought", "Dimension('customer__country')")
    also = {"bought", "bought_by_country"}
    for table, column in (("orders", "customer_id"), ("orders", "ordered_at"),
                          ("customers", "joined_at")):  # fmt: skip
        head = without(base, table, column)
        assert also <= broken(base, head, ask, tmp_path / column)


def test_a_way_over_two_entities(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    sql = "select 1 as line_id, 1 as order_id, 1 as price"
    lines = base.model("lines", compiled_code=sql, raw_code=sql)
    base.other(
        "semantic_models", "lines", lines,
        entities=[{"name": "line", "type": "primary", "expr": "line_id"},
                  {"name": "order", "type": "foreign", "expr": "order_id"}],
        measures=[{"name": "price", "agg": "sum"}],
    )  # fmt: skip
    base.other("metrics", "sold", "semantic_model.shop.lines", type="simple",
               type_params={"measure": {"name": "price"}})  # fmt: skip
    saved(base, "sold_by_country", "sold", "Dimension('order__customer__country')")
    saved(base, "sold_by_status", "sold", "Dimension('order__status')")
    for table, column, names in (
        ("orders", "order_id", {"sold_by_country", "sold_by_status"}),
        ("orders", "customer_id", {"sold_by_country"}),
        ("customers", "country", {"sold_by_country"}),
    ):
        found = broken(base, without(base, table, column), ask, tmp_path / column)
        assert {name for name in found if name.startswith("sold")} == names


def test_a_time_asked_for_by_a_finer_grain_than_it_has(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    by = {
        "by_day": "TimeDimension('order__ordered_on', 'day')",
        "by_grain": "Dimension('order__ordered_on').grain('day')",
        "by_name": "order__ordered_on__day",
        "by_time": "TimeDimension('order__ordered_on__day')",
        "by_dimension": "Dimension('order__ordered_on__day')",
        "by_month": "TimeDimension('order__ordered_on', 'month')",
        "by_quarter": "metric_time__quarter",
        "by_itself": "TimeDimension('order__ordered_on')",
        "by_joining": "TimeDimension('customer__joined_on', 'day')",
    }
    for name, group in by.items():
        saved(base, name, "revenue", group)
    later = "{{ TimeDimension('order__ordered_on', 'day') }} > '2026-01-01'"
    saved(base, "late", "revenue", where=where(later))
    base.other("metrics", "lately", "semantic_model.shop.orders", type="simple",
               type_params={"measure": {"name": "total"}}, filter=where(later))  # fmt: skip
    saved(base, "lately_by_status", "lately", "Dimension('order__status')")
    head = base.copy()
    orders = head.manifest["semantic_models"]["semantic_model.shop.orders"]
    orders["dimensions"][0]["type_params"] = {"time_granularity": "month"}
    names = {"by_day", "by_grain", "by_name", "by_time", "late", "lately", "lately_by_status",
             "by_week", "running_by_day"}  # fmt: skip
    assert broken(base, head, ask, tmp_path / "coarser") == names
    assert broken(head, base, ask, tmp_path / "finer") == set()


def spine(base: ProjectFiles, column: str, grain: str, *, named: bool = True) -> ProjectFiles:
    """Return a copy of a project that has a time spine."""
    files = base.copy()
    sql = f"select 1 as {column}"
    keys = {"time_spine": {"standard_granularity_column": "day"}} if named else {}
    name = "days" if named else "metricflow_time_spine"
    uid = files.model(name, compiled_code=sql, raw_code=sql, columns=[column], **keys)
    files.manifest["nodes"][uid]["columns"][column]["granularity"] = grain
    return files


@pytest.fixture
def over_time(base: ProjectFiles) -> ProjectFiles:
    """Metrics that are joined to a time spine, and saved queries of them."""
    back = {"count": 1, "granularity": "month"}
    base.other("metrics", "growth", "metric.shop.revenue", type="derived",
               type_params={"metrics": [{"name": "revenue", "offset_window": back}]})  # fmt: skip
    filled = {"measure": {"name": "total", "join_to_timespine": True}}
    base.other("metrics", "filled", "semantic_model.shop.orders", type="simple", type_params=filled)
    saved(base, "filled_by_day", "filled", "TimeDimension('metric_time', 'day')")
    saved(base, "filled_by_status", "filled", "Dimension('order__status')")
    return base


def test_a_time_spine_without_its_column(over_time: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    names = {"growth", "filled", "filled_by_day", "running", "running_by_day"}
    sides = spine(over_time, "day", "day"), spine(over_time, "day_of_it", "day")
    assert broken(*sides, ask, tmp_path / "named") == names
    document = ask("changes", "--base", tmp_path / "named/a", "--head", tmp_path / "named/b")
    assert not any(one["certain"] for one in document["breaks"])
    assert {one["upstream"] for one in document["breaks"]} == {"model.shop.days"}
    old = [spine(over_time, name, "day", named=False) for name in ("date_day", "day")]
    assert broken(old[0], old[1], ask, tmp_path / "by_name") == names


def test_a_time_spine_that_is_too_coarse(over_time: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    names = {"growth", "filled", "filled_by_day", "running", "running_by_day"}
    sides = spine(over_time, "day", "day"), spine(over_time, "day", "month")
    sql = "select 2 as day"
    sides[1].manifest["nodes"]["model.shop.days"].update(compiled_code=sql, raw_code=sql)
    assert broken(*sides, ask, tmp_path) == names


def test_a_foreign_entity_names_nothing_beside_it(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    head = base.copy()
    customers = head.manifest["semantic_models"]["semantic_model.shop.customers"]
    customers["entities"][0]["type"] = "foreign"
    customers["primary_entity"] = "person"
    assert broken(base, head, ask, tmp_path) == {"french", "share", "by_country"}


def test_a_saved_query_alone_that_names_what_is_not_there(
    base: ProjectFiles, ask: Ask, tmp_path: Path
) -> None:
    head = base.copy()
    query = head.manifest["saved_queries"]["saved_query.shop.by_status"]["query_params"]
    query["group_by"] = ["Dimension('order__stat')"]
    assert broken(base, head, ask, tmp_path) == {"by_status"}


def test_a_metric_without_a_measure(base: ProjectFiles, ask: Ask, tmp_path: Path) -> None:
    aggregated = {"semantic_model": "orders", "agg": "sum"}
    base.other("metrics", "direct", "semantic_model.shop.orders", type="simple",
               type_params={"metric_aggregation_params": aggregated, "expr": "amount"})  # fmt: skip
    saved(base, "direct_by_country", "direct", "Dimension('customer__country')")
    for column, names in (("amount", {"direct", "direct_by_country"}), ("ordered_at", {"direct"}),
                          ("customer_id", {"direct_by_country"})):  # fmt: skip
        found = broken(base, without(base, "orders", column), ask, tmp_path / column)
        assert {name for name in found if name.startswith("direct")} == names


NUMBERS = (
    "revenue french loyal share running by_status by_country by_week by_customer running_by_day"
)


@pytest.mark.parametrize(
    ("table", "column", "type_", "names"),
    [
        ("orders", "amount", "varchar", NUMBERS),
        ("orders", "amount", "bigint", ""),
        ("orders", "status", "integer", ""),
        ("orders", "ordered_at", "varchar",
         "revenue french loyal share running by_week running_by_day"),
        ("orders", "ordered_at", "integer",
         "revenue french loyal share running by_week running_by_day"),
        ("orders", "ordered_at", "date", ""),
        ("customers", "joined_at", "varchar", "members"),
        ("customers", "customer_id", "varchar", ""),
    ],
)  # fmt: skip
def test_metrics_of_a_column_that_turns_into_another_type(
    base: ProjectFiles, ask: Ask, tmp_path: Path, table: str, column: str, type_: str, names: str
) -> None:
    kinds = {"amount": "decimal(16, 2)", "ordered_at": "timestamp", "joined_at": "timestamp"}
    sides = []
    for files, kind in ((base, kinds.get(column, "varchar")), (base.copy(), type_)):
        sql = select(table, column) + f', cast(v as {kind}) as {column} from "db"."raw"."events"'
        files.manifest["nodes"][f"model.shop.{table}"].update(compiled_code=sql, raw_code=sql)
        sides.append(files)
    assert broken(sides[0], sides[1], ask, tmp_path) == set(names.split())
