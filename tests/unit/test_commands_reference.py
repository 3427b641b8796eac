"""Every command and every option is in docs/reference/commands.md."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from analytics_tools.cli import COMMANDS, main

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "commands.md"
RENEW = "renew it: python -m analytics_tools.cli.reference > docs/reference/commands.md"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_nothing_is_undocumented(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    is_documented(command, name)


def is_documented(command: click.Command, name: str) -> None:
    """The command has a section of its own with all its options, and so has each command in it."""
    parts = re.split(r"^##+ ", PAGE.read_text(), flags=re.M)
    section = next((part for part in parts if part.startswith(f"{name}\n")), None)
    assert section is not None, f"{name} is not in {PAGE.name}; {RENEW}"
    assert command.help
    if isinstance(command, click.Group):
        for inner, one in command.commands.items():
            is_documented(one, f"{name} {inner}")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name == "format_", parameter.name
            for word in parameter.opts:
                assert word in section, f"{name} {word} is not in {PAGE.name}; {RENEW}"
