"""`init`: layers guessed from the graph, a baseline that is green, CI's files, and nothing overwritten."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from analytics_tools.adopt import guess_layers
from analytics_tools.artifacts import load_project
from tests.unit.project_files import ProjectFiles

ROOT = Path(__file__).parent.parent.parent
Run = Callable[..., Result]


@pytest.fixture
def run(run: Run) -> Run:
    """`init` with a requirement said, for without it this checkout's wheel is built."""

    def call(*words: str | Path) -> Result:
        needs = words[0] == "init" and "--tools" not in words
        return run(*words, *(["--tools", "dbt-analytics-tools==1"] if needs else []))

    return call


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: ProjectFiles) -> Path:
    """A repository with a dbt project in a folder of it, parsed; the repository's root."""
    (tmp_path / ".git").mkdir()
    project = tmp_path / "dbt"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: shop\n")
    shop.write(project / "target")
    monkeypatch.chdir(project)
    return tmp_path


def files_in(home: Path) -> dict[str, str]:
    found = {p.relative_to(home).as_posix(): p for p in home.rglob("*") if p.is_file()}
    return {path: file.read_text() for path, file in found.items() if "target/" not in path}


def test_it_sets_up_what_is_missing_and_ci_starts_green(home: Path, run: Run) -> None:
    done = run("init", "--ci", "github", "--hook", "--tools", "dbt-analytics-tools==1")
    assert done.exit_code == 0, done.output
    assert set(files_in(home)) == {
        "dbt/dbt_project.yml",
        "dbt/pyproject.toml",
        "dbt/score_baseline.json",
        ".ci/dbt_review.sh",
        ".ci/dbt_comment.py",
        ".github/workflows/dbt-review.yml",
        ".pre-commit-config.yaml",
    }
    scored = run("score", "--baseline", "score_baseline.json")
    assert scored.exit_code == 0, scored.output
    assert (home / ".ci/dbt_review.sh").stat().st_mode & 0o111


def test_again_it_changes_nothing(home: Path, run: Run) -> None:
    words = ["init", "--ci", "gitlab", "--hook", "--tools", "dbt-analytics-tools==1"]
    assert run(*words).exit_code == 0
    before = files_in(home)
    again = run(*words)
    assert again.exit_code == 0
    assert files_in(home) == before
    assert " new " not in again.output
    assert again.output.count("kept") == 7
    # What is gone comes again, and only that.
    (home / "dbt/score_baseline.json").unlink()
    assert "new      dbt/score_baseline.json" in run(*words).output
    assert files_in(home) == before


def test_the_baseline_is_green_whatever_ci_has(
    home: Path, shop: ProjectFiles, run: Run, tmp_path: Path
) -> None:
    shop.manifest["nodes"]["model.shop.fct_orders"].update(
        description="", columns={}, compiled_code="select * from a, b where a.x <> b.x"
    )
    shop.write(home / "dbt" / "target")
    assert run("init", "--ci", "none").exit_code == 0
    parsed = shop.copy()
    for node in parsed.manifest["nodes"].values():
        node.pop("compiled_code", None)
    folder = parsed.write(tmp_path / "parsed")
    (folder / "catalog.json").unlink()
    for manifest in ("target", str(folder)):
        config = ["--config", "pyproject.toml", "--baseline", "score_baseline.json"]
        done = run("score", "--manifest", manifest, *config)
        assert done.exit_code == 0, done.output
    # And it is a gate: what is worse fails.
    shop.manifest["nodes"]["model.shop.stg_orders"]["description"] = ""
    shop.write(home / "dbt" / "target")
    assert run("score", "--baseline", "score_baseline.json").exit_code == 1


