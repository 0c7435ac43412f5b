"""The `segue` command: finds the command asked for, and says what went wrong in one place.

A command's module is imported only when that command is used, so that `segue --help` is there at
once and a run begins its first task without having waited for what it does not need.
"""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from segue.cli.exit_codes import ExitCode

#: Every command with its one line of help, in the order of the help. Its file has its name.
COMMANDS = {
    "run": "Run a workflow and watch it.",
    "engine": "Run an engine: take any work that no living engine has.",
    "list": "List executions, the newest first.",
    "show": "Show an execution: tasks, errors, output.",
    "why": "Tell why an execution is not finished: what each part of it waits for.",
    "events": "Print what has happened in an execution, event by event.",
    "logs": "Print what the tasks of an execution have printed.",
    "pause": "Pause an execution: what runs is let finish, nothing new starts.",
    "resume": "Go on with a paused execution, or with what no living engine has.",
    "cancel": "Cancel an execution.",
    "rerun": "Run an execution again that has ended, or a part of it.",
    "inbox": "List the questions that wait for somebody's answer.",
    "answer": "Answer a question.",
    "reject": "Refuse to answer a question: its task fails.",
    "key": "Set, read and delete the keys that workflows read.",
    "value": "Print a big value, to which events and results only refer.",
    "check": "Check workflow files, and print all findings of all of them. `-` is stdin.",
    "explain": "Explain the code of a finding, such as SEG201. Without a code: list them all.",
    "convert": "Turn a workflow of Orquesta or Attune into a native one. `-` is stdin.",
    "rehearse": "Rehearse workflows: run their tests, with mocked actions.",
    "export": "Write an execution that happened as a rehearsal.",
    "graph": "Draw the graph of a workflow.",
    "conduct": "Conduct a workflow for another program: JSON lines on stdin and stdout.",
    "schema": "Print the JSON Schema (draft 7) of workflow or rehearsal files, for editors.",
    "verify": "Verify that what is stored of executions is as it must always be.",
    "prune": "Remove executions that ended long ago.",
    "db": "Back up, restore, upgrade and compact the database.",
    "doctor": "Look at versions, configuration and the health of the database.",
}


class CommandGroup(click.Group):
    """A group that knows its commands by name and imports them one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        # What is imported stays: to look for garbage in it takes a tenth of the time of a start.
        gc.disable()
        command = import_module(f"segue.cli.commands.{cmd_name}").command
        gc.freeze()
        gc.enable()
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands into the help without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may be meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from segue.cli.failure import unknown_command  # noqa: PLC0415 (only when needed)

            raise unknown_command(args[0], tuple(COMMANDS))
        return super().resolve_command(ctx, args)


def _print_version(
    ctx: click.Context,
    _parameter: click.Parameter,
    value: bool,  # noqa: FBT001 (click's)
) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 (slow, and seldom asked for)

        click.echo(f"segue {version('segue')}")
        ctx.exit()


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes, JSON documents and environment variables: docs/command-line.md",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version.",
)
def segue() -> None:
    """Run workflows that follow transitions, durably.

    An execution is named by its id, by any beginning of it that is unique, or as @latest.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Nothing is ever raised but by the interpreter."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not in tests that put something else there
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 (this is the outermost place)
        from segue.cli.failure import report  # noqa: PLC0415 (only when needed)

        return report(error)
    return code if isinstance(code, int) else ExitCode.SUCCEEDED


def _require_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text, in one place: no name, value or path of ours may hold them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            from segue.cli.problem import Problem  # noqa: PLC0415 (only when needed)

            raise Problem(f"the argument {argument!r} is not text in UTF-8") from None


def _require_folder() -> None:
    """Refuse to work where the folder was removed: no path that is not whole means anything."""
    try:
        os.getcwd()  # noqa: PTH109 - the same, and pathlib is for those who need it
    except OSError as error:
        from segue.cli.problem import Problem  # noqa: PLC0415 (only when needed)

        raise Problem(
            f"the working directory can't be used: {error.strerror}", hint="change to another one"
        ) from None


def _run(arguments: list[str]) -> object:
    if "_SEGUE_COMPLETE" in os.environ:  # the shell asks how a line may go on
        return segue.main(arguments, prog_name="segue")
    _require_text(arguments)
    _require_folder()
    # Not click's own main: it has its own ideas of closed pipes and interrupts.
    try:
        with segue.make_context("segue", arguments) as context:
            return segue.invoke(context)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.exceptions.NoArgsIsHelpError as error:  # a page, and no line of an error
        click.echo(error.message, err=True)
        return ExitCode.USAGE
