"""The command line, one file a command.

What belongs here: words into arguments, one call, its answer to `render`. A command's module is
imported when the command runs, not before: `--help` costs next to nothing.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from analytics_tools.errors import AnalyticsToolsError, one_line

# Name -> where the command lives, and the line that `--help` shows for it.
COMMANDS = {
    "score": ("analytics_tools.cli.score", "Score models from 0 to 100, with every deduction."),
    "explain": ("analytics_tools.cli.explain", "Explain a rule of the score, or list them."),
    "impact": ("analytics_tools.cli.impact", "Tell what stands downstream, and who to tell."),
    "changes": (
        "analytics_tools.cli.changes",
        "Tell what really changes, breaks, and must rebuild.",
    ),
    "review": (
        "analytics_tools.cli.review",
        "Tell a reviewer what a change means: verdict, breaks, tests, score, data.",
    ),
    "lineage": ("analytics_tools.cli.lineage", "Trace columns through SQL, up or down."),
    "diff": ("analytics_tools.cli.diff", "Compare two catalogs: what changed, what breaks."),
    "docs": ("analytics_tools.cli.docs", "Write the Markdown page of a model."),
    "new": ("analytics_tools.cli.new", "Make a dbt project of your own from the template."),
    "add": ("analytics_tools.cli.add", "Add a source, model, metric, snapshot or exposure."),
    "init": ("analytics_tools.cli.init", "Set the tools up in a dbt project that exists."),
    "sample-data": ("analytics_tools.cli.sample_data", "Land raw sample data as Parquet files."),
}

EXIT_BUG = 70
EXIT_ABORTED = 130
DEBUG = "ANALYTICS_TOOLS_DEBUG"


class _Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run, and end with an exit code: 0 fine, 1 gate not met, 2 wrong use, 70 a bug."""
        extra["standalone_mode"] = False  # errors come to us
        code = self._run(args, *rest, **extra)
        if args is None:
            _leave(code)
        sys.exit(code)

    def _run(self, *args: Any, **extra: Any) -> int:
        # A command builds much, drops little and ends soon: looking for cycles is a third of its
        # time on a large project, and finds none.
        gc.disable()
        try:
            code = super().main(*args, **extra)
        except AnalyticsToolsError as error:
            return _fail(str(error), error.exit_code)
        except click.ClickException as error:
            return _fail(_with_hint(error), 2)
        except click.Abort:
            return EXIT_ABORTED
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            return _fail(
                f"unexpected {type(error).__name__}: {error}; this is a bug: please report it, "
                f"with what it says when {DEBUG}=1 is set",
                EXIT_BUG,
            )
        finally:
            gc.enable()
        return code if isinstance(code, int) else 0


def _leave(code: int) -> None:
    """End the process without taking apart what was built, which the system does quicker.

    Returns when something is still to be said, and can't be.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    os._exit(code)


def _fail(message: str, code: int) -> int:
    click.echo(f"error: {one_line(message)}", err=True)
    return code


def _with_hint(error: click.ClickException) -> str:
    """Return the error with the command whose help says more."""
    ctx = getattr(error, "ctx", None)
    hint = f" (see {ctx.command_path} --help)" if ctx else ""
    return error.format_message().rstrip(".") + hint


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command reads what dbt left in target/. Exit codes: 0 fine, 1 a gate not met, "
    "2 wrong use or unreadable input.",
)
@click.version_option(package_name="dbt-analytics-tools", prog_name="analytics-tools")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Score, diff, trace and document any dbt project from its artifacts."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
