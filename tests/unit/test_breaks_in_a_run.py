"""What head's own build failed at is named, where base's came to an end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles

MID = "model.shop.mid"
HEADED = "Runtime Error in model mid (models/mid.sql)\n  Conversion Error: no number: 'x'\n  LINE 1"


def project(sql: str) -> ProjectFiles:
    files = ProjectFiles()
    files.model("mid", compiled_code=sql, raw_code=sql)
    return files


def ran(target: Path, status: str, which: str = "build") -> None:
    """Write what a run said of `mid`."""
    said = HEADED if status == "error" else "OK"
    target.joinpath("run_results.json").write_text(json.dumps({
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
        "args": {"which": which},
        "results": [{"unique_id": MID, "status": status, "message": said}],
    }))  # fmt: skip


@pytest.mark.parametrize(
    ("base", "head", "which", "edited", "told"),
    [
        ("success", "error", "build", True, True),
        ("error", "error", "build", True, False),
        ("success", "success", "build", True, False),
        ("success", "error", "compile", True, False),  # nothing ran
        ("success", "error", "build", False, False),  # of no change
    ],
)
def test_what_failed_is_named_in_the_databases_words(
    tmp_path: Path,
    ask: Callable[..., Any],
    base: str,
    head: str,
    which: str,
    edited: bool,
    told: bool,
) -> None:
    folders = []
    for name, sql, status in (("base", "1", base), ("head", "2" if edited else "1", head)):
        path = project(f"select {sql} as a").write(tmp_path / name)
        folders.append(path if path.is_dir() else path.parent)
        ran(folders[-1], status, which)
    found = ask("changes", "--base", folders[0], "--head", folders[1])["breaks"]
    said = "the build of head fails at it: Conversion Error: no number: 'x'"
    assert [(b["unique_id"], b["reason"], b["certain"]) for b in found] == (
        [(MID, said, True)] if told else []
    )
