"""Big values in a running engine: kept once, handed on by reference, never too large."""

import asyncio
import hashlib
from collections.abc import Mapping

import msgspec
import pytest
from tests.runtime.fakes import FakeClock, in_loop, settle, until

from segue.actions.registry import Registry
from segue.core.events import Recorded
from segue.core.status import Status
from segue.core.stimuli import AttemptEnded, Canceled, Failed, Succeeded
from segue.core.view import ExecutionView
from segue.expressions.limits import MAX_FETCHED
from segue.runtime.attempts.performing import TROUBLE_SECONDS
from segue.runtime.config import Config
from segue.runtime.desk.inbox import BATCH_BYTES, ROOM_BYTES, Entry, Inbox
from segue.runtime.desk.intake import Limits, take_in
from segue.runtime.desk.values import Values, ValuesTooLargeError
from segue.runtime.engine import Engine
from segue.runtime.parts import Parts
from segue.store.memory import MemoryStore
from segue.store.port import StoreError, UnreadableError
from segue.values import JsonValue, Reference, is_reference

CONFIG = Config(db=":memory:", inline_value_bytes=1024, max_result_bytes=100_000)

FLOW = """
segue: 1
name: big
input: {n: {type: integer, default: 5000}}
tasks:
  make:
    action: tests.runtime.big_functions:make
    input: {n: "{{ ctx.n }}"}
    next:
      - when: "{{ failed() }}"
        publish: {failed: "{{ result() == none }}"}
        do: end
      - publish: {text: "{{ result().text }}", all: "{{ result() }}"}
        do: use
  use:
    action: tests.runtime.big_functions:size
    input: {text: "{{ ctx.text }}"}
    next:
      - publish: {size: "{{ result() }}", again: "{{ ctx.all.text|length }}"}
        do: end
  end: {action: core.noop}
output:
  text: "{{ ctx.text|default(none) }}"
  size: "{{ ctx.size|default(none) }}"
  again: "{{ ctx.again|default(none) }}"
"""


async def ran(
    text: str,
    inputs: Mapping[str, JsonValue] | None = None,
    *,
    store: MemoryStore | None = None,
    config: Config = CONFIG,
) -> tuple[ExecutionView, list[Recorded], MemoryStore]:
    store = store or MemoryStore()
    async with Engine(config=config, registry=Registry(), parts=Parts(store=store)) as engine:
        execution = await engine.start(text, inputs)
        view = await engine.result(execution)
        verified = await engine.verify(execution)
        assert verified.violations == ()
    return view, list(await store.read_events(execution)), store


@in_loop
async def test_a_big_result_is_kept_once_and_everybody_has_it() -> None:
    view, events, store = await ran(FLOW)
    assert view.status is Status.SUCCEEDED
    assert view.output == {"text": "x" * 5000, "size": 5000, "again": 5000}
    hashes = {sha256 for one in events for sha256 in one.event.refers}
    assert len(hashes) == 1, "the same value wherever it stands"
    assert await store.read_value(hashes.pop()) == msgspec.json.encode("x" * 5000)
    assert max(len(msgspec.json.encode(one)) for one in events) < 1000


@in_loop
async def test_a_result_that_is_too_large_fails_its_task_like_any_failure() -> None:
    view, events, _ = await ran(FLOW, {"n": 200_000})
    assert view.status is Status.SUCCEEDED, "a transition has dealt with it"
    [error] = view.errors
    assert error.code == "result_too_large"
    assert "0.2 MiB of JSON, more than the 0.0954 MiB" in error.message
    assert not any(one.event.refers for one in events)


@in_loop
async def test_what_a_value_stands_for_can_be_had_by_its_hash() -> None:
    _, events, store = await ran(FLOW)
    async with Engine(config=CONFIG, parts=Parts(store=store)) as engine:
        execution = (await engine.list())[0].id
        told = [one async for one in engine.events(execution, follow=False)]
        made = next(one for one in told if one.event.refers)
        [sha256] = made.event.refers
        assert await engine.value(sha256) == "x" * 5000
        whole = await engine.whole(made)
        assert getattr(whole.event, "result", None) == {"text": "x" * 5000, "n": 5000}
        plain = events[0]
        assert await engine.whole(plain) is plain


