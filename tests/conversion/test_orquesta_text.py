"""What the text of an Orquesta file becomes, and that all else in it stays as it is."""

import pytest
from tests.conversion.given import converted, notes, of_flow, of_task, task

from segue.conversion.converting import convert
from segue.language.workflows import load_workflow

NOOP = "tasks:\n  a: {action: core.noop}\n"


def test_a_file_becomes_native_and_keeps_all_else() -> None:
    text = (
        "# top, ünïcode ✓\n"
        "version: '1.0'   # the language\n"
        "description: >\n  Folded\n  text\n"
        "input:   # what it takes\n"
        "- name          # who\n"
        "- loud: no      # how\n"
        "# about limits\n"
        "- limits:       # nested\n"
        "    cpu: 010\n"
        "    # deep comment\n"
        "    mem: 1_000\n"
        "\n"
        "vars:\n"
        "  - n: 0  # none yet\n"
        "  - m:\n      k: v\n"
        "tasks:\n"
        "  # about a\n"
        "  a:\n"
        '    action: core.echo message="<% ctx().name %>, hi"   # say\n'
        "    next:\n"
        "      # then\n"
        "      - publish: x=1 y='two words'   # both\n"
        "        do: b, c   # two\n"
        "  b: {action: core.noop}\n"
        "  c: {action: core.noop}\n"
        "output:\n"
        "  - n: <% ctx().n %>  # how many\n"
        "# the end\n"
    )

    assert converted(text) == (
        "# top, ünïcode ✓\n"
        "segue: 1   # the language\n"
        "description: >\n  Folded\n  text\n"
        "input:   # what it takes\n"
        "  name: {default: null}          # who\n"
        "  loud: {default: false}      # how\n"
        "  # about limits\n"
        "  limits:       # nested\n"
        "    default:\n"
        "      cpu: 8\n"
        "      # deep comment\n"
        "      mem: 1000\n"
        "\n"
        "vars:\n"
        "  n: 0  # none yet\n"
        "  m:\n    k: v\n"
        "tasks:\n"
        "  # about a\n"
        "  a:\n"
        "    action: core.echo   # say\n"
        "    input:\n"
        "      message: <% ctx().name %>, hi\n"
        "    next:\n"
        "      # then\n"
        "      - publish:   # both\n"
        "          x: 1\n"
        "          y: two words\n"
        "        do: [b, c]   # two\n"
        "  b: {action: core.noop}\n"
        "  c: {action: core.noop}\n"
        "output:\n"
        "  n: <% ctx().n %>  # how many\n"
        "# the end\n"
    )


def test_a_native_file_is_given_as_it_is() -> None:
    text = converted(f"version: 1.0\n{NOOP}")

    again = convert(text)

    assert again.text == text
    assert again.findings == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"version: 1.0\n{NOOP}", f"segue: 1\n{NOOP}"),
        (NOOP, f"segue: 1\n{NOOP}"),
        (f"# what it does\n{NOOP}", f"segue: 1\n# what it does\n{NOOP}"),
        (f"---\n{NOOP}", f"---\nsegue: 1\n{NOOP}"),
        (f"\ufeff{NOOP}", f"\ufeffsegue: 1\n{NOOP}"),
        (f"{NOOP}version: 1\n", f"{NOOP}segue: 1\n"),
        ("{tasks: {a: {action: core.noop}}}", "{segue: 1, tasks: {a: {action: core.noop}}}"),
        (
            '{"version": "1.0", "tasks": {"a": {"action": "core.noop"}}}',
            '{segue: 1, "tasks": {"a": {"action": "core.noop"}}}',
        ),
        (f"version: 1.0\r\n{NOOP}".replace("\n", "\r\n").replace("\r\r", "\r"), None),
    ],
)
def test_the_language_is_named(before: str, after: str | None) -> None:
    if after is None:
        after = before.replace("version: 1.0", "segue: 1")

    assert converted(before) == after


