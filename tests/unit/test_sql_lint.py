"""sqlfluff, as `make lint` runs it: it needs no dbt, and finds what breaks the house style."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlfluff.core import FluffConfig, Linter

from tests.conftest import ROOT

HERE = "analytics/models/marts/core/fct_made_up.sql"

GOOD = """\
{{ config(materialized='incremental', unique_key='order_id') }}

with orders as (

    select * from {{ ref('fct_orders') }}
    {% if is_incremental() %}
    where {{ get_incremental_filter('loaded_at') }}
    {% endif %}

),

final as (

    select
        -- ids
        order_id,

        -- numbers
        {{ cents_to_dollars('net_cents') }} as net_amount,

        -- timestamps
        cast(ordered_at as {{ dbt.type_timestamp() }}) as ordered_at
    from orders

)

select * from final
"""


def lint(sql: str) -> set[str]:
    config = FluffConfig.from_path(str(ROOT / "analytics" / "models"))
    found = Linter(config=config).lint_string(sql, fname=str(ROOT / HERE))
    return {violation.rule_code() for violation in found.get_violations()}


def test_good_sql_passes() -> None:
    assert lint(GOOD) == set()


@pytest.mark.parametrize(
    ("was", "becomes", "rule"),
    [
        ("    from orders\n", "    FROM orders\n", "CP01"),
        ("order_id,", "Order_Id,", "CP02"),
        (
            ",\n\n        -- timestamps\n        cast",
            "\n\n        -- timestamps\n        , cast",
            "LT04",
        ),
        ("        order_id,\n\n", "      order_id,\n\n", "LT02"),
        (" as net_amount", " net_amount", "AL02"),
        ("    from orders\n", "    from orders as o\n", "AL06"),
        ("    from orders\n", "    from orders join orders as others using (order_id)\n", "AM05"),
        ("cast(ordered_at as {{ dbt.type_timestamp() }})", "ordered_at::timestamp", "CV11"),
        ("        order_id,\n", "        order_id, " + "x" * 120 + ",\n", "LT05"),
        ("    from orders\n", "    from orders\n    where order_id != 1\n", "CV01"),
        ("select * from final", "select * from (final", "PRS"),
        ("dbt.type_timestamp()", "dbt.type_timestamp(", "TMP"),
        ("dbt.type_timestamp()", "dbt.unheard_of()", "TMP"),
    ],
)
def test_bad_sql_is_found(was: str, becomes: str, rule: str) -> None:
    bad = GOOD.replace(was, becomes)
    assert bad != GOOD
    assert rule in lint(bad)


@pytest.mark.parametrize(("sql", "exit_code"), [(GOOD, 0), (GOOD.replace("from", "FROM"), 1)])
def test_the_command_says_so_by_its_exit_code(sql: str, exit_code: int) -> None:
    command = Path(sys.executable).with_name("sqlfluff")
    done = subprocess.run(
        [str(command), "lint", "--disable-progress-bar", "--stdin-filename", HERE, "-"],
        cwd=ROOT, input=sql, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == exit_code, done.stdout
