"""Whether tasks follow one another in a way that can work."""

import pytest
from tests.checking.found import coded, native, orquesta, places

from segue.checking import check, check_loaded
from segue.language import load_workflow
from segue.language.codes import Code
from segue.language.findings import Severity


def test_a_task_that_does_not_exist_is_found_under_do() -> None:
    checked = native("tasks:\n  a: {next: [{do: [b, notfy]}]}\n  b: {}\n  notify: {}\n")
    (found,) = coded(checked, Code.UNKNOWN_TASK)
    assert (found.span.line, found.span.column, found.span.end_column) == (3, 23, 28)
    assert (found.hint, found.path) == ("did you mean `notify`?", "tasks.a.next[0].do")
    assert checked.workflow is None
    assert not checked.valid


def test_names_with_a_comma_between_them_are_said_to_need_a_list() -> None:
    (found,) = coded(
        native("tasks: {a: {next: [{do: 'b, c'}]}, b: {}, c: {}}\n"), Code.UNKNOWN_TASK
    )
    assert found.hint == "several tasks are a list: [b, c]"


def test_commands_are_suggested_too() -> None:
    (found,) = coded(native("tasks: {a: {next: [{do: fial}]}}\n"), Code.UNKNOWN_TASK)
    assert found.hint == "did you mean `fail`?"


def test_in_an_orquesta_file_only_what_can_be_reached_is_refused() -> None:
    checked = orquesta(
        """\
        tasks:
          a: {action: x, next: [{do: ghost}]}
          b: {action: x, next: [{when: <% failed() %>, do: c}, {do: phantom}]}
          c: {action: x, next: [{do: b}]}
        """
    )
    severities = {each.message.split("`")[1]: each.severity for each in checked.findings}
    assert severities["ghost"] is Severity.ERROR
    assert severities["phantom"] is Severity.WARNING


def test_a_pure_cycle_without_start_is_warned_of() -> None:
    ring = (
        "tasks:\n  a: {next: [{when: failed(), do: b}]}\n  b: {next: [{when: failed(), do: a}]}\n"
    )
    checked = native(ring)
    assert places(checked) == ["SEG203 3:3"]
    assert checked.findings[0].severity is Severity.WARNING
    assert checked.workflow is not None
    assert places(native("start: a\n" + ring)) == []


def test_a_start_that_does_not_exist_is_one_error_and_no_more() -> None:
    ring = "start: x\ntasks:\n  a: {next: [{when: failed(), do: a}]}\n"
    assert places(native(ring)) == ["SEG201 2:8"]


def test_orquesta_refuses_a_pure_cycle() -> None:
    checked = orquesta("tasks: {a: {action: x, next: [{do: a}]}}\n")
    (found,) = coded(checked, Code.NO_ENTRY_POINT)
    assert (found.severity, found.path) == (Severity.ERROR, "tasks")


def test_tasks_that_nothing_leads_to_are_unreachable() -> None:
    checked = native(
        """\
        start: [a, b, c, d]
        tasks:
          a: {}
          b: {}
          c: {}
          d: {}
          e: {}
        """
    )
    assert places(checked) == ["SEG204 8:3"]
    assert "(`a`, `b`, `c`, ...)" in checked.findings[0].message


@pytest.mark.parametrize(
    ("tasks", "place"),
    [
        ("  a: {next: [{do: j}]}\n  b: {next: [{do: j}]}\n  j: {join: 3}\n", "SEG205 5:13"),
        ("  a: {next: [{do: j}, {do: j}]}\n  j: {join: 2, match: all}\n", "SEG205 4:13"),
        ("  a: {next: [{do: j}]}\n  j: {join: all}\n", "SEG206 4:13"),
        ("  j: {join: all}\n", "SEG206 3:13"),
        ("  j: {join: 2}\n", "SEG205 3:13"),
    ],
)
def test_joins_that_wait_for_what_can_not_come(tasks: str, place: str) -> None:
    assert place in places(native("tasks:\n" + tasks))


def test_a_join_that_the_starts_can_not_satisfy_is_refused() -> None:
    checked = native(
        """\
        start: a
        tasks:
          a: {next: [{do: j}]}
          b: {next: [{do: j}]}
          j: {join: all}
        """
    )
    (found,) = coded(checked, Code.JOIN_UNSATISFIABLE)
    assert found.severity is Severity.ERROR
    assert found.hint == "it is led to by `a`, `b`"


def test_long_lists_of_tasks_are_cut() -> None:
    sources = "".join(f"  s{n}: {{next: [{{do: j}}]}}\n" for n in range(7))
    checked = native(f"start: s0\ntasks:\n{sources}  j: {{join: all}}\n")
    (found,) = coded(checked, Code.JOIN_UNSATISFIABLE)
    assert found.hint is not None
    assert found.hint.endswith("`s4`, ...")


def test_an_orquesta_file_is_only_warned_of_joins() -> None:
    checked = orquesta("tasks: {a: {action: x, next: [{do: j}]}, j: {action: x, join: 3}}\n")
    (found,) = coded(checked, Code.JOIN_UNSATISFIABLE)
    assert found.severity is Severity.WARNING
    assert checked.workflow is not None


