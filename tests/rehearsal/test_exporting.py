"""An execution that happened, as a test that shows it happen again."""

from collections.abc import Mapping

import yaml
from tests.rehearsal.rehearsed import read
from tests.support.conducted import Conducted

from segue.core import stimuli as s
from segue.core.rerun_plan import RerunRequest, Target
from segue.core.rerunning import plan_rerun
from segue.rehearsal.exporting import Fields, exported
from segue.rehearsal.rehearsing import rehearse
from segue.rehearsal.writing import yaml_text
from segue.values import JsonValue


def export_of(run: Conducted) -> Fields:
    return exported("e1", run.events, run.program, "w.yaml")


def test_of(run: Conducted) -> dict[str, JsonValue]:
    tests = export_of(run)["tests"]
    assert isinstance(tests, list)
    assert isinstance(tests[0], dict)
    return tests[0]


test_of.__test__ = False  # type: ignore[attr-defined] # it is none


def passes_again(run: Conducted, text: str) -> None:
    found = read(yaml_text(export_of(run)), text)
    assert found.findings == ()
    verdict = rehearse(found.tests[0])
    assert verdict.passed, [(one.message, one.details) for one in verdict.failures]


FLOW = """
segue: 1
input: {who: string, times: {default: 1}}
tasks:
  a:
    action: x.a
    retry: {count: 1, delay: 5s}
    timeout: 10s
    next:
      - {when: succeeded(), do: [b, c], publish: {r: "{{ result() }}"}}
      - {when: failed(), do: noop}
  b: {action: x.b, next: [{do: d}]}
  c: {next: [{do: d}]}
  d: {join: all, with: "{{ [1, 2] }}", action: x.d, input: {n: "{{ item() }}"}}
output: {r: "{{ ctx.r }}"}
"""


def test_what_actions_gave_becomes_mocks_and_what_came_of_it_is_expected() -> None:
    run = Conducted(FLOW, {"who": "Ada"})
    run.now += 2.5
    run.fail("a", "no answer")
    run.now += 5
    run.give(s.RetryDue(task="a", visit=1, attempt=2))
    run.now += 1
    run.succeed("a", {"x": 1})
    run.succeed("b", "B")
    run.succeed("c")
    run.give(s.AttemptEnded(task="d", visit=1, attempt=1, item=1, outcome=s.Succeeded(result=2)))
    run.give(s.AttemptEnded(task="d", visit=1, attempt=1, item=0, outcome=s.Succeeded(result=1)))
    assert run.settled()
    test = test_of(run)
    mocks = test["mocks"]
    assert isinstance(mocks, Mapping)
    assert mocks["a"] == [
        {"attempt": 1, "fails": "no answer", "takes": 2.5},
        {"attempt": 2, "result": {"x": 1}, "takes": 1.0},
    ]
    assert mocks["d"] == [
        {"item": 0, "result": 1, "takes": 2e-06},
        {"item": 1, "result": 2, "takes": 1e-06},
    ]
    assert test["inputs"] == {"who": "Ada", "times": 1}
    assert test["expect"] == {
        "status": "succeeded",
        "output": {"r": {"x": 1}},
        "errors": [],
        "tasks": ["a#1", "b#1", "c#1", "d#1"],
    }
    assert "start" not in test
    passes_again(run, FLOW)


def test_failures_and_timeouts_happen_again() -> None:
    run = Conducted(FLOW, {"who": "Ada"})
    run.now += 10
    run.time_out("a")
    run.now += 5
    run.give(s.RetryDue(task="a", visit=1, attempt=2))
    failed = s.Failed(message="gone", code="gone", result=[1])
    run.give(s.AttemptEnded(task="a", visit=1, attempt=2, outcome=failed))
    mocks = test_of(run)["mocks"]
    assert isinstance(mocks, Mapping)
    assert mocks["a"] == [
        {"attempt": 1, "times_out": True},
        {
            "attempt": 2,
            "fails": {"message": "gone", "code": "gone", "result": [1]},
            "takes": 1e-06,
        },
    ]


