"""A test of Orquesta's: conducted as Orquesta does, and judged."""

from collections.abc import Iterator, Sequence
from difflib import ndiff

from segue.conducting.conductor import Conductor
from segue.conducting.refusal import RefusedError
from segue.conducting.requests import Start
from segue.conducting.responses import ErrorMessage
from segue.core.status import Status
from segue.language.codes import kind_of
from segue.language.findings import Finding, Span
from segue.rehearsal.differing import differences, shown
from segue.rehearsal.matching import unmatched
from segue.rehearsal.orquesta.spec import OrquestaTest, on_route
from segue.rehearsal.orquesta.stage import FACTS, Mocks, OrquestaStage
from segue.rehearsal.orquesta.state import restored
from segue.rehearsal.spec import Rehearsed
from segue.rehearsal.verdict import Failure, Kind, Verdict
from segue.values import JsonObject, JsonValue

#: An execution in which more is begun than this goes on and on.
MOST_STEPS = 20_000

#: What Orquesta says of an action that failed.
_FAILED = "Execution failed. See result for details."


def rehearse_orquesta(test: OrquestaTest) -> Verdict:
    """Let a test happen, and say what came of it."""
    if test.inspection:
        return _verdict(test, tuple(_inspection(test)), None)
    assert test.rehearsed is not None, "a test without findings has its workflow"
    try:
        stage = _begun(test, test.rehearsed)
    except RefusedError as error:
        failure = Failure(kind=Kind.REFUSED, message=error.message, span=test.span)
        return _verdict(test, (failure,), None)
    if not stage.perform(Mocks(test.mocks), MOST_STEPS):
        message = f"it goes on and on: more than {MOST_STEPS:,} tasks were begun"
        failure = Failure(kind=Kind.ENDLESS, message=message, span=test.span)
        return _verdict(test, (failure,), stage)
    return _verdict(test, tuple(_judged(test, stage)), stage)


def _verdict(
    test: OrquestaTest, failures: tuple[Failure, ...], stage: OrquestaStage | None
) -> Verdict:
    return Verdict(
        name=test.name,
        span=test.span,
        failures=failures,
        rehearsed=test.rehearsed,
        taken=frozenset(stage.taken) if stage else frozenset(),
    )


def _begun(test: OrquestaTest, rehearsed: Rehearsed) -> OrquestaStage:
    """Begin, or go on from Orquesta's record. Raises `RefusedError`."""
    if test.state is not None:
        stage = restored(test.state, rehearsed)
        stage.rerun(test.rerun)
        return stage
    start = Start(
        definition=rehearsed.text, inputs=dict(test.inputs), context=dict(test.context) or None
    )
    conductor = Conductor.begin(start, FACTS)
    conductor.request(Status.RUNNING, FACTS)
    return OrquestaStage(conductor, rehearsed.workflow)


# -- judging -----------------------------------------------------------------------------------


def _judged(test: OrquestaTest, stage: OrquestaStage) -> Iterator[Failure]:
    def span(key: str) -> Span:
        return test.spans.get(key, test.span)

    sequence = [on_route(*entry) for entry in stage.sequence]
    if list(test.sequence) != sequence:
        yield Failure(
            kind=Kind.TASKS,
            message="the task sequence differs",
            details=_compared(test.sequence, sequence),
            span=span("expected_task_sequence"),
        )
    found = differences("routes", [list(one) for one in test.routes], _lists(stage.routes))
    if found:
        yield Failure(
            kind=Kind.ROUTES,
            message="the routes differ",
            details=found,
            span=span("expected_routes"),
        )
    status = stage.conductor.status
    if status is not test.status:
        yield Failure(
            kind=Kind.STATUS,
            message=f"the execution is {status}, not {test.status}",
            details=tuple(f"error: {error.message}" for error in stage.conductor.errors),
            span=span("expected_workflow_status"),
        )
    if test.errors is not None:
        yield from _errors(test.errors, stage, span("expected_errors"))
    if test.output is not None:
        output = _as_expected(test.output, stage.conductor.output)
        found = differences("output", test.output, output)
        if found:
            yield Failure(
                kind=Kind.OUTPUT,
                message="the output differs",
                details=found,
                span=span("expected_output"),
            )
    if test.ends is not None:
        ends = sorted(on_route(*entry) for entry in stage.ends())
        if sorted(test.ends) != ends:
            yield Failure(
                kind=Kind.ORDER,
                message="the branches end with other tasks",
                details=_compared(sorted(test.ends), ends),
                span=span("expected_term_tasks"),
            )


