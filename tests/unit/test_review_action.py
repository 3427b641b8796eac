"""The action that other dbt projects use: its words, its token, its exit code."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.unit.forge import Forge, running

ACTION = ROOT / ".github" / "actions" / "review"
TOOL = """\
#!/bin/bash
printf '%s\\n' "$@" >"$RUNNER_TEMP/words"
echo "token=${GITHUB_TOKEN:-none}" >"$RUNNER_TEMP/token"
while [ $# -gt 0 ]; do
    if [ "$1" = --write ]; then printf '%s\\n' '<!-- analytics-tools review -->' said >"$2"; fi
    shift
done
exit "$CODE"
"""


@pytest.fixture
def forge() -> Iterator[Forge]:
    with running(Forge()) as served:
        yield served


def act(forge: Forge, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the action with a made-up analytics-tools in place of the installed one."""
    tool = folder / "analytics-tools" / "bin" / "analytics-tools"
    tool.parent.mkdir(parents=True)
    tool.write_text(TOOL)
    tool.chmod(0o755)
    env = {
        "PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), "CODE": "0",
        "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_TOKEN": "t",
        "GITHUB_API_URL": forge.url, "GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "12",
        "BASE": "", "HEAD": "target", "BUILD": "", "BASE_DATA": "", "HEAD_DATA": "",
        "FAIL_ON": "breaks", "COMMENT": "true", **more,
    }  # fmt: skip
    return subprocess.run(
        [str(ACTION / "review.sh")],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def words(folder: Path) -> list[str]:
    return (folder / "words").read_text().splitlines()


def test_reviewed_summarised_commented(forge: Forge, tmp_path: Path) -> None:
    done = act(forge, tmp_path, BASE="state", BASE_DATA="a.duckdb", HEAD_DATA="b.duckdb")
    assert done.returncode == 0, done.stderr
    review = str(tmp_path / "review.md")
    assert words(tmp_path) == [
        "review", "--head", "target", "--fail-on", "breaks", "--format", "github",
        "--write", review, "--base", "state", "--base-data", "a.duckdb", "--head-data", "b.duckdb",
    ]  # fmt: skip
    assert (tmp_path / "token").read_text() == "token=none\n"
    assert (tmp_path / "summary").read_text().endswith("said\n")
    assert len(forge.comments) == 1


def test_a_failed_gate_is_commented_and_fails(forge: Forge, tmp_path: Path) -> None:
    assert act(forge, tmp_path, CODE="1").returncode == 1
    assert len(forge.comments) == 1


@pytest.mark.parametrize("more", [{"COMMENT": "false"}, {"PULL_REQUEST": ""}])
def test_no_comment_where_none_is_wanted_or_possible(
    forge: Forge, tmp_path: Path, more: dict[str, str]
) -> None:
    assert act(forge, tmp_path, **more).returncode == 0
    assert forge.calls == []
    assert (tmp_path / "summary").exists()


def test_a_token_that_may_not_write_leaves_the_summary(forge: Forge, tmp_path: Path) -> None:
    forge.faults = [0, 403]
    assert act(forge, tmp_path).returncode == 0
    assert (tmp_path / "summary").exists()


def test_inputs_are_words_and_nothing_else(forge: Forge, tmp_path: Path) -> None:
    hostile = '$(touch owned) "; touch owned; `touch owned` *'
    act(forge, tmp_path, BASE=hostile, FAIL_ON=hostile)
    assert words(tmp_path).count(hostile) == 2
    assert not (tmp_path / "owned").exists()


def test_every_input_reaches_the_script() -> None:
    action = yaml.safe_load((ACTION / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    passed = " ".join(step["env"].values())
    for name in action["inputs"]:
        assert f"inputs.{name} " in passed, name
    script = (ACTION / "review.sh").read_text()
    for name in step["env"]:
        if name not in ("GITHUB_TOKEN",):  # read by scripts/comment.py
            assert f"${name}" in script, name
