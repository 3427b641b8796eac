"""The scripts between the workflows and `make`: run as they are, in a copy, with made-up tools on PATH."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

SCRIPTS = ("production.sh", "production_gitlab.sh", "unpack.sh", "slim_ci.sh", "review_of_run.sh")
WHOLE = {
    "data/analytics.duckdb": "new",
    "data/raw/_landing.json": "{}",
    "state/manifest.json": "{}",
}
# gh, as far as it is used: `api PATH [--jq FILTER]`, answered from the folder GH_ANSWERS.
GH = """\
#!/bin/bash
set -eu
[ "$1" = api ] || exit 9
echo "$2" >>"$GH_ANSWERS/asked"
answer=$GH_ANSWERS/$(echo "${2%%\\?*}" | tr / _)
[ -f "$answer" ] || { echo "gh: HTTP 403" >&2; exit 1; }
if [ "${3:-}" = --jq ]; then jq -r "$4" "$answer"; else cat "$answer"; fi
"""


@dataclass(frozen=True)
class Checkout:
    """A folder with the scripts, and a folder of commands that stand before all others on PATH."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "scripts").mkdir(parents=True)
        (self.folder / "bin").mkdir()
        for name in SCRIPTS:
            shutil.copy(ROOT / "scripts" / name, self.folder / "scripts" / name)

    def command(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.run(
            [str(self.folder / "scripts" / words[0]), *words[1:]],
            cwd=self.folder.parent, env={"PATH": path, **env},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def has(self, name: str) -> str | None:
        path = self.folder / name
        return path.read_text() if path.is_file() else None


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "here")


@dataclass(frozen=True)
class Stored:
    """What a made-up GitHub has stored: artifacts, the runs they are of, and the files in them."""

    checkout: Checkout

    @property
    def answers(self) -> Path:
        return self.checkout.folder / "answers"

    def holds(self, *artifacts: dict[str, Any], files: dict[str, str] = WHOLE) -> None:
        self.answers.mkdir()
        listed = {"artifacts": [artifact["artifact"] for artifact in artifacts]}
        (self.answers / "repos_o_r_actions_artifacts").write_text(json.dumps(listed))
        for artifact in artifacts:
            run = artifact["run"]
            (self.answers / f"repos_o_r_actions_runs_{run['id']}").write_text(json.dumps(run))
            with zipfile.ZipFile(self.answers / zip_name(run["id"]), "w") as packed:
                for name, text in files.items():
                    packed.writestr(name, text)

    def bring(self) -> subprocess.CompletedProcess[str]:
        self.checkout.command("gh", GH)
        return self.checkout.run(
            "production.sh", GITHUB_REPOSITORY="o/r", GH_ANSWERS=str(self.answers)
        )


def zip_name(number: int) -> str:
    return f"repos_o_r_actions_artifacts_{number}_zip"


def artifact(number: int, **differs: Any) -> dict[str, Any]:
    """An artifact of the deploy workflow on main, unless it is said what differs."""
    run = {
        "id": number,
        "path": ".github/workflows/deploy.yml",
        "head_branch": "main",
        "head_repository": {"full_name": "o/r"},
        "event": "push",
    }
    run.update({key: value for key, value in differs.items() if key in run})
    listed = {"id": number, "head_branch": "main", "repository_id": 1, "head_repository_id": 1}
    listed.update({key: value for key, value in differs.items() if key in listed})
    expired = differs.get("expired", False)
    return {"run": run, "artifact": {"id": number, "expired": expired, "workflow_run": listed}}


@pytest.fixture
def stored(checkout: Checkout) -> Stored:
    if shutil.which("jq") is None:
        pytest.skip("jq, which stands in for gh's own")
    return Stored(checkout)


def test_nothing_stored_is_kindly_said(stored: Stored) -> None:
    stored.holds()
    done = stored.bring()
    assert done.returncode == 0
    assert "That is fine" in done.stdout
    assert not (stored.checkout.folder / "data").exists()


def test_the_newest_is_brought_and_takes_the_place_of_the_old(stored: Stored) -> None:
    stored.holds(artifact(9), artifact(5))
    raw = stored.checkout.folder / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "old.parquet").write_text("old")
    done = stored.bring()
    assert done.returncode == 0, done.stderr
    assert "artifacts/9/zip" in (stored.answers / "asked").read_text()
    assert stored.checkout.has("data/analytics.duckdb") == "new"
    assert stored.checkout.has("state/manifest.json") == "{}"
    assert not (raw / "old.parquet").exists()
    assert not list(stored.checkout.folder.glob(".production*"))


@pytest.mark.parametrize(
    "differs",
    [
        {"expired": True},
        {"head_branch": "somebodys"},
        {"head_repository_id": 2},
        {"head_repository": {"full_name": "fork/r"}},
        {"path": ".github/workflows/ci.yml"},
        {"event": "pull_request"},
    ],
)
def test_what_did_not_come_from_deploy_on_main_is_passed_over(
    stored: Stored, differs: dict[str, Any]
) -> None:
    stored.holds(artifact(9, **differs), artifact(5))
    assert stored.bring().returncode == 0
    asked = (stored.answers / "asked").read_text()
    assert "artifacts/5/zip" in asked
    assert "artifacts/9/zip" not in asked


def test_half_an_artifact_changes_nothing(stored: Stored) -> None:
    stored.holds(artifact(9), files={"data/analytics.duckdb": "new", "data/raw/_landing.json": ""})
    (stored.checkout.folder / "state").mkdir()
    done = stored.bring()
    assert done.returncode == 2
    assert "lacks state/manifest.json" in done.stderr
    assert not (stored.checkout.folder / "data").exists()


