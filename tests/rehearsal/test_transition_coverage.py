"""Coverage says which transitions of which workflows no test took."""

from tests.rehearsal.rehearsed import read, verdict_of

from segue.rehearsal.coverage import Untaken, coverage_of, taken_of
from segue.rehearsal.rehearsing import rehearse_file

FLOW = """\
segue: 1
tasks:
  a:
    action: x.a
    next:
      - when: succeeded()
        do: b
      - do: [b, fail]
  b: {}
"""


def test_what_no_test_took_is_told_by_line() -> None:
    coverage = coverage_of([verdict_of(FLOW, "mocks: {a: {}}")])
    (one,) = coverage.workflows
    assert (one.path, one.taken, one.total) == ("w.yaml", 1, 2)
    assert one.untaken == (Untaken(task="a", index=1, line=8, when=None, do=("b", "fail")),)
    assert coverage.percent == 50.0


def test_all_tests_of_a_workflow_count_together_those_that_fail_included() -> None:
    good = verdict_of(FLOW, "mocks: {a: {}}")
    bad = verdict_of(FLOW, "mocks: {a: {fails: oh}}")
    assert not bad.passed
    assert coverage_of([good, bad]).percent == 100.0


def test_workflows_are_told_apart_and_summed() -> None:
    text = """
        rehearsal: 1
        workflow: w.yaml
        tests:
          - {name: one, mocks: {a: {}}}
          - {name: two, workflow: v.yaml}
        """
    file = rehearse_file(read(text, FLOW, v_yaml="segue: 1\ntasks: {a: {next: [{do: b}]}, b: {}}"))
    assert file.passed
    coverage = coverage_of(file.verdicts)
    assert [(one.path, one.taken, one.total) for one in coverage.workflows] == [
        ("v.yaml", 1, 1),
        ("w.yaml", 1, 2),
    ]
    assert (coverage.taken, coverage.total) == (2, 3)


def test_conditions_are_told_as_they_are_evaluated() -> None:
    verdict = verdict_of(FLOW, "mocks: {a: {fails: oh}}")
    (one,) = coverage_of([verdict]).workflows
    assert one.untaken[0].when == "{{ succeeded() }}"


def test_of_nothing_at_all_everything_is_taken() -> None:
    assert coverage_of([]).percent == 100.0
    assert coverage_of([verdict_of("segue: 1\ntasks: {a: {}}\n", "inputs: {}")]).percent == 100.0


def test_what_another_process_took_counts_too() -> None:
    here = verdict_of(FLOW, "mocks: {a: {}}")
    assert here.rehearsed is not None
    there = taken_of("w.yaml", here.rehearsed.text, {("a", 1)})
    assert coverage_of([here, there]).percent == 100
