"""What is wrong with a rehearsal file is told with its place, all of it at once."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from tests.rehearsal.rehearsed import passes, read

from segue.language.codes import Code
from segue.rehearsal.schema import rehearsal_schema

FLOW = "segue: 1\ntasks: {probe: {action: x.a}, report: {}}\n"
HEAD = "rehearsal: 1\nworkflow: w.yaml\ntests:\n"
WORDS = (
    "`status` is `succeeded` or `failed` or `canceled` or `timeout` or `running` or `pending` or "
    "`pausing` or `paused`, not `ok`"
)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "rehearsals"


def found(text: str) -> list[tuple[str, int, int, str]]:
    read_ = read(text, FLOW, broken_yaml="segue: 1\ntasks: {a: {next: [{do: b}]}}\n")
    assert not read_.tests or read_.valid
    return [(one.code, one.span.line, one.span.column, one.message) for one in read_.findings]


def messages(test: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in test.strip().splitlines())
    return [message for *_, message in found(f"{HEAD}  - name: t\n{lines}")]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", Code.NOT_A_REHEARSAL, "this is not a rehearsal: a rehearsal is a mapping"),
        ("[1]", Code.NOT_A_REHEARSAL, "this is not a rehearsal: a rehearsal is a mapping"),
        ("{}", Code.NOT_A_REHEARSAL, "this is not a rehearsal: a rehearsal is a mapping"),
        ("a: 1", Code.NOT_A_REHEARSAL, "this is not a rehearsal"),
        ("? [a]\n: 1", Code.NOT_A_REHEARSAL, "this is not a rehearsal"),
        ("a: 'b", Code.NOT_YAML, "the quote that opens here is never closed"),
    ],
)
def test_what_is_no_rehearsal_is_refused(text: str, code: Code, message: str) -> None:
    ((told, _, _, said),) = found(text)
    assert (told, said) == (code, message)


def test_a_misspelt_marker_and_a_workflow_are_recognized() -> None:
    assert read("rehersal: 1\n").findings[0].hint == "did you mean `rehearsal` by `rehersal`?"
    assert "looks like a workflow" in str(read("segue: 1\ntasks: {}\n").findings[0].hint)


def test_a_version_that_is_not_known_is_refused() -> None:
    ((code, line, column, message),) = found(HEAD.replace("1", "2") + "  - name: t\n")
    assert (code, line, column) == (Code.NOT_A_REHEARSAL, 1, 12)
    assert message == "this release reads version 1 of rehearsals, not the number 2"


def test_all_findings_are_told_at_once_with_their_places() -> None:
    text = """\
rehearsal: 1
workflow: w.yaml
tests:
  - nmae: a
    mocks: {prbe: {reslt: 1}}
    expect: {status: suceeded}
  - name: b
    start: nowhere
    inputs: [1]
