"""What is expected is held against what happened, and failures say what to do."""

from tests.rehearsal.rehearsed import failure_of, kinds_of, passes, verdict_of

from segue.rehearsal.verdict import Kind

LOOP = """
    segue: 1
    start: count
    vars: {n: 0}
    input: {most: {default: 2}}
    tasks:
      count:
        next:
          - when: ctx.n < ctx.most
            publish: {n: "{{ ctx.n + 1 }}", "last": [1, {a: true}]}
            do: wait
          - {do: end}
      wait: {delay: 1m, next: [{do: count}]}
      end: {action: core.echo, input: {message: "{{ ctx.n }}"}}
    output: {n: "{{ ctx.n }}", last: "{{ ctx.last }}"}
    """

FORK = """
    segue: 1
    tasks:
      begin: {next: [{do: [a1, b1]}]}
      a1: {action: x.a, next: [{do: a2}]}
      a2: {action: x.a, next: [{do: end}]}
      b1: {action: x.b, next: [{do: b2}]}
      b2: {action: x.b, next: [{do: end}]}
      end: {join: all}
    """

ALL = "mocks: {a1: {takes: 3s}, a2: {}, b1: {}, b2: {takes: 1s}}\n"


def test_a_test_that_expects_nothing_fails_if_the_workflow_does() -> None:
    failure = failure_of(
        "segue: 1\ntasks: {a: {action: core.local, input: {cmd: x}}}\n", "mocks: {a: {fails: oh}}"
    )
    assert failure.kind is Kind.STATUS
    assert failure.message == "the execution is failed, not succeeded"
    assert failure.details == ("error: action_failed of a#1: oh",)


def test_everything_that_is_expected_of_a_loop_is_found() -> None:
    passes(
        LOOP,
        """
        mocks: {end: {run: true}}
        expect:
          output: {n: 2, last: [1, {a: true}]}
          tasks: [count, wait, count#2, wait, count, end]
          order: [[wait, count#3], [count, end]]
          errors: []
          duration: 120
          visits:
            count: {context: {n: 0}, at: 0}
            count#2: {context: {n: 1}, at: 1m, status: succeeded, attempts: 1}
            end: {context: {n: 2, most: 2}, input: {message: 2}, action: core.echo, result: 2}
        """,
    )


def test_an_output_that_differs_is_shown_place_by_place() -> None:
    failure = failure_of(
        LOOP,
        """
        mocks: {end: {run: true}}
        expect: {output: {n: 3, last: [1, {a: 1}, 4], more: x}}
        """,
    )
    assert failure.kind is Kind.OUTPUT
    assert failure.details == (
        "output.n: expected 3, came 2",
        "output.last[1].a: expected 1, came true",
        "output.last[2]: expected 4, is missing",
        'output.more: expected "x", is missing',
    )


def test_output_that_was_not_expected_is_shown() -> None:
    failure = failure_of(LOOP, "mocks: {end: {run: true}}\nexpect: {output: {last: [1]}}")
    assert failure.details == (
        'output.last[1]: not expected, came {"a":true}',
        "output.n: not expected, came 2",
    )
    assert failure_of(LOOP, "mocks: {end: {run: true}}\nexpect: {output: null}").details == (
        'output: expected null, came {"n":2,"last":[1,{"a":true}]}',
    )


def test_only_the_first_differences_are_shown() -> None:
    text = 'segue: 1\ntasks: {a: {}}\noutput: {l: "{{ range(30) | list }}"}\n'
    failure = failure_of(text, f"expect: {{output: {{l: {[1 + n for n in range(30)]}}}}}")
    assert len(failure.details) == 13
    assert failure.details[-1] == "... and 18 more"


def test_a_visit_that_saw_something_else_is_named() -> None:
    failure = failure_of(
        LOOP,
        """
        mocks: {end: {run: true}}
        expect: {visits: {count#2: {context: {n: 7, other: 1}}}}
        """,
    )
    assert failure.kind is Kind.VISIT
    assert failure.message == "count#2: its context differs"
    assert failure.details == (
        "context.n: expected 7, came 1",
        "context.other: expected 1, is missing",
        "it sees last, most, n",
    )


def test_each_fact_of_a_visit_that_differs_is_a_failure_of_its_own() -> None:
    verdict = verdict_of(
        LOOP,
        """
        mocks: {end: {run: true}}
        expect: {visits: {end: {status: failed, attempts: 2, at: 5s, result: 3}}}
        """,
    )
    assert [failure.message for failure in verdict.failures] == [
        "end#1: its status differs",
        "end#1: the number of its attempts differs",
        "end#1: the time at which it began differs",
        "end#1: its result differs",
    ]
    assert [failure.details for failure in verdict.failures] == [
        ('status: expected "failed", came "succeeded"',),
        ("attempts: expected 2, came 1",),
        ("at: expected 5s, came 2m",),
        ("result: expected 3, came 2",),
    ]


