"""What is known of Attune's expressions before they are evaluated."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.expressions import Dialect, Reason, Used, attune_uses, inspect_attune, observed_tasks


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("{{ parameters.url }}", [(Used.PARAMETER, "url", 14)]),
        ("{{ parameters['url'] }}", [(Used.PARAMETER, "url", 3)]),
        ("{{ workflow.a + vars.b }}", [(Used.VARIABLE, "a", 12), (Used.VARIABLE, "b", 21)]),
        ("{{ a }} and {{ b }}", [(Used.VARIABLE, "a", 3), (Used.VARIABLE, "b", 15)]),
        ("{{ task.build.result.id }}", [(Used.TASK, "build", 8)]),
        ("{{ task[a] }}", [(Used.TASK, "", 3), (Used.VARIABLE, "a", 8)]),
        ("{{ length(tasks) }}", [(Used.TASK, "", 10)]),
        ("{{ item.name }}{{ index }}", [(Used.ITEM, "item", 3), (Used.ITEM, "index", 18)]),
        ("{{ result().a }}", [(Used.OUTCOME, "result", 3)]),
        ("{{ result.a }}", [(Used.OUTCOME, "result", 3)]),
        ("{{ not timed_out() }}", [(Used.OUTCOME, "timed_out", 7)]),
        ("{{ keystore.a + config.b + pack.config.c + system.d }}", []),
        ("{{ __attune }}", []),
        ("{{ [a, -b, c ? 1 : 2, d[0], f(x=e)] }}", ["a", "b", "c", "d", "e"]),
        ("{{ parameters[a] }}", [(Used.VARIABLE, "a", 14)]),
        ("{{ broken + }}{{ b }}", [(Used.VARIABLE, "b", 17)]),
        ("<% ctx().a %> {{ never closed", []),
    ],
)
def test_it_is_known_what_an_expression_looks_at(
    text: str, used: list[tuple[Used, str, int]] | list[str]
) -> None:
    found = attune_uses(text)
    if used and isinstance(used[0], str):
        assert [each.name for each in found] == used
        return
    assert [(each.used, each.name, each.start) for each in found] == used
    assert all(text[each.start : each.end] for each in found)


def test_what_an_expression_deals_with_itself_is_optional() -> None:
    found = attune_uses({"a": ["{{ parameters.x | default(parameters.y) }}"]})
    assert [(each.name, each.optional, each.path) for each in found] == [
        ("x", True, ("a", 0)),
        ("y", False, ("a", 0)),
    ]


def test_the_tasks_that_are_asked_for_are_known_unless_any_can_be() -> None:
    assert observed_tasks(["{{ task.a.id }}", "{{ tasks.b }}"], Dialect.ATTUNE) == frozenset("ab")
    assert observed_tasks("{{ task }}", Dialect.ATTUNE) is None


@pytest.mark.parametrize(
    ("text", "message", "start", "reason"),
    [
        ("x {{ 1 + }}", "something is missing at the end", 9, Reason.SYNTAX),
        ("{{ lenght(a) }}", "there is no function 'lenght'; did you", 3, Reason.UNDEFINED),
        ("{{ a | lenght }}", "there is no filter 'lenght'; did you", 7, Reason.UNDEFINED),
        ("{{ length(1, 2) }}", "length() takes 1 argument", 3, Reason.UNDEFINED),
        ("{{ result(1) }}", "result() takes no arguments", 3, Reason.UNDEFINED),
        ("{{ a" + ".b" * 3000 + " }}", "it is nested too deep", 2, Reason.SYNTAX),
        ("{{ '" + "a" * 20_000 + "' }}", "an expression can't be longer", 2, Reason.SYNTAX),
        ("{{ item.a.b | default }}", "the filter 'default' takes 1", 14, Reason.UNDEFINED),
    ],
)
def test_what_is_wrong_is_found_with_its_place(
    text: str, message: str, start: int, reason: Reason
) -> None:
    (found,) = inspect_attune([text])
    assert found.message.startswith(message)
    assert (found.start, found.reason, found.path) == (start, reason, (0,))


def test_all_that_is_wrong_is_found() -> None:
    found = inspect_attune({"a": "{{ f() }} {{ 1 + }}", "b": "{{ g(h()) }}"})
    assert [(each.path, each.name) for each in found] == [
        (("a",), "f"),
        (("a",), None),
        (("b",), "g"),
        (("b",), "h"),
    ]


def test_nothing_is_wrong_with_what_can_be_evaluated() -> None:
    assert inspect_attune(["{{ succeeded() }}", "{{ a | filter(b=1) | default(2) }}", 5]) == ()


_PIECES = st.sampled_from(
    [*"()[].,|?:=+-*/%<>'\" ", "{{", "}}", "a", "1", "not", "and", "in", "task", "result", "true"]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
@settings(max_examples=150)
def test_no_text_makes_looking_at_it_raise(text: str) -> None:
    for each in ("{{ " + text + " }}", text):
        inspect_attune(each)
        attune_uses(each)
