"""Rendering what is handed off: the action and its input, or the list of items."""

from collections.abc import Mapping
from typing import NamedTuple

from segue.core.decision import Decision
from segue.core.evaluation import (
    evaluate,
    evaluate_count,
    evaluate_seconds,
    evaluate_to_hand_on,
    shown,
    unusable,
)
from segue.core.events import AttemptStarted, ItemsStarted, ItemStarted
from segue.core.program import Compiled, TaskProgram, WithItemsProgram
from segue.core.scoping import scope_of
from segue.core.state import TaskExecution
from segue.expressions.scope import CurrentItem, Scope
from segue.language.model import OnItemFailure
from segue.language.questions import ASK
from segue.values import JsonValue, is_reference

#: More of them in one list are refused: it would be a mistake, and a very expensive one.
MOST_ITEMS = 100_000
#: A longer text is not the name of an action, in characters.
LONGEST_NAME = 1000


def render_attempt(decision: Decision, execution: TaskExecution) -> AttemptStarted:
    """Return the start of the next attempt. Raises `FaultError`."""
    attempt = execution.attempt + 1
    scope = scope_of(decision, execution, attempt=attempt)
    called = _called(decision, execution, scope)
    return AttemptStarted(
        task=execution.task,
        visit=execution.visit,
        attempt=attempt,
        action=called.action,
        input=called.input,
        timeout=called.timeout,
        asks=called.asks,
        due=called.due,
    )


def render_item(decision: Decision, execution: TaskExecution, item: int) -> ItemStarted:
    """Return the start of an item of the attempt that is open. Raises `FaultError`."""
    assert execution.items is not None
    current = CurrentItem(value=execution.items.values[item], index=item)
    scope = scope_of(decision, execution, attempt=execution.attempt, item=current)
    called = _called(decision, execution, scope)
    return ItemStarted(
        task=execution.task,
        visit=execution.visit,
        attempt=execution.attempt,
        item=item,
        action=called.action,
        input=called.input,
        timeout=called.timeout,
        asks=called.asks,
        due=called.due,
    )


class _Called(NamedTuple):
    """What a task calls: with which input, and for how many seconds at most (None: no limit).

    `asks`: it is a question, which nobody runs, and which is open until `due`.
    """

    action: str | None
    input: Mapping[str, JsonValue]
    timeout: float | None
    asks: bool
    due: float | None


def _called(decision: Decision, execution: TaskExecution, scope: Scope) -> _Called:
    """Return what is called for an attempt or an item of one. Raises `FaultError`."""
    visited = (execution.task, execution.visit)
    program = decision.program.tasks[execution.task]
    timeout = _timeout(program, scope, visited)
    action = _action(program, scope, visited)
    asks = action == ASK and not decision.state.stepwise
    given = _input(program, scope, visited, whole=asks)
    if asks and timeout is None:
        timeout = _time_to_live(given)
    due = decision.facts.now + timeout if asks and timeout is not None else None
    return _Called(action, given, timeout, asks, due)


def _time_to_live(given: Mapping[str, JsonValue]) -> float | None:
    """Return the seconds for which a question is open that says so itself, in minutes."""
    minutes = given.get("ttl")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or minutes <= 0:
        return None
    return minutes * 60.0


def list_items(decision: Decision, execution: TaskExecution) -> ItemsStarted:
    """Return the start of the next attempt of a task with items. Raises `FaultError`."""
    program = decision.program.tasks[execution.task].with_items
    assert program is not None
    attempt = execution.attempt + 1
    visited = (execution.task, execution.visit)
    scope = scope_of(decision, execution, attempt=attempt)
    values = None
    if execution.items is None:
        values = _values(program, scope, visited)
    return ItemsStarted(
        task=execution.task,
        visit=execution.visit,
        attempt=attempt,
        items=values,
        concurrency=_concurrency(program, scope, visited),
        on_failure=program.with_items.on_failure,
        max_failures=0
        if program.max_failures is None
        else evaluate_count(program.max_failures, scope, "`max_failures`", visited),
    )