def test_a_visit_that_there_was_not_says_how_many_there_were() -> None:
    verdict = verdict_of(
        LOOP,
        """
        mocks: {end: {run: true}}
        expect: {visits: {count#9: {}, end#2: {status: failed}}}
        """,
    )
    assert [failure.message for failure in verdict.failures] == [
        "count#9 is expected, and `count` was visited 3 times",
        "end#2 is expected, and `end` was visited 1 time",
    ]


def test_tasks_come_in_the_order_of_the_list() -> None:
    failure = failure_of(
        LOOP, "mocks: {end: {run: true}}\nexpect: {tasks: [count, wait, end, count]}"
    )
    assert failure.kind is Kind.TASKS
    assert failure.message == "after wait#1 end was expected to begin, and count#2 did"
    assert failure.details == (
        "  count#1",
        "  wait#1",
        "- end",
        "+ count#2",
        "  wait#2",
        "  count#3",
        "  end#1",
    )
    assert failure.at == "count#2"


def test_tasks_that_are_missing_or_too_many_are_told() -> None:
    mocks = "mocks: {end: {run: true}}\n"
    missing = failure_of(
        LOOP, f"{mocks}expect: {{tasks: [count, wait, count, wait, count, end, end]}}"
    )
    assert missing.message == "after end#1 end was expected to begin, and nothing did"
    more = failure_of(LOOP, f"{mocks}expect: {{tasks: [count]}}")
    assert more.message == "after count#1 nothing more was expected to begin, and wait#1 did"
    none = failure_of(LOOP, f"{mocks}expect: {{tasks: [wait]}}")
    assert none.message == "wait was expected to begin, and count#1 did"


def test_long_sequences_are_shown_around_the_place() -> None:
    many = ", ".join(["count, wait"] * 6)
    failure = failure_of(
        LOOP,
        f"inputs: {{most: 30}}\nmocks: {{end: {{run: true}}}}\nexpect: {{tasks: [{many}, end]}}",
    )
    assert failure.details[0] == "... 6 before"
    assert failure.details[-1] == "... 43 more"


def test_branches_may_begin_in_any_order_and_each_in_its_own() -> None:
    passes(FORK, ALL + "expect: {tasks: [begin, [[a1, a2], [b1, b2]], end]}")
    passes(FORK, ALL + "expect: {tasks: [begin, [a2, b1, a1, b2], end]}")
    failure = failure_of(FORK, ALL + "expect: {tasks: [begin, [[a1, a2], [b2, b1]], end]}")
    assert failure.message == "after a1#1 a2 or b2 was expected to begin, and b1#1 did"


def test_an_order_looks_at_its_tasks_alone() -> None:
    passes(FORK, ALL + "expect: {order: [[begin, a1, a2, end], [b1, b2], [b2, a2]]}")
    failure = failure_of(FORK, ALL + "expect: {order: [[a2, b1]]}")
    assert failure.kind is Kind.ORDER
    assert failure.message == "b1 did not begin after a2"
    assert failure.details == (
        "expected a2, then b1",
        "began    begin#1, a1#1, b1#1, b2#1, a2#1, end#1",
    )
    failure = failure_of(FORK, ALL + "expect: {order: [[a2, a2#2]]}")
    assert failure.message == "a2#2 did not begin at all"


def test_a_task_that_was_never_to_begin_is_told() -> None:
    passes(
        "segue: 1\ntasks: {a: {next: [{when: failed(), do: b}]}, b: {}}\n",
        "expect: {never: [b]}",
    )
    failure = failure_of(LOOP, "mocks: {end: {run: true}}\nexpect: {never: wait}")
    assert failure.message == "wait#1 began, and `wait` was never to"


def test_errors_are_all_of_them_in_any_order() -> None:
    text = """
        segue: 1
        tasks:
          a: {action: x.a, next: [{when: failed(), do: b}]}
          b: {action: x.b}
        """
    mocks = "mocks: {a: {fails: first}, b: {fails: {message: second, code: two}}}\n"
    passes(
        text,
        mocks + "expect: {status: failed, errors: [{code: two, handled: false}, first]}",
    )
    failure = failure_of(
        text, mocks + "expect: {status: failed, errors: [{task: b, message: third}, first]}"
    )
    assert failure.kind is Kind.ERRORS
    assert failure.details == (
        'expected, and did not come: {"message":"third","task":"b"}',
        "came, and was not expected: two of b#1: second",
    )
    failure = failure_of(text, mocks + "expect: {status: failed, errors: []}")
    assert failure.details[0] == "came, and was not expected: action_failed of a#1, handled: first"


