"""How quickly the command line answers, and how quietly it ends."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from tests.unit.project_files import ProjectFiles

COMMAND = [str(Path(sys.executable).parent / "analytics-tools")]
HEAVY = ("sqlglot", "rich", "jinja2", "duckdb", "msgspec", "dbt")


def test_help_costs_next_to_nothing() -> None:
    def cpu() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cpu() for _ in range(3)) < 0.15


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from analytics_tools.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("[]\n")


def test_score_imports_no_parser(shop: ProjectFiles, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from analytics_tools.cli import main\n"
        f"try: main(['score', '--manifest', {str(shop.write(tmp_path))!r}])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('sqlglot', 'rich', 'jinja2', 'duckdb') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("[]\n")


def test_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    files = ProjectFiles()
    for number in range(400):
        files.model(f"model_{number}", description="")
    folder = files.write(tmp_path)
    script = f"{COMMAND[0]} score --json --manifest {folder} | head -c 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {script}"], capture_output=True)
    assert done.stdout == b"{"
    assert done.stderr == b""
    assert done.returncode == 0


def test_no_colour_unless_wanted(shop: ProjectFiles, tmp_path: Path) -> None:
    folder = str(shop.write(tmp_path))
    command = [*COMMAND, "score", "--manifest", folder]
    assert b"\x1b" not in subprocess.run(command, capture_output=True).stdout
    # `script` gives the command a terminal.
    typed = ["script", "-qec", " ".join(command), "/dev/null"]
    for extra, painted in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        plain = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        environment = {**plain, "TERM": "xterm", **extra}
        done = subprocess.run(typed, capture_output=True, env=environment)
        assert (b"\x1b[" in done.stdout) is painted


def test_ascii_terminal(shop: ProjectFiles, tmp_path: Path) -> None:
    folder = str(shop.write(tmp_path))
    words = [*COMMAND, "impact", "--manifest", folder, "--model", "raw.orders"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, capture_output=True, env=environment)
    assert done.returncode == 0
    assert done.stdout.isascii()
