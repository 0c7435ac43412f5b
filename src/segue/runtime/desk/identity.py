"""Who an engine is, and whether the process of another one still lives."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from segue.runtime.desk.ids import new_id
from segue.store.port import EngineRow

#: The start of a process is known to about a second, and shifts by as much when clocks are set.
START_TOLERANCE_SECONDS = 2.0

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An engine: a new `id` each time that it makes itself known, and the process it is in.

    `boot` names the run of the machine, and the space in which process ids mean anything: two
    containers may share a host and still not see each other's processes.
    """

    id: str
    host: str
    boot: str
    pid: int
    pid_started_at: float

    def row(self, now: float) -> EngineRow:
        """Return the row by which the store knows this engine, its heart beating `now`."""
        return EngineRow(
            id=self.id,
            host=self.host,
            boot=self.boot,
            pid=self.pid,
            pid_started_at=self.pid_started_at,
            heartbeat_at=now,
        )


def identify() -> Identity:
    """Return a new identity of this process."""
    return Identity(
        id=f"engine-{new_id()}",
        host=socket.gethostname(),
        boot=_boot(),
        pid=os.getpid(),
        pid_started_at=psutil.Process().create_time(),
    )


def is_gone(row: EngineRow, here: Identity) -> bool:
    """Return whether the process of an engine is certainly gone, as seen from this one.

    Only an engine on the same machine, in the same run of it, can be seen.
    """
    if (row.host, row.boot) != (here.host, here.boot):
        return False
    if row.pid == here.pid:
        # An id is used again: the same process has ended an engine and begun another one.
        return not _same_start(row.pid_started_at, here.pid_started_at)
    try:
        process = psutil.Process(row.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        return not _same_start(process.create_time(), row.pid_started_at)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False  # it exists, and is not ours to look at


def _same_start(one: float, other: float) -> bool:
    return abs(one - other) <= START_TOLERANCE_SECONDS


def _boot() -> str:
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        boot = str(int(psutil.boot_time()))
    try:
        return f"{boot} {_PID_NAMESPACE.readlink()}"
    except OSError:
        return boot