@in_loop
async def test_a_value_that_is_damaged_is_noticed() -> None:
    store = MemoryStore()
    sha256 = hashlib.sha256(b'"a"').hexdigest()
    values = Values(store)
    with pytest.raises(UnreadableError, match="is not in the store"):
        await values.read(sha256)
    store._values[sha256] = b'"b"'
    with pytest.raises(UnreadableError, match="its hash is another one"):
        await values.read(sha256)


def put(store: MemoryStore, value: JsonValue) -> Reference:
    data = msgspec.json.encode(value)
    sha256 = hashlib.sha256(data).hexdigest()
    store._values[sha256] = data
    return Reference(sha256, len(data))


@in_loop
async def test_what_was_read_stays_in_memory_up_to_a_size() -> None:
    store = MemoryStore()
    values = Values(store, cached_bytes=10)
    short, other, long = put(store, "abcd"), put(store, "efgh"), put(store, "x" * 20)
    assert await values.read(short.sha256) == ("abcd", 6)
    store._values.pop(short.sha256)
    assert await values.read(short.sha256) == ("abcd", 6), "it is remembered"
    assert await values.read(long.sha256) == ("x" * 20, 22)
    assert await values.read(short.sha256) == ("abcd", 6), "what is too big takes no room"
    await values.read(other.sha256)
    with pytest.raises(UnreadableError):
        await values.read(short.sha256)


@in_loop
async def test_what_many_read_at_the_same_time_counts_once_for_the_size() -> None:
    data = {letter: msgspec.json.encode(letter * 40) for letter in "ab"}
    hashes = {letter: hashlib.sha256(data[letter]).hexdigest() for letter in data}
    reads: list[str] = []

    class Slow(MemoryStore):
        async def read_value(self, sha256: str) -> bytes | None:
            reads.append(sha256)
            await asyncio.sleep(0)
            return next(data[letter] for letter in data if hashes[letter] == sha256)

    values = Values(Slow(), cached_bytes=100)
    await asyncio.gather(*(values.read(hashes["a"]) for _ in range(10)))
    await values.read(hashes["b"])
    reads.clear()
    assert await values.read(hashes["a"]) == ("a" * 40, 42)
    assert await values.read(hashes["b"]) == ("b" * 40, 42)
    assert reads == [], "both are smaller than what is kept in memory"


@in_loop
async def test_more_than_the_memory_is_to_hold_is_not_read() -> None:
    huge: JsonValue = [Reference("a", MAX_FETCHED), Reference("b", 1)]  # type: ignore[list-item]
    with pytest.raises(ValuesTooLargeError, match="128 MiB, at most 128 MiB"):
        await Values(MemoryStore()).follow(huge)


def ended(result: JsonValue, *, failed: bool = False) -> AttemptEnded:
    outcome = (
        Failed(message="no", code="bad", result=result) if failed else Succeeded(result=result)
    )
    return AttemptEnded(task="a", visit=1, attempt=1, outcome=outcome)


LIMITS = Limits(inline=100, largest=1000)


def test_a_small_result_comes_in_as_it_is() -> None:
    stimulus = ended({"a": 1})
    assert take_in(stimulus, LIMITS).stimulus is stimulus
    nothing = AttemptEnded(task="a", visit=1, attempt=1, outcome=Canceled())
    assert take_in(nothing, LIMITS).stimulus is nothing


def test_a_big_result_comes_in_as_a_reference() -> None:
    taken = take_in(ended({"text": "x" * 200, "n": 1}), LIMITS)
    result = taken.stimulus.outcome.result
    assert isinstance(result, dict)
    assert is_reference(result["text"])
    assert taken.stimulus.refers
    assert list(taken.values.values()) == [b'"' + b"x" * 200 + b'"']


def test_a_failure_whose_result_is_too_large_stays_the_failure_that_it_is() -> None:
    outcome = take_in(ended("x" * 2000, failed=True), LIMITS).stimulus.outcome
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.result) == ("bad", None)
    assert outcome.message.startswith("no (the result is 0.0 MiB of JSON, more than the ")
    assert outcome.message.endswith("; it is dropped)")


def test_what_a_result_refers_to_counts_for_its_size() -> None:
    known: JsonValue = [Reference("a", 500), Reference("b", 600)]  # type: ignore[list-item]
    taken = take_in(ended(known), LIMITS)
    assert isinstance(taken.stimulus.outcome, Failed)
    taken = take_in(ended(known), Limits(inline=1000, largest=5000))
    assert taken.stimulus.refers
    assert not taken.values


