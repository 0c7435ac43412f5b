"""What Attune's files do, construct by construct, through the pure core."""

import pytest
from tests.support.conducted import T0, Conducted

from segue.core import stimuli as s
from segue.core.status import Status
from segue.values import JsonValue

HEAD = "ref: demo.it\nlabel: It\nversion: 1.0.0\n"

OLDER = (
    HEAD
    + """
tasks:
  - name: a
    action: p.a
    on_success: good
    on_failure: [bad, worse]
    on_complete: always
    on_timeout: slow
  - {name: good, action: p.x}
  - {name: bad, action: p.x}
  - {name: worse, action: p.x}
  - {name: always, action: p.x}
  - {name: slow, action: p.x}
"""
)


def test_after_a_success_all_transitions_that_hold_are_taken() -> None:
    run = Conducted(OLDER)
    run.succeed("a")
    assert run.running == ["good", "always"]


def test_after_a_failure_those_for_failures_are_taken() -> None:
    run = Conducted(OLDER)
    run.fail("a")
    assert run.running == ["bad", "worse", "always"]


def test_a_timeout_is_no_failure() -> None:
    run = Conducted(OLDER)
    run.time_out("a")
    assert run.running == ["always", "slow"]


def test_on_error_takes_failures_and_timeouts() -> None:
    text = f"{HEAD}tasks: [{{name: a, action: p.a, on_error: b}}, {{name: b, action: p.b}}]\n"
    for end in (Conducted.fail, Conducted.time_out):
        run = Conducted(text)
        end(run, "a")
        assert run.running == ["b"]


def test_a_failure_without_a_handler_lets_the_other_branches_finish() -> None:
    run = Conducted(
        HEAD
        + """
tasks:
  - {name: a, action: p.a}
  - {name: b, action: p.b, on_success: c}
  - {name: c, action: p.c}
"""
    )
    run.fail("a")
    assert (run.running, run.status()) == (["b"], Status.RUNNING)
    run.succeed("b")
    run.succeed("c")
    assert (run.status(), run.settled()) == (Status.FAILED, True)


NEXT = (
    HEAD
    + """
parameters:
  limit: {type: integer, default: 2}
vars:
  seen: 0
  note: null
tasks:
  - name: poll
    action: p.poll
    next:
      - when: "{{ succeeded() and workflow.seen + 1 < parameters.limit }}"
        publish:
          - seen: "{{ workflow.seen + 1 }}"
        do: [wait]
      - when: succeeded() and seen + 1 >= parameters.limit
        publish:
          - done: true
          - last
        do: [report]
      - publish: {note: "{{ result().text }}"}
  - name: wait
    action: p.wait
    next: [{do: [poll]}]
  - name: start
    action: p.start
    next: [{do: poll}]
  - {name: report, action: p.report, input: {seen: "{{ vars.seen }}", last: "{{ last }}"}}
output_map:
  seen: "{{ workflow.seen }}"
  note: "{{ workflow.note }}"
  nowhere: "{{ workflow.nothing_of_the_kind }}"
  nothing_of_the_kind: 1
  done: "{{ variables.done }}"
"""
)


def test_a_cycle_goes_round_until_its_condition_ends_it() -> None:
    run = Conducted(NEXT)
    run.run_all({"text": "hi"})
    assert [one.task for one in run.view.tasks] == ["start", "poll", "wait", "poll", "report"]
    assert run.input_of("report") == {"seen": 1, "last": {"text": "hi"}}


def test_an_entry_of_the_output_that_fails_is_left_out() -> None:
    run = Conducted(NEXT)
    run.run_all({"text": "hi"})
    assert run.status() is Status.SUCCEEDED
    assert run.output == {"seen": 1, "note": "hi", "nothing_of_the_kind": 1, "done": True}
    assert [code for code, _, _ in run.errors] == ["expression_failed"]


