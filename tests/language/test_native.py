"""The native front end: what each key becomes in the model, and what is refused where."""

from collections.abc import Callable

import pytest
from tests.language.found import brief, native, only, task_of, workflow_of

from segue.language import Language, load_workflow
from segue.language.codes import Code
from segue.language.model import (
    JOIN_ALL,
    NATIVE,
    Backoff,
    EngineCommand,
    Limits,
    Match,
    OnCancel,
    OnItemFailure,
    Task,
    Template,
    UnhandledFailure,
    Unlimited,
)

ONE = "tasks: {a: {}}\n"


def test_a_workflow_of_all_keys_is_read() -> None:
    loaded = load_workflow(
        """\
segue: 1
name: watch
description: Watches.
tags: [ops, night]
input:
  url: {type: string, format: uri}
  attempts: {type: integer, default: 30, minimum: 1}
vars: {seen: 0}
limits: {duration: 1h, visits: 1000}
match: all
unhandled_failure: finish_branches
start: probe
tasks:
  probe: {action: core.http}
output: {seen: "{{ ctx.seen }}"}
"""
    )
    workflow = workflow_of(loaded)
    assert loaded.language is Language.NATIVE
    assert (workflow.name, workflow.description) == ("watch", "Watches.")
    assert workflow.tags == ("ops", "night")
    assert [each.name for each in workflow.inputs] == ["url", "attempts"]
    assert [each.required for each in workflow.inputs] == [True, False]
    assert workflow.inputs[1].schema == {"type": "integer", "minimum": 1}
    assert workflow.limits == Limits(duration=3600.0, visits=1000)
    assert workflow.tasks["probe"].match is Match.ALL
    assert workflow.semantics.unhandled_failure is UnhandledFailure.FINISH_BRANCHES
    assert workflow.start == ("probe",)
    assert workflow.output[0].value.value == "{{ ctx.seen }}"


def test_what_a_file_does_not_say_has_its_default() -> None:
    workflow = workflow_of(load_workflow("segue: 1\n" + ONE, file="flows/deploy.prod.yaml"))
    assert workflow.name == "deploy.prod"
    assert (workflow.inputs, workflow.vars, workflow.output, workflow.start) == ((), (), (), ())
    assert (workflow.limits, workflow.semantics, workflow.tags) == (Limits(), NATIVE, ())
    task = workflow.tasks["a"]
    assert (task.match, task.join, task.next, task.action) == (Match.FIRST, None, (), None)


@pytest.mark.parametrize(
    ("file", "name"), [("x", "x"), (".hidden", ".hidden"), ("c:\\a\\b.yml", "b"), ("a/b.c/d", "d")]
)
def test_the_name_follows_from_the_file(file: str, name: str) -> None:
    assert workflow_of(load_workflow("segue: 1\n" + ONE, file=file)).name == name


def test_a_name_that_is_given_wins_over_the_files() -> None:
    loaded = load_workflow("segue: 1\n" + ONE, file="x.yaml", name="given")
    assert workflow_of(loaded).name == "given"


def test_task_names_are_any_text() -> None:
    names = ["a.b", "with space", "été", "1", "no", "x-y", "{}"]
    listed = "".join(f"  '{name}': {{}}\n" for name in names)
    assert list(workflow_of(native("tasks:\n" + listed)).tasks) == names
    assert list(workflow_of(native("tasks: {1: {}, no: {}}\n")).tasks) == ["1", "no"]


def test_limits_can_be_lifted() -> None:
    loaded = native("limits: {duration: unlimited, visits: unlimited}\n" + ONE)
    limits = workflow_of(loaded).limits
    assert limits == Limits(duration=Unlimited.UNLIMITED, visits=Unlimited.UNLIMITED)


def test_inputs_have_short_forms() -> None:
    inputs = workflow_of(native("input: {url: string, any: }\n" + ONE)).inputs
    assert [(each.required, each.schema) for each in inputs] == [
        (True, {"type": "string"}),
        (True, None),
    ]


