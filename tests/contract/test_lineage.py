"""Lineage of real projects: its columns are those the warehouse has."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.lineage import Lineages, lineage_of


def test_columns_are_those_of_the_catalog(real: Path) -> None:
    project, code = load_project(real), read_code(real / "manifest.json")
    lineages = Lineages(project, code)
    compared = wrong = 0
    for uid in project.relations:
        found = lineage_of(lineages, uid)  # never raises
        table = project.tables.get(uid)
        if table is None or not code.node(uid).compiled or found.reason:
            continue
        compared += 1
        there = {column.name.lower() for column in table.columns.values()}
        wrong += there != {column.name.lower() for column in found.columns}
    if not compared:
        pytest.skip("no catalog with compiled SQL in this set")
    assert wrong <= compared / 100


def test_everything_is_parsed(real: Path) -> None:
    project, code = load_project(real), read_code(real / "manifest.json")
    lineages = Lineages(project, code)
    compiled = [uid for uid in project.models if code.node(uid).compiled]
    unread = [uid for uid in compiled if lineages.reading(uid).unread]
    assert len(unread) <= len(compiled) / 100