def _concurrency(program: WithItemsProgram, scope: Scope, visited: tuple[str, int]) -> int | None:
    compiled = program.concurrency
    if compiled is None:
        return None
    value = evaluate(compiled, scope, "the concurrency", visited)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise unusable(
            compiled, f"the concurrency must be a whole number, not {shown(value)}", visited
        )
    if value < 1 and program.with_items.on_failure is not OnItemFailure.WHILE_ACTIVE:
        raise unusable(compiled, f"the concurrency must be at least 1, not {value}", visited)
    return max(value, 1)


def _values(
    program: WithItemsProgram, scope: Scope, visited: tuple[str, int]
) -> tuple[JsonValue, ...]:
    """Return the items as expressions see them: each alone, or by the names of the lists."""
    lists = [_list(compiled, scope, visited) for compiled in program.items]
    names = program.with_items.names
    first, *others = lists
    for compiled, other in zip(program.items[1:], others, strict=True):
        if len(other) != len(first):
            message = (
                f"lists that are walked in step must be equally long: `{names[0]}` has "
                f"{len(first)} items, this one {len(other)}"
            )
            raise unusable(compiled, message, visited)
    if others:
        values: list[JsonValue] = [
            dict(zip(names, together, strict=True)) for together in zip(*lists, strict=True)
        ]
    elif names:
        values = [_named(program, value, visited) for value in first]
    else:
        values = first
    if program.batch is not None:
        size = evaluate_count(program.batch, scope, "`batch`", visited)
        if size < 1:
            raise unusable(program.batch, "`batch` must be at least 1", visited)
        values = [values[at : at + size] for at in range(0, len(values), size)]
    if len(values) > MOST_ITEMS:
        message = f"a task can have {MOST_ITEMS} items at most, not {len(values)}"
        raise unusable(program.items[0], message, visited)
    return tuple(values)


def _list(compiled: Compiled, scope: Scope, visited: tuple[str, int]) -> list[JsonValue]:
    value = evaluate(compiled, scope, "the list of items", visited)
    if not isinstance(value, list | tuple):
        raise unusable(compiled, f"the items must be a list, not {shown(value)}", visited)
    return list(value)


def _named(program: WithItemsProgram, value: JsonValue, visited: tuple[str, int]) -> JsonValue:
    names = program.with_items.names
    parts = list(value) if isinstance(value, list | tuple) else None
    if program.with_items.on_failure is OnItemFailure.WHILE_ACTIVE:
        # Orquesta gives the names what there is, and a list in the place of one name is taken
        # apart.
        return dict(zip(names, [value] if parts is None else parts, strict=False))
    if len(names) == 1:
        return {names[0]: value}
    if parts is None or len(parts) != len(names):
        message = (
            f"each item must be a list of {len(names)} values ({', '.join(names)}): {shown(value)}"
        )
        raise unusable(program.items[0], message, visited)
    return dict(zip(names, parts, strict=True))


def _timeout(program: TaskProgram, scope: Scope, visited: tuple[str, int]) -> float | None:
    if program.timeout is None:
        return None
    return evaluate_seconds(program.timeout, scope, "the timeout", visited)


def _action(program: TaskProgram, scope: Scope, visited: tuple[str, int]) -> str | None:
    if program.action is None:
        return None
    name = evaluate(program.action, scope, "the action", visited)
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise unusable(program.action, f"an action must be a name, not {shown(name)}", visited)
    return name


def _input(
    program: TaskProgram, scope: Scope, visited: tuple[str, int], *, whole: bool
) -> Mapping[str, JsonValue]:
    """Render the input; `whole`: people are to see it, so that all of it has to be at hand."""
    if program.input is None:
        return {}
    value = None if whole else evaluate_to_hand_on(program.input, scope, "the input", visited)
    if whole or is_reference(value):  # a reference: there are names to be found
        value = evaluate(program.input, scope, "the input", visited)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise unusable(program.input, f"the input must be a mapping, not {shown(value)}", visited)
    return value
