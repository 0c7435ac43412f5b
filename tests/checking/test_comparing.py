"""What `compare` points at in an Orquesta file, and what it leaves alone."""

from textwrap import dedent

import pytest

from segue.checking.comparison.comparing import compare
from segue.checking.differences import DIFFERENCES, Difference, name_of_test
from segue.language import load_workflow
from segue.language.findings import Finding, Severity


def places(text: str) -> tuple[Finding, ...]:
    """Return the places in a file, which may use what is not built yet."""
    text = dedent(text)
    loaded = load_workflow(text)
    workflow = loaded.workflow or loaded.draft
    assert workflow is not None, loaded.findings
    return compare(text, workflow)


def found(text: str) -> list[tuple[str, int]]:
    """Return the ids and the lines of the places."""
    return [(each.code, each.span.line) for each in places(text)]


def ids(text: str) -> set[str]:
    return {each.code for each in places(text)}


def task(body: str, rest: str = "") -> str:
    return f"version: 1.0\n{rest}tasks:\n  a: {{{body}}}\n"


PLAIN = """
version: 1.0
input: [host, {port: 80}]
vars: [{found: null}]
tasks:
  probe:
    action: core.http url=<% ctx().host %>
    retry: {count: 3, delay: 1}
    delay: 5
    next:
      - when: <% succeeded() %>
        publish: [{found: <% result().body %>}]
        do: [tell, keep]
      - when: <% failed() %>
        do: wait
  wait: {action: core.sleep seconds=1, next: [{do: probe}]}
  tell: {action: "core.echo message={{ ctx().found }}"}
  keep: {action: core.noop, next: [{do: fail}]}
output: [{found: <% ctx().found %>}]
"""


def test_nothing_is_said_of_a_plain_file() -> None:
    assert found(PLAIN) == []


def test_a_place_is_a_note_with_its_line_and_what_is_otherwise() -> None:
    (place,) = places(
        """\
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{publish: [{x: old}], do: [b, c]}]}
          b: {action: core.noop, next: [{publish: [{x: new}], do: j}]}
          c: {action: core.noop, next: [{do: j}]}
          j: {join: 1, action: core.echo message=<% ctx().x %>}
        """.replace("join: 1", "join: 2").replace("c: {action: core.noop, next: [{do: j}]}", DOWN)
    )[:1]
    assert (place.code, place.severity) == ("stale-context", Severity.NOTE)
    assert (place.span.line, place.span.column) == (4, 45)
    assert place.message == (
        "this `x` stays at the join `j`; in Orquesta the one from before `a` comes back if the "
        "branch that does not write it is the last"
    )
    assert place.hint == "where the older value was wanted, publish it in the other branch"
    assert place.variable == "x"


DOWN = "c: {action: core.noop, next: [{do: d}]}\n          d: {action: core.noop, next: [{do: j}]}"

DIAMOND = """
version: 1.0
tasks:
  s: {action: core.noop, next: [{FIRST do: a}]}
  a: {action: core.noop, next: [{BEFORE do: [b, c]}]}
  b: {action: core.noop, next: [{ONE do: b2}]}
  b2: {action: core.noop, next: [{do: j}]}
  c: {action: core.noop, next: [{OTHER do: j}]}
  j: {join: all, action: core.noop, next: [{LATER do: k}]}
  k: {action: core.noop}
OUTPUT
"""


def diamond(**published: str) -> list[int]:
    text = DIAMOND
    for name in ("FIRST", "BEFORE", "ONE", "OTHER", "LATER"):
        value = f"publish: [{published[name]}]," if name in published else ""
        text = text.replace(name, value)
    text = text.replace("OUTPUT", published.get("OUTPUT", ""))
    return [line for code, line in found(text) if code == "stale-context"]


@pytest.mark.parametrize(
    ("published", "lines"),
    [
        ({"BEFORE": "x: 1", "ONE": "x: 2"}, [6]),
        ({"FIRST": "x: 1", "OTHER": "x: 2"}, [8]),
        ({"FIRST": "x: 1", "BEFORE": "x: 2", "ONE": "x: 3"}, [6]),
        ({"BEFORE": "x: 1", "ONE": "x: 2", "OTHER": "x: 3"}, []),
        ({"BEFORE": "x: 1", "ONE": "y: 2"}, []),
        ({"ONE": "x: 2", "OTHER": "x: 3"}, []),
        ({"ONE": "x: 2", "LATER": "x: 3"}, []),
        ({"BEFORE": "x: 1", "LATER": "x: 3"}, []),
    ],
)
def test_an_old_value_can_only_come_back_where_one_branch_wrote_and_the_other_did_not(
    published: dict[str, str], lines: list[int]
) -> None:
    assert diamond(**published) == lines


