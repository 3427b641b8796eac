"""Score, diff, trace and document any dbt project, from the artifacts dbt leaves in `target/`.

The way through the package is one straight line, and imports follow it:

    artifacts -> graph, sql -> score | diff | impact | docs -> render -> cli

`artifacts` is the only part that opens files, `render` the only one that words an answer, `cli` the
only one that prints. What stands between are pure functions from a `Project` to a frozen answer.
"""
