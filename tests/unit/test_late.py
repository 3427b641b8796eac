"""Columns decoded when they are asked for give the same answers as those decoded at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics_tools.artifacts import Project, load_project
from analytics_tools.artifacts.late import LateModel
from analytics_tools.artifacts.loading import load_late
from analytics_tools.cli import main
from analytics_tools.errors import ArtifactError
from analytics_tools.score import score_project
from tests.unit.project_files import ProjectFiles


def test_same_columns_and_same_score(shop: ProjectFiles, tmp_path: Path) -> None:
    folder = shop.write(tmp_path, catalog=True)
    whole = load_project(folder)
    late, report = load_late(score_project, folder)
    assert any(isinstance(model, LateModel) for model in late.models.values())
    assert {uid: model.columns for uid, model in late.models.items()} == {
        uid: model.columns for uid, model in whole.models.items()
    }
    assert {uid: model.compiled for uid, model in late.models.items()} == {
        uid: model.compiled for uid, model in whole.models.items()
    }
    for uid, table in whole.tables.items():
        assert late.tables[uid].columns == table.columns
        assert late.tables[uid].names == table.names == table.columns.keys()
        assert late.tables[uid].in_order() == table.in_order()
    assert report == score_project(whole)


@pytest.mark.parametrize(
    ("file", "odd"), [("manifest", {"description": ["?"]}), ("catalog", {"type": 5, "index": 1})]
)
def test_an_odd_column_is_read_the_patient_way(
    shop: ProjectFiles, tmp_path: Path, file: str, odd: dict[str, Any]
) -> None:
    folder = shop.write(tmp_path, catalog=True)
    path = folder / f"{file}.json"
    content = json.loads(path.read_text())
    content["nodes"]["model.shop.stg_orders"]["columns"]["amount"] = {"name": "amount", **odd}
    path.write_text(json.dumps(content))
    told: list[str] = []
    asked: list[Project] = []

    def score(project: Project) -> Any:
        asked.append(project)
        return score_project(project)

    _, report = load_late(score, folder, warn=told.append)
    assert report == score_project(load_project(folder))
    assert len(asked) == (2 if file == "manifest" else 1)  # a type that nobody asks for may be odd
    assert ["columns.amount.description is a list" in line for line in told] == (
        [True] if file == "manifest" else []
    )


def test_odd_compiled_code_is_read_the_patient_way(shop: ProjectFiles, tmp_path: Path) -> None:
    for model in shop.manifest["nodes"].values():
        model["compiled_code"] = ["select"]
    folder = shop.write(tmp_path, catalog=True)

    def code(project: Project) -> set[str]:
        return {model.compiled for model in project.models.values()}

    assert load_late(code, folder)[1] == {""}


def test_broken_text_in_a_column_is_an_error(shop: ProjectFiles, tmp_path: Path) -> None:
    shop.manifest["nodes"]["model.shop.stg_orders"]["columns"]["amount"]["description"] = "odd"
    folder = shop.write(tmp_path)
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"odd"', b'"\x80"'))
    with pytest.raises(ArtifactError, match="not UTF-8"):
        load_late(score_project, folder)
    result = CliRunner().invoke(main, ["score", "--manifest", str(folder)])
    assert (result.exit_code, result.stdout) == (2, "")
