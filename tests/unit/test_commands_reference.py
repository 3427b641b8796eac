"""Every command and every option is in docs/reference/commands.md."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from analytics_tools.cli import COMMANDS, main

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "commands.md"
RENEW = "renew it: python -m analytics_tools.cli.reference > docs/reference/commands.md"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_nothing_is_undocumented(name: str) -> None:
    parts = PAGE.read_text().split("\n## ")
    section = next((part for part in parts if part.startswith(f"{name}\n")), None)
    assert section is not None, f"{name} is not in {PAGE.name}; {RENEW}"
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name == "format_", parameter.name
            for word in parameter.opts:
                assert word in section, f"{name} {word} is not in {PAGE.name}; {RENEW}"
