"""`add`, without dbt: what it sees, what it writes, what it refuses, and that it writes all or nothing."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import Result

from tests.unit.project_files import ProjectFiles

Run = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty dbt project on DuckDB, that one stands in."""
    home = tmp_path / "shop"
    home.mkdir()
    (home / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (home / "profiles.yml").write_text(
        "shop: {target: dev, outputs: {dev: {type: duckdb, path: dev.duckdb}}}\n"
    )
    monkeypatch.chdir(home)
    return home


def land(place: Path, query: str, path: str = "raw/orders.parquet") -> str:
    (place / path).parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"copy ({query}) to '{place / path}'")
    return path


def written(place: Path) -> set[str]:
    kept = {"dbt_project.yml", "profiles.yml"}
    files = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
    return {f for f in files if not f.startswith(("raw/", "target/"))} - kept


def staged(place: Path, name: str = "stg_shop__orders", source: str = "shop") -> Any:
    return yaml.safe_load((place / f"models/staging/{source}/{name}.yml").read_text())


def promised(place: Path, column: str) -> list[Any]:
    (model,) = staged(place)["models"]
    (found,) = (c for c in model["columns"] if c["name"] == column)
    return found.get("data_tests", [])


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


def test_freshness_follows_the_days_between_deliveries(place: Path, run: Run) -> None:
    path = land(
        place,
        "select i as id, timestamp '2026-01-01' + interval (7 * (i % 5)) day as _loaded_at "
        "from range(100) as t(i)",
    )
    run("add", "source", "shop.orders", "--from", path)
    source = yaml.safe_load((place / "models/staging/shop/_shop__sources.yml").read_text())
    config = source["sources"][0]["config"]
    assert config["loaded_at_field"] == "_loaded_at"
    assert config["freshness"] == {
        "warn_after": {"count": 11, "period": "day"},
        "error_after": {"count": 21, "period": "day"},
    }


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["source", "shop"], "says no table"),
        (["source", "shop.orders"], "name its files with --from"),
        (["source", "shop.orders", "--from", "nowhere.csv"], "there is no such file"),
        (["source", "shop.orders", "--from", "dbt_project.yml"], "neither Parquet, CSV nor JSON"),
        (["source", "shop.orders", "--from", "models"], "there is no such file"),
        (["source", "Shop.orders", "--from", "x"], "engines fold upper case"),
        (["source", "shop.or/ders", "--from", "x"], "a table can't be called"),
        (["model", "fct_orders"], "say what the model reads"),
        (["model", "fct_orders", "--from", "x"], "run `dbt parse`"),
        (["metric", "revenue"], "say what the metric is made of"),
        (
            ["metric", "revenue", "--numerator", "a", "--metric", "b"],
            "not ratio and derived at once",
        ),
        (["snapshot", "snap_orders", "--from", "x"], "run `dbt parse`"),
        (["exposure", "board"], "say what it reads"),
        (["exposure", "board", "--depends-on", "x", "--url", "javascript:1"], "is no address"),
    ],
)
def test_wrong_words_are_one_line_and_nothing_written(
    place: Path, run: Run, words: list[str], said: str
) -> None:
    done = run("add", *words)
    assert done.exit_code == 2, done.output
    assert said.replace("says no table", "names no table") in done.stderr
    assert done.stderr.count("\n") == 1
    assert written(place) == set()


def test_a_broken_file_is_said_in_one_line(place: Path, run: Run) -> None:
    (place / "bad.parquet").write_bytes(b"no parquet")
    done = run("add", "source", "shop.orders", "--from", "bad.parquet")
    assert done.exit_code == 2
    assert "bad.parquet: can't be read" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_column_that_would_break_out_of_its_name_is_refused(place: Path, run: Run) -> None:
    path = land(place, """select 1 as id, 2 as "{{ env_var('X') }}" """)
    done = run("add", "source", "shop.orders", "--from", path)
    assert done.exit_code == 2
    assert "can't be named in a model" in done.stderr


def test_outside_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("add", "source", "shop.orders")
    assert done.exit_code == 2
    assert "run this inside a dbt project" in done.stderr


def test_a_dry_run_prints_and_writes_nothing(place: Path, run: Run) -> None:
    path = land(place, "select 1 as id")
    done = run("add", "source", "shop.orders", "--from", path, "--dry-run")
    assert done.exit_code == 0
    assert "--- models/staging/shop/stg_shop__orders.sql\nwith source as (" in done.output
    assert written(place) == set()
    document = json.loads(
        run("add", "source", "shop.orders", "--from", path, "--dry-run", "--json").stdout
    )
    assert document["written"] is False
    assert [f["is_new"] for f in document["files"]] == [True, True, True]
    assert written(place) == set()


