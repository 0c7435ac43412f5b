"""The key store as the engine has it: what may be set, and how decisions read it."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest
from tests.runtime.fakes import in_loop, until
from tests.runtime.stage import Stage

from segue.core.errors import InternalError, RequestError
from segue.core.program import Program
from segue.core.state import NEW
from segue.core.status import Status
from segue.core.stimuli import Start
from segue.expressions.errors import FactMissingError
from segue.language import load_workflow
from segue.runtime.desk import facts as facts_module
from segue.runtime.desk.facts import FactSource
from segue.store.memory import MemoryStore
from segue.store.port import KeyRow, StoreError
from segue.values import JsonValue

READING = """
segue: 1
name: reading
vars: {site: "{{ key('site') }}"}
tasks:
  a:
    action: test.a
    input: {host: "{{ key('system.host') }}", site: "{{ ctx.site }}", port: <% st2kv('port') %>}
    next:
      - when: key('go', default=false)
        publish: {seen: "{{ key('system.host') }}"}
        do: b
  b:
    action: test.b
    input: {seen: "{{ ctx.seen }}", spare: "{{ st2kv('spare', default='none') }}"}
"""
MISSING = """
version: 1.0
tasks:
  a: {action: test.a host=<% st2kv('system.nope') %>}
"""


@in_loop
async def test_keys_are_set_read_listed_and_deleted() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    await engine.set_key("system.host", "web-1")
    await engine.set_key("limits", {"cpu": [1, 2]})
    await stage.clock.advance(5)
    await engine.set_key("system.host", "web-2")

    assert await engine.get_key("system.host") == "web-2"
    assert await engine.get_key("limits") == {"cpu": [1, 2]}
    assert await engine.get_key("nobody.set.this") is None
    assert [key.name for key in await engine.list_keys()] == ["limits", "system.host"]
    [host] = await engine.list_keys("system.")
    assert host == KeyRow(name="system.host", value="web-2", updated_at=stage.clock.now())
    assert await engine.delete_key("limits")
    assert not await engine.delete_key("limits")
    assert await engine.get_key("limits") is None
    await stage.stop()


@in_loop
@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "a\x00", "\ud800", "x" * 256])
async def test_a_name_that_can_be_none_is_refused(name: str) -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    for asked in (engine.set_key(name, 1), engine.get_key(name), engine.delete_key(name)):
        with pytest.raises(RequestError) as caught:
            await asked
        assert (caught.value.code, caught.value.field) == ("key_name_invalid", "name")
    assert await engine.list_keys("\ud800") == []
    await stage.stop()


@in_loop
@pytest.mark.parametrize(
    ("value", "words", "hint"),
    [
        (None, "is null", "delete the key instead"),
        (float("nan"), "is not JSON", None),
        ("\ud800", "is not JSON", None),
        ("x" * (16 * 1024 * 1024), "too large", None),
    ],
)
async def test_a_value_that_can_be_none_is_refused(
    value: JsonValue, words: str, hint: str | None
) -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    with pytest.raises(RequestError, match=words) as caught:
        await engine.set_key("a", value)
    assert (caught.value.code, caught.value.hint) == ("key_value_invalid", hint)
    assert await engine.list_keys() == []
    await stage.stop()


@in_loop
async def test_expressions_read_keys_wherever_they_stand() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    given: dict[str, JsonValue] = {"site": {"n": 1}, "system.host": "web-1", "port": 80, "go": True}
    for name, value in given.items():
        await engine.set_key(name, value)
    execution = await engine.start(READING)
    await until(lambda: transport.running)
    assert transport.running[0].input == {"host": "web-1", "site": {"n": 1}, "port": "80"}
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    assert transport.running[0].input == {"seen": "web-1", "spare": "none"}
    transport.end("b#1.1")
    assert (await engine.result(execution)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_key_that_is_set_later_changes_nothing_that_was_decided() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    for name in ("site", "system.host", "port"):
        await engine.set_key(name, "before")
    execution = await engine.start(READING)
    await until(lambda: transport.running)
    await engine.set_key("system.host", "after")
    await engine.set_key("go", value=True)
    await stage.kill(engine)

    other, transport = await stage.engine()
    await other.resume(execution)
    await until(lambda: transport.running)
    assert transport.running[0].input == {"host": "before", "site": "before", "port": "before"}
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    assert transport.running[0].input == {"seen": "after", "spare": "none"}, "that is decided now"
    transport.end("b#1.1")
    await other.result(execution)
    await stage.stop()


@in_loop
async def test_a_key_that_is_not_there_is_an_error_of_the_execution_that_names_it() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    view = await engine.result(await engine.start(MISSING))
    assert view.status is Status.FAILED
    [error] = view.errors
    assert error.code == "expression_failed"
    assert "there is no key 'system.nope' in the key store" in error.message
    await stage.stop()


@in_loop
async def test_trouble_with_the_store_while_a_key_is_read_is_trouble_and_no_answer() -> None:
    class Troubled(MemoryStore):
        troubles = 2

        async def get_keys(self, names: Collection[str]) -> Mapping[str, KeyRow]:
            if self.troubles:
                self.troubles -= 1
                raise StoreError("out of reach")
            return await super().get_keys(names)

    stage = Stage(Troubled())
    engine, transport = await stage.engine()
    for name in ("site", "system.host", "port"):
        await engine.set_key(name, "x")
    with pytest.raises(StoreError, match="out of reach"):
        await engine.start(READING, id="first")
    await stage.clock.advance(1)
    assert await stage.store.get_execution("first") is None, "nothing of it was written"
    with pytest.raises(StoreError, match="out of reach"):
        await engine.start(READING, id="first")
    await stage.clock.advance(10)
    await engine.start(READING, id="first")
    await until(lambda: transport.running)
    transport.end("a#1.1")
    assert (await engine.result("first")).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_decision_sees_the_store_at_one_moment() -> None:
    loaded = load_workflow(READING)
    assert loaded.workflow is not None
    asked: list[tuple[str, ...]] = []

    async def read(names: Collection[str]) -> Mapping[str, KeyRow]:
        asked.append(tuple(names))
        now = f"look {len(asked)}"
        return {name: KeyRow(name=name, value=now, updated_at=0.0) for name in names}

    program = Program.of(loaded.workflow)
    decided = await FactSource().decide(program, NEW, Start(inputs={}), 0.0, read)

    assert asked == [
        ("site",),
        ("site", "system.host"),
        ("site", "system.host", "port"),
    ]
    [started] = [one for one in decided.events if type(one).__name__ == "AttemptStarted"]
    assert getattr(started, "input", None) == {
        "host": "look 3",
        "site": "look 3",
        "port": "look 3",
    }


@in_loop
@pytest.mark.parametrize("kind", ["env", "key", "moon"])
async def test_a_decision_that_asks_for_what_it_has_is_a_bug(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: Any) -> None:
        raise FactMissingError(kind, "x")

    async def read(names: Collection[str]) -> Mapping[str, KeyRow]:
        return {}

    monkeypatch.setattr(facts_module, "decide", ask)
    loaded = load_workflow(READING)
    assert loaded.workflow is not None
    with pytest.raises(InternalError, match=f"needs {kind} 'x'"):
        await FactSource().decide(Program.of(loaded.workflow), NEW, Start(inputs={}), 0.0, read)