def test_a_vague_error_leaves_to_the_others_what_they_need() -> None:
    text = "segue: 1\nunhandled_failure: finish_branches\n"
    text += "tasks: {a: {action: x.a}, b: {action: x.b}}\n"
    mocks = "mocks: {a: {fails: oh}, b: {fails: oh}}\n"
    passes(text, mocks + "expect: {status: failed, errors: [oh, {task: a}]}")


def test_a_duration_that_differs_is_told() -> None:
    failure = failure_of(LOOP, "mocks: {end: {run: true}}\nexpect: {duration: 1m30s}")
    assert failure.kind is Kind.DURATION
    assert failure.message == "it took 2m, not 1m30s"


def test_all_failures_of_a_test_are_told() -> None:
    assert kinds_of(
        LOOP,
        """
        mocks: {end: [{run: true}, {}]}
        expect: {status: failed, output: {}, tasks: [end], duration: 1s, never: end, errors: [x]}
        """,
    ) == [
        Kind.MOCK_UNUSED,
        Kind.STATUS,
        Kind.OUTPUT,
        Kind.ERRORS,
        Kind.TASKS,
        Kind.TASKS,
        Kind.DURATION,
    ]


def test_a_task_whose_input_can_not_be_rendered_has_begun_all_the_same() -> None:
    passes(
        'segue: 1\ntasks: {a: {action: x.a, input: {b: "{{ 1 / 0 }}"}}}\n',
        """
        expect:
          status: failed
          tasks: [a]
          visits: {a: {status: failed, attempts: 0, context: {}, at: 0s}}
        """,
    )


def test_an_empty_list_of_tasks_stands_for_nothing() -> None:
    mocks = "inputs: {most: 1}\nmocks: {end: {run: true}}\n"
    passes(LOOP, mocks + "expect: {tasks: [[], count, wait, count, [[], end]]}")
    passes(LOOP, mocks + "expect: {tasks: [[[[]]], count, wait, count, end]}")
    failure = failure_of(LOOP, mocks + "expect: {tasks: [[], [[[]]], wait]}")
    assert failure.message == "wait was expected to begin, and count#1 did"


def test_one_error_is_not_two() -> None:
    text = "segue: 1\ntasks: {a: {action: x.a}}\n"
    failure = failure_of(
        text, "mocks: {a: {fails: oh}}\nexpect: {status: failed, errors: [oh, oh]}"
    )
    assert failure.details == ('expected, and did not come: {"message":"oh"}',)


def test_jitter_depends_on_the_random_number_of_the_test() -> None:
    text = """
        segue: 1
        tasks: {a: {action: x.a, retry: {count: 1, delay: 10s, jitter: true}}}
        """
    mocks = "mocks: {a: [{fails: oh}, {}]}\n"
    passes(text, mocks + "expect: {duration: 5s}")
    passes(text, mocks + "random: 0.5\nexpect: {duration: 7.5s}")


def test_a_start_that_is_refused_says_why() -> None:
    failure = failure_of("segue: 1\ntasks: {a: {next: [{do: a}]}}\n", "inputs: {}")
    assert failure.kind is Kind.REFUSED
    assert failure.message.startswith("the workflow can't be started: every task has an inbound")


def test_a_task_may_be_called_like_a_visit() -> None:
    text = 'segue: 1\nstart: "a#1"\ntasks: {"a#1": {next: [{when: visit() < 2, do: "a#1"}]}}\n'
    passes(text, 'expect: {tasks: ["a#1", "a#1#2"], visits: {"a#1#2": {attempts: 1}}}')


def test_equal_tasks_side_by_side_are_told_apart_in_no_time() -> None:
    text = "segue: 1\nstart: a\ntasks: {a: {next: [{when: visit() < 200, do: a}]}}\n"
    passes(text, f"expect: {{tasks: [[{', '.join(['a'] * 200)}]]}}")
    failure = failure_of(text, f"expect: {{tasks: [[{', '.join(['a'] * 199)}]]}}")
    assert failure.message == "after a#199 nothing more was expected to begin, and a#200 did"


def test_a_failure_says_what_failed_although_it_was_to_fail() -> None:
    failure = failure_of(
        'segue: 1\ntasks: {a: {next: [{publish: {x: "{{ 1 // 0 }}"}, do: b}]}, b: {}}\n',
        "expect: {status: failed, tasks: [a, b]}",
    )
    assert failure.message == "after a#1 b was expected to begin, and nothing did"
    assert failure.details[-1].startswith("error: expression_failed of a#1: the published `x`")


def test_times_are_told_as_rehearsals_write_them() -> None:
    flow = "segue: 1\ntasks: {a: {delay: 93784.5}}\n"
    assert failure_of(flow, "expect: {duration: 0}").message == "it took 1d2h3m4.5s, not 0s"
    assert failure_of(flow, "expect: {duration: 1h}").message == "it took 1d2h3m4.5s, not 1h"
