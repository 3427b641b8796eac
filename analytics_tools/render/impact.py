"""An impact as text."""

from __future__ import annotations

from analytics_tools.impact import KINDS, Impact, Touched
from analytics_tools.render.style import Style, clean, table
from analytics_tools.words import counted

# Names of one kind shown in a text; JSON has them all.
_SHOWN = 60
_RELATIONS = ("model", "seed", "snapshot", "source")
_GUARDS = ("test", "unit_test")
_GUARDS_SHOWN = 12


def impact_text(impact: Impact, style: Style) -> str:
    """Return who to tell, then everything downstream by kind and depth, with the way there."""
    name = style(clean(impact.name), "bold")
    if not impact.touched:
        return f"{name}: nothing is downstream of this {impact.kind}.\n"
    lines = [f"{name}  {impact.kind}, {_summary(impact)} downstream"]
    if impact.contacts:
        lines += ["", style("Who to tell", "bold")]
        rows = []
        for contact in impact.contacts:
            theirs = [clean(impact.names[uid]) for uid in contact.of]
            more = f" and {len(theirs) - 5} more" if len(theirs) > 5 else ""
            rows.append((f"  {clean(contact.owner)}", ", ".join(theirs[:5]) + more))
        lines += table(rows)
    lines += _cost(impact, style)
    kinds = [*KINDS, *sorted(set(impact.counts) - set(KINDS))]
    for kind in kinds:
        if kind in impact.counts:
            lines += ["", *_section(impact, kind, style)]
    return "\n".join(lines) + "\n"


def _cost(impact: Impact, style: Style) -> list[str]:
    """Return what building it all anew takes, by the last run."""
    cost = impact.cost
    if cost is None:
        return []
    way = " → ".join(_step(uid, impact) for uid in cost.slowest_path)
    timed = counted(cost.timed, "node")
    return [
        "",
        style("To build it anew", "bold"),
        *table(
            [
                ("  in all", _seconds(cost.seconds), f"{timed} timed by the last run"),
                ("  slowest path", _seconds(cost.slowest_seconds), way),
            ]
        ),
    ]


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 600 else f"{seconds / 60:.1f} min"


def _summary(impact: Impact) -> str:
    return ", ".join(counted(count, *_noun(kind)) for kind, count in impact.counts.items())


def _noun(kind: str) -> tuple[str, str]:
    noun = kind.replace("_", " ")
    plural = {"query": "queries", "analysis": "analyses"}.get(noun.rpartition(" ")[2])
    return noun, noun.rpartition(" ")[0] + " " + plural if plural and " " in noun else plural or ""


def _section(impact: Impact, kind: str, style: Style) -> list[str]:
    touched = impact.of_kind(kind)
    noun, plural = _noun(kind)
    title = counted(len(touched), noun, plural).capitalize()
    shown = touched[: _GUARDS_SHOWN if kind in _GUARDS else _SHOWN]
    rows = [_row(one, impact) for one in shown]
    lines = [style(title, "bold"), *table(rows)]
    if len(touched) > len(shown):
        lines.append(style(f"  and {len(touched) - len(shown)} more (--json lists all)", "dim"))
    return lines


def _row(one: Touched, impact: Impact) -> tuple[str, str, str]:
    way = " → ".join(_step(uid, impact) for uid in one.path[1:-1])
    via = f"through {way}" if way else "direct"
    return (
        f"  {one.depth}",
        f"{clean(one.name)}" + (f"  ({clean(one.detail)})" * bool(one.detail)),
        via,
    )


def _step(uid: str, impact: Impact) -> str:
    """Return a step's name, with its kind where that isn't a relation of the warehouse."""
    kind = uid.partition(".")[0]
    name = clean(impact.names[uid])
    return name if kind in _RELATIONS else f"{kind.replace('_', ' ')} {name}"
