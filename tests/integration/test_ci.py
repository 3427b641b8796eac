"""`make ci` on a dozen branches of a real repository: what it builds, what it says, how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_tools.sample_data import LandingOptions, land
from tests.conftest import ANALYTICS, ROOT
from tests.integration.branches import BRANCHES, EDIT_STORE, Branch

# One branch of each verdict and kind of change, in each run of the suite. Each takes half a minute, so
# the others are slow tests; what `changes` says of their kinds is tested without a build as well.
OFTEN = {"cosmetic", "column-dropped", "filter-changed", "macro-changed", "test-removed"}


@dataclass(frozen=True)
class Outcome:
    """What a run of `make ci` left: its exit code, its words, the review, and what it built."""

    exit_code: int
    output: str
    comment: str
    review: dict
    built: frozenset[str]


@dataclass(frozen=True)
class Repository:
    """A git repository made from this project, with a production file beside it."""

    folder: Path

    @property
    def production(self) -> Path:
        return self.folder / "data" / "analytics.duckdb"

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=someone", "-c", "user.email=someone@example.com"]
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout

    def branch(self, branch: Branch) -> Repository:
        """A clone in a folder of its own, at the branch, beside the same data and cache."""
        clone = Repository(self.folder.parent / branch.name)
        self.git("worktree", "add", "-q", "-b", branch.name, str(clone.folder), "main")
        for name in ("data", ".cache"):
            (clone.folder / name).symlink_to(self.folder / name)
        shutil.copytree(ANALYTICS / "dbt_packages", clone.folder / "analytics" / "dbt_packages")
        branch.edit(clone.folder)
        clone.git("add", "-A", "analytics", "requirements.lock")
        clone.git("commit", "-q", "--allow-empty", "-m", branch.name)
        return clone

    def ci(self, **variables: str) -> Outcome:
        venv = Path(sys.executable).parent.parent
        done = [venv / ".installed", "analytics/dbt_packages/.installed", "data/raw/_landing.json"]
        words = ["make", "--no-print-directory", f"VENV={venv}", "ci"]
        words += [word for path in done for word in ("-o", str(path))]
        words += [f"{name}={value}" for name, value in variables.items()]
        ended = subprocess.run(
            words, cwd=self.folder, env=environment(), capture_output=True, text=True, check=False
        )
        said = ended.stdout + ended.stderr
        folder = (
            self.folder
            / next(line for line in said.splitlines() if line.endswith("and the warehouse.")).split(
                " holds "
            )[0]
        )
        return Outcome(
            1 if ended.returncode else 0,
            said,
            (folder / "review.md").read_text(),
            json.loads((folder / "review.json").read_text()),
            built(folder / "build" / "run_results.json"),
        )


def environment() -> dict[str, str]:
    """As on a fresh machine: nothing of the variables that the other tests set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANALYTICS_", "DBT_"))}
    return {**kept, "NO_COLOR": "1"}


def built(run_results: Path) -> frozenset[str]:
    """Names of the models, seeds and snapshots that a run built."""
    if not run_results.is_file():
        return frozenset()
    results = json.loads(run_results.read_text())["results"]
    kinds = ("model.", "seed.", "snapshot.")
    ids = [r["unique_id"] for r in results if r["unique_id"].startswith(kinds)]
    return frozenset(one.split(".", 2)[2] for one in ids)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The project committed on main, its production built."""
    made = Repository(tmp_path_factory.mktemp("ci") / "main")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, made.folder / name)
    made.git("init", "-q", "-b", "main")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "base")
    (made.folder / ".cache").mkdir()
    shutil.copytree(ANALYTICS / "dbt_packages", made.folder / "analytics" / "dbt_packages")
    # As of today: production is fresh, and no test of freshness warns.
    today = datetime.now(UTC).date()
    land(made.folder / "data" / "raw", LandingOptions(as_of=today, scale=5_000, seed=3))
    dbt = str(Path(sys.executable).parent / "dbt")
    untested = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    subprocess.run(
        [dbt, "build", "--target", "prod", *untested],
        cwd=made.folder / "analytics", env=environment(), check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(repository: Repository) -> None:
    before = digest(repository.production)
    first, second = (
        repository.branch(Branch(name, EDIT_STORE, "look", frozenset({"dim_store"})))
        for name in ("at-once-1", "at-once-2")
    )
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(Repository.ci, (first, second)))
    for outcome in outcomes:
        assert outcome.exit_code == 0, outcome.output[-3000:]
        assert outcome.built == {"dim_store"}
    assert digest(repository.production) == before


@pytest.mark.parametrize(
    "branch",
    [pytest.param(one, marks=[] if one.name in OFTEN else [pytest.mark.slow]) for one in BRANCHES],
    ids=lambda branch: branch.name,
)
def test_a_branch_is_reviewed(repository: Repository, branch: Branch) -> None:
    before = digest(repository.production)
    outcome = repository.branch(branch).ci()
    assert outcome.review["verdict"] == branch.verdict, outcome.comment
    assert outcome.exit_code == (1 if branch.verdict == "breaks" else 0), outcome.output[-3000:]
    assert branch.is_built(outcome.built), (sorted(outcome.built), outcome.output[-2000:])
    for phrase in branch.says:
        assert phrase in outcome.comment, outcome.comment
    assert digest(repository.production) == before
    assert not list(repository.production.parent.glob("*.wal"))


@pytest.mark.slow
def test_the_first_run_has_no_production_and_builds_everything(repository: Repository) -> None:
    clone = repository.branch(Branch("first-run", EDIT_STORE, "look"))
    outcome = clone.ci(PRODUCTION=str(clone.folder / "none.duckdb"), CI="")
    assert "this first run builds everything" in outcome.output
    assert "git switch main && make build TARGET=prod" in outcome.output
    assert "production" not in outcome.comment
    assert outcome.exit_code == 0, outcome.output[-3000:]
    assert len(outcome.built) > 70


@pytest.mark.slow
def test_a_stored_state_and_dbts_own_selection(repository: Repository) -> None:
    clone = repository.branch(Branch("stored", EDIT_STORE, "look"))
    subprocess.run(
        [sys.executable, "scripts/state.py"], cwd=repository.folder, env=environment(), check=True
    )
    state = str(repository.folder / "state")
    slim = clone.ci(STATE=state)
    assert slim.built == {"dim_store"}, slim.output[-3000:]
    modified = clone.ci(STATE=state, SELECT="state:modified+")
    assert modified.exit_code == 0, modified.output[-3000:]
    assert modified.built > slim.built
    assert len(modified.built) < 10, "only what is downstream of dim_store"
