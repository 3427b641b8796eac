"""The project on PostgreSQL: from nothing, then two days later, and equal to DuckDB after each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest

from tests.engines import macro_cases
from tests.engines.comparing import Table, differences, tables
from tests.engines.conftest import OnEngine, Reference, on_engine
from tests.engines.servers import Postgres, postgres

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Rows:
    """Postgres' rows, as `comparing` asks for them: as CSV, which DuckDB reads."""

    server: Postgres
    folder: Path

    def columns(self, table: Table) -> list[str]:
        session = self.server.connect()
        cursor = session.cursor()
        cursor.execute(f"select * from {table} limit 0")
        names = [column.name for column in cursor.description]
        session.close()
        return names

    def rows(self, table: Table, types: dict[str, str]) -> str:
        file = self.folder / f"{table}.csv"
        session = self.server.connect()
        with file.open("wb") as written:
            session.cursor().copy_expert(
                f"copy (select * from {table}) to stdout (format csv, force_quote *)", written
            )
        session.close()
        return f"read_csv('{file}', header = false, columns = {types}, allow_quoted_nulls = false)"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as started:
        yield started


@pytest.fixture(scope="module")
def rows(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return Rows(server, tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="module")
def first(
    server: Postgres, reference: Reference, tmp_path_factory: pytest.TempPathFactory
) -> OnEngine:
    """Loaded and built from nothing."""
    home = tmp_path_factory.mktemp("on_postgres") / "home"
    made = on_engine(home, reference.first.landed, "postgres", **server.settings)
    made.load()
    made.dbt("build")
    return made


def test_every_node_ends_as_on_duckdb(first: OnEngine, reference: Reference) -> None:
    assert first.outcomes() == reference.first.outcomes()


def test_every_table_equals_duckdbs(first: OnEngine, reference: Reference, rows: Rows) -> None:
    compared = tables(first.manifest())
    assert len(compared) > 80
    assert differences(reference.first.database, rows, compared) == []


def test_macros_answer_as_on_duckdb(first: OnEngine, server: Postgres) -> None:
    compiled = first.apart().dbt("--quiet", "compile", "--inline", macro_cases.inline())
    session = server.connect()
    cursor = session.cursor()
    found = {}
    for case, query in macro_cases.queries(compiled).items():
        cursor.execute(query)
        found[case] = [macro_cases.plain(value) for (value,) in cursor.fetchall()]
    session.close()
    assert found == {case: expected for case, (_, expected) in macro_cases.CASES.items()}


@pytest.mark.usefixtures("first")
def test_keys_and_watermarks_are_indexed(server: Postgres) -> None:
    """What `incremental_by_key` and `make load` choose for Postgres."""
    session = server.connect()
    cursor = session.cursor()
    cursor.execute(
        "select indexdef from pg_indexes where schemaname || '.' || tablename"
        " in ('dev_finance.fct_invoices', 'raw_web.events')"
    )
    found = {definition.split(" USING ")[1] for (definition,) in cursor.fetchall()}
    session.close()
    assert found == {
        "btree (invoice_id)",
        "btree (loaded_at)",
        "btree (payment_loaded_at)",
        "btree (refund_loaded_at)",
        "brin (_airbyte_extracted_at)",
    }


def test_freshness_is_asked_of_the_raw_tables(first: OnEngine) -> None:
    """The test data is old by design: freshness must say so, and say nothing worse."""
    done = first.run("dbt", "source", "freshness")
    assert done.stdout.count("ERROR STALE freshness of") == 8
    assert "Runtime Error" not in done.stdout


def test_metrics_answer_as_on_duckdb(first: OnEngine, reference: Reference) -> None:
    words = ["query", "--quiet", "--metrics", "revenue,average_order_value", "--decimals", "2"]
    words += ["--group-by", "metric_time__month", "--order", "metric_time__month"]
    said = [made.run("mf", *words).stdout for made in (first, reference.first)]
    assert said[0] == said[1]
    assert said[0].count("T00:00:00") > 20


def test_what_is_loaded_is_not_loaded_again(first: OnEngine, server: Postgres) -> None:
    before = _raw_rows(server)
    assert " 0 rows of 0 new files" in first.load()
    assert _raw_rows(server) == before


@pytest.fixture(scope="module")
def later(first: OnEngine, reference: Reference) -> OnEngine:
    """Two days on: new orders, late changes of old ones, cancellations; only new files are read."""
    grown = replace(first, landed=reference.later.landed)
    grown.load()
    grown.dbt("build")
    return grown


def test_days_later_every_node_ends_as_on_duckdb(later: OnEngine, reference: Reference) -> None:
    assert later.outcomes() == reference.later.outcomes()


def test_days_later_every_table_equals_duckdbs(
    later: OnEngine, reference: Reference, rows: Rows
) -> None:
    assert differences(reference.later.database, rows, tables(later.manifest())) == []


@pytest.mark.usefixtures("later")
def test_one_cent_would_be_noticed(reference: Reference, rows: Rows) -> None:
    orders = Table("dev_core", "fct_orders")
    one = "where order_id = (select min(order_id) from dev_core.fct_orders)"
    for change in ("+", "-"):
        with rows.server.connect() as session:
            session.cursor().execute(
                f"update {orders} set net_amount = net_amount {change} 0.01 {one}"
            )
        found = differences(reference.later.database, rows, [orders])
        assert bool(found) is (change == "+")
        assert not found or "unlike in net_amount" in found[0]


def test_a_file_with_other_contents_replaces_the_table(later: OnEngine, server: Postgres) -> None:
    """A landing made anew under the same names; the other tables stay as they are."""
    file = sorted((later.landed / "orders" / "stores").glob("*.parquet"))[0]
    whole = file.read_bytes()
    before = _raw_rows(server)
    try:
        _rewrite(file, "select * from landed where store_id <> 1")
        assert "has changed" in later.load()
        after = _raw_rows(server)
    finally:
        file.write_bytes(whole)
    assert {name for name in after if after[name] != before[name]} == {"raw_orders.stores"}
    assert "has changed" in later.load()
    assert _raw_rows(server) == before


def test_a_new_column_is_added_and_a_missing_one_refused(later: OnEngine, server: Postgres) -> None:
    """As on DuckDB: what is new waits to be described, what is gone stops the run."""
    folder = later.landed / "orders" / "stores"
    known = sorted(folder.glob("*.parquet"))[0]
    new = folder / "part_9999-12-31.parquet"
    new.write_bytes(known.read_bytes())
    try:
        _rewrite(new, "select * exclude (region) from landed limit 1")
        with pytest.raises(AssertionError, match=r"error: orders\.stores: .* no column region"):
            later.load()
        _rewrite(new, "select *, '' as motto, [1, null] as list from (from landed limit 1)", known)
        later.load()
        session = server.connect()
        cursor = session.cursor()
        cursor.execute("select motto, list::text from raw_orders.stores where motto is not null")
        assert cursor.fetchall() == [("", "[1, null]")]
        session.close()
    finally:
        new.unlink()


def _rewrite(file: Path, query: str, source: Path | None = None) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table landed as from read_parquet('{source or file}')")
        connection.execute(f"copy ({query}) to '{file}' (format parquet)")


def _raw_rows(server: Postgres) -> dict[str, int]:
    session = server.connect()
    cursor = session.cursor()
    cursor.execute(
        "select schemaname || '.' || relname from pg_stat_user_tables"
        " where schemaname like 'raw%' and relname not like E'\\\\_%' order by 1"
    )
    counts = {}
    for (name,) in cursor.fetchall():
        cursor.execute(f"select count(*) from {name}")
        counts[name] = cursor.fetchone()[0]
    session.close()
    return counts
