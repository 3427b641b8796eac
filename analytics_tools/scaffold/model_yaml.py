"""The YAML beside a new model: description, grain, columns with tests, a unit test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_tools.artifacts import Model
from analytics_tools.layers import Layer
from analytics_tools.scaffold.describing import harmless
from analytics_tools.scaffold.house import House
from analytics_tools.scaffold.names import plural, sentence, spoken
from analytics_tools.scaffold.parents import Parent, ParentColumn, declared_types, entity_of
from analytics_tools.scaffold.staging import house_mark
from analytics_tools.scaffold.unit_tests import passing_test, value_of
from analytics_tools.scaffold.yaml_text import Flow, dump

if TYPE_CHECKING:
    from analytics_tools.scaffold.model import NewModel

# As many columns as one can compare at sight.
_SHOWN = 5


def model_yaml(house: House, model: NewModel) -> str:
    """Return the model's YAML."""
    spelling, demands = house.spelling, model.demands
    entry: dict[str, Any] = {"name": model.name, "description": _described(model)}
    config: dict[str, Any] = {}
    if demands.writes_contract:
        config["contract"] = {"enforced": True}
    config |= {
        key: value for key, value in (("group", demands.group), ("access", demands.access)) if value
    }
    if demands.says_grain and model.key:
        config["meta"] = {"grain": f"one {spoken(model.entity)}"}
    if config:
        entry["config"] = config
    types = declared_types(house, model.all_columns) if says_types(model) else {}
    columns = [_column(house, model, column, types) for column in model.all_columns]
    if columns:
        entry["columns"] = columns
    text = dump({"models": [entry]})
    test = _unit_test(house, model) if spelling.has_unit_tests and model.columns else None
    return f"{text}\n{dump({'unit_tests': [test]})}" if test else text


def says_types(model: NewModel) -> bool:
    """Return whether the YAML says each column's type; else the catalog must tell who reads it."""
    demands = model.demands
    return demands.contract or (demands.says_types and all(c.type for c in model.all_columns))


def _described(model: NewModel) -> str:
    if model.description:
        return harmless(model.description)
    # By its key one row may be an order, and by its name the delivery of it.
    entity, named = spoken(model.entity), spoken(entity_of("", model.name))
    other = not any(word.startswith(entity) for word in named.split())
    if model.newest:
        return f"The newest {named if other else 'version'} of each {entity}."
    if not model.key:
        return f"{sentence(spoken(plural(model.entity)))}, as {model.first.relation.name} has them."
    joined = [spoken(join.parent.words) for join in model.joins]
    more = f", with what {' and '.join(joined)} say of it" if joined else ""
    if other and not joined:
        return f"The {named} of each {entity}."
    return f"One row for each {entity}{more}."


def _column(
    house: House, model: NewModel, column: ParentColumn, types: dict[str, str]
) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name}
    if column.name in types:
        entry["data_type"] = types[column.name]
    said = f"{sentence(spoken(column.name))}, as {model.first.relation.name} has it."
    entry["description"] = harmless(column.description) or said
    if column.is_personal:
        entry |= house.spelling.settings({"meta": Flow({house_mark(house): True})})
    if column.name == model.key:
        if model.newest:
            entry["description"] = "The key, one row each."
        entry[house.spelling.data_tests] = ["unique", "not_null"]
    elif _is_promised(model, column):
        if model.demands.contract and model.layer == Layer.MARTS:
            entry["constraints"] = [{"type": "not_null"}]
        else:
            entry[house.spelling.data_tests] = ["not_null"]
    return entry


def _is_promised(model: NewModel, column: ParentColumn) -> bool:
    """Whether a column that is filled where it comes from is promised here too.

    The first model behind staging and the marts say so; those between them only hand it on.
    """
    return column.is_filled and (model.is_behind_staging or model.layer == Layer.MARTS)


def _unit_test(house: House, model: NewModel) -> dict[str, Any] | None:
    shown = _shown(house, model)
    reads = (model.first, *(join.parent for join in model.joins))
    if model.key not in {column.name for column in shown} or any(map(_is_ephemeral, reads)):
        return None
    if model.newest:
        return _newest_test(house, model, shown)
    row = Flow({c.name: _value(house, c) for c in shown})
    expected = Flow(row)
    others: dict[str, list[Flow]] = {}
    for join in model.joins:
        key = join.parent.key
        row.setdefault(key, _value(house, join.parent.column(key) or join.parent.columns[0]))
        other = Flow({key: row[key]})
        extra = next((c for c in join.columns if _value(house, c) is not None), None)
        if extra is not None:
            other[extra.name] = expected[extra.name] = _value(house, extra)
        others[join.parent.ref] = [other]
    joined = " and finds its partners" if model.joins else ""
    return passing_test(
        model.name,
        f"A row keeps its key and its values{joined}.",
        {model.first.ref: _rows(model, [row]), **others},
        [expected],
        "keeps_each_row",
    )


def _is_ephemeral(parent: Parent) -> bool:
    """Whether dbt can't look up the types of what is read, for it is no relation."""
    return isinstance(parent.relation, Model) and parent.relation.materialized == "ephemeral"


def _newest_test(house: House, model: NewModel, shown: list[ParentColumn]) -> dict[str, Any]:
    times = dict.fromkeys(model.newest, "2026-01-{day:02d}")
    base = Flow({c.name: _value(house, c) for c in shown if c.name not in times})
    old = Flow(base, **{name: day.format(day=1) for name, day in times.items()})
    new = Flow(base, **{name: day.format(day=2) for name, day in times.items()})
    return passing_test(
        model.name,
        "Of two versions the one made last stays, and a version delivered twice is one row.",
        {model.first.ref: _rows(model, [old, new, new])},
        [new],
        "keeps_the_newest_version",
    )


def _rows(model: NewModel, rows: list[Flow]) -> list[Flow]:
    """Rows as they are read: accepted ones, where the model reads no others."""
    if not model.takes_accepted:
        return rows
    return [Flow(row, reject_reason=None) for row in rows]


def _shown(house: House, model: NewModel) -> list[ParentColumn]:
    """The key, and a column of each group: enough to see that rows come through."""
    certain = [c for c in model.columns if _value(house, c) is not None]
    first = sorted(certain, key=lambda c: (c.name != model.key, c.name not in model.newest))
    groups: dict[str, ParentColumn] = {}
    for column in first[1:]:
        groups.setdefault(column.group, column)
    chosen = {c.name for c in (*first[:1], *groups.values())}
    chosen |= set(model.newest)
    return [c for c in certain if c.name in chosen][: _SHOWN + 2]


def _value(house: House, column: ParentColumn) -> Any:
    return value_of(column.type, house.adapter) if column.type else None
