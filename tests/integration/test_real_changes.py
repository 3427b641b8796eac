"""Changes of a small project that dbt builds for real: what is told of each, and what breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.changes import Changes, changes_between
from analytics_tools.changes.side import Side

MONEY = "{% macro money(column) %}cast({{ column }} as decimal(18, 2)){% endmacro %}\n"
STAGING = (
    "select id as order_id, customer_id, amount, method, ordered_on from {{ ref('raw_orders') }}\n"
)
YAML = """
models:
  - name: fct_orders
    description: One row an order.
  - name: days
    time_spine: {standard_granularity_column: day}
    columns: [{name: day, granularity: day}]
semantic_models:
  - name: orders
    model: ref('fct_orders')
    defaults: {agg_time_dimension: ordered_on}
    entities: [{name: order, type: primary, expr: order_id}]
    dimensions:
      - {name: ordered_on, type: time, type_params: {time_granularity: day}}
    measures:
      - {name: total, agg: sum, expr: amount}
      - {name: number, agg: count, expr: customer_id}
metrics:
  - {name: revenue, label: a, type: simple, type_params: {measure: total}}
  - {name: revenue_again, label: b, type: simple, type_params: {measure: {name: total, fill_nulls_with: 0}}}
  - {name: orders_counted, label: c, type: simple, type_params: {measure: number}}
  - {name: basket, label: d, type: ratio, type_params: {numerator: revenue, denominator: orders_counted}}
  - {name: twice, label: e, type: derived, type_params: {expr: revenue * 2, metrics: [{name: revenue}]}}
  - {name: so_far, label: f, type: cumulative, type_params: {measure: total}}
  - {name: four_times, label: g, type: derived, type_params: {expr: twice * 2, metrics: [{name: twice}]}}
"""
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n"
    "models: {shop: {+materialized: table}}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: \"{{ env_var('SHOP_DB') }}\"}}}\n",
    "seeds/raw_orders.csv": "id,customer_id,amount,method,ordered_on\n1,1,10,card,2024-01-01\n2,1,20,bank,2024-01-02\n",
    "macros/money.sql": MONEY,
    "models/stg_orders.sql": "{{ config(materialized='view') }}\n" + STAGING,
    "models/fct_orders.sql": "select * from {{ ref('stg_orders') }}\n",
    "models/days.sql": "select cast('2024-01-01' as date) as day\n",
    "models/wide.sql": "select order_id\n{% for n in range(17) %}\n, {{ money('amount') }} as amount_{{ n }}\n"
    "{% endfor %}\nfrom {{ ref('fct_orders') }}\n",
    "models/by_method.sql": "{% set methods = ['card', 'bank'] %}\nselect customer_id\n{% for m in methods %}\n"
    ", sum(case when method = '{{ m }}' then amount end) as {{ m }}_amount\n{% endfor %}\n"
    "from {{ ref('fct_orders') }} group by customer_id\n",
    "models/reader.sql": "select customer_id, bank_amount from {{ ref('by_method') }}\n",
    "models/customers.sql": "select distinct customer_id from {{ ref('fct_orders') }}\n",
    "models/loyal.sql": "select customer_id from {{ ref('customers') }}\n",
    "models/models.yml": YAML,
}
RENAMED = {
    name: text.replace("order_id", "id_of_order")
    for name, text in FILES.items()
    if name.startswith("models/")
}
VERSIONED = "  - name: customers\n    latest_version: 1\n    versions: [{v: 1}]\n"
# What each head has instead of the files of the base; None for a file that is gone.
HEADS: dict[str, dict[str, str | None]] = {
    "star": {"models/stg_orders.sql": RENAMED["models/stg_orders.sql"],
             "models/wide.sql": RENAMED["models/wide.sql"]},
    "types": {"macros/money.sql": MONEY.replace("decimal(18, 2)", "double")},
    "measure": {"models/models.yml": YAML.replace("agg: sum, expr: amount", "agg: sum, expr: amount * 2")},
    "ephemeral": {"models/stg_orders.sql": "{{ config(materialized='ephemeral') }}\n" + STAGING},
    "everywhere": {**RENAMED},
    "loop": {"models/by_method.sql": FILES["models/by_method.sql"].replace(", 'bank'", "")},
    "case": {"models/stg_orders.sql": FILES["models/stg_orders.sql"].replace(" amount,", " amount as Amount,")},
    "versions": {
        "models/customers.sql": None,
        "models/customers_v1.sql": FILES["models/customers.sql"],
        "models/models.yml": YAML.replace("models:\n", "models:\n" + VERSIONED, 1),
    },
}  # fmt: skip
BUILD = """
import os, sys
from pathlib import Path
from dbt.cli.main import dbtRunner
for name in sys.argv[1:]:
    folder = Path(name)
    os.environ["SHOP_DB"] = str(folder / "shop.duckdb")
    place = ["--project-dir", name, "--profiles-dir", name, "--target-path", str(folder / "target")]
    dbtRunner().invoke(["--quiet", "build", "--threads", "1", "--log-path", str(folder), *place])
