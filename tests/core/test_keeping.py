"""Which values leave the log, and what stands in their place."""

import hashlib
import json
from typing import Any, cast

import msgspec
import pytest
from tests.support.conducted import Conducted

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.codec import decode_state, encode_state
from segue.core.decide import Decided, decide
from segue.core.evolve import fold
from segue.core.keeping import Keeper, put_away
from segue.core.program import Program
from segue.core.references import event_with_values, hashes_in
from segue.core.state import NEW
from segue.expressions.scope import Facts
from segue.language import load_workflow
from segue.values import JsonValue, Reference, is_reference, with_values

LIMIT = 100
LONG = "x" * 200
DUST = list(range(100))


def reference(value: JsonValue) -> Any:
    data = msgspec.json.encode(value)
    return Reference(hashlib.sha256(data).hexdigest(), len(data))


def kept(value: JsonValue, *, mappings: bool = True) -> Any:
    keeper = Keeper(LIMIT, mappings=mappings)
    found = keeper.keep(value)
    values = {sha256: msgspec.json.decode(data) for sha256, data in keeper.values.items()}
    assert with_values(found, values) == value, "nothing is lost"
    assert all(len(data) > LIMIT or b"$segue" in data for data in keeper.values.values())
    return found


@pytest.mark.parametrize("value", [None, 1, "short", [1, 2], {"a": {"b": "c"}}, "x" * 98], ids=repr)
def test_what_is_small_stays_as_it_is(value: JsonValue) -> None:
    assert kept(value) is value


def test_a_long_text_is_put_away() -> None:
    assert kept(LONG) == reference(LONG)


def test_of_a_mapping_only_what_is_big_is_put_away() -> None:
    found = kept({"code": 0, "stdout": LONG, "more": [LONG, "short"]})
    assert found == {"code": 0, "stdout": reference(LONG), "more": [reference(LONG), "short"]}


@pytest.mark.parametrize("value", [DUST, {str(one): one for one in range(30)}], ids=["list", "map"])
def test_what_is_big_by_many_small_parts_is_put_away_whole(value: JsonValue) -> None:
    assert kept(value) == reference(value)
    assert kept({"a": value, "b": 1}) == {"a": reference(value), "b": 1}


def test_mappings_that_are_merged_stay_mappings() -> None:
    dust = {str(one): one for one in range(30)}
    assert kept(dust, mappings=False) == dust
    assert kept({**dust, "deep": {"text": LONG, "list": DUST}}, mappings=False) == {
        **dust,
        "deep": {"text": reference(LONG), "list": reference(DUST)},
    }


def test_what_is_a_reference_already_stays_one_and_is_never_put_away_with_others() -> None:
    known = reference(LONG)
    assert kept(known) is known
    assert kept([known]) == [known]
    many = [known, *DUST]
    assert kept(many) == many


def test_somebodys_own_mapping_that_looks_like_a_reference_is_not_taken_for_one() -> None:
    own: JsonValue = {"$segue": "value", "sha256": "abc", "size": 3}
    assert kept(own) == reference(own)
    assert kept({"a": [own]}) == {"a": [reference(own)]}
    assert kept({"$segue": "mine"}) == {"$segue": "mine"}, "it looks like none"


def succeeded(result: JsonValue, *, refers: bool = False) -> s.AttemptEnded:
    outcome = s.Succeeded(result=result)
    return s.AttemptEnded(task="a", visit=1, attempt=1, outcome=outcome, refers=refers)


def steps(
    text: str, *stimuli: s.Stimulus, values: dict[str, JsonValue] | None = None, fetched: int = 0
) -> tuple[list[e.AnyEvent], dict[str, JsonValue]]:
    """Decide one after the other, putting away what is big; check that all of it fits together."""
    loaded = load_workflow(text)
    assert loaded.workflow is not None, loaded.findings
    program, state = Program.of(loaded.workflow), NEW
    events: list[e.AnyEvent] = []
    known = values if values is not None else {}
    for stimulus in (s.Start(inputs={}), *stimuli):
        facts = Facts(now=0.0, values=known, fetched=fetched)
        found = put_away(state, decide(program, state, stimulus, facts), LIMIT)
        assert fold(state, found.events) == found.state
        assert [e.decode(e.encode(one)) for one in found.events] == list(found.events)
        if not found.state.settled:
            assert decode_state(encode_state(found.state)) == found.state
        known.update((name, msgspec.json.decode(data)) for name, data in found.values.items())
        referred = {name for one in found.events for name in one.refers}
        assert referred == {name for one in found.events for name in hashes_in(one)}
        assert set(found.values) <= referred
        events += found.events
        state = found.state
    return events, known


