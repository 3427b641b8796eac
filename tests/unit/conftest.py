"""What unit tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analytics_tools.cli import main
from tests.unit.project_files import ProjectFiles
from tests.unit.seed_files import project


@pytest.fixture
def files() -> ProjectFiles:
    """An empty made-up project."""
    return ProjectFiles()


@pytest.fixture
def shop(files: ProjectFiles) -> ProjectFiles:
    """A made-up project with one of each: source to exposure."""
    raw = files.source("raw", "orders", ["id"])
    files.manifest["sources"][raw].update(
        description="Orders as the shop system delivers them",
        loaded_at_field="loaded_at",
        freshness={"warn_after": {"count": 1, "period": "day"}, "error_after": None},
    )
    staging = files.model("stg_orders", raw, folder="staging", columns=["order_id", "amount"])
    files.key(staging, "order_id")
    fact = files.model(
        "fct_orders",
        staging,
        folder="marts",
        columns=["order_id", "amount"],
        config={"meta": {"grain": "one row per order", "owner": "Finance"}},
    )
    files.key(fact, "order_id")
    semantic = files.other("semantic_models", "orders", fact)
    metric = files.other("metrics", "revenue", semantic, type="simple", description="Money in")
    files.other("saved_queries", "by_month", metric)
    files.other(
        "exposures",
        "board",
        metric,
        type="dashboard",
        url="https://example.com",
        owner={"name": "Ada", "email": "ada@example.com"},
    )
    files.other("unit_tests", "amounts_add_up", fact, model="fct_orders")
    files.built(staging, "VIEW", order_id="INTEGER", amount="DECIMAL(18,2)")
    files.built(fact, order_id="INTEGER", amount="DECIMAL(18,2)", late="BOOLEAN")
    return files


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty dbt project on DuckDB, that one stands in."""
    home = tmp_path / "shop"
    home.mkdir()
    (home / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (home / "profiles.yml").write_text(
        "shop: {target: dev, outputs: {dev: {type: duckdb, path: dev.duckdb}}}\n"
    )
    monkeypatch.chdir(home)
    return home


@pytest.fixture
def run() -> Callable[..., Result]:
    """Call the command line as a user would, in this process."""

    def call(*words: str | Path) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    return call


@pytest.fixture
def ask(run: Callable[..., Result]) -> Callable[..., Any]:
    """Call the command line with --json and return the document; exit codes 0 and 1 are fine."""

    def call(*words: str | Path) -> Any:
        result = run(*words, "--json")
        assert result.exit_code in (0, 1), result.output
        return json.loads(result.stdout)

    return call


@pytest.fixture
def changes(tmp_path: Path, ask: Callable[..., Any]) -> Callable[..., Any]:
    """Compare two projects."""

    def compare(base: ProjectFiles, head: ProjectFiles) -> Any:
        sides = base.write(tmp_path / "base/target"), head.write(tmp_path / "head/target")
        return ask("changes", "--base", sides[0], "--head", sides[1])

    return compare


@pytest.fixture
def rebuilt(tmp_path: Path, changes: Callable[..., Any]) -> Callable[..., list[str]]:
    """Say what is rebuilt from one SQL of `mid` to another, with the same of all else."""

    def ask(base: str, head: str, **keys: Any) -> list[str]:
        one, two = (tmp_path / name for name in ("base", "head"))
        found = changes(project(one, base, **keys), project(two, head, **keys))
        return [uid.rpartition(".")[2] for uid in found["rebuild"]]

    return ask
