"""`add metric`, without dbt: what its filter may name, and what that makes of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from tests.unit.project_files import ProjectFiles

Run = Callable[..., Result]
MODEL = """\
models:
  - name: fct_orders
    description: Orders.
    columns:
      - name: order_id
        data_tests: [unique, not_null]
      - name: amount
      - name: status
        data_tests:
          - not_null
      - name: is_sold
      - name: region
        dimension: {type: categorical, name: sales_region}
      - name: store_id
        entity: {type: foreign, name: store}
      - name: ordered_date
      - name: shipped_date
      - name: mystery
"""
SUM = ("--model", "fct_orders", "--agg", "sum", "--expr", "amount", "--time", "ordered_date")


@pytest.fixture
def orders(place: Path, shop: ProjectFiles) -> Path:
    """The YAML of a mart that is no semantic model yet."""
    shop.manifest["metadata"]["dbt_version"] = "1.12.6"
    path = place / "models/marts/fct_orders.yml"
    shop.manifest["nodes"]["model.shop.fct_orders"]["patch_path"] = (
        "shop://models/marts/fct_orders.yml"
    )
    types = {"order_id": "INTEGER", "amount": "DECIMAL(18,2)", "status": "VARCHAR"}
    types |= {"is_sold": "BOOLEAN", "region": "VARCHAR", "store_id": "INTEGER"}
    shop.built("model.shop.fct_orders", **types, ordered_date="DATE", shipped_date="DATE")
    shop.write(place / "target")
    path.parent.mkdir(parents=True)
    path.write_text(MODEL)
    return path


def model_of(path: Path) -> Any:
    (model,) = yaml.safe_load(path.read_text())["models"]
    return model


def column_of(path: Path, name: str) -> Any:
    (found,) = (column for column in model_of(path)["columns"] if column["name"] == name)
    return found


@pytest.mark.parametrize(
    ("column", "dimension"),
    [
        ("is_sold", {"dimension": {"type": "categorical", "name": "is_sold"}}),
        ("status", {"dimension": {"type": "categorical", "name": "status"}}),
        (
            "shipped_date",
            {"granularity": "day", "dimension": {"type": "time", "name": "shipped_date"}},
        ),
    ],
)
def test_a_column_that_the_filter_names_becomes_a_dimension(
    orders: Path, run: Run, column: str, dimension: dict[str, Any]
) -> None:
    filter_ = f"{{{{ Dimension('order__{column}') }}}} is not null"
    done = run("add", "metric", "sold", *SUM, "--filter", filter_)
    assert done.exit_code == 0, done.output
    assert f"{column} is now a dimension of fct_orders" in done.output
    assert dimension.items() <= column_of(orders, column).items()
    assert column_of(orders, "order_id")["entity"] == {"type": "primary", "name": "order"}
    (metric,) = model_of(orders)["metrics"]
    assert metric["filter"] == filter_
    # A second metric finds it there.
    assert run("add", "metric", "again", *SUM, "--filter", filter_).exit_code == 0
    assert orders.read_text().count("is_sold}") <= 1


def test_a_second_model_of_one_entity_has_a_name_of_its_own(
    orders: Path, shop: ProjectFiles, place: Path, run: Run
) -> None:
    """dbt refuses two semantic models with the same primary entity and dimension."""
    shop.other("semantic_models", "sales", entities=[{"name": "order", "type": "primary"}])
    shop.write(place / "target")
    done = run("add", "metric", "sold", *SUM)
    assert done.exit_code == 0, done.output
    assert "the semantic model sales has the primary entity order already" in done.output
    assert column_of(orders, "order_id")["entity"] == {"type": "unique", "name": "order"}
    assert model_of(orders)["primary_entity"] == "fct_orders"
    # Filters name its dimensions by that.
    wrong = run("add", "metric", "two", *SUM, "--filter", "is_sold")
    assert "Dimension('fct_orders__is_sold')" in wrong.output
    right = "{{ Dimension('fct_orders__is_sold') }} = true"
    assert run("add", "metric", "two", *SUM, "--filter", right).exit_code == 0


@pytest.mark.parametrize(
    "filter_",
    [
        "{{ Dimension('order__sales_region') }} = 'north'",
        "{{ TimeDimension('order__ordered_date', 'month') }} > '2026-01-01'",
        "{{ Dimension('order__ordered_date__month') }} > '2026-01-01'",
        "{{ TimeDimension('metric_time', 'day') }} > '2026-01-01'",
        "{{ Dimension('store__store_region') }} = 'north'",
        "{{ Entity('store') }} = 1",
    ],
)
def test_what_is_a_dimension_already_or_of_another_model_stays(
    orders: Path, run: Run, filter_: str
) -> None:
    done = run("add", "metric", "turnover", *SUM, "--filter", filter_)
    assert done.exit_code == 0, done.output
    made = [c["name"] for c in model_of(orders)["columns"] if "dimension" in c]
    assert made == ["region", "ordered_date"]


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        ("is_sold", "say --filter \"{{ Dimension('order__is_sold') }}\""),
        ("status = 'is_sold'", "--filter \"{{ Dimension('order__status') }} = 'is_sold'\""),
        ("nothing_like_it", "say --filter \"{{ Dimension('order__is_sold') }}\""),
        ("Dimension('order__is_sold')", "say --filter"),
        ("{{ Dimension('is_sold') }}", "is called order__is_sold"),
        ("{{ Dimension('orders__is_sold') }}", "has no entity orders; it has order, store"),
        ("{{ Dimension('order__colour') }}", "names order__colour, and fct_orders's YAML has only"),
        ("{{ Dimension('order__amount') }} > 1", "is of type decimal(18,2) and no dimension"),
        ("{{ Dimension('order__mystery') }} > 1", "of a type that isn't known"),
    ],
)
def test_a_filter_that_means_nothing_is_one_line_and_nothing_written(
    orders: Path, run: Run, filter_: str, said: str
) -> None:
    done = run("add", "metric", "turnover", *SUM, "--filter", filter_)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert orders.read_text() == MODEL


@pytest.mark.usefixtures("orders")
def test_other_metrics_keep_their_filter_too(run: Run, place: Path) -> None:
    words = ["add", "metric", "twice", "--metric", "revenue", "--expr", "2 * revenue", "--filter"]
    done = run(*words, "is_sold")
    assert done.exit_code == 2
    assert "{{ Dimension('order__is_sold') }}" in done.stderr
    filter_ = "{{ Dimension('order__is_sold') }}"
    done = run(*words, filter_)
    assert done.exit_code == 0
    assert "must have the dimensions that the filter names" in done.output
    (metric,) = yaml.safe_load((place / "models/marts/_metrics.yml").read_text())["metrics"]
    assert metric["filter"] == filter_


@pytest.mark.usefixtures("orders")
def test_the_next_line_parses_before_it_asks(run: Run) -> None:
    done = run("add", "metric", "sold", *SUM)
    assert (
        "  next     dbt parse && mf query --metrics sold --group-by metric_time__month\n"
        in done.output
    )
    done = run("add", "metric", "so_far", "--cumulative", "sold", "--grain-to-date", "month")
    said = "dbt parse && mf query --metrics so_far --group-by metric_time__month"
    assert done.output.endswith(f"  next     {said}\n")
