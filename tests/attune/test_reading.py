"""The Attune front end: what its files become, and what it refuses."""

from textwrap import dedent, indent

import pytest
from tests.language.found import brief, only, workflow_of

from segue.language import Language, Loaded, load_workflow
from segue.language.attune_pair import join_pair, placed
from segue.language.codes import Code
from segue.language.findings import Severity
from segue.language.model import ATTUNE, JOIN_ALL, Match, OnCancel

ONE = "tasks: [{name: a, action: core.noop}]\n"


def attune(text: str) -> Loaded:
    """Load a file in one piece whose `ref` is left out."""
    return load_workflow("ref: demo.it\n" + dedent(text))


def tasks(text: str) -> Loaded:
    """Load the tasks of a file, each a line."""
    lines = "".join(f"  - {line}\n" for line in dedent(text).strip().splitlines())
    return load_workflow("ref: demo.it\ntasks:\n" + lines)


@pytest.mark.parametrize(
    "text",
    [
        f"ref: a.b\n{ONE}",
        f"label: x\nversion: 1.0.0\n{ONE}",
        f'version: "1.0.0"\n{ONE}',
        f"version: 1.0\n{ONE}",
        ONE,
    ],
)
def test_a_list_of_tasks_with_names_is_attunes(text: str) -> None:
    loaded = load_workflow(text, file="x/hello.workflow.yaml")
    assert (loaded.language, loaded.findings) == (Language.ATTUNE, ())
    assert workflow_of(loaded).semantics == ATTUNE


@pytest.mark.parametrize("tasks", ["[]", "[a]", "[{action: b}]", "[{{x: y}: z}]"])
def test_a_list_of_tasks_without_names_is_a_mistake_in_a_file_of_orquesta(tasks: str) -> None:
    assert load_workflow(f"version: 1.0\ntasks: {tasks}\n").language is Language.ORQUESTA


def test_the_name_of_a_workflow_is_its_ref_or_that_of_its_file() -> None:
    assert workflow_of(attune(ONE)).name == "demo.it"
    assert workflow_of(load_workflow(f"name: x\n{ONE}")).name == "x"
    assert workflow_of(load_workflow(ONE, file="a/b.workflow.yaml")).name == "b"


def test_what_is_said_of_a_workflow() -> None:
    workflow = workflow_of(
        attune(
            f"label: L\ntags: [a]\ntimeout_seconds: 60\ncancellation_policy: allow_finish\n{ONE}"
        )
    )
    assert (workflow.description, workflow.tags) == ("L", ("a",))
    assert (workflow.limits.duration, workflow.on_cancel) == (60.0, OnCancel.FINISH)
    workflow = workflow_of(attune(f"description: D\ncancellation_policy: cancel_running\n{ONE}"))
    assert (workflow.description, workflow.on_cancel) == ("D", OnCancel.END)


def test_what_has_no_effect_is_told() -> None:
    loaded = attune(
        """\
        enabled: false
        runner_type: shell
        tasks:
          - {name: a, action: x.y, worker_selector: {gpu: "true"}, concurrency: 2}
          - {name: b, action: x.y, next: [{do: a}], on_success: a}
        """.replace("{{", "{").replace("}}", "}")
    )
    assert [found.message for found in loaded.findings] == [
        "`enabled: false` keeps nobody from running the workflow here",
        "`runner_type` has no effect here: the workflow runs where it is started",
        "`worker_selector` has no effect here: actions run where the engine's workers are",
        "`concurrency` has no effect without `with_items`",
        "`on_success` has no effect beside `next`",
    ]
    assert {found.severity for found in loaded.findings} == {Severity.WARNING}


