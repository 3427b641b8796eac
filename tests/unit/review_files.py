"""A made-up project before and after a change, with the runs of both, for tests of `review`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.unit.project_files import Json, ProjectFiles

RAW = "select 1 as id, 2 as amount, 'x' as status, 'a@example.com' as email"
STG = 'select id as order_id, amount, status, email from "prod"."main"."raw"'
FCT = 'select order_id, amount, status, email, amount * 2 as twice from "prod"."main"."stg_orders"'


def shop(database: str = "prod") -> ProjectFiles:
    """Return raw -> stg_orders -> fct_orders, with tests, a metric and a dashboard."""
    files = ProjectFiles()
    raw = _model(files, database, "raw", RAW)
    stg = _model(files, database, "stg_orders", STG, raw, folder="staging")
    fct = _model(
        files, database, "fct_orders", FCT, stg, folder="marts", materialized="table",
        columns=["order_id", "amount", "status", "email", "twice"],
        config={"meta": {"owner": "Finance", "grain": "one row per order"}},
    )  # fmt: skip
    files.manifest["nodes"][fct]["columns"]["email"]["meta"] = {"contains_pii": True}
    files.key(fct, "order_id")
    files.test("accepted_values", fct, "status", values=["placed", "completed"])
    semantic = files.other(
        "semantic_models", "orders", fct,
        entities=[{"name": "order", "type": "primary", "expr": "order_id"}],
        measures=[{"name": "total", "agg": "sum", "expr": "amount"}],
    )  # fmt: skip
    metric = files.other(
        "metrics", "revenue", semantic, type="simple", type_params={"measure": {"name": "total"}}
    )
    files.other(
        "exposures", "board", metric, type="dashboard",
        owner={"name": "Ada", "email": "ada@example.com"},
    )  # fmt: skip
    return files


def _model(files: ProjectFiles, database: str, name: str, sql: str, *parents: str, **keys: Any):
    sql = sql.replace('"prod"', f'"{database}"')
    uid = files.model(name, *parents, compiled_code=sql, raw_code=sql, **keys)
    node = files.manifest["nodes"][uid]
    node.update(database=database, relation_name=f'"{database}"."main"."{name}"', language="sql")
    return uid


def node(files: ProjectFiles, uid: str) -> Json:
    """Return a node of the manifest, to be changed."""
    return files.manifest["nodes"][uid]


def test_on(files: ProjectFiles, column: str, kind: str) -> Json:
    """Return a test of fct_orders, to be changed."""
    return next(
        n
        for n in files.manifest["nodes"].values()
        if n.get("column_name") == column and n["test_metadata"]["name"] == kind
    )


test_on.__test__ = False  # type: ignore[attr-defined]


def recode(files: ProjectFiles, name: str, old: str, new: str) -> None:
    """Edit the SQL of a model."""
    model = node(files, f"model.shop.{name}")
    assert old in model["compiled_code"]
    for key in ("compiled_code", "raw_code"):
        model[key] = model[key].replace(old, new)


def write(files: ProjectFiles, folder: Path, run: dict[str, str] | None = None) -> Path:
    """Write the artifacts, with the run that built everything but what `run` says otherwise."""
    files.write(folder)
    write_run(folder, {**dict.fromkeys(files.manifest["nodes"], "success"), **(run or {})})
    return folder


def write_run(folder: Path, statuses: dict[str, str], message: str = "") -> None:
    """Write run_results.json."""
    results = []
    for uid, status in statuses.items():
        status = "pass" if uid.startswith("test.") and status == "success" else status
        results.append(
            {
                "unique_id": uid,
                "status": status,
                "execution_time": 0.5,
                "message": message if status in ("error", "fail") else None,
                "failures": 3 if status == "fail" else None,
                "adapter_response": {"rows_affected": 10},
            }
        )
    schema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    (folder / "run_results.json").write_text(
        json.dumps(
            {
                "metadata": {"dbt_schema_version": schema},
                "args": {"which": "build"},
                "elapsed_time": 2.0,
                "results": results,
            }
        )
    )
