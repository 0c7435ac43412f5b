"""`segue export`: whatever has happened passes when it is rehearsed."""

from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

EVERYTHING = """
segue: 1
name: everything
start: probe
input: {who: string, greeting: {default: "Hello, {{ ctx.who }}"}}
tasks:
  probe:
    action: core.local
    input: {argv: [sh, -c, "exit {{ visit() % 2 }}"]}
    next: [{when: failed(), do: wait}, {do: [each, call]}]
  wait: {delay: 1ms, next: [{do: probe}]}
  each:
    with: {items: [1, 0], concurrency: 1}
    action: core.local
    input: {argv: [sh, -c, "exit {{ item() if attempt() == 1 else 0 }}"]}
    retry: {count: 1, delay: 1ms}
    next: [{when: succeeded(), do: both}]
  call:
    action: ./inner.yaml
    input: {fails: true}
    next: [{when: failed(), publish: {inner: "{{ result().status }}"}, do: both}]
  both: {join: all, action: core.echo, input: {message: "{{ ctx.greeting }}"},
    next: [{publish: {said: "{{ result() }}"}, do: slow}]}
  slow: {action: core.sleep, input: {seconds: 30}, timeout: 10ms,
    next: [{when: timed_out() and ctx.who == 'Alan', do: noop}, {do: fail}]}
output: {said: "{{ ctx.said }}", inner: "{{ ctx.inner }}"}
"""
INNER = """
segue: 1
name: inner
input: {fails: boolean}
tasks: {a: {next: [{when: ctx.fails, do: fail}]}}
"""
ASKING = """
segue: 1
name: asking
tasks:
  ask: {action: core.ask, input: {message: Go?},
    next: [{when: succeeded() and result().response.ok, do: end}, {do: fail}]}
  end: {}
"""
LATER = """
segue: 1
name: later
input: {deep: {default: null}}
tasks: {ask: {action: core.ask}, wait: {delay: 1h, next: [{do: end}]}, end: {}}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    for text in (EVERYTHING, INNER, ASKING, LATER):
        (tmp_path / f"{text.split('name: ')[1].split()[0]}.yaml").write_text(text)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\nshutdown_grace_seconds = 0\n')
    return Shell(capsys)


def passes_again(shell: Shell, execution: str = "@latest") -> str:
    """Export an execution, and rehearse that; return the text."""
    assert shell("export", execution, "-o", "it.rehearsal.yaml") == ExitCode.SUCCEEDED, shell.err
    assert (shell.out, shell.err) == ("", "")
    assert shell("rehearse", "it.rehearsal.yaml") == ExitCode.SUCCEEDED, shell.out
    return Path("it.rehearsal.yaml").read_text("utf-8")


def test_loops_items_retries_timeouts_sub_workflows_and_reruns_pass_again(shell: Shell) -> None:
    assert shell("run", "everything.yaml", "-i", "who=Ada", "-q") == ExitCode.FAILED, shell.err
    text = passes_again(shell)
    assert "status: failed\n" in text
    assert "code: workflow_failed\n" in text
    assert "times_out: true\n" in text
    assert "visit: 2\n" in text
    assert "attempt: 2\n" in text
    assert (
        shell("rerun", "@latest", "--from-start", "-i", "who=Alan", "-q") == ExitCode.SUCCEEDED
    ), shell.err
    text = passes_again(shell)
    assert "said: Hello, Alan\n" in text
    assert "who: Ada\n" in text
    rows = shell.rows("list --children", "executions")
    inner = next(str(row["id"]) for row in rows if row["workflow"] == "inner")
    assert "code: fail_command\n" in passes_again(shell, inner)


def test_questions_pass_again_answered_rejected_and_canceled(shell: Shell) -> None:
    for ends, word in (
        (("answer", "@latest", "ok:=true"), "ok: true\n"),
        (("reject", "@latest", "--reason", "not now"), "code: rejected\n"),
        (("cancel", "@latest", "--reason", "too late"), "cancel: too late\n"),
    ):
        assert shell("run", "asking.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING
        assert "never: true\n" in passes_again(shell)
        shell(*ends)
        shell("resume", "@latest", "-q")
        assert word in passes_again(shell)


def test_what_no_rehearsal_could_have_in_it_is_refused(shell: Shell) -> None:
    for levels, ends in ((50, ExitCode.SUCCEEDED), (70, ExitCode.USAGE), (150, ExitCode.USAGE)):
        nested = "[" * levels + "]" * levels
        assert (
            shell("run", "later.yaml", "--exit-on-wait", "-i", f"deep:={nested}", "-q")
            == ExitCode.WAITING
        )
        assert shell("export", "@latest") == ends
    assert "is nested too deep to be exported: more than 64 levels deep" in shell.err
    assert not shell.out


def test_of_a_file_that_is_too_large_nothing_is_said_to_be_missing(shell: Shell) -> None:
    text = "long".ljust(2**20)
    assert shell("run", "later.yaml", "--exit-on-wait", "-i", f"deep={text}", "-q") == 4
    assert shell("export", "@latest", "-o", "long.rehearsal.yaml") == ExitCode.SUCCEEDED
    assert shell.err.endswith(
        "it does not pass as it is: the file is too large: at most 1,048,576 bytes are read\n"
    )


def test_what_has_not_ended_is_told_where_it_would_go_on(shell: Shell) -> None:
    assert shell("run", "later.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING
    assert shell("export", "@latest") == ExitCode.SUCCEEDED
    assert "it does not pass as it is: " in shell.err
    assert "hint: it has not ended: what comes of it from now on is not in the log" in shell.err