def test_a_cycle_that_nothing_leads_out_of_is_warned_of() -> None:
    checked = native("start: a\ntasks:\n  a: {next: [{do: b}]}\n  b: {next: [{do: a}]}\n")
    (found,) = coded(checked, Code.ENDLESS_CYCLE)
    assert found.message.endswith("a -> b -> a")


def test_a_long_cycle_is_told_in_short() -> None:
    tasks = "".join(f"  t{n}: {{next: [{{do: t{(n + 1) % 9}}}]}}\n" for n in range(9))
    (found,) = coded(native(f"start: t0\ntasks:\n{tasks}"), Code.ENDLESS_CYCLE)
    assert found.message.endswith("`t4`, ...")


@pytest.mark.parametrize(
    "transitions",
    [
        "[{do: b}]",
        "[{when: ctx.x == 1, do: b}, {do: noop}]",
        "[{publish: {x: 1}, do: [b]}]",
    ],
)
def test_a_transition_that_swallows_a_failure_is_warned_of(transitions: str) -> None:
    checked = native(
        f"vars: {{x: 1}}\ntasks:\n  a: {{action: core.local, next: {transitions}}}\n  b: {{}}\n"
    )
    (found,) = coded(checked, Code.SWALLOWED_FAILURE)
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("action", "transitions"),
    [
        ("core.local", "[{when: succeeded(), do: b}]"),
        ("core.local", "[{when: completed(), do: b}]"),
        ("core.local", "[{when: failed(), do: fail}, {do: b}]"),
        ("core.local", "[{do: fail}]"),
        ("core.local", "[{do: [b, fail]}]"),
        ("core.local", "[{publish: {x: 1}}]"),
        ("core.noop", "[{do: b}]"),
    ],
)
def test_a_transition_that_says_what_it_does_is_not(action: str, transitions: str) -> None:
    checked = native(f"tasks:\n  a: {{action: {action}, next: {transitions}}}\n  b: {{}}\n")
    assert not coded(checked, Code.SWALLOWED_FAILURE)


def test_a_task_whose_input_can_fail_can_fail() -> None:
    task = '{action: core.echo, input: {message: "{{ ctx.x }}"}, next: [{do: b}]}'
    checked = native(f"vars: {{x: 1}}\ntasks:\n  a: {task}\n  b: {{}}\n")
    assert coded(checked, Code.SWALLOWED_FAILURE)


def test_orquesta_files_are_not_warned_of_swallowed_failures() -> None:
    checked = orquesta("tasks: {a: {action: x, next: [{do: b}]}, b: {action: x}}\n")
    assert checked.findings == ()


def test_a_transition_after_one_that_always_holds_is_never_tried() -> None:
    tasks = "  a: {next: [{do: b}, {when: failed(), do: b}]}\n  b: {}\n"
    assert places(native("tasks:\n" + tasks)) == ["SEG209 3:23"]
    assert places(native("match: all\ntasks:\n" + tasks)) == []


def test_items_without_an_action_are_refused_in_orquesta_files() -> None:
    checked = orquesta("tasks: {a: {with: <% list(1) %>}}\n")
    assert coded(checked, Code.ITEMS_WITHOUT_ACTION)


def test_a_file_that_was_loaded_can_be_checked() -> None:
    loaded = load_workflow("segue: 1\ntasks: {a: {}}\n", file="x.yaml")
    checked = check_loaded(loaded)
    assert (checked.file, checked.valid, checked.findings) == ("x.yaml", True, ())
    assert checked.workflow is loaded.workflow


def test_nothing_more_is_looked_for_in_a_file_that_can_not_be_read() -> None:
    checked = check("segue: 1\ntasks: [\n", "x.yaml")
    assert len(checked.findings) == 1
    assert (checked.language, checked.workflow) == (None, None)


def test_a_name_can_be_given() -> None:
    workflow = check("segue: 1\ntasks: {a: {}}\n", name="given").workflow
    assert workflow is not None
    assert workflow.name == "given"


def test_findings_come_in_the_order_of_the_file() -> None:
    checked = native("tasks:\n  a: {next: [{do: x}], foo: 1}\n  b: {bar: 1, next: [{do: y}]}\n")
    assert places(checked) == ["SEG201 3:19", "SEG101 3:24", "SEG101 4:7", "SEG201 4:27"]


def test_joins_of_branches_from_different_splits_are_refused_as_orquesta_does() -> None:
    text = """\
        tasks:
          a: {action: x, next: [{do: "b, c, j"}]}
          b: {action: x, next: [{do: s}]}
          c: {action: x, next: [{do: s}]}
          s: {action: x, next: [{do: j}]}
          j: {action: x, join: all}
        """
    (found,) = coded(orquesta(text), Code.AMBIGUOUS_JOIN)
    assert found.path == "tasks.j"


def test_splits_in_a_row_take_no_longer_than_they_are_many() -> None:
    lines = ["version: 1.0", "tasks:"]
    for n in range(60):
        lines += [
            f"  a{n}: {{action: x, next: [{{do: 'b{n}, c{n}'}}]}}",
            f"  b{n}: {{action: x, next: [{{do: a{n + 1}}}]}}",
            f"  c{n}: {{action: x, next: [{{do: a{n + 1}}}]}}",
        ]
    lines += ["  a60: {action: x, next: [{do: j}]}", "  j: {action: x, join: all}"]
    assert check("\n".join(lines)).valid
