"""The Orquesta front end: what its files become, and what it refuses as Orquesta does."""

import pytest
from tests.language.found import brief, only, orquesta, task_of, workflow_of

from segue.language import Language, load_workflow
from segue.language.codes import Code
from segue.language.findings import Severity, Span
from segue.language.model import JOIN_ALL, ORQUESTA, EngineCommand, Match

ONE = "tasks: {a: {action: core.noop}}\n"


@pytest.mark.parametrize("version", ["1.0", "1", "'1.0'"])
def test_the_version_may_be_a_number_or_text(version: str) -> None:
    loaded = load_workflow(f"version: {version}\n{ONE}")
    assert (loaded.language, loaded.findings) == (Language.ORQUESTA, ())
    assert workflow_of(loaded).semantics == ORQUESTA


@pytest.mark.parametrize("version", ["2.0", "true", "'1'", "x", ""])
def test_other_versions_are_refused(version: str) -> None:
    assert only(load_workflow(f"version: {version}\n{ONE}")).path == "version"


def test_inputs_have_defaults_or_are_null() -> None:
    inputs = workflow_of(orquesta("input: [a, {b: 2}, {c: }]\n" + ONE)).inputs
    assert [each.name for each in inputs] == ["a", "b", "c"]
    assert not any(each.required for each in inputs)
    assert [each.default and each.default.value for each in inputs] == [None, 2, None]


def test_vars_and_output_are_lists_in_order() -> None:
    workflow = workflow_of(
        orquesta("vars: [{x: 1}, {y: <% ctx().x %>}]\noutput: [{z: 1}]\ntags: [t]\n" + ONE)
    )
    assert [(each.name, each.value.value) for each in workflow.vars] == [
        ("x", 1),
        ("y", "<% ctx().x %>"),
    ]
    assert [each.name for each in workflow.output] == ["z"]
    assert workflow.tags == ("t",)


def test_every_transition_that_holds_is_taken() -> None:
    assert task_of(orquesta(ONE)).match is Match.ALL


def test_the_input_of_an_action_may_stand_behind_its_name() -> None:
    task = task_of(
        orquesta(
            'tasks:\n  a:\n    action: core.echo message="hi there" n=3 l=<% ctx() %> bare=word\n'
            "    input: {never: seen}\n"
        )
    )
    assert task.action is not None
    assert task.input is not None
    assert task.action.value == "core.echo"
    assert task.input.value == {"message": "hi there", "n": 3, "l": "<% ctx() %>"}
    assert task.input.places == {("l",): Span(4, 48, 4, 59)}


def test_a_parameter_that_is_repeated_counts_as_written_last() -> None:
    task = task_of(orquesta("tasks:\n  a:\n    action: core.echo x=<% 1 %> x=2\n"))
    assert task.input is not None
    assert (task.input.value, task.input.places) == ({"x": 2}, {})


def test_publishing_has_a_short_form() -> None:
    task = task_of(
        orquesta(
            "tasks:\n  a:\n    action: b\n    next:\n"
            '      - publish: x=<% result() %> y="two words" z=3\n'
        )
    )
    publish = task.next[0].publish
    assert [(each.name, each.value.value) for each in publish] == [
        ("x", "<% result() %>"),
        ("y", "two words"),
        ("z", 3),
    ]


def test_tasks_are_named_in_a_list_or_with_commas() -> None:
    loaded = orquesta(
        """\
        tasks:
          a: {action: x, next: [{do: "b,  c"}, {do: [b, noop]}, {when: <% failed() %>}]}
          b: {action: x}
          c: {action: x, next: []}
        """
    )
    first, second, third = task_of(loaded).next
    assert [(each.name, each.span.column) for each in first.do] == [("b", 31), ("c", 35)]
    assert [each.command for each in second.do] == [None, EngineCommand.NOOP]
    assert third.do[0].command is EngineCommand.CONTINUE


def test_do_retry_becomes_the_retry_of_its_task() -> None:
    loaded = orquesta(
        """\
        tasks:
          a:
            action: x
            retry: {count: 1, delay: 7}
            next:
              - when: <% failed() %>
                do: retry
              - do: [b, retry]
          b: {action: x}
        """
    )
    task = task_of(loaded)
    assert task.retry is not None
    assert task.retry.when is not None
    assert (task.retry.count.value, task.retry.when.value) == (3, "<% completed() %>")
    assert task.retry.delay is None
    assert [(each.index, [one.name for one in each.do]) for each in task.next] == [(1, ["b"])]