def test_line_breaks_stay_those_of_the_file() -> None:
    text = "version: 1.0\ntasks:\n  a:\n    action: core.echo message='hi'\n".replace("\n", "\r\n")

    result = converted(text)

    assert "\n" not in result.replace("\r\n", "")
    assert result.endswith("    input:\r\n      message: hi\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a, {b: 1}, c: 2]", "{a: {default: null}, b: {default: 1}, c: {default: 2}}"),
        ("\n  - a\n  - b: 1", "\n  a: {default: null}\n  b: {default: 1}"),
        ("\n- a\n-   b: 1", "\n  a: {default: null}\n  b: {default: 1}"),
        ("\n  - a:", "\n  a: {default: null}"),
        ("\n  - a: # why", "\n  a: {default: null} # why"),
        ("\n  - {a: 1}", "\n  a: {default: 1}"),
        ("\n  - a: <% [1, 2] %>", '\n  a: {default: "<% [1, 2] %>"}'),
        ("\n  - a: x y", "\n  a: {default: x y}"),
        ("\n  - a: 'it''s'", "\n  a: {default: 'it''s'}"),
        ("\n  - a: &n 5\n  - b: *n", "\n  a: {default: &n 5}\n  b: {default: *n }"),
        ("\n  - a: {x: 1,\n        y: 2}", "\n  a: {default: {x: 1,\n      y: 2}}"),
        ("\n  - a:\n    - 1\n    - 2", "\n  a:\n    default:\n    - 1\n    - 2"),
        ("\n  - a:  # it\n      x: 1", "\n  a:  # it\n    default:\n      x: 1"),
        ("\n  - a: |\n      x\n      y\n", "\n  a:\n    default: |\n      x\n      y\n"),
        ("\n  - a: x\n      y", "\n  a:\n    default: x\n      y"),
        ('\n- "a"\n- "b": yes', '\n  "a": {default: null}\n  "b": {default: true}'),
    ],
)
def test_inputs_become_a_mapping(before: str, after: str) -> None:
    assert converted(f"version: 1.0\ninput: {before}\n{NOOP}".replace(": \n", ":\n")) == (
        f"segue: 1\ninput: {after}\n{NOOP}".replace(": \n", ":\n")
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[{a: 1}, {b: <% ctx().a %>}]", "{a: 1, b: <% ctx().a %>}"),
        ("\n  - a: 1\n  - b: 2", "\n  a: 1\n  b: 2"),
        ("\n- a: 1\n\n# two\n- b: 2", "\n  a: 1\n\n  # two\n  b: 2"),
        ("\n  - a: 1\n  - a: 2", "\n  - a: 1\n  - a: 2"),
        ("\n  - {a: 1,}", "\n  - {a: 1,}"),
        ("\n  - &x a: 1", "\n  &x a: 1"),
        ("\n  -\n    a: 1", "\n  -\n    a: 1"),
        ("\n  - ? a\n    : 1", "\n  - ? a\n    : 1"),
        ("\n  - &x {a: 1}\n  - b: *x", "\n  - &x {a: 1}\n  - b: *x"),
        ("\n  - a:\n      k: v\n      # deep\n  # next\n  - b: 1", None),
    ],
)
def test_variables_become_a_mapping_where_that_is_the_same(before: str, after: str | None) -> None:
    if after is None:
        after = "\n  a:\n    k: v\n    # deep\n  # next\n  b: 1"

    assert converted(f"version: 1.0\nvars: {before}\n{NOOP}".replace(": \n", ":\n")) == (
        f"segue: 1\nvars: {after}\n{NOOP}".replace(": \n", ":\n")
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("yes", "true"),
        ("off", "false"),
        ("010", "8"),
        ("1:30", "90"),
        ("1_000", "1000"),
        ("1e3", '"1e3"'),
        ("0o7", '"0o7"'),
        ("2024-01-02", "2024-01-02"),
        ("!!str 010", "!!str 010"),
        ("'yes'", "'yes'"),
        ("{on: 1, 1.0: x}", '{"true": 1, 1.0: x}'),
        ("[no, 5, 5.0, ~]", "[false, 5, 5.0, ~]"),
    ],
)
def test_values_stay_what_they_are_in_yaml_1_1(before: str, after: str) -> None:
    assert f"x: {after}\n" in converted(f"version: 1.0\nvars:\n  - x: {before}\n{NOOP}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("action: core.echo message='hi'\n", "action: core.echo\ninput:\n  message: hi\n"),
        (
            "action: core.echo message='a b' n=3 f=1.5 t=True x=null l=[1, 2]\n",
            (
                "action: core.echo\ninput:\n  message: a b\n  n: 3\n  f: 1.5\n  t: true\n"
                "  x: null\n  l: [1, 2]\n"
            ),
        ),
        (
            "action: core.echo message={{ ctx().x }}\n",
            'action: core.echo\ninput:\n  message: "{{ ctx().x }}"\n',
        ),
        (
            "action: core.echo message=<% ctx('x') %>  # say\njoin: 0\n",
            "action: core.echo  # say\ninput:\n  message: <% ctx('x') %>\njoin: 1\n",
        ),
        (
            "action: >-\n  core.local\n  cmd='ls \"x\"'\njoin: all\n",
            'action: core.local\ninput:\n  cmd: ls "x"\njoin: all\n',
        ),
        ("action: core.echo a=1 a=2\n", "action: core.echo\ninput:\n  a: 2\n"),
        (
            "action: core.echo\ninput: <% ctx().x %>\ndelay: 5\n",
            "action: core.echo\ninput: <% ctx().x %>\ndelay: 5\n",
        ),
        (
            "with: i in <% ctx().x %>\naction: core.noop\n",
            "with: i in <% ctx().x %>\naction: core.noop\n",
        ),
        (
            "with: {items: <% ctx().x %>, concurrency: 0}\naction: core.noop\n",
            "with: {items: <% ctx().x %>, concurrency: 1}\naction: core.noop\n",
        ),
        (
            "action: core.noop\nretry: {count: 1, when: <% result() %>}\n",
            "action: core.noop\nretry: {count: 1, when: <% bool(result()) %>}\n",
        ),
        ("action: core.noop\nnext: []\n", "action: core.noop\nnext: []\n"),
    ],
)
def test_tasks_become_native(before: str, after: str) -> None:
    head = "version: 1.0\ninput: [x]\ntasks:\n  b: {action: core.noop, next: [{do: a}]}\n  a:\n"
    indented = "".join(f"    {line}\n" for line in before.splitlines())

    result = converted(head + indented).partition("  a:\n")[2]

    assert "".join(line.removeprefix("    ") + "\n" for line in result.splitlines()) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{action: core.echo message='hi', next: []}", None),
        ("{action: \"core.echo m='a, b' n=1\"}", '{action: core.echo, input: {m: "a, b", n: 1}}'),
        (
            "{action: core.noop, next: [{publish: 'a=1 b=<% 1 %>', do: 'b, c'}]}",
            "{action: core.noop, next: [{publish: {a: 1, b: <% 1 %>}, do: [b, c]}]}",
        ),
        (
            "{action: core.noop, next: [{publish: 'a=1 a=2'}]}",
            "{action: core.noop, next: [{publish: [{a: 1}, {a: 2}]}]}",
        ),
        (
            "{action: core.noop, next: [{publish: [{a: 1}]}, {do: b}]}",
            "{action: core.noop, match: all, next: [{publish: {a: 1}}, {do: b}]}",
        ),
        (
            "{action: core.noop, next: [{when: <% failed() %>, do: retry}, {do: b}]}",
            "{action: core.noop, retry: {count: 3, when: <% failed() %>}, next: [{do: b}]}",
        ),
        (
            "{action: core.noop, next: [{do: b}, {do: retry}]}",
            "{action: core.noop, retry: {count: 3, when: completed()}, next: [{do: b}]}",
        ),
        (
            "{action: core.noop, next: [{do: retry}]}",
            "{action: core.noop, retry: {count: 3, when: completed()}}",
        ),
        (
            "{action: core.noop, next: [{do: [retry, b]}]}",
            "{action: core.noop, retry: {count: 3, when: completed()}, next: [{do: b}]}",
        ),
        (
            "{action: core.echo m=1, input: {x: 2}, join: 0}",
            "{action: core.echo, input: {m: 1}, join: 1}",
        ),
        (
            "{retry: {count: 1}, action: core.noop, next: [{do: retry}]}",
            "{action: core.noop, retry: {count: 3, when: completed()}}",
        ),
    ],
)
def test_tasks_in_braces_stay_in_braces(before: str, after: str | None) -> None:
    if after is None:
        after = "{action: core.echo, input: {message: hi}, next: []}"

    assert of_flow(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- do: b, c", "- do: [b, c]"),
        ("- do: b", "- do: b"),
        ('- do: "b "', "- do: b"),
        ("- do:\n    - b  # one\n    - c", "- do:\n    - b  # one\n    - c"),
        (
            "- when: <% succeeded() %>  # well\n  do: b",
            "- when: <% succeeded() %>  # well\n  do: b",
        ),
        ("- when: succeeded()", "- when: completed()"),
        ("- when: <% 1 %>  ", "- when: <% bool(1) %>  "),
        ("- when: '{{ 1 }}'", "- when: '{{ true if (1) else false }}'"),
        ("- when: |\n    <% false %>\n  do: b", "- when: completed()\n  do: b"),
        (
            "- when: >-\n    <% [1] %>\n  do: b",
            "- when: >-\n    <% bool(use_none([1])) %>\n  do: b",
        ),
        ("- publish: a=1", "- publish:\n    a: 1"),
        ("- publish: a=1 a=2", "- publish:\n    - a: 1\n    - a: 2"),
        ("- publish:\n  - a: 1\n  do: b", "- publish:\n    a: 1\n  do: b"),
        ("- publish:\n    - a: 1\n    - a: 2", "- publish:\n    - a: 1\n    - a: 2"),
        ("- publish: >-\n    a=1\n    b=2\n  do: b", "- publish:\n    a: 1\n    b: 2\n  do: b"),
        ("- do: b\n  publish: nothing", "- do: b"),
        (
            "- do: b\n  # none\n  publish: nothing  # at all\n  when: <% failed() %>",
            "- do: b\n  # none\n  # at all\n  when: <% failed() %>",
        ),
    ],
)
def test_transitions_become_native(before: str, after: str) -> None:
    lines = "".join(f"  {line}\n" for line in before.splitlines())
    wanted = "".join(f"  {line}\n" for line in after.splitlines())

    assert of_task(f"action: core.noop\nnext:\n{lines}") == f"action: core.noop\nnext:\n{wanted}"


