"""Orquesta's rehearsal files are read as they are, and go as they do there."""

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tests.rehearsal.rehearsed import read

from segue.language.codes import Code
from segue.rehearsal.coverage import coverage_of
from segue.rehearsal.orquesta import performing as orquesta_performing
from segue.rehearsal.rehearsing import rehearse
from segue.rehearsal.verdict import Failure, Kind, Verdict

CORPUS = Path(__file__).resolve().parents[3] / "shared/conformance/corpus/suite/rehearsals.json"
CASES: list[dict[str, Any]] = json.loads(CORPUS.read_text("utf-8")) if CORPUS.exists() else []

SEQUENTIAL = """
    version: 1.0
    input: [name]
    vars: [{greeting: null}]
    tasks:
      task1:
        action: core.echo message=<% ctx().name %>
        next: [{when: <% succeeded() %>, publish: greeting=<% result() %>, do: task2}]
      task2:
        action: core.echo
        next:
          - when: <% succeeded() %>
            publish: [{greeting: '<% ctx("greeting") %>, <% result() %>'}]
          - {when: <% failed() %>, do: noop}
    output: [{greeting: <% ctx().greeting %>}]
    """

ITEMS = """
    version: 1.0
    tasks:
      many:
        with: <% [1, 2, 3] %>
        action: core.echo message=<% item() %>
        next: [{when: <% completed() %>, publish: r=<% result() %>, do: after}]
      after: {action: core.noop}
    output: [{r: <% ctx().r %>}]
    """

