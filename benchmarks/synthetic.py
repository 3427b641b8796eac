"""A made-up dbt project of any size, as the artifacts dbt would leave, for measurements.

``python benchmarks/synthetic.py --models 10000 --out DIR`` writes manifest.json and catalog.json,
about 20 kB and 3 kB for each model. The same numbers give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

Json = dict[str, Any]

COLUMNS = 25
WORDS = [
    "order", "customer", "product", "store", "payment", "invoice",
    "ticket", "session", "campaign", "shipment", "refund", "account",
    "visit", "lead", "contract", "supplier", "warehouse", "budget",
    "employee", "device",
]  # fmt: skip
TYPES = ("BIGINT", "VARCHAR", "DECIMAL(18,2)", "DATE", "TIMESTAMP", "BOOLEAN", "DOUBLE", "INTEGER")
CONFIG: Json = {
    "enabled": True, "alias": None, "schema": None, "database": None, "tags": ["nightly"],
    "meta": {"owner": "data"}, "group": None, "incremental_strategy": None, "batch_size": None,
    "lookback": 1, "begin": None, "persist_docs": {}, "post-hook": [], "pre-hook": [],
    "quoting": {}, "column_types": {}, "full_refresh": None, "unique_key": None,
    "on_schema_change": "ignore", "on_configuration_change": "apply", "grants": {}, "packages": [],
    "docs": {"show": True, "node_color": None}, "contract": {"enforced": False,
    "alias_types": True}, "access": "protected", "event_time": None, "concurrent_batches": None,
}  # fmt: skip


def make(models: int, seed: int = 1) -> tuple[Json, Json]:
    """Return a manifest and a catalog with `models` models, three tests on each."""
    chance = random.Random(seed)  # noqa: S311
    manifest, catalog = _empty()
    staging, middle = int(models * 0.4), int(models * 0.7)
    uids: list[str] = []
    for number in range(models):
        layer = "staging" if number < staging else "intermediate" if number < middle else "marts"
        if layer == "staging":
            parents = [_add_source(manifest, catalog, number)]
        else:
            reach = staging if layer == "intermediate" else middle
            parents = chance.sample(uids[:reach], k=min(3, reach))
        uids.append(_add_model(manifest, catalog, number, layer, parents, chance))
    for number in range(models // 50):
        _add_exposure(manifest, number, uids[-1 - number % max(1, models - middle)])
    nodes = {**manifest["nodes"], **manifest["sources"], **manifest["exposures"]}
    manifest["parent_map"] = {uid: _parents(node) for uid, node in nodes.items()}
    manifest["child_map"] = {uid: [] for uid in nodes}
    for uid, above in manifest["parent_map"].items():
        for parent in above:
            manifest["child_map"][parent].append(uid)
    return manifest, catalog


def changed(catalog: Json, seed: int = 2) -> Json:
    """Return a copy of a catalog in which one relation of ten differs in a column or two."""
    chance = random.Random(seed)  # noqa: S311
    after: Json = json.loads(json.dumps(catalog))
    for uid in sorted(after["nodes"]):
        columns = after["nodes"][uid]["columns"]
        if chance.random() > 0.1:
            continue
        name = chance.choice(sorted(columns))
        kind = chance.choice(("retyped", "removed", "added", "renamed"))
        if kind == "retyped":
            columns[name]["type"] = chance.choice(TYPES)
        elif kind == "removed":
            del columns[name]
        elif kind == "added":
            columns["added_late"] = {**columns[name], "name": "added_late", "index": 99}
        else:
            columns[f"{name}_new"] = {**columns.pop(name), "name": f"{name}_new"}
    return after


def _empty() -> tuple[Json, Json]:
    head = {
        "dbt_version": "1.12.0",
        "generated_at": "2026-03-15T00:00:00Z",
        "adapter_type": "duckdb",
        "project_name": "synthetic",
    }
    where = "https://schemas.getdbt.com/dbt"
    sections = (
        "nodes sources macros docs exposures metrics groups selectors disabled parent_map "
        "child_map group_map saved_queries semantic_models unit_tests"
    )
    manifest: Json = {
        "metadata": {
            **head,
            "dbt_schema_version": f"{where}/manifest/v12.json",
            "invocation_id": "00000000-0000-0000-0000-000000000000",
            "quoting": {"database": True, "schema": True, "identifier": True, "column": None},
        },
        **{section: {} for section in sections.split()},
    }
    catalog: Json = {
        "metadata": {**head, "dbt_schema_version": f"{where}/catalog/v1.json"},
        "nodes": {},
        "sources": {},
        "errors": None,
    }
    return manifest, catalog


def _parents(node: Json) -> list[str]:
    return list(node.get("depends_on", {}).get("nodes", ()))


def _columns(number: int) -> list[tuple[str, str]]:
    """Return the names and types of a model's columns; the first is its key."""
    noun = WORDS[number % len(WORDS)]
    names = [f"{noun}_id"] + [f"{WORDS[i % len(WORDS)]}_{i}" for i in range(1, COLUMNS)]
    return [(name, TYPES[place % len(TYPES)]) for place, name in enumerate(names)]