def test_an_input_without_conditions_has_no_schema() -> None:
    (declared,) = workflow_of(native("input: {x: {default: }}\n" + ONE)).inputs
    assert declared.schema is None
    assert declared.default is not None
    assert declared.default.value is None


def test_a_default_that_is_an_expression_is_not_held_against_the_schema() -> None:
    loaded = native("input: {a: integer, b: {type: integer, default: '{{ ctx.a }}'}}\n" + ONE)
    assert not loaded.findings


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("10", 10.0), ("0.5", 0.5), ("500ms", 0.5), ("1h30m", 5400.0), ("2d", 172800.0)],
)
def test_durations_are_seconds(written: str, seconds: float) -> None:
    task = task_of(native(f"tasks: {{a: {{timeout: {written}, delay: {written}}}}}\n"))
    assert task.timeout is not None
    assert task.delay is not None
    assert (task.timeout.value, task.delay.value) == (seconds, seconds)


def test_durations_may_be_expressions() -> None:
    task = task_of(native('tasks: {a: {timeout: "{{ ctx.t }}"}}\n'))
    assert task.timeout is not None
    assert task.timeout.value == "{{ ctx.t }}"
    assert task.timeout.places


def test_retry_has_all_its_parts() -> None:
    retry = task_of(
        native(
            "tasks: {a: {retry: {count: 3, delay: 1s, backoff: exponential, max_delay: 30s,"
            " jitter: true, when: failed()}}}\n"
        )
    ).retry
    assert retry is not None
    assert retry.count.value == 3
    assert retry.delay is not None
    assert retry.max_delay is not None
    assert (retry.delay.value, retry.max_delay.value) == (1.0, 30.0)
    assert (retry.backoff, retry.jitter) == (Backoff.EXPONENTIAL, True)
    assert retry.when is not None
    assert retry.when.value == "{{ failed() }}"


def test_retry_needs_only_a_count_which_may_be_an_expression() -> None:
    retry = task_of(native('tasks: {a: {retry: {count: "<% ctx().n %>"}}}\n')).retry
    assert retry is not None
    assert retry.count.value == "<% ctx().n %>"
    assert (retry.delay, retry.backoff, retry.jitter) == (None, Backoff.CONSTANT, False)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("succeeded()", "{{ succeeded() }}"),
        ('"{{ succeeded() }}"', "{{ succeeded() }}"),
        ("<% succeeded() %>", "<% succeeded() %>"),
        ("|\n          {{ x }}", "{{ x }}"),
    ],
)
def test_the_braces_of_a_condition_may_be_left_out(written: str, value: str) -> None:
    text = f"tasks:\n  a:\n    next:\n      - when: {written}\n        do: noop\n"
    when = task_of(native(text)).next[0].when
    assert when is not None
    assert when.value == value


def test_transitions_keep_their_order_and_their_places() -> None:
    task = task_of(
        native(
            """\
            tasks:
              a:
                next:
                  - when: failed()
                    publish: {x: 1, y: 2}
                    do: [b, fail]
                  - publish: [{x: 1}, {x: 2}]
                  - do: b
              b: {join: 2}
              c: {join: all, next: []}
              d: {join: any}
            """
        )
    )
    first, second, third = task.next
    assert [each.index for each in task.next] == [0, 1, 2]
    assert [each.name for each in first.publish] == ["x", "y"]
    assert [(each.name, each.command) for each in first.do] == [
        ("b", None),
        ("fail", EngineCommand.FAIL),
    ]
    assert [each.value.value for each in second.publish] == [1, 2]
    assert second.do[0].command is EngineCommand.CONTINUE
    assert (third.do[0].span.line, third.do[0].span.column) == (9, 13)


def test_joins_count_tasks() -> None:
    tasks = workflow_of(
        native("tasks: {a: {join: all}, b: {join: any}, c: {join: 2}, d: {}}\n")
    ).tasks
    assert [task.join for task in tasks.values()] == [JOIN_ALL, 1, 2, None]


