"""What the tests of `add` share: raw files to look at, and what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml


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