"""
    assert [(code, line, column) for code, line, column, _ in found(text)] == [
        (Code.UNKNOWN_KEY, 4, 5),
        (Code.MISSING_KEY, 4, 5),
        (Code.UNKNOWN_TASK, 5, 13),
        (Code.UNKNOWN_KEY, 5, 20),
        (Code.WRONG_VALUE, 6, 22),
        (Code.UNKNOWN_TASK, 8, 12),
        (Code.WRONG_TYPE, 9, 13),
    ]


def test_a_test_needs_a_workflow_that_can_be_read_and_run() -> None:
    assert found("rehearsal: 1\ntests: [{name: t}]\n")[0][3] == (
        "nothing says which workflow this is a test of"
    )
    assert found("rehearsal: 1\nworkflow: none.yaml\ntests: [{name: t}, {name: u}]\n") == [
        (Code.FILE_NOT_READ, 2, 11, "`none.yaml` is not there")
    ]
    assert found("rehearsal: 1\nworkflow: broken.yaml\ntests: [{name: t}]\n") == [
        (Code.WORKFLOW_UNUSABLE, 2, 11, "`broken.yaml` can't be run: line 2: there is no task `b`")
    ]
    assert found('rehearsal: 1\nworkflow: ""\ntests: [{name: t}]\n')[0][0] == Code.EMPTY


def test_several_errors_of_a_workflow_are_counted() -> None:
    broken = "segue: 1\ntasks: {a: {next: [{do: b}, {do: c}]}}\n"
    finding = read("rehearsal: 1\nworkflow: w.yaml\ntests: [{name: t}]\n", broken).findings[0]
    assert finding.message.endswith("(and 1 more)")


def test_a_test_may_have_a_workflow_of_its_own() -> None:
    text = "rehearsal: 1\nworkflow: none.yaml\ntests: [{name: t, workflow: w.yaml}]\n"
    assert read(text, FLOW).tests[0].name == "t"


def test_tests_are_there_and_have_names_of_their_own() -> None:
    assert found("rehearsal: 1\nworkflow: w.yaml\n")[0][0] == Code.MISSING_KEY
    assert found("rehearsal: 1\nworkflow: w.yaml\ntests: []\n")[0][3] == "`tests` must not be empty"
    assert found(HEAD + "  - name: t\n  - name: t\n")[0][3] == (
        "there is a test `t` on line 4 already"
    )
    assert found(HEAD + "  - 5\n")[0][0] == Code.WRONG_TYPE


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("now: noon", "`noon` is not an instant"),
        ("random: 1", "a random number is 0 or more, and less than 1"),
        ("env: {A: 1}", "the environment variable `A` must be text, not the number 1"),
        ("mocks: {probe: 1}", "a mock must be a mapping, not the number 1"),
        ("mocks: {probe: []}", "there is no mock in this list"),
        (
            "mocks: {probe: {result: 1, fails: x}}",
            "a mock does one thing, and this one has `result` and `fails`",
        ),
        ("mocks: {probe: {never: false}}", "`never` is `true`, or it is left out"),
        ("mocks: {probe: {rejects: false}}", "`rejects` is `true`, or it is left out"),
        ("requests: [{resume: false}]", "`resume` is `true`, or it is left out"),
        ("requests: [{pause: false}]", "`pause` is `true`, or it is left out"),
        ("now: 1e300", "`1e+300` is not an instant of the years 1 to 9999"),
        (
            'now: "0001-01-01T00:00:00+23:00"',
            "`0001-01-01T00:00:00+23:00` is not an instant of the years 1 to 9999",
        ),
        (
            f"expect: {{tasks: [probe#{'9' * 12}]}}",
            "the workflow has no task `probe#999999999999`",
        ),
        ("mocks: {probe: {visit: 0}}", "`visit` is a whole number, 1 or more, not 0"),
        ("mocks: {probe: {item: -1}}", "`item` is a whole number, 0 or more, not -1"),
        ("mocks: {probe: {times: 0}}", "`times` is a whole number, 1 or more, or `any`, not `0`"),
        ("mocks: {probe: {takes: soon}}", "`soon` is not a duration"),
        ("mocks: {probe: {fails: {code: x}}}", "`fails` needs `message`: text"),
        ("requests: [{at: 1s}]", "a request asks one thing: `pause`, `resume`, `cancel`, `rerun`"),
        (
            "requests: [{pause: null, cancel: null}]",
            "a request asks one thing: `pause`, `resume`, `cancel`, `rerun`",
        ),
        ("requests: [5]", "a request must be a mapping, not the number 5"),
        ("requests: [{rerun: {from: a#0}}]", "visits count from 1"),
        ("expect: {tasks: [probe, {a: 1}]}", "a task must be text, not a mapping"),
        ("expect: {tasks: [other]}", "the workflow has no task `other`"),
        ('expect: {tasks: [""]}', "a task must not be empty"),
        ("expect: {order: [5]}", "an entry of `order` must be a list of tasks, not the number 5"),
        ("expect: {order: [[probe]]}", "an order is of two tasks or more"),
        ("expect: {never: other}", "the workflow has no task `other`"),
        ("expect: {visits: {other: {}}}", "the workflow has no task `other`"),
        ("expect: {visits: {probe#0: {}}}", "visits count from 1"),
        ('expect: {visits: {"": {}}}', "a task needs a name"),
        ("expect: {errors: [5]}", "an error must be text or a mapping, not the number 5"),
        ("expect: {status: ok}", WORDS),
    ],
)
def test_what_is_wrong_in_a_test_is_told(test: str, message: str) -> None:
    assert message in messages(test)


def test_facts_of_a_test_come_from_the_file_alone() -> None:
    text = """
        segue: 1
        tasks:
          a: {next: [{publish: {t: "{{ now() }}", e: "{{ env('A') }}", k: "{{ st2kv.system.k }}"}}]}
        output: {t: "{{ ctx.t }}", e: "{{ ctx.e }}", k: "{{ ctx.k }}"}
        """
    passes(
        text,
        """
        now: 2026-01-31T12:00:00
        env: {A: one}
        keys: {system.k: {b: 2}}
        expect: {output: {t: "2026-01-31T12:00:00Z", e: one, k: '{"b": 2}'}}
        """,
    )
    passes(text, "now: 60\nkeys: {system.k: 1}\nenv: {A: x}\nexpect: {visits: {a: {at: 0}}}")


def test_a_test_may_start_elsewhere() -> None:
    passes(
        "segue: 1\ntasks: {a: {next: [{do: b}]}, b: {}}\n",
        "start: [b]\nexpect: {tasks: [b], never: a}",
    )


def test_the_schema_takes_what_is_read_and_refuses_what_is_not() -> None:
    schema = json.loads(json.dumps(rehearsal_schema()))
    validator = jsonschema_rs.validator_for(schema)
    example = yaml.safe_load((EXAMPLES / "monitoring-loop.rehearsal.yaml").read_text("utf-8"))
    assert validator.is_valid(example)
    assert not validator.is_valid({"rehearsal": 2, "tests": [{"name": "t"}]})
    assert not validator.is_valid({"rehearsal": 1, "tests": [{"nmae": "t"}]})
    mock = {"probe": [{"takes": "soon"}]}
    assert not validator.is_valid({"rehearsal": 1, "tests": [{"name": "t", "mocks": mock}]})
    expect = {"tasks": ["a", [["b", "c"], "d"]]}
    assert validator.is_valid({"rehearsal": 1, "tests": [{"name": "t", "expect": expect}]})