def _add_source(manifest: Json, catalog: Json, number: int) -> str:
    uid = f"source.synthetic.raw.table_{number}"
    manifest["sources"][uid] = {
        "database": "db", "schema": "raw", "name": f"table_{number}", "resource_type": "source",
        "package_name": "synthetic", "path": "models/staging/_sources.yml",
        "original_file_path": "models/staging/_sources.yml", "unique_id": uid,
        "fqn": ["synthetic", "staging", "raw", f"table_{number}"], "source_name": "raw",
        "source_description": "Delivered nightly", "loader": "", "identifier": f"table_{number}",
        "quoting": {}, "loaded_at_field": "loaded_at", "loaded_at_query": None,
        "freshness": {"warn_after": {"count": 1, "period": "day"},
                      "error_after": {"count": None, "period": None}, "filter": None},
        "external": None, "description": f"Table {number} as it is delivered", "columns": {},
        "meta": {}, "source_meta": {}, "tags": [], "config": {"enabled": True},
        "relation_name": f'"db"."raw"."table_{number}"', "created_at": 1.0,
    }  # fmt: skip
    _add_table(catalog["sources"], uid, "raw", f"table_{number}", "BASE TABLE", number)
    return uid


def _add_table(section: Json, uid: str, schema: str, name: str, kind: str, number: int) -> None:
    section[uid] = {
        "metadata": {
            "type": kind, "schema": schema, "name": name, "database": "db", "comment": None,
            "owner": None,
        },
        "columns": {
            column: {"type": type_, "index": place, "name": column, "comment": None}
            for place, (column, type_) in enumerate(_columns(number), 1)
        },
        "stats": {"has_stats": {"id": "has_stats", "label": "Has Stats?", "value": False,
                                "include": False, "description": "Whether there are any"}},
        "unique_id": uid,
    }  # fmt: skip


