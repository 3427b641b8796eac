"""The reference page of the command line, made from the commands' own help.

``python -m analytics_tools.cli.reference > docs/reference/commands.md`` writes it.
"""

from __future__ import annotations

import click

from analytics_tools.cli import COMMANDS, main

_HEAD = """# Commands

Made from the commands' own help; `python -m analytics_tools.cli.reference` prints it. What `--json`
prints is in [json.md](json.md), the rules in [rules.md](rules.md), their configuration in
[score.md](score.md).
"""


def commands_markdown() -> str:
    """Return the page: each command with its arguments and options."""
    parts = [_HEAD]
    context = click.Context(main, info_name="analytics-tools")
    for name in sorted(COMMANDS):
        command = main.get_command(context, name)
        if command is None:
            continue
        inside = click.Context(command, info_name=name, parent=context, max_content_width=96)
        parts.append(f"## {name}\n\n```text\n{command.get_help(inside)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(commands_markdown(), end="")