SPLIT = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{do: [b, c]}]}
      b: {action: core.noop, next: [{do: d}]}
      c: {action: core.noop, next: [{do: d}]}
      d: {action: core.noop, next: [{do: e}, {do: f}]}
      e: {action: core.noop, next: [{when: <% succeeded() %>, do: g}]}
      f: {action: core.noop, next: [{when: <% succeeded() %>, do: g}]}
      g: {join: all, action: core.noop}
    """


def verdict_of(workflow: str, spec: str, **files: str) -> Verdict:
    found = read(spec, workflow, **files)
    assert found.findings == (), found.findings
    return rehearse(found.tests[0])


def passes(workflow: str, spec: str, **files: str) -> None:
    verdict = verdict_of(workflow, spec, **files)
    assert verdict.passed, [(one.message, one.details) for one in verdict.failures]


def failure_of(workflow: str, spec: str) -> Failure:
    failures = verdict_of(workflow, spec).failures
    assert len(failures) == 1, [(one.message, one.details) for one in failures]
    return failures[0]


def messages(spec: str, workflow: str = SEQUENTIAL, **files: str) -> list[str]:
    return [finding.message for finding in read(spec, workflow, **files).findings]


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=[f"{index}-{one['source'].split('::')[-1]}" for index, one in enumerate(CASES)],
)
def test_a_rehearsal_of_orquestas_suite_ends_as_there(case: dict[str, Any]) -> None:
    name = case["spec"].get("workflow", "")
    found = read(json.dumps(case["spec"]), **{name.replace(".", "_"): case["definition"] or ""})
    assert found.findings == ()
    verdict = rehearse(found.tests[0])
    told = [(failure.message, failure.details) for failure in verdict.failures]
    assert verdict.passed == (case["outcome"] == "ok"), told


@pytest.mark.parametrize("case", [one for one in CASES if one["outcome"] == "ok"][::7])
def test_a_rehearsal_that_expects_something_else_fails(case: dict[str, Any]) -> None:
    name = case["spec"].get("workflow", "")
    files = {name.replace(".", "_"): case["definition"] or ""}
    for change in (
        {"expected_task_sequence": [*case["spec"]["expected_task_sequence"], "more"]},
        {"expected_workflow_status": "canceled"},
        {"expected_routes": [[], ["nowhere__t0"]]},
        {"expected_output": {"nothing": "of the kind"}},
        {"expected_term_tasks": ["nothing"]},
        {"expected_errors": [{"type": "error", "message": "another"}]},
    ):
        found = read(json.dumps({**case["spec"], **change}), **files)
        assert not rehearse(found.tests[0]).passed, change


def test_a_sequence_with_its_output_is_rehearsed() -> None:
    passes(
        SEQUENTIAL,
        """
        workflow: w.yaml
        inputs: {name: Stanley}
        expected_task_sequence: [task1, task2, continue]
        mock_action_executions:
          - {task_id: task1, result: Stanley}
          - {task_id: task2, result: hello, iter_id: 0, route: 0}
        expected_output: {greeting: "Stanley, hello"}
        expected_term_tasks: [task2, continue]
        """,
    )


def test_a_sequence_that_differs_is_shown_side_by_side() -> None:
    failure = failure_of(
        SEQUENTIAL,
        """
        workflow: w.yaml
        inputs: {name: Stanley}
        expected_task_sequence: [task2, task1, continue]
        """,
    )
    assert failure.kind is Kind.TASKS
    assert failure.span.line == 4
    assert failure.details == (
        "- is expected, + came",
        "+ task1",
        "  task2",
        "- task1",
        "  continue",
    )


def test_everything_that_differs_is_told() -> None:
    verdict = verdict_of(
        SEQUENTIAL,
        """
        workflow: w.yaml
        inputs: {name: Stanley}
        expected_task_sequence: [task1]
        mock_action_executions: [{task_id: task2, status: failed}]
        expected_routes: [[], [a]]
        expected_workflow_status: failed
        expected_errors: []
        expected_output: {}
        expected_term_tasks: [task1__r1]
        """,
    )
    assert [failure.kind for failure in verdict.failures] == [
        Kind.TASKS,
        Kind.ROUTES,
        Kind.STATUS,
        Kind.ERRORS,
        Kind.OUTPUT,
        Kind.ORDER,
    ]


def test_results_are_read_from_files() -> None:
    spec = """
        workflow: w.yaml
        inputs: {name: x}
        expected_task_sequence: [task1, task2, continue]
        mock_action_executions:
          - {task_id: task1, result_path: a.json}
          - {task_id: task2, result_path: b.txt}
        expected_output: {greeting: "{'a': [1]}, text"}
        """
    passes(SEQUENTIAL, spec, a_json='{"a": [1]}', b_txt="text")
    assert messages(spec, b_txt="") == ["`a.json` is not there"]
    (said,) = messages(spec, a_json="[", b_txt="")
    assert said.startswith("the result can't be read: a.json:1: ")
    assert messages(spec, a_json="!!python/x 1", b_txt="")[0].startswith("the result can't")
    assert messages(spec, a_json="", b_txt="") == []


def test_items_run_one_a_round_and_may_end_early() -> None:
    passes(
        ITEMS,
        """
        workflow: w.yaml
        expected_task_sequence: [many, after]
        mock_action_executions:
          - {task_id: many, item_id: 0, result: a}
          - {task_id: many, item_id: 1, result: b, status: failed}
        expected_output: {r: [a, b]}
        """,
    )
    passes(
        ITEMS,
        """
        workflow: w.yaml
        expected_task_sequence: [many, after]
        expected_output: {r: [null, null, null]}
        """,
    )


def test_a_mock_may_be_for_one_place_of_the_sequence() -> None:
    passes(
        SPLIT,
        """
        workflow: w.yaml
        expected_routes: [[], [b__t0], [c__t0]]
        expected_task_sequence: [a, b, c, d__r1, d__r2, e__r1, e__r2, f__r1, f__r2, g__r1]
        mock_action_executions: [{task_id: e, seq_id: 6, status: failed}]
        expected_workflow_status: failed
        """.replace(", g__r1", ""),
    )


def test_errors_of_actions_and_joins_are_as_orquesta_tells_them() -> None:
    flow = """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{when: <% succeeded() %>, do: c}]}
          b: {action: core.noop, next: [{when: <% succeeded() %>, do: c}]}
          c: {join: all, action: core.noop}
        """
    join = 'The join task|route "c|0" is partially satisfied but unreachable.'
    passes(
        flow,
        f"""
        workflow: w.yaml
        expected_task_sequence: [a, b]
        mock_action_executions: [{{task_id: b, status: failed}}]
        expected_workflow_status: failed
        expected_errors:
          - type: error
            message: Execution failed. See result for details.
            task_id: b
            route: null
          - {{type: error, message: 'UnreachableJoinError: {join}', task_id: c, route: 0}}
        """,
    )


def test_errors_of_expressions_are_compared_by_their_task() -> None:
    flow = """
        version: 1.0
        vars: [{none: 1}]
        tasks: {t: {action: core.echo message=<% ctx().none.x %>}}
        """
    passes(
        flow,
        """
        workflow: w.yaml
        expected_task_sequence: []
        expected_workflow_status: failed
        expected_errors: [{type: error, message: "YaqlEvaluationException: ...", task_id: t}]
        """,
    )


def test_findings_that_are_expected_are_found() -> None:
    flow = "version: 1.0\ntasks: {t: {action: core.echo message=<% ctx().nope %>}}\n"
    spec = """
        workflow: w.yaml
        expected_task_sequence: []
        expected_inspection_errors:
          context: [{type: yaql, message: x, spec_path: tasks.t.input, expression: y}]
        """
    passes(flow, spec)
    passes(flow, spec.replace("spec_path: tasks.t.input, ", ""))
    failure = failure_of(flow, spec.replace("tasks.t.input", "output"))
    assert failure.kind is Kind.INSPECTION
    assert failure.details == (
        "expected, and not found: context at output",
        (
            "found, and not expected: context at tasks.t.input: nothing defines the variable "
            "`nope` before this"
        ),
    )
    assert "is not there" in messages(spec.replace("w.yaml", "none.yaml"))[0]


STATE = """
    workflow_state:
      spec:
        spec:
          version: 1.0
          tasks:
            a: {action: core.noop, next: [{when: <% succeeded() %>, publish: [{v: 1}], do: b}]}
            b: {action: core.noop, next: [{when: <% succeeded() %>, do: many}]}
            many: {with: "<% [1, 2] %>", action: core.echo message=<% item() %>}
          output: [{v: <% ctx().v %>}]
      input: {}
      context: {}
      state:
        contexts: [{}, {v: '<% 7 %>'}]
        sequence:
          - {id: a, route: 0, next: {b__t0: true}, ctxs: {out: {b__t0: 1}}, status: succeeded}
          - {id: b, route: 0, next: {many__t0: true}, status: succeeded}
          - {id: many, route: 0, next: {}, status: failed}
          - {id: fail, route: 0, status: failed}
    """


def test_an_execution_goes_on_from_orquestas_record_of_it() -> None:
    tail = """
    rerun_tasks: [{task_id: many, reset_items: true}]
    expected_task_sequence: [a, b, many, many]
    expected_output: {v: '<% 7 %>'}
    expected_term_tasks: [many]
    """
    passes("", textwrap.dedent(STATE) + textwrap.dedent(tail))


def test_reruns_in_the_record_are_gone_through_again() -> None:
    many = "{id: many, route: 0, next: {}, status: failed}"
    again = f"{many}\n      - {many}\n    reruns: [[2]]"
    state = textwrap.dedent(STATE).replace(
        f"{many}\n      - {{id: fail, route: 0, status: failed}}", again
    )
    passes("", state + "expected_task_sequence: [a, b, many, many, many]\n")


def test_branches_come_together_at_a_join() -> None:
    passes(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: c}]}
          b: {action: core.noop, next: [{do: c}]}
          c: {join: all, action: core.noop}
        """,
        "workflow: w.yaml\nexpected_task_sequence: [a, b, c]\nexpected_term_tasks: [c]\n",
    )


