"""Logic in expressions: AND, OR and NOT, comparisons, CASE, COALESCE, casts."""

from __future__ import annotations

from sqlglot import exp

from analytics_tools.sql import cells, clashes, facts, families
from analytics_tools.sql.core import CannotReadError, Core, Look, has
from analytics_tools.sql.families import BOOLEAN
from analytics_tools.sql.findings import Problem
from analytics_tools.sql.negation import (
    PLAIN_LITERALS,
    affirmed,
    bare,
    compared_with_number,
    from_least,
    is_null,
    is_quantified,
    is_total,
    kind_of_literal,
    negated,
)
from analytics_tools.sql.relation import filled, h, quoted
from analytics_tools.sql.scope import Scope

TRUE, FALSE = h("literal", "true"), h("literal", "false")
_MOST_OF_A_LIST = 100  # longer ones nobody writes in another way


class Logic(Core):
    """Reads logic, by rewrites that hold where NULL is about."""

    def _connector(self, node: exp.Connector, scope: Scope, look: Look) -> str:
        return self._joined(type(node), [node], scope, look)

    def _joined(
        self,
        kind: type[exp.Connector],
        todo: list[exp.Expr],
        scope: Scope,
        look: Look,
        asked: bool = False,
    ) -> str:
        """Return the id of AND or OR of `todo`; where it is `asked`, null is as good as false."""
        parts: set[str] = set()
        while todo:
            one = bare(todo.pop())
            other = self._rewritten(one, scope, asked)
            if other is not None:
                todo.append(other)
            elif type(one) is kind:
                todo += [one.left, one.right]
            elif kind is exp.Or and (spread := self._spread(one, scope)):
                todo += spread
            elif kind is exp.And and (limits := self._limits(one, scope)):
                todo += limits
            else:
                made = self.asked(one, scope, look) if asked else self.id(one, scope, look)
                parts.add(look.lone.get(made, made))
        neutral, final = (TRUE, FALSE) if kind is exp.And else (FALSE, TRUE)
        parts.discard(neutral)
        if not parts or final in parts:
            return final if parts else neutral
        first = next(iter(parts))
        if len(parts) == 1 and (asked or families.family(look.types.get(first, "")) == BOOLEAN):
            return first
        made = h("truth", *parts) if len(parts) == 1 else h(kind.__name__, *sorted(parts))
        if len(parts) == 1:
            look.lone[made] = first
        return self._typed(kind(), made, sorted(parts), look)

    def asked(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Return the id of a condition of which it only counts where it is true."""
        node = bare(node)
        while (other := self._rewritten(node, scope, asked=True)) is not None:
            node = bare(other)
        if isinstance(node, exp.And | exp.Or):
            return self._joined(type(node), [node], scope, look, asked=True)
        return self.id(node, scope, look)

    def _rewritten(self, node: exp.Expr, scope: Scope, asked: bool) -> exp.Expr | None:
        """Return the same condition written in the one way that is read, or None if it is."""
        if self._reader.literally:
            return None
        other = self._negated(node.this, scope) if isinstance(node, exp.Not) else None
        if other is None and asked:
            other = affirmed(node, self._dialect)
        if other is None:
            other = self._of_count(node, scope)
        if other is not None:
            self._reader.rewrites += 1
        return other

    def _of_count(self, node: exp.Expr, scope: Scope) -> exp.Expr | None:
        """Return ``n = 1`` for ``n <= 1`` and ``n < 2`` of a row number, which begins with 1."""
        compared = compared_with_number(node)
        if compared is None:
            return None
        value, kind, limit = compared
        look = Look()
        known = look.facts.get(self.id(value, scope, look), 0)
        if not known & facts.FROM_ZERO:
            return None
        made = from_least(kind, limit, 1 if known & facts.FROM_ONE else 0)
        if isinstance(made, bool):
            return exp.Boolean(this=made) if known & facts.FILLED else None
        if made == (kind, limit):
            return None
        return made[0](this=value, expression=exp.Literal.number(made[1]))

    def _negated(self, node: exp.Expr, scope: Scope) -> exp.Expr | None:
        """Return what ``not node`` says without NOT, or None."""
        inner = bare(node)
        if self._reader.literally or is_null(inner):
            return None
        if spread := self._spread(inner, scope):
            return _chain(exp.And, [exp.NEQ(this=e.this, expression=e.expression) for e in spread])
        if (limits := self._limits(inner, scope)) and is_total(self._dialect):
            low, high = limits
            return exp.Or(
                this=exp.LT(this=low.this, expression=low.expression),
                expression=exp.GT(this=high.this, expression=high.expression),
            )
        return negated(inner, self._dialect)

    def _spread(self, node: exp.Expr, scope: Scope) -> list[exp.EQ] | None:
        """Return ``x in (1, 2)`` as ``x = 1`` and ``x = 2``, of which one has to be true."""
        if not isinstance(node, exp.In) or not 1 < len(node.expressions) <= _MOST_OF_A_LIST:
            return None
        if self._reader.literally or has(node, "query", "unnest", "field"):
            return None
        items = node.expressions
        kinds = {kind_of_literal(one) for one in items}
        if len(kinds) > 1 or "" in kinds or self._dialect not in PLAIN_LITERALS:
            return None  # all are made to be of one type first
        if kinds == {"text"} and self._dialect == "duckdb":
            texts = [str(one.this) for one in items]
            if cells.among(self.id(node.this, scope, Look()), texts, True):
                return None  # known by what is in the seed
        self._reader.rewrites += 1
        return [exp.EQ(this=node.this, expression=one) for one in items]

    def _limits(self, node: exp.Expr, scope: Scope) -> tuple[exp.GTE, exp.LTE] | None:
        """Return the two comparisons of BETWEEN, where it asks no more and no less."""
        if not isinstance(node, exp.Between) or node.args.get("symmetric"):
            return None
        low, high = node.args["low"], node.args["high"]
        if len({one.is_string for one in (low, high) if isinstance(one, exp.Literal)}) > 1:
            return None
        trial = Look()
        known = trial.all_facts([self.id(low, scope, trial), self.id(high, scope, trial)])
        if not facts.compared_apart(*known):
            return None
        return exp.GTE(this=node.this, expression=low), exp.LTE(this=node.this, expression=high)

    def _symmetric(self, node: exp.Binary, scope: Scope, look: Look) -> str:
        sides = [self.id(node.left, scope, look), self.id(node.right, scope, look)]
        if isinstance(node, exp.Mul):
            return self._typed(node, h("Mul", *sorted(sides)), sorted(sides), look)
        self._compare(node, sides, look)
        made = self._worked_out(node, sides, type(node) is exp.EQ)
        made = made or h(type(node).__name__, *sorted(sides))
        return self._typed(node, made, sides, look)

    def _worked_out(self, node: exp.Expr, sides: list[str], equal: bool) -> str | None:
        """Return the id of a comparison of a seed's column with a literal, by what is in it."""
        if self._dialect != "duckdb" or not isinstance(node, exp.EQ | exp.NEQ):
            return None
        for side, other in zip(sides, (node.right, node.left), strict=True):
            if isinstance(other, exp.Literal) and other.is_string:
                return cells.among(side, [str(other.this)], equal)
        return None

    def _turned(self, node: exp.Binary, scope: Scope, look: Look) -> str:
        sides = [self.id(node.left, scope, look), self.id(node.right, scope, look)]
        self._compare(node, sides, look)
        if isinstance(node, exp.GT | exp.GTE):
            sides.reverse()
        made = h("LT" if isinstance(node, exp.GT | exp.LT) else "LTE", *sides)
        return self._typed(node, made, sides, look)

    def _compare(self, node: exp.Expr, sides: list[str], look: Look) -> None:
        """Note the types that are compared, for some pairs don't get on."""
        types = [look.types.get(side, "") for side in sides]
        if any(types):
            self._note(node, clashes.comparison(node, types, self._dialect))

    def _add(self, node: exp.Add, scope: Scope, look: Look) -> str:
        """Read a sum; with a number in it, it is the same in either order."""
        sides = [self.id(node.left, scope, look), self.id(node.right, scope, look)]
        numbers = families.any_number(look.types.get(one, "") for one in sides)
        if self._dialect == "tsql" or not numbers:
            return self._generic(node, scope, look)
        return self._typed(node, h("Add", *sorted(sides)), sorted(sides), look)

    def _not(self, node: exp.Not, scope: Scope, look: Look) -> str:
        inner = bare(node.this)
        if is_null(inner):
            return self.filled(inner.this, scope, look)
        other = self._rewritten(node, scope, asked=False)
        if other is not None:
            return self.id(other, scope, look)
        if is_quantified(inner) and self._reader.texts.may_say("!~"):
            raise CannotReadError("a pattern that is not matched by ANY or ALL")
        one = self.id(inner, scope, look)
        if one in (TRUE, FALSE):
            return FALSE if one == TRUE else TRUE
        return self._typed(node, h("Not", one), [one], look)

    def _like(self, node: exp.Like | exp.ILike, scope: Scope, look: Look) -> str:
        if not node.args.get("negate") or is_quantified(node):
            return self._generic(node, scope, look)
        plain = type(node)(this=node.this, expression=node.expression)
        return self._not(exp.Not(this=plain), scope, look)

    def _is(self, node: exp.Is, scope: Scope, look: Look) -> str:
        if not is_null(node):
            return self._generic(node, scope, look)
        one = self.filled(node.this, scope, look)
        if one == TRUE:
            return FALSE
        return self._yes_or_no(h("Not", one), look)

    def filled(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Return the id of ``node is not null``."""
        one = self.id(node, scope, look)
        if look.facts.get(one, 0) & facts.FILLED:
            return TRUE
        return self._yes_or_no(filled(one), look)

    def _yes_or_no(self, made: str, look: Look) -> str:
        look.types[made] = families.BOOLEAN
        return self._certain(made, facts.FILLED, look)

    @staticmethod
    def _certain(made: str, certain: int, look: Look) -> str:
        look.facts[made] = certain
        return made

    def _div(self, node: exp.Div, scope: Scope, look: Look) -> str:
        """Read a division. DuckDB divides doubles whatever it is given, so 100.0 is 100 there."""
        by = node.expression
        if self._dialect != "duckdb" or not isinstance(by, exp.Literal) or by.is_string:
            return self._generic(node, scope, look)
        one = self.id(node.this, scope, look)
        made = h("Div", one, "by", repr(float(str(by.this))))
        look.types[self.id(by, scope, look)] = families.NUMBER
        return self._typed(node, made, [one, self.id(by, scope, look)], look)

    def _between(self, node: exp.Between, scope: Scope, look: Look) -> str:
        limits = self._limits(node, scope)
        if limits is None:
            made = self._generic(node, scope, look)
            parts = (node.this, node.args["low"], node.args["high"])
            self._compare(node, [self.id(one, scope, look) for one in parts], look)
            return made
        return self._joined(exp.And, list(limits), scope, look)

    def _in(self, node: exp.In, scope: Scope, look: Look) -> str:
        spread = self._spread(node, scope)
        if spread:
            return self._joined(exp.Or, list(spread), scope, look)
        this = self.id(node.this, scope, look)
        query = node.args.get("query")
        if query is not None:
            return h("in", this, *self._queried(query, scope, look, with_columns=True, as_set=True))
        rest = [node.args[key] for key in ("unnest", "field") if node.args.get(key)]
        items = sorted({self.id(part, scope, look) for part in node.expressions})
        self._compare(node, [this, *items], look)
        texts = [str(one.this) for one in node.expressions if _is_text(one)]
        if self._dialect == "duckdb" and len(texts) == len(node.expressions) and not rest:
            made = cells.among(this, texts, True)
            if made:
                return made
        if len(items) == 1 and not rest and not self._reader.literally:
            self._reader.rewrites += 1
            return h("EQ", *sorted((this, items[0])))
        return h("in", this, *items, "of", *(self.id(part, scope, look) for part in rest))

    def _one_of(self, node: exp.Expr, made: str, values: list[str], look: Look) -> str:
        """Note that a value is one of several."""
        self._typed(node, made, values, look)
        self._of_one_type(node, made, values, look)
        return self._certain(made, facts.of_any(look.all_facts(values)), look)

    def _coalesce(self, node: exp.Coalesce, scope: Scope, look: Look) -> str:
        if self._dialect == "tsql" and node.args.get("is_null"):
            return self._generic(node, scope, look)  # ISNULL gives the type of the first
        parts: list[str] = []
        todo: list[exp.Expr] = [node]
        while todo:
            one = todo.pop(0)
            if isinstance(one, exp.Coalesce):
                todo[:0] = [one.this, *one.expressions]
            else:
                parts.append(self.id(one, scope, look))
        known = look.all_facts(parts)
        direct = [node.this, *node.expressions]
        if len(parts) > len(direct) and not facts.of_any(known) & facts.OF_TYPE:
            # Of other types the inner one is cast before the outer one is.
            return self._one_or_else(node, None, [self.id(p, scope, look) for p in direct], look)
        if facts.takes_first(known[0], known[1:]) and self._dialect == "duckdb":
            return parts[0]
        last = node.expressions[-1] if len(parts) == 2 and node.expressions else None
        if not isinstance(last, exp.Literal):
            return self._one_or_else(node, None, parts, look)
        inner = look.defaults.get(parts[0])
        if inner and inner[1] == parts[1]:
            # What is null where a join found nothing, else COALESCE of the same: the outer will do.
            look.facts.setdefault(inner[0], look.facts.get(parts[0], 0) & facts.OF_TYPE)
            parts[0] = inner[0]
        text = str(last.this) if last.is_string else ""
        made = cells.or_else(parts[0], text) if text and self._dialect == "duckdb" else None
        made = self._one_or_else(node, made, parts, look)
        look.defaults[made] = (parts[0], parts[1], text, made)
        return made

    def _one_or_else(
        self, node: exp.Coalesce, made: str | None, parts: list[str], look: Look
    ) -> str:
        known = look.all_facts(parts)
        made = self._typed(node, made or h("coalesce", *parts), parts, look)
        self._of_one_type(node, made, parts, look)
        return self._certain(made, facts.of_first(known), look)

    def _cast(self, node: exp.Cast, scope: Scope, look: Look) -> str:
        extra = [
            self._arg(node.args[key], scope, look)
            for key in node.arg_types
            if key not in ("this", "to") and node.args.get(key)
        ]
        extra += self._written(node.args.get("format"))
        inner = self.id(node.this, scope, look)
        type_ = look.types.get(inner, "")
        self._note(node, clashes.cast(node, type_, self._dialect))
        certain = look.facts.get(inner, 0)
        if families.may_hold_null(type_, self._dialect):
            certain &= ~facts.FILLED
        if not extra and facts.is_idle_cast(node, certain, self._dialect):
            return inner
        made = h(type(node).__name__, inner, quoted(_type_name(node.to, self._dialect)), *extra)
        if self._dialect == "duckdb" and not clashes.is_known(node.to):
            self._reader.problems.append(Problem(node.to.sql(), (), False, "type"))
        if not extra:
            look.needs[made] = look.with_needs(inner)
        self._certain(made, facts.of_cast(node, certain, self._dialect), look)
        look.types[made] = families.of_cast(node, type_, self._dialect)
        return made


def _type_name(to: exp.DataType, dialect: str) -> str:
    is_text = dialect == "snowflake" and to.this is exp.DType.TEXT and not to.expressions
    return "VARCHAR" if is_text else families.spelling(to)


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _chain(kind: type[exp.Connector], nodes: list[exp.Expr]) -> exp.Expr:
    whole = nodes[0]
    for one in nodes[1:]:
        whole = kind(this=whole, expression=one)
    return whole