def test_the_input_of_an_action_may_be_one_expression() -> None:
    task = task_of(native('tasks: {a: {action: "{{ ctx.act }}", input: "{{ ctx.all }}"}}\n'))
    assert task.action is not None
    assert task.input is not None
    assert (task.action.value, task.input.value) == ("{{ ctx.act }}", "{{ ctx.all }}")


def test_matching_can_be_said_of_one_task() -> None:
    task = task_of(native("match: first\ntasks: {a: {match: all, description: why}}\n"))
    assert (task.match, task.description) == (Match.ALL, "why")


WRONG = [
    ("segue: 1.0", "SEG103 1:8"),
    ("segue: 2", "SEG009 1:8"),
    ("name: ''", "SEG107 2:7"),
    ("name: [x]", "SEG103 2:7"),
    ("description: 5", "SEG103 2:14"),
    ("nmae: x", "SEG101 2:1"),
    ("tags: x", "SEG103 2:7"),
    ("match: frist", "SEG104 2:8"),
    ("unhandled_failure: stop", "SEG104 2:20"),
    ("limits: 5", "SEG103 2:9"),
    ("limits: {duration: 0}", "SEG104 2:20"),
    ("limits: {duration: -1}", "SEG105 2:20"),
    ("limits: {duration: never}", "SEG105 2:20"),
    ("limits: {visits: 0}", "SEG104 2:18"),
    ("limits: {visits: many}", "SEG104 2:18"),
    ("limits: {turns: 5}", "SEG101 2:10"),
    ("start: b", "SEG201 2:8"),
    ("start: [a, a]", "SEG106 2:12"),
    ("start: []", "SEG107 2:8"),
    ("start: [5]", "SEG103 2:9"),
    ("start: 5", "SEG103 2:8"),
    ("vars: 5", "SEG103 2:7"),
    ("vars: [{x: 1, y: 2}]", "SEG103 2:8"),
    ("vars: [x]", "SEG103 2:8"),
    ("vars: {'': 1}", "SEG107 2:12"),
    ("input: []", "SEG103 2:8"),
    ("input: {x: 5}", "SEG103 2:12"),
    ("input: {'': string}", "SEG107 2:13"),
    ("input: {x: {required: true}}", "SEG103 2:23"),
    ("input: {x: strnig}", "SEG108 2:12"),
    ("input: {x: {type: strnig}}", "SEG108 2:19"),
    ("input: {x: {type: float3000}}", "SEG108 2:19"),
    ("input: {x: {pattern: '('}}", "SEG108 2:22"),
    ("input: {x: {minimum: five}}", "SEG103 2:22"),
    ("input: {x: {items: {$ref: '#/a'}}}", "SEG108 2:12"),
    ("input: {x: {anyOf: [{$ref: '#/a'}]}}", "SEG108 2:12"),
    ("input: {x: {items: {type: 5}}}", "SEG108 2:20"),
    ("input: {x: {default: 5, type: string}}", "SEG109 2:22"),
    ("input: {x: {defualt: 5}}", "SEG101 2:13"),
    ("input: {x: {secret: true}}", "SEG120 2:13"),
    ("output: 5", "SEG103 2:9"),
]


@pytest.mark.parametrize(("line", "place"), WRONG)
def test_what_is_wrong_in_the_workflow_is_found_where_it_is(line: str, place: str) -> None:
    text = f"{line}\n{ONE}" if line.startswith("segue") else f"segue: 1\n{line}\n{ONE}"
    loaded = load_workflow(text)
    assert brief(loaded.findings) == [place]
    assert loaded.workflow is None
    assert loaded.draft is not None


