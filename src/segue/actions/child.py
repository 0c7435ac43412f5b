"""A child process that begins only when it is told to, and never outlives its attempt.

The process that is started is a tiny shell which reads one line from its standard input and then
becomes the real command. Between the two its process group is made known, durably. Should we die
before, the pipe closes, the shell reads the end of it and exits, and nothing has run. Reading a
line takes not one byte more from a pipe than that line (POSIX demands it of `read`), so what
follows is the standard input of the real command.
"""

import asyncio
import io
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self, TypeVar

import psutil

from segue.actions.processes import end_group, living_members, signal_group

SHELL = b"/bin/sh"
_Protocol = TypeVar("_Protocol", bound=asyncio.BaseProtocol)
_OPEN = b"go\n"
_GATE = b'IFS= read -r _segue_gate || exit 125; unset _segue_gate; exec "$@"'
_GATE_WITHOUT_STDIN = _GATE + b" </dev/null"
_LAST_WORDS = 0.1  # seconds for what is in the pipes after nobody is left to write to them
_REAP_WAIT = 1.0  # seconds; what was killed is there to be collected in no time


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. `argv[0]` is the absolute path of the program; `stdin` None is no input."""

    argv: tuple[bytes, ...]
    environment: Mapping[bytes, bytes]
    cwd: bytes | None
    stdin: bytes | None


class Sink(Protocol):
    """Takes what a child prints."""

    def feed(self, data: bytes) -> None:
        """Take a piece of it."""
        ...


class _Writing(asyncio.BaseProtocol):
    """The input of a child, until everything is written or nobody reads."""

    open = True

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.open = False


class _Reading(asyncio.Protocol):
    """One output of a child, until its end."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._sink.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.ended.done():
            self.ended.set_result(None)


class Child:
    """A running child. `close` must be awaited, whatever happens."""

    def __init__(self, process: subprocess.Popen[bytes], command: Command) -> None:
        self.group = process.pid  # it leads a session and a group of its own
        self.exited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._process = process
        self._command = command
        self._readings: list[_Reading] = []
        self._files: list[io.FileIO] = []
        self._transports: list[asyncio.BaseTransport] = []
        self._gate: asyncio.WriteTransport | None = None
        self._writing = _Writing()
        self.started_at = psutil.Process(process.pid).create_time()

    @classmethod
    async def start(cls, command: Command, stdout: Sink, stderr: Sink) -> Self:
        """Start a child that waits at its gate. Raises OSError and ValueError if it can't be."""
        with ExitStack() as stack:
            ours, theirs = _pipes(stack)
            gate = _GATE if command.stdin is not None else _GATE_WITHOUT_STDIN
            process = subprocess.Popen(  # noqa: S603, ASYNC220 - no shell on values; it takes 1 ms
                [SHELL, b"-c", gate, b"segue", *command.argv],
                stdin=theirs[0],
                stdout=theirs[1],
                stderr=theirs[2],
                env=command.environment,
                cwd=command.cwd,
                start_new_session=True,
            )
            for descriptor in theirs:
                os.close(descriptor)
            stack.pop_all()
        child = cls(process, command)
        child._files = [io.FileIO(ours[0], "wb"), *(io.FileIO(end, "rb") for end in ours[1:])]
        child._watch()
        try:
            await child._connect(stdout, stderr)
        except BaseException:
            await child.close(0)
            raise
        return child

    async def _connect(self, *sinks: Sink) -> None:
        loop = asyncio.get_running_loop()
        self._gate, _ = await loop.connect_write_pipe(partial(_same, self._writing), self._files[0])
        for file, sink in zip(self._files[1:], sinks, strict=True):
            reading = _Reading(sink)
            transport, _ = await loop.connect_read_pipe(partial(_same, reading), file)
            self._readings.append(reading)
            self._transports.append(transport)

    def _watch(self) -> None:
        """Learn of the exit without collecting the process.

        As long as it is not collected its id, and so that of its group, can't become anybody
        else's: signals sent to the group until then hit ours or nobody.
        """
        loop = asyncio.get_running_loop()

        def wait() -> None:
            if hasattr(os, "waitid"):
                with suppress(ChildProcessError):
                    os.waitid(os.P_PID, self.group, os.WEXITED | os.WNOWAIT)
            else:  # macOS before Python 3.13 can't look without collecting
                self._process.wait()
            with suppress(RuntimeError):  # the loop is gone, and with it whoever waits
                loop.call_soon_threadsafe(self._note_exit)

        threading.Thread(target=wait, name=f"segue-wait-{self.group}", daemon=True).start()

    def _note_exit(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

    def release(self) -> None:
        """Open the gate: the real command begins."""
        assert self._gate is not None
        self._gate.write(_OPEN + (self._command.stdin or b""))
        self._gate.close()

    async def drain(self, seconds: float) -> None:
        """Wait until nobody can print any more, at most so long."""
        endings = [reading.ended for reading in self._readings if not reading.ended.done()]
        if endings:
            await asyncio.wait(endings, timeout=seconds)

    async def close(self, grace: float) -> int:
        """End what still lives of the group, collect it, and return the code of the leader.

        TERM, then KILL after `grace` seconds. A cancellation of this call is a KILL at once.
        """
        try:
            if living_members(self.group):
                await end_group(self.group, grace)
            await asyncio.wait([self.exited])
            await self.drain(_LAST_WORDS)
        finally:
            signal_group(self.group, signal.SIGKILL)  # what was born while we looked
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_REAP_WAIT)
            self._disconnect()
        return self._process.returncode

    def _disconnect(self) -> None:
        if self._gate is not None and self._writing.open:
            self._gate.abort()  # nobody reads the rest of it any more
        for transport in self._transports:
            transport.close()
        connected = len(self._transports) + (self._gate is not None)
        for file in self._files[connected:]:
            file.close()


def _same(protocol: _Protocol) -> _Protocol:
    return protocol


def _pipes(stack: ExitStack) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return our ends and the child's ends of its three pipes, closed if the stack unwinds.

    Real pipes, not the socket pairs that asyncio would take: a program may want to open
    /dev/stdin, and no socket can be opened.
    """
    ends = []
    for _ in range(3):
        pair = os.pipe()
        for descriptor in pair:
            stack.callback(os.close, descriptor)
        ends.append(pair)
    (in_read, in_write), (out_read, out_write), (err_read, err_write) = ends
    return (in_write, out_read, err_read), (in_read, out_write, err_write)
