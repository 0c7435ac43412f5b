"""Mocks stand for the calls of actions, strictly."""

from tests.rehearsal.rehearsed import failure_of, kinds_of, passes

from segue.rehearsal.verdict import Kind

ONE = """
    segue: 1
    input: {n: {default: 1}}
    tasks:
      work:
        action: core.http
        input: {url: "http://x/{{ ctx.n }}"}
        timeout: 10s
        retry: {count: 1, delay: 5s}
        next:
          - {when: succeeded(), do: done}
          - {when: timed_out(), do: late}
          - {when: failed(), do: bad}
      done: {}
      late: {}
      bad: {}
    """

ASKS = """
    segue: 1
    tasks:
      ask:
        action: core.ask
        input:
          message: Really?
          schema: {type: object, required: [really]}
        timeout: 1h
        next:
          - {when: "succeeded()", publish: {said: "{{ result().response }}"}}
          - {when: timed_out(), publish: {said: nothing}, do: noop}
          - {when: failed(), publish: {said: "{{ result().reason }}"}, do: noop}
    output: {said: "{{ ctx.said }}"}
    """

ITEMS = """
    segue: 1
    tasks:
      many:
        with: "{{ ['a', 'b', 'c'] }}"
        action: core.echo
        input: {message: "{{ item() }}"}
        next: [{when: succeeded(), publish: {r: "{{ result() }}"}}]
    output: {r: "{{ ctx.r }}"}
    """


def test_an_action_that_is_not_mocked_is_a_failure_that_says_what_to_write() -> None:
    failure = failure_of(ONE, "inputs: {n: 2}")
    assert failure.kind is Kind.NOT_MOCKED
    assert failure.message == "work#1 calls core.http, and there is no mock for it"
    assert failure.details == (
        'its input is {"url":"http://x/2"}',
        "add one under `mocks`, such as `work: {result: ...}`",
    )
    assert failure.at == "work#1"


def test_mocks_that_are_used_up_leave_a_call_without_one() -> None:
    failure = failure_of(ONE, "mocks: {work: {fails: oh}}")
    assert failure.kind is Kind.NOT_MOCKED
    assert failure.message == (
        "work#1 attempt 2 calls core.http, and no mock of it is left for this call, or is for it"
    )
    assert failure.span.line == 5


def test_nothing_is_made_up_after_a_call_without_a_mock() -> None:
    assert kinds_of(ONE, "expect: {status: failed, output: {a: 1}}") == [Kind.NOT_MOCKED]


def test_a_mock_that_is_not_used_is_a_failure_at_its_place() -> None:
    failure = failure_of(
        ONE,
        """
        mocks:
          work:
            - {result: 1}
            - {result: 2}
        """,
    )
    assert failure.kind is Kind.MOCK_UNUSED
    assert failure.message == "a mock of `work` is not used"
    assert failure.details == ("`work` has 1 visit in this test",)
    assert failure.span.line == 8


def test_a_mock_that_is_used_less_often_than_it_says_is_a_failure() -> None:
    failure = failure_of(ONE, "mocks: {work: {result: 1, times: 3}}")
    assert failure.message == "a mock of `work` is used 1 of 3 times"


def test_a_mock_of_a_task_that_is_never_visited_says_so() -> None:
    failure = failure_of(ONE, "mocks: {work: {result: 1}, late: {result: 2}}")
    assert failure.details == ("`late` is not visited in this test",)


def test_a_mock_for_any_number_of_calls_may_stand_for_none() -> None:
    passes(ONE, "mocks: {work: {result: 1}, late: {result: 2, times: any}}")


def test_a_task_without_an_action_needs_no_mock() -> None:
    passes("segue: 1\ntasks: {a: {}}\n", "expect: {tasks: [a]}")


def test_mocks_are_for_one_call_after_the_other() -> None:
    passes(
        ONE,
        """
        mocks: {work: [{fails: oh}, {result: 1}]}
        expect: {tasks: [work, done], visits: {work: {attempts: 2, result: 1}}, duration: 5s}
        """,
    )


