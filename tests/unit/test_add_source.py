"""`add source`, without dbt: what it sees in the rows, and what it makes of it."""

from __future__ import annotations

import difflib
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import Result

from tests.conftest import ROOT
from tests.unit.add_files import land, promised, staged, written
from tests.unit.project_files import ProjectFiles

Run = Callable[..., Result]


def test_a_source_is_declared_and_staged(place: Path, run: Run) -> None:
    path = land(place, "select i as id, i % 7 as store_id from range(1000) as t(i)")
    done = run("add", "source", "shop.orders", "--from", path)
    assert done.exit_code == 0, done.output
    assert written(place) == {
        "models/staging/shop/_shop__sources.yml",
        "models/staging/shop/stg_shop__orders.sql",
        "models/staging/shop/stg_shop__orders.yml",
    }
    sql = (place / "models/staging/shop/stg_shop__orders.sql").read_text()
    assert "cast(id as {{ dbt.type_bigint() }}) as order_id," in sql
    assert sql.endswith("select * from final\n")
    assert promised(place, "order_id") == ["unique", "not_null"]
    assert promised(place, "store_id") == ["not_null"]
    said = "dbt build --select stg_shop__orders && dbt docs generate"
    assert done.output.endswith(f"  next     {said}\n")


@pytest.mark.parametrize(
    ("rows", "sure"), [(999, "a guess"), (1_000, "likely"), (9_999, "likely"), (10_000, "sure")]
)
def test_it_says_how_sure_it_is(place: Path, ask: Callable[..., Any], rows: int, sure: str) -> None:
    path = land(place, f"select i as order_id from range({rows}) as t(i)")
    document = ask("add", "source", "shop.orders", "--from", path)
    (unique,) = (p for p in document["proposals"] if p["test"] == "unique")
    assert unique["seen"] == f"unique in all {rows:,} rows of one file"
    assert unique["sureness"] == sure
    guess = {"unique": {"config": {"severity": "warn"}}}
    assert promised(place, "order_id")[0] == (guess if sure == "a guess" else "unique")


def test_of_more_rows_it_says_that_it_saw_the_first(place: Path, run: Run) -> None:
    for part in ("a", "b"):
        land(place, "select i as order_id from range(80) as t(i)", f"raw/orders/{part}.parquet")
    done = run("add", "source", "shop.orders", "--from", "raw/orders", "--rows", "100")
    assert "the first 100 rows of 2 files" in done.output
    # As many rows as the limit are all of them.
    done = run("add", "source", "shop.orders", "--from", "raw/orders", "--rows", "160", "--dry-run")
    assert done.exit_code == 2
    done = run("add", "source", "two.orders", "--from", "raw/orders", "--rows", "160")
    assert "all 160 rows of 2 files" in done.output


def test_a_key_that_repeats_is_no_key(place: Path, run: Run) -> None:
    path = land(
        place,
        "select i % 500 as order_id, timestamp '2026-01-01' + interval (i) hour as updated_at "
        "from range(2000) as t(i)",
    )
    done = run("add", "source", "shop.orders", "--from", path)
    assert "repeats 1,500 times in all 2,000 rows" in done.output
    assert "together with updated_at unique" in done.output
    assert promised(place, "order_id") == ["not_null"]
    assert (
        staged(place)["models"][0]["config"]["meta"]["grain"] == "one delivered version of an order"
    )


def test_few_values_are_accepted_clean(place: Path, run: Run) -> None:
    path = land(
        place,
        "select i as order_id, ['Shipped', ' shipped', 'PLACED', ''][1 + i % 4] as status, "
        "['a', 'b'][1 + i % 2] || i as note, ['x''y', 'z'][1 + i % 2] as odd from range(2000) t(i)",
    )
    done = run("add", "source", "shop.orders", "--from", path)
    sql = (place / "models/staging/shop/stg_shop__orders.sql").read_text()
    assert "nullif(lower(trim(status)), '') as order_status" in sql
    assert promised(place, "order_status") == [
        {"accepted_values": {"arguments": {"values": ["placed", "shipped"]}}}
    ]
    assert promised(place, "note") == []
    assert promised(place, "odd") == []
    assert "with letters that a test can't safely hold" in done.output


def test_personal_data_is_marked_and_not_quoted(place: Path, run: Run) -> None:
    path = land(
        place,
        "select i as id, 'Ada' as first_name, 'ada' || i % 2 || '@example.com' as contact "
        "from range(3000) as t(i)",
    )
    done = run("add", "source", "shop.orders", "--from", path)
    assert "3,000 of 3,000 look like e-mail addresses" in done.output
    for file in (place / "models").rglob("*.*"):
        assert "Ada" not in file.read_text()
        assert "example.com" not in file.read_text()
    source = yaml.safe_load((place / "models/staging/shop/_shop__sources.yml").read_text())
    marked = {c["name"] for c in source["sources"][0]["tables"][0]["columns"] if "config" in c}
    assert marked == {"first_name", "contact"}