def test_a_task_that_several_lead_to_runs_once() -> None:
    run = Conducted(
        HEAD
        + """
tasks:
  - {name: a, action: p.a, on_success: c}
  - {name: b, action: p.b, on_success: c, on_complete: c}
  - {name: c, action: p.c}
"""
    )
    run.succeed("a")
    assert run.running == ["b", "c"]
    run.succeed("b")
    run.succeed("c")
    assert (run.visits("c"), run.status()) == (1, Status.SUCCEEDED)


def test_a_join_waits_for_as_many_tasks_as_it_says() -> None:
    run = Conducted(
        HEAD
        + """
tasks:
  - {name: a, action: p.a, publish: [{x: 1}], on_success: c}
  - {name: b, action: p.b, on_success: c}
  - {name: c, action: p.c, join: 2, input: {x: "{{ x }}"}}
"""
    )
    run.succeed("a")
    assert run.running == ["b"]
    run.succeed("b")
    assert run.input_of("c") == {"x": 1}


WHEN = (
    HEAD
    + """
parameters: {go: {type: boolean}}
tasks:
  - {name: a, action: p.a, on_success: [b, c]}
  - {name: b, action: p.b, when: "{{ parameters.go }}", delay: 5, on_success: d}
  - {name: c, action: p.c}
  - {name: d, action: p.d}
"""
)


def test_a_task_whose_when_does_not_hold_is_not_run_and_nothing_follows() -> None:
    run = Conducted(WHEN)
    run.succeed("a")
    assert run.running == ["c"]
    run.succeed("c")
    assert run.status() is Status.SUCCEEDED
    skipped = next(one for one in run.view.tasks if one.task == "b")
    assert (skipped.status, skipped.note) == (
        Status.CANCELED,
        "not run: its `when` did not hold",
    )


def test_a_task_whose_when_holds_waits_for_its_delay_and_runs() -> None:
    run = Conducted(WHEN, {"go": True})
    run.succeed("a")
    assert [(one.task, one.due) for one in run.view.tasks if one.due] == [("b", T0 + 5)]
    run.give(s.DelayPassed(task="b", visit=1))
    run.succeed("b")
    assert run.running == ["c", "d"]


def test_an_error_in_the_when_of_a_task_is_one_of_the_task() -> None:
    text = f"{HEAD}tasks: [{{name: a, action: p.a, when: '{{{{ 1 + [] }}}}', on_failure: b}}, "
    run = Conducted(text + "{name: b, action: p.b}]\n")
    assert run.running == ["b"]
    assert run.message.startswith("its `when` can't be evaluated")


def test_a_join_that_is_not_run_absorbs_what_comes_late() -> None:
    run = Conducted(
        HEAD
        + """
tasks:
  - {name: a, action: p.a, on_success: c}
  - {name: b, action: p.b, on_success: c}
  - {name: c, action: p.c, when: "{{ false }}"}
"""
    )
    run.succeed("a")
    run.succeed("b")
    assert (run.status(), run.visits("c")) == (Status.SUCCEEDED, 1)


CONDITIONS = (
    HEAD
    + """
parameters: {n: {type: integer, required: true}}
tasks:
  - name: a
    action: p.a
    publish: [{size: "{{ result().size }}"}, {kind: seen}]
    on_success:
      - {when: "{{ size > 10 }}", do: large}
      - when: "{{ size <= 10 }}"
        do:
          - {when: "{{ parameters.n == 1 }}", next: small}
          - {when: "{{ parameters.n == 2 }}", next: [tiny, small]}
          - {next: few}
      - do: log
    on_failure:
      - {when: "parameters.n == 1", publish: [{kind: lost}], do: retreat}
  - {name: large, action: p.x}
  - {name: small, action: p.x, input: {size: "{{ size }}"}}
  - {name: tiny, action: p.x}
  - {name: few, action: p.x, input: {kind: "{{ kind }}"}}
  - {name: log, action: p.x}
  - {name: retreat, action: p.x, input: {kind: "{{ kind }}"}}
"""
)