def test_enabled_and_null_keys_say_nothing() -> None:
    assert attune(f"enabled: true\nlabel: null\noutput_map: null\nvars:\n{ONE}").findings == ()


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("lable: x\n", "`lable` is not a key of the workflow", "2:1"),
        ("timeout_seconds: 0\n", "a limit of nothing lets nothing run", "2:18"),
        ("cancellation_policy: stop\n", "`cancellation_policy` is `allow_finish`", "2:22"),
        ("tags: x\n", "`tags` must be a list of tags, not the text `x`", "2:7"),
        ("vars: x\n", "`vars` must be", "2:7"),
        ("parameters: []\n", "`parameters` must be", "2:13"),
    ],
)
def test_mistakes_in_what_is_said_of_a_workflow(text: str, message: str, place: str) -> None:
    found = only(attune(text + ONE))
    assert (found.message[: len(message)], brief((found,))[0][7:]) == (message, place)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{action: x}", "a task needs `name`: text"),
        ("{name: '', action: x}", "the name of a task must not be empty"),
        ("{name: a}", "a task needs `action`: text"),
        ("{name: a, action: ''}", "`action` must not be empty"),
        ("x", "a task must be a mapping, not the text `x`"),
        ("{name: a, action: x, on_sucess: b}", "`on_sucess` is not a key of a task"),
        ("{name: a, action: x, type: paralel}", "`type` is `action` or `workflow` or `parallel`"),
        ("{name: a, action: x, join: 0}", "`join` is how many tasks to wait for, not `0`"),
        ("{name: a, action: x, join: x}", "`join` is how many tasks to wait for, not `x`"),
        ("{name: a, action: x, timeout: soon}", "`soon` is not a duration"),
        ("{name: a, action: x, when: ' '}", "`when` must not be empty"),
        ("{name: a, action: x, when: 'a {{ b }}'}", "`when` is one expression; text with"),
        ("{name: a, action: x, input: 'a {{ b }}'}", "`input` is one expression; text with"),
        ("{name: a, action: x, batch_size: 0, with_items: '{{ x }}'}", "`batch_size` is 1 or more"),
        ("{name: a, action: x, with_items: parameters.x}", "`with_items` must be an expression"),
        ("{name: a, action: x, wait_for: {}}", "`wait_for` is part of the language, but this"),
        ("{name: a, action: x, retry: {delay: 1}}", "`retry` needs `count`"),
        ("{name: a, action: x, retry: {count: 1, backoff: x}}", "`backoff` is `constant` or"),
        ("{name: a, action: x, retry: {count: 1, on_error: ''}}", "`on_error` must not be empty"),
        ("{name: a, action: x, next: [{when: ''}]}", "`when` must not be empty"),
        ("{name: a, action: x, next: [{do: [a, a]}]}", "`a` is named twice under `do`"),
        ("{name: a, action: x, publish: [{'': 1}]}", "a variable needs a name"),
        ("{name: a, action: x, publish: [[]]}", "an entry of `publish` must be text"),
        ("{name: a, action: x, on_success: [{when: '', do: a}]}", "`when` must not be empty"),
        ("{name: a, action: x, decision: [{when: x}]}", "a branch of `decision` needs `next`"),
        ("{name: a, action: x, decision: [{next: a}]}", "a branch of `decision` needs `when`"),
        (
            "{name: a, action: x, decision: [{default: true}]}",
            "a branch of `decision` needs `next`",
        ),
        (
            "{name: a, action: x, decision: [{default: a}, {default: a}]}",
            "this is the second default; a decision has one",
        ),
        ("{name: a, type: parallel}", "a task of `type: parallel` needs `tasks`"),
        ("{type: parallel, tasks: []}", "a task of `type: parallel` needs `name`"),
        ("{name: a, type: parallel, tasks: []}", "a task of `type: parallel` needs at least one"),
        (
            "{name: a, type: parallel, tasks: [{name: a, action: x}]}",
            "there is a task `a` already, on line 3",
        ),
        (
            "{name: a, type: parallel, tasks: [{name: b, action: x, on_success: a}]}",
            "`on_success` is not a key of a task inside one of `type: parallel`",
        ),
    ],
)
def test_mistakes_in_a_task(line: str, message: str) -> None:
    found = only(tasks(line))
    assert found.message[: len(message)] == message
    assert (found.severity, found.span.line) == (Severity.ERROR, 3)


def test_all_mistakes_are_told_at_once() -> None:
    loaded = attune(
        """\
        lable: x
        tasks:
          - name: a
            action: core.noop
            on_sucess: b
          - name: a
            action: core.noop
            timeout: {}
        """
    )
    assert brief(loaded.findings) == ["SEG101 2:1", "SEG101 6:5", "SEG106 7:11", "SEG103 9:14"]
    assert loaded.findings[1].hint == "did you mean `on_success`?"


def test_a_file_without_tasks_is_refused() -> None:
    assert only(attune("tasks: []\n")).message == "a workflow needs at least one task"


def test_a_condition_keeps_its_place() -> None:
    loaded = tasks("{name: a, action: x, on_success: [{when: '{{  b > 1 }}', do: a}]}")
    when = workflow_of(loaded).tasks["a"].next[0].when
    assert when is not None
    assert when.value == "{{ succeeded() and (b > 1) }}"
    assert "{{  b"[: len("{{ succeeded() and (") - when.prefix - 1] == "{{ "


