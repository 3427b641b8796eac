"""What is to be told of a node on its page.

What belongs here: gathering, from the artifacts, all that a reader of a model wants to know. What
does not: Markdown, which is `analytics_tools.render.markdown`'s.
"""

from analytics_tools.docs.page import Page, page_of

__all__ = ["Page", "page_of"]