def test_no_permission_is_not_taken_for_nothing_stored(stored: Stored) -> None:
    stored.answers.mkdir()
    done = stored.bring()
    assert done.returncode != 0
    assert "That is fine" not in done.stdout


CURL = """\
#!/bin/bash
set -eu
cat >"$ANSWERS/config"
printf '%s\\n' "$@" >"$ANSWERS/words"
while [ $# -gt 0 ]; do
    if [ "$1" = --output ]; then [ "$CODE" != 200 ] || cp "$ANSWERS/zip" "$2"; fi
    shift
done
printf %s "$CODE"
"""


@pytest.mark.parametrize(("code", "exit_code"), [("200", 0), ("404", 0), ("403", 2)])
def test_gitlab(checkout: Checkout, tmp_path: Path, code: str, exit_code: int) -> None:
    checkout.command("curl", CURL)
    with zipfile.ZipFile(tmp_path / "zip", "w") as packed:
        for name, text in WHOLE.items():
            packed.writestr(name, text)
    done = checkout.run(
        "production_gitlab.sh", ANSWERS=str(tmp_path), CODE=code, CI_API_V4_URL="https://gl/api/v4",
        CI_PROJECT_ID="3", CI_DEFAULT_BRANCH="main", CI_JOB_TOKEN="secret",  # noqa: S106
    )  # fmt: skip
    assert done.returncode == exit_code, done.stderr
    assert (checkout.has("data/analytics.duckdb") == "new") == (code == "200")
    words = (tmp_path / "words").read_text()
    assert "https://gl/api/v4/projects/3/jobs/artifacts/main/download" in words
    assert "secret" not in words
    assert "JOB-TOKEN: secret" in (tmp_path / "config").read_text()


@pytest.mark.parametrize(
    ("built_from", "state"),
    [("HEAD~1", "state"), ("HEAD", "state"), ("later", "none"), ("", "none")],
)
def test_production_that_moved_on_is_not_compared_with(
    checkout: Checkout, built_from: str, state: str
) -> None:
    def git(*words: str) -> str:
        who = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "init.defaultBranch=main",
        ]
        return subprocess.run(
            ["git", *who, *words], cwd=checkout.folder, capture_output=True, text=True, check=True
        ).stdout

    git("init", "-q")
    for message in ("one", "two", "three"):
        git("commit", "-q", "--allow-empty", "-m", message)
    git("branch", "later")
    git("reset", "-q", "--hard", "HEAD~1")
    if built_from:
        (checkout.folder / "state").mkdir()
        (checkout.folder / "state" / "commit").write_text(git("rev-parse", built_from))
    checkout.command("make", '#!/bin/sh\necho "$1 BASE=$BASE STATE=${STATE:-none}"; exit 3\n')
    done = checkout.run("slim_ci.sh", BASE="HEAD^1", STATE="of another")
    assert done.stdout.splitlines()[-1] == f"ci BASE=HEAD^1 STATE={state}"
    assert done.returncode == 3
    assert done.stderr == ""


def test_the_review_of_the_last_run(checkout: Checkout, tmp_path: Path) -> None:
    for name in ("20260101-090000-b", "20260102-080000-a"):
        run = checkout.folder / ".cache" / "ci" / "runs" / name
        run.mkdir(parents=True)
        (run / "review.md").write_text(name)
    (checkout.folder / ".cache" / "ci" / "runs" / "20260103-080000-a").mkdir()
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    assert (
        checkout.run("review_of_run.sh", "r.md", GITHUB_STEP_SUMMARY=str(summary)).returncode == 0
    )
    assert checkout.has("r.md") == "20260102-080000-a"
    assert summary.read_text() == "before\n20260102-080000-a"


def test_a_run_without_review_says_so_under_the_marker(checkout: Checkout) -> None:
    from analytics_tools.render.review_markdown import MARKER

    assert checkout.run("review_of_run.sh", "r.md").returncode == 0
    said = checkout.has("r.md") or ""
    assert said.startswith(f"{MARKER}\n")
    assert "No review" in said


@pytest.mark.parametrize("words", [["yamllint", "--strict"], ["ruff", "check"]], ids=" ".join)
def test_linters_leave_the_copies_of_old_commits_alone(tmp_path: Path, words: list[str]) -> None:
    for name in (".yamllint", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    copy = tmp_path / ".cache" / "ci" / "bases" / "0123abc"
    copy.mkdir(parents=True)
    (copy / "bad.yml").write_text("a:   {b: [1,2 ]}\n")
    (copy / "bad.py").write_text("import sys, os\n")
    (tmp_path / "good.yml").write_text("a: 1\n")
    (tmp_path / "good.py").write_text("A = 1\n")
    linter = Path(sys.executable).parent / words[0]
    done = subprocess.run(
        [str(linter), *words[1:], "."], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ("duckdb==2.0.1", ["duckdb==2.0.1"]),
        ("dbt-core==1.12.7", ["dbt-core==1.12.7"]),
        ("ruff==0.99.0", []),
        ("", []),
    ],
)
def test_another_engine_in_the_lock_builds_everything(
    pin: str, told: list[str], tmp_path: Path
) -> None:
    script = "import runpy, pathlib; made = runpy.run_path({!r}); print(made['engine_changes'](pathlib.Path({!r})))"
    lock = (ROOT / "requirements.lock").read_text()
    name = pin.partition("==")[0]
    head = re.sub(rf"^{re.escape(name)}==\S+", pin, lock, flags=re.MULTILINE) if pin else lock
    for folder, text in (("base", lock), ("head", head)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "requirements.lock").write_text(text)
    shutil.copytree(ROOT / "scripts", tmp_path / "head" / "scripts")
    done = subprocess.run(
        [sys.executable, "-c",
         script.format(str(tmp_path / "head" / "scripts" / "ci.py"), str(tmp_path / "base"))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"{told}\n"