WRONG_TASKS = [
    ("5", "SEG103 3:6"),
    ("{act: x}", "SEG101 3:7"),
    ("{action: 5}", "SEG103 3:15"),
    ("{action: ''}", "SEG107 3:15"),
    ("{action: two words}", "SEG104 3:15"),
    ("{action: core.echo message=hi}", "SEG110 3:15"),
    ("{input: []}", "SEG103 3:14"),
    ("{input: text}", "SEG103 3:14"),
    ("{input: '{{ {} }} and more'}", "SEG103 3:14"),
    ("{join: 0}", "SEG104 3:13"),
    ("{join: '2'}", "SEG104 3:13"),
    ("{join: some}", "SEG104 3:13"),
    ("{join: true}", "SEG103 3:13"),
    ("{timeout: soon}", "SEG105 3:16"),
    ("{timeout: '10'}", "SEG105 3:16"),
    ("{timeout: ''}", "SEG105 3:16"),
    ("{timeout: 99999d}", "SEG105 3:16"),
    ("{delay: [1]}", "SEG103 3:14"),
    ("{retry: 3}", "SEG103 3:14"),
    ("{retry: {delay: 1s}}", "SEG102 3:14"),
    ("{retry: {count: -1}}", "SEG104 3:22"),
    ("{retry: {count: many}}", "SEG103 3:22"),
    ("{retry: {count: 1, backoff: quadratic}}", "SEG104 3:34"),
    ("{retry: {count: 1, jitter: maybe}}", "SEG103 3:33"),
    ("{retry: {count: 1, when: ''}}", "SEG107 3:31"),
    ("{match: any}", "SEG104 3:14"),
    ("{next: {do: b}}", "SEG103 3:13"),
    ("{next: [b]}", "SEG103 3:14"),
    ("{next: [{then: b}]}", "SEG101 3:15"),
    ("{next: [{when: true}]}", "SEG103 3:21"),
    ("{next: [{when: .inf}]}", "SEG006 3:21"),
    ("{next: [{when: '{{ a }} and {{ b }}'}]}", "SEG104 3:21"),
    ("{next: [{when: 'not {{ a }}'}]}", "SEG104 3:21"),
    ("{next: [{do: [b, 5]}]}", "SEG103 3:23"),
    ("{next: [{do: ''}]}", "SEG107 3:19"),
    ("{next: [{do: []}]}", "SEG107 3:19"),
    ("{next: [{do: [b, b]}]}", "SEG106 3:23"),
    ("{next: [{do: retry}]}", "SEG210 3:19"),
    ("{next: [{publish: x}]}", "SEG103 3:24"),
    ("{next: [{publish: [{x: 1, y: 2}]}]}", "SEG103 3:25"),
    ("{next: [{publish: [{}]}]}", "SEG103 3:25"),
    ("{with: words}", "SEG103 3:13"),
    ("{with: 'ctx.hosts'}", "SEG103 3:13"),
    ("{with: 'host in ctx.hosts'}", "SEG103 3:13"),
    ("{with: 'x in {{ [1] }} and more'}", "SEG103 3:13"),
    ("{with: 5}", "SEG103 3:13"),
    ("{with: {items: 5}}", "SEG103 3:21"),
    ("{with: {items: {}}}", "SEG104 3:21"),
    ("{with: {items: {x: 5}}}", "SEG103 3:25"),
    ("{with: {items: {x: words}}}", "SEG103 3:25"),
    ("{with: {items: {x: 'y in {{ [1] }}'}}}", "SEG103 3:25"),
    ("{with: {items: [[1, 2]], as: [x, x]}}", "SEG106 3:39"),
    ("{with: {items: [1], as: []}}", "SEG107 3:30"),
    ("{with: {items: {x: [1]}, as: y}}", "SEG104 3:31"),
    ("{with: {items: {x: [1], y: [2]}, batch: 2}}", "SEG104 3:39"),
    ("{with: {items: [1], concurrency: 0}}", "SEG104 3:39"),
    ("{with: {items: [1], concurrency: -1}}", "SEG104 3:39"),
    ("{with: {items: [1], concurrency: true}}", "SEG103 3:39"),
    ("{with: {items: [1], concurrency: '2{{ 1 }}'}}", "SEG103 3:39"),
    ("{with: {items: [1], batch: 0}}", "SEG104 3:33"),
    ("{with: {items: [1], on_item_failure: go}}", "SEG104 3:43"),
    ("{with: {items: [1], max_failures: -1}}", "SEG104 3:40"),
    ("{with: {as: x}}", "SEG102 3:13"),
]


