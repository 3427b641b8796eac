"""Ways into a new project beside an empty folder: one with a .git, a checkout that becomes it, a wheel that goes along."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from analytics_tools import template
from analytics_tools.errors import UsageError
from tests.conftest import ROOT
from tests.template_copy import copy_template, git

TOOLS = "dbt-analytics-tools==1"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only to be copied."""
    return copy_template(tmp_path_factory.mktemp("template") / "checkout")


@pytest.fixture
def checkout(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "checkout"))


def in_place(checkout: Path, *words: str, where: str = ".") -> subprocess.CompletedProcess[str]:
    """The command of that checkout, as `make init` calls it."""
    code = "from analytics_tools.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "new", where, "--in-place", "--yes", "--tools", TOOLS, *words],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def files_of(place: Path) -> set[str]:
    found = (path.relative_to(place) for path in place.rglob("*") if not path.is_dir())
    return {path.as_posix() for path in found if ".git" not in path.parts}


@pytest.mark.parametrize("git_is", ["folder", "file"])
def test_a_folder_with_only_a_repository_is_as_good_as_empty(tmp_path: Path, git_is: str) -> None:
    there = tmp_path / "there"
    (there / ".git").mkdir(parents=True) if git_is == "folder" else there.mkdir()
    (there / ".git" / "HEAD" if git_is == "folder" else there / ".git").write_text("mine\n")
    template.write({"a/b.txt": "1\n", ".gitignore": "2\n"}, there)
    assert {child.name for child in there.iterdir()} == {".git", ".gitignore", "a"}
    with pytest.raises(UsageError, match="not empty"):
        template.check_place(there)


@pytest.mark.parametrize("demo", [True, False])
def test_a_checkout_becomes_the_project(checkout: Path, demo: bool) -> None:
    done = in_place(checkout, "--name", "acme", "--demo" if demo else "--no-demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Made acme in .: ") and "next   make build" in done.stdout
    new = template.NewProject(name="acme", tools=TOOLS, demo=demo)
    planned = template.plan(template.read_template(), new)
    assert files_of(checkout) == set(planned)
    assert all((checkout / path).read_text() == text for path, text in planned.items())
    assert not (checkout / "analytics_tools").exists()
    # Git sees it all, and could take it back.
    git(checkout, "add", "--all")
    git(checkout, "reset", "--quiet", "--hard")
    assert (checkout / "analytics_tools" / "cli" / "new.py").is_file()


def test_a_dry_run_in_place_changes_nothing(checkout: Path) -> None:
    done = in_place(checkout, "--name", "acme", "--dry-run")
    assert done.returncode == 0 and "analytics/dbt_project.yml" in done.stdout
    assert git(checkout, "status", "--porcelain") == ""


def test_what_is_not_committed_is_not_lost(checkout: Path) -> None:
    (checkout / "notes.md").write_text("mine\n")
    done = in_place(checkout, "--name", "acme")
    assert done.returncode == 2
    assert "not committed, notes.md among them" in done.stderr and done.stderr.count("\n") == 1
    assert git(checkout, "status", "--porcelain") == "?? notes.md\n"