"""


@dataclass(frozen=True)
class Built:
    """All versions of the project, as dbt left them."""

    home: Path

    def changes(self, head: str) -> Changes:
        sides = []
        for name in ("base", head):
            path = self.home / name / "target" / "manifest.json"
            sides.append(Side(load_project(path), read_code(path)))
        return changes_between(sides[0], sides[1])

    def failed(self, head: str) -> set[str]:
        results = json.loads((self.home / head / "target" / "run_results.json").read_text())
        return {one["unique_id"] for one in results["results"] if one["status"] == "error"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    home = tmp_path_factory.mktemp("versions")
    for head, changed in {"base": {}, **HEADS}.items():
        for name, text in {**FILES, **changed}.items():
            if text is not None:
                path = home / head / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    folders = [str(home / head) for head in ("base", *HEADS)]
    words = [sys.executable, "-c", BUILD, *folders]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert (home / "versions" / "target" / "run_results.json").exists(), done.stderr[-3000:]
    return Built(home)


def broken(changes: Changes) -> set[tuple[str, str]]:
    return {(one.unique_id, one.column) for one in changes.breaks}


def test_a_rename_through_a_star_that_dbt_does_not_see(built: Built) -> None:
    assert built.failed("star") == set()
    changes = built.changes("star")
    assert broken(changes) == {("semantic_model.shop.orders", "order_id")}
    assert set(changes.breaks[0].hits) >= {"metric.shop.revenue", "metric.shop.four_times"}


def test_a_macro_changes_the_types_of_seventeen_columns(built: Built) -> None:
    changes = built.changes("types")
    assert changes.rebuild == ("model.shop.wide",)
    wide = next(node for node in changes.nodes if node.unique_id == "model.shop.wide")
    assert [one.change for one in wide.columns] == ["type"] * 17
    assert broken(changes) == set()


def test_a_measure_moves_six_metrics(built: Built) -> None:
    changes = built.changes("measure")
    moved = {node.name for node in changes.nodes if node.kind == "metric"}
    assert moved == {"revenue", "revenue_again", "basket", "twice", "so_far", "four_times"}
    assert changes.rebuild == ()


def test_ephemeral_staging_loses_no_column(built: Built) -> None:
    changes = built.changes("ephemeral")
    assert broken(changes) == set()
    assert not any(column.change == "removed" for node in changes.nodes for column in node.columns)
    assert changes.rebuild == ()


def test_a_rename_followed_everywhere_breaks_nothing(built: Built) -> None:
    assert built.failed("everywhere") == set()
    changes = built.changes("everywhere")
    assert broken(changes) == set()
    assert "model.shop.reader" not in changes.rebuild


def test_a_column_that_only_a_loop_writes(built: Built) -> None:
    assert built.failed("loop") == {"model.shop.reader"}
    assert broken(built.changes("loop")) == {("model.shop.reader", "bank_amount")}


def test_another_case_is_another_name_for_nobody(built: Built) -> None:
    assert built.failed("case") == set()
    changes = built.changes("case")
    assert broken(changes) == set()
    kinds = {column.change for node in changes.nodes for column in node.columns}
    assert kinds == {"recased"}


def test_a_version_changes_the_id_and_nothing_else(built: Built) -> None:
    assert built.failed("versions") == set()
    changes = built.changes("versions")
    assert broken(changes) == set()
    kinds = {node.unique_id: node.change for node in changes.nodes}
    assert kinds["model.shop.customers.v1"] == "renamed"
    assert changes.rebuild == ("model.shop.customers.v1",)