def test_what_people_wrote_is_added_to(home: Path, run: Run) -> None:
    (home / "pyproject.toml").write_text(
        '[project]\nname = "x"  # mine\n\n[tool.ruff]\nline-length = 9'
    )
    hooks = "repos:\n  - repo: local\n    hooks: []  # mine\n"
    (home / ".pre-commit-config.yaml").write_text(hooks)
    done = run("init", "--ci", "none", "--hook")
    assert done.exit_code == 0, done.output
    text = (home / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "x"  # mine\n\n[tool.ruff]\nline-length = 9\n')
    assert tomllib.loads(text)["tool"]["analytics_tools"]["score"]["preset"] == "dbt_labs"
    assert (home / ".pre-commit-config.yaml").read_text().startswith(hooks)
    assert not (home / "dbt" / "pyproject.toml").exists()


def test_a_project_that_is_configured_keeps_its_rules(home: Path, run: Run) -> None:
    mine = '[tool.analytics_tools.score]\noff = ["DOC001"]\n'
    (home / "pyproject.toml").write_text(mine)
    (home / ".github/workflows").mkdir(parents=True)
    (home / ".github/workflows/ci.yml").write_text("run: analytics-tools score\n")
    done = run("init", "--ci", "github")
    assert "kept     pyproject.toml (configures the tools already)" in done.output
    assert "kept     .github/workflows/ci.yml (reviews changes already)" in done.output
    assert (home / "pyproject.toml").read_text() == mine
    assert "DOC001" not in (home / "dbt/score_baseline.json").read_text()


def test_a_dry_run_writes_nothing(home: Path, run: Run) -> None:
    before = files_in(home)
    done = run("init", "--dry-run")
    assert "+++ " not in done.output
    assert "--- dbt/pyproject.toml\n# The score's configuration" in done.output
    document = json.loads(run("init", "--dry-run", "--json").stdout)
    assert document["written"] is False
    assert files_in(home) == before


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda p: shutil.rmtree(p / "target"), "manifest.json: no such file"),
        (lambda p: (p / "target/manifest.json").write_text("{"), "manifest.json"),
        (lambda p: (p / "dbt_project.yml").unlink(), "no dbt_project.yml here"),
        (lambda p: (p / "dbt_project.yml").write_text("- x"), "says no name"),
        (lambda p: (p / "dbt_project.yml").write_text("name: [\n"), "is not valid YAML"),
        (lambda p: (p / "dbt_project.yml").write_text("name: other\n"), "is of the project shop"),
        (lambda p: (p.parent / "pyproject.toml").write_text("[tool"), "is not valid TOML"),
        (
            lambda p: (p.parent / "pyproject.toml").write_text("tool = {x = 1}\n"),
            "can't be added to",
        ),
    ],
)
def test_wrong_input_is_one_line(
    home: Path, run: Run, break_it: Callable[[Path], Any], said: str
) -> None:
    break_it(home / "dbt")
    before = files_in(home)
    done = run("init", "--ci", "github")
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert files_in(home) == before


def test_layers_of_a_projects_own_words(files: ProjectFiles, tmp_path: Path) -> None:
    vault = [
        files.model(f"hub_{n}", files.source("erp", f"t{n}"), folder="vault") for n in range(3)
    ]
    cubes = [files.model(f"cube_{n}", *vault, folder="business/cubes") for n in range(3)]
    files.model("src_x", folder="misc"), files.model("src_y"), files.model("src_z")
    files.model("lonely", cubes[0])
    guess = guess_layers(load_project(files.write(tmp_path)))
    assert guess.table["layers"] == {
        "staging": {"folders": ["vault"], "prefixes": ["src_"]},
        "marts": {"folders": ["business"], "prefixes": []},
    }
    assert (guess.placed, guess.models, guess.left) == (9, 10, ("lonely",))
    assert tomllib.loads(guess.toml)["tool"]["analytics_tools"]["score"]["preset"] == "guess"


def test_a_medallion_is_a_medallion(files: ProjectFiles, tmp_path: Path) -> None:
    raw = files.model("a", files.source("erp", "t"), folder="bronze")
    files.model("b", raw, folder="silver")
    assert guess_layers(load_project(files.write(tmp_path))).preset == "medallion"


def test_odd_names_stay_toml(files: ProjectFiles, tmp_path: Path) -> None:
    source = files.source("erp", "t")
    for number in range(3):
        model = files.model(f"m{number}", source, folder='we"ird\\ünï')
        files.model(f"n{number}", model)
    guess = guess_layers(load_project(files.write(tmp_path)))
    read = tomllib.loads(guess.toml)["tool"]["analytics_tools"]["score"]
    assert read["layers"]["staging"]["folders"] == guess.table["layers"]["staging"]["folders"]