def test_a_value_is_told_once_for_a_join_however_many_forks_are_before_it() -> None:
    text = """
    version: 1.0
    tasks:
      r: {action: core.noop, next: [{publish: [{x: 1}, {y: 1}], do: s}]}
      s: {action: core.noop, next: [{do: [a, c]}]}
      a: {action: core.noop, next: [{do: [b, d]}]}
      b: {action: core.noop, next: [{publish: [{x: 2}, {y: 2}], do: j}]}
      c: {action: core.noop, next: [{do: j}]}
      d: {action: core.noop, next: [{do: j}]}
      j: {join: all, action: core.noop}
    """
    told = [each for each in places(text) if each.code == "stale-context"]
    assert [(each.variable, each.span.line) for each in told] == [("x", 7), ("y", 7)]


ENDS = """
version: 1.0
tasks:
  s: {action: core.noop, next: [{publish: [{x: 1}], do: [a, b]}]}
  a: {action: core.noop, next: [{publish: [{x: 2}]}]}
  b: {action: core.noop, next: [{do: c}]}
  c: {action: core.noop}
output: [{x: <% OUTPUT %>}]
"""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("ctx().x", [("stale-context", 5)]),
        ("ctx()", [("stale-context", 5)]),
        ("ctx().y", []),
    ],
)
def test_an_old_value_can_come_back_in_the_output(
    output: str, expected: list[tuple[str, int]]
) -> None:
    assert found(ENDS.replace("OUTPUT", output)) == expected


def test_conditions_that_exclude_each_other_are_no_fork() -> None:
    text = ENDS.replace(
        "next: [{publish: [{x: 1}], do: [a, b]}]",
        "next: [{when: <% succeeded() %>, publish: [{x: 1}], do: a}, "
        "{when: WHEN, publish: [{x: 1}], do: b}]",
    ).replace("OUTPUT", "ctx().x")
    assert found(text.replace("WHEN", "<% failed() %>")) == []
    loop = text.replace("{do: c}", "{do: [c, d]}") + "\n"
    assert (
        found(
            loop.replace("WHEN", "<% failed() %>").replace("  c:", "  d: {action: core.noop}\n  c:")
        )
        == []
    )


@pytest.mark.parametrize(
    "when", ["<% succeeded() %>", "<% completed() %>", "<% succeeded() and ctx().y %>"]
)
def test_conditions_that_can_hold_together_are_a_fork(when: str) -> None:
    text = """
    version: 1.0
    vars: [{y: 1}]
    tasks:
      r: {action: core.noop, next: [{publish: [{x: 0}], do: s}]}
      s:
        action: core.noop
        next:
          - {when: <% succeeded() %>, publish: [{x: 1}], do: a}
          - {when: WHEN, do: b}
      a: {action: core.noop}
      b: {action: core.noop}
    output: [{x: <% ctx().x %>}]
    """
    assert found(text.replace("WHEN", when)) == [("stale-context", 9)]


def test_a_join_of_fewer_than_all_runs_once() -> None:
    text = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{do: j}]}
      b: {action: core.noop, next: [{do: j}]}
      c: {action: core.noop, next: [{do: j}]}
      j: {join: JOIN, action: core.noop}
    """
    assert "join-again" in ids(text.replace("JOIN", "1"))
    assert "canceled-becomes-failed" not in ids(text.replace("JOIN", "1"))
    assert ids(text.replace("JOIN", "2")) == {"join-again", "canceled-becomes-failed"}
    assert ids(text.replace("JOIN", "all")) == {"canceled-becomes-failed"}


def test_a_join_in_a_cycle_counts_each_round() -> None:
    text = """
    version: 1.0
    tasks:
      s: {action: core.noop, next: [{do: [a, b]}]}
      a: {action: core.noop, next: [{do: j}]}
      b: {action: core.noop, next: [{do: j}]}
      j: {join: all, action: core.noop, next: [{when: <% ctx().n < 3 %>, do: [a, b]}]}
    """
    assert ids(text) == {"join-in-cycle", "canceled-becomes-failed"}


@pytest.mark.parametrize(
    ("transitions", "passes"),
    [
        ("{do: j}", False),
        ("{when: <% completed() %>, do: j}", False),
        ("{when: <% succeeded() %>, do: j}", False),
        ("{when: <% succeeded() %>, do: j}, {when: <% failed() %>, do: fail}", False),
        ("{when: <% succeeded() %>, do: j}, {when: <% failed() %>, publish: [{x: 1}]}", False),
        ("{when: <% succeeded() %>, do: j}, {when: <% failed() %>, do: noop}", True),
        ("{when: <% succeeded() %>, do: j}, {do: other}", True),
        ("{when: <% succeeded() and result() %>, do: j}", True),
        ("{when: <% failed() %>, do: j}", True),
    ],
)
def test_a_join_may_be_left_behind_where_a_task_can_end_well_without_it(
    transitions: str,
    passes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    text = f"""
    version: 1.0
    tasks:
      a: {{action: core.noop, next: [{transitions}]}}
      b: {{action: core.noop, next: [{{do: j}}]}}
      j: {{join: all, action: core.noop}}
      other: {{action: core.noop}}
    """
    assert ("join-left-behind" in ids(text)) is passes


def test_branches_that_come_to_a_task_in_a_cycle_are_told_once() -> None:
    text = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{do: poll}]}
      b: {action: core.noop, next: [{do: poll}]}
      c: {action: core.noop, next: [{do: [poll, d]}]}
      d: {action: core.noop, next: [{do: poll}]}
      poll: {action: core.noop, next: [{when: <% failed() %>, do: wait}]}
      wait: {action: core.noop, next: [{do: poll}]}
    """
    (place,) = places(text)
    assert (place.code, place.path) == ("arrivals-merged", "tasks.poll")
    assert "where the workflow begins" in place.message