def test_literal_conditions() -> None:
    loaded = tasks("{name: a, action: x, next: [{when: true}, {when: false}, {when: null}]}")
    whens = [each.when and each.when.value for each in workflow_of(loaded).tasks["a"].next]
    assert whens == ["{{ true }}", "{{ false }}", None]


def test_an_empty_next_leaves_the_older_keys_in_force() -> None:
    loaded = tasks("{name: a, action: x, next: [], on_success: b}\n{name: b, action: x, join: all}")
    found = workflow_of(loaded).tasks
    assert [target.name for target in found["a"].next[0].do] == ["b"]
    assert (found["a"].match, found["b"].join) == (Match.ALL, JOIN_ALL)


def test_a_publish_beside_conditions_in_conditions_has_no_effect() -> None:
    line = "{name: a, action: x, on_success: [{publish: [{x: 1}], do: [{when: x, do: b}]}]}"
    found = only(tasks(f"{line}\n{{name: b, action: x}}"))
    assert found.message == "`publish` has no effect beside conditions"


def test_a_name_that_parallel_tasks_would_begin_with_may_be_taken() -> None:
    loaded = tasks(
        "{name: p.begin, action: x}\n{name: p, type: parallel, tasks: [{name: a, action: x}]}"
    )
    assert list(workflow_of(loaded).tasks) == ["p.begin", "p.begin_", "a", "p"]


def test_the_parameters_of_a_graph_alone_are_those_that_it_looks_at() -> None:
    loaded = load_workflow(
        dedent(
            """\
            vars: {v: "{{ parameters.a }}"}
            tasks:
              - name: x
                action: p.x
                when: "{{ parameters.b | default(1) }}"
                with_items: "{{ parameters.b }}"
                retry: {count: "{{ parameters.c }}"}
                publish: [{y: "{{ parameters.d | default(2) }}"}]
                on_success: [{when: "{{ y }}", do: x}]
            """
        )
    )
    inputs = workflow_of(loaded).inputs
    assert [(each.name, each.required) for each in inputs] == [
        ("a", True),
        ("b", True),
        ("c", True),
        ("d", False),
    ]


def parameters(text: str) -> Loaded:
    return load_workflow(f"ref: a.b\nparameters:\n{indent(dedent(text), '  ')}{ONE}")


def test_parameters_say_beside_each_whether_they_are_required() -> None:
    inputs = workflow_of(
        parameters(
            """\
              a: {type: string, required: true, description: A}
              b: {type: integer, default: 2, label: B}
              c: {type: string}
              d: integer
              e:
              f: {type: integer, default: null, required: true}
            """
        )
    ).inputs
    told = [(each.name, each.required, each.default and each.default.value) for each in inputs]
    assert told == [
        ("a", True, None),
        ("b", False, 2),
        ("c", False, None),
        ("d", False, None),
        ("e", False, None),
        ("f", False, None),
    ]
    assert inputs[0].schema == {"type": "string", "description": "A"}
    assert (inputs[3].schema, inputs[4].schema) == ({"type": "integer"}, None)


def test_parameters_may_be_a_json_schema() -> None:
    inputs = workflow_of(
        parameters(
            """\
              type: object
              properties:
                a: {type: string}
                b: {type: integer, default: 2}
              required: [a]
            """
        )
    ).inputs
    assert [(each.name, each.required) for each in inputs] == [("a", True), ("b", False)]


def test_no_parameter_of_a_json_schema_need_be_required() -> None:
    inputs = workflow_of(parameters("type: object\nproperties: {a: {type: string}}\n")).inputs
    assert [each.required for each in inputs] == [False]


def test_required_may_stand_beside_what_is_inside_a_parameter() -> None:
    (one,) = workflow_of(
        parameters(
            """\
              a:
                type: object
                required: [z]
                properties:
                  x: {type: string, required: true}
                  y: {type: array, items: {properties: {w: {required: false}, v: true}}}
                  z: true
            """
        )
    ).inputs
    assert one.schema == {
        "type": "object",
        "required": ["z", "x"],
        "properties": {
            "x": {"type": "string"},
            "y": {"type": "array", "items": {"properties": {"w": {}, "v": True}}},
            "z": True,
        },
    }


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a: []\n", "a parameter must be a mapping with a `type`, not an empty list", "3:6"),
        ("a: {type: strng}\n", "`strng` is not a type", "3:6"),
        ("a: strng\n", "`strng` is not a type", "3:6"),
        ("a: {type: foo}\n", "`foo` is not a type", "3:6"),
        ("a: {minimum: x}\n", "not a JSON Schema: ", "3:6"),
        ("a: {type: integer, default: x}\n", "the default of `a` is not what it must be", "3:31"),
        ("a: {required: soon}\n", "`required` must be `true` or `false`, not the text", "3:17"),
        ("a: {secret: true}\n", "`secret` is part of the language, but this release", "3:7"),
        ("type: object\nproperties: []\n", "`properties` must be a mapping", "4:15"),
        ("type: object\nproperties: {}\nrequired: x\n", "`required` must be a list", "5:13"),
    ],
)
def test_mistakes_in_parameters(text: str, message: str, place: str) -> None:
    found = only(parameters(text))
    assert (found.message[: len(message)], brief((found,))[0][7:]) == (message, place)