@pytest.mark.parametrize(
    ("n", "size", "running"),
    [
        (1, 11, ["large", "log"]),
        (1, 9, ["small", "few", "log"]),
        (2, 9, ["tiny", "small", "few", "log"]),
        (3, 9, ["few", "log"]),
    ],
)
def test_entries_of_on_success_may_have_conditions_and_these_conditions_in_them(
    n: int, size: int, running: list[str]
) -> None:
    run = Conducted(CONDITIONS, {"n": n})
    run.succeed("a", {"size": size})
    assert run.running == running


def test_what_a_task_publishes_is_seen_by_its_conditions_and_by_those_that_follow() -> None:
    run = Conducted(CONDITIONS, {"n": 1})
    run.succeed("a", {"size": 4})
    assert run.input_of("small") == {"size": 4}


def test_a_condition_of_on_failure_may_publish() -> None:
    run = Conducted(CONDITIONS, {"n": 1})
    run.fail("a")
    assert run.input_of("retreat") == {"kind": "lost"}


DECISION = (
    HEAD
    + """
tasks:
  - name: a
    action: p.a
    publish: [{x: "{{ result() }}"}]
    decision:
      - {when: "{{ x == 1 }}", next: one}
      - {when: "{{ x == 2 }}", next: two, default: false}
      - %s
  - {name: one, action: p.x}
  - {name: two, action: p.x}
  - {name: other, action: p.x, input: {x: "{{ x }}"}}
"""
)


@pytest.mark.parametrize("default", ["{default: other}", "{default: true, next: other}"])
@pytest.mark.parametrize(("result", "then"), [(1, "one"), (2, "two"), (3, "other")])
def test_a_decision_has_conditions_and_a_default(default: str, result: int, then: str) -> None:
    run = Conducted(DECISION % default)
    run.succeed("a", result)
    assert run.running == [then]


def test_a_decision_is_not_asked_after_a_failure() -> None:
    run = Conducted(DECISION % "{default: other}")
    run.fail("a")
    assert (run.running, run.status()) == ([], Status.FAILED)


def test_what_a_task_publishes_stays_if_nothing_follows() -> None:
    text = HEAD + "tasks: [{name: a, action: p.a, publish: [{x: 1}, all]}]\n"
    run = Conducted(text + "output_map: {x: '{{ x }}', all: '{{ all }}'}\n")
    run.succeed("a", 7)
    assert run.output == {"x": 1, "all": 7}


def test_conditions_of_on_complete_see_what_the_task_publishes_and_lead_it_on() -> None:
    text = (
        HEAD
        + """
vars: {n: 0, x: 0}
tasks:
  - name: a
    action: p.a
    publish: [{n: "{{ result() }}"}, {x: 1}]
    on_complete:
      - {when: "{{ n > 1 }}", do: b}
      - {when: "{{ failed() }}", do: [{when: "{{ n == 0 }}", do: c}, {do: d}]}
  - {name: b, action: p.b, input: {n: "{{ n }}"}}
  - {name: c, action: p.c, input: {n: "{{ n }}", x: "{{ x }}"}}
  - {name: d, action: p.d, input: {n: "{{ n }}", x: "{{ x }}"}}
"""
    )
    run = Conducted(text)
    run.succeed("a", 2)
    assert run.running == ["b"]
    assert run.input_of("b") == {"n": 2}
    run = Conducted(text)
    run.fail("a")
    assert run.running == ["c", "d"]
    assert run.input_of("c") == {"n": 0, "x": 1}
    assert run.input_of("d") == {"n": 0, "x": 1}


def test_on_complete_publishes_what_needs_no_result_after_a_failure_too() -> None:
    text = (
        HEAD
        + """
tasks:
  - {name: a, action: p.a, publish: [{x: 1}, {y: "{{ result().y }}"}], on_complete: b}
  - {name: b, action: p.b, input: {x: "{{ x }}", y: "{{ y | default(0) }}"}}
"""
    )
    run = Conducted(text)
    run.fail("a")
    assert run.input_of("b") == {"x": 1, "y": 0}
    run = Conducted(text)
    run.succeed("a", {"y": 2})
    assert run.input_of("b") == {"x": 1, "y": 2}


