"""Generated edits of one query: what people do to SQL, some of it without any effect.

An edit takes a parsed query and a random generator, changes the tree and says whether it found
something to change. What an edit is called says nothing of its effect: builds tell that.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TypeAlias

import sqlglot
from sqlglot import exp

from benchmarks.truth import logic, looks

Edit: TypeAlias = Callable[[exp.Expr, random.Random], bool]
_LAST = re.compile(r"\n\s*jinja_(\d+)_\s*$")
_JINJA = re.compile(r"\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


def edited(sql: str, edit: Edit, rng: random.Random, dialect: str = "duckdb") -> str | None:
    """Return `sql` after an edit; None where it finds nothing to do or the SQL is beyond it.

    Jinja expressions stand in the tree as names and come back as they were.
    """
    found: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        if match.group().startswith("{#"):
            return ""
        found.append(match.group())
        return f"jinja_{len(found) - 1}_"

    text = _JINJA.sub(stand_in, sql)
    if "{%" in text:
        return None
    head = ""
    config = next((n for n, one in enumerate(found) if re.match(r"\{\{\s*config\b", one)), None)
    if config is not None:
        text = text.replace(f"jinja_{config}_", "", 1)
        head = found[config] + "\n"
    # What stands last would be read as another name of what stands before it.
    last = _LAST.search(text)
    tail = f"\n{found[int(last.group(1))]}\n" if last else ""
    text = text[: last.start()] if last else text
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
        before = tree.sql(dialect=dialect)
        if not edit(tree, rng):
            return None
        after = tree.sql(dialect=dialect, pretty=True)
    except (sqlglot.errors.SqlglotError, AttributeError, KeyError, TypeError):
        return None
    ends = tree.args.get("order") or tree.args.get("limit")
    if tree.sql(dialect=dialect) == before or (tail and ends):
        return None
    for number, one in enumerate(found):
        after = re.sub(rf"\"?\bjinja_{number}_\b\"?", lambda _, one=one: one, after)
    return head + after + tail


LOOKS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        looks.reformat, looks.rename_cte, looks.rename_alias, looks.swap_conditions,
        looks.turn_comparison, looks.wrap_in_cte, looks.split_between, looks.turn_list,
        looks.spell_out,
    )
}  # fmt: skip
LOGIC: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        logic.add_order, logic.add_column, logic.drop_column, logic.swap_columns,
        logic.rename_column, logic.change_constant, logic.change_operator, logic.add_filter,
        logic.drop_filter, logic.change_join, logic.change_join_key, logic.change_list,
        logic.change_aggregate, logic.count_distinct, logic.toggle_distinct, logic.add_limit,
        logic.wrap_coalesce, logic.change_cast, logic.change_group, logic.change_window,
        logic.swap_union, logic.toggle_union_all, logic.swap_case, logic.negate,
        logic.use_other_column,
    )
}  # fmt: skip
EDITS: dict[str, Edit] = {**LOOKS, **LOGIC}