def test_a_type_that_is_none_comes_with_those_that_are() -> None:
    assert only(parameters("a: {type: strng}\n")).hint == "did you mean `string`?"
    assert str(only(parameters("a: {type: foo}\n")).hint).startswith("the types are string")


def test_a_secret_that_is_none_is_no_matter() -> None:
    assert parameters("a: {secret: false}\n").findings == ()


ACTION = """\
ref: demo.pair
label: A pair
workflow_file: workflows/pair.workflow.yaml
parameters: {x: {type: integer, required: true}}
"""
GRAPH = """\
version: 1.0.0
tasks:
  - name: a
    action: core.echo
    input: {message: "{{ parameters.x }}"}
"""


def test_a_graph_and_its_action_are_one_workflow() -> None:
    loaded = load_workflow(join_pair(GRAPH, ACTION, "../pair.yaml"), file="w/pair.workflow.yaml")
    assert loaded.findings == ()
    workflow = workflow_of(loaded)
    assert (workflow.name, workflow.description) == ("demo.pair", "A pair")
    assert [each.name for each in workflow.inputs] == ["x"]


def test_what_the_action_says_need_not_be_in_the_graph() -> None:
    loaded = load_workflow(join_pair(f"{GRAPH}parameters: {{}}\n", ACTION))
    assert only(loaded).message == (
        "`parameters` has no effect beside an action of its own, which says it"
    )


@pytest.mark.parametrize("graph", [GRAPH.rstrip("\n"), GRAPH, f"\ufeff{GRAPH}"])
def test_findings_are_told_by_the_file_that_they_are_in(graph: str) -> None:
    text = join_pair(
        graph.replace("action:", "acton:"),
        ACTION.replace("label:", "lable:").replace("\n", "\r\n"),
        "../pair.yaml",
    )
    loaded = load_workflow(text, file="actions/workflows/pair.workflow.yaml")
    of_graph, of_action = placed(loaded.text, loaded.file, loaded.findings)
    assert (of_graph.file, brief(of_graph.findings)) == (
        "actions/workflows/pair.workflow.yaml",
        ["SEG102 3:5", "SEG101 4:5"],
    )
    assert (of_action.file, brief(of_action.findings)) == ("actions/pair.yaml", ["SEG101 2:1"])
    assert of_action.text.startswith("ref: demo.pair")


def test_an_action_without_a_name_is_told_as_that_of_its_graph() -> None:
    for name in (None, "x\ny"):
        text = join_pair(GRAPH, "lable: x\n", name)
        loaded = load_workflow(text, file="g.yaml")
        _, of_action = placed(text, "g.yaml", loaded.findings)
        assert of_action.file == "g.yaml (its action)"
        assert brief(of_action.findings) == ["SEG101 1:1", "SEG102 1:1"]


@pytest.mark.parametrize(
    ("graph", "action", "code"),
    [
        ("a: [", ACTION, "SEG001 1:4"),
        (GRAPH, "a: [", "SEG001 7:4"),
        ("[]", ACTION, "SEG008 1:1"),
        (GRAPH, "[]", "SEG008 7:1"),
        ("", ACTION, "SEG008 1:1"),
        (GRAPH, "", "SEG008 6:1"),
    ],
)
def test_parts_that_are_no_yaml_or_no_mapping_are_refused(
    graph: str, action: str, code: str
) -> None:
    assert brief((only(load_workflow(join_pair(graph, action))),)) == [code]


def test_a_text_that_only_looks_like_two_files_is_one() -> None:
    text = f"# see --- # the action of this graph\n{ONE}"
    assert load_workflow(text).findings == ()
    assert placed(text, "x.yaml", ())[0].file == "x.yaml"


def test_an_action_alone_says_that_its_graph_is_elsewhere() -> None:
    found = only(load_workflow(ACTION))
    assert (found.code, found.hint) == (
        Code.MISSING_GRAPH,
        "name the file itself: the graph is found beside it",
    )
