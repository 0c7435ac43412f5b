"""What users of other engines complained about joins and cycles. The table is in
`test_user_complaints`."""

import pytest
from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.checking import check
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.language import load_workflow

THREE_TO_ONE = """
{language}
tasks:
  a: {{action: core.noop, next: [{{do: j}}]}}
  b: {{action: core.noop, next: [{{do: j}}]}}
  c: {{action: core.noop, next: [{{do: j}}]}}
  j: {{join: {join}, action: core.noop}}
"""
BOTH_LANGUAGES = pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])


@BOTH_LANGUAGES
def test_a_join_of_two_of_three_runs_once_though_the_third_comes_too(language: str) -> None:
    """The third branch of a join of two ran the joined task a second time."""
    run = Conducted(THREE_TO_ONE.format(language=language, join=2))
    run.succeed("a")
    run.succeed("b")
    run.succeed("c")
    run.succeed("j")
    assert (run.visits("j"), run.status()) == (1, Status.SUCCEEDED)


@BOTH_LANGUAGES
def test_a_branch_that_comes_after_the_joined_task_finished_does_not_run_it_again(
    language: str,
) -> None:
    """A join of one ran again when the other branch came, though all behind it was done."""
    run = Conducted(THREE_TO_ONE.format(language=language, join=1))
    run.succeed("a")
    run.succeed("j")
    assert run.status() is Status.RUNNING
    run.succeed("b")
    run.succeed("c")
    assert (run.visits("j"), run.status()) == (1, Status.SUCCEEDED)


@BOTH_LANGUAGES
def test_a_join_counts_tasks_and_not_their_transitions(language: str) -> None:
    """Two transitions of one task counted twice, so that a join fired without the other task."""
    words = ("succeeded()", "completed()")
    if language == "version: 1.0":
        words = ("<% succeeded() %>", "<% completed() %>")
    run = Conducted(
        f"""
        {language}
        tasks:
          a:
            action: core.noop
            next: [{{when: {words[0]}, do: j}}, {{when: {words[1]}, do: j}}]
          b: {{action: core.noop, next: [{{do: j}}]}}
          j: {{join: all, action: core.noop}}
        """
    )
    run.succeed("a")
    assert run.running == ["b"]
    run.succeed("b")
    assert run.running == ["j"]


@BOTH_LANGUAGES
@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_handled_failure_arrives_at_a_join_whatever_the_order(
    language: str, order: tuple[str, str]
) -> None:
    """A failure that led on to a join did not count, or made the execution end before the join."""
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{do: j}}]}}
          b: {{action: core.noop, next: [{{do: j}}]}}
          j: {{join: all, action: core.noop}}
        """
    )
    for task in order:
        (run.fail if task == "b" else run.succeed)(task)
    assert (run.status(), run.running) == (Status.RUNNING, ["j"])
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED


@BOTH_LANGUAGES
def test_two_ways_that_fork_into_the_same_tasks_are_joined_or_refused_with_what_to_do(
    language: str,
) -> None:
    """A join behind two exclusive ways into one fork was refused as ambiguous, without help."""
    ways = ("result() == 1", "result() == 2")
    if language == "version: 1.0":
        ways = ("<% result() = 1 %>", "<% result() = 2 %>")
    text = f"""
        {language}
        tasks:
          s: {{action: core.noop, next: [{{when: {ways[0]}, do: p}}, {{when: {ways[1]}, do: q}}]}}
          p: {{action: core.noop, next: [{{do: [a, b]}}]}}
          q: {{action: core.noop, next: [{{do: [a, b]}}]}}
          a: {{action: core.noop, next: [{{do: j}}]}}
          b: {{action: core.noop, next: [{{do: j}}]}}
          j: {{join: all, action: core.noop}}
        """
    errors = [found for found in check(text).findings if found.severity.value == "error"]
    if language == "version: 1.0":
        assert [found.code for found in errors] == ["SEG211"], "as Orquesta refuses it"
        assert errors[0].hint, "and says what to do"
        return
    assert errors == []
    run = Conducted(text)
    run.succeed("s", 2)
    run.succeed("q")
    run.succeed("a")
    run.succeed("b")
    assert run.running == ["j"]
    run.succeed("j")
    assert (run.visits("j"), run.status()) == (1, Status.SUCCEEDED)


@BOTH_LANGUAGES
def test_a_join_that_a_branch_passed_by_fails_the_execution_and_names_what_is_missing(
    language: str,
) -> None:
    """A branch took another way, and the message said neither which nor what to do instead.

    What a join does when it can't be satisfied can't be chosen: it is an error.
    """
    other = "{when: failed(), do: j}, {do: elsewhere}"
    if language == "version: 1.0":
        other = "{when: <% failed() %>, do: j}, {do: elsewhere}"
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{do: j}}]}}
          b: {{action: core.noop, next: [{other}]}}
          elsewhere: {{action: core.noop}}
          j: {{join: all, action: core.noop}}
        """
    )
    run.succeed("a")
    run.succeed("b")
    run.run_all()
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.message == (
        "the join `j` can't be satisfied: it needs all of a, b; a arrived, and b can't any more"
    )
    refused = load_workflow("segue: 1\ntasks: {j: {join: {count: 1, or: skip}}}\n")
    assert refused.workflow is None, "`or` is no part of the language"


