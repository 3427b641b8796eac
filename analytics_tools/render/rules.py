"""The reference page of the rules, made from their docstrings.

``python -m analytics_tools.render.rules > docs/reference/rules.md`` writes it.
"""

from __future__ import annotations

from itertools import groupby

from analytics_tools.score import registered_rules
from analytics_tools.score.model import CAPS

_HEAD = """# Rules of the score

Made from the rules' docstrings; `python -m analytics_tools.render.rules` prints it.

Every model starts at 100. Each rule below may deduct up to its points; what is deducted in one area
is capped, and the caps add up to 100. The score of several models is the mean of theirs, each
counted once and once more for every model downstream of it, cut to one decimal.

A rule is silent where it can't be certain: without a catalog, for a layer it can't tell, for a dbt
version that lacks what it asks for, and where most of a package's models do otherwise on purpose.
"""


def rules_markdown() -> str:
    """Return the page."""
    parts = [_HEAD]
    rules = sorted(registered_rules(), key=lambda rule: (list(CAPS).index(rule.area), rule.code))
    for area, group in groupby(rules, key=lambda rule: rule.area):
        parts.append(f"## {area.capitalize()} (at most {CAPS[area]})\n")
        for rule in group:
            text = rule.documentation.replace(rule.title, f"**{rule.title}**", 1)
            parts.append(f"### {rule.code} (up to {rule.points})\n\n{text}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(rules_markdown(), end="")
