"""Reading a manifest in outline gives the same answers as reading all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics_tools.artifacts import find_relation, load_project, loading, reading
from analytics_tools.artifacts.loading import load_around
from analytics_tools.docs import page_of
from analytics_tools.errors import ArtifactError
from analytics_tools.impact import impact_of
from tests.unit.project_files import ProjectFiles


def test_same_page_and_same_impact(shop: ProjectFiles, tmp_path: Path) -> None:
    folder = shop.write(tmp_path, catalog=True)
    whole, outline = load_project(folder), load_project(folder, outline=True)
    for uid, node in whole.relations.items():
        project, found = load_around(lambda p, uid=uid: find_relation(p, uid), folder)
        assert page_of(project, found) == page_of(whole, node)
        assert impact_of(outline, outline.relations[uid]) == impact_of(whole, node)


@pytest.mark.parametrize("damage", ["type", "bytes"])
def test_columns_of_an_odd_shape_are_salvaged(
    shop: ProjectFiles, tmp_path: Path, damage: str
) -> None:
    folder = shop.write(tmp_path)
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    uid = next(uid for uid, node in manifest["nodes"].items() if node.get("columns"))
    manifest["nodes"][uid]["columns"] = {"id": {"name": "id", "description": ["odd"]}}
    file.write_text(json.dumps(manifest))
    if damage == "bytes":
        file.write_bytes(file.read_bytes().replace(b'"odd"', b'"\x80"'))
        with pytest.raises(ArtifactError, match="not UTF-8"):
            load_around(lambda project: find_relation(project, uid), folder)
        return
    told: list[str] = []
    _, node = load_around(lambda project: find_relation(project, uid), folder, warn=told.append)
    assert list(node.columns) == ["id"]
    assert "description" in told[0]


def test_a_mapped_file_is_read_as_a_copied_one(
    shop: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop.write(tmp_path, catalog=True)
    copied = load_project(folder)
    monkeypatch.setattr(reading, "_MAPPED_FROM", 1)
    assert load_project(folder).nodes == copied.nodes
    marked = folder / "manifest.json"
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes())
    assert loading.load_project(folder).nodes == copied.nodes
    for text, error in ((b" \n", "is empty"), (b'{"nodes": {', "cut off"), (b"[1]", "not a")):
        marked.write_bytes(text)
        with pytest.raises(ArtifactError, match=error):
            load_project(folder)
