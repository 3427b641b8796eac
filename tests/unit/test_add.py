"""`add`, without dbt: what it writes, what it refuses, and that it writes all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from tests.unit.add_files import land, written
from tests.unit.project_files import ProjectFiles

Run = Callable[..., Result]


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


def test_a_model_says_how_the_next_step_knows_its_types(
    place: Path, shop: ProjectFiles, run: Run
) -> None:
    columns = shop.manifest["nodes"]["model.shop.fct_orders"]["columns"]
    for name, type_ in (("order_id", "integer"), ("amount", "decimal(18,2)")):
        columns[name]["data_type"] = type_
    shop.write(place / "target")
    done = run("add", "model", "int_orders_kept", "--from", "stg_orders")
    assert done.output.endswith("dbt build --select int_orders_kept && dbt docs generate\n")
    # Its YAML says them, as that of the marts does.
    done = run("add", "model", "fct_orders_kept", "--from", "stg_orders")
    assert done.output.endswith("dbt build --select fct_orders_kept\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fct_orders_kept", "One row for each order."),
        ("fct_order_values", "One row for each order."),
        ("fct_deliveries", "The delivery of each order."),
    ],
)
def test_a_model_is_what_its_name_says_of_its_key(
    name: str, said: str, place: Path, shop: ProjectFiles, run: Run
) -> None:
    shop.write(place / "target")
    done = run("add", "model", name, "--from", "stg_orders", "--key", "order_id", "--dry-run")
    assert f"description: {said}\n" in done.output
