"""Inputs are checked by name before anything runs."""

import pytest
from tests.language.found import native, orquesta, workflow_of

from segue.language import InputFault, check_inputs
from segue.language.durations import parse_duration
from segue.language.suggestions import closest, did_you_mean
from segue.values import JsonObject

DECLARED = workflow_of(
    native(
        """\
        input:
          url: {type: string, format: uri}
          attempts: {type: integer, default: 30, minimum: 1}
          hosts: {type: array, items: {type: string}, default: []}
          any:
        tasks: {a: {}}
        """
    )
)


def test_inputs_that_fit_have_no_problems() -> None:
    assert check_inputs(DECLARED, {"url": "http://x.example/", "any": None, "attempts": 3}) == ()


def test_every_problem_names_its_field() -> None:
    inputs: JsonObject = {"url": "not a uri", "attempts": 0, "hosts": ["a", 5], "atempts": 3}
    problems = check_inputs(DECLARED, inputs)
    assert [(each.name, each.fault) for each in problems] == [
        ("url", InputFault.WRONG),
        ("attempts", InputFault.WRONG),
        ("hosts", InputFault.WRONG),
        ("any", InputFault.MISSING),
        ("atempts", InputFault.UNKNOWN),
    ]
    assert problems[-1].hint == "did you mean `attempts`?"
    assert "[1]: 5 is not of type" in problems[2].message


def test_a_name_that_is_near_nothing_is_answered_with_what_there_is() -> None:
    (problem,) = check_inputs(
        workflow_of(native("input: {a: , b: {default: 1}}\ntasks: {t: {}}\n")),
        {"a": 1, "qqqqq": 1},
    )
    assert problem.hint == "its inputs are `a`, `b`"
    (problem,) = check_inputs(workflow_of(native("tasks: {t: {}}\n")), {"qqqqq": 1})
    assert problem.hint == "it takes none"


def test_nothing_is_required_of_an_orquesta_file() -> None:
    workflow = workflow_of(orquesta("input: [a, {b: 1}]\ntasks: {t: {action: x}}\n"))
    assert check_inputs(workflow, {}) == ()


def test_long_values_are_not_repeated_in_full() -> None:
    problems = check_inputs(DECLARED, {"url": "http://x.example/", "any": 1, "attempts": "x" * 999})
    assert len(problems[0].message) < 300


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1ms", 0.001),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1h 30m", 5400.0),
        ("1d", 86400.0),
        (" 5s ", 5.0),
        ("", None),
        ("5", None),
        ("5 minutes", None),
        ("s", None),
        ("-5s", None),
        ("5S", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("notfy", ("notify", "build"), "notify"),
        ("Notify", ("notify",), "notify"),
        ("max-delay", ("max_delay",), "max_delay"),
        ("input", ("inputs",), "inputs"),
        ("zzz", ("notify",), None),
        ("x", (), None),
    ],
)
def test_the_nearest_known_word_is_found(
    word: str, known: tuple[str, ...], meant: str | None
) -> None:
    assert closest(word, known) == meant
    assert did_you_mean(word, known) == (f"did you mean `{meant}`?" if meant else None)