def test_a_mock_may_be_for_an_attempt_or_a_visit_alone() -> None:
    passes(
        ONE,
        """
        mocks: {work: [{result: 1, attempt: 2}, {fails: oh, visit: 1, attempt: 1}]}
        expect: {tasks: [work, done]}
        """,
    )


def test_a_failure_may_have_a_code_and_a_result() -> None:
    passes(
        ONE,
        """
        mocks: {work: {fails: {message: no, code: gone, result: {a: 1}}, times: 2}}
        expect:
          tasks: [work, bad]
          visits: {work: {result: {a: 1}}}
          errors: [{code: gone, message: "no", task: work#1, handled: true}]
        """,
    )


def test_a_timeout_passes_at_once_and_takes_its_time() -> None:
    passes(
        ONE,
        """
        mocks: {work: {times_out: true, times: 2}}
        expect: {tasks: [work, late], duration: 25s, visits: {work: {status: timeout}}}
        """,
    )


def test_an_action_that_takes_longer_than_its_timeout_is_ended_by_it() -> None:
    passes(
        ONE,
        """
        mocks: {work: [{result: 1, takes: 11s}, {never: true}]}
        expect: {tasks: [work, late], duration: 25s}
        """,
    )


def test_what_has_no_timeout_can_time_out_after_the_time_it_takes() -> None:
    passes(
        "segue: 1\ntasks: {a: {action: core.local, input: {cmd: x}}}\n",
        "mocks: {a: {times_out: true, takes: 3s}}\nexpect: {status: failed, duration: 3s}",
    )


def test_what_never_ends_leaves_the_execution_running() -> None:
    flow = "segue: 1\ntasks: {a: {action: core.local, input: {cmd: x}}}\n"
    passes(flow, "mocks: {a: {never: true}}\nexpect: {status: running}")
    failure = failure_of(flow, "mocks: {a: {never: true}}")
    assert failure.kind is Kind.STATUS
    assert failure.details == ("a#1 is running and waits for core.local to end",)


def test_a_call_with_another_input_or_action_is_a_failure_with_what_differs() -> None:
    failure = failure_of(ONE, "mocks: {work: {input: {url: http://y, timeout: 1}}}")
    assert failure.kind is Kind.CALL
    assert failure.message == "work#1: it was called with another input"
    assert failure.details == (
        'input.url: expected "http://y", came "http://x/1"',
        "input.timeout: expected 1, is missing",
    )
    failure = failure_of(ONE, "mocks: {work: {action: core.local}}")
    assert failure.details == ("action: expected core.local, came core.http",)
    passes(ONE, "mocks: {work: {action: core.http, input: {url: http://x/1}}}")


def test_items_have_mocks_of_their_own_or_share_one() -> None:
    passes(
        ITEMS,
        """
        mocks: {many: [{result: 2, item: 1}, {result: 0, times: 2}]}
        expect: {output: {r: [0, 2, 0]}, visits: {many: {input: [
          {message: a}, {message: b}, {message: c}]}}}
        """,
    )


def test_a_failure_of_an_item_names_it() -> None:
    failure = failure_of(ITEMS, "mocks: {many: [{result: 0, item: 0}, {item: 2}]}")
    assert failure.at == "many#1 item 1"


def test_what_needs_only_time_can_really_be_run() -> None:
    passes(ITEMS, "mocks: {many: {run: true, times: 3}}\nexpect: {output: {r: [a, b, c]}}")
    passes(
        "segue: 1\ntasks: {a: {action: core.sleep, input: {seconds: 90}}, b: {action: core.noop}}",
        "mocks: {a: {run: true}, b: {run: true}}\nexpect: {duration: 90s}",
    )


def test_what_is_really_run_refuses_input_that_it_does_not_take() -> None:
    passes(
        "segue: 1\ntasks: {a: {action: core.sleep, input: {seconds: soon}}}\n",
        "mocks: {a: {run: true}}\nexpect: {status: failed, errors: [{code: invalid_input}]}",
    )
    passes(
        "segue: 1\ntasks: {a: {action: core.echo}}\n",
        "mocks: {a: {run: true}}\nexpect: {status: failed, errors: [{code: invalid_input}]}",
    )