def test_do_retry_keeps_its_condition() -> None:
    task = task_of(orquesta("tasks: {a: {action: x, next: [{when: <% failed() %>, do: retry}]}}\n"))
    assert task.retry is not None
    assert task.retry.when is not None
    assert task.retry.when.value == "<% failed() %>"
    assert task.next == ()


def test_a_retry_that_the_task_has_is_kept() -> None:
    retry = task_of(orquesta("tasks: {a: {action: x, retry: {count: <% 1 %>, when: x}}}\n")).retry
    assert retry is not None
    assert retry.count.value == "<% 1 %>"


@pytest.mark.parametrize(("join", "value"), [("all", JOIN_ALL), ("2", 2), ("0", 0)])
def test_joins(join: str, value: int) -> None:
    assert task_of(orquesta(f"tasks: {{a: {{action: x, join: {join}}}}}\n")).join == value


@pytest.mark.parametrize("delay", ["3", "<% ctx().n %>"])
def test_delays_are_numbers_or_text(delay: str) -> None:
    task = task_of(orquesta(f"tasks: {{a: {{action: x, delay: {delay}, input: <% ctx() %>}}}}\n"))
    assert task.delay is not None


@pytest.mark.parametrize(
    ("items", "names", "expression"),
    [
        ("<% ctx().l %>", (), "<% ctx().l %>"),
        ("x in <% ctx().l %>", ("x",), "<% ctx().l %>"),
        ("' a, b  in {{ ctx().l }} '", ("a", "b"), "{{ ctx().l }}"),
        ("{items: x in <% ctx().l %>, concurrency: 2}", ("x",), "<% ctx().l %>"),
    ],
)
def test_items_are_read_in_all_their_forms(
    items: str, names: tuple[str, ...], expression: str
) -> None:
    loaded = orquesta(f"tasks: {{a: {{action: x, with: {items}}}}}\n")
    assert loaded.workflow is not None
    found = loaded.workflow.tasks["a"].with_items
    assert found is not None
    assert (found.names, found.items[0].value) == (names, expression)


WRONG = [
    ("name: ''", "SEG107 2:7"),
    ("name: 5", "SEG103 2:7"),
    ("description: []", "SEG107 2:14"),
    ("tags: x", "SEG103 2:7"),
    ("tags: []", "SEG107 2:7"),
    ("tags: [5]", "SEG103 2:8"),
    ("tags: [x, x]", "SEG106 2:11"),
    ("input: {x: 1}", "SEG103 2:8"),
    ("input: [x, x]", "SEG106 2:12"),
    ("input: [{x: 1, y: 2}]", "SEG103 2:9"),
    ("input: [{yes: 1}]", "SEG007 2:10"),
    ("vars: {x: 1}", "SEG103 2:7"),
    ("vars: [x]", "SEG103 2:8"),
    ("vars: [{x: 1}, {x: 1}]", "SEG106 2:16"),
    ("output: []", "SEG107 2:9"),
    ("start: a", "SEG101 2:1"),
]


@pytest.mark.parametrize(("line", "place"), WRONG)
def test_what_is_wrong_in_the_workflow_is_found_where_it_is(line: str, place: str) -> None:
    loaded = orquesta(f"{line}\n{ONE}")
    assert brief(loaded.findings) == [place]
    assert loaded.workflow is None