def _add_model(
    manifest: Json, catalog: Json, number: int, layer: str, parents: list[str],
    chance: random.Random,
) -> str:  # fmt: skip
    prefix = {"staging": "stg_raw__", "intermediate": "int_", "marts": "fct_"}[layer]
    name = f"{prefix}{WORDS[number % len(WORDS)]}_{number}"
    uid = f"model.synthetic.{name}"
    kind = "view" if layer == "staging" else "table"
    folder = f"models/{layer}/{WORDS[number % 7]}"
    code = _sql(number, layer, parents)
    described = chance.random() < 0.9
    columns = _declared(name, _columns(number)[: COLUMNS if described else 12])
    manifest["nodes"][uid] = {
        **_common(uid, name, "model", f"{folder}/{name}.sql"),
        "alias": name, "config": {**CONFIG, "materialized": kind}, "tags": ["nightly"],
        "description": f"One row for each {name}, as delivered" if described else "",
        "columns": columns, "meta": {"owner": "data"}, "group": None,
        "docs": {"show": True, "node_color": None},
        "patch_path": f"synthetic://{folder}/{name}.yml", "build_path": None,
        "unrendered_config": {"materialized": kind}, "relation_name": f'"db"."main"."{name}"',
        "raw_code": code, "doc_blocks": [], "language": "sql",
        "refs": [{"name": p.rpartition(".")[2], "package": None, "version": None}
                 for p in parents if p.startswith("model.")],
        "sources": [["raw", p.rpartition(".")[2]] for p in parents if p.startswith("source.")],
        "metrics": [], "functions": [], "depends_on": {"macros": [], "nodes": parents},
        "compiled_path": f"target/compiled/synthetic/{folder}/{name}.sql", "compiled": True,
        "compiled_code": _compiled(code), "extra_ctes_injected": True, "extra_ctes": [],
        "contract": {"enforced": False, "alias_types": True, "checksum": None},
        "access": "protected", "constraints": [], "version": None, "latest_version": None,
        "deprecation_date": None, "primary_key": [], "time_spine": None,
    }  # fmt: skip
    _add_table(catalog["nodes"], uid, "main", name, kind.upper(), number)
    key = _columns(number)[0][0]
    for test in ("unique", "not_null", "relationships")[: 3 if chance.random() < 0.9 else 1]:
        _add_test(manifest, uid, name, key if test != "relationships" else "ref_id", test, folder)
    return uid


def _declared(model: str, columns: list[tuple[str, str]]) -> Json:
    return {
        column: {
            "name": column, "description": f"What {column} of {model} means to its readers",
            "meta": {}, "data_type": None, "constraints": [], "quote": None, "tags": [],
            "config": {"meta": {}, "tags": []}, "granularity": None, "doc_blocks": [],
        }
        for column, _ in columns
    }  # fmt: skip


def _common(uid: str, name: str, kind: str, path: str) -> Json:
    return {
        "database": "db", "schema": "main", "name": name, "resource_type": kind,
        "package_name": "synthetic", "path": path.partition("/")[2], "original_file_path": path,
        "unique_id": uid, "fqn": ["synthetic", *path.split("/")[1:-1], name],
        "checksum": {"name": "sha256", "checksum": f"{len(uid):064x}"},
        "created_at": 1.0,
    }  # fmt: skip


def _add_test(
    manifest: Json, on: str, name: str, column: str, kind: str, folder: str
) -> None:  # fmt: skip
    uid = f"test.synthetic.{kind}_{name}_{column}.{len(manifest['nodes']):010x}"
    model = "{{ get_where_subquery(ref('" + name + "')) }}"
    manifest["nodes"][uid] = {
        **_common(uid, f"{kind}_{name}_{column}", "test", f"{folder}/{name}.yml"),
        "test_metadata": {"name": kind, "namespace": None,
                          "kwargs": {"column_name": column, "model": model}},
        "alias": f"{kind}_{name}_{column}", "tags": [], "description": "", "columns": {},
        "config": {"enabled": True, "alias": None, "schema": "dbt_test__audit", "database": None,
                   "tags": [], "meta": {}, "group": None, "materialized": "test",
                   "severity": "ERROR", "store_failures": None, "where": None, "limit": None,
                   "fail_calc": "count(*)", "warn_if": "!= 0", "error_if": "!= 0"},
        "meta": {}, "group": None, "docs": {"show": True, "node_color": None}, "patch_path": None,
        "unrendered_config": {}, "relation_name": None, "language": "sql",
        "raw_code": f"{{{{ test_{kind}(**_dbt_generic_test_kwargs) }}}}", "doc_blocks": [],
        "refs": [{"name": name, "package": None, "version": None}], "sources": [], "metrics": [],
        "depends_on": {"macros": [f"macro.dbt.test_{kind}"], "nodes": [on]},
        "compiled_path": None, "compiled": True, "extra_ctes_injected": True, "extra_ctes": [],
        "compiled_code": f"select 1\nfrom \"db\".\"main\".\"{name}\"\nwhere {column} is null",
        "contract": {"enforced": False, "alias_types": True, "checksum": None},
        "column_name": column, "file_key_name": f"models.{name}", "attached_node": on,
    }  # fmt: skip


