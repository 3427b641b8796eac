"""The warehouse says how it is doing, and says so when nothing has been built since."""

from __future__ import annotations

import json

import duckdb
import pytest

from tests.conftest import Warehouse

TIERS = (
    "select tier, models, models_within_sla, source_tables, fresh_source_tables, sla_compliance, "
)
TIERS += (
    "freshness_compliance, success_rate, test_pass_rate from dev_audit.fct_tier_health order by 1"
)


@pytest.fixture(scope="module")
def copy(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return warehouse.copy_to(tmp_path_factory.mktemp("monitored") / "home")


def test_after_a_good_build_every_tier_is_well(warehouse: Warehouse) -> None:
    found = warehouse.query(TIERS)
    assert [row[0] for row in found] == ["1", "2", "3"]
    for _, models, within, sources, fresh, sla, freshness, success, passed in found:
        assert models == within > 0
        assert (sla, success) == (1, 1)
        assert sources == fresh
        assert freshness == (1 if sources else None)
        assert passed in (1, None)


def test_every_node_of_the_build_is_in_the_log(warehouse: Warehouse) -> None:
    """With the run, its target and dbt's version: who wrote each row."""
    ran = {r["unique_id"] for r in warehouse.results() if not r["unique_id"].startswith(("exposure.", "saved_query.", "operation."))}  # fmt: skip
    invocation = json.loads((warehouse.artifacts / "run_results.json").read_text())["metadata"]
    logged = warehouse.query(
        "select node_id, target_name, dbt_version from dev_audit.dbt_run_log "
        f"where invocation_id = '{invocation['invocation_id']}'"
    )
    assert {node for node, _, _ in logged} == ran
    assert {row[1:] for row in logged} == {("dev", invocation["dbt_version"])}


def test_silence_is_noticed(copy: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built long ago, no promise is kept and no source is fresh, though nobody ran dbt since to say so."""
    views = ("int_models_listed", "fct_source_freshness", "fct_sla_compliance", "fct_pipeline_health", "fct_tier_health")  # fmt: skip
    monkeypatch.setattr(
        Warehouse,
        "environment",
        property(lambda self: {k: v for k, v in BASE(self).items() if k != "ANALYTICS_AS_OF"}),
    )
    copy.dbt("run", "--select", *views)
    aged = duckdb.connect(str(copy.database))
    aged.execute("update dev_audit.dbt_run_log set started_at = started_at - interval 4 days")
    aged.close()
    found = copy.query(TIERS)
    assert {within for _, _, within, *_ in found} == {0}
    assert {fresh for _, _, _, _, fresh, *_ in found} == {0}


def test_an_older_log_gains_the_columns_it_lacks(copy: Warehouse) -> None:
    older = duckdb.connect(str(copy.database))
    older.execute("create or replace table kept as select * exclude (target_name, dbt_version) from dev_audit.dbt_run_log")  # fmt: skip
    older.execute("drop table dev_audit.dbt_run_log")
    older.execute("create table dev_audit.dbt_run_log as from kept")
    older.execute("drop table kept")
    older.close()
    copy.dbt("run", "--select", "stg_dbt_audit__dbt_run_log")
    ((old, new),) = copy.query(
        "select count(*) filter (dbt_version is null), count(dbt_version) from dev_audit.dbt_run_log"
    )
    assert old > 400
    assert new == 1


BASE = Warehouse.environment.fget
