"""`analytics-tools explain`."""

from __future__ import annotations

from pathlib import Path

import click

from analytics_tools.cli.common import style, write
from analytics_tools.configuration import read_configuration, section
from analytics_tools.render.json import rules_json
from analytics_tools.render.rules import rule_markdown, rule_text, rules_text
from analytics_tools.score import load_rules, rule_named, settings_from


@click.command("explain")
@click.argument("rule", required=False)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="A TOML file with [tool.analytics_tools.score], which may name rules of your own "
    "(default: the pyproject.toml at or above the current folder).",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
def command(rule: str | None, config: Path | None, format_: str, as_json: bool) -> None:
    """Explain a rule of the score: why it is there, a bad and a good example, and the fix.

    Without RULE, list all rules.
    """
    settings = settings_from(section(read_configuration(Path.cwd(), config), "score"))
    rules = load_rules(settings.plugins)
    chosen = (rule_named(rule, rules),) if rule else rules
    if as_json or format_ == "json":
        write(rules_json(chosen))
    elif format_ == "markdown":
        write("\n".join(map(rule_markdown, chosen)))
    else:
        write(rule_text(chosen[0], style()) if rule else rules_text(chosen, style()))
