"""The reference page of the command line, made from the commands' own help.

``python -m analytics_tools.cli.reference > docs/reference/commands.md`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

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
        if command is not None:
            parts += _sections(command, name, context, "##")
    return "\n".join(parts)


def _sections(command: click.Command, name: str, parent: click.Context, mark: str) -> Iterator[str]:
    """The section of a command, and those of its own commands."""
    inside = click.Context(command, info_name=name, parent=parent, max_content_width=96)
    title = " ".join(inside.command_path.split()[1:])
    yield f"{mark} {title}\n\n```text\n{command.get_help(inside)}\n```\n"
    if isinstance(command, click.Group):
        for inner, one in sorted(command.commands.items()):
            yield from _sections(one, inner, inside, f"{mark}#")


if __name__ == "__main__":
    print(commands_markdown(), end="")