def test_only_the_templates_own_repository_is_turned(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    done = in_place(checkout, "--name", "acme", where=str(other))
    assert done.returncode == 2 and "not the checkout of the template" in done.stderr
    shutil.rmtree(checkout / ".git")
    done = in_place(checkout, "--name", "acme")
    assert done.returncode == 2 and "no git repository" in done.stderr
    assert (checkout / "analytics_tools").is_dir()


def test_a_bad_name_changes_nothing(checkout: Path) -> None:
    done = in_place(checkout, "--name", "dbt")
    assert done.returncode == 2 and "dbt uses that word" in done.stderr
    assert git(checkout, "status", "--porcelain") == ""


@pytest.mark.parametrize("last", ["old/c.txt", "deep/new.txt", "kept.txt"])
def test_a_replacement_that_fails_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    for path in ("kept.txt", "old/b.txt", "old/c.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path)
    real = Path.rename

    def rename(here: Path, there: Path) -> Path:
        if tmp_path / last in (here, there) and armed:
            armed.clear()
            raise KeyboardInterrupt
        return real(here, there)

    armed = [True]
    monkeypatch.setattr(Path, "rename", rename)
    files = {"deep/new.txt": "new", "kept.txt": "changed"}
    with pytest.raises(KeyboardInterrupt):
        template.replace(files, tmp_path, ["kept.txt", "old/b.txt", "old/c.txt"])
    assert files_of(tmp_path) == {"kept.txt", "old/b.txt", "old/c.txt"}
    assert all((tmp_path / path).read_text() == path for path in files_of(tmp_path))
    assert {child.name for child in tmp_path.iterdir()} == {"kept.txt", "old"}


def test_a_file_that_git_does_not_know_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "ignored.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"ignored\.txt is there already; all is as it was"):
        template.replace({"a.txt": "1", "ignored.txt": "2"}, tmp_path, [])
    assert files_of(tmp_path) == {"ignored.txt"}
    assert (tmp_path / "ignored.txt").read_text() == "mine"


def test_the_wheel_of_the_checkout_goes_along(run: Callable[..., Result], tmp_path: Path) -> None:
    """This package runs from a checkout: a path of this machine, which no colleague and no CI has."""
    result = run("new", tmp_path / "made", "--name", "acme", "--no-demo", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    (wheel,) = (path for path in said["files"] if path.startswith("vendor/"))
    assert said["tools"] == f"./{wheel}"
    required = (tmp_path / "made" / "requirements-tools.txt").read_text()
    assert required.endswith(f"\n./{wheel}\n") and "machine" not in required
    with zipfile.ZipFile(tmp_path / "made" / wheel) as packed:
        assert "analytics_tools/template/files/Makefile" in packed.namelist()


def test_where_no_wheel_can_be_built_the_path_is_named(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics_tools.template.tools._built", lambda _: None)
    result = run("new", tmp_path / "made", "--name", "acme", "--no-demo")
    assert "note   requirements-tools.txt names a path of this machine" in result.output
    required = (tmp_path / "made" / "requirements-tools.txt").read_text()
    assert "@ file://" in required and "change it before CI runs" in required


def test_tools_come_from_what_is_asked_for(run: Callable[..., Result], tmp_path: Path) -> None:
    wheel = tmp_path / "tools-1.whl"
    wheel.write_bytes(b"a wheel")
    found = template.find_tools(str(wheel))
    assert (found.requirement, found.files) == (
        "./vendor/tools-1.whl",
        {"vendor/tools-1.whl": b"a wheel"},
    )
    folder = template.find_tools(str(tmp_path))
    assert (folder.requirement, folder.files) == (
        f"dbt-analytics-tools @ {tmp_path.as_uri()}",
        {},
    )
    made = tmp_path / "made"
    asked = ("--name", "acme", "--no-demo", "--tools", "dbt-analytics-tools==1.2")
    assert run("new", made, *asked).exit_code == 0
    text = (made / "requirements-tools.txt").read_text()
    assert text.endswith("\ndbt-analytics-tools==1.2\n") and "machine" not in text


def test_every_door_offers_the_same() -> None:
    from analytics_tools.cli import new

    asked = yaml.safe_load((ROOT / "copier.yml").read_text())
    assert (new.WAREHOUSES, new.CI) == (template.WAREHOUSES, template.CI)
    assert tuple(asked["warehouse"]["choices"]) == template.WAREHOUSES
    assert tuple(asked["ci"]["choices"]) == template.CI
    assert {name for name in asked if not name.startswith("_")} == {
        field.name for field in dataclasses.fields(template.NewProject)
    }


def test_the_engine_needs_python_alone() -> None:
    """Copier runs it with a Python that has nothing of ours."""
    code = (
        "import sys\n"
        "from analytics_tools import template\n"
        "template.plan(template.read_template(), template.NewProject('acme', 'x'))\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['__main__', 'analytics_tools']"