def test_the_workflow_uses_what_ours_uses_and_is_as_safe(home: Path, run: Run) -> None:
    assert run("init", "--ci", "github").exit_code == 0
    workflow = home / ".github/workflows/dbt-review.yml"
    used = set(re.findall(r"uses: (\S+ # \S+)", workflow.read_text()))
    ours = set(re.findall(r"uses: (\S+ # \S+)", (ROOT / ".github/workflows/ci.yml").read_text()))
    assert len(used) == 4
    assert used <= ours
    steps = yaml.safe_load(workflow.read_text())["jobs"]["review"]["steps"]
    assert [set(step) & {"run", "uses"} for step in steps] == [
        {"uses"}, {"uses"}, {"run"}, {"run"}, {"uses"}
    ]  # fmt: skip
    tools = Path(sys.executable).parent
    for words in (
        ["zizmor", "--quiet", "--offline", "--persona", "pedantic", str(home / ".github")],
        [
            "check-jsonschema",
            "--quiet",
            "--builtin-schema",
            "vendor.github-workflows",
            str(workflow),
        ],
    ):
        done = subprocess.run(
            [str(tools / words[0]), *words[1:]], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_gitlabs_file_is_sound(home: Path, run: Run) -> None:
    assert run("init", "--ci", "gitlab").exit_code == 0
    assert yaml.safe_load((home / ".gitlab-ci.yml").read_text())["include"]
    words = ["check-jsonschema", "--quiet", "--builtin-schema", "vendor.gitlab-ci"]
    for name in (".gitlab-ci.yml", ".gitlab/dbt-review.yml"):
        done = subprocess.run(
            [str(Path(sys.executable).parent / words[0]), *words[1:], str(home / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_ci_installs_what_the_project_uses(home: Path, run: Run) -> None:
    assert run("init", "--ci", "github", "--tools", "x; rm -rf /").exit_code == 0
    script = (home / ".ci/dbt_review.sh").read_text()
    assert (
        "pip install --quiet --disable-pip-version-check 'dbt-core>=1.12,<1.13' dbt-duckdb"
        in script
    )
    assert "'x; rm -rf /'" in script
    shutil.rmtree(home / ".ci")
    (home / "requirements.txt").write_text("dbt-core==1.12.6\n")
    assert run("init", "--ci", "github").exit_code == 0
    assert "-r requirements.txt" in (home / ".ci/dbt_review.sh").read_text()


FAKE_DBT = """#!/bin/sh
# Stands for dbt: to compile it would need a warehouse; to parse is to take the manifest that is there.
echo "$@" >>"$LOG"
case "$*" in *compile*) exit 1 ;; esac
mkdir -p "$DBT_TARGET_PATH" && cp made.json "$DBT_TARGET_PATH/manifest.json"
"""


def test_cis_script_reads_both_sides_and_fails_for_what_is_worse(
    tmp_path: Path, shop: ProjectFiles, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    project = repository / "dbt"
    project.mkdir(parents=True)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-C", str(repository)]
    subprocess.run([*git, "init", "-q"], check=True)
    (repository / ".gitignore").write_text("target/\n")
    (project / "dbt_project.yml").write_text("name: shop\n")
    (project / "made.json").write_text(json.dumps(shop.manifest))
    shop.write(project / "target", catalog=True)
    monkeypatch.chdir(project)
    assert run("init", "--ci", "github").exit_code == 0
    for message, description in (("before", "What it is, in a sentence"), ("after", "")):
        shop.manifest["nodes"]["model.shop.fct_orders"]["description"] = description
        (project / "made.json").write_text(json.dumps(shop.manifest))
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", message], check=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "dbt").write_text(FAKE_DBT)
    (tools / "dbt").chmod(0o755)
    path = f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "DBT_TARGET_PATH")}
    environment |= {"PATH": path, "BASE": "HEAD^1", "LOG": str(tmp_path / "log")}
    before = (project / "target" / "manifest.json").stat().st_mtime_ns

    def review() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [".ci/dbt_review.sh", "review.md"],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = review()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "DOC001" in done.stdout
    assert "Score drops" in (repository / "review.md").read_text()
    assert (tmp_path / "log").read_text().split("\n")[:3] == [
        "--quiet compile --no-introspect --no-populate-cache",
        "--quiet parse",
        "--quiet parse",
    ]
    trees = subprocess.run([*git, "worktree", "list"], capture_output=True, text=True, check=True)
    assert trees.stdout.count("\n") == 1
    # What a build left is not touched, for it would be seen on one side alone.
    assert (project / "target" / "manifest.json").stat().st_mtime_ns == before
    # Mended, it is green again.
    shop.manifest["nodes"]["model.shop.fct_orders"]["description"] = "Mended, in a sentence"
    (project / "made.json").write_text(json.dumps(shop.manifest))
    done = review()
    assert done.returncode == 0, done.stdout + done.stderr
