"""core.local: a command on the machine of the engine."""

import asyncio
import codecs
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segue.actions.child import SHELL, Child, Command
from segue.actions.identity import AttemptIdentity
from segue.actions.payload import to_text
from segue.actions.port import Call
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.failpoints import Failpoint, reach
from segue.values import JsonObject, JsonValue

#: How much of each output a result may hold, in bytes. A command that prints more is ended.
MAX_OUTPUT = 10 * 1024 * 1024

#: How much of each output is left in the result of a command that printed too much, in bytes.
HEAD = 1024 * 1024

_LAST_LINE = 200  # characters of the last line of stderr that a message shows


_PARAMETERS: JsonObject = {
    "description": "Runs a command on the machine of the engine. The result has stdout, "
    "stderr, return_code, succeeded and failed; a return code other than 0 fails the task.",
    "type": "object",
    "properties": {
        "cmd": {
            "description": "A command line, run by `/bin/sh -c`. Never build one from values: "
            "hand them over in `env`, or use `argv`.",
            "type": "string",
            "minLength": 1,
        },
        "argv": {
            "description": "A program and its arguments, run without a shell: each string "
            "arrives exactly as it is.",
            "type": "array",
            "items": {"type": ["string", "number", "boolean"]},
            "minItems": 1,
        },
        "env": {
            "description": "Variables added to the environment of the engine; null takes one away.",
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
        "cwd": {
            "description": "The directory to run in; by default that of the engine.",
            "type": "string",
            "minLength": 1,
        },
        "stdin": {"description": "Text for the standard input.", "type": "string"},
    },
    "oneOf": [{"required": ["cmd"]}, {"required": ["argv"]}],
    "additionalProperties": False,
}


class Local:
    """Runs a command line in a shell, or a program with arguments.

    `grace` is how long a command that is ended may take between TERM and KILL; `linger` how long
    the outputs may stay open, held by background processes, after it ended by itself. Seconds.
    """

    name = "core.local"
    parameters = _PARAMETERS

    def __init__(self, *, grace: float = 5.0, linger: float = 2.0) -> None:
        self._grace = grace
        self._linger = linger

    async def run(self, call: Call) -> Outcome:
        """Run the command. Cancelled, it ends the whole process group: TERM, then KILL."""
        full: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stdout = _Capture("stdout", call.log, full)
        stderr = _Capture("stderr", call.log, full)
        try:
            child = await Child.start(_plan(call), stdout, stderr)
        except _CannotStartError as error:
            return Failed(code="command_not_started", message=str(error))
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            return Failed(
                code="command_not_started", message=f"the command can't be started: {reason}"
            )
        code = await self._attend(call, child, full)
        stdout.end()
        stderr.end()
        if full.done():
            return _too_much(stdout, stderr)
        return _conclude(code, stdout.text(), stderr.text())

    async def _attend(self, call: Call, child: Child, full: asyncio.Future[None]) -> int:
        """Let a child run to its end, or until it printed too much; return its code."""
        try:
            reach(Failpoint.PROCESS_STARTED)
            await call.announce_process(child.group, child.started_at)
            reach(Failpoint.PROCESS_NOTED)
            child.release()
            await asyncio.wait([child.exited, full], return_when=asyncio.FIRST_COMPLETED)
            if not full.done():
                await child.drain(self._linger)
        finally:
            code = await child.close(self._grace)
            reach(Failpoint.PROCESS_ENDED)
        return code


class _CannotStartError(Exception):
    """The fault of what was asked for. The message says so."""


def _plan(call: Call) -> Command:
    """Return the command that a call asks for. Raises `_CannotStartError`."""
    cwd, stdin = call.input.get("cwd"), call.input.get("stdin")
    assert cwd is None or isinstance(cwd, str)
    if cwd is not None and not _path(_bytes(cwd, "cwd")).is_dir():
        raise _CannotStartError(f"`cwd`: there is no directory {cwd!r}")
    environment = _environment(call)
    if "cmd" in call.input:
        argv: Sequence[bytes] = (SHELL, b"-c", _bytes(call.input["cmd"], "cmd"))
    else:
        given = call.input["argv"]
        assert isinstance(given, Sequence)
        program, *arguments = (_bytes(word, f"argv[{at}]") for at, word in enumerate(given))
        where = _path(_bytes(cwd or ".", "cwd")).absolute()
        argv = (_find_program(program, where, environment.get(b"PATH")), *arguments)
    return Command(
        argv=tuple(argv),
        environment=environment,
        cwd=None if cwd is None else _bytes(cwd, "cwd"),
        stdin=None if stdin is None else to_text(stdin).encode("utf-8", "replace"),
    )


def _environment(call: Call) -> dict[bytes, bytes]:
    environment = dict(os.environb)
    given = call.input.get("env", {})
    assert isinstance(given, Mapping)
    for name, value in given.items():
        if value is None:
            environment.pop(name.encode(), None)
        else:
            environment[name.encode()] = _bytes(value, f"env.{name}")
    for name, value in AttemptIdentity.of(call).environment.items():
        environment[name.encode()] = value.encode()
    return environment


def _find_program(name: bytes, where: Path, search: bytes | None) -> bytes:
    """Return the absolute path of a program, as a shell in `where` would find it.

    The gate gets it absolute, so that no name can be taken for an option or a builtin.
    """
    if not name:
        raise _CannotStartError("`argv[0]` is empty: it names the program")
    folders = [where]
    if b"/" not in name:
        path = os.defpath.encode() if search is None else search
        folders = [where / _path(folder) for folder in path.split(b":")]
    files = [file for folder in folders if (file := folder / _path(name)).is_file()]
    for file in files:
        if os.access(file, os.X_OK):
            return os.fsencode(file)
    shown = name.decode("utf-8", "replace")
    if files:
        raise _CannotStartError(f"`argv[0]`: {shown!r} may not be executed")
    place = "is not there" if b"/" in name else "is in no directory of PATH"
    raise _CannotStartError(f"`argv[0]`: the program {shown!r} {place}")


def _path(name: bytes) -> Path:
    """Return a path of exactly these bytes, whatever the locale."""
    return Path(os.fsdecode(name))


def _bytes(value: JsonValue, place: str) -> bytes:
    text = to_text(value)
    if "\0" in text:
        raise _CannotStartError(f"`{place}` has a NUL character: no program can be given one")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _CannotStartError(f"`{place}` has a lone surrogate: it is not valid text") from None


@dataclass(slots=True)
class _Capture:
    """One output: to the log as it comes, and kept for the result."""

    stream: str
    log: Callable[[str, str], None]
    full: asyncio.Future[None]
    size: int = 0
    pieces: list[str] = field(default_factory=list)
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def feed(self, data: bytes) -> None:
        """Take what was printed, up to the limit."""
        if self.size > MAX_OUTPUT:
            return
        room = MAX_OUTPUT - self.size
        self.size += len(data)
        self._keep(self.decoder.decode(data[:room]))
        if self.size > MAX_OUTPUT and not self.full.done():
            self.full.set_result(None)

    def end(self) -> None:
        """Take note that nothing follows: half a character is not awaited any more."""
        self._keep(self.decoder.decode(b"", final=True))

    def _keep(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.log(self.stream, text)

    def text(self) -> str:
        """Return all of it without the last line break, as StackStorm does."""
        return "".join(self.pieces).removesuffix("\n").removesuffix("\r")

    def head(self) -> str:
        """Return the beginning of it."""
        return "".join(self.pieces).encode()[:HEAD].decode("utf-8", "ignore")


def _result(code: int, stdout: str, stderr: str, *, succeeded: bool) -> JsonObject:
    return {
        "stdout": stdout,
        "stderr": stderr,
        "return_code": code,
        "succeeded": succeeded,
        "failed": not succeeded,
    }


def _conclude(code: int, stdout: str, stderr: str) -> Outcome:
    result = _result(code, stdout, stderr, succeeded=code == 0)
    if code == 0:
        return Succeeded(result=result)
    how = f"the command ended with code {code}"
    if code < 0:
        how = f"the command was ended by {_signal_name(-code)}"
    last = next((line for line in reversed(stderr.splitlines()) if line.strip()), "").strip()
    if len(last) > _LAST_LINE:
        last = f"{last[: _LAST_LINE - 1]}…"
    message = f"{how}: {last}" if last else how
    return Failed(code="command_failed", message=message, result=result)


def _too_much(stdout: _Capture, stderr: _Capture) -> Outcome:
    which = stdout if stdout.size > MAX_OUTPUT else stderr
    return Failed(
        code="output_too_large",
        message=f"the command was ended: it printed more than {MAX_OUTPUT // 2**20} MiB to "
        f"{which.stream}; write that much to a file",
        result=_result(-signal.SIGTERM, stdout.head(), stderr.head(), succeeded=False),
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
