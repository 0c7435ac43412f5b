"""Whatever a file of Attune says: reading never raises, and what is right comes to its end."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.conducted import Conducted

from segue.checking import check
from segue.core import events as e
from segue.core import stimuli as s
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.graph.drawing.term import draw_term
from segue.graph.task_graph import TaskGraph
from segue.language.attune_pair import join_pair
from segue.language.source import Source
from segue.verification.kept import Kept
from segue.verification.verifier import verify

NAMES = ("a", "b", "c", "noop")
VALUES = st.sampled_from(
    [
        "null",
        "true",
        "-1",
        "2",
        "x",
        "''",
        "all",
        "a",
        "[]",
        "{}",
        "[a, b]",
        "[null]",
        "[[a]]",
        "'{{ x }}'",
        "'{{ item }}'",
        "'{{ result() }}'",
        "'{{ succeeded() and parameters.p }}'",
        "'a {{ 1 + }}'",
        "'{{ never'",
        "'{{ 1 > 2 }}'",
        "[{x: 1}, x]",
        "[{when: x, do: a}]",
        "[{when: 'true', do: [{when: x, next: b}, {do: c}]}]",
        "[{when: x, next: a}, {default: b}]",
        "[{default: true, next: a}]",
        "{count: 2, delay: 1, on_error: 'timed_out()'}",
        "[{name: l, action: x}, {name: r, action: y, publish: [z]}]",
        "[{when: '{{ failed() }}', publish: [{x: 2}], do: [a, c]}, {do: b}]",
    ]
)
KEYS = st.sampled_from(
    [
        *("action", "input", "when", "with_items", "batch_size", "concurrency", "retry", "timeout"),
        *("delay", "join", "next", "publish", "on_success", "on_failure", "on_error"),
        *("on_complete", "on_timeout", "decision", "type", "tasks", "wait_for", "unknown"),
    ]
)
OUTSIDE = st.sampled_from(["parameters", "vars", "output_map", "tags", "timeout_seconds", "label"])
ENDS = st.sampled_from(
    [s.Succeeded(result={"x": 1}), s.Failed(message="boom"), s.TimedOut(seconds=1)]
)


@st.composite
def tasks(draw: st.DrawFn, name: str) -> str:
    fields = {"name": name, "action": "p.x", "on_success": draw(st.sampled_from(NAMES))}
    for key in draw(st.lists(KEYS, max_size=3)):
        fields[key] = draw(VALUES)
    if draw(st.integers(0, 9)) == 0:
        fields["type"] = "parallel"
        fields["tasks"] = "[{name: l, action: x}, {name: r, action: y}]"
        del fields["action"]
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


@st.composite
def files(draw: st.DrawFn) -> str:
    outside = draw(st.dictionaries(OUTSIDE, VALUES, max_size=1))
    lines = ["ref: p.it", "tasks:", "- {name: begin, action: p.x, on_complete: a}"]
    lines += [f"- {draw(tasks(name))}" for name in NAMES[: draw(st.integers(1, len(NAMES)))]]
    lines += [f"{key}: {value}" for key, value in outside.items()]
    text = "\n".join(lines) + "\n"
    return join_pair(text, "ref: p.it\nparameters: {p: {}}\n") if draw(st.booleans()) else text


@given(files())
@settings(max_examples=80, deadline=None)
def test_checking_never_raises_and_finds_inside_of_the_file(text: str) -> None:
    checked = check(text)
    source = Source(text)
    for each in checked.findings:
        span = each.span
        assert 1 <= span.line <= span.end_line <= source.line_count
        assert 1 <= span.column <= len(source.line(span.line)) + 1
        assert each.message
    assert checked.valid == (checked.workflow is not None)
    if checked.workflow is not None:
        draw_term(TaskGraph.of(checked.workflow))


@given(files(), st.lists(ENDS, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_right_comes_to_its_end_however_its_tasks_end(
    text: str, ends: list[s.Outcome]
) -> None:
    workflow = check(text).workflow
    if workflow is None:
        return
    given_inputs = {each.name: 1 for each in workflow.inputs if each.required}
    try:
        run = Conducted(text, given_inputs, max_visits=4)
    except RequestError:
        return
    for step in range(200):
        if run.settled():
            assert verify("x", run.events, _kept(run)) == (), text
            return
        _go_on(run, ends[step % len(ends)])
    raise AssertionError(f"it goes on and on:\n{text}")


def _kept(run: Conducted) -> Kept:
    started = run.events[0].event
    assert isinstance(started, e.ExecutionStarted)
    return Kept(
        seq=run.state.seq, status=run.status(), settled=True, definition=started.definition or ""
    )


def _go_on(run: Conducted, outcome: s.Outcome) -> None:
    one = next(iter(run.state.living()))
    task, visit, attempt = one.task, one.visit, one.attempt
    if one.open:
        item = None if one.items is None else min(one.items.open)
        run.give(
            s.AttemptEnded(task=task, visit=visit, attempt=attempt, outcome=outcome, item=item)
        )
    elif one.status is Status.DELAYED:
        run.give(s.DelayPassed(task=task, visit=visit))
    else:
        run.give(s.RetryDue(task=task, visit=visit, attempt=attempt + 1))
