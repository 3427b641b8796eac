"""`add` in a real project: what it writes parses without a warning, builds at once, and scores well."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from analytics_tools import template
from tests.conftest import ROOT, Warehouse

BIN = Path(sys.executable).parent
# Several commands of dbt in one process, for half of its time is its start. Any warning fails, a deprecation too.
DBT = """
import sys
from dbt.jsonschemas import jsonschemas
jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
from dbt.cli.main import dbtRunner
seen = []
def watch(event):
    if "Deprecat" in event.info.name or event.info.level in ("warn", "error"):
        seen.append(f"{event.info.name}: {event.info.msg}")
for words in sys.argv[1].split(" then "):
    done = dbtRunner(callbacks=[watch]).invoke(["-q", "--show-all-deprecations", *words.split()])
    if seen or not done.success:
        sys.exit("\\n".join([words, *seen]))
"""
SHORT_WAY = (ROOT / "docs" / "guides" / "extending.md").read_text().split("```")[1].splitlines()
CUSTOMERS = """copy (
    select
        i as id,
        case when i % 3 = 0 then '  Ada ' else 'Bea' end as "First Name",
        'user' || i || '@example.com' as email,
        case i % 3 when 0 then 'GOLD' when 1 then 'gold ' else 'silver' end as tier,
        i % 2 = 0 as active,
        timestamp '2026-01-01' + interval (i % 30) day as created,
        timestamp '2026-01-01' + interval (i % 30) day as updated_at,
        timestamp '2026-01-02' + interval (i % 30) day as loaded_at
    from range(1, 301) as t(i)
) to '{raw}/shop/customers/2026-01.csv' (header)"""
COUNTS = """copy (
    select
        i as count_id,
        i % 4 as store_id,
        date '2026-01-01' + (i % 60)::int as counted_on,
        50 + i % 200 as visitors,
        timestamptz '2026-01-02 02:00:00+00' + interval (i % 60) day as _airbyte_extracted_at,
        uuid() as _airbyte_raw_id,
        {{'a': 1}} as payload,
        'entrance' as "order"
    from range(12000) as t(i)
) to '{raw}/doors/counts.parquet'"""


class Home:
    """A project in a folder of its own, with raw files."""

    def __init__(self, root: Path, raw: Path) -> None:
        self.root, self.raw = root, raw
        self.project = root / "analytics"

    def run(self, *words: str, code: int = 0) -> str:
        environment = {
            **os.environ,
            "ANALYTICS_DUCKDB_PATH": str(self.root / "dev.duckdb"),
            "ANALYTICS_RAW_PATH": str(self.raw),
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            words, cwd=self.project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout if code == 0 else done.stderr

    def dbt(self, words: str) -> None:
        self.run(sys.executable, "-c", DBT, words)

    def add(self, *words: str) -> str:
        return self.run(str(BIN / "analytics-tools"), "add", *words)

    def add_as_the_guide_does(self, what: str) -> None:
        """Run the lines of the guide's short way that begin so."""
        lines = [line for line in SHORT_WAY if line.startswith(f"analytics-tools add {what}")]
        assert lines, what
        for line in lines:
            self.add(*shlex.split(line)[2:])

    def score(self, model: str) -> int:
        out = self.run(str(BIN / "analytics-tools"), "score", "--model", model, "--json")
        return json.loads(out)["models"][0]["score"]

    def yaml(self, path: str) -> Any:
        return yaml.safe_load((self.project / path).read_text())

    def statuses(self) -> dict[str, str]:
        results = json.loads((self.root / "run_results.json").read_text())["results"]
        return {result["unique_id"]: result["status"] for result in results}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The small project that `new` makes, with a source, models, metrics and the rest added in turn."""
    root = tmp_path_factory.mktemp("added") / "acme"
    new = template.NewProject(name="acme", tools="dbt-analytics-tools==0", demo=False)
    template.write(template.plan(template.read_template(), new), root)
    home = Home(root, root / "data" / "raw")
    shutil.copytree(home.project / "offline", home.project / "dbt_packages")
    shutil.copytree(root / "sample", home.raw)
    (home.raw / "shop" / "customers").mkdir()
    (home.raw / "doors").mkdir()
    for query in (CUSTOMERS, COUNTS):
        duckdb.sql(query.format(raw=home.raw))
    home.dbt("parse")
    home.add("source", "shop.customers")
    home.add_as_the_guide_does("source")
    home.dbt("run --select staging int_orders_deduplicated then docs generate --no-compile")
    newest = ["--key", "customer_id", "--folder", "orders"]
    home.add("model", "int_customers_deduplicated", "--from", "stg_shop__customers", *newest)
    home.add_as_the_guide_does("model int_")
    home.dbt(
        "run --select int_customers_deduplicated int_counts_deduplicated then docs generate --no-compile"
    )
    home.add("model", "dim_customers", "--from", "int_customers_deduplicated")
    home.add(
        "model", "fct_orders_named", "--from", "int_orders_deduplicated",
        "--from", "int_customers_deduplicated",
    )  # fmt: skip
    home.add_as_the_guide_does("model fct_")
    home.dbt("parse")
    home.add_as_the_guide_does("metric")
    home.add("metric", "visitors_twice", "--metric", "visitors", "--expr", "visitors * 2")
    home.add("metric", "visitors_so_far", "--cumulative", "visitors", "--grain-to-date", "month")
    home.add("snapshot", "snap_shop__orders", "--from", "int_orders_deduplicated")
    home.add_as_the_guide_does("snapshot")
    home.dbt("parse")
    home.add_as_the_guide_does("exposure")
    home.dbt("build then docs generate --no-compile")
    shutil.copy(home.project / "target" / "run_results.json", root)
    return home


def test_all_of_it_builds(home: Home) -> None:
    statuses = home.statuses()
    assert set(statuses.values()) == {"success", "pass", "no-op"}, statuses
    for name in (
        "model.acme.stg_shop__customers",
        "model.acme.stg_doors__counts",
        "model.acme.int_customers_deduplicated",
        "model.acme.fct_counts",
        "model.acme.dim_customers",
        "model.acme.fct_orders_named",
        "snapshot.acme.snap_shop__orders",
        "snapshot.acme.snap_doors__counts",
    ):
        assert statuses[name] == "success"


def test_it_passes_the_linters(home: Home) -> None:
    for words in (["sqlfluff", "lint", "analytics/models"], ["yamllint", "--strict", "analytics"]):
        done = subprocess.run(
            [str(BIN / words[0]), *words[1:]],
            cwd=home.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("model", "least"),
    [
        # The key was unique over 300 rows alone, so its test only warns: TST009.
        ("stg_shop__customers", 95),
        ("stg_doors__counts", 100),
        ("int_customers_deduplicated", 97),
        ("fct_counts", 100),
        # Its reader is what a person adds next.
        ("dim_customers", 95),
        ("fct_orders_named", 95),
    ],
)
def test_it_scores_well(home: Home, model: str, least: int) -> None:
    assert home.score(model) >= least


def test_metrics_answer(home: Home) -> None:
    words = ["--metrics", "visitors,mean_visitors,visitors_twice,visitors_so_far"]
    asked = home.run(
        str(BIN / "mf"), "query", "--quiet", *words, "--group-by", "metric_time__month"
    )
    (first,) = (line.split() for line in asked.splitlines() if line.startswith("2026-01-01"))
    total = duckdb.sql(
        f"select sum(visitors), avg(visitors) from '{home.raw}/doors/counts.parquet' "
        "where counted_on < date '2026-02-01'"
    ).fetchall()[0]
    assert [float(one) for one in first[1:4]] == pytest.approx(
        [total[0], total[1], 2 * total[0]], rel=1e-4
    )


def test_rows_come_through_clean(home: Home) -> None:
    connection = duckdb.connect(str(home.root / "dev.duckdb"), read_only=True)
    found = connection.execute(
        "select tier, first_name, count(*) from dev_intermediate.int_customers_deduplicated "
        "group by all order by all"
    ).fetchall()
    assert found == [("gold", "Ada", 100), ("gold", "Bea", 100), ("silver", "Bea", 100)]


def test_personal_data_is_marked_and_goes_no_further(home: Home) -> None:
    staged = home.yaml("models/staging/shop/stg_shop__customers.yml")["models"][0]["columns"]
    marked = {
        column["name"]
        for column in staged
        if column.get("config") == {"meta": {"contains_pii": True}}
    }
    assert marked == {"first_name", "email"}
    mart = home.yaml("models/marts/core/dim_customers.yml")["models"][0]
    assert not marked & {column["name"] for column in mart["columns"]}
    for file in (home.project / "models").rglob("*"):
        if file.is_file():
            text = file.read_text()
            assert "user1@" not in text
            assert "Ada or Bea" not in text


def test_a_mart_has_the_contract_that_its_folder_demands(home: Home) -> None:
    columns = home.yaml("models/marts/core/fct_counts.yml")["models"][0]["columns"]
    types = {column["name"]: column["data_type"] for column in columns}
    # bigint and timestamp are also this project's own words; a struct is nobody's but DuckDB's.
    assert types["visitors"] == "bigint"
    assert types["loaded_at"] == "timestamp"
    assert types["payload"] == "struct(a integer)"
    filled = {c["name"] for c in columns if {"type": "not_null"} in c.get("constraints", ())}
    assert filled == {"store_id", "visitors", "counted_on", "loaded_at"}


def test_a_second_time_nothing_is_written(home: Home) -> None:
    before = {p: p.stat().st_mtime_ns for p in home.project.rglob("*.*") if "target" not in p.parts}
    tools = str(BIN / "analytics-tools")
    for words in (
        ["source", "doors.counts"],
        ["model", "fct_counts", "--from", "int_counts_deduplicated"],
        ["metric", "visitors", "--model", "fct_counts", "--agg", "sum", "--expr", "visitors"],
        ["snapshot", "snap_shop__orders", "--from", "int_orders_deduplicated"],
        ["exposure", "door_board", "--depends-on", "fct_counts", "--owner", "a@example.com"],
    ):
        error = home.run(tools, "add", *words, code=2)
        assert "already" in error
        assert error.count("\n") == 1
    after = {p: p.stat().st_mtime_ns for p in home.project.rglob("*.*") if "target" not in p.parts}
    assert after == before


def test_staging_follows_the_rejects_of_the_whole_example(
    warehouse: Warehouse, tmp_path: Path, copied: Callable[[Warehouse, Path], Home]
) -> None:
    home = copied(warehouse, tmp_path)
    raw = home.raw / "doors" / "counts"
    raw.mkdir(parents=True)
    duckdb.sql(COUNTS.format(raw=home.raw).replace("counts.parquet", "counts/part_1.parquet"))
    home.add("source", "doors.counts", "--from", str(raw))
    sql = (home.project / "models/staging/doors/stg_doors__counts.sql").read_text()
    assert "{{ reject_reason({" in sql
    assert "'count_id is missing': 'count_id is null'," in sql
    source = home.yaml("models/staging/doors/_doors__sources.yml")["sources"][0]
    assert source["config"]["meta"] == {
        "owner": "data-platform@example.com",
        "tier": 1,
        "external_location": "{{ env_var('ANALYTICS_RAW_PATH', '../data/raw') }}/doors/{name}/*.parquet",
    }
    home.dbt("build --select stg_doors__counts")
    shutil.copy(home.project / "target" / "run_results.json", home.root)
    statuses = home.statuses()
    assert len(statuses) >= 8
    assert set(statuses.values()) == {"success", "pass"}


@pytest.fixture
def copied() -> Callable[[Warehouse, Path], Home]:
    """Makes a copy of the whole example, built, beside its raw files as a user has them."""

    def copy(warehouse: Warehouse, home: Path) -> Home:
        shutil.copytree(warehouse.project, home / "analytics")
        shutil.copytree(warehouse.raw, home / "data" / "raw")
        shutil.copy(warehouse.database, home / "dev.duckdb")
        return Home(home, home / "data" / "raw")

    return copy