def test_what_needs_the_world_can_not_be_run() -> None:
    failure = failure_of(ONE, "mocks: {work: {run: true}}")
    assert failure.kind is Kind.CALL
    assert failure.message == "work#1: core.http can't be run here: it needs the world, or people"
    assert "core.ask" in failure_of(ASKS, "mocks: {ask: {run: true}}").message


def test_a_question_is_answered() -> None:
    passes(
        ASKS,
        """
        mocks: {ask: {answers: {really: true}, takes: 5m}}
        expect:
          output: {said: {really: true}}
          duration: 5m
          visits: {ask: {result: {response: {really: true}, by: rehearsal, at: 946685100}}}
        """,
    )


def test_a_question_is_refused() -> None:
    passes(ASKS, "mocks: {ask: {rejects: not now}}\nexpect: {output: {said: not now}}")
    passes(ASKS, "mocks: {ask: {rejects: null}}\nexpect: {output: {said: null}}")


def test_a_question_that_nobody_answers_in_time_times_out() -> None:
    for mock in ("{never: true}", "{answers: {really: true}, takes: 2h}", "{times_out: true}"):
        passes(ASKS, f"mocks: {{ask: {mock}}}\nexpect: {{output: {{said: nothing}}, duration: 1h}}")


def test_a_question_without_an_end_waits() -> None:
    text = "segue: 1\ntasks: {ask: {action: core.ask, input: {message: x}}}\n"
    passes(text, "mocks: {ask: {never: true}}\nexpect: {status: pending}")


def test_an_answer_that_is_none_is_a_failure() -> None:
    failure = failure_of(ASKS, "mocks: {ask: {answers: {maybe: 1}}}")
    assert failure.kind is Kind.CALL
    assert failure.message == "ask#1: the answer is none to the question"
    assert failure.details == ('"really" is a required property',)


def test_an_action_that_asks_nobody_can_not_be_answered() -> None:
    failure = failure_of(ONE, "mocks: {work: {answers: {a: 1}}}")
    assert failure.message == "work#1: `work` asks nobody: its action is core.http"


def test_an_unmocked_question_shows_how_to_answer_it() -> None:
    assert "`ask: {answers: {...}}`" in failure_of(ASKS, "inputs: {}").details[1]
    assert (
        "`many: {run: true}`"
        in failure_of(
            "segue: 1\ntasks: {many: {action: core.echo, input: {message: 1}}}\n", "inputs: {}"
        ).details[1]
    )


def test_an_answer_is_not_held_against_a_schema_that_is_none() -> None:
    text = "segue: 1\ntasks: {ask: {action: core.ask, input: {schema: {type: nothing}}}}\n"
    passes(text, "mocks: {ask: {answers: {a: 1}}}")


def test_false_is_a_result_like_any_other() -> None:
    text = "segue: 1\ntasks: {a: {action: x.a, next: [{when: result() == false, do: b}]}, b: {}}\n"
    passes(text, "mocks: {a: {result: false}}\nexpect: {tasks: [a, b]}")


def test_a_failure_may_say_nothing() -> None:
    text = "segue: 1\ntasks: {a: {action: x.a}}\n"
    mocks = 'mocks: {a: {fails: {message: "", code: other}}}\n'
    passes(text, mocks + "expect: {status: failed, errors: [{code: other}]}")


def test_mocks_of_one_call_each_are_for_the_calls_that_they_name_in_any_order() -> None:
    text = "segue: 1\nstart: a\ntasks: {a: {action: x.a, next: [{when: visit() < 3, do: a}]}}\n"
    mocks = "[{visit: 3, result: c}, {visit: 1, result: a}, {result: b}]"
    passes(text, f"mocks: {{a: {mocks}}}\nexpect: {{visits: {{a#2: {{result: b}}}}}}")
