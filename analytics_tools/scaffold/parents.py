"""What a new model, snapshot or metric may know of the relations it reads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analytics_tools.artifacts import Model, find_relation
from analytics_tools.artifacts.nodes import Relation, Source, Test
from analytics_tools.errors import UsageError
from analytics_tools.scaffold.columns import KINDS, is_id
from analytics_tools.scaffold.house import House, most_common
from analytics_tools.scaffold.names import singular, snake
from analytics_tools.scaffold.seen import from_catalog
from analytics_tools.score.keys import key_facts, tested_columns
from analytics_tools.score.pii import is_marked
from analytics_tools.sql.type_names import parse, spelling


@dataclass(frozen=True)
class ParentColumn:
    """A column of a relation: its type, where it is known, and what is promised of it."""

    name: str
    type: str
    description: str = ""
    is_filled: bool = False
    is_personal: bool = False
    group: str = "other"


@dataclass(frozen=True)
class Parent:
    """A relation that something new reads.

    `key` is the column that a test holds unique, where one is; `is_guessed` that it only warns.
    """

    relation: Relation
    columns: tuple[ParentColumn, ...]
    key: str = ""
    is_guessed: bool = False

    @property
    def ref(self) -> str:
        """How it is referred to in Jinja: ``ref('x')`` or ``ref('x', v=2)``."""
        node = self.relation
        if isinstance(node, Model) and node.version is not None and not node.is_latest:
            return f"ref('{node.name}', v={node.version})"
        return f"ref('{node.name}')"

    @property
    def words(self) -> str:
        """The name without prefix, source and verb: ``orders`` of ``int_orders_deduplicated``."""
        return entity_words(self.relation.name)

    def column(self, name: str) -> ParentColumn | None:
        """Return the column of that name; None where there is none."""
        return next((column for column in self.columns if column.name == name), None)


def check_new(house: House, name: str) -> None:
    """Raise UsageError where a model, seed or snapshot has that name already."""
    for node in house.known.nodes.values():
        if node.name != name or node.kind not in ("model", "seed", "snapshot"):
            continue
        if (house.root / node.original_file_path).exists() or node.package_name != house.dbt.name:
            raise UsageError(f"{name} is there already, in {node.original_file_path}")


def find_parent(house: House, name: str) -> Parent:
    """Return a model, seed or snapshot that can be read. Raises UsageError."""
    relation = find_relation(house.known, name)
    if isinstance(relation, Source):
        raise UsageError(
            f"{relation.label} is a source: only staging reads one; `analytics-tools add source "
            f"{relation.label}` makes its staging model"
        )
    return _parent(house, relation)


def _parent(house: House, relation: Relation) -> Parent:
    tests = house.known.tests_by_node.get(relation.unique_id, ())
    filled: frozenset[str] = frozenset()
    key = ""
    if isinstance(relation, Model):
        facts = key_facts(relation, tests, house.adapter)
        filled = facts.filled
        key = facts.proven.columns[0] if facts.proven and len(facts.proven.columns) == 1 else ""
    else:
        alone = [t for t in tests if t.type_name == "unique" and t.column_name]
        filled = frozenset(c for t in tests if t.type_name == "not_null" for c in tested_columns(t))
        key = tested_columns(alone[0])[0] if alone else ""
    held = _held(house, relation)
    seen = from_catalog(house.known, relation)
    declared = {name.lower(): column for name, column in relation.columns.items()}
    types = {c.name: c.type for c in seen.columns} if seen else {}
    names = list(types) or [column.name for column in relation.columns.values()]
    columns = []
    for raw in names:
        name, said = raw.lower() if raw.isupper() else raw, declared.get(raw.lower())
        columns.append(
            ParentColumn(
                name=name,
                type=types.get(raw, ""),
                description=(said.description or "") if said else "",
                is_filled=name.lower() in filled and name.lower() not in held,
                is_personal=bool(said and is_marked(said)),
                group=_group(name, types.get(raw, ""), house.adapter),
            )
        )
    guessed = any(
        t.type_name == "unique" and _only_warns(t) and key in tested_columns(t) for t in tests
    )
    return Parent(relation, tuple(columns), key, guessed)


def _held(house: House, relation: Relation) -> set[str]:
    """Columns whose tests only warn, or look at some rows alone: they promise nothing.

    Of accepted rows a model behind staging may promise it again, for it reads no others.
    """
    tests = house.known.tests_by_node.get(relation.unique_id, ())
    weak = [t for t in tests if _only_warns(t)]
    weak += [t for t in tests if t.config.where and "reject_reason" not in t.config.where]
    return {column for test in weak for column in tested_columns(test)}


def _only_warns(test: Test) -> bool:
    return (test.config.severity or "").lower() == "warn"


def _group(name: str, type_: str, adapter: str) -> str:
    if is_id(name):
        return "ids"
    if type_:
        return KINDS.get(parse(type_, adapter).family, "other")
    if name.endswith(("_at", "_date", "_day", "_month")):
        return "timestamps"
    return "booleans" if name.startswith(("is_", "has_")) else "other"


def entity_words(name: str) -> str:
    """Return what a model is about, by its name."""
    last = name.split("__")[-1]
    bare = re.sub(r"^(stg|base|int|dim|fct|fact|bridge|mart|snap|rpt)_", "", last)
    parts = bare.split("_")
    return "_".join(parts[:-1]) if len(parts) > 1 and parts[-1].endswith("ed") else bare


def entity_of(key: str, name: str) -> str:
    """Return what one row is: ``order``, by the key ``order_id``, else by the relation's name."""
    from_key = re.sub(r"_(id|key|uuid|guid|sk)$", "", key)
    return from_key if key and from_key != key else singular(snake(entity_words(name)))


def declared_types(house: House, columns: Iterable[ParentColumn]) -> dict[str, str]:
    """Return a contract's words for columns' types: those that the project uses for such a type."""
    words: dict[str, Counter[str]] = {}
    for model in house.models:
        built = house.known.tables.get(model.unique_id)
        for name, column in model.columns.items():
            real = built.columns.get(name) if built else None
            if column.data_type and real is not None and real.type:
                words.setdefault(spelling(real.type), Counter())[column.data_type] += 1
    found = {}
    for one in columns:
        real_type = spelling(one.type)
        seen = words.get(real_type)
        found[one.name] = most_common(seen) if seen else real_type
    return found