def test_the_retry_command_becomes_a_retry_and_comments_stay() -> None:
    before = (
        "action: core.noop\n"
        "# what follows\n"
        "next:\n"
        "  # again\n"
        "  - when: <% failed() %>  # if it failed\n"
        "    do: retry\n"
        "  - when: <% succeeded() %>\n"
        "    do: b\n"
    )

    assert of_task(before) == (
        "action: core.noop\n"
        "retry: {count: 3, when: <% failed() %>}\n"
        "# what follows\n"
        "next:\n"
        "  # again\n"
        "  # if it failed\n"
        "  - when: <% succeeded() %>\n"
        "    do: b\n"
    )


def test_a_task_that_only_tries_again_has_no_transitions_left() -> None:
    before = "action: core.noop\n# why\nnext:\n  - do: retry  # always\n    publish: a=1\n"

    assert of_task(before) == (
        "action: core.noop\nretry: {count: 3, when: completed()}\n# why\n# always\n"
    )


def test_all_transitions_are_taken_only_where_more_than_one_can_hold() -> None:
    one = "next: [{when: <% succeeded() %>, do: b}, {when: <% failed() %>, do: c}]\n"
    other = "next:\n  - when: <% succeeded() %>\n    do: b\n  - when: <% ctx().x %>\n    do: c\n"

    assert "match" not in of_task(f"action: core.noop\n{one}")
    assert of_task(f"action: core.noop\n{other}".replace("ctx().x", "1 = 1")).startswith(
        "action: core.noop\nmatch: all\nnext:\n"
    )


