"""Slim CI on one machine: builds what a change touches, and reviews it. `make ci BASE=main`.

It compares the working tree with the point where it left BASE. The project as it was there is
compiled once and kept; the head is compiled; `analytics-tools changes` says which models can
differ; only those are built, in a DuckDB file of their own, reading all else from the production
file, which is attached read-only. Then `analytics-tools review` writes the comment.

Every run works in a folder of its own under .cache/ci/runs, so that several can run at once.

Usage: ci.py [--base main] [--state DIR] [--production FILE] [--select WORDS] [--fail-on POLICY]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache" / "ci"
LOCK = "requirements.lock"
# Both sides are compiled alike, so that neither clock nor folder is a difference between them.
COMPARED = {"ANALYTICS_AS_OF": "2000-01-01 00:00:00", "ANALYTICS_RAW_PATH": "../data/raw"}
# With another engine any number could be another: see `engine`.
ENGINE = re.compile(r"^((?:dbt|duckdb)[\w-]*==\S+)", re.MULTILINE)
A_DAY = 86_400
# On a CI machine the job that deploys makes it.
HINT = """
There is no production to compare with, so everything was built. Make it once, then use branches:
  git switch {base} && make build TARGET=prod"""


@dataclass(frozen=True)
class Run:
    """The folder of one run, and the production file it reads, if there is one."""

    folder: Path
    production: Path | None

    @property
    def database(self) -> Path:
        return self.folder / "ci.duckdb"

    @property
    def head(self) -> Path:
        """The head, compiled as for production: to compare with the base."""
        return self.folder / "head"

    @property
    def built(self) -> Path:
        """Artifacts of the build."""
        return self.folder / "build"

    def environment(self, **more: str) -> dict[str, str]:
        """What dbt needs to know; production is a scratch file unless `more` names the real one."""
        return {
            "ANALYTICS_PII_SALT": secrets.token_hex(16),
            **os.environ,
            "ANALYTICS_CI_DUCKDB_PATH": str(self.database),
            "ANALYTICS_PROD_DUCKDB_PATH": str(self.folder / "scratch" / "analytics.duckdb"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            **more,
        }


def main() -> int:
    chosen = options()
    run = start(chosen.production)
    base = Path(chosen.state).resolve() if chosen.state else base_state(chosen.base, run)
    say("compiling the head")
    compile_project(ROOT / "analytics", run, run.head)
    words = selection(chosen.select, base, run)
    built = build(words, base, run) if words is None or words else 0
    reviewed = review(base, run, chosen.fail_on)
    print(f"\n{run.folder.relative_to(ROOT)} holds the review, the artifacts and the warehouse.")
    if run.production is None and not os.environ.get("CI"):
        print(HINT.format(base=chosen.base))
    return reviewed or built


def options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--base", default="main", help="branch, tag or commit to compare with")
    reader.add_argument("--state", help="folder with the base's artifacts, instead of --base")
    reader.add_argument(
        "--production", type=Path, default=ROOT / "data" / "analytics.duckdb", help="DuckDB file"
    )
    reader.add_argument("--select", help="build this, in dbt's words: state:modified+")
    reader.add_argument("--fail-on", help="as of `analytics-tools review`")
    return reader.parse_args()


def start(production: Path) -> Run:
    """A folder for this run; those of runs before yesterday go."""
    runs = CACHE / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    for old in runs.iterdir():
        if old.stat().st_mtime < time.time() - A_DAY:
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=runs))
    (folder / "scratch").mkdir()
    return Run(folder, production.resolve() if production.is_file() else None)


def base_state(base: str, run: Run) -> Path | None:
    """The compiled project at the point where the working tree left `base`, made once a commit."""
    found = subprocess.run(
        ["git", "merge-base", "HEAD", base], cwd=ROOT, capture_output=True, text=True, check=False
    )
    commit = found.stdout.strip()
    if not commit:
        fail(f"git knows no common point of HEAD and {base}: fetch it, or name another with BASE=")
    checkout = CACHE / "bases" / commit
    target = checkout / "analytics" / "target"
    if not (target / "manifest.json").is_file():
        say(f"compiling the base, {commit[:10]}")
        check_out(commit, checkout, run)
        packages(checkout, run)
        fresh = run.folder / "base-target"
        compile_project(checkout / "analytics", run, fresh)
        shutil.copy(checkout / LOCK, fresh)
        if not target.exists():
            fresh.rename(target)
    return target


def check_out(commit: str, checkout: Path, run: Run) -> None:
    """The files of a commit, complete or not there; the working tree is left alone."""
    if checkout.is_dir():
        return
    fresh = run.folder / "base"
    index = {**os.environ, "GIT_INDEX_FILE": str(run.folder / "index")}
    for words in (["read-tree", commit], ["checkout-index", "--all", f"--prefix={fresh}/"]):
        run_or_fail(["git", *words], env=index)
    checkout.parent.mkdir(parents=True, exist_ok=True)
    if not checkout.exists():
        fresh.rename(checkout)


def packages(checkout: Path, run: Run) -> None:
    """The dbt packages that the base names: the head's, where both name the same."""
    theirs, ours = checkout / "analytics", ROOT / "analytics"
    if (theirs / "dbt_packages").is_dir():
        return
    if all(
        contents(theirs / name) == contents(ours / name) for name in ("packages.yml", "offline")
    ):
        fresh = run.folder / "dbt_packages"
        shutil.copytree(ours / "dbt_packages", fresh)
        if not (theirs / "dbt_packages").exists():
            fresh.rename(theirs / "dbt_packages")
    else:
        run_or_fail([str(checkout / "scripts" / "packages.sh"), str(BIN)], cwd=checkout)