def _as_expected(expected: JsonValue, came: JsonValue) -> JsonValue:
    """Return a value without what Segue alone has: null for the last items, never begun."""
    if isinstance(expected, dict) and isinstance(came, dict):
        return {
            key: _as_expected(expected[key], value) if key in expected else value
            for key, value in came.items()
        }
    if isinstance(expected, list) and isinstance(came, list | tuple):
        rest = came[len(expected) :]
        return list(came if any(one is not None for one in rest) else came[: len(expected)])
    return came


def _lists(routes: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [list(route) for route in routes]


def _compared(expected: Sequence[str], came: Sequence[str]) -> tuple[str, ...]:
    wanted, found = ([task.removesuffix("__r0") for task in tasks] for tasks in (expected, came))
    lines = [line for line in ndiff(wanted, found) if line[0] != "?"]
    return ("- is expected, + came", *lines)


def _errors(
    expected: tuple[JsonObject, ...], stage: OrquestaStage, span: Span
) -> Iterator[Failure]:
    missing, left = unmatched(expected, _told(stage), _is_meant)
    if missing or left:
        yield Failure(
            kind=Kind.ERRORS,
            message="the errors differ",
            details=(
                *(f"expected, and did not come: {shown(one)}" for one in missing),
                *(f"came, and was not expected: {shown(one)}" for one in left),
            ),
            span=span,
        )


def _is_meant(expected: JsonObject, error: JsonObject) -> bool:
    """Compare what Segue tells too; of expressions each says in its own words what is wrong."""
    names: tuple[str, ...] = ("type", "task_id")
    if not error.get("own_words"):
        names = (*names, "route", "message")
    if "result" in expected and "result" in error and expected["result"] != error["result"]:
        return False
    return all(expected.get(name) == error.get(name) for name in names)


def _told(stage: OrquestaStage) -> list[JsonObject]:
    """Return the errors as Orquesta tells them: each once, whichever visit of a task it is of."""
    found: list[JsonObject] = []
    for error in stage.conductor.errors:
        told = _error(error, stage)
        if told not in found:
            found.append(told)
    return found


def _error(error: ErrorMessage, stage: OrquestaStage) -> JsonObject:
    base: dict[str, JsonValue] = {"type": "error"}
    if isinstance(error.task, str):
        base["task_id"] = error.task
    if error.kind == "action":
        result = stage.failed.get(str(error.handle))
        return {**base, "message": _FAILED, **({} if result is None else {"result": result})}
    if error.kind == "join" and isinstance(error.task, str):
        route = stage.waiting_route(error.task)
        place = f"{error.task}|{route}"
        message = f'The join task|route "{place}" is partially satisfied but unreachable.'
        return {**base, "route": route, "message": f"UnreachableJoinError: {message}"}
    return {**base, "message": error.message, "own_words": True}


def _inspection(test: OrquestaTest) -> Iterator[Failure]:
    missing, left = unmatched(test.inspection, test.findings, _is_found)
    if missing or left:
        yield Failure(
            kind=Kind.INSPECTION,
            message="the findings in the workflow differ",
            details=(
                *(f"expected, and not found: {kind} at {path}" for kind, path in missing),
                *(
                    f"found, and not expected: {kind_of(each.code)} at {each.path}: {each.message}"
                    for each in left
                ),
            ),
            span=test.spans["expected_inspection_errors"],
        )


def _is_found(expected: tuple[str, str | None], finding: Finding) -> bool:
    kind, path = expected
    return str(kind_of(finding.code)) == kind and path in {None, finding.path}