def test_a_fork_is_named_whose_branches_come_to_a_task_in_a_cycle() -> None:
    text = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{do: [b, c]}]}
      b: {action: core.noop, next: [{do: poll}]}
      c: {action: core.noop, next: [{do: poll}]}
      poll: {action: core.noop, next: [{when: <% failed() %>, do: poll}]}
    """
    (place,) = places(text)
    assert "part at `a`" in place.message
    joined = text.replace("poll: {", "poll: {join: all, ").replace("{do: poll}", "{do: j}")
    joined += "  j: {join: all, action: core.noop, next: [{do: poll}]}\n"
    assert "arrivals-merged" not in ids(joined.replace("poll: {join: all, ", "poll: {"))


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("input: [{a: <% 1 %>}]\n", [("evaluates-inputs", 2)]),
        ("input: [a, {b: 1}]\n", []),
        ("vars: [{a: '{% raw %}{{ x }}{% endraw %}'}]\n", [("evaluates-data", 2)]),
        ("vars: [{a: \"{{ '<% x %' ~ '>' }}\"}]\n", [("evaluates-data", 2)]),
        ("vars: [{a: <% 'x' %>}]\n", []),
        ("vars: [{a: <% 'x %>}]\n", []),
    ],
)
def test_data_that_look_like_expressions(rest: str, expected: list[tuple[str, int]]) -> None:
    assert found(task("action: core.noop", rest)) == expected


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("{'k': ctx().d.x}", True),
        ("[ctx().d.x]", True),
        ("[ctx('d').x]", True),
        ("{'k': [result().a]}", True),
        ("{'k': task('a').result.b}", True),
        ("[1, [2]] + [ctx().d['x']]", True),
        ("{'k': ctx().d}", False),
        ("{'k': ctx().d.x | default(1)}", False),
        ("ctx().d['x']", False),
        ("ctx().d.x", False),
        ("result()[ctx().d.x]", False),
        ("{'k': 1}['k'] + ctx().d.x", False),
    ],
)
def test_what_may_be_undefined_inside_of_a_literal(
    expression: str,
    told: bool,  # noqa: FBT001
) -> None:
    text = task(
        f'action: core.noop, next: [{{publish: [{{x: "{{{{ {expression} }}}}"}}]}}]',
        "vars: [{d: {}}]\n",
    )
    assert ("undefined-inside" in ids(text)) is told


def test_the_same_in_yaql_is_an_error_in_both() -> None:
    assert found(task("action: core.noop", "vars: [{d: {}}, {e: '<% [$.d.x] %>'}]\n")) == []


@pytest.mark.parametrize(
    ("publish", "told"),
    [
        ("'{{ result().items }}'", ["key-named-items"]),
        ("'{{ result().items() }}'", []),
        ("'{{ items }}'", []),
        ("'{{ d.get }}'", ["key-named-items"]),
        ("\"{{ task('a').route }}\"", ["task-record"]),
        ("\"{{ task('a').result }}\"", []),
        ("\"{{ task('a') }}\"", []),
        ('"{{ task(ctx().x ~ 1).route }}"', []),
        ("<% task(a).route %>", ["task-record"]),
        ("'{{ task }}'", []),
        ("<% random() %>", []),
    ],
)
def test_names_that_mean_something_else(publish: str, told: list[str]) -> None:
    text = task(f"action: core.noop, next: [{{publish: [{{x: {publish}}}]}}]")
    assert [code for code, _ in found(text)] == told


def test_what_is_drawn_once_for_several_tasks() -> None:
    text = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{publish: [{x: <% random() + ctx().now %>}], do: [b, c]}]}
      b: {action: core.noop, next: [{publish: [{x: <% random() %>}], do: c}]}
      c: {action: core.noop}
    """
    assert found(text) == [("evaluated-once", 4)]