def test_an_error_of_the_output_is_of_no_task() -> None:
    flow = "version: 1.0\ntasks: {a: {action: core.noop}}\noutput: [{x: <% 1 / 0 %>}]\n"
    spec = """
        workflow: w.yaml
        expected_task_sequence: [a]
        expected_workflow_status: failed
        expected_errors: [{type: error, message: Its own words}]
        """
    passes(flow, spec)
    failure = failure_of(flow, spec.replace("Its own words", "Its own words, task_id: a"))
    assert failure.kind is Kind.ERRORS


def test_a_record_that_can_not_be_is_refused() -> None:
    tail = "expected_task_sequence: []\n"
    state = textwrap.dedent(STATE).replace("id: b, route: 0", "id: b, route: 5")
    failure = failure_of("", state + tail)
    assert failure.kind is Kind.REFUSED
    assert "entry 1 of its sequence, `b`, can't follow the others" in failure.message
    found = read("workflow_state: {spec: 1}\n" + tail).findings
    assert [finding.code for finding in found] == [Code.STATE_UNUSABLE]


def test_a_rerun_of_what_never_ran_is_refused() -> None:
    tail = "rerun_tasks: [{task_id: many, route: 3}]\nexpected_task_sequence: []\n"
    failure = failure_of("", textwrap.dedent(STATE) + tail)
    assert "many__r3" in failure.message