@pytest.mark.parametrize(
    ("first", "second", "exclusive"),
    [
        ("<% succeeded() and 1 = 1 %>", "<% failed() and 1 = 2 %>", True),
        ("<% succeeded() or 1 = 1 %>", "<% failed() %>", False),
        ("<% succeeded() and 1 = 1 or 1 = 2 %>", "<% failed() %>", False),
        ("<% 1 = 1 and succeeded() %>", "<% failed() %>", False),
        ("{{ succeeded() }}", "{{ failed() }}", True),
        ("<% succeeded() %>", "<% succeeded() %>", False),
    ],
)
def test_conditions_exclude_each_other_if_the_first_question_does(
    first: str, second: str, *, exclusive: bool
) -> None:
    text = converted(
        "version: 1.0\ntasks:\n  b: {action: core.noop}\n  a:\n    action: core.noop\n    next:\n"
        f"      - when: '{first}'\n        do: b\n      - when: '{second}'\n        do: b\n"
    )

    assert ("match: all" in text) is not exclusive


def test_match_is_said_once_for_several_tasks() -> None:
    both = "next: [{do: b}, {do: c}]"
    text = f"version: 1.0  # it\ntasks:\n  a: {{{both}}}\n  d: {{{both}}}\n  b: {{join: all}}\n"
    text += "  c: {action: core.noop}\n"

    assert converted(text).startswith("segue: 1  # it\nmatch: all\ntasks:\n")
    assert converted(text.partition("\n")[2]).startswith("segue: 1\nmatch: all\ntasks:\n")
    assert converted(text.partition("\n")[2]).count("match") == 1


