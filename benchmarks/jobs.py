"""What is measured: our commands, and each peer's command that does the same work, or the nearest.

A peer names the job of ours it is compared with. Where it does less than ours, or something only
near to it, its name says what.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HOME = Path(".cache/bench")
MODEL = "stg_raw__order_0"
# Pinned, so that two runs compare the same things. Each gets an environment of its own.
PEERS = {
    "dbt-bouncer": ("dbt-bouncer==4.3.0",),
    "dbt-score": ("dbt-score==0.19.0",),
    "dbt-coverage": ("dbt-coverage==0.5.0",),
    "docglow": ("docglow==0.9.2",),
    "dbt-pathfinder": ("dbt-pathfinder==0.5.0", "click"),  # it imports click, and doesn't say so
}
# Some dozen checks, as a team would begin with.
BOUNCER = """dbt_artifacts_dir: .
manifest_checks:
  - name: check_model_description_populated
  - name: check_model_has_unique_test
  - name: check_model_names
    include: ^models/staging
    model_name_pattern: ^stg_
  - name: check_model_depends_on_multiple_sources
  - name: check_model_max_chained_views
  - name: check_model_max_fanout
    max_downstream_models: 10
  - name: check_model_max_upstream_dependencies
  - name: check_model_has_semi_colon
  - name: check_exposure_based_on_view
  - name: check_source_freshness_populated
  - name: check_source_description_populated
catalog_checks:
  - name: check_columns_are_all_documented
"""
# Our rules nearest to these checks, in their order; we have none about semicolons.
SAME_CHECKS = (
    "DOC001", "TST001", "CNV001", "CNV002", "PRF003", "PRF004", "PRF010", "CNV004", "TST006",
    "DOC005", "DOC002",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A command to be measured: `rival` names the job of ours it does the work of."""

    name: str
    words: tuple[str, ...]
    folder: Path
    rival: str = ""


def our_jobs(folder: Path) -> list[Job]:
    """Return our commands on the project in `folder`."""
    command = (str(Path(sys.executable).parent / "analytics-tools"),)
    here = ("--manifest", ".")
    same = folder / "same_checks.toml"
    same.write_text(f"[tool.analytics_tools.score]\noff = {_rules_off()}\n")
    return [
        Job("score", (*command, "score", *here), folder),
        Job("score, 11 rules", (*command, "score", *here, "--config", same.name), folder),
        Job("impact", (*command, "impact", *here, "--model", MODEL), folder),
        Job("docs", (*command, "docs", *here, "--model", MODEL), folder),
        Job("docs --out", (*command, "docs", *here, "--out", "pages"), folder),
        Job("diff", (*command, "diff", "--source", ".", "--target", "after"), folder),
    ]


def _rules_off() -> list[str]:
    from analytics_tools.score import registered_rules

    return sorted({rule.code for rule in registered_rules()} - set(SAME_CHECKS))


def peer_jobs(folder: Path, peers: list[str]) -> list[Job]:
    """Return the commands of those `peers` that are there, on the project in `folder`."""
    (folder / "dbt-bouncer.yml").write_text(BOUNCER)

    def job(rival: str, peer: str, what: str, *words: str) -> Job:
        return Job(f"{peer} {what}".strip(), (_tool(peer), *words), folder, rival)

    def in_turn(rival: str, peer: str, what: str, *lines: str) -> Job:
        script = " && ".join(f"{_tool(peer)} {line}" for line in lines)
        return Job(f"{peer} {what}", ("/bin/sh", "-c", script), folder, rival)

    here, compute = ("--target-dir", ".", "--project-dir", "."), "compute doc --run-artifacts-dir"
    pages = ("--skip-column-lineage", "--slim", "--output-dir", "docglow")
    jobs = [
        job("score", "dbt-bouncer", "(12 checks)", "run"),
        job("score, 11 rules", "dbt-bouncer", "(12 checks)", "run"),
        job("score", "dbt-score", "lint", "lint", "-m", "manifest.json"),
        job("score", "dbt-coverage", "compute", *compute.split(), "."),
        job("score", "docglow", "health", "health", *here),
        job("impact", "dbt-pathfinder", "impact", "impact", "--manifest", "manifest.json",
            "--model", MODEL),
        job("docs", "dbt-pathfinder", "show", "show", "--manifest", "manifest.json",
            "--model", MODEL),
        job("docs", "docglow", "generate (one)", "generate", *here, *pages, "--select", MODEL),
        job("docs --out", "docglow", "generate", "generate", *here, *pages),
        in_turn("diff", "dbt-coverage", "compare", f"{compute} . --cov-report a.json",
                f"{compute} after --cov-report b.json", "compare b.json a.json"),
    ]  # fmt: skip
    return [one for one in jobs if one.name.partition(" ")[0] in peers]


def _tool(peer: str) -> str:
    return str((HOME / "peers" / peer / "bin" / peer).absolute())


def install_peers(peers: Mapping[str, Sequence[str]] = PEERS) -> list[str]:
    """Install each peer that isn't there yet; return the names of those that are there then."""
    ready = []
    for name, requirements in peers.items():
        home = HOME / "peers" / name
        if not (home / "bin" / name).exists():
            venv.create(home, with_pip=True)
            words = [str(home / "bin" / "pip"), "install", "--quiet", *requirements]
            if subprocess.run(words, capture_output=True, check=False).returncode:
                print(f"{requirements[0]} can't be installed here: left out")
                continue
        ready.append(name)
    return ready


def floor(folder: Path) -> Job:
    """Return the least that anybody who reads the manifest with types must spend."""
    code = (
        "import gc; gc.disable()\n"
        "from pathlib import Path\n"
        "from analytics_tools.artifacts.manifest import in_whole\n"
        "in_whole.decode(Path('manifest.json').read_bytes())"
    )
    return Job("floor: decode", (sys.executable, "-c", code), folder)