def test_a_start_elsewhere_is_kept() -> None:
    run = Conducted("segue: 1\ntasks: {a: {next: [{do: b}]}, b: {}}\n", start=("b",))
    run.run_all()
    assert test_of(run)["start"] == ["b"]
    passes_again(run, "segue: 1\ntasks: {a: {next: [{do: b}]}, b: {}}\n")


def test_requests_happen_again_in_their_time() -> None:
    text = "segue: 1\ntasks: {a: {action: x.a, next: [{do: b}]}, b: {action: x.b}}\n"
    run = Conducted(text)
    run.now += 1
    run.give(s.Pause(reason="lunch"))
    run.succeed("a", 1)
    run.now += 60
    run.give(s.Resume())
    run.fail("b", "oh")
    run.now += 60
    run.give(s.Rerun(plan=plan_rerun(run.program, run.events, RerunRequest())))
    run.now += 1
    run.cancel()
    run.end_canceled("b", visit=2)
    requests = test_of(run)["requests"]
    assert isinstance(requests, list)
    assert [next(key for key in one if key != "at") for one in requests] == [
        "pause",
        "resume",
        "rerun",
        "cancel",
    ]
    assert requests[0] == {"at": 1.0, "pause": "lunch"}
    assert requests[2]["rerun"] == {"from": ["b#1"]}
    passes_again(run, text)


def test_reruns_keep_what_was_asked_for() -> None:
    text = "segue: 1\ninput: {n: {default: 0}}\ntasks: {a: {action: x.a}}\n"
    run = Conducted(text)
    run.succeed("a")
    ask = RerunRequest(targets=(Target(task="a"),), reset_items=True, variables={"n": 2})
    run.give(s.Rerun(plan=plan_rerun(run.program, run.events, ask)))
    run.succeed("a")
    ask = RerunRequest(from_start=True, inputs={"n": 3})
    run.give(s.Rerun(plan=plan_rerun(run.program, run.events, ask)))
    run.succeed("a")
    requests = test_of(run)["requests"]
    assert isinstance(requests, list)
    assert [one["rerun"] for one in requests] == [
        {"from": ["a#1"], "reset_items": True, "variables": {"n": 2}},
        {"from_start": True, "inputs": {"n": 3}},
    ]
    passes_again(run, text)


def test_what_has_not_ended_never_does() -> None:
    text = "segue: 1\ntasks: {a: {action: core.ask, input: {message: x}}}\n"
    run = Conducted(text)
    test = test_of(run)
    assert test["mocks"] == {"a": {"never": True}}
    assert test["expect"] == {"status": "pending", "errors": [], "tasks": ["a#1"]}
    passes_again(run, text)


def test_errors_are_named_by_their_visit() -> None:
    text = 'segue: 1\ntasks: {a: {action: "{{ 1 / 0 }}"}}\noutput: {x: "{{ 1 / 0 }}"}\n'
    run = Conducted(text)
    expect = test_of(run)["expect"]
    assert isinstance(expect, Mapping)
    errors = expect["errors"]
    assert isinstance(errors, list)
    assert [one.get("task") for one in errors] == ["a#1", None]
    passes_again(run, text)


def test_text_that_looks_like_something_else_is_quoted() -> None:
    value: dict[str, JsonValue] = {
        "a": [
            "yes",
            "1e3",
            "0o17",
            "null",
            "~",
            "1.5",
            "",
            " x ",
            "a: b",
            "#",
            "true",
            "2026-01-31",
        ],
        "lines": "one\ntwo\n",
        "blank": "one \ntwo",
        "bell": "\x07",
        "1": (1, None, True, 1.5, {}),
    }
    text = yaml_text(value)
    found = read("rehearsal: 1\nworkflow: w.yaml\ntests: [{name: t, inputs: {v: 1}}]\n", "")
    assert found.findings
    again = yaml.safe_load(text)
    assert again["lines"] == value["lines"]
    assert "lines: |\n" in text
    assert again["bell"] == "\x07"
    assert "'1e3'" in text or '"1e3"' in text
    assert '"0o17"' in text


