"""What reading any expression has in common: ids, types, facts, and the plain case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from analytics_tools.sql import clashes, facts, families
from analytics_tools.sql.dialect import fold
from analytics_tools.sql.findings import Clash
from analytics_tools.sql.relation import Default, How, Leaf, Rows, Value, h, merge, quoted
from analytics_tools.sql.scope import Scope

if TYPE_CHECKING:
    from analytics_tools.sql.query import Reader


class CannotReadError(Exception):
    """A query has something in it that this package can't see through."""


def require_known(node: exp.Expr, *keys: str) -> None:
    """Make sure that a node says nothing but what is read of it. Raises CannotReadError.

    Args:
        keys: names of its arguments that are read, or that change nothing.
    """
    for key, part in node.args.items():
        if part and key not in keys:
            raise CannotReadError(f"{key.strip('_').upper()} in {type(node).__name__.upper()}")


def has(node: exp.Expr, *keys: str) -> bool:
    """Return whether a node has any of some arguments."""
    return any(node.args.get(key) for key in keys)


def told_of(node: exp.Expr, key: str) -> str:
    """Return the text of an argument of a node, for what is compared but not understood."""
    part = node.args.get(key)
    parts = part if isinstance(part, list) else [part]
    text = [one.sql(comments=False) if isinstance(one, exp.Expr) else str(one) for one in parts]
    return h(key, *map(quoted, text))


@dataclass
class Entry:
    """One column of a select list: the expression, or (from a star) the value at once."""

    key: str
    name: str
    node: exp.Expr | None
    value: Value | None = None


@dataclass(frozen=True)
class Numbered:
    """A row number: the values it counts anew for, and the rows it numbers.

    `order` is by what, each value with how it orders. Of two rows alike in all that is seen of them
    it makes no difference which is the first. Where that is so, and repeated rows were left out,
    `repeated` is the number among all of them.
    """

    parts: tuple[Value, ...]
    rows: Rows
    order: tuple[tuple[str, str], ...]
    repeated: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """The ids of what it counts anew for."""
        return frozenset(part.id for part in self.parts)


class Look:
    """What was seen while an expression was read."""

    def __init__(self) -> None:
        self.edges: dict[Leaf, How] = {}
        self.aggregates = False
        self.windows = False
        self.bare = False  # a column outside of an unknown function
        self.unknown = False  # a function nobody knows, with arguments
        self.row_makers: list[str] = []
        self.sure = True
        self.types: dict[str, str] = {}
        self.facts: dict[str, int] = {}
        # By value, those that are never null where it is.
        self.clear: dict[str, frozenset[str]] = {}
        self.defaults: dict[str, Default] = {}
        # What is left of an AND or OR whose rest says nothing: as a condition it is the same.
        self.lone: dict[str, str] = {}
        # By value, those that are never null where it isn't.
        self.needs: dict[str, frozenset[str]] = {}
        # By value, the conditions that hold, all of them, where it is null and nowhere else.
        self.unless: dict[str, frozenset[str]] = {}

    def with_needs(self, one: str) -> frozenset[str]:
        """Return a value, and all that is not null where it isn't."""
        return self.needs.get(one, frozenset()) | {one}

    def all_facts(self, ids: list[str]) -> list[int]:
        """Return what is certain of some expressions that were read."""
        return [self.facts.get(one, 0) for one in ids]


