"""What is said of SQL that doesn't work, and how sure it is."""

from __future__ import annotations

from analytics_tools.sql.findings import Clash, Problem

# Where comparing a number with text fails whatever the text is.
STRICT = frozenset(("postgres", "redshift", "bigquery", "trino", "presto", "athena"))
RAN = "the build of head fails at it: "
_TEXTS = {"text", "digits"}
# Where some text gets on with what isn't text, and some doesn't.
_DOUBTS = ("compare", "order", "mix", "number", "summable", "measured", "time")
WORDS = {
    "number": "a number",
    "text": "text",
    "digits": "text",
    "time": "a time",
    "boolean": "a truth value",
}


def is_certain(clash: Clash, adapter: str) -> bool | None:
    """Whether a clash surely fails; None where it is none to the warehouse."""
    if clash.kind == "parse":  # as the rows have it
        return False
    strict = adapter in STRICT
    if adapter == "duckdb":  # it casts for = and IN, and for nothing else
        text = _TEXTS & {*clash.families}
        strict = clash.kind != "compare" or ("time" in clash.families and not text)
    doubt = clash.kind == "literal" or ("text" in clash.families and clash.kind in _DOUBTS)
    return strict or (False if doubt else None)


def said_of_problem(problem: Problem) -> str:
    """Say what is wrong with a name."""
    if problem.column == "*":
        return "both sides of a set operation must have as many columns"
    if problem.kind == "type":
        return f"it casts to {problem.column}, which is no type of DuckDB's own"
    if problem.kind == "ordinal":
        return f"it groups or orders by column {problem.column}, and has not so many"
    if problem.kind == "ungrouped":
        return f"it selects {problem.column} beside aggregates, and doesn't group by it"
    if problem.kind == "ambiguous":
        return f"several of the relations it reads have a column {problem.column}: which is meant?"
    return f"it reads the column {problem.column}, which nothing it reads has"


def said_of_clash(clash: Clash) -> str:
    """Say which types don't get on, and where."""
    words = sorted({WORDS[family] for family in clash.families})
    what = {
        "number": f"computes with {words[0]}",
        "summable": f"computes with {words[0]}",
        "measured": f"computes with {words[0]}",
        "boolean": f"takes {words[0]} for a truth value",
        "text": f"takes {words[0]} for text",
        "time": f"takes {words[0]} for a time",
        "mix": f"takes {words[0]} or {words[-1]}",
        "union": f"puts {words[0]} and {words[-1]} in one column",
        "parse": f"casts text to {WORDS[clash.families[-1]]}",
        "cast": f"casts {WORDS[clash.families[0]]} to {WORDS[clash.families[-1]]}",
        "literal": f"takes a text for {words[0]} that is none",
    }.get(clash.kind, f"compares {words[0]} with {words[-1]}")
    return f"{what}: {clash.sql}"
