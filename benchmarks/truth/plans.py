"""Edits of a project: which files they touch, and what these hold then."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.truth import models, text, yaml_edits
from benchmarks.truth.edits import EDITS, Edit, edited

# New contents by path below the project's folder; None for a file that goes.
Change: TypeAlias = dict[str, str | None]
Plan: TypeAlias = Callable[[Path, random.Random], Change | None]


def files(root: Path, pattern: str, below: str = "") -> list[Path]:
    """Return the project's own files of a kind."""
    apart = ("dbt_packages", "target", "offline", "logs")
    found = sorted((root / below).rglob(pattern))
    return [p for p in found if not set(apart) & set(p.relative_to(root).parts)]


def _first(root: Path, paths: list[Path], rng: random.Random, make: Any) -> Change | None:
    """Change the first of some files, in any order, that an edit fits."""
    for path in rng.sample(paths, len(paths)):
        before = path.read_text()
        after = make(before)
        if after is not None and after != before:
            return {str(path.relative_to(root)): after}
    return None


def of_query(edit: Edit) -> Plan:
    """An edit of the SQL of a model."""
    return lambda root, rng: _first(
        root, files(root, "*.sql", "models"), rng, lambda sql: edited(sql, edit, rng)
    )


def of_text(edit: Callable[[str, random.Random], str | None], below: str) -> Plan:
    """An edit of a model or macro as text."""

    def plan(root: Path, rng: random.Random) -> Change | None:
        paths = files(root, "*.sql", below)
        if below == "models":  # the rest is for edits that know SQL
            paths = [p for p in paths if "{%" in p.read_text()] or paths
        return _first(root, paths, rng, lambda sql: edit(sql, rng))

    return plan


def of_yaml(edit: Callable[[Any, random.Random], bool]) -> Plan:
    """An edit of YAML beside the models and snapshots."""

    def make(before: str, rng: random.Random) -> str | None:
        return yaml_edits.edited(before, edit, rng)

    return lambda root, rng: _first(
        root,
        [*files(root, "*.yml", "models"), *files(root, "*.yml", "snapshots")],
        rng,
        lambda before: make(before, rng),
    )


def of_vars(used: bool) -> Plan:
    """Another value for a variable of the project, or one more that nobody reads."""
    return lambda root, rng: _first(
        root,
        [root / "dbt_project.yml"],
        rng,
        lambda before: yaml_edits.edited(
            before, yaml_edits.change_var if used else yaml_edits.add_var, rng
        ),
    )


def of_seed(edit: Callable[[list[list[str]], random.Random], bool]) -> Plan:
    """An edit of the rows of a seed."""

    def make(before: str, rng: random.Random) -> str | None:
        rows = list(csv.reader(io.StringIO(before)))
        if len(rows) < 3 or not edit(rows, rng):
            return None
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue()

    return lambda root, rng: _first(
        root, files(root, "*.csv", "seeds"), rng, lambda before: make(before, rng)
    )


def seed_cell(rows: list[list[str]], rng: random.Random) -> bool:
    """Write something else into one cell."""
    row = rng.choice(rows[1:])
    place = rng.randrange(len(row))
    others = [one[place] for one in rows[1:]]
    row[place] = rng.choice(["", rng.choice(others), row[place] + "1"])
    return True


def seed_row(rows: list[list[str]], rng: random.Random) -> bool:
    """Repeat a row, or take one away."""
    if rng.random() < 0.5:
        rows.append(list(rng.choice(rows[1:])))
    else:
        rows.pop(rng.randrange(1, len(rows)))
    return True


def seed_order(rows: list[list[str]], rng: random.Random) -> bool:
    """Put the rows in another order."""
    body = rows[1:]
    rng.shuffle(body)
    rows[1:] = body
    return True


def seed_quotes(root: Path, rng: random.Random) -> Change | None:
    """Quote every cell: the same table, written otherwise."""

    def make(before: str) -> str:
        out = io.StringIO()
        rows = csv.reader(io.StringIO(before))
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        return out.getvalue()

    return _first(root, files(root, "*.csv", "seeds"), rng, make)


def unused_macro(root: Path, rng: random.Random) -> Change | None:
    """Write a macro that nobody calls."""
    del root
    body = f"{{% macro nobody_calls_{rng.randrange(99)}() %}}1{{% endmacro %}}\n"
    return {"macros/nobody_calls.sql": body}


def several(root: Path, rng: random.Random) -> Change | None:
    """Two to four edits at once, of different files."""
    made: Change = {}
    for _ in range(rng.choice([2, 3, 4])):
        one = PLANS[rng.choice([k for k in PLANS if k != "several"])](root, rng) or {}
        if not made.keys() & one.keys():
            made |= one
    return made if len(made) > 1 else None


PLANS: dict[str, Plan] = {
    **{name: of_query(edit) for name, edit in EDITS.items()},
    **{f"text_{e.__name__}": of_text(e, "models") for e in (*text.LOOKS, *text.LOGIC)},
    **{f"macro_{e.__name__}": of_text(e, "macros") for e in (text.comment, text.spaces)},
    **{f"macro_{e.__name__}": of_text(e, "macros") for e in (text.number, text.word)},
    "macro_comparison": of_text(text.comparison, "macros"),
    "macro_unused": unused_macro,
    **{e.__name__: of_seed(e) for e in (seed_cell, seed_row, seed_order)},
    "seed_quotes": seed_quotes,
    "var": of_vars(used=True),
    "var_unused": of_vars(used=False),
    **{f"yaml_{e.__name__}": of_yaml(e) for e in yaml_edits.EDITS},
    **{f"model_{e.__name__}": e for e in models.EDITS},
    "several": several,
}
# Edits that are meant to leave all data as it is. Builds decide; the bench counts both.
LOOKS = frozenset(
    ("reformat", "rename_cte", "rename_alias", "swap_conditions", "turn_comparison", "wrap_in_cte",
     "split_between", "turn_list", "spell_out", "text_comment", "text_sql_comment", "text_spaces",
     "macro_comment", "macro_spaces", "macro_unused", "var_unused", "seed_quotes", "seed_order",
     "yaml_describe", "yaml_describe_column", "yaml_tag", "yaml_add_test", "yaml_drop_test",
     "yaml_measure", "yaml_label")
)  # fmt: skip
