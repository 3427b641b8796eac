"""The projects that are edited: the bench's own shop, this repository's, and any folder given."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

from analytics_tools.sample_data import LandingOptions, append, land
from benchmarks.truth import deliveries, richer, shop, shop_data
from benchmarks.truth.contents import digest
from benchmarks.truth.plans import files
from benchmarks.truth.project import Day, Subject
from benchmarks.truth.runs import Place

_OURS = Path(__file__).parent.parent.parent / "analytics"
SOURCE = ("*.sql", "*.yml", "*.csv", "*.py")
_AS_OF = date(2026, 3, 15)
_LATER = 5  # nights after that day, up to which the second delivers
_SCALE = 2_000
_BUILDS = 5  # of a project nobody here knows
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
        found.append(_shop(home))
    if only in (None, "analytics"):
        found.append(_analytics(home))
    if folder is not None:
        found.append(_given(home, folder.absolute(), {variable: "{database}"}))
    if not found:
        raise SystemExit(f"{only} is no project at hand: give shop, analytics or --project")
    return found


def _given(home: Path, folder: Path, environment: dict[str, str]) -> Subject:
    """Any project, its seeds made richer as far as it still builds."""
    texts = [path.read_text() for kind in SOURCE for path in files(folder, kind)]
    place = home / f"{folder.name}_{digest([Path(richer.__file__).read_text(), *texts])}"
    for promises in (richer.Promises(unique=False, filled=False), richer.Promises(True, True)):
        if place.exists():
            break
        fresh = home / f"{folder.name}_new_{os.getpid()}"
        left_out = shutil.ignore_patterns("target", "logs", ".git", "*.duckdb*")
        shutil.copytree(folder, fresh, ignore=left_out)
        richer.enrich(fresh, promises)
        if _builds(fresh, environment):
            fresh.rename(place)
        else:
            print(f"{folder.name}: doesn't build on seeds with {promises}", file=sys.stderr)
            shutil.rmtree(fresh)
    return Subject(folder.name, place if place.exists() else folder, environment, builds=_BUILDS)


def _builds(folder: Path, environment: dict[str, str]) -> bool:
    database = folder.with_name(f"{folder.name}.database") / "try.duckdb"
    database.parent.mkdir()
    ended = Place(folder, database.parent / "target", database, environment).build()
    os.chdir(folder.parent)  # where dbt was run may be gone next
    shutil.rmtree(database.parent)
    return ended is not None and not any(ended)


def _shop(home: Path) -> Subject:
    """The bench's own project, over two days."""
    made_of = digest([Path(one.__file__).read_text() for one in (shop, shop_data)])
    written = home / f"shop_{made_of}"
    if not written.exists():
        shop.write(home / f"shop_new_{os.getpid()}").rename(written)
    days = tuple(Day(seeds=seeds) for seeds in shop_data.DAYS)
    return Subject("shop", written, {"SHOP_DB": "{database}"}, histories=(days,), data=made_of)


def _analytics(home: Path) -> Subject:
    """This repository's project, on a small landing of its sample data with edge rows.

    One history has two days, with late, changed, repeated and deleted rows on both. The other
    begins before anything was delivered.
    """
    if not (_OURS / "dbt_packages").exists():
        raise SystemExit("analytics/dbt_packages is missing: run make packages first")
    raw = home / f"raw_{digest([Path(deliveries.__file__).read_text(), str(_SCALE)])}"
    if not raw.exists():
        fresh = home / f"raw_new_{os.getpid()}"
        _land(fresh)
        fresh.rename(raw)
    nothing, first, second = (Day(raw / name) for name in ("empty", "1", "2"))
    return Subject(
        "analytics",
        _OURS,
        {
            "ANALYTICS_RAW_PATH": "raw",
            "ANALYTICS_DUCKDB_PATH": "{database}",
            "ANALYTICS_AS_OF": f"{_AS_OF + timedelta(days=_LATER)} 06:00:00",
        },
        _OF_THE_RUN,
        ((first, second), (nothing, first)),
        raw.name,
    )


def _land(raw: Path) -> None:
    """Write the landings as they stand on each day."""
    plain = raw / "plain"
    land(plain, LandingOptions(as_of=_AS_OF, scale=_SCALE, seed=7))
    deliveries.copy(plain, raw / "1")
    deliveries.add_edges(raw / "1", 1, plain)
    deliveries.add_twins(raw / "1", plain)
    deliveries.restate(raw / "1", plain, again=False)
    deliveries.name_them(raw / "1", 1)
    deliveries.empty(plain, raw / "empty")
    deliveries.copy(raw / "1", raw / "2")
    append(raw / "2", _AS_OF + timedelta(days=_LATER))
    deliveries.add_edges(raw / "2", 2, raw / "1")
    deliveries.restate(raw / "2", plain, again=True)
    deliveries.forget(raw / "2", ("crm/customers", "orders/products"), 2)
