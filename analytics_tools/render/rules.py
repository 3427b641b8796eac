"""The rules, from their docstrings: one for a terminal, all of them as the reference page.

``python -m analytics_tools.render.rules > docs/reference/rules.md`` writes the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from analytics_tools.render.style import Style, table
from analytics_tools.score import Rule, registered_rules
from analytics_tools.score.model import CAPS

_HEAD = """# Rules of the score

Made from the rules' docstrings; `python -m analytics_tools.render.rules` prints it, and
`analytics-tools explain RULE` prints one of them.

Every model starts at 100. Each rule below may deduct up to its points; what is deducted in one area
is capped, and the caps add up to 100. The score of several models is the mean of theirs, each
counted once and once more for every model downstream of it, cut to one decimal.

A rule is silent where it can't be certain: without a catalog, for a layer it can't tell, for a dbt
version that lacks what it asks for, and where most of a package's models do otherwise on purpose.
[Configuration](score.md) turns rules off, weighs them anew, and adds a project's own.
"""


def rules_markdown() -> str:
    """Return the page."""
    parts = [_HEAD]
    rules = sorted(registered_rules(), key=lambda rule: (list(CAPS).index(rule.area), rule.code))
    for area, group in groupby(rules, key=lambda rule: rule.area):
        parts.append(f"## {area.capitalize()} (at most {CAPS[area]})\n")
        parts += [rule_markdown(rule) for rule in group]
    return "\n".join(parts)


def rule_markdown(rule: Rule) -> str:
    """Return one rule as a section of the page."""
    parts = [f"### {rule.code} (up to {rule.points})", f"**{rule.title}**.", rule.rationale]
    for name in ("Bad", "Good"):
        if rule.part(name):
            parts.append(f"{name}:\n\n```text\n{rule.part(name)}\n```")
    if rule.part("Fix"):
        parts.append(f"Fix: {rule.part('Fix')}")
    return "\n\n".join(part for part in parts if part) + "\n"


def rule_text(rule: Rule, style: Style) -> str:
    """Return one rule for a terminal: what it asks for and why, bad and good, and the fix."""
    worth = style(f"{rule.area}, up to {rule.points} points", "dim")
    head = f"{style(rule.code, 'bold')}  {rule.title}  {worth}"
    parts = [head, rule.rationale]
    for name, colour in (("Bad", "red"), ("Good", "green")):
        if rule.part(name):
            lines = "\n".join("    " + line for line in rule.part(name).splitlines())
            parts.append(f"{style(name + ':', colour)}\n{lines}")
    if rule.part("Fix"):
        parts.append(f"{style('Fix:', 'bold')} {rule.part('Fix')}")
    return "\n\n".join(part for part in parts if part) + "\n"


def rules_text(rules: Iterable[Rule], style: Style) -> str:
    """Return a line for each rule."""
    rows = [(rule.code, f"-{rule.points}", str(rule.area), rule.title) for rule in rules]
    last = style("Explain one: analytics-tools explain RULE", "dim")
    return "\n".join([*table(rows, right=(1,)), "", last]) + "\n"


if __name__ == "__main__":
    print(rules_markdown(), end="")