def deliveries(place: Path, days: int, each: int) -> str:
    """Rows of so many weekly deliveries."""
    return land(
        place,
        f"select i as id, timestamp '2026-01-01' + interval (7 * (i % {days})) day as _loaded_at "
        f"from range({days * each}) as t(i)",
    )


@pytest.mark.parametrize(
    ("days", "each", "limits", "seen"),
    [
        (5, 20, {"warn_after": {"count": 11, "period": "day"}}, "warns after 11 days (a guess)"),
        (9, 200, {"warn_after": {"count": 11, "period": "day"}}, "warns after 11 days (a guess)"),
        (2, 999, {"warn_after": {"count": 36, "period": "hour"}}, "warns after 36 hours (a guess)"),
        (
            10,
            200,
            {
                "warn_after": {"count": 11, "period": "day"},
                "error_after": {"count": 21, "period": "day"},
            },
            "warns after 11 days, fails after 21 days (likely)",
        ),
    ],
)
def test_freshness_follows_the_days_between_deliveries(
    place: Path, run: Run, days: int, each: int, limits: Any, seen: str
) -> None:
    done = run("add", "source", "shop.orders", "--from", deliveries(place, days, each))
    source = yaml.safe_load((place / "models/staging/shop/_shop__sources.yml").read_text())
    config = source["sources"][0]["config"]
    assert config["loaded_at_field"] == "_loaded_at"
    assert config["freshness"] == limits
    (line,) = (line for line in done.output.splitlines() if "newest row" in line)
    newest = date(2026, 1, 1) + timedelta(days=7 * (days - 1))
    assert line.startswith(f"  loaded_at  freshness         newest row of {newest}, delivered on")
    assert line.endswith(seen)


def test_freshness_that_is_inherited_is_not_said_again(place: Path, run: Run) -> None:
    first = run("add", "source", "shop.orders", "--from", deliveries(place, 5, 20))
    assert "freshness" in first.output
    second = run("add", "source", "shop.more", "--from", "raw/orders.parquet")
    assert second.exit_code == 0, second.output
    assert "freshness" not in second.output


def test_it_says_of_which_columns_nothing_is_tested(place: Path, run: Run) -> None:
    path = land(
        place,
        "select i as id, case when i % 9 > 0 then i end as amount, i as seconds, i % 2 = 0 as won, "
        "case when i % 9 > 0 then i end as store_id, 'a' || i as words from range(300) as t(i)",
    )
    done = run("add", "source", "shop.orders", "--from", path)
    assert "  note     no not_null where rows are empty: store_id, amount\n" in done.output
    said = "no not_null, always filled in too few rows (300 rows) to say so: seconds, is_won"
    assert f"  note     {said}\n" in done.output


def test_a_second_table_joins_its_source(place: Path, run: Run) -> None:
    land(place, "select 1 as id", "raw/shop/orders/1.parquet")
    land(place, "select 1 as id, 'x' as name", "raw/shop/stores/1.parquet")
    assert run("add", "source", "shop.orders", "--from", "raw/shop/orders").exit_code == 0
    path = place / "models/staging/shop/_shop__sources.yml"
    before = path.read_text() + "# a comment of mine\n"
    path.write_text(before)
    # Where the files are is known by now.
    assert run("add", "source", "shop.stores").exit_code == 0
    after = path.read_text()
    assert [t["name"] for t in yaml.safe_load(after)["sources"][0]["tables"]] == [
        "orders",
        "stores",
    ]
    assert "external_location" not in str(yaml.safe_load(after)["sources"][0]["tables"])
    lost = [
        line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] == "-"
    ]
    assert lost == []


