"""What users of other engines complained about variables and expressions. The table is in
`test_user_complaints`."""

import pytest
from tests.support.conducted import Conducted

from segue.checking import check
from segue.core.status import Status
from segue.values import JsonValue

BOTH_LANGUAGES = pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])

PARALLEL = """
segue: 1
vars: {l: [0], untouched: 1}
start: s
tasks:
  s: {action: core.noop, next: [{do: [a, b]}]}
  a: {action: core.noop, next: [{publish: {l: "{{ ctx.l + [1] }}", of_a: 1}, do: j}]}
  b: {action: core.noop, next: [{publish: {l: "{{ ctx.l + [2] }}", of_b: 2}, do: j}]}
  j: {join: all, action: core.noop}
output: {l: "{{ ctx.l }}", all: "{{ [ctx.of_a, ctx.of_b, ctx.untouched] }}"}
"""


@pytest.mark.parametrize(("order", "expected"), [("ab", [0, 2]), ("ba", [0, 1])])
def test_of_two_branches_that_wrote_a_variable_the_last_to_arrive_wins(
    order: str, expected: list[int]
) -> None:
    """What one of two branches had written was lost at a join, though it seemed to be merged.

    How branches are merged can't be declared: the last that wrote a variable wins, whole.
    """
    run = Conducted(PARALLEL)
    run.succeed("s")
    for task in order:
        run.succeed(task)
    run.succeed("j")
    assert run.output == {"l": expected, "all": [1, 2, 1]}


def test_a_merge_can_not_be_declared() -> None:
    """Users asked for a rule of merging for each variable: there is none, and it is said so."""
    found = check(
        "segue: 1\nvars: {l: {default: [], merge: append}}\ntasks: {a: {action: core.noop}}\n"
    ).findings
    assert [one.code for one in found if one.severity.value == "error"] == []
    run = Conducted(
        "segue: 1\nvars: {l: {default: [], merge: append}}\ntasks: {a: {action: core.noop}}\n"
        "output: {l: '{{ ctx.l }}'}\n"
    )
    run.run_all()
    assert run.output == {"l": {"default": [], "merge": "append"}}, "a mapping like any other"


def test_what_is_published_inline_has_its_type() -> None:
    """In `publish: a=true b="x y"` the quotes stayed, and true became text."""
    run = Conducted(
        """
        version: 1.0
        tasks:
          a:
            action: core.noop
            next:
              - publish: yes_=true no=false n=3 f=1.5 none=null s="x y" q='a=b' l=[1,2]
        output: [{all: <% ctx() %>}]
        """
    )
    run.run_all()
    expected: dict[str, JsonValue] = {
        "yes_": True,
        "no": False,
        "n": 3,
        "f": 1.5,
        "s": "x y",
        "q": "a=b",
    }
    assert isinstance(run.output, dict)
    found = run.output["all"]
    assert isinstance(found, dict)
    assert {name: found[name] for name in expected} == expected


@BOTH_LANGUAGES
def test_what_is_published_later_sees_what_was_published_before_it(language: str) -> None:
    """Nobody could tell in which order the entries of `publish` were evaluated."""
    first, second = "{{ ctx.x + 1 }}", "{{ ctx.x * 10 }}"
    if language == "version: 1.0":
        first, second = "<% ctx().x + 1 %>", "<% ctx().x * 10 %>"
    run = Conducted(
        f"""
        {language}
        vars: [{{x: 1}}]
        tasks:
          a: {{action: core.noop, next: [{{publish: [{{x: "{first}"}}, {{y: "{second}"}}]}}]}}
        output: [{{y: "{second.replace(".x * 10", ".y")}"}}]
        """
    )
    run.run_all()
    assert run.output == {"y": 20}


@BOTH_LANGUAGES
def test_tasks_begin_in_the_order_in_which_they_are_listed(language: str) -> None:
    """The tasks under `do` began in the order of their names."""
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{do: [z, m, b]}}]}}
          b: {{action: core.noop}}
          m: {{action: core.noop}}
          z: {{action: core.noop}}
        """
    )
    run.succeed("a")
    assert run.running == ["z", "m", "b"]


LIKE_EXPRESSIONS = [
    "<% ctx().secret %>",
    "{{ ctx().secret }}",
    "{% for x in [1] %}{{ x }}{% endfor %}",
    "{{ not closed",
    "<% %>",
    "a\x00b",
    "{# comment #}",
]


@BOTH_LANGUAGES
@pytest.mark.parametrize("data", LIKE_EXPRESSIONS)
def test_data_that_look_like_expressions_stay_what_they_are(language: str, data: str) -> None:
    """What an action printed was evaluated as an expression, or was an error as a bad one."""
    words = {"result": "{{ result() }}", "x": "{{ ctx.x }}"}
    if language == "version: 1.0":
        words = {"result": "<% result() %>", "x": "<% ctx().x %>"}
    run = Conducted(
        f"""
        {language}
        vars: [{{secret: hidden}}]
        tasks:
          a: {{action: core.noop, next: [{{publish: [{{x: "{words["result"]}"}}], do: b}}]}}
          b: {{action: core.echo, input: {{message: "{words["x"]}", inside: "= {words["x"]}"}}}}
        output: [{{x: "{words["x"]}"}}]
        """
    )
    run.succeed("a", data)
    assert run.input_of("b") == {"message": data, "inside": f"= {data}"}
    run.succeed("b")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"x": data})


KEYS: JsonValue = {"a.b": {"c d": 1, "": 2, "items": 3, "<% x %>": 4, "ü": 5}, "__private": 6}


@BOTH_LANGUAGES
def test_keys_of_data_may_be_any_text(language: str) -> None:
    """Keys with dots, or that were names of methods, could not be stored or not be read."""
    get = "{{ result()['a.b']['c d'] }}"
    if language == "version: 1.0":
        get = "<% result().get('a.b').get('c d') %>"
    whole = "{{ result() }}" if language == "segue: 1" else "<% result() %>"
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{publish: [{{x: "{get}"}}, {{all: "{whole}"}}]}}]}}
        output: [{{x: "{whole.replace("result()", "ctx().x")}"}},
                 {{all: "{whole.replace("result()", "ctx().all")}"}}]
        """
    )
    run.succeed("a", KEYS)
    assert run.output == {"x": 1, "all": KEYS}
