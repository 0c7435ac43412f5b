"""What the tests of expressions share: a scope with a bit of everything, and evaluating in it."""

from segue.expressions import ExpressionError, compile_template
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.values import JsonValue

FACTS = Facts(now=0.5, random=0.25, env={"HOME": "/home/ann", "UNSET": None})

SCOPE = Scope(
    context={
        "name": "web",
        "n": 3,
        "x": 1.5,
        "yes": True,
        "none": None,
        "list": [3, 1, 2],
        "hosts": [{"name": "a", "up": True}, {"name": "b", "up": False}],
        "d": {"a": 1, "items": [1, 2], "deep": {"er": "yes"}},
        "items": ["i"],
        "long": list(range(50_000)),
        "text": "x" * 1_000_000,
        "template": "{{ ctx().n }} <% ctx().n %>",
    },
    facts=FACTS,
    task="probe",
    status="succeeded",
    result={"ok": True, "items": [7], "code": 200},
    tasks={"probe": TaskRecord(status="succeeded", result={"ok": True})},
    item=CurrentItem(value={"host": "a"}, index=4),
    visit=2,
    attempt=5,
)

#: Nothing but facts: no variable, no task, no item.
BARE = Scope(context={}, facts=FACTS)


def value(template: JsonValue, scope: Scope = SCOPE) -> JsonValue:
    """Return what a template evaluates to."""
    return compile_template(template).evaluate(scope)


def error(template: JsonValue, scope: Scope = SCOPE) -> ExpressionError:
    """Return the error that compiling or evaluating a template ends in."""
    try:
        got = value(template, scope)
    except ExpressionError as raised:
        return raised
    raise AssertionError(f"{template!r} is evaluated to {str(got)[:200]}, and should not be")
