"""The projects that are edited: the bench's own shop, this repository's, and any folder given."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from analytics_tools.sample_data import LandingOptions, append, land
from benchmarks.truth import shop, shop_data
from benchmarks.truth.project import Subject

_OURS = Path(__file__).parent.parent.parent / "analytics"
_AS_OF = date(2026, 3, 15)
_LATER = date(2026, 3, 22)
_SCALE = 5_000
_OF_THE_RUN = frozenset(
    f"model.analytics.{name}"
    for name in (
        "stg_dbt_audit__dbt_run_log",
        "fct_pipeline_health",
        "fct_sla_compliance",
        "fct_tier_health",
    )
)


def subjects(home: Path, only: str | None, folder: Path | None, variable: str) -> list[Subject]:
    """Return the projects to edit."""
    found = []
    if only in (None, "shop"):
        written = home / "shop.source"
        shutil.rmtree(written, ignore_errors=True)
        shop.write(written)
        environment = {"SHOP_DB": "{database}"}
        found.append(Subject("shop", written, environment, later_rows=shop_data.LATER))
    if only in (None, "analytics"):
        found.append(_analytics(home))
    if folder is not None:
        found.append(Subject(folder.name, folder.absolute(), {variable: "{database}"}))
    if not found:
        raise SystemExit(f"{only} is no project at hand: give shop, analytics or --project")
    return found


def _analytics(home: Path) -> Subject:
    """This repository's project, on a small landing of its sample data."""
    if not (_OURS / "dbt_packages").exists():
        raise SystemExit("analytics/dbt_packages is missing: run make packages first")
    raw, later = home / "raw", home / "raw_later"
    if not later.exists():
        shutil.rmtree(raw, ignore_errors=True)
        land(raw, LandingOptions(as_of=_AS_OF, scale=_SCALE, seed=7))
        shutil.copytree(raw, later)
        append(later, _LATER)
    return Subject(
        "analytics",
        _OURS,
        {
            "ANALYTICS_RAW_PATH": str(raw),
            "ANALYTICS_DUCKDB_PATH": "{database}",
            "ANALYTICS_AS_OF": f"{_AS_OF} 06:00:00",
        },
        _OF_THE_RUN,
        {"ANALYTICS_RAW_PATH": str(later), "ANALYTICS_AS_OF": f"{_LATER} 06:00:00"},
    )