class Core:
    """Reads expressions: by a reader of their kind, else by all their parts."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._dialect = reader.dialect
        self._readers: dict[type, Callable[[Any, Scope, Look], str]] = {}
        self._args: dict[type, tuple[str, ...]] = {}

    def value(self, node: exp.Expr, scope: Scope, look: Look | None = None) -> Value:
        """Return the value of an expression, with the columns it is taken from."""
        look = look or Look()
        made = self.id(node, scope, look)
        how, inner = How.COPIED, node.unalias()
        while isinstance(inner, exp.Paren | exp.Cast):
            how = How.CAST if isinstance(inner, exp.Cast) else how
            inner = inner.this
        if not isinstance(inner, exp.Column):
            how = How.AGGREGATED if look.aggregates else How.COMPUTED
        edges: dict[Leaf, How] = {}
        merge(edges, look.edges, how)
        certain = look.facts.get(made, 0) | scope.fact(made)
        type_ = _of_column(look.types.get(made, ""))
        return Value(
            made, node.alias_or_name, edges, type_, look.sure, certain,
            look.clear.get(made, frozenset()), look.defaults.get(made),
            look.needs.get(made, frozenset()), look.unless.get(made, frozenset()),
        )  # fmt: skip

    def id(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Return the id of an expression; what it is taken from goes into `look`."""
        read = self._readers.get(type(node))
        return read(node, scope, look) if read else self._other(node, scope, look)

    def _key(self, identifier: exp.Expr) -> str:
        return fold(identifier.name, bool(identifier.args.get("quoted")), self._dialect)

    def _other(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        return self._generic(node, scope, look)

    def _queried(
        self,
        node: exp.Expr,
        scope: Scope,
        look: Look,
        with_columns: bool,
        in_order: bool = False,
        as_set: bool = False,
    ) -> list[str]:
        """Return ids of the rows of a query inside, of their order, and of its columns."""
        relation = self._reader.query(node, scope)
        scope.reads = scope.reads | relation.reads
        if with_columns:
            merge(look.edges, relation.all_edges, How.COMPUTED)
        else:
            merge(look.edges, dict.fromkeys(relation.deciders, How.COMPUTED), How.COMPUTED)
        columns = [value.id for value in relation.columns.values()] if with_columns else []
        opened = [part.id for part in relation.open] if with_columns else []
        if with_columns and len(relation.columns) == 1:
            first = next(iter(relation.columns.values()))
            look.types[h("scalar", relation.rows.id, *columns)] = first.type
        order = ["in order", relation.seq.id] if in_order else []
        if self._reader.literally:  # another plan may bring the rows around in another order
            return [relation.rows.id, *columns, *opened, "in order", relation.seq.id]
        rows = relation.rows.with_repeated() if as_set else relation.rows
        return [rows.id, *columns, *opened, *order]

    def _inner(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        return self.id(node.this, scope, look)

    def _generic(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Read a node by its kind and all its parts, in the order the grammar gives them."""
        kind = type(node)
        keys = self._args.get(kind)
        if keys is None:
            keys = self._args[kind] = tuple(kind.arg_types)
        args = node.args
        parts, inner, others = [kind.__name__], [], []
        for key in keys:
            part = args.get(key)
            if part is None or part is False or part == []:
                continue
            parts.append(key)
            if isinstance(part, list):
                parts.append(str(len(part)))
                others = [self._arg(one, scope, look) for one in part]
                parts += others
            else:
                parts.append(self._arg(part, scope, look))
                if key in ("this", "expression"):
                    inner.append(parts[-1])
                elif key == "format":
                    parts += self._written(part)
        made = self._typed(node, h(*parts), inner, look)
        if issubclass(kind, exp.Greatest | exp.Least):
            self._of_one_type(node, made, [*inner, *others], look)
        elif issubclass(kind, exp.Nullif):
            types = [look.types.get(one, "") for one in inner]
            self._note(node, clashes.comparison(node, types, self._dialect))
        return made

    def _of_one_type(self, node: exp.Expr, made: str, values: list[str], look: Look) -> None:
        """Note the type of one of several values, which have to get on."""
        types = [look.types.get(one, "") for one in values]
        look.types[made] = families.suiting(types)
        self._note(node, clashes.mixture(types))

    def _written(self, format_: Any) -> list[str]:
        """Return a time format as it stands in the text, where two of them may read alike."""
        if not isinstance(format_, exp.Literal):
            return []
        return [quoted(text) for text in self._reader.texts.of_format(str(format_.this))]

    def _arg(self, part: Any, scope: Scope, look: Look) -> str:
        if isinstance(part, exp.Identifier):
            key = self._key(part)
            return h("local", quoted(key)) if key in scope.locals else h("name", quoted(key))
        if isinstance(part, exp.Ordered):
            # An ordinal or an alias can stand here too: `Reader` has seen to these.
            extra = [str(bool(part.args.get(k))) for k in ("desc", "nulls_first")]
            return h("ordered", self.id(part.this, scope, look), *extra)
        if isinstance(part, exp.Expr):
            return self.id(part, scope, look)
        return h("raw", quoted(str(part)))

    def _typed(self, node: exp.Expr, made: str, inner: list[str], look: Look) -> str:
        """Note type and facts of what was made of `inner`, and whether these go together."""
        types = [look.types.get(one, "") for one in inner]
        look.types[made] = families.result(node, types, self._dialect)
        given = inner[: facts.null_of(node)]
        if isinstance(node, exp.Add) and not families.any_number(types):
            given = []  # lists are joined by + as well, and none is no list
        if given:
            look.needs[made] = frozenset().union(*map(look.with_needs, given))
        certain = facts.of_result(node, look.all_facts(inner), self._dialect)
        if certain:
            look.facts[made] = certain
        if self._dialect != "tsql":  # there + puts texts together
            self._note(node, clashes.argument(node, types))
        return made

    def _note(self, node: exp.Expr, met: clashes.Met | None) -> None:
        if met:
            self._reader.clashes.append(Clash(*met, node.sql(self._dialect or None)))

    def _as(self, made: str, inner: str, look: Look) -> str:
        look.types[made] = look.types.get(inner, "")
        look.facts[made] = look.facts.get(inner, 0)
        return made


def _of_column(type_: str) -> str:
    """Return the type of a value that is given a name; of a text as it stands, nobody knows."""
    return "" if type_ == families.QUOTED else type_