HANDING_ON = """
segue: 1
name: handing on
vars: {own: "{{ 'y' * 200 }}"}
tasks:
  a:
    action: core.echo
    next:
      - when: "{{ result().code == 0 }}"
        publish: {text: "{{ result().text }}", first: "{{ result().text[0:3] }}"}
        do: b
  b:
    action: core.echo
    input: {message: "<% ctx().text %>", whole: "{{ ctx('own') }}"}
    next:
      - publish: {len: "<% ctx().text.len() %>"}
output:
  text: "{{ ctx().text }}"
  len: "{{ ctx().len }}"
"""


def test_values_are_handed_on_by_reference_and_followed_where_expressions_look() -> None:
    long = reference(LONG)
    done = s.AttemptEnded(task="b", visit=1, attempt=1, outcome=s.Succeeded())
    result = cast("JsonValue", {"code": 0, "text": long})
    events, known = steps(
        HANDING_ON, succeeded(result, refers=True), done, values={long.sha256: LONG}, fetched=200
    )
    started = next(one for one in events if isinstance(one, e.ExecutionStarted))
    own = started.context["own"]
    assert is_reference(own)
    assert with_values(own, known) == "y" * 200
    taken = next(one for one in events if isinstance(one, e.TransitionTaken))
    assert taken.published == {"text": long, "first": "xxx"}
    assert taken.refers == (long.sha256,)
    begun = [one for one in events if isinstance(one, e.AttemptStarted)][1]
    assert begun.input == {"message": long, "whole": own}
    settled = events[-1]
    assert isinstance(settled, e.ExecutionSettled)
    assert settled.output == {"text": long, "len": 200}


def test_what_is_only_beside_the_log_is_asked_for() -> None:
    long = reference(LONG)
    with pytest.raises(Exception, match="the decision needs value") as caught:
        steps(HANDING_ON, succeeded(cast("JsonValue", {"code": 0, "text": long}), refers=True))
    assert getattr(caught.value, "name", None) == long.sha256


INPUT = """
segue: 1
name: input
vars: {given: GIVEN}
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.echo, input: "{{ ctx().given }}"}
"""


def test_an_input_that_is_one_expression_has_its_names_all_the_same() -> None:
    given = {f"m{number}": number for number in range(30)}
    events, _ = steps(INPUT.replace("GIVEN", json.dumps(given)), succeeded(None))
    started = next(one for one in events if isinstance(one, e.ExecutionStarted))
    assert started.context == {"given": reference(given)}
    _, begun = [one for one in events if isinstance(one, e.AttemptStarted)]
    assert begun.input == given


ITEMS = """
segue: 1
name: items
vars: {list: LIST}
tasks:
  a: {with: "{{ ctx().list }}", action: core.echo, input: {message: "{{ item() }}"}}
"""


def test_each_item_is_put_away_by_itself() -> None:
    events, known = steps(ITEMS.replace("LIST", json.dumps([LONG, "short"])))
    begun = next(one for one in events if isinstance(one, e.ItemsStarted))
    assert begun.items == (reference(LONG), "short")
    (first, _) = [one for one in events if isinstance(one, e.ItemStarted)]
    assert first.input == {"message": reference(LONG)}
    assert event_with_values(begun, known).items == (LONG, "short")


ASKS = """
segue: 1
name: asks
tasks:
  a: {action: core.ask, input: {message: "MESSAGE"}}
"""


def test_what_people_are_asked_stays_at_hand() -> None:
    events, known = steps(ASKS.replace("MESSAGE", LONG))
    begun = next(one for one in events if isinstance(one, e.AttemptStarted))
    assert begun.asks
    assert begun.input == {"message": LONG}
    assert not known


def test_a_decision_without_big_values_is_what_it_was() -> None:
    loaded = load_workflow(ASKS)
    assert loaded.workflow is not None
    decided = decide(Program.of(loaded.workflow), NEW, s.Start(inputs={}), Facts(now=0.0))
    found = put_away(NEW, decided, LIMIT)
    assert found.events is decided.events
    assert found.state is decided.state


def test_an_output_that_there_is_none_of_is_put_away_as_it_is() -> None:
    settled = e.ExecutionSettled(
        failures=(e.Failure(code="expression_failed", message=LONG),),
    )
    before = Conducted(ASKS).state
    found = put_away(before, Decided((settled,), before), LIMIT)
    assert found.events == (settled,)


def test_a_rerun_keeps_what_its_state_refers_to() -> None:
    long = reference(LONG)
    events, _ = steps(
        HANDING_ON,
        succeeded(cast("JsonValue", {"code": 0, "text": long}), refers=True),
        values={long.sha256: LONG},
        fetched=200,
    )
    state = fold(NEW, events)
    assert state.refers
    data = json.loads(encode_state(state))
    assert long.sha256 in data["refers"]
    assert decode_state(encode_state(state)) == state