def test_what_still_ran_in_the_record_runs() -> None:
    state = textwrap.dedent(STATE).replace(
        "{id: many, route: 0, next: {}, status: failed}", "{id: many, route: 0, status: running}"
    )
    failure = failure_of("", state + "expected_task_sequence: []\n")
    assert failure.kind is Kind.REFUSED


def test_inputs_that_orquesta_does_not_take_are_refused() -> None:
    failure = failure_of(
        "version: 1.0\ninput: [{a: <% 1 / 0 %>}]\ntasks: {t: {action: core.noop}}\n",
        "workflow: w.yaml\nexpected_task_sequence: []\nexpected_workflow_status: running\n",
    )
    assert failure.kind in {Kind.STATUS, Kind.REFUSED}


def test_what_goes_on_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orquesta_performing, "MOST_STEPS", 50)
    flow = """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: b}]}
          b: {action: core.noop, next: [{do: b}]}
        """
    failure = failure_of(flow, "workflow: w.yaml\nexpected_task_sequence: []\n")
    assert failure.kind is Kind.ENDLESS


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("inputs: 5", "`inputs` must be a mapping, not the number 5"),
        ("expected_routes: 5", "`expected_routes` must be a list, not the number 5"),
        (
            "expected_routes: [5]",
            ("an entry of `expected_routes` must be a list of names, not the number 5"),
        ),
        (
            "expected_term_tasks: [5]",
            ("an entry of `expected_term_tasks` must be the name of a task, not the number 5"),
        ),
        (
            "expected_workflow_status: ok",
            ("`expected_workflow_status` is a status such as `succeeded`, not `ok`"),
        ),
        (
            "expected_errors: [5]",
            ("an entry of `expected_errors` must be a mapping, not the number 5"),
        ),
        (
            "expected_inspection_errors: {x: []}",
            (
                "the kinds of findings are contents, syntax, "
                "semantics, expressions, context, each with a list"
            ),
        ),
        ("mock_action_executions: [5]", "a mock must be a mapping, not the number 5"),
        ("mock_action_executions: [{}]", "`task_id` is needed here"),
        ("mock_action_executions: [{task_id: x}]", "the workflow has no task `x`"),
        ("mock_action_executions: [{task_id: many}]", "`many` has items: the mock needs `item_id`"),
        (
            "mock_action_executions: [{task_id: after, num_iter: -1}]",
            ("`num_iter` must be a whole number, 0 or more, not the number -1"),
        ),
        (
            "mock_action_executions: [{task_id: after, seq_id: null, status: x}]",
            ("`status` is a status such as `succeeded`, not `x`"),
        ),
        (
            "mock_action_executions: [{task_id: after, result_path: 5}]",
            ("`result_path` must be the name of a file, not the number 5"),
        ),
        (
            "expected_tsk_sequence: []",
            ("`expected_tsk_sequence` is not a key of a rehearsal of Orquesta's"),
        ),
        ("rerun_tasks: [{}]", "`rerun_tasks` is not a key of a rehearsal of Orquesta's"),
    ],
)
def test_what_is_wrong_is_told(part: str, message: str) -> None:
    assert message in messages(f"workflow: w.yaml\nexpected_task_sequence: []\n{part}\n", ITEMS)


def test_what_is_missing_is_told() -> None:
    assert messages("expected_task_sequence: []\n") == [
        "a rehearsal of Orquesta's needs `workflow`"
    ]
    assert messages("workflow_state: 5\n")[0] == (
        "a rehearsal of Orquesta's needs `expected_task_sequence`"
    )
    assert messages("workflow: 5\nexpected_task_sequence: []\n") == [
        "`workflow` must be the name of a file, not the number 5"
    ]
    assert messages("workflow: w.yaml\nexpected_task_sequence: [5]\n", ITEMS)


