"""A copy of this repository as git would clone it, with what is not committed yet, in a git repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.conftest import ROOT

WHO = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]


def git(place: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *WHO, *words],
        cwd=place,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_template(place: Path) -> Path:
    """Make the copy at `place`, everything committed."""
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for path in listed.split("\0"):
        if path and (ROOT / path).is_file():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, place / path)
    git(place, "init", "--quiet", "--initial-branch=main")
    commit(place, "The template")
    return place


def commit(place: Path, message: str) -> None:
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", message)