WRONG_TASKS = [
    ("", "SEG103 3:5"),
    ("{}", "SEG107 3:6"),
    ("text", "SEG103 3:6"),
    ("{foo: 1}", "SEG101 3:7"),
    ("{action: ''}", "SEG107 3:15"),
    ("{action: [x]}", "SEG103 3:15"),
    ('{action: "core.echo\\tx=1"}', "SEG104 3:15"),
    ("{input: []}", "SEG107 3:14"),
    ("{input: {}}", "SEG107 3:14"),
    ("{input: 5}", "SEG103 3:14"),
    ("{join: any}", "SEG103 3:13"),
    ("{join: -1}", "SEG103 3:13"),
    ("{join: true}", "SEG103 3:13"),
    ("{delay: -1}", "SEG103 3:14"),
    ("{delay: true}", "SEG103 3:14"),
    ("{delay: ''}", "SEG107 3:14"),
    ("{retry: 3}", "SEG103 3:14"),
    ("{retry: {delay: 1}}", "SEG102 3:7"),
    ("{retry: {count: -1}}", "SEG103 3:22"),
    ("{with: 5}", "SEG103 3:13"),
    ("{next: x}", "SEG103 3:13"),
    ("{next: [{}]}", "SEG107 3:14"),
    ("{next: [{then: a}]}", "SEG101 3:15"),
    ("{next: [{when: 5, do: a}]}", "SEG103 3:21"),
    ("{next: [{do: []}]}", "SEG107 3:19"),
    ("{next: [{do: ['']}]}", "SEG107 3:20"),
    ("{next: [{do: [a, a]}]}", "SEG106 3:23"),
    ("{next: [{do: {a: b}}]}", "SEG103 3:19"),
    ("{next: [{publish: {x: 1}}]}", "SEG103 3:24"),
    ("{next: [{publish: [x]}]}", "SEG103 3:25"),
]


@pytest.mark.parametrize(("task", "place"), WRONG_TASKS)
def test_what_is_wrong_in_a_task_is_found_where_it_is(task: str, place: str) -> None:
    assert brief(orquesta(f"tasks:\n  a: {task}\n").findings) == [place]


@pytest.mark.parametrize("items", ["'x in y'", "foo bar in <% l %>", "5"])
def test_items_must_be_an_expression(items: str) -> None:
    loaded = orquesta(f"tasks: {{a: {{action: x, with: {{items: {items}}}}}}}\n")
    assert Code.WRONG_TYPE in [each.code for each in loaded.findings]


@pytest.mark.parametrize("items", ["{}", "{concurrency: 2}"])
def test_what_orquesta_lets_pass_and_fails_on_later_is_warned_of(items: str) -> None:
    found = only(orquesta(f"tasks: {{a: {{action: x, with: {items}}}}}\n"))
    assert (found.code, found.severity) == (Code.MISSING_KEY, Severity.WARNING)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("action: core.http method=GET", "`method=GET` is passed over: text needs quotes"),
        ("action: core.http n=1.2.3", "`n=1.2.3` is read as `1.2`: text needs quotes"),
        (
            "{action: core.noop, next: [{publish: x=word}]}",
            "`x=word` is passed over: text needs quotes",
        ),
    ],
)
def test_text_without_quotes_in_a_parameter_is_warned_of(task: str, message: str) -> None:
    loaded = orquesta(f"tasks:\n  a:\n    {task}\n")
    assert only(loaded).message == message
    assert only(loaded).severity is Severity.WARNING


def test_a_publish_in_which_nothing_is_published_is_warned_of() -> None:
    loaded = orquesta("tasks: {a: {action: x, next: [{publish: foobar}]}}\n")
    assert only(loaded).severity is Severity.WARNING
    assert task_of(loaded).next[0].publish == ()


def test_repeated_keys_are_warned_of_and_the_last_counts() -> None:
    loaded = orquesta("tasks:\n  a: {action: x}\n  a: {action: y}\n")
    assert brief(loaded.findings) == ["SEG002 4:3"]
    action = task_of(loaded).action
    assert action is not None
    assert action.value == "y"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a-b", Code.UNUSABLE_NAME),
        ("yes", Code.KEY_NOT_TEXT),
        ("5", Code.KEY_NOT_TEXT),
        ("retry", Code.RESERVED_NAME),
    ],
)
def test_names_that_orquesta_can_not_use_are_refused(name: str, code: Code) -> None:
    assert only(orquesta(f"tasks: {{{name}: {{action: x}}}}\n")).code == code


@pytest.mark.parametrize("tasks", ["tasks: {}", "tasks: []", "tasks: ", ""])
def test_tasks_are_a_mapping_with_something_in_it(tasks: str) -> None:
    assert only(orquesta(tasks + "\n")).severity is Severity.ERROR