PARALLEL = (
    HEAD
    + """
tasks:
  - {name: begin, action: p.x, on_success: both}
  - name: both
    type: parallel
    tasks:
      - {name: left, action: p.left, publish: [{l: "{{ result() }}"}], retry: {count: 1}}
      - {name: "ri'ght", action: p.right, timeout: 3}
    on_success: good
    on_failure: bad
  - {name: good, action: p.x, input: {all: "{{ task.both.result }}", l: "{{ l }}"}}
  - {name: bad, action: p.x}
"""
)


def test_parallel_tasks_run_together_and_meet_again() -> None:
    run = Conducted(PARALLEL)
    run.succeed("begin")
    run.succeed("both.begin")
    assert run.running == ["left", "ri'ght"]
    run.succeed("ri'ght", "r")
    run.succeed("left", "l")
    assert run.running == ["both"]
    assert run.input_of("both") == {
        "message": [
            {"task": "left", "status": "succeeded", "result": "l"},
            {"task": "ri'ght", "status": "succeeded", "result": "r"},
        ]
    }
    run.succeed("both", run.input_of("both")["message"])
    assert run.running == ["good"]
    assert run.input_of("good")["l"] == "l"


def test_parallel_tasks_have_failed_if_one_of_them_has() -> None:
    run = Conducted(PARALLEL)
    run.succeed("begin")
    run.succeed("both.begin")
    run.time_out("ri'ght")
    run.fail("left")
    run.fail("left")
    assert run.running == ["bad"]
    assert run.message == (
        "the input can't be evaluated: 2 of 2 parallel tasks failed: `left`, `ri'ght`"
    )


ITEMS = (
    HEAD
    + """
parameters: {hosts: {type: array, required: true}}
tasks:
  - name: each
    action: p.each
    with_items: "{{ parameters.hosts }}"
    %s
    input: {host: "{{ item }}", at: "{{ index }}"}
    on_success: after
    on_failure: lost
  - {name: after, action: p.after, input: {all: "{{ task.each.result }}"}}
  - {name: lost, action: p.lost}
"""
)


def _items(run: Conducted) -> list[object]:
    execution = run.state.find("each", 1)
    assert execution is not None
    assert execution.items is not None
    return [execution.items.values[item] for item in sorted(execution.items.open)]


@pytest.mark.parametrize(
    ("keys", "open_at_first"),
    [
        ("", ["a"]),
        ("concurrency: 2", ["a", "b"]),
        ('concurrency: "{{ length(parameters.hosts) }}"', ["a", "b", "c"]),
        ("batch_size: 2", [["a", "b"]]),
        ("batch_size: 1", ["a"]),
        ("{batch_size: 2, concurrency: 2}", [["a", "b"], ["c"]]),
    ],
)
def test_items_run_one_by_one_unless_the_file_says_otherwise(
    keys: str, open_at_first: list[object]
) -> None:
    written = keys.strip("{}").replace(", ", "\n    ") if keys.startswith("{b") else keys
    run = Conducted(ITEMS % written, {"hosts": ["a", "b", "c"]})
    assert _items(run) == open_at_first


def test_every_item_runs_though_one_has_failed_and_then_the_task_has() -> None:
    run = Conducted(ITEMS % "", {"hosts": ["a", "b"]})
    run.give(s.AttemptEnded(task="each", visit=1, attempt=1, item=0, outcome=s.Failed(message="x")))
    assert _items(run) == ["b"]
    run.give(s.AttemptEnded(task="each", visit=1, attempt=1, item=1, outcome=s.Succeeded()))
    assert run.running == ["lost"]


def test_no_items_are_a_success() -> None:
    run = Conducted(ITEMS % "", {"hosts": []})
    assert (run.running, run.input_of("after")) == (["after"], {"all": []})


def test_what_is_no_list_is_the_only_item() -> None:
    text = ITEMS.replace("type: array, ", "") % ""
    assert _items(Conducted(text, {"hosts": "alone"})) == ["alone"]


