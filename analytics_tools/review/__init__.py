"""What a change to a project means, put together for the one who has to decide on it.

What belongs here: asking every analysis about base and head, comparing tests, scores, runs and
data, and the verdict. What does not: any analysis of SQL or catalogs of its own, output.
"""

from analytics_tools.review.answer import Review
from analytics_tools.review.engine import Limits, State, review_of

__all__ = ["Limits", "Review", "State", "review_of"]