def test_the_same_error_of_two_visits_is_told_once() -> None:
    flow = """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{when: <% failed() %>, do: b}]}
          b: {action: core.noop, next: [{when: <% succeeded() %>, do: a}]}
          c: {action: core.noop, next: [{do: a}]}
        """
    passes(
        flow,
        """
        workflow: w.yaml
        expected_task_sequence: [c, a, b, a, b]
        mock_action_executions: [{task_id: a, status: failed, num_iter: 2}, {task_id: b},
          {task_id: b, status: failed}]
        expected_workflow_status: failed
        expected_errors:
          - {type: error, message: Execution failed. See result for details., task_id: a}
          - {type: error, message: Execution failed. See result for details., task_id: b}
        """,
    )


def test_what_is_not_rehearsed_counts_for_no_coverage() -> None:
    verdict = verdict_of(
        "version: 1.0\ntasks: {t: {action: core.echo message=<% ctx().nope %>}}\n",
        """
        workflow: w.yaml
        expected_task_sequence: []
        expected_inspection_errors: {context: [{message: x}]}
        """,
    )
    assert verdict.passed
    assert coverage_of([verdict]).workflows == ()


def test_tasks_that_one_transition_leads_to_share_its_route() -> None:
    passes(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: [s, t]}]}
          b: {action: core.noop, next: [{do: [s, t]}]}
          s: {action: core.noop}
          t: {action: core.noop}
        """,
        """
        workflow: w.yaml
        expected_routes: [[], [a__t0], [b__t0]]
        expected_task_sequence: [a, b, s__r1, s__r2, t__r1, t__r2]
        expected_term_tasks: [s__r1, s__r2, t__r1, t__r2]
        """,
    )


def test_variables_of_the_host_are_there_from_outside() -> None:
    flow = """
        version: 1.0
        vars: [{url: <% ctx().st2.api_url %>}]
        tasks: {a: {action: core.echo message=<% ctx().st2.token %>}}
        output: [{text: <% ctx().url %>/<% ctx().st2.token %>}]
        """
    spec = """
        workflow: w.yaml
        context: {st2: {api_url: http://localhost, token: t}}
        expected_task_sequence: [a]
        expected_output: {text: http://localhost/t}
        """
    passes(flow, spec)
    (message, *_) = messages(spec.replace("st2:", "st3:"), flow)
    assert "nothing defines the variable `st2`" in message
    inspection = "expected_inspection_errors: {context: [{message: x, spec_path: 'output[0]'}]}\n"
    wrong = "version: 1.0\ntasks: {a: {action: core.noop}}\noutput: [{x: <% ctx().y.z %>}]\n"
    head = "workflow: w.yaml\nexpected_task_sequence: []\n"
    passes(wrong, head + inspection)
    assert failure_of(wrong, head + inspection + "context: {y: {z: 1}}\n").kind is Kind.INSPECTION


def test_what_failed_actions_gave_is_compared_where_it_is_expected() -> None:
    flow = "version: 1.0\ntasks: {a: {action: core.noop}, b: {action: core.noop}}\n"
    spec = """
        workflow: w.yaml
        expected_task_sequence: [a, b]
        mock_action_executions:
          - {task_id: a, status: failed, result: {code: 5}}
          - {task_id: b, status: failed}
        expected_workflow_status: failed
        expected_errors:
          - {type: error, message: Execution failed. See result for details., task_id: a,
             result: {code: 5}}
          - {type: error, message: Execution failed. See result for details., task_id: b}
        """
    passes(flow, spec)
    passes(flow, spec.replace("task_id: a,\n             result: {code: 5}", "task_id: a"))
    failure = failure_of(
        flow, spec.replace("{code: 5}}\n          - {type", "6}\n          - {type")
    )
    assert failure.kind is Kind.ERRORS


def test_a_mock_that_is_for_no_time_is_never_used() -> None:
    flow = "version: 1.0\ntasks: {a: {action: core.noop}}\n"
    passes(
        flow,
        """
        workflow: w.yaml
        expected_task_sequence: [a]
        mock_action_executions: [{task_id: a, status: failed, num_iter: 0}]
        """,
    )
