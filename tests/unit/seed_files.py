"""A made-up project that stands on one seed, whose file is at hand."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.unit.project_files import ProjectFiles

ROWS = "id,grp,amount\n1,a,10\n2,a,20\n3,b,30\n4,,40\n"
SEED = '"db"."main"."raw"'


def project(
    folder: Path,
    sql: str,
    rows: str = ROWS,
    kind: str = "table",
    reader: str = "table",
    jinja: str = "",
    **keys: Any,
) -> ProjectFiles:
    """A seed, a model `mid` on it, and a reader of all that has."""
    (folder / "seeds").mkdir(parents=True)
    (folder / "seeds/raw.csv").write_text(rows)
    files = ProjectFiles()
    files.manifest["nodes"]["seed.shop.raw"] = {
        "unique_id": "seed.shop.raw", "resource_type": "seed", "name": "raw", "alias": "raw",
        "package_name": "shop", "original_file_path": "seeds/raw.csv", "root_path": str(folder),
        "database": "db", "schema": "main", "relation_name": SEED, "columns": {}, "raw_code": "",
        "config": {"materialized": "seed"}, "depends_on": {"macros": []},
        "checksum": {"name": "sha256", "checksum": sha256(rows.strip().encode()).hexdigest()},
    }  # fmt: skip
    sql = sql.replace("raw", SEED)
    keys = {"raw_code": sql + jinja, "materialized": kind} | keys
    mid = files.model("mid", "seed.shop.raw", compiled_code=sql, **keys)
    sql = 'select * from "db"."main"."mid"'
    files.model("reader", mid, compiled_code=sql, raw_code=sql, materialized=reader)
    return files
