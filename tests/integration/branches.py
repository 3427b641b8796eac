"""A dozen pull requests: how each edits the project, and what a good review says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Edit = Callable[[Path], None]
MARTS = "analytics/models/marts"


@dataclass(frozen=True)
class Branch:
    """`builds` are the models that must be built, no others; None means every one, or nearly.

    A macro that customers' names go through reaches all that holds a customer: `least` says what
    is built among others, where those are too many to name.
    """

    name: str
    edit: Edit
    verdict: str
    builds: frozenset[str] | None = frozenset()
    says: tuple[str, ...] = ()
    least: frozenset[str] = frozenset()

    def is_built(self, built: frozenset[str]) -> bool:
        if self.least:
            return self.least <= built and len(built) < 40
        return len(built) > 70 if self.builds is None else built == self.builds


def replaced(*edits: tuple[str, str, str]) -> Edit:
    """Replace a text that stands once in a file; (file, text, new text)."""

    def edit(folder: Path) -> None:
        for name, old, new in edits:
            file = folder / name
            text = file.read_text()
            assert text.count(old) == 1, (name, old, text.count(old))
            file.write_text(text.replace(old, new))

    return edit


def renamed(old: str, new: str, folder_name: str) -> Edit:
    """Rename a model, its YAML, and every mention of it."""

    def edit(folder: Path) -> None:
        models = folder / MARTS / folder_name
        for suffix in (".sql", ".yml"):
            (models / f"{old}{suffix}").rename(models / f"{new}{suffix}")
        for file in [*folder.glob("analytics/**/*.yml"), *folder.glob("analytics/**/*.sql")]:
            if "dbt_packages" not in file.parts and old in (text := file.read_text()):
                file.write_text(text.replace(old, new))

    return edit


STORES, STORES_YML = f"{MARTS}/core/dim_store.sql", f"{MARTS}/core/dim_store.yml"
ORDERS, ORDERS_YML = f"{MARTS}/core/fct_orders.sql", f"{MARTS}/core/fct_orders.yml"
INVOICES, INVOICES_YML = f"{MARTS}/finance/fct_invoices.sql", f"{MARTS}/finance/fct_invoices.yml"
FAILED_COLUMN = """      - name: failed_payment_count
        data_type: bigint
        description: Attempts to pay that failed.
        constraints:
          - type: not_null
"""
ONLINE_COLUMN = """      - name: is_online
        data_type: boolean
        description: Whether it is the web shop.
"""

EDIT_STORE = replaced(
    (STORES, "        country_code,\n", "        lower(country_code) as country_code,\n")
)

READ_STORES = ("fct_order_attribution", "fct_channel_performance")

BRANCHES = [
    Branch(
        "cosmetic",
        replaced(
            (STORES, "with stores as (", "-- today's stores\nwith shops as ("),
            (STORES, "    from stores\n", "    from shops\n"),
        ),
        "safe",
    ),
    Branch(
        "docs-only",
        replaced((STORES_YML, "Name as shown to customers.", "The name that customers see.")),
        "safe",
    ),
    Branch(
        "column-added",
        replaced(
            (
                STORES,
                "        is_deleted,\n",
                "        is_deleted,\n        store_id <> 1 as has_address,\n",
            ),
            (
                STORES_YML,
                "      - name: is_deleted\n",
                "      - name: has_address\n        data_type: boolean\n"
                "        description: Whether it can be visited.\n      - name: is_deleted\n",
            ),
        ),
        "safe",
        frozenset({"dim_store"}),
        ("has_address",),
    ),
    Branch(
        "column-dropped",
        replaced(
            (
                INVOICES,
                "        coalesce(paid.failed_payment_count, 0) as failed_payment_count,\n",
                "",
            ),
            (INVOICES_YML, FAILED_COLUMN, ""),
            (
                INVOICES_YML,
                "reversed_amount: 0.00, failed_payment_count: 1,",
                "reversed_amount: 0.00,",
            ),
            (
                INVOICES_YML,
                "reversed_amount: 5.00, failed_payment_count: 0,",
                "reversed_amount: 5.00,",
            ),
            (
                INVOICES_YML,
                "reversed_amount: 0.00, failed_payment_count: 0,",
                "reversed_amount: 0.00,",
            ),
        ),
        "breaks",
        frozenset({"fct_invoices"}),
        ("failed_payment_count", "failed_payments"),
    ),
    Branch(
        "type-narrowed",
        replaced(
            (STORES, "        store_id,\n", "        cast(store_id as integer) as store_id,\n"),
            (STORES_YML, "data_type: bigint", "data_type: integer"),
        ),
        "look",
        frozenset({"dim_store", *READ_STORES}),
        ("store_id", "narrow"),
    ),
    Branch(
        "filter-changed",
        replaced(
            (
                f"{MARTS}/product/fct_funnel_daily.sql",
                "    from sessions\n",
                "    from sessions\n    where session_date >= cast('2025-01-01' as date)\n",
            ),
        ),
        "look",
        frozenset({"fct_funnel_daily"}),
        ("fct_funnel_daily",),
    ),
    Branch(
        "model-renamed",
        renamed("fct_funnel_daily", "fct_funnel_by_day", "product"),
        "look",
        # int_models_listed holds the names of all models
        frozenset(
            {"fct_funnel_by_day", "int_models_listed", "fct_sla_compliance", "fct_tier_health"}
        ),
        ("fct_funnel_daily", "fct_funnel_by_day"),
    ),
    Branch(
        "test-removed",
        replaced(
            (
                STORES_YML,
                "        data_tests:\n          - accepted_values:\n              arguments:\n"
                "                values: [Online, North, South, East, West]\n",
                "",
            )
        ),
        "look",
        says=("store_region", "accepted_values"),
    ),
    Branch(
        "macro-changed",
        replaced(
            (
                "analytics/macros/initial_capital.sql",
                "lower(substring({{ column_name }}, 2))",
                "lower(rtrim(substring({{ column_name }}, 2)))",
            )
        ),
        "look",
        says=("stg_crm__customers", "first_name"),
        least=frozenset({"int_customers_deduplicated", "dim_customer"}),
    ),
    Branch(
        "seed-changed",
        replaced(("analytics/seeds/team_countries.csv", "Orders GB,GB", "Orders GB,IE")),
        "look",
        frozenset({"team_countries", "dim_agent", "fct_support_quality"}),
        ("team_countries", "dim_agent"),
    ),
    Branch(
        "contract-broken",
        replaced(
            (
                STORES,
                "        is_deleted,\n",
                "        cast(is_deleted as integer) as is_deleted,\n",
            )
        ),
        "breaks",
        frozenset({"dim_store"}),
        ("dim_store", "contract"),
    ),
    Branch(
        "linter-bumped",
        replaced(("requirements.lock", "\nruff==", "\nruff==9.")),
        "safe",
    ),
    Branch(
        "engine-bumped",
        replaced(("requirements.lock", "\nduckdb==", "\nduckdb==9.")),
        "safe",
        None,
    ),
]
