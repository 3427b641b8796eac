"""`init` on real projects: a sensible guess of their layers, and a baseline that is green at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from analytics_tools.artifacts import load_project
from analytics_tools.cli import main

# Preset, own words of layers, and how many of the models have a layer by them.
GUESSES = {
    "aspects_clickhouse": ("dbt_labs", {}, 29, 36),
    "bouncer_fixture_dbt_2.0": ("dbt_labs", {}, 12, 13),
    # bronze, silver and marts called dim_ and fact_: both presets' words, and a folder of its own.
    "crosschain_snowflake": ("guess", {"marts": ["core"]}, 73, 73),
    "jaffle_shop_v1": ("dbt_labs", {}, 8, 8),
    "jaffle_shop_v12_dbt_1.12": ("dbt_labs", {}, 13, 13),
    # Models of packages alone, so theirs are looked at.
    "quickbooks_postgres": ("dbt_labs", {}, 136, 144),
    "recce_base": ("dbt_labs", {}, 3, 7),
}


def test_init_then_the_baseline_is_green(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, name = load_project(real), real.name
    (tmp_path / "dbt_project.yml").write_text(f"name: {project.name}\n")
    (tmp_path / "target").symlink_to(real.resolve())
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["init", "--ci", "github", "--tools", "x", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    scored = CliRunner().invoke(main, ["score", "--baseline", "score_baseline.json"])
    assert scored.exit_code == 0, scored.output
    assert "Nothing new or worse" in scored.output
    if name in GUESSES:
        preset, layers, placed, models = GUESSES[name]
        assert (document["preset"], document["placed"]) == (preset, placed)
        assert document["models"] == models
        text = (tmp_path / "pyproject.toml").read_text()
        assert all(f'"{word}"' in text for words in layers.values() for word in words)
        assert text.count("folders = [") == len(layers)
