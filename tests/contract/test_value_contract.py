"""Big values in every store: kept once, found by their hash, gone with the last that refers."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest
from tests.contract.changes import change

from segue.core.errors import InternalError
from segue.core.events import AttemptSucceeded, Recorded
from segue.store.port import BigValue, Change, Committed, Conflict, Store
from segue.values import JsonValue, Reference


def value(text: str = "big") -> BigValue:
    data = f'"{text}"'.encode()
    return BigValue(sha256=hashlib.sha256(data).hexdigest(), data=data)


def referring(
    execution: str, values: Sequence[BigValue], *, after: int = 0, settled: bool = False
) -> Change:
    """A change with one event that refers to the values."""
    plain = change(execution, after=after, settled=settled)
    event = AttemptSucceeded(
        task="poll",
        visit=1,
        attempt=1,
        result=cast("JsonValue", [Reference(one.sha256, len(one.data)) for one in values]),
        refers=tuple(one.sha256 for one in values),
    )
    return replace(
        plain, events=[Recorded(seq=after + 1, at=1000.5, event=event)], values=tuple(values)
    )


async def test_a_value_is_there_once_the_event_that_refers_to_it_is(
    store: Store, other: Store
) -> None:
    one = value()
    assert await store.read_value(one.sha256) is None
    change = referring("x", [one])
    assert await store.commit([change]) == [Committed()]
    assert await store.read_value(one.sha256) == one.data
    assert await other.read_value(one.sha256) == one.data, "by others, too"
    assert await other.read_events("x") == change.events, "with the reference as it was"


async def test_a_value_that_is_kept_already_is_kept_once(store: Store) -> None:
    one = value()
    changes = [referring("x", [one]), referring("y", [one]), referring("x", [one], after=1)]
    assert await store.commit(changes) == [Committed()] * 3
    assert await store.read_value(one.sha256) == one.data
    assert not [one for one in (await store.check_health()).problems if "value" in one]


async def test_what_is_kept_already_need_not_be_given_again(store: Store) -> None:
    one = value()
    await store.commit([referring("x", [one])])
    again = replace(referring("y", [one]), values=())
    assert await store.commit([again]) == [Committed()]


async def test_a_reference_to_what_is_not_kept_is_a_bug(store: Store) -> None:
    lost = replace(referring("x", [value()]), values=())
    with pytest.raises(InternalError):
        await store.commit([change("y"), lost])
    assert await store.get_execution("y") is None, "nothing of the group was written"


async def test_a_refused_change_keeps_no_value(store: Store) -> None:
    await store.commit([change("x")])
    one = value()
    assert await store.commit([referring("x", [one])]) == [Conflict(1)]
    assert await store.read_value(one.sha256) is None


async def test_a_value_goes_with_the_last_that_refers_to_it(store: Store) -> None:
    shared, own = value("shared"), value("own")
    await store.commit(
        [referring("x", [shared, own], settled=True), referring("y", [shared])],
    )
    assert await store.prune(["x"], 5000.0) == ["x"]
    assert await store.read_value(own.sha256) is None
    assert await store.read_value(shared.sha256) == shared.data, "y refers to it"
    await store.commit([change("y", after=1, settled=True)])
    assert await store.prune(["y"], 5000.0) == ["y"]
    assert await store.read_value(shared.sha256) is None


async def test_a_value_of_several_megabytes_comes_back_whole(store: Store) -> None:
    one = value("x" * 5_000_000)
    await store.commit([referring("x", [one])])
    assert await store.read_value(one.sha256) == one.data
