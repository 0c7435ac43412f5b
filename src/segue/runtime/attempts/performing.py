"""Running the action of an attempt, with what its input refers to."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from segue.actions.port import Call
from segue.actions.registry import Registry
from segue.actions.running import run_action
from segue.core.stimuli import Failed, Outcome
from segue.runtime.attempts.room import Room
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.values import ValuesTooLargeError
from segue.store.port import StoreError, UnreadableError
from segue.values import JsonObject, references_in

_log = logging.getLogger(__name__)

#: After trouble with the store we try again when so many seconds have passed.
TROUBLE_SECONDS = 1.0


class Performer:
    """Runs actions by their names, in this process."""

    def __init__(self, desk: Desk, registry: Registry, room: Room | None = None) -> None:
        self._desk = desk
        self._registry = registry
        self._room = room or Room(desk.clock)

    async def perform(self, action: str, call: Call) -> Outcome:
        """Run an action, once there is room for its input and for what may come of it."""
        sizes = {one.sha256: one.size for one in references_in(call.input)}
        share = await self._room.enter(action, sum(sizes.values()))
        try:
            await self._desk.inbox.wait_for_room()
            outcome = await self._perform(action, call)
            self._room.note(share, outcome.result)
        finally:
            self._room.leave(share)
        return outcome

    async def _perform(self, action: str, call: Call) -> Outcome:
        try:
            given = await whole_input(self._desk, call.input)
        except ValuesTooLargeError as error:
            return input_too_large(action, error)
        most = self._desk.inbox.limits.largest
        return await run_action(self._registry, action, replace(call, input=given), most=most)


async def whole_input(desk: Desk, given: JsonObject) -> JsonObject:
    """Return an input with what its references stand for; the store may take its time.

    Raises `ValuesTooLargeError`, and `UnreadableError` for what no waiting brings back.
    """
    while True:
        try:
            whole = await desk.values.follow(given)
        except UnreadableError:
            raise
        except StoreError as error:
            _log.warning("an input can't be read: %s; trying again", error)
            await desk.clock.sleep(TROUBLE_SECONDS)
        else:
            assert isinstance(whole, Mapping), "what is in it changes, not what it is"
            return whole


def input_too_large(action: str, error: ValuesTooLargeError) -> Failed:
    """Return the outcome of an attempt whose input does not fit into the memory."""
    return Failed(code="input_too_large", message=f"{action}: the input is too large: {error}")
