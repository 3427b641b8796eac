"""CI's own files: pinned, with least permissions, thin, and no text of others in a shell."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from analytics_tools.cli import main
from tests.conftest import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def read(path: Path) -> dict[str, Any]:
    # `on` is a boolean to YAML 1.1.
    content: dict[str, Any] = yaml.safe_load(
        path.read_text(encoding="utf-8").replace("\non:", "\n'on':")
    )
    return content


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            yield f"{path.stem}.{name}", job


def steps() -> Iterator[dict[str, Any]]:
    for _, job in jobs():
        yield from job["steps"]
    for path in ACTIONS:
        yield from read(path)["runs"]["steps"]


def test_there_is_something_to_test() -> None:
    assert [path.stem for path in WORKFLOWS] == ["bake", "ci", "deploy", "engines", "release"]
    assert len(list(steps())) > 15


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    for path in (*WORKFLOWS, *ACTIONS):
        for line in path.read_text().splitlines():
            if found := re.search(r"\buses: (.*)", line):
                assert PINNED.fullmatch(found[1]), line


def test_permissions_are_given_job_by_job() -> None:
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {}, path
    assert all("timeout-minutes" in job for _, job in jobs())
    writing = {
        (name, scope)
        for name, job in jobs()
        for scope, level in job["permissions"].items()
        if level != "read"
    }
    assert writing == {("ci.comment", "pull-requests"), ("release.publish", "id-token")}


def test_no_expression_in_a_shell() -> None:
    for step in steps():
        assert "${{" not in step.get("run", ""), step


def test_the_job_that_may_comment_runs_no_code_of_the_branch() -> None:
    job = read(GITHUB / "workflows" / "ci.yml")["jobs"]["comment"]
    (checkout,) = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "head.repo.full_name == github.repository" in job["if"]
    assert "!cancelled()" in job["if"], "a failed review is commented too"
    assert "pull_request_target" not in (GITHUB / "workflows" / "ci.yml").read_text()


def test_checkouts_keep_no_credentials() -> None:
    for step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_what_is_called_is_there() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    said = [step.get("run", "") for step in steps()]
    said.append((ROOT / ".gitlab" / "dbt-review.yml").read_text())
    said.append((ROOT / "scripts" / "slim_ci.sh").read_text())
    text = "\n".join(
        line for part in said for line in part.splitlines() if not line.lstrip().startswith("#")
    )
    for target in re.findall(r"\bmake ([a-z-]+)", text):
        assert target in targets, target
    called = set(re.findall(r"\bscripts/[\w.]+", text))
    assert len(called) > 4
    for script in called:
        path = ROOT / script
        assert path.is_file(), script
        assert path.suffix == ".py" or path.stat().st_mode & 0o111, script


@pytest.mark.parametrize("bad", [True, False])
def test_zizmor_finds_text_of_others_in_a_shell(tmp_path: Path, bad: bool) -> None:
    workflow = (GITHUB / "workflows" / "ci.yml").read_text()
    if bad:
        workflow = workflow.replace("run: .ci/run", "run: .ci/run ${{ github.head_ref }}")
    path = tmp_path / ".github" / "workflows" / "ci.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow)
    command = [str(Path(sys.executable).with_name("zizmor")), "--quiet", "--offline"]
    done = subprocess.run(
        [*command, "--persona", "pedantic", str(path)], capture_output=True, text=True, check=False
    )
    assert ("template-injection" in done.stdout) == bad
    assert bool(done.returncode) == bad


def test_every_domain_has_an_owner_who_is_its_group() -> None:
    groups = yaml.safe_load((ROOT / "analytics" / "models" / "_groups.yml").read_text())["groups"]
    teams = {group["name"].replace("_", "-") for group in groups}
    lines = [line.split() for line in (GITHUB / "CODEOWNERS").read_text().splitlines()]
    owned = {line[0]: line[1] for line in lines if line and line[0] != "#"}
    assert {owner.removeprefix("@OWNER/") for owner in owned.values()} == teams
    settings = yaml.safe_load((ROOT / "analytics" / "dbt_project.yml").read_text())["models"][
        "analytics"
    ]
    for folder in (ROOT / "analytics" / "models" / "marts").iterdir():
        if folder.is_dir():
            owner = owned.get(f"/analytics/models/marts/{folder.name}/", owned["*"])
            assert owner == "@OWNER/" + settings["marts"][folder.name]["+group"].replace("_", "-")


@pytest.mark.parametrize("hook", yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()))
def test_hooks_for_others_are_commands_of_ours(hook: dict[str, Any], tmp_path: Path) -> None:
    program, *words = hook["entry"].split()
    assert program == "analytics-tools"
    assert not hook["pass_filenames"]
    for name in ("models/a.sql", "models/a.yml"):
        assert re.search(hook["files"], name)
    # With no artifacts there it says so: options that do not exist would be another message.
    result = CliRunner().invoke(main, [*words, *hook.get("args", []), "--manifest", str(tmp_path)])
    assert result.exit_code == 2
    assert "manifest.json" in result.output
    assert "No such option" not in result.output


def test_local_hooks_call_what_make_lint_calls() -> None:
    lint = (ROOT / "Makefile").read_text().split("\nlint:")[1].split("\n\n")[0]
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repo["hooks"]:
        tool = hook["entry"].split()[0]
        assert tool.replace(".venv/bin/", "$(BIN)/") in lint, hook["id"]
