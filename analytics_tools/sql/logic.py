"""Logic in expressions: AND, OR and NOT, comparisons, CASE, COALESCE, casts."""

from __future__ import annotations

from sqlglot import exp

from analytics_tools.sql import cells, facts, families
from analytics_tools.sql.core import Core, Look
from analytics_tools.sql.relation import filled, h, quoted
from analytics_tools.sql.scope import Scope

TRUE, FALSE = h("literal", "true"), h("literal", "false")


class Logic(Core):
    """Reads logic, by rewrites that hold where NULL is about."""

    def _connector(self, node: exp.Connector, scope: Scope, look: Look) -> str:
        kind = type(node)
        parts: set[str] = set()
        todo: list[exp.Expr] = [node]
        while todo:
            one = todo.pop()
            if isinstance(one, exp.Paren):
                todo.append(one.this)
            elif type(one) is kind:
                todo += [one.left, one.right]
            else:
                made = self.id(one, scope, look)
                parts.add(look.lone.get(made, made))
        parts.discard(TRUE if kind is exp.And else FALSE)
        if not parts:
            return TRUE if kind is exp.And else FALSE
        made = h("truth", *parts) if len(parts) == 1 else h(kind.__name__, *sorted(parts))
        if len(parts) == 1:
            look.lone[made] = next(iter(parts))
        return self._typed(node, made, sorted(parts), look)

    def _symmetric(self, node: exp.Binary, scope: Scope, look: Look) -> str:
        sides = [self.id(node.left, scope, look), self.id(node.right, scope, look)]
        if isinstance(node, exp.Mul):
            return self._typed(node, h("Mul", *sorted(sides)), sides, look)
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
            clash = families.comparison(node, types)
            if clash:
                self._reader.clashes.append(clash)

    def _not(self, node: exp.Not, scope: Scope, look: Look) -> str:
        inner = node.this
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if _is_null(inner):
            return self.filled(inner.this, scope, look)
        opposite = {exp.EQ: "NEQ", exp.NEQ: "EQ", exp.NullSafeEQ: "NullSafeNEQ"}.get(type(inner))
        if opposite:
            sides = [self.id(inner.left, scope, look), self.id(inner.right, scope, look)]
            made = self._worked_out(inner, sides, opposite == "EQ")
            return self._typed(inner, made or h(opposite, *sorted(sides)), sides, look)
        one = self.id(inner, scope, look)
        if one in (TRUE, FALSE):
            return FALSE if one == TRUE else TRUE
        return self._typed(node, h("Not", one), [one], look)

    def _is(self, node: exp.Is, scope: Scope, look: Look) -> str:
        if not _is_null(node):
            return self._generic(node, scope, look)
        one = self.filled(node.this, scope, look)
        if one == TRUE:
            return FALSE
        return self._certain(h("Not", one), facts.FILLED, look)

    def filled(self, node: exp.Expr, scope: Scope, look: Look) -> str:
        """Return the id of ``node is not null``."""
        one = self.id(node, scope, look)
        if look.facts.get(one, 0) & facts.FILLED:
            return TRUE
        return self._certain(filled(one), facts.FILLED, look)

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
        if node.args.get("symmetric"):
            return self._generic(node, scope, look)
        one, low, high = (
            self.id(part, scope, look) for part in (node.this, node.args["low"], node.args["high"])
        )
        if not facts.compared_apart(*look.all_facts([low, high])):
            return self._generic(node, scope, look)
        return h("And", *sorted((h("LTE", low, one), h("LTE", one, high))))

    def _in(self, node: exp.In, scope: Scope, look: Look) -> str:
        this = self.id(node.this, scope, look)
        query = node.args.get("query")
        if query is not None:
            return h("in", this, *self._queried(query, scope, look, with_columns=True))
        rest = [node.args[key] for key in ("unnest", "field") if node.args.get(key)]
        items = sorted({self.id(part, scope, look) for part in node.expressions})
        texts = [str(one.this) for one in node.expressions if _is_text(one)]
        if self._dialect == "duckdb" and len(texts) == len(node.expressions) and not rest:
            made = cells.among(this, texts, True)
            if made:
                return made
        if len(items) == 1 and not rest:
            return h("EQ", *sorted((this, items[0])))
        return h("in", this, *items, "of", *(self.id(part, scope, look) for part in rest))

    def _case(self, node: exp.Case, scope: Scope, look: Look) -> str:
        parts = []
        for branch in node.args.get("ifs") or ():
            parts += [self.id(branch.this, scope, look), self.id(branch.args["true"], scope, look)]
        default = node.args.get("default")
        last = self._else(default, scope, look)
        values = [*parts[1::2], last]
        operand = node.this
        of = [self.id(operand, scope, look)] if operand is not None else ["when"]
        made = h("case", *of, *parts, "else", last)
        gives = look.all_facts(parts[1::2])
        if operand is None and last == h("null") and all(one & facts.FILLED for one in gives):
            self._note_asked(made, [branch.this for branch in node.args["ifs"]], scope, look)
        return self._one_of(node, made, values, look)

    def _note_asked(self, made: str, todo: list[exp.Expr], scope: Scope, look: Look) -> None:
        """Note what holds where a CASE is null that gives something wherever a condition holds.

        None of `todo`, its conditions, does: what they ask to be null isn't.
        """
        clear: set[str] = set()
        asked: set[str] = set()
        while todo:
            one = todo.pop()
            if isinstance(one, exp.Paren):
                todo.append(one.this)
            elif isinstance(one, exp.Or):
                todo += [one.left, one.right]
            elif _is_null(one):
                inner = self.id(one.this, scope, look)
                clear |= look.with_needs(inner)
                asked.add(filled(inner))
            elif (condition := self.id(one, scope, look)) != FALSE:
                asked.add(h("untrue", condition))
        look.clear[made], look.unless[made] = frozenset(clear), frozenset(asked)

    def _if(self, node: exp.If, scope: Scope, look: Look) -> str:
        false = node.args.get("false")
        last = self._else(false, scope, look)
        first = self.id(node.this, scope, look)
        then = self.id(node.args["true"], scope, look)
        made = h("case", "when", first, then, "else", last)
        return self._one_of(node, made, [then, last], look)

    def _else(self, node: exp.Expr | None, scope: Scope, look: Look) -> str:
        """Return the id of what a CASE gives where no condition holds: null if it doesn't say."""
        if node is None:
            return self._certain(h("null"), facts.NULL, look)
        return self.id(node, scope, look)

    def _one_of(self, node: exp.Expr, made: str, values: list[str], look: Look) -> str:
        """Note that a value is one of several."""
        self._typed(node, made, values, look)
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
        certain = look.facts.get(inner, 0)
        if families.may_hold_null(type_, self._dialect):
            certain &= ~facts.FILLED
        if not extra and facts.is_idle_cast(node, certain, self._dialect):
            return inner
        made = h(type(node).__name__, inner, quoted(_type_name(node.to, self._dialect)), *extra)
        if not extra:
            look.needs[made] = look.with_needs(inner)
        self._certain(made, facts.of_cast(node, certain, self._dialect), look)
        look.types[made] = families.of_cast(node, type_)
        return made


def _type_name(to: exp.DataType, dialect: str) -> str:
    is_text = dialect == "snowflake" and to.this is exp.DType.TEXT and not to.expressions
    return "VARCHAR" if is_text else families.spelling(to)


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _is_null(node: exp.Expr) -> bool:
    return isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
