"""Small dbt projects for tests, as the files dbt would leave in target/."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SECTIONS = (
    "nodes",
    "sources",
    "macros",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "groups",
    "disabled",
)


class ProjectFiles:
    """Builds manifest.json and catalog.json of a made-up project, node by node."""

    def __init__(self, adapter: str = "duckdb", dbt_version: str = "1.12.0", schema: int = 12):
        self.manifest: Json = {
            "metadata": {
                "dbt_schema_version": f"https://schemas.getdbt.com/dbt/manifest/v{schema}.json",
                "dbt_version": dbt_version,
                "generated_at": "2026-03-15T00:00:00Z",
                "adapter_type": adapter,
                "project_name": "shop",
            },
            **{section: {} for section in SECTIONS},
        }
        self.catalog: Json = {
            "metadata": {
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json",
            },
            "nodes": {},
            "sources": {},
        }

    def model(self, name: str, *parents: str, columns: Any = (), **keys: Any) -> str:
        """Add a model; returns its unique id. `folder=` puts it in a folder below models/."""
        folder = keys.pop("folder", "")
        version = keys.get("version")
        uid = f"model.shop.{name}" + (f".v{version}" if version is not None else "")
        config = {"materialized": keys.pop("materialized", "table"), **keys.pop("config", {})}
        self.manifest["nodes"][uid] = {
            "resource_type": "model",
            "unique_id": uid,
            "name": name,
            "package_name": "shop",
            "original_file_path": "/".join(p for p in ("models", folder, f"{name}.sql") if p),
            "description": f"What {name} is, in a sentence",
            "database": "db",
            "schema": "main",
            "alias": name,
            "relation_name": f'"db"."main"."{name}"',
            "columns": columns_of(columns),
            "config": config,
            "depends_on": {"macros": ["macro.dbt.x"], "nodes": list(parents)},
            "raw_code": "select 1 as id",
            **keys,
        }
        return uid

    def snapshot(self, name: str, *parents: str, **keys: Any) -> str:
        """Add a snapshot; returns its unique id."""
        model = self.model(name, *parents, materialized="snapshot", **keys)
        uid = f"snapshot.shop.{name}"
        node = self.manifest["nodes"].pop(model)
        self.manifest["nodes"][uid] = {**node, "unique_id": uid, "resource_type": "snapshot"}
        return uid

    def test(self, kind: str, on: str, column: str | None = None, **arguments: Any) -> str:
        """Add a generic test on a model; `kind` may have a namespace: dbt_utils.x."""
        namespace, _, name = kind.rpartition(".")
        label = f"{name}_{on.rpartition('.')[2]}_{column or ''}"
        uid = f"test.shop.{label}.{len(self.manifest['nodes']):010x}"
        self.manifest["nodes"][uid] = {
            "resource_type": "test",
            "unique_id": uid,
            "name": label,
            "package_name": "shop",
            "original_file_path": "models/schema.yml",
            "column_name": column,
            "attached_node": on,
            "depends_on": {"nodes": [on]},
            "test_metadata": {
                "name": name,
                "namespace": namespace or None,
                "kwargs": {**({"column_name": column} if column else {}), **arguments},
            },
        }
        return uid

    def key(self, on: str, column: str) -> None:
        """Add what proves a primary key."""
        self.test("unique", on, column)
        self.test("not_null", on, column)

    def source(self, source: str, table: str, columns: Any = ()) -> str:
        """Add a source table."""
        uid = f"source.shop.{source}.{table}"
        self.manifest["sources"][uid] = {
            "unique_id": uid,
            "name": table,
            "source_name": source,
            "package_name": "shop",
            "original_file_path": "models/sources.yml",
            "resource_type": "source",
            "columns": columns_of(columns),
        }
        return uid

    def other(self, section: str, name: str, *parents: str, **keys: Any) -> str:
        """Add an exposure, metric, semantic model, saved query or unit test."""
        kind = {"saved_queries": "saved_query"}.get(section, section.removesuffix("s"))
        uid = f"{kind}.shop.{name}"
        self.manifest[section][uid] = {
            "unique_id": uid,
            "name": name,
            "package_name": "shop",
            "original_file_path": "models/schema.yml",
            "depends_on": {"nodes": list(parents)},
            **keys,
        }
        return uid

    def built(self, uid: str, kind: str = "BASE TABLE", **columns: str) -> None:
        """Put a relation into the catalog, with the types of its columns."""
        section = "sources" if uid.startswith("source.") else "nodes"
        self.catalog[section][uid] = {
            "metadata": {"type": kind, "schema": "main", "name": uid.split(".")[-1]},
            "columns": {
                name: {"name": name, "type": type_, "index": place + 1}
                for place, (name, type_) in enumerate(columns.items())
            },
        }

    def write(self, folder: Path, catalog: bool = False) -> Path:
        """Write the files into `folder` and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps(self.manifest))
        if catalog or self.catalog["nodes"] or self.catalog["sources"]:
            (folder / "catalog.json").write_text(json.dumps(self.catalog))
        return folder

    def copy(self) -> ProjectFiles:
        """Return a copy to be changed."""
        return copy.deepcopy(self)


def columns_of(columns: Any) -> Json:
    """Return YAML columns from ``{name: description}`` or a sequence of described names."""
    if not isinstance(columns, dict):
        columns = {name: f"What the column {name} means" for name in columns}
    return {name: {"name": name, "description": text} for name, text in columns.items()}