#: What the schema can't tell, since it is about how parts of `with` belong together.
WRONG_ITEMS = [
    ("{with: '{{ [1] }} {{ [2] }}'}", "SEG103 3:13"),
    ("{with: 'x, x in {{ [[1, 2]] }}'}", "SEG106 3:13"),
    ("{with: {items: {x: [1, 2], y: '{{ [1] }}', z: [1]}}}", "SEG104 3:37"),
    ("{with: {items: [[1, 2], [3]], as: [x, y]}}", "SEG104 3:21"),
    ("{with: {items: ['{{ 1 }}', 2], as: [x, y]}}", "SEG104 3:21"),
    ("{with: {items: 'x in {{ [1] }}', as: y}}", "SEG104 3:39"),
]


@pytest.mark.parametrize(("task", "place"), WRONG_TASKS + WRONG_ITEMS)
def test_what_is_wrong_in_a_task_is_found_where_it_is(task: str, place: str) -> None:
    loaded = native(f"tasks:\n  a: {task}\n  b: {{}}\n")
    assert brief(loaded.findings) == [place]
    assert loaded.workflow is None


@pytest.mark.parametrize(
    ("items", "names", "values"),
    [
        ("[1, 2]", (), ([1, 2],)),
        ("'{{ ctx.l }}'", (), ("{{ ctx.l }}",)),
        ("host in {{ ctx.l }}", ("host",), ("{{ ctx.l }}",)),
        ("'host, port in <% ctx().l %>'", ("host", "port"), ("<% ctx().l %>",)),
        ("{items: [1], as: x}", ("x",), ([1],)),
        ("{items: [[1, 2]], as: [x, y]}", ("x", "y"), ([[1, 2]],)),
        ("{items: ['{{ [1, 2] }}'], as: [x, y]}", ("x", "y"), (["{{ [1, 2] }}"],)),
        ("{items: [1], as: [x]}", ("x",), ([1],)),
        ("{items: 'x in {{ ctx.l }}'}", ("x",), ("{{ ctx.l }}",)),
        (">-\n      x\n      in {{ ctx.l }}", ("x",), ("{{ ctx.l }}",)),
        ("{items: {x: [1], y: '{{ ctx.l }}'}}", ("x", "y"), ([1], "{{ ctx.l }}")),
    ],
)
def test_items_are_a_list_an_expression_or_several_lists(
    items: str, names: tuple[str, ...], values: tuple[object, ...]
) -> None:
    workflow = native(f"tasks:\n  a:\n    with: {items}\n").workflow
    assert workflow is not None
    found = workflow.tasks["a"].with_items
    assert found is not None
    assert found.names == names
    assert tuple(template.value for template in found.items) == values


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ("with", lambda task: task.with_items.items[0]),
        ("action", lambda task: task.action),
        ("input", lambda task: task.input),
        ("delay", lambda task: task.delay),
        ("timeout", lambda task: task.timeout),
        ("with:\n      items: [1]\n      concurrency", lambda task: task.with_items.concurrency),
        ("retry:\n      count", lambda task: task.retry.count),
    ],
)
def test_an_expression_in_a_block_of_its_own_is_no_text(
    field: str, read: Callable[[Task], Template]
) -> None:
    workflow = native(f"tasks:\n  a:\n    {field}: |\n        {{{{ ctx.x }}}}\n").workflow
    assert workflow is not None
    template = read(workflow.tasks["a"])
    assert template.value == "{{ ctx.x }}"
    where = template.places[()]
    assert (where.column, where.end_column) == (9, 20)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("ctx.hosts", "put braces around the expression: {{ ctx.hosts }}"),
        ("host, port in ctx.l", "put braces around the expression: host, port in {{ ctx.l }}"),
        ("words", None),
    ],
)
def test_braces_are_asked_for_where_a_list_is_computed(written: str, hint: str | None) -> None:
    [found] = native(f"tasks:\n  a:\n    with: {written}\n").findings
    assert found.hint == hint


