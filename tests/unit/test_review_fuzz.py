"""Whatever stands in the artifacts: a review or one clear line, never a traceback."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analytics_tools.cli import main
from tests.unit.review_files import recode, shop, write
from tests.unit.test_fuzz import SETTINGS, spoil

FORMATS = ("text", "markdown", "json", "github")


@given(st.data())
@SETTINGS
def test_any_artifacts(draw: st.DataObject) -> None:
    base, head = shop(), shop()
    recode(head, "stg_orders", " amount,", " amount as total, ")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write(base, home / "base")
        write(head, home / "head", {"model.shop.fct_orders": "error"})
        for path in sorted(home.glob("*/*.json")):
            document = json.loads(path.read_text())
            if draw.draw(st.booleans()):
                spoil(draw, document)
            path.write_text(json.dumps(document))
        words = ["review", "--base", str(home / "base"), "--head", str(home / "head")]
        words += ["--format", draw.draw(st.sampled_from(FORMATS))]
        result = CliRunner().invoke(main, words)
        if result.exit_code not in (0, 1, 2):
            pytest.fail(result.stderr)
        if result.exit_code == 2:
            assert (result.stdout, result.stderr.count("error: ")) == ("", 1)
