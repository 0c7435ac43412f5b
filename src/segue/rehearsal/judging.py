"""What is expected of an execution, held against what happened in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from segue.core.view import ErrorView, ExecutionView, TaskView
from segue.rehearsal.differing import differences, same, shown
from segue.rehearsal.matching import unmatched
from segue.rehearsal.ordering import Visited, first_difference
from segue.rehearsal.record import Record, VisitRecord
from segue.rehearsal.spec import Expected, ExpectedError, ExpectedVisit, Named, Test
from segue.rehearsal.verdict import Failure, Kind
from segue.values import JsonObject, JsonValue

#: Two instants that are nearer than this are the same.
_NEAR = 1e-6

#: So many visits are shown before and after the place where an order differs.
_AROUND = 6


def judge(test: Test, record: Record, view: ExecutionView, seconds: float) -> list[Failure]:
    """Return all expectations that are not met."""
    failures = list(_failures(test, record, view, seconds))
    if failures and not any(one.kind in {Kind.STATUS, Kind.ERRORS} for one in failures):
        # It was to fail, and may have failed by something else.
        first = failures[0]
        failures[0] = replace(first, details=(*first.details, *_unhandled(view)))
    return failures


def _failures(test: Test, record: Record, view: ExecutionView, seconds: float) -> Iterator[Failure]:
    expected = test.expected
    yield from _status(expected, view, test)
    if expected.looks_at_output:
        yield from _output(expected, view)
    if expected.errors is not None:
        yield from _errors(expected, expected.errors, view.errors)
    began = tuple(record.visits)
    if expected.tasks is not None:
        yield from _tasks(expected, began)
    yield from _order(expected, began)
    yield from _never(expected, began)
    yield from _visits(test, record, view)
    wanted = expected.duration
    if wanted is not None and abs(wanted - seconds) > _NEAR:
        yield Failure(
            kind=Kind.DURATION,
            message=f"it took {_period(seconds)}, not {_period(wanted)}",
            span=expected.spans["duration"],
        )


def _status(expected: Expected, view: ExecutionView, test: Test) -> Iterator[Failure]:
    if view.status.value == expected.status:
        return
    details = list(_unhandled(view))
    details += [
        f"{task.task}#{task.visit} is {task.status} and waits for {task.waiting_for}"
        for task in view.tasks
        if task.waiting_for is not None
    ]
    yield Failure(
        kind=Kind.STATUS,
        message=f"the execution is {view.status}, not {expected.status}",
        details=tuple(details[:8]),
        span=expected.spans.get("status", test.span),
    )


def _unhandled(view: ExecutionView) -> Iterator[str]:
    return (f"error: {_error_text(error)}" for error in view.errors if not error.handled)


def _output(expected: Expected, view: ExecutionView) -> Iterator[Failure]:
    found = differences("output", expected.output, view.output)
    if found:
        yield Failure(
            kind=Kind.OUTPUT,
            message="the output differs",
            details=found,
            span=expected.spans["output"],
        )


# -- errors ------------------------------------------------------------------------------------


def _errors(
    expected: Expected, wanted: tuple[ExpectedError, ...], errors: Iterable[ErrorView]
) -> Iterator[Failure]:
    missing, left = unmatched(wanted, tuple(errors), _is_meant)
    if not missing and not left:
        return
    details = [f"expected, and did not come: {_expected_text(one)}" for one in missing]
    details += [f"came, and was not expected: {_error_text(error)}" for error in left]
    yield Failure(
        kind=Kind.ERRORS,
        message="the errors differ",
        details=tuple(details),
        span=missing[0].span if missing else expected.spans["errors"],
    )


def _is_meant(one: ExpectedError, error: ErrorView) -> bool:
    task = one.task
    return (
        (one.message is None or one.message in error.message)
        and one.code in {None, error.code}
        and (task is None or (task.task == error.task and task.visit in {None, error.visit}))
        and one.handled in {None, error.handled}
    )


def _expected_text(one: ExpectedError) -> str:
    parts = {
        "message": one.message,
        "code": one.code,
        "task": None if one.task is None else str(one.task),
        "handled": one.handled,
    }
    return shown({name: value for name, value in parts.items() if value is not None})


def _error_text(error: ErrorView) -> str:
    at = "" if error.task is None else f" of {error.task}"
    at += "" if error.visit is None or error.task is None else f"#{error.visit}"
    handled = ", handled" if error.handled else ""
    return f"{error.code}{at}{handled}: {error.message}"


# -- order -------------------------------------------------------------------------------------


def _tasks(expected: Expected, began: tuple[Visited, ...]) -> Iterator[Failure]:
    assert expected.tasks is not None
    different = first_difference(expected.tasks, began)
    if different is None:
        return
    place, wanted = different
    names = " or ".join(str(named) for named in wanted) or "nothing more"
    after = f"after {_visit(began[place - 1])} " if place else ""
    came = _visit(began[place]) if place < len(began) else "nothing"
    at = _visit(began[place]) if place < len(began) else None
    yield Failure(
        kind=Kind.TASKS,
        message=f"{after}{names} was expected to begin, and {came} did",
        details=_listing(began, place, names),
        at=at,
        span=expected.spans["tasks"],
    )


def _listing(began: tuple[Visited, ...], place: int, names: str) -> tuple[str, ...]:
    first = max(0, place - _AROUND)
    lines = [f"... {first} before"] if first else []
    lines += [f"  {_visit(one)}" for one in began[first:place]]
    lines.append(f"- {names}")
    if place < len(began):
        lines.append(f"+ {_visit(began[place])}")
    rest = began[place + 1 :]
    lines += [f"  {_visit(one)}" for one in rest[:_AROUND]]
    if len(rest) > _AROUND:
        lines.append(f"... {len(rest) - _AROUND} more")
    return tuple(lines)


def _order(expected: Expected, began: tuple[Visited, ...]) -> Iterator[Failure]:
    for chain in expected.order:
        place = 0
        for index, named in enumerate(chain):
            found = next((at for at in range(place, len(began)) if _names(named, began[at])), None)
            if found is None:
                yield _out_of_order(expected, chain, index, began)
                break
            place = found + 1


def _out_of_order(
    expected: Expected, chain: tuple[Named, ...], index: int, began: tuple[Visited, ...]
) -> Failure:
    named = chain[index]
    where = [at for at, visited in enumerate(began) if _names(named, visited)]
    if not where:
        message = f"{named} did not begin at all"
    else:
        message = f"{named} did not begin after {chain[index - 1]}"
    listed = ", ".join(_visit(one) for one in began) or "nothing"
    return Failure(
        kind=Kind.ORDER,
        message=message,
        details=(
            f"expected {', then '.join(str(one) for one in chain)}",
            f"began    {listed if len(listed) < 400 else listed[:397] + '...'}",
        ),
        at=str(named),
        span=expected.spans["order"],
    )


def _never(expected: Expected, began: tuple[Visited, ...]) -> Iterator[Failure]:
    for task in expected.never:
        visits = [visited for visited in began if visited[0] == task]
        if visits:
            yield Failure(
                kind=Kind.TASKS,
                message=f"{_visit(visits[0])} began, and `{task}` was never to",
                at=_visit(visits[0]),
                span=expected.spans["never"],
            )


def _names(named: Named, visited: Visited) -> bool:
    return named.task == visited[0] and named.visit in {None, visited[1]}


def _visit(visited: Visited) -> str:
    return f"{visited[0]}#{visited[1]}"


# -- visits ------------------------------------------------------------------------------------


def _visits(test: Test, record: Record, view: ExecutionView) -> Iterator[Failure]:
    views = {(task.task, task.visit): task for task in view.tasks}
    for one in test.expected.visits:
        visited = (one.task, one.visit)
        begun, seen = record.visits.get(visited), views.get(visited)
        if seen is None:
            count = sum(task == one.task for task, _ in views)
            times = "never" if not count else f"{count} time" + "s" * (count > 1)
            yield Failure(
                kind=Kind.VISIT,
                message=f"{_visit(visited)} is expected, and `{one.task}` was visited {times}",
                at=_visit(visited),
                span=one.span,
            )
            continue
        yield from _visit_failures(one, begun, seen, test.now)


def _visit_failures(
    one: ExpectedVisit, begun: VisitRecord | None, seen: TaskView, start: float
) -> Iterator[Failure]:
    facts = _facts(begun, seen, start)
    for name, wanted in one.fields.items():
        found = _field(name, wanted, facts)
        if found:
            at = _visit((one.task, one.visit))
            yield Failure(
                kind=Kind.VISIT,
                message=f"{at}: {_WORDS.get(name, f'its {name}')} differs",
                details=found,
                at=at,
                span=one.spans[name],
            )


_WORDS: Mapping[str, str] = {
    "at": "the time at which it began",
    "attempts": "the number of its attempts",
}


def _facts(begun: VisitRecord | None, seen: TaskView, start: float) -> JsonObject:
    return {
        "status": seen.status.value,
        "attempts": seen.attempts,
        "result": seen.result,
        "context": begun.context if begun else None,
        "action": begun.action if begun else None,
        "input": begun.input if begun else None,
        "at": begun.at - start if begun else None,
    }


def _field(name: str, wanted: JsonValue, facts: JsonObject) -> tuple[str, ...]:
    came = facts[name]
    if name == "context" and isinstance(came, Mapping) and isinstance(wanted, Mapping):
        named = {key: value for key, value in came.items() if key in wanted}
        lines = differences(name, wanted, named)
        missing = [key for key in wanted if key not in came]
        if missing:
            lines = (*lines, f"it sees {', '.join(came) or 'nothing'}")
        return lines
    if name == "at" and isinstance(wanted, int | float) and isinstance(came, int | float):
        if abs(wanted - came) <= _NEAR:
            return ()
        return (f"at: expected {_period(wanted)}, came {_period(came)}",)
    return () if same(wanted, came) else differences(name, wanted, came)


def _period(seconds: float) -> str:
    """Return a time as rehearsals write it: "1h30m", "7.5s"."""
    left = round(seconds, 6)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count = int(left // size)
        left -= count * size
        if count:
            parts.append(f"{count}{unit}")
    rest = f"{left:.6f}".rstrip("0").rstrip(".")
    if rest != "0" or not parts:
        parts.append(f"{rest}s")
    return "".join(parts)
