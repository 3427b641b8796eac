"""New projects of many kinds, as a user gets them: no trace of the template, parsed, built and tested without a network.

They share this environment: `make` is told that it is theirs. `make test-bake` runs these alone, with the adapters.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
import yaml

from analytics_tools import template
from tests.conftest import ROOT
from tests.engines.servers import postgres
from tests.integration.test_build import ALL_DEPRECATIONS
from tests.template_copy import copy_template
from tests.unit.test_new import ROLES, WORD

BIN = Path(sys.executable).parent
NAMES = ["a", "acme", "shop_2", "orders", "data_platform", "x" * 40]
TOOLS = "dbt-analytics-tools==0"
# A port where nobody listens: whoever asks for the hub or an index fails at once.
NOWHERE = "http://127.0.0.1:9"

pytestmark = pytest.mark.bake


def bake(home: Path, name: str, **asked: object) -> Path:
    new = template.NewProject(name=name, tools=TOOLS, **asked)  # type: ignore[arg-type]
    template.write(template.plan(template.read_template(), new), home)
    return home


def adapter(warehouse: str) -> dict[str, str]:
    """Where `make test-bake` put the adapter: apart, for one engine's packages are not another's."""
    if warehouse == "duckdb":
        return {}
    folder = ROOT / ".cache" / "engines" / warehouse
    assert (folder / ".installed").is_file(), "run this by make test-bake, which installs adapters"
    return {"PYTHONPATH": str(folder)}


def make(home: Path, *words: str, **settings: str) -> str:
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANALYTICS_")}
    # Newer than the lock: so `make` has nothing to install, and what it calls is here.
    (home / ".venv").mkdir(exist_ok=True)
    for stamp in (".installed", ".installed-postgres"):
        (home / ".venv" / stamp).touch()
    done = subprocess.run(
        ["make", f"BIN={BIN}", *words],
        cwd=home,
        env={**kept, **proxies, "NO_COLOR": "1", **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    assert not (home / ".venv" / "bin").exists()
    return done.stdout


def traces(files: dict[str, str]) -> list[str]:
    """Where the template's name still is one: in the name of a file, or in a line of it."""
    lines = [line for path, text in files.items() for line in (path, *text.splitlines())]
    likely = [line for line in lines if "analytics" in line.lower()]
    return [line for line in likely if WORD.search(ROLES.sub("", line))]


@pytest.mark.parametrize(
    ("demo", "ci", "warehouse"), list(product([True, False], template.CI, template.WAREHOUSES))
)
def test_no_trace_of_the_template_is_left(demo: bool, ci: str, warehouse: str) -> None:
    read = template.read_template()
    for name in NAMES:
        new = template.NewProject(name, TOOLS, demo=demo, ci=ci, warehouse=warehouse)
        files = template.plan(read, new)
        assert traces(files) == [], name
        assert f"name: {name}\n" in files["analytics/dbt_project.yml"]


@pytest.mark.parametrize("warehouse", template.WAREHOUSES)
@pytest.mark.parametrize("demo", [True, False])
def test_each_warehouse_parses_without_a_deprecation(
    demo: bool, warehouse: str, tmp_path: Path
) -> None:
    home = bake(tmp_path / "made", "acme", demo=demo, warehouse=warehouse)
    project = home / "analytics"
    shutil.copytree(project / "offline", project / "dbt_packages")
    profile = yaml.safe_load((project / "profiles.yml").read_text())["acme"]
    default = re.findall(r"'(\w+)'", profile["target"])[-1]
    assert profile["outputs"][default]["type"] == warehouse
    required = re.findall(r"env_var\('(\w+)'\)", (project / "profiles.yml").read_text())
    done = subprocess.run(
        [sys.executable, "-c", ALL_DEPRECATIONS.replace('"duckdb"', repr(warehouse))],
        cwd=project,
        env={**os.environ, **dict.fromkeys(required, "x"), "NO_COLOR": "1", **adapter(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    metadata = json.loads((project / "target" / "manifest.json").read_text())["metadata"]
    assert (metadata["project_name"], metadata["adapter_type"]) == ("acme", warehouse)


@pytest.mark.parametrize("name", NAMES)
def test_the_small_one_builds_and_tests_offline(name: str, tmp_path: Path) -> None:
    home = bake(tmp_path / "made", name, demo=False)
    said = make(home, "build")
    assert "Built 4 models, and 19 tests passed." in said
    assert "the hub can't be reached" in said
    assert re.search(r"^2026-03-01\S* +[\d.]+$", said, re.M), "no revenue by month"
    make(home, "test", "lint")


def test_the_demo_builds_and_tests_offline(tmp_path: Path) -> None:
    home = bake(tmp_path / "made", "acme")
    assert re.search(r"^Built \d+ models, and \d+ tests passed\.$", make(home, "build"), re.M)
    assert (home / "data" / "dev.duckdb").is_file()
    make(home, "test", "lint")


def test_a_checkout_becomes_a_project_that_builds(tmp_path: Path) -> None:
    """`make init`, then the first build, with the wheel that goes along in the place of the checkout."""
    home = copy_template(tmp_path / "checkout")
    # The checkout's own package makes it, as the editable install of a real one would.
    code = "from analytics_tools.cli import main; main()"
    words = ["new", ".", "--in-place", "--name", "acme", "--no-demo", "--yes"]
    subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(home)},
        check=True,
    )
    (wheel,) = (home / "vendor").glob("*.whl")
    assert f"./vendor/{wheel.name}" in (home / "requirements-tools.txt").read_text()
    assert "Built 4 models, and 19 tests passed." in make(home, "build")


def test_the_demo_is_complete(tmp_path: Path) -> None:
    """Every dbt file of the template is in the project with the demo."""
    home = bake(tmp_path / "made", "acme")
    ours = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "analytics" / "models").rglob("*.*")
    }
    theirs = {path.relative_to(home).as_posix() for path in (home / "analytics").rglob("*.*")}
    assert ours <= theirs
    shutil.rmtree(home)


def test_the_small_one_builds_on_postgres(tmp_path: Path) -> None:
    """On a server of the test's own: the sample is loaded, built and tested, and asked for revenue."""
    home = bake(tmp_path / "made", "acme", demo=False, warehouse="postgres")
    with postgres() as server:
        make(home, "load", **server.settings)
        said = make(home, "build", **server.settings)
    assert "Built 4 models, and 19 tests passed." in said
    assert re.search(r"^2026-03-01\S* +2233.15$", said, re.M)
