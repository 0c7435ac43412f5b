"""What will behave differently is noted where the file shows it, and nowhere else."""

import pytest
from tests.conversion.given import notes, refused

from segue.conversion.changes import CHANGES, Change
from segue.conversion.converting import convert

HEAD = "version: 1.0\n"


def noted(text: str, change: Change) -> list[int]:
    """Return the lines of the notes of a kind."""
    found = convert(HEAD + text, "w.yaml")
    assert found.text is not None, (found.findings, found.stricter)
    return [one.span.line for one in found.findings if one.code == change]


def test_an_ordinary_file_has_no_notes() -> None:
    text = (
        "input: [name]\nvars: [{n: 0}, {d: {a: 1}}]\ntasks:\n"
        "  a:\n    action: core.echo message=<% ctx().name %>\n    next:\n"
        "      - {when: <% succeeded() %>, publish: [{n: <% ctx().n + 1 %>}, {t: x<% 1 %>}],"
        " do: [b, c]}\n"
        "  b: {action: core.noop, next: [{when: <% succeeded() %>, do: j}]}\n"
        "  c: {action: core.noop, next: [{when: <% succeeded() %>, do: j}]}\n"
        "  j: {join: all, with: i in <% ctx().name %>, action: core.noop}\n"
        "output: [{n: <% ctx().n %>}]\n"
    )

    assert notes(HEAD + text) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # written twice
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: {b: 1}}]}]}\n", [4]),
        ("input: [d]\ntasks:\n  a: {action: x, next: [{publish: [{d: <% result() %>}]}]}\n", [4]),
        ("input: [{d: {a: 1}}]\nvars: [{d: {b: 1}}]\ntasks: {a: {action: x}}\n", [3]),
        ("input: [{d: {}}]\nvars: [{d: {b: 1}}]\ntasks: {a: {action: x}}\n", []),
        ("input: [{d: 5}]\nvars: [{d: {b: 1}}]\ntasks: {a: {action: x}}\n", []),
        # in a cycle
        (
            "tasks:\n  s: {next: [{do: a}]}\n  a: {next: [{publish: [d: <% ctx() %>], do: a}]}\n",
            [4],
        ),
        ("tasks:\n  s: {next: [{do: a}]}\n  a: {next: [{publish: [{d: {a: 1}}], do: a}]}\n", []),
        # what can be no mapping
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: <% len(result()) %>}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: <% (1 = 2) %>}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: <% 1 %>}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: <% ctx().d.len() %>}]}]}\n", []),
        (
            "vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [d: <% ctx().d + ctx().d %>]}]}\n",
            [4],
        ),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ result() }}'}]}]}\n", [4]),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ ctx().d }}'}]}]}\n", [4]),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ 1 + 1 }}'}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ [1] }}'}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ 1 ~ 2 }}'}]}]}\n", []),
        (
            "vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ result() or 1 }}'}]}]}\n",
            [4],
        ),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ [] | length }}'}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: '{{ now() }}'}]}]}\n", []),
        ("vars: [{d: {a: 1}}]\ntasks:\n  a: {next: [{publish: [{d: <% $ %>}]}]}\n", [4]),
    ],
)
def test_a_variable_that_may_be_merged_is_noted(text: str, lines: list[int]) -> None:
    text = text.replace("{next:", "{action: core.noop, next:").replace(
        "action: x", "action: core.noop"
    )

    assert noted(text, Change.MERGED_DEEPLY) == lines


def test_a_note_says_where_else_a_variable_is_written() -> None:
    text = (
        "vars: [{d: {a: 1}}]\ntasks:\n"
        "  a: {action: core.noop, next: [{publish: [{d: {b: 1}}], do: b}]}\n"
        "  b: {action: core.noop, next: [{publish: [{d: {c: 1}}], do: b}]}\n"
    )

    (note,) = [one for one in convert(HEAD + text).findings if one.code == "merged-deeply"]

    assert note.message.endswith("It is written on lines 2, 5, too")


BRANCHES = (
    "tasks:\n"
    "  s: {action: core.noop, next: [{do: 'a, b'}]}\n"
    "  a: {action: core.noop, next: [{publish: [{x: 1}, {w: 1}, {v: 1}, {u: 1}]}]}\n"
    "  b: {action: core.noop, next: [{publish: [{x: 2}, {w: 1}, {v: 1}, {u: 1}]}]}\n"
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{BRANCHES}output: [{{o: <% ctx().x %>}}]\n", [6]),
        (f"{BRANCHES}output: [{{o: <% ctx() %>}}]\n", [6]),
        (f"{BRANCHES}output: [{{o: 5}}]\n", []),
        (BRANCHES, []),
        (f"{BRANCHES.replace('x: 2', 'y: 2')}output: [{{o: <% ctx().x %>}}]\n", []),
    ],
)
def test_an_output_of_several_branches_is_noted(text: str, lines: list[int]) -> None:
    assert noted(text, Change.ENDS_OF_BRANCHES) == lines