def test_values_are_read_back_as_they_were() -> None:
    values: list[JsonValue] = [
        "yes",
        "1e3",
        "0o17",
        "null",
        "~",
        "1.5",
        "",
        "x\ny \n",
        5,
        1e20,
        None,
        True,
        [{}],
    ]
    flow = 'segue: 1\ninput: {v: array}\ntasks: {a: {}}\noutput: {v: "{{ ctx.v }}"}\n'
    run = Conducted(flow, {"v": values})
    run.run_all()
    passes_again(run, flow)
    assert run.output == {"v": values}


def test_ends_of_lines_of_all_kinds_are_kept() -> None:
    flow = 'segue: 1\ninput: {v: object}\ntasks: {a: {}}\noutput: {v: "{{ ctx.v }}"}\n'
    run = Conducted(
        flow, {"v": {"\x85": "a\x85b\n", "\u2028": "\r\n", "\n": "\ufeff", "t": "\ta\n"}}
    )
    run.run_all()
    passes_again(run, flow)


RUNS_OUT = """
segue: 1
limits: {duration: 10s}
tasks:
  bad: {action: x.bad}
  slow: {action: x.slow, next: [{do: end}]}
  end: {}
"""


def test_what_is_canceled_after_it_failed_is_canceled_again() -> None:
    run = Conducted(RUNS_OUT)
    run.now += 1
    run.fail("bad")
    run.now += 2
    run.cancel()
    run.now += 0.5
    run.end_canceled("slow")
    assert run.settled()
    assert test_of(run)["requests"] == [{"at": 3.0, "cancel": None}]
    passes_again(run, RUNS_OUT)


def test_a_deadline_passes_again_by_itself_failed_or_not() -> None:
    for fails in (True, False):
        run = Conducted(RUNS_OUT)
        if fails:
            run.now += 1
            run.fail("bad")
        run.now = run.events[0].at + 10.01  # a little late
        run.give(s.DeadlinePassed())
        run.now += 0.5
        for task in ("slow",) if fails else ("slow", "bad"):
            run.end_canceled(task)
        assert run.settled()
        assert "requests" not in test_of(run)
        passes_again(run, RUNS_OUT)


def test_what_ended_while_a_timer_was_late_ends_before_it() -> None:
    text = """
        segue: 1
        tasks:
          a: {action: x.a, next: [{do: b}]}
          b: {}
          late: {delay: 10s, next: [{do: end}]}
          end: {}
        """
    run = Conducted(text)
    run.now += 10.2
    run.succeed("a")
    run.succeed("b")
    run.now += 0.1
    run.give(s.DelayPassed(task="late", visit=1))
    run.run_all()
    mocks = test_of(run)["mocks"]
    assert isinstance(mocks, Mapping)
    assert mocks["a"] == {"result": None, "takes": 9.999999}
    passes_again(run, text)


def test_an_action_takes_no_longer_than_its_timeout() -> None:
    text = "segue: 1\ntasks: {a: {action: x.a, timeout: 1s}}\n"
    run = Conducted(text)
    run.now += 1.05  # it ended in time, and that took its time to be heard
    run.succeed("a")
    mocks = test_of(run)["mocks"]
    assert isinstance(mocks, Mapping)
    assert mocks["a"] == {"result": None, "takes": 1.0}
    passes_again(run, text)


def test_defaults_are_left_out_where_a_rerun_evaluates_them_anew() -> None:
    text = """
        segue: 1
        input: {n: {default: 1}, m: {default: "{{ ctx.n + 1 }}"}}
        tasks: {a: {action: x.a}}
        output: {m: "{{ ctx.m }}"}
        """
    run = Conducted(text)
    run.succeed("a")
    assert test_of(run)["inputs"] == {"n": 1, "m": 2}
    ask = RerunRequest(from_start=True, inputs={"n": 3})
    run.give(s.Rerun(plan=plan_rerun(run.program, run.events, ask)))
    run.succeed("a")
    assert run.output == {"m": 4}
    assert "inputs" not in test_of(run)
    passes_again(run, text)
