"""The command line: one file a command; each parses, calls, prints and sets the exit code.

Exit codes: 0 fine, 1 findings at error level, 2 wrong use or unreadable input, 130 interrupted.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
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
        command: click.Command = import_module(f"corpus.cli.{_module(cmd_name)}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with what their files say: to load them all would load every library."""
        names = self.list_commands(ctx)
        width = formatter.width - 6 - max(map(len, names))  # as click has it
        with formatter.section("Commands"):
            formatter.write_dl([(name, _described(name).get_short_help_str(width)) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            known = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"{error.message} Known commands: {known}.", ctx) from None


def _module(name: str) -> str:
    return f"{name}_" if name == "import" else name


def _described(name: str) -> click.Command:
    """Return a command that has nothing but its description, read from its file without running that."""
    import ast

    tree = ast.parse(Path(__file__).with_name(f"{_module(name)}.py").read_bytes())
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "command"]
    return click.Command(name, help=ast.get_docstring(functions[0]))


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
    code = code if isinstance(code, int) else 0
    if arguments is None and not _looked_at():
        _end(code)
    sys.exit(code)


def _looked_at() -> bool:
    """Tell whether a profiler, a debugger or a thread has something left to do when a command has ended."""
    tools = [sys.getprofile(), sys.gettrace()]
    if sys.version_info >= (3, 12):
        tools += [sys.monitoring.get_tool(number) for number in range(6)]
    threads = [each for each in threading.enumerate() if not (each.daemon or each is threading.main_thread())]
    return any(tools) or bool(threads)


def _end(code: int) -> None:
    """End this process, as `sys.exit` would, but without taking apart all that is loaded.

    That is a fifth of the CPU of a small build, and gives nothing back that the system would not take. What
    was to be done at the end is done, and what was printed flushed; where that cannot be, this returns.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - as `os._exit` would not
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return
    os._exit(code)
