"""Those who watch executions, and how they learn that something was written."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Followed:
    """An execution that somebody watches. A waiter is woken when there are more than its events."""

    waiters: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)
    until_settled: list[asyncio.Future[None]] = field(default_factory=list)


class Followers:
    """Who waits for what. Only executions that somebody waits for are in it."""

    def __init__(self) -> None:
        self._followed: dict[str, _Followed] = {}
        self._error: BaseException | None = None

    def executions(self) -> list[str]:
        """Return the executions that somebody waits for."""
        return list(self._followed)

    def tell(self, execution: str, seq: int, *, settled: bool) -> None:
        """Say how many events an execution has, and whether it is settled."""
        followed = self._followed.get(execution)
        if followed is None:
            return
        waiting = [(after, future) for after, future in followed.waiters if after >= seq]
        woken = [future for after, future in followed.waiters if after < seq]
        followed.waiters = waiting
        if settled:
            woken += followed.until_settled
            followed.until_settled = []
        _wake(woken)

    async def moved(self, execution: str, after: int) -> None:
        """Return when an execution is said to have more than `after` events.

        Raises what `fail` was given.
        """
        future = self._future()
        followed = self._followed.setdefault(execution, _Followed())
        followed.waiters.append((after, future))
        await self._wait(execution, future)

    async def settled(self, execution: str) -> None:
        """Return when an execution is said to be settled. Raises what `fail` was given."""
        future = self._future()
        self._followed.setdefault(execution, _Followed()).until_settled.append(future)
        await self._wait(execution, future)

    def fail_one(self, execution: str, error: BaseException) -> None:
        """Raise an error in all who wait for this execution."""
        followed = self._followed.pop(execution, None)
        if followed is not None:
            _raise(error, [future for _, future in followed.waiters] + followed.until_settled)

    def fail(self, error: BaseException) -> None:
        """Raise an error in all who wait, and in all who will."""
        self._error = error
        for execution in self.executions():
            self.fail_one(execution, error)

    def _future(self) -> asyncio.Future[None]:
        if self._error is not None:
            raise self._error
        return asyncio.get_running_loop().create_future()

    async def _wait(self, execution: str, future: asyncio.Future[None]) -> None:
        try:
            await future
        finally:
            followed = self._followed.get(execution)
            if followed is not None:
                followed.waiters = [pair for pair in followed.waiters if pair[1] is not future]
                if future in followed.until_settled:
                    followed.until_settled.remove(future)
                if not followed.waiters and not followed.until_settled:
                    del self._followed[execution]


def _wake(futures: Iterable[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def _raise(error: BaseException, futures: Iterable[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
