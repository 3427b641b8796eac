"""Stores what later runs compare with: production's manifest, results, lock and commit.

Writes the folder state/, complete or not at all. `make ci STATE=state` reads it.

Usage: state.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from ci import LOCK, ROOT, compile_project, start

STATE = ROOT / "state"
BUILT = ROOT / "analytics" / "target"


def main() -> None:
    run = start(Path("none"))
    compile_project(ROOT / "analytics", run, run.head)
    fresh = run.folder / "state"
    fresh.mkdir()
    shutil.copy(run.head / "manifest.json", fresh)
    shutil.copy(ROOT / LOCK, fresh)
    asked = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if commit.returncode == 0:
        (fresh / "commit").write_text(commit.stdout, encoding="utf-8")
    for name in ("run_results.json", "catalog.json"):
        if (BUILT / name).is_file() and target_of(BUILT / "run_results.json") == "prod":
            shutil.copy(BUILT / name, fresh)
    former = run.folder / "former"
    if STATE.exists():
        STATE.rename(former)
    fresh.rename(STATE)
    shutil.rmtree(run.folder)
    print(f"{STATE.relative_to(ROOT)}/ holds production's state: make ci STATE=state")


def target_of(run_results: Path) -> str:
    """The target that a run wrote to."""
    said = json.loads(run_results.read_text(encoding="utf-8"))
    return str(said.get("args", {}).get("target", ""))


main()