def test_what_is_no_json_is_left_to_whoever_writes_it() -> None:
    stimulus = ended("\ud800")
    assert take_in(stimulus, LIMITS).stimulus is stimulus


@in_loop
async def test_while_many_big_results_wait_nothing_new_begins_and_batches_are_small() -> None:
    inbox = Inbox(Limits(inline=100, largest=2**30))
    size = BATCH_BYTES // 2
    await inbox.wait_for_room()
    for _ in range(ROOM_BYTES // size):
        inbox.put(Entry(execution="x", stimulus=ended("x" * size)))
    waits = asyncio.create_task(inbox.wait_for_room())
    await settle()
    assert not waits.done()
    taken = inbox.take(100)
    assert len(taken) == 1, "the second would have been a little too much"
    await waits
    inbox.put_back(taken)
    waits = asyncio.create_task(inbox.wait_for_room())
    await settle()
    assert not waits.done()
    waits.cancel()
    assert len(inbox) == 4


@in_loop
async def test_an_input_that_refers_to_too_much_fails_its_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("segue.runtime.desk.values.MAX_FETCHED", 4000)
    view, _, _ = await ran(FLOW)
    [error] = view.errors
    assert (error.task, error.code) == ("use", "input_too_large")
    assert error.message.endswith(
        "big_functions:size: the input is too large: 0 MiB, at most 0 MiB"
    )


@in_loop
async def test_an_action_waits_for_a_store_that_can_not_read_its_input_now() -> None:
    class Troubled(MemoryStore):
        read = 0

        async def read_value(self, sha256: str) -> bytes | None:
            self.read += 1
            if self.read == 1:
                raise StoreError("the disk is slow")
            return await super().read_value(sha256)

    store, clock = Troubled(), FakeClock()
    parts = Parts(store=store, clock=clock)
    async with Engine(config=CONFIG, registry=Registry(), parts=parts) as engine:
        execution = await engine.start(FLOW)
        await until(lambda: store.read == 1)
        await settle()
        assert store.read == 1, "not before some time has passed"
        await clock.advance(TROUBLE_SECONDS)
        view = await engine.result(execution)
    assert view.status is Status.SUCCEEDED
    assert [task.attempts for task in view.tasks] == [1, 1, 1]


ASKED = """
segue: 1
tasks:
  make:
    action: tests.runtime.big_functions:make
    input: {n: 5000}
    next: [{publish: {text: "{{ result().text }}"}, do: [one, each]}]
  one: {action: core.ask, input: {message: "{{ ctx.text }}"}}
  each: {with: ["{{ ctx.text }}"], action: core.ask, input: {message: "{{ item() }}"}}
"""


@in_loop
async def test_people_are_asked_with_the_whole_of_a_big_value() -> None:
    async with Engine(config=CONFIG, registry=Registry()) as engine:
        execution = await engine.start(ASKED)
        await engine.wait_until(execution, lambda view: view.status is Status.PENDING)
        questions = await engine.inbox(execution)
        assert [one.message for one in questions] == ["x" * 5000] * 2
        assert (await engine.verify(execution)).violations == ()


UNUSABLE = """
segue: 1
tasks:
  make:
    action: tests.runtime.big_functions:make
    input: {n: 5000}
    next: [{publish: {text: "{{ result().text }}"}, do: use}]
  use: {USE}
"""


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ('with: "{{ ctx.text }}", action: core.noop', "the items must be a list, not 'xxx"),
        ('action: "{{ ctx.text }}"', "an action must be a name, not 'xxx"),
        ('action: core.echo, input: "{{ ctx.text }}"', "the input must be a mapping, not 'xxx"),
        ('action: core.noop, timeout: "{{ ctx.text }}"', "the timeout must be a duration, not "),
    ],
)
@in_loop
async def test_what_cannot_be_used_is_not_told_in_full(use: str, said: str) -> None:
    view, events, _ = await ran(UNUSABLE.replace("USE", use))
    assert view.status is Status.FAILED
    assert view.errors[0].message.startswith(said)
    assert max(len(msgspec.json.encode(one)) for one in events) < 1000


def test_what_an_action_says_of_its_failure_is_kept_up_to_a_length() -> None:
    stimulus = AttemptEnded(task="a", visit=1, attempt=1, outcome=Failed(message="x" * 2**20))
    outcome = take_in(stimulus, LIMITS).stimulus.outcome
    assert isinstance(outcome, Failed)
    assert outcome.message == "x" * 9999 + "…"
