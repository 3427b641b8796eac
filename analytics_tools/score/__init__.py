"""A score from 0 to 100 for each model, as a sum that anyone can check.

What belongs here: rules (`rules/`, one small function each), what they know (`facts`, `keys`,
`shape`), what a project configures (`settings`), the engine that adds up. What does not: how a
score is shown. A rule of your own is a function with `rule` above it; see docs/reference/score.md.
"""

from analytics_tools.score.baseline import Comparison, Worsening, compare_with
from analytics_tools.score.engine import score_project
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Deduction, Exemption, Finding, ModelScore, ScoreReport
from analytics_tools.score.registry import Rule, load_rules, registered_rules, rule, rule_named
from analytics_tools.score.settings import ScoreSettings, settings_from

__all__ = [
    "Area",
    "Comparison",
    "Deduction",
    "Exemption",
    "Facts",
    "Finding",
    "ModelScore",
    "Rule",
    "ScoreReport",
    "ScoreSettings",
    "Worsening",
    "compare_with",
    "load_rules",
    "registered_rules",
    "rule",
    "rule_named",
    "score_project",
    "settings_from",
]
