"""Functions such as people write, for `module:function`."""

import asyncio
import enum
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from segue.actions.port import ActionFailedError, Call

not_a_function = 3


@dataclass
class Host:
    """A machine."""

    name: str
    port: int = 22


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Tools:
    @staticmethod
    def double(x: int) -> int:
        return 2 * x


class Adder:
    def __init__(self, by: int) -> None:
        self.by = by

    async def __call__(self, x: int) -> int:
        return x + self.by


add_two = Adder(2)


def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    More than one paragraph.
    """
    return a + b


async def add_later(a: int, b: int = 1) -> int:
    await asyncio.sleep(0)
    return a + b


# ruff: disable[ANN001, ANN002, ANN003]
def untyped(a, b=None, /, *rest, **more):  # type: ignore[no-untyped-def]
    return [a, b, more]


# ruff: enable[ANN001, ANN002, ANN003]


def typed(
    host: Host,
    *,
    size: Size = Size.SMALL,
    mode: Literal["a", "b"] = "a",
    pair: tuple[int, str] = (1, "x"),
    folder: Path = Path("/tmp"),
    at: datetime | None = None,
    percent: Annotated[float, msgspec.Meta(ge=0, le=100, description="How much.")] = 0,
    strange: "NoSuchThing | None" = None,  # type: ignore[name-defined]  # noqa: F821
) -> list[object]:
    return [host, size, mode, pair, folder, at, percent, strange]


def typed_well(
    host: Host,
    hosts: list[Host] | None = None,
    size: Size = Size.SMALL,
    pair: tuple[int, str] = (1, "x"),
    folder: Path = Path("/tmp"),
    at: datetime | None = None,
    percent: Annotated[float, msgspec.Meta(ge=0, le=100, description="How much.")] = 0,
) -> list[object]:
    kinds = [type(value).__name__ for value in (host, size, pair, folder, at, percent)]
    return [kinds, host, hosts, size, pair, folder, at, percent]


def who_am_i(greeting: str, this: Call) -> dict[str, object]:
    this.log("log", f"{greeting} from a thread\n")
    return {"key": this.idempotency_key, "attempt": this.attempt, "thread": in_main_thread()}


async def who_am_i_async(this: Call) -> dict[str, object]:
    this.log("log", "hello\n")
    return {"key": this.idempotency_key, "attempt": this.attempt, "thread": in_main_thread()}


def in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def change(items: list[int], options: dict[str, int]) -> list[object]:
    items.append(9)
    options["new"] = 1
    return [items, options]


def broken() -> None:
    raise ValueError("no such host")


def silent() -> None:
    raise KeyError


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def unprintable() -> None:
    raise UnprintableError


def verbose() -> None:
    raise ValueError("x" * 10_000)


def leave() -> None:
    raise SystemExit(3)


def stop() -> None:
    raise StopIteration(3)


async def cancel_itself() -> None:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


class OutsideError(BaseException):
    """One that is no Exception."""


def outside() -> None:
    raise OutsideError("of all")


def interrupt() -> None:
    raise KeyboardInterrupt


def let_go() -> None:
    raise GeneratorExit("done")


async def let_go_later() -> None:
    raise GeneratorExit("done")


def log_bytes(call: Call) -> None:
    call.log("log", b"no text")  # type: ignore[arg-type]


async def log_bytes_later(call: Call) -> None:
    call.log("log", b"no text")  # type: ignore[arg-type]


def garbled() -> None:
    raise ValueError("half a \ud83d face")


def refuse() -> None:
    raise ActionFailedError("over quota", code="quota", result={"left": 0})


async def forever() -> None:
    await asyncio.Event().wait()
