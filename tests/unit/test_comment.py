"""The one comment of a pull request: made once, updated after, and never a word of a command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.unit.forge import BOT, PERSON, Forge, running

MARKER = "<!-- analytics-tools review -->"
REVIEW = f"{MARKER}\n## Safe\n"
GITHUB_COMMENTS = "/repos/o/r/issues/12/comments"


@pytest.fixture
def forge() -> Iterator[Forge]:
    with running(Forge()) as served:
        yield served


def comment(forge: Forge, folder: Path, body: str, **more: str) -> subprocess.CompletedProcess[str]:
    file = folder / "review.md"
    file.write_text(body, encoding="utf-8")
    env = {
        "PATH": os.environ["PATH"],
        "GITHUB_TOKEN": "t0ken",
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "o/r",
        "PULL_REQUEST": "12",
        **more,
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "comment.py"), str(file)],
        env=env, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_made_once_then_updated(forge: Forge, tmp_path: Path) -> None:
    forge.holds("Nice work", **PERSON)
    assert "made" in comment(forge, tmp_path, REVIEW).stdout
    assert forge.bodies() == ["Nice work", REVIEW]
    assert "updated" in comment(forge, tmp_path, f"{REVIEW}now\n").stdout
    assert forge.bodies() == ["Nice work", f"{REVIEW}now\n"]
    assert forge.calls[-1] == ("PATCH", "/repos/o/r/issues/comments/2")
    assert forge.tokens == {"Bearer t0ken"}
    before = len(forge.calls)
    assert "already" in comment(forge, tmp_path, f"{REVIEW}now\n").stdout
    assert len(forge.calls) == before + 1


def test_found_behind_hundreds_of_others(forge: Forge, tmp_path: Path) -> None:
    for number in range(230):
        forge.holds(f"comment {number}", **PERSON)
    comment(forge, tmp_path, REVIEW)
    comment(forge, tmp_path, f"{REVIEW}2\n")
    assert len(forge.comments) == 231
    assert forge.bodies()[-1] == f"{REVIEW}2\n"


def test_a_pasted_marker_is_left_alone(forge: Forge, tmp_path: Path) -> None:
    pasted = f"{MARKER}\nbuy now"
    forge.holds(pasted, **PERSON, author_association="NONE")
    forge.holds(f"> {MARKER}\nquoted", **BOT)
    comment(forge, tmp_path, REVIEW)
    assert forge.bodies() == [pasted, f"> {MARKER}\nquoted", REVIEW]


def test_of_another_kind_is_left_alone(forge: Forge, tmp_path: Path) -> None:
    forge.holds("<!-- coverage -->\n80 %", **BOT)
    comment(forge, tmp_path, REVIEW)
    assert forge.bodies()[0] == "<!-- coverage -->\n80 %"


def test_long_and_hostile_text_arrives_as_it_is(forge: Forge, tmp_path: Path) -> None:
    hostile = "$(touch owned) `touch owned` \"; touch owned; ' @team ${{ x }} é 漢 \\n\n"
    body = (REVIEW + hostile * 1000)[:65_000]
    assert comment(forge, tmp_path, body).returncode == 0
    assert forge.bodies() == [body]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["review.md"]


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_token_that_may_not_write_is_no_failure(forge: Forge, tmp_path: Path, code: int) -> None:
    forge.faults = [code]
    done = comment(forge, tmp_path, REVIEW)
    assert done.returncode == 0
    assert f"HTTP {code}" in done.stdout
    assert "summary" in done.stdout


def test_a_fault_of_the_server_is_asked_again(forge: Forge, tmp_path: Path) -> None:
    forge.faults = [502]
    assert comment(forge, tmp_path, REVIEW).returncode == 0
    assert forge.bodies() == [REVIEW]


def test_a_comment_is_not_sent_twice(forge: Forge, tmp_path: Path) -> None:
    forge.faults = [0, 502]
    assert comment(forge, tmp_path, REVIEW).returncode == 2
    assert [method for method, _ in forge.calls] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("body", "more", "says"),
    [
        ("## Safe\n", {}, "does not begin with a marker"),
        (REVIEW, {"PULL_REQUEST": "12; ls"}, "should be a number"),
        (REVIEW, {"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        (REVIEW, {"GITHUB_API_URL": "http://127.0.0.1:9"}, "could not be written"),
    ],
)
def test_wrong_use_is_one_line(
    forge: Forge, tmp_path: Path, body: str, more: dict[str, str], says: str
) -> None:
    done = comment(forge, tmp_path, body, **more)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_gitlab(forge: Forge, tmp_path: Path) -> None:
    gitlab = {
        "GITLAB_CI": "true",
        "GITLAB_TOKEN": "gl",
        "CI_API_V4_URL": forge.url,
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "4",
    }
    forge.holds(REVIEW, **PERSON)
    comment(forge, tmp_path, REVIEW, **gitlab)
    comment(forge, tmp_path, f"{REVIEW}2\n", **gitlab)
    assert forge.bodies() == [REVIEW, f"{REVIEW}2\n"]
    assert forge.calls[-1] == ("PUT", "/projects/3/merge_requests/4/notes/2")
    assert forge.tokens == {"gl"}
