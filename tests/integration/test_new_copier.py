"""Copier's door: `copier copy` makes what `new` makes, and `copier update` keeps what a user changed since."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from analytics_tools import template
from tests.template_copy import commit, copy_template, git

BIN = Path(sys.executable).parent
ANSWERS = ".copier-answers.yml"
MART = "analytics/models/marts/core/fct_orders.sql"
STAGING = "analytics/models/staging/shop/stg_shop__orders.yml"
DELETED = "analytics/tests/assert_every_order_is_in_the_fact.sql"
OVERLAY = "analytics_tools/template/overlay/starter"


def copier(*words: str, where: Path, code: int = 0) -> str:
    done = subprocess.run(
        [str(BIN / "copier"), *words],
        cwd=where,
        env={
            **os.environ,
            "GIT_AUTHOR_NAME": "Somebody",
            "GIT_AUTHOR_EMAIL": "somebody@example.com",
            "GIT_COMMITTER_NAME": "Somebody",
            "GIT_COMMITTER_EMAIL": "somebody@example.com",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "NO_COLOR": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with its first release, tagged. Only to be copied."""
    home = copy_template(tmp_path_factory.mktemp("released") / "template")
    git(home, "tag", "v1.0.0")
    return home


@pytest.fixture(scope="module")
def made(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `copier copy` makes. Only to be read."""
    home = tmp_path_factory.mktemp("made")
    asked = ("--data", "name=acme", "--data", "ci=gitlab")
    copier("copy", "--trust", "--defaults", *asked, str(released), "shop", where=home)
    return home / "shop"


def files_of(home: Path) -> set[str]:
    found = (path.relative_to(home) for path in home.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if ".git" not in path.parts}


def test_copier_makes_what_new_makes(made: Path, released: Path) -> None:
    commit_id = git(released, "rev-parse", "v1.0.0").strip()
    tools = f"dbt-analytics-tools @ git+{released.as_uri()}@{commit_id}"
    new = template.NewProject(name="acme", tools=tools, demo=False, ci="gitlab")
    planned = template.plan(template.read_template(), new)
    assert files_of(made) == {*planned, ANSWERS}
    assert all((made / path).read_text() == text for path, text in planned.items())
    assert os.access(made / "scripts" / "install.sh", os.X_OK)
    answers = yaml.safe_load((made / ANSWERS).read_text())
    assert answers == {
        "_commit": "v1.0.0",
        "_src_path": str(released),
        "ci": "gitlab",
        "demo": False,
        "name": "acme",
        "tools": "",
        "warehouse": "duckdb",
    }
    linted = subprocess.run(
        [str(BIN / "yamllint"), "--strict", "."], cwd=made, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize(
    ("name", "why"), [("my-shop", "Lower-case letters"), ("dbt", "dbt uses that word itself")]
)
def test_awkward_names_are_refused_and_nothing_is_left(
    released: Path, tmp_path: Path, name: str, why: str
) -> None:
    asked = ("--trust", "--defaults", "--data", f"name={name}")
    said = copier("copy", *asked, str(released), "shop", where=tmp_path, code=1)
    assert why in said
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def next_release(released: Path, tmp_path: Path) -> Path:
    """Beside the first a second version: files changed, one added, one gone."""
    home = Path(shutil.copytree(released, tmp_path / "template"))
    staging = home / OVERLAY / STAGING
    text = staging.read_text()
    assert "Orders as the shop's database delivered them" in text
    staging.write_text(text.replace("Orders as the shop", "All orders as the shop"))
    mart = home / OVERLAY / MART
    mart.write_text(f"-- Of the second version.\n{mart.read_text()}")
    check = home / OVERLAY / DELETED
    check.write_text(f"-- Of the second version.\n{check.read_text()}")
    (home / OVERLAY / "docs" / "new.md").write_text("# Of the second version\n")
    (home / OVERLAY / "analytics" / "models" / "marts" / "README.md").unlink()
    commit(home, "The second version")
    git(home, "tag", "v2.0.0")
    return home


@pytest.fixture
def project(next_release: Path, tmp_path: Path) -> Path:
    """A user's repository, made from the first version."""
    asked = (
        "--trust",
        "--defaults",
        "--vcs-ref",
        "v1.0.0",
        "--data",
        "name=acme",
        "--data",
        "ci=gitlab",
    )
    copier("copy", *asked, str(next_release), "shop", where=tmp_path)
    home = tmp_path / "shop"
    git(home, "init", "--quiet", "--initial-branch=main")
    commit(home, "A new project")
    return home


def test_an_update_keeps_what_the_user_changed(project: Path, next_release: Path) -> None:
    home = project
    # In a file that the template changes too, but elsewhere; a file of one's own; two gone, of
    # which the template changes one.
    mart = home / MART
    mart.write_text(mart.read_text() + "-- ours\n")
    own = home / "analytics" / "models" / "marts" / "core" / "dim_customer.sql"
    own.write_text("select 1 as customer_id\n")
    gone = [home / DELETED, home / "docs" / "decisions.md"]
    for path in gone:
        path.unlink()
    (home / "README.md").write_text("# Ours alone\n")
    commit(home, "Our work")

    copier("update", "--trust", "--defaults", where=home)

    text = mart.read_text()
    assert text.startswith("-- Of the second version.\n") and text.endswith("-- ours\n")
    assert "All orders as the shop" in (home / STAGING).read_text()
    assert own.read_text() == "select 1 as customer_id\n"
    assert not [path for path in gone if path.exists()]
    assert (home / "README.md").read_text() == "# Ours alone\n"
    assert (home / "docs" / "new.md").is_file()
    assert not (home / "analytics" / "models" / "marts" / "README.md").exists()
    assert "name: acme\n" in (home / "analytics" / "dbt_project.yml").read_text()
    now = yaml.safe_load((home / ANSWERS).read_text())
    assert (now["_commit"], now["name"], now["ci"]) == ("v2.0.0", "acme", "gitlab")
    required = (home / "requirements-tools.txt").read_text()
    assert git(next_release, "rev-parse", "v2.0.0").strip() in required
    left = git(home, "status", "--porcelain")
    assert "UU " not in left and ".rej" not in left
    commit(home, "The update")
    copier("update", "--trust", "--defaults", where=home)
    assert git(home, "status", "--porcelain") == ""


def test_what_both_changed_is_marked_as_a_conflict(project: Path) -> None:
    staging = project / STAGING
    staging.write_text(staging.read_text().replace("Orders as the shop", "Our orders as the shop"))
    commit(project, "Our work")
    copier("update", "--trust", "--defaults", where=project)
    text = staging.read_text()
    assert "Our orders as the shop" in text and "All orders as the shop" in text
    assert "<<<<<<<" in text
    assert f"UU {STAGING}" in git(project, "status", "--porcelain")
