"""What the workflows of these tests do to the world: a line in a file for each time it is done."""

import asyncio
import os
import time
from pathlib import Path

from segue import Call


def _write(line: str) -> None:
    with Path(os.environ["EFFECTS"]).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def once(call: Call, turn: int = 0) -> int:
    """Do something that must not be done again once it is known to be done."""
    _write(call.idempotency_key)
    return turn


async def slowly(call: Call, seconds: float) -> str:
    """Say that it begins, and take its time."""
    _write(f"begun {call.idempotency_key} {os.getpid()}")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        _write(f"ended {time.time()}")
        raise
    return f"done by {os.getpid()}"
