"""Real artifacts, read where they lie and never copied."""

from __future__ import annotations

from pathlib import Path

import pytest

ARTIFACTS = Path(__file__).parent.parent.parent.parent / "shared" / "artifacts"
REAL = sorted(path.parent for path in ARTIFACTS.glob("real/*/manifest.json"))
PULL_REQUESTS = sorted(path.parent for path in ARTIFACTS.glob("pull_requests/*/truth.json"))
ABSENT = f"no artifacts at {ARTIFACTS}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test over every folder; where there is none, skip it and say why."""
    for name, folders in (("real", REAL), ("pull_request", PULL_REQUESTS)):
        if name in metafunc.fixturenames:
            absent = [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT), id="absent")]
            metafunc.parametrize(
                name, [pytest.param(f, id=f.name) for f in folders] or absent, scope="session"
            )
