"""The rules of the verdict. docs/reference/review.md tells them; what they find are reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.companions import first_line
from analytics_tools.changes import Changes, NodeChange
from analytics_tools.changes.reasons import RAN
from analytics_tools.changes.side import Side
from analytics_tools.diff import ColumnChange, RelationChange
from analytics_tools.review.answer import (
    BuildResult,
    DataDiff,
    Item,
    Reason,
    ScoreChange,
    TestChange,
    Verdict,
)
from analytics_tools.review.promises import loosened, narrowed

# Every rule, in the order in which reasons are told.
RULES: dict[str, Verdict] = {
    "build-failed": Verdict.BREAKS,
    "test-failed": Verdict.BREAKS,
    "contract-broken": Verdict.BREAKS,
    "reader-breaks": Verdict.BREAKS,
    "no-base": Verdict.LOOK,
    "reader-may-break": Verdict.LOOK,
    "removed": Verdict.LOOK,
    "renamed": Verdict.LOOK,
    "moved": Verdict.LOOK,
    "column-removed": Verdict.LOOK,
    "column-renamed": Verdict.LOOK,
    "type-changed": Verdict.LOOK,
    "rows-change": Verdict.LOOK,
    "values-change": Verdict.LOOK,
    "metric-changed": Verdict.LOOK,
    "contract-loosened": Verdict.LOOK,
    "access-narrowed": Verdict.LOOK,
    "full-refresh": Verdict.LOOK,
    "not-read": Verdict.LOOK,
    "not-built": Verdict.LOOK,
    "test-lost": Verdict.LOOK,
    "test-weakened": Verdict.LOOK,
    "test-changed": Verdict.LOOK,
    "test-warns": Verdict.LOOK,
    "data-differs": Verdict.LOOK,
    "score-drops": Verdict.LOOK,
}
_MEANING = ("metric", "semantic_model", "saved_query")
_DEFINITIONS = (*_MEANING, "exposure", "model", "seed", "snapshot", "source", "function")
_WORDS_ONLY = frozenset(("description", "label", "meta", "tags", "config"))


class Facts(NamedTuple):
    """What the rules look at."""

    changes: Changes
    schema: tuple[RelationChange, ...]
    tests: tuple[TestChange, ...]
    score: ScoreChange
    build: BuildResult
    data: tuple[DataDiff, ...]
    base: Side | None
    head: Side


def reasons_of(facts: Facts) -> tuple[Reason, ...]:
    """Return what speaks against waving the change through, the gravest first."""
    found: dict[str, dict[str, Item]] = {rule: {} for rule in RULES}
    for rule, item in _all(facts):
        known = found[rule].get(item.unique_id)
        found[rule][item.unique_id] = item if known is None else _merged(known, item)
    nothing: tuple[str, ...] = ("no-base",) if facts.base is None else ()
    if _lower(facts.score) and not found["score-drops"]:
        nothing = (*nothing, "score-drops")
    return tuple(
        Reason(level=level, rule=rule, items=tuple(found[rule].values()))
        for rule, level in RULES.items()
        if found[rule] or rule in nothing
    )


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """Return the gravest level of any reason; safe without reasons."""
    levels = {reason.level for reason in reasons}
    return next((v for v in (Verdict.BREAKS, Verdict.LOOK) if v in levels), Verdict.SAFE)


def is_met(verdict: Verdict, fail_on: str) -> bool:
    """Whether a verdict passes a policy: ``breaks`` or ``look`` is the mildest that fails."""
    if fail_on == "never":
        return True
    return verdict is Verdict.SAFE or (verdict is Verdict.LOOK and fail_on == "breaks")


def _merged(one: Item, two: Item) -> Item:
    details = dict.fromkeys(part for part in (one.detail, two.detail) if part)
    return Item(
        unique_id=one.unique_id,
        name=one.name,
        kind=one.kind,
        detail="; ".join(details),
        columns=tuple(dict.fromkeys((*one.columns, *two.columns))),
    )


def _all(facts: Facts) -> Iterator[tuple[str, Item]]:
    yield from _of_build(facts.build)
    yield from _of_breaks(facts)
    for node in facts.changes.nodes:
        yield from _of_node(node, facts)
    for relation in facts.schema:
        for column in relation.columns:
            rule = _rule_of(column)
            if rule:
                yield rule, _item(relation.unique_id, relation.name, _spoken(column), column.column)
    for uid in facts.changes.unread:
        yield "not-read", _item(uid, _name(uid, facts.head.project), facts.changes.unread[uid])
    yield from _of_tests(facts.tests)
    yield from _of_data(facts)
    for model in facts.score.models:
        if model.before is not None and model.after is not None and model.after < model.before:
            detail = f"{model.before} to {model.after}"
            yield "score-drops", _item(model.unique_id, model.name, detail)


def _lower(score: ScoreChange) -> bool:
    return score.before is not None and score.after is not None and score.after < score.before


def _of_build(build: BuildResult) -> Iterator[tuple[str, Item]]:
    for one in build.failures:
        rule = "test-failed" if one.kind in ("test", "unit_test") else "build-failed"
        if "contract" in one.message.lower() and rule == "build-failed":
            rule = "contract-broken"
        yield rule, Item(unique_id=one.unique_id, name=one.name, kind=one.kind,
                         detail=first_line(one.message))  # fmt: skip
    for one in build.warnings:
        if one.before != "warn":
            yield "test-warns", Item(unique_id=one.unique_id, name=one.name, kind=one.kind,
                                     detail=first_line(one.message))  # fmt: skip
    for uid in build.missing:
        yield "not-built", _item(uid, uid.rpartition(".")[2])


def _of_breaks(facts: Facts) -> Iterator[tuple[str, Item]]:
    failed = {one.unique_id for one in facts.build.failures}
    for one in facts.changes.breaks:
        rule = "reader-breaks" if one.certain else "reader-may-break"
        if one.certain and "contract" in one.reason:
            rule = "contract-broken"
        if one.unique_id in failed and (not one.certain or one.reason.startswith(RAN)):
            continue  # the build says it
        item = Item(unique_id=one.unique_id, name=one.name, kind=one.kind, detail=one.reason,
                    columns=(one.column,) if one.column else ())  # fmt: skip
        yield rule, item


def _of_node(node: NodeChange, facts: Facts) -> Iterator[tuple[str, Item]]:
    kinds = set(node.changes)
    if node.kind not in _DEFINITIONS:
        return
    item = Item(unique_id=node.unique_id, name=node.name, kind=node.kind)
    if kinds & {"removed", "disabled"}:
        yield "removed", _said(item, node.change)
    if "renamed" in kinds:
        yield "renamed", _said(item, next(iter(node.because), ""))
    if kinds & {"rows", "unknown"}:
        yield "rows-change", _said(item, "" if node.certain else "as far as can be told")
    changed = tuple(c.name for c in node.columns if c.change == "value")
    if "values" in kinds:
        rule = "metric-changed" if node.kind in _MEANING else "values-change"
        yield rule, Item(unique_id=node.unique_id, name=node.name, kind=node.kind, columns=changed)
    if "types" in kinds and not _is_classed(node, facts.schema):
        names = tuple(c.name for c in node.columns if c.change == "type")
        yield "type-changed", _columns(item, names, "its class is not known")
    if not _is_told(node, facts.schema):
        yield from _of_columns(node, item)
    if "fields" in kinds and node.kind in _MEANING:
        yield "metric-changed", _said(item, ", ".join(node.fields[:4]))
    if "config" in kinds or "contract" in kinds:
        yield from _of_settings(node, item, facts)
    if node.full_refresh:
        yield "full-refresh", _said(item, node.full_refresh)


def _of_columns(node: NodeChange, item: Item) -> Iterator[tuple[str, Item]]:
    """Columns that went, of a relation whose tables nobody has seen."""
    for one in node.columns:
        if one.change == "removed":
            yield "column-removed", _columns(item, (one.name,), "")
        elif one.change == "renamed":
            yield (
                "column-renamed",
                _columns(item, (one.before,), f"{one.before} is now {one.after}"),
            )


def _of_settings(node: NodeChange, item: Item, facts: Facts) -> Iterator[tuple[str, Item]]:
    where = [field for field in node.fields if field in ("alias", "schema", "database")]
    if where:
        yield "moved", _said(item, ", ".join(where))
    if facts.base is None:
        return
    lost = loosened(node.unique_id, facts.base, facts.head)
    if lost:
        yield "contract-loosened", _said(item, lost)
    closed = narrowed(node.unique_id, facts.base, facts.head)
    if closed:
        yield "access-narrowed", _said(item, closed)


def _said(item: Item, detail: str) -> Item:
    return Item(unique_id=item.unique_id, name=item.name, kind=item.kind, detail=detail)


def _columns(item: Item, columns: tuple[str, ...], detail: str) -> Item:
    return Item(unique_id=item.unique_id, name=item.name, kind=item.kind, detail=detail,
                columns=columns)  # fmt: skip


def _is_classed(node: NodeChange, schema: tuple[RelationChange, ...]) -> bool:
    """Whether the schema changes class every type of the node that differs."""
    told = {c.column.lower() for r in schema if r.unique_id == node.unique_id for c in r.columns}
    return all(c.name.lower() in told for c in node.columns if c.change == "type")


def _is_told(node: NodeChange, schema: tuple[RelationChange, ...]) -> bool:
    return any(relation.unique_id == node.unique_id for relation in schema)


def _rule_of(column: ColumnChange) -> str:
    if column.change == "removed":
        return "column-removed"
    if column.change == "renamed" and column.effect.is_breaking:
        return "column-renamed"
    return "type-changed" if column.change == "retyped" and column.effect.is_breaking else ""


def _spoken(column: ColumnChange) -> str:
    if column.change == "renamed":
        return f"{column.before} is now {column.after}"
    if column.change == "retyped":
        return f"{column.before} is now {column.after}, {column.effect}"
    return ""


def _of_tests(tests: Iterable[TestChange]) -> Iterator[tuple[str, Item]]:
    rules = {"removed": "test-lost", "disabled": "test-lost", "weakened": "test-weakened",
             "changed": "test-changed"}  # fmt: skip
    for one in tests:
        if one.is_loss:
            yield rules[one.change], Item(unique_id=one.unique_id, name=one.name, kind=one.kind,
                                          detail="; ".join(one.why), columns=())  # fmt: skip


def _of_data(facts: Facts) -> Iterator[tuple[str, Item]]:
    """Data that differs although the code doesn't account for it."""
    nodes = {node.unique_id: node for node in facts.changes.nodes}
    for one in facts.data:
        node = nodes.get(one.unique_id)
        kinds = set(node.changes) if node else set()
        if not one.differs or kinds & {"rows", "unknown", "values", "types"}:
            continue
        columns = tuple(column.name for column in one.columns)
        yield "data-differs", Item(unique_id=one.unique_id, name=one.name, kind="model",
                                   columns=columns)  # fmt: skip


def _item(uid: str, name: str, detail: str = "", column: str = "") -> Item:
    columns = (column,) if column else ()
    return Item(unique_id=uid, name=name, kind=uid.partition(".")[0], detail=detail,
                columns=columns)  # fmt: skip


def _name(uid: str, head: Project) -> str:
    node = head.nodes_by_id.get(uid)
    return node.label if node else uid
