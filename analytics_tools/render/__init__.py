"""How an answer is shown: text for a terminal, JSON for programs, Markdown for pages.

Each function takes an analysis's answer and returns a string. Nothing here reads a file, prints, or
decides anything about a project. All names and descriptions come from somebody's project: they are
cleaned of control characters for terminals and escaped for Markdown.
"""