def _add_exposure(manifest: Json, number: int, parent: str) -> None:
    uid = f"exposure.synthetic.board_{number}"
    manifest["exposures"][uid] = {
        "name": f"board_{number}", "resource_type": "exposure", "package_name": "synthetic",
        "path": "exposures.yml", "original_file_path": "models/exposures.yml", "unique_id": uid,
        "fqn": ["synthetic", f"board_{number}"], "type": "dashboard",
        "owner": {"name": "Data", "email": "data@example.com"}, "description": "A dashboard",
        "label": f"Board {number}", "maturity": "medium", "meta": {}, "tags": [],
        "config": {"enabled": True}, "url": "https://example.com/board", "refs": [], "sources": [],
        "depends_on": {"macros": [], "nodes": [parent]}, "metrics": [], "created_at": 1.0,
    }  # fmt: skip


def _sql(number: int, layer: str, parents: list[str]) -> str:
    """Return some 60 lines in dbt Labs' style: import CTEs, logic, `final`."""
    imports = []
    for place, parent in enumerate(parents):
        call = (
            f"source('raw', '{parent.rpartition('.')[2]}')"
            if parent.startswith("source.")
            else f"ref('{parent.rpartition('.')[2]}')"
        )
        imports.append(f"input_{place} as (\n\n    select * from {{{{ {call} }}}}\n\n)")  # noqa: S608
    columns = _columns(number)
    lines = [f"        input_0.{columns[0][0]},", "        -- what it is worth"]
    for place, (name, type_) in enumerate(columns[1:], 1):
        lines.append(
            f"        case when input_0.{name} > {place} then 'large' when input_0.{name} is null "
            f"then 'none' else 'small' end as {name},"
            if place % 12 == 0 and number % 3 == 0
            else f"        cast(input_0.{name} as {type_.lower()}) as {name},"
        )
    joins = "".join(
        f"\n    left join input_{place}\n        on input_0.{columns[0][0]} = input_{place}.id"
        for place in range(1, len(parents))
    )
    body = "\n".join(lines).rstrip(",")
    flag = f"    {{% if var('only_{layer}', false) %}}\n    where input_0.id > 0\n    {{% endif %}}"
    return (
        "with\n\n"  # noqa: S608
        + ",\n\n".join(imports)
        + f",\n\nfinal as (\n\n    select\n{body}\n\n    from input_0{joins}\n{flag}\n\n)\n\n"
        "select * from final\n"
    )


def _compiled(code: str) -> str:
    for opening in ("{{ ref('", "{{ source('raw', '"):
        code = code.replace(opening, '"db"."main"."')
    code = code.replace("') }}", '"')
    return "\n".join(line for line in code.split("\n") if "{%" not in line)


def write(folder: Path, models: int, seed: int = 1) -> None:
    """Write the artifacts into `folder`, and those of a later build into `folder`/after."""
    manifest, catalog = make(models, seed)
    for target, tables in ((folder, catalog), (folder / "after", changed(catalog))):
        target.mkdir(parents=True, exist_ok=True)
        (target / "manifest.json").write_text(json.dumps(manifest))
        (target / "catalog.json").write_text(json.dumps(tables))


def main() -> None:
    """Write a project as the command line asks for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(options.out, options.models, options.seed)


if __name__ == "__main__":
    main()