def test_a_text_around_an_expression_is_one_item() -> None:
    text = ITEMS.replace('"{{ parameters.hosts }}"', '"x{{ parameters.hosts }}"') % ""
    assert _items(Conducted(text.replace("type: array, ", ""), {"hosts": 1})) == ["x1"]


def test_items_may_be_written_out() -> None:
    text = ITEMS.replace('"{{ parameters.hosts }}"', "[a, '{{ 1 + 1 }}']") % "concurrency: 9"
    assert _items(Conducted(text, {"hosts": []})) == ["a", 2]


RETRY = (
    HEAD
    + """
tasks:
  - name: a
    action: p.a
    timeout: 10
    retry: {count: 5, delay: 2, backoff: exponential, max_delay: 5, on_error: "%s"}
"""
)


@pytest.mark.parametrize("on_error", ["timed_out()", "{{ timed_out() }}"])
def test_retry_asks_on_error_which_errors_it_is_for(on_error: str) -> None:
    run = Conducted(RETRY % on_error)
    run.time_out("a")
    assert run.view.tasks[0].due == T0 + 2
    run = Conducted(RETRY % on_error)
    run.fail("a")
    assert run.status() is Status.FAILED


def test_a_success_is_never_retried() -> None:
    run = Conducted(RETRY % "true")
    run.succeed("a")
    assert run.status() is Status.SUCCEEDED


def test_parameters_stay_what_they_were_whatever_is_published() -> None:
    text = (
        HEAD
        + """
parameters: {x: {default: 1}}
tasks:
  - {name: a, action: p.a, publish: [{x: 2}], on_success: b}
  - {name: b, action: p.b, input: {p: "{{ parameters.x }}", x: "{{ x }}"}}
"""
    )
    run = Conducted(text)
    run.succeed("a")
    assert run.input_of("b") == {"p": 1, "x": 2}


def test_names_in_expressions() -> None:
    text = (
        HEAD
        + """
vars: {v: 1}
tasks:
  - {name: a, action: p.a, on_success: b}
  - name: b
    action: p.b
    input:
      v: ["{{ workflow.v }}", "{{ vars.v }}", "{{ variables.v }}", "{{ v }}"]
      t: ["{{ task.a.result.n }}", "{{ tasks.a.n }}", "{{ task.a.status }}"]
      s: "{{ type_of(system.workflow_start) }}"
      f: "{{ upper('x') }}{{ length([1, 2]) }}"
"""
    )
    run = Conducted(text)
    run.succeed("a", {"n": 5})
    assert run.input_of("b") == {
        "v": [1, 1, 1, 1],
        "t": [5, 5, "succeeded"],
        "s": "string",
        "f": "X2",
    }


def test_defaults_and_actions_are_never_rendered() -> None:
    text = f"{HEAD}parameters: {{x: {{default: '{{{{ y }}}}'}}}}\n"
    run = Conducted(text + "tasks: [{name: a, action: p.a, input: {x: '{{ parameters.x }}'}}]\n")
    assert run.input_of("a") == {"x": "{{ y }}"}


@pytest.mark.parametrize(
    ("given", "handed"),
    [
        ('"{{ parameters }}"', {"x": 1}),
        ("parameters", {"x": 1}),
        ("", {}),
        ("{}", {}),
    ],
)
def test_the_whole_input_may_be_an_expression(given: str, handed: dict[str, object]) -> None:
    text = f"{HEAD}parameters: {{x: {{default: 1}}}}\ntasks:\n- name: a\n  action: p.a\n"
    assert Conducted(f"{text}  input: {given}\n").input_of("a") == handed


def test_uuid_gives_another_text_each_time() -> None:
    text = f"{HEAD}tasks: [{{name: a, action: p.a, input: {{x: ['{{{{ uuid() }}}}', "
    run = Conducted(text + "'{{ uuid() }}']}}]\n")
    made = run.input_of("a")["x"]
    assert isinstance(made, list)
    assert len(set(map(str, made))) == 2
    assert [len(str(one)) for one in made] == [36, 36]


