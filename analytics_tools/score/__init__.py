"""A score from 0 to 100 for each model, as a sum that anyone can check.

What belongs here: rules (`rules/`, one small function each), what they know (`facts`, `keys`), the
engine that adds up. What does not: how a score is shown.
"""

from analytics_tools.score.engine import score_project
from analytics_tools.score.model import Area, Deduction, ModelScore, ScoreReport
from analytics_tools.score.registry import Rule, registered_rules, rule

__all__ = [
    "Area",
    "Deduction",
    "ModelScore",
    "Rule",
    "ScoreReport",
    "registered_rules",
    "rule",
    "score_project",
]