def test_of_a_warehouse_the_catalog_is_read(
    place: Path, files: ProjectFiles, ask: Callable[..., Any]
) -> None:
    files.manifest["metadata"].update(adapter_type="snowflake", dbt_version="1.9.2")
    uid = files.source("erp", "ORDERS", [])
    files.model("stg_erp__items", files.source("erp", "ITEMS", []), folder="staging/erp")
    files.built(
        uid, ID="NUMBER", AMOUNT="NUMBER(18,2)", Odd="TEXT", PAID_AT="TIMESTAMP_NTZ", DATA="VARIANT"
    )
    files.write(place / "target")
    sources = place / "models/staging/erp/_sources.yml"
    sources.parent.mkdir(parents=True)
    declared = "sources:\n  - name: erp\n    tables:\n      - name: ORDERS\n"
    sources.write_text(declared)
    document = ask("add", "source", "erp.ORDERS")
    assert [p["test"] for p in document["proposals"]] == ["unique", "not_null"]
    assert document["proposals"][0]["seen"] == "the key by its name, no rows seen"
    assert sources.read_text() == declared
    sql = (place / "models/staging/erp/stg_erp__orders.sql").read_text()
    assert "cast(id as numeric(38, 0)) as order_id," in sql
    assert 'adapter.quote("Odd") }} as odd' in sql
    assert "cast(amount as numeric(18, 2)) as amount" in sql
    (model,) = staged(place, "stg_erp__orders", "erp")["models"]
    assert model["columns"][0]["data_tests"] == [
        {"unique": {"config": {"severity": "warn"}}},
        {"not_null": {"config": {"severity": "warn"}}},
    ]


def test_a_source_goes_where_the_others_of_an_engine_go(place: Path, run: Run) -> None:
    for name in ("crm", "web"):
        folder = place / "models/staging" / name
        folder.mkdir(parents=True)
        (folder / f"_{name}__sources.yml").write_text(
            f"sources:\n  - name: {name}\n    schema: raw_{name}\n    tables: [{{name: x}}]\n"
        )
    path = land(place, "select 1 as id")
    assert run("add", "source", "shop.orders", "--from", path).exit_code == 0
    (source,) = yaml.safe_load((place / "models/staging/shop/_shop__sources.yml").read_text())[
        "sources"
    ]
    assert source["schema"] == "raw_shop"


def test_an_environment_variable_is_kept_in_a_location(place: Path, run: Run) -> None:
    folder = place / "models/staging/crm"
    folder.mkdir(parents=True)
    (folder / "_crm__sources.yml").write_text(
        "sources:\n  - name: crm\n    config:\n      meta:\n        external_location: "
        "\"{{ env_var('RAW', 'raw') }}/crm/{name}.csv\"\n    tables: [{name: x}]\n"
    )
    land(place, "select 1 as id", "raw/shop/orders/1.parquet")
    assert run("add", "source", "shop.orders", "--from", "raw/shop/orders").exit_code == 0
    (source,) = yaml.safe_load((place / "models/staging/shop/_shop__sources.yml").read_text())[
        "sources"
    ]
    location = source["config"]["meta"]["external_location"]
    assert location == "{{ env_var('RAW', 'raw') }}/shop/{name}/*.parquet"


def test_columns_that_come_to_one_name_are_told_apart(place: Path, run: Run) -> None:
    path = land(place, 'select 1 as id, 2 as "a b", 3 as a_b_2, 4 as a_b, 5 as "日付", 6 as "時刻"')
    assert run("add", "source", "shop.orders", "--from", path).exit_code == 0
    names = [column["name"] for column in staged(place)["models"][0]["columns"]]
    assert len(set(names)) == 6
    assert set(names) == {"order_id", "a_b", "a_b_2", "a_b_3", "order_column", "order_column_2"}


def test_only_the_inner_folder_stands_for_the_table(place: Path, run: Run) -> None:
    land(place, "select 1 as id", "raw/orders/orders/1.parquet")
    assert run("add", "source", "orders.orders", "--from", "raw/orders/orders").exit_code == 0
    text = (place / "models/staging/orders/_orders__sources.yml").read_text()
    assert "external_location: raw/orders/{name}/*.parquet\n" in text


@pytest.mark.usefixtures("place")
def test_files_far_away_are_said_to_be(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    far = tmp_path_factory.mktemp("far")
    duckdb.sql(f"copy (select 1 as id) to '{far}/orders.csv'")
    done = run("add", "source", "shop.orders", "--from", str(far / "orders.csv"))
    assert f"at a path of this machine: {far}/{{name}}.csv" in " ".join(done.output.split())


def test_no_line_is_too_long_however_many_columns_there_are(place: Path, run: Run) -> None:
    texts = ", ".join(f"' A word ' as quite_a_long_name_of_column_{number}" for number in range(15))
    fields = ", ".join(f"'field_number_{number}': {number}" for number in range(40))
    path = land(place, f"select i as id, {texts}, {{{fields}}} as payload from range(50) t(i)")
    assert run("add", "source", "shop.orders", "--from", path).exit_code == 0
    (test,) = staged(place)["unit_tests"]
    assert len(test["expect"]["rows"][0]) == 8
    folder = place / "models/staging/shop"
    lines = [line for file in folder.glob("*.yml") for line in file.read_text().splitlines()]
    assert max(map(len, lines)) < 200
    linter = Path(sys.executable).parent / "yamllint"
    words = [linter, "--strict", "--config-file", ROOT / ".yamllint", folder]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
