"""The project built on DuckDB, which every other engine is compared with, and what they share."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from analytics_tools.sample_data import LandingOptions, append, land
from tests.conftest import ANALYTICS, AS_OF, ROOT, Warehouse

SCALE = 20_000
LATER = AS_OF + timedelta(days=2)


@dataclass(frozen=True)
class OnEngine(Warehouse):
    """The project in a folder of its own, built on an engine from files that others read too."""

    PATIENCE: ClassVar[int] = 1200

    landed: Path
    target_name: str = "dev"
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        return self.landed

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.settings, "DBT_TARGET": self.target_name}

    def manifest(self) -> dict[str, Any]:
        return json.loads((self.target / "manifest.json").read_text())

    def outcomes(self) -> dict[str, str]:
        """How each node of the last run ended."""
        results = json.loads((self.target / "run_results.json").read_text())["results"]
        return {result["unique_id"]: result["status"] for result in results}

    def apart(self) -> OnEngine:
        """The same with a target folder of its own, for what would take the place of a build's artifacts."""
        elsewhere = {"DBT_TARGET_PATH": str(self.home / "apart_target")}
        return replace(self, settings={**self.settings, **elsewhere})

    def load(self) -> str:
        """What `make load` says, which reads the repository's own project."""
        done = subprocess.run(
            [sys.executable, ROOT / "scripts" / "load.py", "--target", self.target_name],
            env={**self.environment, "DBT_TARGET_PATH": str(self.home / "load_target")},
            capture_output=True,
            text=True,
            timeout=self.PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


def on_engine(home: Path, landed: Path, target: str = "dev", **settings: str) -> OnEngine:
    """A copy of the project, not built yet."""
    made = OnEngine(home, landed, target, settings)
    shutil.copytree(ANALYTICS, made.project, ignore=shutil.ignore_patterns("target", "logs"))
    return made


@dataclass(frozen=True)
class Reference:
    """DuckDB's build of the landed files, and how to let days pass for everybody."""

    first: OnEngine
    later: OnEngine


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return build_reference(tmp_path_factory.mktemp("reference"))


def build_reference(home: Path, *selected: str) -> Reference:
    """DuckDB built from the first landing, and a copy of it built on with two more days.

    The files of the two stand apart, so that an engine can be compared after each.
    """
    land(home / "first_raw", LandingOptions(as_of=AS_OF, scale=SCALE, seed=7))
    first = on_engine(home / "first", home / "first_raw")
    first.dbt("build", *selected)
    shutil.copytree(home / "first_raw", home / "later_raw")
    append(home / "later_raw", through=LATER)
    shutil.copytree(first.home, home / "later")
    later = OnEngine(home / "later", home / "later_raw")
    later.dbt("build", *selected)
    return Reference(first, later)