def contents(path: Path) -> dict[str, bytes]:
    """Every file at or under a path, by its name there."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return {str(f.relative_to(path.parent)): f.read_bytes() for f in files if f.is_file()}


def compile_project(project: Path, run: Run, artifacts: Path) -> None:
    """Compile every model as production's first build would run it: a watermark is data, not code.

    The production file is not opened. The results of a compilation are no build's: they go.
    """
    run_or_fail(
        [str(BIN / "dbt"), "--quiet", "compile", "--full-refresh", "--target", "prod"],
        cwd=project,
        env=run.environment(DBT_TARGET_PATH=str(artifacts), **COMPARED),
    )
    (artifacts / "run_results.json").unlink()


def selection(asked: str | None, base: Path | None, run: Run) -> list[str] | None:
    """What to build, in words for dbt's --select; None for everything, empty for nothing."""
    if base is None or run.production is None:
        say("no base or no production file yet: this first run builds everything")
        return None
    if asked:
        return asked.split()
    changed = engine_changes(base)
    if changed:
        say(f"everything is built, for the engine is another: {', '.join(changed)}")
        return None
    said = run_or_fail(
        [*tool("changes"), "--base", str(base), "--head", str(run.head), "--format", "selector"]
    )
    words = said.split()
    say(f"to build: {len(words)} nodes" if words else "nothing to build: no data can differ")
    return words


def engine_changes(base: Path) -> list[str]:
    """Versions of dbt, its adapters and DuckDB that are in the head's lock alone."""
    if not (base / LOCK).is_file():
        return []
    before = set(ENGINE.findall((base / LOCK).read_text(encoding="utf-8")))
    after = set(ENGINE.findall((ROOT / LOCK).read_text(encoding="utf-8")))
    return sorted(after - before)


def build(words: list[str] | None, base: Path | None, run: Run) -> int:
    """Build and test the selection in the run's own file; dbt's exit code."""
    more = {"DBT_TARGET_PATH": str(run.built)}
    if run.production is not None:
        more["ANALYTICS_AS_OF"] = built_at(run.production)
    deferred = []
    if words is not None and base is not None and run.production is not None:
        more["ANALYTICS_PROD_DUCKDB_PATH"] = str(run.production)
        deferred = ["--select", *words, "--defer", "--state", str(base)]
        bring_snapshots(run, base)
    target = "slim_ci" if deferred else "ci"
    done = subprocess.run(
        [str(BIN / "dbt"), "build", "--target", target, *deferred],
        cwd=ROOT / "analytics",
        env=run.environment(**more, **plain()),
        check=False,
    )
    return 1 if done.returncode else 0


def plain() -> dict[str, str]:
    """dbt colours its lines even in a pipe unless it is told not to."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return {} if coloured else {"DBT_USE_COLORS": "false"}


def built_at(production: Path) -> str:
    """When production was built: CI computes ages and recency as of then, so that they compare."""
    import duckdb

    with duckdb.connect(str(production), read_only=True) as warehouse:
        try:
            found = warehouse.execute("select max(started_at) from audit.dbt_run_log").fetchone()
        except duckdb.CatalogException:
            found = None
    return f"{found[0]:%Y-%m-%d %H:%M:%S}" if found and found[0] else ""


def bring_snapshots(run: Run, base: Path) -> None:
    """A snapshot goes on from production's history, as it will after the merge."""
    import duckdb

    with duckdb.connect(str(run.database)) as warehouse:
        warehouse.execute(f"attach {quoted(str(run.production))} as analytics (read_only)")
        tables = warehouse.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for snapshot in snapshots(base):
            held, name = snapshot["schema"], snapshot["alias"]
            if (held, name) in tables:
                schema = named(f"ci_{held}")
                source = f"analytics.{named(held)}.{named(name)}"
                warehouse.execute(f"create schema if not exists {schema}")
                warehouse.execute(f"create table {schema}.{named(name)} as from {source}")


def snapshots(artifacts: Path) -> list[dict[str, str]]:
    manifest = json.loads((artifacts / "manifest.json").read_text(encoding="utf-8"))
    return [n for n in manifest["nodes"].values() if n["resource_type"] == "snapshot"]


def named(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def review(base: Path | None, run: Run, fail_on: str | None) -> int:
    """Write the comment to the run's folder, show it, and return its exit code."""
    words = [*tool("review"), "--head", str(run.head)]
    if base is not None:
        words += ["--base", str(base)]
    if run.built.is_dir():
        words += ["--build", str(run.built)]
    if run.production is not None and run.database.is_file():
        words += ["--base-data", str(run.production), "--head-data", str(run.database)]
    if fail_on:
        words += ["--fail-on", fail_on]
    if os.environ.get("GITHUB_ACTIONS"):
        words += ["--format", "github"]
    for name in ("review.md", "review.json"):
        words += ["--write", str(run.folder / name)]
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def tool(command: str) -> list[str]:
    return [str(BIN / "analytics-tools"), command]


def run_or_fail(words: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """What the command printed; where it fails, what it said, and exit code 2."""
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(
            f"{Path(words[0]).name} {words[1]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def say(what: str) -> None:
    print(f"ci: {what}", flush=True)


def fail(why: str) -> NoReturn:
    print(f"error: {why}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main())
