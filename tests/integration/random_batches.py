"""Random deliveries on top of a landing: late, changed, deleted, duplicated, conflicting, new and broken rows.

A batch is a file a table, made by SQL from the rows already there. Which rows are touched, and how, is a hash
of seed, batch and row, so a failing seed can be run again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Table:
    """One raw table: its key, what may change in it, and what breaks its contract."""

    path: str
    key: str
    updated_at: str
    changes: dict[str, str]
    breaks: dict[str, str]
    deletes: dict[str, str] = field(default_factory=dict)
    new_key: str = "{key} + 500000000 + {batch} * 10000000"


TABLES = [
    Table(
        "orders/orders",
        key="order_id",
        updated_at="updated_at",
        changes={
            "status": "(['placed', 'shipped', 'completed', 'returned', 'cancelled'])[1 + {dice} % 5]",
            "customer_id": "customer_id + {dice} % 3",
        },
        breaks={"status": "'lost'"},
        deletes={"_ab_cdc_deleted_at": "updated_at"},
    ),
    Table(
        "orders/order_items",
        key="order_item_id",
        updated_at="updated_at",
        changes={"quantity": "1 + {dice} % 4", "discount_cents": "{dice} % 50"},
        breaks={"product_id": "null"},
        deletes={"_ab_cdc_deleted_at": "updated_at"},
    ),
    Table(
        "billing/invoices",
        key="invoice_id",
        updated_at="updated_at",
        changes={
            "status": "(['open', 'paid', 'void'])[1 + {dice} % 3]",
            "amount_cents": "amount_cents + {dice} % 7",
        },
        breaks={"invoice_type": "'gift'"},
    ),
    Table(
        "billing/payments",
        key="payment_id",
        updated_at="paid_at",
        changes={
            "status": "(['succeeded', 'failed'])[1 + {dice} % 2]",
            "invoice_id": "invoice_id + {dice} % 2",
        },
        breaks={"invoice_id": "null"},
    ),
    Table(
        "billing/refunds",
        key="refund_id",
        updated_at="refunded_at",
        changes={
            "amount_cents": "amount_cents + {dice} % 5",
            "payment_id": "payment_id + {dice} % 2",
        },
        breaks={"reason": "'whim'"},
    ),
    Table(
        "web/events",
        key="event_id",
        updated_at="received_at",
        changes={"user_id": "1 + {dice} % 40"},
        breaks={"anonymous_id": "null"},
        # new events fall anywhere in the past, so that they join and split sessions
        new_key="md5({key} || '{batch}')",
    ),
]
KINDS = ("changed", "late", "again", "conflict", "deleted", "new", "broken")
TOUCHED_PER_THOUSAND = 8


def land_batches(raw: Path, seed: int, batches: range, first_run: datetime) -> None:
    """Write one file a table for each batch; the n-th is delivered n nights after `first_run`."""
    dice = random.Random(seed)
    for batch in batches:
        # now and then a file lands late: within the look-back of three days
        late_by = timedelta(days=dice.choice((0, 0, 0, 2)))
        delivered_at = first_run + timedelta(days=batch) - late_by
        for table in TABLES:
            _land(raw, table, f"{seed}-{batch}", batch, delivered_at)


def _land(raw: Path, table: Table, salt: str, batch: int, delivered_at: datetime) -> None:
    folder = raw / table.path
    loaded_at = "_airbyte_extracted_at"
    selects = []
    for kind in KINDS:
        values = _values(table, kind, salt, batch) | {loaded_at: f"timestamp '{delivered_at}'"}
        replaced = ", ".join(f"{value} as {name}" for name, value in values.items())
        selects.append(
            f"select * replace ({replaced}) from rows "
            f"where hash({table.key}, '{salt}-{kind}') % 1000 < {TOUCHED_PER_THOUSAND}"
        )
    duckdb.connect().execute(
        f"copy (with rows as (select * from '{folder}/*.parquet') {' union all '.join(selects)}) "
        f"to '{folder}/part_random_{batch:02}.parquet' (format parquet)"
    )


def _values(table: Table, kind: str, salt: str, batch: int) -> dict[str, str]:
    """Column to expression: what a row of this kind has that the row it comes from had not."""
    dice = f"(hash({table.key}, '{salt}-value-{kind}') % 1009)::bigint"
    hours = f"to_hours(1 + {dice} % 400)"
    changes = {name: value.format(dice=dice) for name, value in table.changes.items()}
    match kind:
        case "changed":
            return {**changes, table.updated_at: f"{table.updated_at} + {hours}"}
        case "late":
            return {**changes, table.updated_at: f"{table.updated_at} - {hours}"}
        case "conflict":
            return changes
        case "deleted":
            later = f"{table.updated_at} + {hours}"
            return {table.updated_at: later, **dict.fromkeys(table.deletes, later)}
        case "new":
            key = table.new_key.format(key=table.key, batch=batch)
            moved = {"occurred_at": f"occurred_at + to_minutes({dice} % 60)"}
            return {table.key: key, **(moved if table.path == "web/events" else {})}
        case "broken":
            return dict(table.breaks)
        case _:
            return {}