@pytest.mark.parametrize(
    ("a", "lines"),
    [
        ("{when: <% succeeded() %>, do: j}", []),
        ("{when: <% completed() %>, do: j}", []),
        ("{do: j}", []),
        ("{when: <% succeeded() and 1 = 1 %>, do: j}", [5]),
        ("{when: <% succeeded() %>, do: j}, {when: <% failed() %>, do: k}", [5]),
        ("{when: <% succeeded() %>, do: j}, {when: <% succeeded() %>, do: k}", []),
        ("{do: j}, {when: <% failed() %>, do: k}", []),
    ],
)
def test_a_join_that_a_branch_may_not_come_to_is_noted(a: str, lines: list[int]) -> None:
    text = (
        f"tasks:\n  a: {{action: core.noop, next: [{a}]}}\n"
        "  b: {action: core.noop, next: [{do: j}]}\n"
        "  j: {join: all, action: core.noop}\n  k: {action: core.noop}\n"
    )

    assert noted(text, Change.LOST_JOIN) == lines


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("action: core.echo m=<% ctx().x.y %>, next: [{do: b}]", [4]),
        ("action: core.echo m=<% ctx().x %>, next: [{do: b}]", []),
        ("action: core.echo m='<% ctx().x %>!', next: [{when: <% failed() %>, do: b}]", [4]),
        ("action: core.echo m=<% ctx().x.y %>, next: [{when: <% succeeded() %>, do: b}]", []),
        ("action: core.echo m=<% ctx().x.y %>, next: [{do: fail}]", []),
        ("action: core.echo m=<% ctx().x.y %>", []),
    ],
)
def test_an_error_that_a_transition_deals_with_is_noted(body: str, lines: list[int]) -> None:
    text = f"input: [x]\ntasks:\n  a: {{{body}}}\n  b: {{action: core.noop}}\n"

    assert noted(text, Change.ERRORS_HANDLED) == lines


def test_tasks_with_such_errors_are_told_in_one_note() -> None:
    tasks = "".join(
        f"  t{n}: {{action: core.echo m=<% ctx().x.y %>, next: [{{do: b}}]}}\n" for n in range(7)
    )
    text = f"input: [x]\ntasks:\n{tasks}  b: {{action: core.noop}}\n"

    (note,) = [one for one in convert(HEAD + text).findings if one.code == "errors-handled"]

    assert "(so do `t1`, `t2`, `t3`, `t4` and 2 more)" in note.message


@pytest.mark.parametrize(
    ("expression", "lines"),
    [
        ("<% task_status(s) %>", []),
        ("<% task_status(a) %>", []),
        ("<% task_status(other) %>", [7]),
        ("<% task_status(ctx().x) %>", [7]),
    ],
)
def test_a_question_about_a_task_elsewhere_is_noted(expression: str, lines: list[int]) -> None:
    text = (
        "input: [x]\ntasks:\n  s: {action: core.noop, next: [{do: a}, {do: other}]}\n"
        "  other: {action: core.noop}\n  a:\n"
        f"    {{action: core.noop, retry: {{count: 1}}, next: [{{publish: [p: {expression}]}}]}}\n"
    )

    assert noted(text, Change.TASKS_ASKED_FOR) == lines


def test_a_task_has_not_passed_itself_before_it_completes() -> None:
    text = "tasks:\n  a: {action: core.echo m=<% task_status(a) %>}\n"

    assert noted(text, Change.TASKS_ASKED_FOR) == [3]


def test_a_result_that_is_not_there_yet_is_noted() -> None:
    text = "tasks:\n  a: {action: core.echo m=<% result() %>}\n"

    assert noted(text, Change.NOTHING_THERE) == [3]


@pytest.mark.parametrize(("concurrency", "lines"), [("0", []), ("1", []), ("2", [4])])
def test_items_that_start_after_a_failure_are_noted(concurrency: str, lines: list[int]) -> None:
    items = f"{{items: <% ctx().l %>, concurrency: {concurrency}}}"
    text = f"input: [l]\ntasks:\n  a: {{with: {items}, action: core.noop}}\n"

    assert noted(text, Change.ITEMS_AFTER_FAILURE) == lines


def test_items_that_are_tried_again_are_noted() -> None:
    text = "input: [l]\ntasks:\n  a: {with: <% ctx().l %>, action: core.noop, retry: {count: 1}}\n"

    assert noted(text, Change.ITEMS_TRIED_AGAIN) == [4]


