"""``order by case when ... then 0 when ... then 1 end``: of such numbers only the order counts."""

from __future__ import annotations

from sqlglot import exp

# Functions to which the numbers that order their rows are no more than that.
BY_RANK = (
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag,
    exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Sum, exp.Count, exp.Min, exp.Max,
    exp.Avg,
)  # fmt: skip
_MOST = 127  # of one byte: however an engine sorts them, it sorts them alike


def by_rank(part: exp.Expr) -> exp.Expr:
    """Return a part of ORDER BY with the numbers of its CASE replaced by their ranks."""
    case = part.this if isinstance(part, exp.Ordered) else part
    if not isinstance(case, exp.Case) or not _numbers(case):
        return part
    numbers = sorted({int(one.name) for one in _numbers(case)})
    made = part.copy()
    case = made.this if isinstance(made, exp.Ordered) else made
    for one in _numbers(case):
        one.replace(exp.Literal.number(numbers.index(int(one.name))))
    return made


def _numbers(case: exp.Expr) -> list[exp.Expr]:
    """Return what a CASE yields, if that is small numbers as they stand and null alone."""
    found = [one.args["true"] for one in case.args["ifs"]]
    found += [case.args["default"]] if case.args.get("default") else []
    found = [one for one in found if not isinstance(one, exp.Null)]
    plain = all(
        one.is_int and not isinstance(one, exp.Neg) and int(one.name) <= _MOST for one in found
    )
    return found if plain else []
