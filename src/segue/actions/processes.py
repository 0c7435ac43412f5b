"""Process groups: who is in one, whether it is ours, and how it is ended.

A group is named by its id and the start time of its leader. Ids are used again, so nothing is
ever signalled on the word of an id alone.
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress

import psutil

#: Start times are computed from the time of the boot, which the kernel rounds. Seconds.
START_TOLERANCE = 1.0

_POLL = 0.02  # seconds between looks at a group: other people's processes don't tell when they end
_KILL_WAIT = 10.0  # seconds that a killed process may take to vanish


class ProcessSurvivedError(Exception):
    """A process could not be ended: it hangs in the kernel, or belongs to somebody else now."""


def find_process(group: int, started_at: float) -> psutil.Process | None:
    """Return the leader of a group, if it is still the process that started at `started_at`."""
    try:
        leader = psutil.Process(group)
        same = abs(leader.create_time() - started_at) <= START_TOLERANCE
    except psutil.Error:
        return None
    return leader if same else None


def living_members(group: int) -> list[psutil.Process]:
    """Return the processes of a group that are not just waiting to be collected."""
    members = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getpgid(pid) == group:
                process = psutil.Process(pid)
                if process.status() != psutil.STATUS_ZOMBIE:
                    members.append(process)
    return members


async def end_process_group(
    group: int,
    started_at: float,
    grace: float,
    environment: Mapping[str, str] | None = None,
) -> bool:
    """End a process group that a former engine left behind: TERM, then KILL after `grace` seconds.

    It is taken for ours if its leader started at `started_at`, or if the leader (gone, or seen
    through a clock that was set) or a member has all of `environment` in its own environment
    (see `AttemptIdentity.environment`). Anything else is left alone. Return whether there was
    something to end. Raises `ProcessSurvivedError` if it lives on all the same.
    """
    if group <= 1 or group == os.getpgrp():
        return False  # to the kernel such numbers mean everybody, or us
    members = living_members(group)
    if not members or not _is_ours(group, started_at, members, environment or {}):
        return False
    await end_group(group, grace)
    return True


async def end_group(group: int, grace: float) -> None:
    """End a process group that is known to be ours: TERM, and KILL for what lives after `grace`.

    It returns when nothing of it lives. A cancellation of this call shortens the grace to
    nothing. Raises `ProcessSurvivedError`.
    """
    try:
        signal_group(group, signal.SIGTERM)
        signal_group(group, signal.SIGCONT)  # a stopped process would not hear the TERM
        await _gone(group, grace)
    finally:
        if living_members(group):
            signal_group(group, signal.SIGKILL)
    if not await _gone(group, _KILL_WAIT):
        raise ProcessSurvivedError(
            f"process group {group} could not be ended: it is still there {_KILL_WAIT:g} s after "
            "it was killed"
        )


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a group; one that is gone does not mind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


async def _gone(group: int, seconds: float) -> bool:
    """Wait until nothing of a group lives; False: the time is over and something does."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while living_members(group):
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(min(_POLL, seconds))
    return True


def _is_ours(
    group: int,
    started_at: float,
    members: list[psutil.Process],
    environment: Mapping[str, str],
) -> bool:
    if find_process(group, started_at) is not None:
        return True
    # The id of a group is not given away while it has a member. So one member that carries
    # the mark of the attempt shows that the group is the one that was noted.
    return bool(environment) and any(_carries(member, environment) for member in members)


def _carries(process: psutil.Process, environment: Mapping[str, str]) -> bool:
    try:
        found = process.environ()
    except (psutil.Error, OSError):
        return False
    return all(found.get(name) == value for name, value in environment.items())