def test_one_file_in_the_way_and_none_is_written(place: Path, run: Run) -> None:
    path = land(place, "select 1 as id")
    there = place / "models/staging/shop/stg_shop__orders.yml"
    there.parent.mkdir(parents=True)
    there.write_text("mine")
    done = run("add", "source", "shop.orders", "--from", path)
    assert done.exit_code == 2
    assert "is there already" in done.stderr
    assert written(place) == {"models/staging/shop/stg_shop__orders.yml"}
    assert there.read_text() == "mine"


def test_a_metric_needs_what_the_semantic_layer_needs(
    place: Path, shop: ProjectFiles, run: Run
) -> None:
    shop.write(place / "target")
    done = run("add", "metric", "orders_counted", "--model", "fct_orders", "--agg", "count")
    assert done.exit_code == 2
    assert "fct_orders has no YAML beside it" in done.stderr
    done = run("add", "metric", "share", "--numerator", "revenue", "--denominator", "nothing")
    assert "there is no metric nothing" in done.stderr
    done = run("add", "metric", "revenue", "--metric", "revenue", "--expr", "1")
    assert "the metric revenue is there already" in done.stderr
    done = run("add", "metric", "twice", "--metric", "revenue", "--expr", "2 * turnover")
    assert "--expr doesn't use the metric revenue" in done.stderr
    assert written(place) == set()


def test_an_exposure_depends_on_what_is_there(place: Path, shop: ProjectFiles, run: Run) -> None:
    shop.write(place / "target")
    owner = ["--owner", "Ada <ada@example.com>"]
    done = run("add", "exposure", "wall", "--depends-on", "fct_order", *owner)
    assert "did you mean fct_orders" in done.stderr
    done = run("add", "exposure", "wall", "--depends-on", "fct_orders")
    assert "say who owns it" in done.stderr
    done = run("add", "exposure", "board", "--depends-on", "fct_orders", *owner)
    assert "the exposure board is there already" in done.stderr
    words = ["--depends-on", "fct_orders", "--depends-on", "revenue", "--depends-on", "raw.orders"]
    done = run("add", "exposure", "wall", *words, "--maturity", "high", *owner)
    assert done.exit_code == 0, done.output
    (entry,) = yaml.safe_load((place / "models/marts/_exposures.yml").read_text())["exposures"]
    assert entry["depends_on"] == [
        "ref('fct_orders')",
        "metric('revenue')",
        "source('raw', 'orders')",
    ]
    assert entry["owner"] == {"name": "Ada", "email": "ada@example.com"}
    assert entry["maturity"] == "high"


def test_a_snapshot_keeps_no_personal_data(place: Path, shop: ProjectFiles, run: Run) -> None:
    columns = shop.manifest["nodes"]["model.shop.fct_orders"]["columns"]
    columns["email"] = {"name": "email", "meta": {"contains_pii": True}}
    shop.manifest["metadata"]["dbt_version"] = "1.12.0"
    shop.built("model.shop.fct_orders", order_id="INTEGER", email="VARCHAR")
    shop.write(place / "target")
    done = run("add", "snapshot", "snap_orders", "--from", "fct_orders")
    assert "has personal data (email)" in done.stderr
    done = run("add", "snapshot", "snap_orders", "--from", "fct_orders", "--personal")
    assert done.exit_code == 0, done.output
    (entry,) = yaml.safe_load((place / "snapshots/snap_orders.yml").read_text())["snapshots"]
    assert entry["config"]["unique_key"] == "order_id"
    assert entry["config"]["check_cols"] == ["email"]


def test_a_model_needs_to_know_where_it_belongs(place: Path, shop: ProjectFiles, run: Run) -> None:
    shop.write(place / "target")
    done = run("add", "model", "things", "--from", "stg_orders")
    assert "doesn't say its layer" in done.stderr
    done = run("add", "model", "stg_more", "--from", "stg_orders")
    assert "made by `analytics-tools add source`" in done.stderr
    (place / "models/marts").mkdir(parents=True)
    (place / "models/marts/fct_orders.sql").touch()
    done = run("add", "model", "fct_orders", "--from", "stg_orders")
    assert "fct_orders is there already" in done.stderr
    done = run("add", "model", "fct_more", "--from", "raw.orders")
    assert "only staging reads one" in done.stderr
    done = run("add", "model", "fct_more", "--from", "stg_orders", "--group", "nobody")
    assert "there is no group nobody" in done.stderr
    done = run("add", "model", "fct_more", "--from", "stg_orders", "--folder", "../../out")
    assert "is outside of the project" in done.stderr
    assert written(place) == {"models/marts/fct_orders.sql"}


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