def test_the_results_of_sub_workflows_are_their_outputs() -> None:
    text = ITEMS.replace("{{ task.each.result }}", "{{ task.each.results }}") % "concurrency: 2"
    run = Conducted(text, {"hosts": ["a", "b"]})
    child: JsonValue = {"id": "x", "status": "succeeded", "output": {"y": 1}, "errors": []}
    results: list[JsonValue] = [child, None]
    for item, result in enumerate(results):
        outcome = s.Succeeded(result=result)
        run.give(s.AttemptEnded(task="each", visit=1, attempt=1, item=item, outcome=outcome))
    assert run.input_of("after") == {"all": [{"y": 1}, None]}


def test_a_join_that_needs_a_task_that_is_not_run_says_so() -> None:
    run = Conducted(
        HEAD
        + """
tasks:
  - {name: a, action: p.a, on_success: c}
  - {name: b, action: p.b, when: "{{ false }}", on_success: c}
  - {name: c, action: p.c, join: 2}
"""
    )
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.message.startswith("the join `c` can't be satisfied")


def test_parallel_tasks_may_wait_for_others_and_have_a_condition() -> None:
    text = (
        HEAD
        + """
parameters: {go: {type: boolean, required: true}}
tasks:
  - {name: a, action: p.a, on_success: both}
  - {name: b, action: p.b, on_success: both}
  - name: both
    type: parallel
    join: 2
    when: "{{ parameters.go }}"
    tasks: [{name: l, action: p.l}, {name: r, action: p.r}]
"""
    )
    run = Conducted(text, {"go": True})
    run.succeed("a")
    run.succeed("b")
    run.succeed("both.begin")
    assert run.running == ["l", "r"]
    run = Conducted(text, {"go": False})
    run.succeed("a")
    run.succeed("b")
    assert (run.running, run.status()) == ([], Status.SUCCEEDED)


def test_a_loop_may_go_through_parallel_tasks() -> None:
    run = Conducted(
        HEAD
        + """
vars: {n: 0}
tasks:
  - {name: begin, action: p.x, on_success: both}
  - name: both
    type: parallel
    tasks:
      - {name: l, action: p.l, publish: [{n: "{{ n + 1 }}"}]}
      - {name: r, action: p.r}
    on_success: [{when: "{{ n < 3 }}", do: both}]
output_map: {n: "{{ n }}"}
"""
    )
    run.run_all()
    assert (run.output, run.visits("both"), run.visits("r")) == ({"n": 3}, 3, 3)


def test_a_condition_of_a_decision_may_ask_how_the_task_ended() -> None:
    run = Conducted(DECISION.replace("x == 2", "timed_out() or x == 2") % "{default: other}")
    run.time_out("a")
    assert run.running == ["two"]
    run = Conducted(DECISION.replace("x == 2", "succeeded()") % "{default: other}")
    run.succeed("a", 2)
    assert run.running == ["two"]
    line = "{name: a, action: p.a, decision: [{when: failed(), next: b}]}"
    run = Conducted(f"{HEAD}tasks: [{line}, {{name: b, action: p.b}}]\n")
    run.fail("a")
    assert run.running == ["b"]


@pytest.mark.parametrize(
    ("key", "end", "x"),
    [
        ("on_success", "succeed", 2),
        ("on_failure", "fail", 2),
        ("on_complete", "succeed", 2),
        ("on_complete", "fail", 2),
    ],
)
@pytest.mark.parametrize("before", ["", "publish: [{x: 1}], "])
def test_an_entry_without_condition_may_publish(key: str, end: str, x: int, before: str) -> None:
    entry = f"{before}{key}: [{{publish: [{{x: 2}}], do: b}}]"
    run = Conducted(
        f"{HEAD}tasks:\n  - {{name: a, action: p.a, {entry}}}\n"
        "  - {name: b, action: p.b, input: {x: '{{ x }}'}}\n"
    )
    getattr(run, end)("a")
    assert run.input_of("b") == {"x": x}
