"""Results are JSON of a reasonable size, or the attempt says what is wrong with them."""

import asyncio
import collections
import enum
import math
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from types import MappingProxyType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.stage import Stage

from segue.actions import payload
from segue.actions.payload import MAX_DEPTH, NotJsonError, plain, to_payload, to_text
from segue.actions.port import Call
from segue.actions.running import describe
from segue.core.stimuli import Canceled, Failed, Outcome, Succeeded, TimedOut
from segue.values import JsonObject, JsonValue


class Gives:
    """An action that ends in the way it is told to."""

    name = "test.gives"
    parameters: JsonObject = {"type": "object"}  # noqa: RUF012

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    async def run(self, call: Call) -> Outcome:
        return self._outcome


def outcome_of(outcome: Outcome) -> Outcome:
    stage = Stage()
    stage.registry.register(Gives(outcome))
    return asyncio.run(stage.run("test.gives"))


def returning(value: object) -> Outcome:
    return outcome_of(Succeeded(result=value))  # type: ignore[arg-type]


@dataclass
class Point:
    x: object
    y: object = 0


class Record(msgspec.Struct):
    value: object


class Colour(enum.Enum):
    RED = "red"


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Fraction(float):
    pass


class Unknown:
    pass


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(json_values)
def test_json_stays_what_it_is(value: JsonValue) -> None:
    assert to_payload(value) == value
    assert repr(to_payload(value)) == repr(value)
    assert plain(value) == value


def test_result_shares_nothing_with_what_the_action_keeps() -> None:
    kept: list[JsonValue] = [[1]]
    outcome = returning(kept)
    kept.append(2)
    assert outcome == Succeeded(result=[[1]])


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (Point(1, Point([2])), {"x": 1, "y": {"x": [2], "y": 0}}),
        (Record(value=(1, 2)), {"value": [1, 2]}),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
        (PurePosixPath("/etc/hosts"), "/etc/hosts"),
        (Colour.RED, "red"),
        (b"\xff\x00", "/wA="),
        ({1}, [1]),
        ((1, (2,)), [1, [2]]),
        (range(3), [0, 1, 2]),
        (collections.deque([1]), [1]),
        (MappingProxyType({"a": MappingProxyType({})}), {"a": {}}),
        ({1: "one", 2.5: "more"}, {"1": "one", "2.5": "more"}),
        ([Text("a"), Number(1), Fraction(1.5)], ["a", 1, 1.5]),
        (2**70, 2**70),
        (None, None),
    ],
)
def test_values_of_python_have_a_json_form(value: object, result: JsonValue) -> None:
    assert returning(value) == Succeeded(result=result)


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Unknown(), "$ is a `Unknown`: it has no JSON form"),
        ({"a": [1, 2, 3, Unknown()]}, "$.a[3] is a `Unknown`: it has no JSON form"),
        ({"a b": {"c": len}}, "$['a b'].c is a `builtin_function_or_method`: it has no JSON form"),
        (Point(1, Unknown()), "$.y is a `Unknown`: it has no JSON form"),
        (Record(value=[object()]), "$.value[0] is a `object`: it has no JSON form"),
        ([None, math.nan], "$[1] is nan: JSON has finite numbers only"),
        ({"a": {"b": math.inf}}, "$.a.b is inf: JSON has finite numbers only"),
        (-math.inf, "$ is -inf: JSON has finite numbers only"),
        ({"a": {None: 1}}, "$.a has the key None: keys are text"),
        ({(1, 2): 1}, "$ has the key (1, 2): keys are text"),
        (["ok", "\ud800"], "$[1] has a lone surrogate: it is not valid text"),
        ({"\ud800": 1}, "$ has a lone surrogate: it is not valid text"),
    ],
)
def test_what_has_no_json_form_is_named_with_its_place(value: object, reason: str) -> None:
    assert returning(value) == Failed(
        code="result_not_json", message=f"the result is not JSON: {reason}"
    )


def test_result_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    outcome = returning(value)
    assert isinstance(outcome, Failed)
    assert outcome.code == "result_not_json"
    assert outcome.message.endswith("… is nested deeper than 200 levels, or contains itself")


def test_depth_of_a_result_is_limited() -> None:
    assert isinstance(returning(nested(MAX_DEPTH)), Succeeded)
    assert isinstance(returning(nested(MAX_DEPTH + 1)), Failed)
    assert isinstance(returning([[]] * 1000), Succeeded)  # wide is not deep


def test_size_of_a_result_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "MAX_RESULT", 2 * 2**20)
    assert isinstance(returning("x" * (2 * 2**20 - 2)), Succeeded)
    assert returning("x" * (2 * 2**20 - 1)) == Failed(
        code="result_too_large",
        message="the result is 2.0 MiB of JSON, more than the 2 MiB that a result may have",
    )


def test_failure_keeps_its_reason_when_its_result_is_dropped() -> None:
    assert outcome_of(Failed(message="no disk", code="disk", result=math.nan)) == Failed(
        code="disk",
        message="no disk (the result is not JSON: $ is nan: JSON has finite numbers only; "
        "it is dropped)",
    )


@pytest.mark.parametrize(
    "outcome",
    [
        Failed(message="m", code="c", result={"a": 1}),
        Canceled(result=[1]),
        TimedOut(seconds=1.5, result=[1]),
    ],
)
def test_other_outcomes_pass(outcome: Outcome) -> None:
    assert outcome_of(outcome) == outcome


def test_value_without_a_place_is_explained_all_the_same() -> None:
    class Sly(dict[str, int]):
        """Looks harmless to whoever looks for the reason."""

    with pytest.raises(NotJsonError):
        to_payload({"a": Sly(), "b": Unknown()})


def test_scalars_as_text_are_spelled_as_in_json() -> None:
    assert [to_text(value) for value in ("a", 1, 1.5, True, None)] == [
        "a",
        "1",
        "1.5",
        "true",
        "null",
    ]


def test_exception_is_described_by_its_class_and_words() -> None:
    assert describe(ExceptionGroup("several", [ValueError("x")])) == (
        "ExceptionGroup: several (1 sub-exception)"
    )