def test_what_else_with_says_of_its_items() -> None:
    workflow = native(
        "on_cancel: finish\n"
        "tasks: {a: {with: {items: [1], concurrency: 2, batch: '{{ 3 }}', max_failures: 0,\n"
        "  on_item_failure: continue}}}\n"
    ).workflow
    assert workflow is not None
    found = workflow.tasks["a"].with_items
    assert found is not None
    assert [one and one.value for one in (found.concurrency, found.batch, found.max_failures)] == [
        2,
        "{{ 3 }}",
        0,
    ]
    assert found.on_failure is OnItemFailure.CONTINUE
    assert workflow.on_cancel is OnCancel.FINISH


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("tasks: {}\n", "SEG107 2:8"),
        ("tasks:\n", "SEG103 2:1"),
        ("tasks:\n  - a: {}\n", "SEG103 3:3"),
        ("tasks:\n  a:\n", "SEG103 3:3"),
        ("tasks: {'': {}}\n", "SEG107 2:13"),
        ("tasks: {noop: {}}\n", "SEG202 2:9"),
        ("", "SEG102 1:1"),
    ],
)
def test_tasks_are_a_mapping_with_something_in_it(text: str, place: str) -> None:
    assert brief(native(text).findings) == [place]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("timout: 5", "did you mean `timeout`?"),
        ("Action: x", "did you mean `action`?"),
        ("inputs: {}", "did you mean `input`?"),
        ("qqqqq: 5", "a task has `description`, `action`"),
        ("action: core.echo message=1", "write `action: core.echo` and an `input:` of its own"),
        ("timeout: '10'", "write `10s`, or 10 without quotes, for seconds"),
        ("join: '2'", "write the number without quotes"),
        ("match: al", "did you mean `all`?"),
        ("retry: 3", "write `retry: {count: 3}`"),
        ("next: {do: a}", "begin each transition with `- `"),
    ],
)
def test_findings_say_what_to_do(text: str, hint: str) -> None:
    found = only(native(f"tasks: {{a: {{{text}}}}}\n"))
    assert found.hint is not None
    assert hint in found.hint


def test_a_value_that_is_an_expression_without_quotes_says_so() -> None:
    found = native("tasks:\n  a:\n    timeout: {{ ctx.t }}\n").findings
    assert [each.code for each in found] == [Code.WRONG_TYPE]
    assert found[0].hint == 'put quotes around an expression: "{{ ... }}"'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[]", "an empty list"),
        ("{}", "an empty mapping"),
        ("{x: 1}", "a mapping"),
        ("[1]", "a list"),
        ("", "nothing (null)"),
        ("true", "`true`"),
        ("1.5", "the number 1.5"),
    ],
)
def test_messages_say_what_stands_there(value: str, words: str) -> None:
    found = only(native(f"description: {value}\n{ONE}"))
    assert found.message.endswith(f"not {words}")


@pytest.mark.parametrize(("value", "words"), [("''", "empty text"), ("word", "the text `word`")])
def test_messages_quote_the_text_that_stands_there(value: str, words: str) -> None:
    found = only(native(f"limits: {value}\n{ONE}"))
    assert found.message.endswith(f"not {words}")


def test_long_texts_are_shortened_in_messages() -> None:
    found = only(native(f"limits: {'x' * 80}\n{ONE}"))
    assert found.message.endswith(f"not the text `{'x' * 37}...`")


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("ref: a.b\nworkflow_file: x.yaml\n", Language.ATTUNE, Code.MISSING_GRAPH),
        ("foo: 1\n", None, Code.UNKNOWN_LANGUAGE),
        ("{}\n", None, Code.UNKNOWN_LANGUAGE),
    ],
)
def test_files_of_other_languages_are_recognised(
    text: str, language: Language | None, code: Code
) -> None:
    loaded = load_workflow(text)
    assert (loaded.language, only(loaded).code, loaded.draft) == (language, code, None)


def test_a_marker_that_is_misspelled_is_asked_for() -> None:
    found = only(load_workflow("sege: 1\ntaks: {a: {}}\n"))
    assert found.hint == "did you mean `segue` by `sege`?"


def test_tasks_in_a_mapping_without_marker_are_orquesta() -> None:
    assert load_workflow("tasks: {a: {action: b}}\n").language is Language.ORQUESTA
