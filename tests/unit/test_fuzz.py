"""Whatever stands in the files: an answer or one clear line, never a traceback."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_tools.cli import main
from tests.unit.project_files import ProjectFiles

ODD: list[Any] = [
    None,
    True,
    -1,
    1.5,
    "",
    "x\x00",
    "\ud800",
    [],
    ["x", 1, None],
    {},
    {"x": {"y": []}},
]
SETTINGS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything inside of a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += paths_of(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            found += paths_of(item, (*path, place))
    return found


def spoil(draw: st.DataObject, value: Any) -> None:
    """Replace or remove a few things inside of `value`."""
    for _ in range(draw.draw(st.integers(1, 4))):
        path = draw.draw(st.sampled_from(paths_of(value)))
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, dict) and draw.draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(draw.draw(st.sampled_from(ODD)))


def call_all(folder: Path) -> None:
    calls = [
        ["score", "--manifest", folder],
        ["score", "--manifest", folder, "--json", "--layer", "marts"],
        ["impact", "--manifest", folder, "--model", "stg_orders"],
        ["docs", "--manifest", folder, "--model", "fct_orders"],
        ["docs", "--manifest", folder, "--model", "raw.orders", "--json"],
        ["diff", "--source", folder, "--target", folder],
        ["diff", "--declared", "--manifest", folder, "--format", "markdown"],
        ["score", "--manifest", folder, "--format", "sarif", "--select", "+fct_orders tag:x"],
        ["docs", "--manifest", folder, "--out", folder / "site"],
    ]
    for words in calls:
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code in (0, 2), (result.output, result.exception)
        if result.exit_code == 2:
            assert result.stderr.splitlines()[-1].startswith("error: ")


@pytest.fixture(autouse=True)
def _loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICS_TOOLS_DEBUG", "1")


@SETTINGS
@given(data=st.data())
def test_wrong_types(data: st.DataObject, shop: ProjectFiles, tmp_path: Path) -> None:
    files = shop.copy()
    spoil(data, data.draw(st.sampled_from([files.manifest, files.manifest, files.catalog])))
    call_all(files.write(tmp_path, catalog=True))


@SETTINGS
@given(data=st.data())
def test_broken_bytes(data: st.DataObject, shop: ProjectFiles, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    text = json.dumps(shop.manifest).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    middle = data.draw(st.binary(max_size=8))
    (folder / "manifest.json").write_bytes(text[:start] + middle + text[end:])
    call_all(folder)


def test_salvage_keeps_all_that_fits(shop: ProjectFiles, tmp_path: Path) -> None:
    shop.manifest["nodes"]["model.shop.fct_orders"]["config"]["group"] = 7
    shop.manifest["nodes"]["model.shop.stg_orders"]["columns"]["amount"]["description"] = ["?"]
    words = ["score", "--manifest", str(shop.write(tmp_path)), "--json"]
    result = CliRunner().invoke(main, words)
    assert "columns.amount.description is a list (and 1 more)" in result.stderr
    bare = [
        deduction["evidence"]["columns"]
        for model in json.loads(result.stdout)["models"]
        for deduction in model["deductions"]
        if deduction["rule"] == "DOC002"
    ]
    assert sorted(bare) == [["amount"], ["late"]]


def test_duplicate_keys_and_huge_strings(shop: ProjectFiles, tmp_path: Path) -> None:
    shop.model("huge", description="x" * 2_000_000)
    folder = shop.write(tmp_path)
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"nodes": {', '"nodes": {}, "nodes": {'))
    call_all(folder)
