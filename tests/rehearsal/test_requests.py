"""Requests come in their time: pause, resume, cancel, rerun."""

import pytest
from tests.rehearsal.rehearsed import failure_of, passes

from segue.rehearsal import stage
from segue.rehearsal.verdict import Kind
from segue.runtime.config import Config

FLOW = """
    segue: 1
    vars: {n: 0}
    tasks:
      a: {action: x.a, next: [{do: b}]}
      b: {action: x.b}
    """


def test_paused_it_waits_and_goes_on_when_it_is_resumed() -> None:
    mocks = "mocks: {a: {takes: 10s}, b: {takes: 1s}}\n"
    passes(
        FLOW,
        mocks
        + """
        requests: [{at: 5s, pause: lunch}, {at: 1h, resume: true}]
        expect: {duration: 3601s, visits: {b: {at: 1h}}}
        """.replace("        ", ""),
    )
    passes(
        FLOW,
        "mocks: {a: {takes: 10s}}\nrequests: [{at: 5s, pause: null}]\n"
        "expect: {status: paused, tasks: [a]}",
    )


def test_canceled_it_ends_what_runs() -> None:
    passes(
        FLOW,
        "mocks: {a: {takes: 10s}}\nrequests: [{at: 5s, cancel: enough}]\n"
        "expect: {status: canceled, tasks: [a], duration: 5s}",
    )


def test_run_again_it_goes_on_from_what_failed() -> None:
    passes(
        FLOW,
        """
        mocks: {a: {}, b: [{fails: oh}, {result: 1, takes: 1s}]}
        requests: [{at: 1m, rerun: {}}]
        expect: {tasks: [a, b, b#2], duration: 61s, errors: []}
        """,
    )


def test_run_again_from_a_visit_with_other_variables() -> None:
    passes(
        FLOW,
        """
        mocks: {a: {times: 2}, b: {times: 2}}
        requests: [{at: 1m, rerun: {from: [a#1], variables: {n: 5}, reset_items: true}}]
        expect: {tasks: [a, b, a#2, b#2], visits: {b: {context: {n: 0}}, b#2: {context: {n: 5}}}}
        """,
    )


def test_run_again_from_the_start() -> None:
    passes(
        FLOW,
        "mocks: {a: {times: 2}, b: {times: 2}}\nrequests: [{at: 1m, rerun: {from_start: true}}]\n"
        "expect: {tasks: [a, b, a, b]}",
    )


def test_a_request_that_is_refused_is_a_failure_with_the_reason() -> None:
    failure = failure_of(FLOW, "mocks: {a: {}, b: {}}\nrequests: [{at: 1m, resume: true}]")
    assert failure.kind is Kind.REFUSED
    assert failure.message.startswith("the request is refused: ")
    assert failure.span.line == 6


def test_inputs_that_the_workflow_does_not_take_are_told() -> None:
    failure = failure_of("segue: 1\ninput: {a: string}\ntasks: {t: {}}\n", "inputs: {a: 1, b: 2}")
    assert failure.kind is Kind.REFUSED
    assert failure.message == "the workflow can't be started with these inputs"
    assert len(failure.details) == 2


def test_what_goes_on_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MOST_STEPS", 500)
    flow = "segue: 1\nstart: a\ntasks: {a: {delay: 1s, next: [{do: a}]}}\n"
    failure = failure_of(flow, "inputs: {}")
    assert failure.kind is Kind.ENDLESS


def test_visits_are_limited_as_in_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Config().max_task_iterations_per_workflow == stage.MAX_VISITS
    monkeypatch.setattr(stage, "MAX_VISITS", 50)
    flow = "segue: 1\nstart: a\ntasks: {a: {delay: 1s, next: [{do: a}]}}\n"
    passes(flow, "expect: {status: failed, errors: [{code: visit_limit}], duration: 50s}")