@pytest.mark.parametrize("version", ["version: 1.0, ", ""])
def test_match_is_said_once_in_braces(version: str) -> None:
    both = "{next: [{do: b}, {do: c}]}"
    text = f"{{{version}tasks: {{a: {both}, d: {both}, b: {{join: all}}, c: {{join: 1}}}}}}"

    assert converted(text).startswith("{segue: 1, match: all, tasks: ")


WRITTEN_ANEW = [
    "version: 1.0\ntasks:\n  # one\n  a: &a {action: core.echo m=1}\n  # two\n  b: *a\n",
    "version: 1.0\ntasks:\n  a: &a {action: core.echo m=1}\n  b: {<<: *a, delay: 1}\n",
    "version: 1.0\ntasks:\n  a: {action: &x core.noop}\n  b: {action: *x}\n",
    (
        "version: 1.0\ntasks:\n  b: {action: core.noop}\n"
        "  a: {action: core.noop, next: &n [{do: 'b, b'}]}\n"
    ),
    "version: 1.0\ntasks:\n  a: {action: core.noop}\n  a: {action: core.echo m=1}\n",
    "version: 1.0\nvars: &v [{x: {}}]\noutput: *v\ntasks: {a: {action: core.noop}}\n",
]


@pytest.mark.parametrize("text", WRITTEN_ANEW)
def test_what_can_not_be_changed_in_place_is_still_what_it_was(text: str) -> None:
    before = load_workflow(text, file="w.yaml").workflow
    after = load_workflow(converted(text), file="w.yaml").workflow

    assert before is not None
    assert after is not None
    assert list(before.tasks) == list(after.tasks)
    for name, one in before.tasks.items():
        now = task(converted(text), name).input
        assert (one.input and one.input.value) == (now and now.value)


def test_a_file_that_is_written_anew_keeps_the_comments_above_tasks() -> None:
    result = convert(WRITTEN_ANEW[0], "w.yaml")

    assert result.text == (
        "segue: 1\n\ntasks:\n  # one\n  a:\n    action: core.echo\n    input:\n      m: 1\n\n"
        "  # two\n  b:\n    action: core.echo\n    input:\n      m: 1\n"
    )
    assert [(one.code, one.message) for one in result.findings] == [
        ("written-anew", "the result is written anew")
    ]


def test_a_duplicate_key_is_left_out_with_a_note() -> None:
    text = WRITTEN_ANEW[4]

    assert "never-used 3:3" in notes(text)
    assert task(converted(text)).action.value == "core.echo"  # type: ignore[union-attr]