@pytest.mark.parametrize(
    ("retry", "told"),
    [
        ("{count: 3, delay: 1}", set()),
        ("{count: <% ctx().n %>}", {"errors-in-retry"}),
        ("{count: 3, delay: <% ctx().n %>}", {"errors-in-retry"}),
        ("{count: 3, when: <% failed() %>}", set()),
        ("{count: 3, when: <% failed() and result().code = 5 %>}", {"errors-in-retry"}),
        ("{count: 3, when: <% completed() %>}", {"canceled-retry"}),
    ],
)
def test_a_retry_that_can_not_be_evaluated_or_holds_when_canceled(
    retry: str, told: set[str]
) -> None:
    assert ids(task(f"action: core.noop, retry: {retry}", "vars: [{n: 1}]\n")) == told


def test_a_delay_that_may_have_fractions() -> None:
    assert ids(task("action: core.noop, delay: 3")) == set()
    assert ids(task("action: core.noop, delay: <% ctx().n %>", "vars: [{n: 1}]\n")) == {
        "fractional-delay"
    }


def test_questions() -> None:
    assert ids(task("action: core.ask")) == {"failure-while-paused"}
    assert ids(task("with: <% ctx().n %>, action: core.ask", "vars: [{n: []}]\n")) == {
        "ignored-item"
    }


@pytest.mark.parametrize(
    ("transition", "told"),
    [
        ("{publish: [{r: <% result() %>}]}", True),
        ("{when: <% completed() %>, publish: [{r: <% result() %>}]}", True),
        ("{when: <% failed() %>, publish: [{r: <% result() %>}]}", True),
        ("{when: <% succeeded() %>, publish: [{r: <% result() %>}]}", False),
        ("{publish: [{r: <% ctx().l %>}, {s: 1}]}", False),
    ],
)
def test_the_result_of_items_after_a_failure(
    transition: str,
    told: bool,  # noqa: FBT001
) -> None:
    text = task(
        f"with: <% ctx().l %>, action: core.noop, next: [{transition}]", "vars: [{l: []}]\n"
    )
    assert ("items-result" in ids(text)) is told


def test_what_is_said_to_be_pointed_at_is() -> None:
    pointed = {told.id.value for told in DIFFERENCES.values() if told.pointed_at}
    assert pointed == {
        Difference.EVALUATES_DATA,
        Difference.EVALUATES_INPUTS,
        Difference.UNDEFINED_INSIDE,
        Difference.EVALUATED_ONCE,
        Difference.STALE_CONTEXT,
        Difference.JOIN_AGAIN,
        Difference.JOIN_IN_CYCLE,
        Difference.JOIN_LEFT_BEHIND,
        Difference.ARRIVALS_MERGED,
        Difference.CANCELED_BECOMES_FAILED,
        Difference.FAILURE_WHILE_PAUSED,
        Difference.ITEMS_RESULT,
        Difference.IGNORED_ITEM,
        Difference.ERRORS_IN_RETRY,
        Difference.CANCELED_RETRY,
        Difference.FRACTIONAL_DELAY,
        Difference.KEY_NAMED_ITEMS,
        Difference.TASK_RECORD,
    }


def test_a_difference_is_named_after_its_test() -> None:
    told = DIFFERENCES[Difference.STALE_CONTEXT]
    assert name_of_test(told) == "test_an_old_value_never_comes_back_at_a_join"


def test_a_join_that_nothing_leads_to_is_left_alone() -> None:
    text = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{do: noop}]}
      b: {join: all, action: core.noop, next: [{do: c}]}
      c: {join: 2, action: core.noop, next: [{do: b}]}
    """
    assert found(text) == []


def test_a_large_file_is_compared_quickly() -> None:
    many = [f"t{n}" for n in range(300)]
    tasks = "".join(
        f"  {name}: {{action: core.noop, next: [{{publish: [{{x: 1}}, {{y: 2}}], do: j}}]}}\n"
        for name in many
    )
    text = (
        "version: 1.0\ntasks:\n"
        f"  s: {{action: core.noop, next: [{{publish: [{{x: 0}}], do: [{', '.join(many)}]}}]}}\n"
        f"{tasks}  j: {{join: all, action: core.noop}}\n"
    )
    assert {each.code for each in places(text)} == {"canceled-becomes-failed"}
