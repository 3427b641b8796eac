"""How old a source's table may become before `dbt source freshness` says so."""

from __future__ import annotations

import math
import re
from typing import Any

from analytics_tools.scaffold.columns import Staged
from analytics_tools.scaffold.proposals import LIKELY_FROM, Proposal, Sureness
from analytics_tools.scaffold.seen import TableSeen
from analytics_tools.scaffold.yaml_text import Flow
from analytics_tools.words import counted

# Deliveries on so many days show how far apart they usually are.
_DAYS = 10


def freshness(table: TableSeen, columns: tuple[Staged, ...]) -> dict[str, Any]:
    """Return how old the table may be, from the longest time between two deliveries seen.

    Where fewer than three days were seen it is taken for a daily one; a guess only warns.
    """
    loaded = _loaded(columns)
    if loaded is None:
        return {}
    gap = loaded.seen.longest_gap
    daily = loaded.seen.days < 3 or gap <= 1
    days = Flow(count=math.ceil(1.5 * gap), period="day")
    limits: dict[str, Any] = {"warn_after": Flow(count=36, period="hour") if daily else days}
    if _sureness(table, loaded) != Sureness.GUESS:
        limits["error_after"] = Flow(count=3 * max(gap, 1), period="day")
    return {"loaded_at_field": loaded.seen.name, "freshness": limits}


def freshness_of_table(
    table: TableSeen, columns: tuple[Staged, ...], source: dict[str, Any]
) -> dict[str, Any]:
    """Return what a table says of its age beside what it inherits from its source."""
    inherited = {**source, **(source.get("config") or {})}
    fresh = freshness(table, columns)
    if not inherited.get("loaded_at_field"):
        return fresh
    own = fresh.get("loaded_at_field")
    if own is None:
        return {"freshness": None}  # its age can't be told
    said = str(inherited["loaded_at_field"])
    return {} if re.search(rf"\b{re.escape(own)}\b", said) else fresh


def freshness_seen(
    table: TableSeen, columns: tuple[Staged, ...], written: dict[str, Any]
) -> tuple[Proposal, ...]:
    """Return what was seen for the limits that were written, and how sure that makes them."""
    loaded, limits = _loaded(columns), written.get("freshness")
    if loaded is None or not limits:
        return ()
    does = f"warns after {_spoken(limits['warn_after'])}"
    if "error_after" in limits:
        does += f", fails after {_spoken(limits['error_after'])}"
    return (
        Proposal(
            loaded.name, "freshness", f"{_deliveries(loaded)}: {does}", _sureness(table, loaded)
        ),
    )


def _loaded(columns: tuple[Staged, ...]) -> Staged | None:
    """The column that says when a row was delivered, if dbt can name it."""
    loaded = next((c for c in columns if c.role == "loaded"), None)
    return None if loaded is None or "adapter.quote" in loaded.sql else loaded


def _sureness(table: TableSeen, loaded: Staged) -> Sureness:
    """Files show what was delivered, never what should have been: at best it is likely."""
    is_much = (table.rows or 0) >= LIKELY_FROM and loaded.seen.days >= _DAYS
    return Sureness.LIKELY if is_much else Sureness.GUESS


def _deliveries(loaded: Staged) -> str:
    seen = loaded.seen
    if not seen.days:
        return "no rows seen, so it is taken for daily"
    newest = f"newest row of {seen.newest}, delivered on {counted(seen.days, 'day')}"
    if seen.days < 3:
        return f"{newest}, so it is taken for daily"
    return f"{newest}, at most {counted(seen.longest_gap, 'day')} apart"


def _spoken(limit: dict[str, Any]) -> str:
    return counted(limit["count"], limit["period"])