@BOTH_LANGUAGES
def test_an_execution_with_a_join_that_can_not_be_satisfied_never_goes_on_for_ever(
    language: str,
) -> None:
    """A join that nothing could satisfy left executions, and those waiting for them, running."""
    when = "failed()" if language == "segue: 1" else "<% failed() %>"
    run = Operated(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{do: j}}]}}
          b: {{action: core.noop, next: [{{when: {when}, do: j}}]}}
          j: {{join: all, action: core.noop, next: [{{do: k}}]}}
          k: {{action: core.noop}}
        """
    )
    run.succeed("a")
    run.succeed("b")
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.errors == [("join_unsatisfied", "j", False)]


TURNS = """
{language}
vars: [{{n: 0}}]
tasks:
  s: {{action: core.noop, next: [{{do: fork}}]}}
  fork: {{action: core.noop, next: [{{publish: [{{n: {next}}}], do: [a, b]}}]}}
  a: {{action: core.noop, next: [{{do: j}}]}}
  b: {{action: core.noop, next: [{{do: j}}]}}
  j: {{join: all, action: core.noop, next: [{{when: {more}, do: fork}}]}}
output: [{{n: {n}}}]
"""


def turns(language: str, most: int) -> Conducted:
    if language == "segue: 1":
        words = {"next": '"{{ ctx.n + 1 }}"', "more": f"ctx.n < {most}", "n": '"{{ ctx.n }}"'}
    else:
        words = {
            "next": "<% ctx().n + 1 %>",
            "more": f"<% ctx().n < {most} %>",
            "n": "<% ctx().n %>",
        }
    return Conducted(TURNS.format(language=language, **words))


@BOTH_LANGUAGES
def test_a_fork_and_join_in_a_cycle_work_in_every_turn(language: str) -> None:
    """In a cycle a fork ran in the first turn only."""
    run = turns(language, 3)
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert [run.visits(task) for task in ("fork", "a", "b", "j")] == [3, 3, 3, 3]
    assert run.output == {"n": 3}


@BOTH_LANGUAGES
def test_a_task_that_leads_to_itself_sees_what_it_published_and_ends(language: str) -> None:
    """A task in a loop with itself saw the context of its first turn, and never ended."""
    more, step, start, lead = "ctx.n < 2", "{{ ctx.n + 1 }}", "start: a", ""
    if language == "version: 1.0":
        more, step, start = "<% ctx().n < 2 %>", "<% ctx().n + 1 %>", ""
        lead = "s: {action: core.noop, next: [{do: a}]}"
    run = Conducted(
        f"""
        {language}
        {start}
        vars: [{{n: 0}}]
        tasks:
          a:
            action: core.noop
            next: [{{when: {more}, publish: [{{n: "{step}"}}], do: a}}]
          {lead}
        """
    )
    run.run_all()
    assert (run.visits("a"), run.status()) == (3, Status.SUCCEEDED)


def test_a_cycle_that_nothing_leads_into_is_refused_or_says_where_to_begin() -> None:
    """A workflow without a task to begin with was accepted, and stood still for ever."""
    text = "segue: 1\nSTART\ntasks:\n  a: {next: [{do: b}]}\n  b: {next: [{do: a}]}\n"
    undecided = text.replace("START\n", "")
    assert [found.code for found in check(undecided).findings][:1] == ["SEG203"]
    with pytest.raises(RequestError, match="there is none to begin with"):
        Conducted(undecided)
    assert Conducted(text.replace("START", "start: b")).running == ["b"]
    orquesta = check(undecided.replace("segue: 1", "version: 1.0"))
    assert ("SEG203", "error") in [(f.code, f.severity.value) for f in orquesta.findings]


def test_a_cycle_without_an_end_comes_to_a_limit_that_names_the_task() -> None:
    """Loops that nothing ended went on until something else gave way."""
    run = Conducted(
        "segue: 1\nstart: a\nlimits: {visits: 5}\ntasks:\n"
        "  a: {action: core.noop, next: [{do: a}]}\n"
    )
    run.run_all()
    assert run.status() is Status.FAILED
    assert run.errors == [("visit_limit", "a", False)]
    assert "`a`" in run.message


@BOTH_LANGUAGES
def test_a_task_that_lives_in_two_branches_has_a_context_in_each_and_all_are_waited_for(
    language: str,
) -> None:
    """A task that two branches ran at once shared one context, and the end came too early."""
    value = '"{{ ctx.who }}"' if language == "segue: 1" else "<% ctx().who %>"
    run = Conducted(
        f"""
        {language}
        tasks:
          one: {{action: core.noop, next: [{{publish: [{{who: one}}], do: both}}]}}
          two: {{action: core.noop, next: [{{publish: [{{who: two}}], do: both}}]}}
          both: {{action: core.echo, input: {{message: {value}}}, next: [{{do: last}}]}}
          last: {{action: core.echo, input: {{message: {value}}}}}
        """
    )
    run.succeed("two")
    run.succeed("one")
    assert [run.input_of("both", visit)["message"] for visit in (1, 2)] == ["two", "one"]
    run.succeed("both", visit=2)
    run.succeed("last")
    assert run.status() is Status.RUNNING, "the other branch is not over"
    run.succeed("both", visit=1)
    assert run.input_of("last", 2) == {"message": "two"}
    run.succeed("last")
    assert run.status() is Status.SUCCEEDED
