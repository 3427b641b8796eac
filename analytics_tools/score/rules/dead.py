"""Is there anybody who reads what the model makes?"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from analytics_tools.artifacts import Model
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.keys import tested_columns
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.sql.text import has_word
from analytics_tools.words import counted, listed

# With a star beside it, each of these may look at every column of a row.
_BY_WHOLE_ROWS = re.compile(
    r"\b(?:distinct|union(?!\s+all\b)|except|intersect|minus|natural)\b"
    r"|(?<!count)\(\s*(?:\w+\.)?\*\s*\)",
    re.IGNORECASE,
)


@rule("CNV011", Area.CONVENTIONS, 3, layers=(Layer.STAGING, Layer.INTERMEDIATE), among=among.unread)
def somebody_reads_it(model: Model, facts: Facts) -> Finding | None:
    """A staging or intermediate model has a reader.

    It is made for other models. With none it costs time at every build and attention at every
    change. The message says how sure that is: dashboards may read it unannounced where the project
    declares no exposures. Silent for public models, for packages made for others to build on, and
    where half of the layer has no readers.

    Bad:
        stg_crm__faxes, built every night for nobody
    Good:
        removed, or read by a mart
    Fix: remove it, or declare the exposure that reads it.
    """
    project, layer = facts.project, facts.placements[model.unique_id].layer
    if model.is_public or model.package_name != project.name:
        return None
    if not facts.is_guided(model):
        return None
    lying, unread = facts.unread.get((model.package_name, str(layer)), (0, 0))
    if lying >= 4 and unread * 2 >= lying:
        return None
    sure = "high: exposures are declared" if project.exposures else "medium: no exposures declared"
    return Finding(
        points=3,
        message=f"nothing reads this {layer} model (confidence {sure})",
        fix="remove it, or declare the exposure that reads it",
    )


@rule("CNV012", Area.CONVENTIONS, 2, layers=(Layer.INTERMEDIATE,))
def somebody_reads_its_columns(model: Model, facts: Facts) -> Finding | None:
    """Every column of an intermediate model has a reader.

    A column is dead when no model that reads this one has a column of that name, or the name
    anywhere in its compiled SQL. Tests of the model itself are no readers. Confidence is high,
    for the SQL is what the warehouse ran; queries from outside of dbt are not seen. Silent without
    catalog or compiled SQL, when anything else than a SQL model reads it, when a reader looks at
    whole rows (`select distinct *`), for packages made for others to build on, and for columns
    that at least half of the package's tables have, as when each says when it was last built.

    Bad:
        int_orders_joined.fax_number, which no model ever names
    Good:
        the column is gone
    Fix: drop the columns, or say with an exposure who reads them.
    """
    if not facts.is_guided(model) or model.is_public:
        return None
    built = facts.built(model)
    if built is None or model.package_name != facts.project.name:
        return None
    left = _unread(model, built, facts)
    if not left or len(left) == len(built):
        return None
    table = facts.project.tables[model.unique_id]
    names = [column.name for column in table.in_order() if column.name in left]
    return Finding(
        points=min(2, len(left)),
        message=f"{counted(len(names), 'column')} that no model reads (confidence high): "
        + listed(names),
        fix="drop the columns, or say with an exposure who reads them",
        columns=tuple(names),
    )


def _unread(model: Model, built: AbstractSet[str], facts: Facts) -> AbstractSet[str]:
    """Return the columns that surely nobody reads; none where a reader can't be looked into."""
    models, uids = facts.project.models, facts.readers_of(model)
    readers = [models[uid] for uid in uids if uid in models]
    if not readers or len(readers) < len(uids):
        return frozenset()
    left = built
    for reader in readers:
        passed = facts.built(reader)
        if passed is None:
            return frozenset()
        left = left - passed
    left = left - _guarded(model, facts, left)  # before the texts, which take longer
    for reader in readers if left else ():
        text = facts.lower_compiled(reader)
        if not text:
            return frozenset()
        left = {name for name in left if not has_word(name.lower(), text)}
    if left:
        left -= facts.house_columns
    if left and any(_by_whole_rows(reader.compiled) for reader in readers):
        return frozenset()
    return left


def _by_whole_rows(code: str) -> bool:
    return "*" in code and _BY_WHOLE_ROWS.search(code) is not None


def _guarded(model: Model, facts: Facts, names: AbstractSet[str]) -> AbstractSet[str]:
    """Return those names that a key, a relationship or a test of the project's own needs."""
    if not names:
        return names
    needed = {name for key in facts.keys_of(model).keys for name in key.columns}
    for test in facts.tests_of(model):
        if not test.is_generic:
            return names
        if test.test_metadata and "relationship" in test.test_metadata.name:
            needed.update(tested_columns(test))
    return {name for name in names if name.lower() in needed}