@pytest.mark.parametrize(
    ("head", "items", "lines"),
    [
        ("input: [l]", "i in <% ctx().l %>", []),
        ("input: [l]", "i, j in <% ctx(l) %>", [4]),
        ("input: [l]", "i, j in <% ctx(other) %>", [4]),
        ("input: [{l: [1]}]", "i in <% ctx('l') %>", []),
        ("input: [{l: [[1]]}]", "i in <% ctx().l %>", [4]),
        ("vars: [{l: [[1, 2]]}]", "i, j in <% ctx().l %>", []),
        ("vars: [{l: [[1, 2], 3]}]", "i, j in <% ctx().l %>", [4]),
        ("vars: [{l: []}]", "i, j in <% zip(ctx().l, ctx().l) %>", []),
        ("vars: [{l: []}]", "i, j in <% zip(ctx().l) %>", [4]),
        ("vars: [{l: []}]", "i in <% zip(ctx().l, ctx().l) %>", [4]),
        ("input: [l]", "<% ctx().l %>", []),
    ],
)
def test_items_that_are_taken_apart_otherwise_are_noted(
    head: str, items: str, lines: list[int]
) -> None:
    head = head.replace("input: [", "input: [other, ").replace("vars", "input: [other]\nvars")
    quoted = items.replace("'", "''")
    text = f"{head}\ntasks:\n  a: {{with: '{quoted}', action: core.noop}}\n"
    shift = 1 if "vars" in head else 0

    assert noted(text, Change.PARTS_OF_ITEMS) == [line + shift for line in lines]


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("core.echo sure m=1 n=2 more", "`sure more` is no parameter"),
        ("core.echo a=b m=1", "`a=b` is no parameter"),
        ("core.echo m='x' n=1", None),
    ],
)
def test_words_that_are_no_parameters_are_noted(action: str, what: str | None) -> None:
    found = convert(f'{HEAD}tasks:\n  a: {{action: "{action}"}}\n').findings

    assert [one.message.partition(",")[0] for one in found] == ([what] if what else [])


def test_other_words_that_are_published_are_noted() -> None:
    text = f"{HEAD}tasks:\n  a: {{action: core.noop, next: [{{publish: a=1 and b}}]}}\n"

    assert notes(text) == ["never-used 3:43"]


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("succeeded()", "this text always holds, whatever it says: it is no expression"),
        (
            "'<% succeeded() %> '",
            "blanks around an expression make text of it, and so it always holds",
        ),
        (
            "<% succeeded() %> and <% 1 %>",
            "this is text with more than one expression in it, and so it always holds",
        ),
    ],
)
def test_a_condition_that_is_text_is_noted(when: str, message: str) -> None:
    text = f"{HEAD}tasks:\n  a:\n    action: core.noop\n    next:\n      - when: {when}\n"

    assert [one.message for one in convert(text).findings] == [message]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("action: core.local cmd=ls", "`core.local cmd=ls` can't be the name of an action"),
        ("action: core.noop, input: a=1", "this text gives no mapping from parameters to values"),
        ("action: core.noop, delay: '5'", "`5` is not a duration"),
        ("action: core.noop, retry: {count: '3'}", "`count` is text, which is no number"),
        ("action: core.noop, retry: {count: 3, delay: x}", "`x` is not a duration"),
        (
            "action: core.noop, with: {items: <% [1] %>, concurrency: two}",
            "`concurrency` is text, which is no number",
        ),
        ("action: core.noop, with: <% [1] %><% [2] %>", "this text gives no list of items"),
        (
            "action: core.noop, next: [{when: <% 1 %><% 2 %>}]",
            "a condition is one expression, which is true or false",
        ),
        (
            "action: core.noop, next: [{when: '{% if 1 %}x{% endif %}'}]",
            "a condition is one expression, which is true or false",
        ),
        (
            "action: core.noop, join: 3",
            "`a` waits for 3 tasks, and no task leads to it",
        ),
    ],
)
def test_what_has_no_native_form_is_refused(body: str, message: str) -> None:
    body = (
        body.replace("<% [", "'<% [").replace("] %>,", "] %>',") if "concurrency" in body else body
    )
    lines = "".join(
        f"    {line}\n" for line in body.split(", ", body.count(", ")) if "{" not in body
    )
    text = f"{HEAD}tasks:\n  a:\n{lines}" if lines else f"{HEAD}tasks:\n  a: {{{body}}}\n"
    if "[2]" in body:
        text = f"{HEAD}tasks:\n  a:\n    action: core.noop\n    with: <% [1] %><% [2] %>\n"

    assert refused(text) == [message]


@pytest.mark.parametrize(
    "text", ["", "a: 1\n", "version: 1.0\n", "segue: 1\ntasks: {a: {acton: x}}\n"]
)
def test_what_is_no_workflow_or_has_errors_is_refused(text: str) -> None:
    assert refused(text)


def test_several_documents_are_refused() -> None:
    text = f"{HEAD}tasks: {{a: {{action: core.noop}}}}\n---\n{HEAD}tasks: {{}}\n"

    assert refused(text) == ["a second document begins here; a file holds one workflow"]


def test_every_change_is_explained() -> None:
    assert list(CHANGES) == list(Change)
