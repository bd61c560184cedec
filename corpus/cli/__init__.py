"""The command line: one file a command; each parses, calls, prints and sets the exit code.

Exit codes: 0 fine, 1 findings at error level, 2 wrong use or unreadable input, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path

import click

from corpus import __version__
from corpus.errors import CorpusError


class _Commands(click.Group):
    """The commands are the modules of this folder, loaded when called for, so that `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(path.stem.strip("_") for path in Path(__file__).parent.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = f"{cmd_name}_" if cmd_name == "import" else cmd_name
        command: click.Command = import_module(f"corpus.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            known = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"{error.message} Known commands: {known}.", ctx) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="corpus")
def _cli() -> None:
    """Turn raw web pages into a published, annotated, audited dataset."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; a CorpusError is one message, never a traceback."""
    # What is loaded stays: to look for cycles in it again and again is a tenth of a start.
    gc.set_threshold(10_000, 20, 10)
    try:
        code = _cli.main(arguments, prog_name="corpus", standalone_mode=False)
    except CorpusError as error:
        click.echo(f"corpus: {error}", err=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("corpus: interrupted", err=True)
        code = 130
    except BrokenPipeError:
        # The reader has gone (`corpus … | head`); point stdout at nothing so that the interpreter's own
        # flush at exit does not complain: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    sys.exit(code if isinstance(code, int) else 0)
