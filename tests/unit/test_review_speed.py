"""What `review` costs on a large project, beside the analysis of SQL that it stands on."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "analytics-tools")
MAKER = Path(__file__).parent.parent.parent / "benchmarks" / "synthetic.py"
MODELS = 1_000


def cpu(*words: str | Path) -> float:
    """Return the CPU seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([COMMAND, *map(str, words)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_thousand_models(tmp_path: Path) -> None:
    base, head = tmp_path / "base", tmp_path / "head"
    words = [sys.executable, str(MAKER), "--models", str(MODELS), "--out", str(base)]
    subprocess.run(words, check=True, capture_output=True)
    shutil.copytree(base, head)
    manifest = json.loads((head / "manifest.json").read_text())
    models = [node for uid, node in manifest["nodes"].items() if uid.startswith("model.")]
    for model in models[::200]:
        for key in ("raw_code", "compiled_code"):
            model[key] += "\nlimit 10"
    (head / "manifest.json").write_text(json.dumps(manifest))
    sides = ("--base", base, "--head", head)
    cpu("changes", *sides)  # from here on the SQL is known
    changes = min(cpu("changes", *sides) for _ in range(3))
    out = tmp_path / "review.md"
    review = min(cpu("review", *sides, "--out", out, "--format", "markdown") for _ in range(3))
    assert "Look here" in out.read_text()
    assert review - changes < 2
    assert review < 4
