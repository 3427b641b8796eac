"""The sample data is deterministic, scales, is dirty on purpose, and never harms a folder."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from analytics_tools.cli.sample_data import command
from analytics_tools.errors import UsageError
from analytics_tools.sample_data import LandingOptions, append, land

AS_OF = date(2026, 3, 1)
# Every raw table: what identifies a row, and when it was delivered.
TABLES = {
    "ads/daily_spend": ("(spend_date, lower(trim(channel)), campaign)", "_airbyte_extracted_at"),
    "billing/invoices": ("invoice_id", "_airbyte_extracted_at"),
    "billing/payments": ("payment_id", "_airbyte_extracted_at"),
    "billing/plans": ("plan_id", "_airbyte_extracted_at"),
    "billing/refunds": ("refund_id", "_airbyte_extracted_at"),
    "billing/subscription_changes": ("change_id", "_airbyte_extracted_at"),
    "crm/accounts": ("account_id", "_fivetran_synced"),
    "crm/customers": ("customer_id", "_fivetran_synced"),
    "crm/deletion_requests": ("request_id", "_fivetran_synced"),
    "maestroqa/groups": ("group_id", "_fivetran_synced"),
    "maestroqa/total_scores": ("conversation_id", "_fivetran_synced"),
    "orders/order_items": ("order_item_id", "_airbyte_extracted_at"),
    "orders/orders": ("order_id", "_airbyte_extracted_at"),
    "orders/product_categories": ("(product_id, trim(category))", "_airbyte_extracted_at"),
    "orders/products": ("product_id", "_airbyte_extracted_at"),
    "orders/stores": ("store_id", "_airbyte_extracted_at"),
    "web/events": ("event_id", "_airbyte_extracted_at"),
}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def rows(folder: Path, table: str, sql: str = "select * from rows") -> list[tuple]:
    return (
        duckdb.connect()
        .sql(f"with rows as (select * from '{folder}/{table}/*.parquet') {sql}")
        .fetchall()
    )


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing") / "raw"
    land(folder, LandingOptions(AS_OF, scale=20_000))
    return folder


def test_same_options_give_the_same_bytes(landing: Path, tmp_path: Path) -> None:
    land(tmp_path / "raw", LandingOptions(AS_OF, scale=20_000))
    append(landing.parent / "raw", AS_OF)  # nothing newer: writes nothing
    assert digests(tmp_path / "raw") == digests(landing)


@pytest.mark.parametrize(
    "other",
    [
        LandingOptions(AS_OF, scale=20_000, seed=43),
        LandingOptions(AS_OF, scale=21_000),
        LandingOptions(AS_OF + timedelta(days=1), scale=20_000),
    ],
)
def test_other_options_give_other_data(
    landing: Path, tmp_path: Path, other: LandingOptions
) -> None:
    land(tmp_path / "raw", other)
    here, there = rows(tmp_path / "raw", "orders/orders"), rows(landing, "orders/orders")
    assert sorted(map(repr, here)) != sorted(map(repr, there))


@pytest.mark.parametrize("scale", [1_000, 50_000])
def test_scale_counts_order_lines(tmp_path: Path, scale: int) -> None:
    land(tmp_path / "raw", LandingOptions(AS_OF, scale=scale))
    ((lines,),) = rows(
        tmp_path / "raw", "orders/order_items", "select count(distinct order_item_id) from rows"
    )
    assert 0.98 * scale <= lines <= 1.02 * scale


def test_an_append_adds_one_night_and_leaves_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    land(folder, LandingOptions(AS_OF, scale=20_000))
    before = digests(folder)
    grown = append(folder)
    after = digests(folder)
    assert grown.landed_through == "2026-03-02"
    assert {name: after[name] for name in before if name != "_landing.json"} == {
        name: digest for name, digest in before.items() if name != "_landing.json"
    }
    for table, (_, loaded_at) in TABLES.items():
        new = folder / table / "part_2026-03-02.parquet"
        if new.exists():
            found = (
                duckdb.connect()
                .sql(f"select distinct {loaded_at}::varchar from '{new}'")
                .fetchall()
            )
            assert found == [("2026-03-02 02:15:00",)]
    assert (folder / "orders/orders/part_2026-03-02.parquet").exists()


def test_two_nights_at_once_are_the_same_as_one_by_one(tmp_path: Path) -> None:
    for name in ("once", "twice"):
        land(tmp_path / name, LandingOptions(AS_OF, scale=20_000))
    append(tmp_path / "once", AS_OF + timedelta(days=2))
    append(tmp_path / "twice")
    append(tmp_path / "twice")
    for table in TABLES:
        once, twice = rows(tmp_path / "once", table), rows(tmp_path / "twice", table)
        assert sorted(map(repr, once)) == sorted(map(repr, twice)), table


@pytest.mark.parametrize(
    ("table", "dirt"),
    [
        ("crm/customers", "_fivetran_deleted"),
        ("crm/customers", "email not like '%_@_%._%' or email like '%@@%'"),
        ("crm/customers", "first_name <> trim(first_name) or email <> lower(email)"),
        ("crm/customers", "customer_id is null"),
        ("orders/orders", "lower(trim(status)) = 'cancelled'"),
        ("orders/orders", "status = 'PENDING_REVIEW' or ordered_at is null or subtotal_cents < 0"),
        (
            "orders/orders",
            "_airbyte_extracted_at > updated_at + interval 40 hours and ordered_at > '2026-02-01'",
        ),
        ("orders/orders", "updated_at > ordered_at + interval 30 days"),
        ("orders/order_items", "_ab_cdc_deleted_at is not null"),
        ("orders/order_items", "product_id is null or quantity <= 0"),
        ("billing/invoices", "invoice_type not in ('order', 'subscription')"),
        ("billing/payments", "invoice_id is null"),
        ("billing/subscription_changes", "subscription_id is null"),
        ("ads/daily_spend", "spend_cents < 0 or clicks < 0"),
        ("maestroqa/total_scores", "total_score > max_score"),
        ("web/events", "anonymous_id is null"),
        (
            "web/events",
            "_airbyte_extracted_at > occurred_at + interval 3 days and occurred_at > '2026-02-01'",
        ),
    ],
)
def test_the_dirt_is_there_and_rare(landing: Path, table: str, dirt: str) -> None:
    ((dirty, all_rows),) = rows(
        landing, table, f"select count(*) filter ({dirt}), count(*) from rows"
    )
    assert 0 < dirty < 0.3 * all_rows


DOUBLED = (
    "billing/invoices",
    "billing/payments",
    "billing/subscription_changes",
    "crm/customers",
    "maestroqa/total_scores",
    "orders/order_items",
    "orders/orders",
    "web/events",
)


@pytest.mark.parametrize("table", DOUBLED)
def test_some_rows_are_delivered_twice(landing: Path, table: str) -> None:
    """The same version, not a newer one: all but the time of delivery may be alike."""
    _, loaded_at = TABLES[table]
    doubles = rows(
        landing,
        table,
        f"select * exclude ({loaded_at}) from rows group by all having count(*) > 1",
    )
    assert doubles


def test_every_table_that_is_landed_is_tested_here(landing: Path) -> None:
    landed = {str(path.parent.relative_to(landing)) for path in landing.rglob("*.parquet")}
    assert landed == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_its_key_and_its_time(landing: Path, table: str) -> None:
    """Rows are there, nearly all with a key, each delivered by the night it was landed."""
    key, loaded_at = TABLES[table]
    ((all_rows, keyed, undelivered, newest),) = rows(
        landing,
        table,
        f"select count(*), count({key}), count(*) filter ({loaded_at} is null), "
        f"max({loaded_at})::varchar from rows",
    )
    assert all_rows > 0
    assert all_rows - keyed <= 0.01 * all_rows
    assert undelivered == 0
    assert newest <= f"{AS_OF} 23:59:59"


def test_some_versions_arrive_after_a_newer_one(landing: Path) -> None:
    overtaken = rows(
        landing,
        "orders/orders",
        "select 1 from rows as old join rows as new using (order_id) "
        "where old.updated_at < new.updated_at and old._airbyte_extracted_at > new._airbyte_extracted_at",
    )
    assert overtaken


def test_a_total_is_the_sum_of_its_lines(landing: Path) -> None:
    """Of the newest versions, where neither header nor line breaks the contract."""
    ((orders, equal),) = (
        duckdb.connect()
        .sql(
            f"""
        with orders as (
            select * from '{landing}/orders/orders/*.parquet'
            qualify row_number() over (partition by order_id order by updated_at desc) = 1
        ),
        items as (
            select * from '{landing}/orders/order_items/*.parquet'
            qualify row_number() over (partition by order_item_id order by updated_at desc) = 1
        ),
        lines as (
            select order_id, sum(quantity * unit_price_cents - discount_cents + tax_cents) as cents
            from items
            where product_id is not null and quantity > 0 and _ab_cdc_deleted_at is null
            group by all
        )
        select count(*), count(*) filter (lines.cents = orders.total_cents)
        from orders inner join lines using (order_id)
        where orders.subtotal_cents >= 0
        """
        )
        .fetchall()
    )
    assert orders > 7_000
    assert equal == orders


def test_a_second_landing_writes_nothing(tmp_path: Path) -> None:
    options = LandingOptions(AS_OF, scale=1_000)
    assert land(tmp_path / "raw", options).written
    assert not land(tmp_path / "raw", options).written


def test_other_options_need_a_word(tmp_path: Path) -> None:
    land(tmp_path / "raw", LandingOptions(AS_OF, scale=1_000))
    with pytest.raises(UsageError, match="--replace"):
        land(tmp_path / "raw", LandingOptions(AS_OF, scale=2_000))
    land(tmp_path / "raw", LandingOptions(AS_OF, scale=2_000), replace=True)


def test_a_folder_that_is_no_landing_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "raw" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    for replace in (False, True):
        with pytest.raises(UsageError, match="not empty"):
            land(tmp_path / "raw", LandingOptions(AS_OF, scale=1_000), replace=replace)
    assert precious.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_a_failed_run_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError("disk full")

    monkeypatch.setattr("analytics_tools.sample_data.landing._copy", fail)
    with pytest.raises(RuntimeError):
        land(tmp_path / "raw", LandingOptions(AS_OF, scale=1_000))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scale", "999"], "out of bounds"),
        (["--scale", "100000001"], "out of bounds"),
        (["--append"], "no landing"),
    ],
)
def test_wrong_words_say_what_is_wrong(tmp_path: Path, words: list[str], said: str) -> None:
    result = CliRunner().invoke(command, ["--out", str(tmp_path / "raw"), *words])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_json_names_what_was_written(tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "raw"), "--scale", "1000", "--as-of", "2026-03-01", "--json"]
    document = json.loads(CliRunner().invoke(command, words).output)
    assert document["schema_version"] == 1
    assert document["landed_through"] == "2026-03-01"
    assert {name.replace("/", ".") for name in TABLES} == {t["name"] for t in document["written"]}


def test_half_the_lines_in_half_the_days_are_the_same_business(tmp_path: Path) -> None:
    nights = []
    for scale, history_days in ((20_000, 730), (10_000, 365)):
        folder = tmp_path / str(scale)
        options = LandingOptions(
            AS_OF, scale, tables=("orders.order_items",), history_days=history_days
        )
        land(folder, options)
        assert land(folder, options).written == (), "it is there already"
        landed = append(folder, AS_OF + timedelta(days=10))
        assert landed.history_days == history_days
        nights.append(landed.written[0].rows)
    assert nights[0] == pytest.approx(nights[1], rel=0.05)
