"""Rules of installed packages are found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RULE = '''
from analytics_tools.score import Finding, rule

@rule("SHOP001", "conventions", 2)
def is_called_well(model, facts):
    """The model is called well."""
    return None
'''


@pytest.mark.parametrize("installed", [True, False])
def test_an_installed_package_adds_its_rules(tmp_path: Path, installed: bool) -> None:
    (tmp_path / "shop_rules.py").write_text(RULE)
    if installed:
        about = tmp_path / "shop_rules-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-rules\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[analytics_tools.rules]\nshop = shop_rules\n")
    code = (
        "import sys; sys.path.append(sys.argv[1])\n"
        "from analytics_tools.score import load_rules\n"
        "print([rule.code for rule in load_rules() if rule.code.startswith('SHOP')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ("['SHOP001']" if installed else "[]")
