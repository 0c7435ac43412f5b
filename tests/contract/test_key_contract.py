"""The key store of every store: names, values, and what is read back."""

import asyncio

import pytest
from tests.contract.conftest import Backend

from segue.store.port import KeyRow, Store, StoreError
from segue.values import JsonValue


def key(name: str = "system.host", value: JsonValue = "web-1", at: float = 1000.25) -> KeyRow:
    return KeyRow(name=name, value=value, updated_at=at)


async def listed(store: Store, prefix: str = "", limit: int | None = None) -> list[str]:
    return [one.name for one in await store.list_keys(prefix, limit)]


async def test_a_key_is_found_by_its_name(store: Store, other: Store) -> None:
    await store.put_key(key())
    assert await store.get_keys(["system.host"]) == {"system.host": key()}
    assert await other.get_keys(["system.host"]) == {"system.host": key()}, "by others, too"


async def test_keys_that_are_not_there_are_left_out(store: Store) -> None:
    await store.put_key(key("a"))
    await store.put_key(key("b"))
    found = await store.get_keys(["b", "nobody.set.this", "a", "b"])
    assert sorted(found) == ["a", "b"]
    assert await store.get_keys([]) == {}


async def test_a_value_that_is_set_again_is_replaced(store: Store) -> None:
    await store.put_key(key(value="old", at=1.0))
    await store.put_key(key(value=["new"], at=2.0))
    assert await store.list_keys() == [key(value=["new"], at=2.0)]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "plain",
        'quotes " and \\ and \x00',
        "1",
        "naïve 日本 😀",
        0,
        -(2**63),
        2**64 - 1,
        1.5,
        True,
        False,
        [],
        {},
        {"b": [1, {"a": None}], "a": "x", "": 0},
    ],
    ids=repr,
)
async def test_values_come_back_as_they_were(store: Store, value: JsonValue) -> None:
    await store.put_key(key(value=value))
    found = (await store.get_keys(["system.host"]))["system.host"].value
    assert (found, type(found)) == (value, type(value))


async def test_what_a_reader_changes_is_not_in_the_store(store: Store) -> None:
    given: JsonValue = {"list": [1]}
    await store.put_key(key(value=given))
    for _ in range(2):
        found = (await store.list_keys())[0].value
        assert found == {"list": [1]}
        assert isinstance(found, dict)
        found["list"] = "changed"


async def test_keys_are_listed_in_order_of_name(store: Store) -> None:
    for name in ("b", "system.b", "a", "system.a", "system", "ä", "B"):
        await store.put_key(key(name))
    assert await listed(store) == ["B", "a", "b", "system", "system.a", "system.b", "ä"]
    assert await listed(store, limit=2) == ["B", "a"]
    assert await listed(store, "system.") == ["system.a", "system.b"]
    assert await listed(store, "system.", 1) == ["system.a"]
    assert await listed(store, "z") == []


async def test_a_prefix_is_no_pattern(store: Store) -> None:
    for name in ("a_b", "axb", "a%", "A_b"):
        await store.put_key(key(name))
    assert await listed(store, "a_") == ["a_b"]
    assert await listed(store, "a%") == ["a%"]


async def test_a_key_is_deleted_once(store: Store) -> None:
    await store.put_key(key("a"))
    await store.put_key(key("ab"))
    assert await store.delete_key("a")
    assert not await store.delete_key("a"), "it is gone already"
    assert await listed(store) == ["ab"]


async def test_keys_are_there_after_opening_again(backend: Backend) -> None:
    store = await backend.open()
    await store.put_key(key())
    if not backend.durable:
        await store.close()
        return
    await store.close()
    store = await backend.open()
    assert await store.list_keys() == [key()]
    await store.close()


async def test_many_may_write_keys_at_once(store: Store, other: Store) -> None:
    await asyncio.gather(
        *(one.put_key(key(f"{n:02}", n)) for n in range(20) for one in (store, other))
    )
    assert [one.value for one in await other.list_keys()] == list(range(20))


async def test_no_key_is_had_from_a_closed_store(backend: Backend) -> None:
    store = await backend.open()
    await store.close()
    for asked in (
        store.put_key(key()),
        store.get_keys(["a"]),
        store.list_keys(),
        store.delete_key("a"),
    ):
        with pytest.raises(StoreError) as caught:
            await asked
        assert caught.value.code == "store_closed"
