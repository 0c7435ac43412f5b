"""core.local: what goes into a command and what comes out of it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.actions.stage import Stage

from segue.actions import local
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.values import JsonValue

#: Prints its arguments so that each can be told from the next, whatever is in them.
SHOW_ARGUMENTS = "import json, sys; print(json.dumps(sys.argv[1:]))"


def run(stage: Stage, **given: JsonValue) -> Outcome:
    return asyncio.run(stage.run("core.local", **given))


def output(outcome: Outcome) -> dict[str, JsonValue]:
    assert isinstance(outcome, Succeeded | Failed)
    assert isinstance(outcome.result, dict), outcome
    return outcome.result


def test_command_line_is_run_by_a_shell(stage: Stage) -> None:
    assert run(stage, cmd="echo one two | tr a-z A-Z; echo three >&2") == Succeeded(
        result={
            "stdout": "ONE TWO",
            "stderr": "three",
            "return_code": 0,
            "succeeded": True,
            "failed": False,
        }
    )


@pytest.mark.parametrize("code", [1, 2, 125, 126, 127, 255])
def test_return_code_arrives_as_it_is_and_fails_the_task(stage: Stage, code: int) -> None:
    assert run(stage, cmd=f"echo fine; echo first >&2; echo 'no disk' >&2; exit {code}") == Failed(
        code="command_failed",
        message=f"the command ended with code {code}: no disk",
        result={
            "stdout": "fine",
            "stderr": "first\nno disk",
            "return_code": code,
            "succeeded": False,
            "failed": True,
        },
    )


def test_failure_without_a_word_says_the_code(stage: Stage) -> None:
    outcome = run(stage, argv=["false"])
    assert isinstance(outcome, Failed)
    assert outcome.message == "the command ended with code 1"


def test_long_last_line_is_shortened_in_the_message(stage: Stage) -> None:
    outcome = run(stage, cmd="head -c 5000 /dev/zero | tr '\\0' x >&2; exit 1")
    assert isinstance(outcome, Failed)
    assert outcome.message == f"the command ended with code 1: {'x' * 199}…"


@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGKILL, "SIGKILL"), (signal.SIGUSR1, "SIGUSR1"), (40, "signal 40")],
)
def test_command_that_a_signal_ended_says_which(stage: Stage, number: int, name: str) -> None:
    outcome = run(stage, cmd=f"kill -{int(number)} $$")
    assert isinstance(outcome, Failed)
    assert outcome.message == f"the command was ended by {name}"
    assert output(outcome)["return_code"] == -number


def test_one_final_line_break_is_taken_off(stage: Stage) -> None:
    result = output(run(stage, cmd=r"printf 'a\n\n'; printf 'b\r\n' >&2"))
    assert (result["stdout"], result["stderr"]) == ("a\n", "b")


def test_log_has_what_was_printed_as_it_was(stage: Stage) -> None:
    run(stage, cmd=r"printf 'a\n\n'; printf 'b' >&2")
    assert stage.text("stdout") == "a\n\n"
    assert stage.text("stderr") == "b"


def test_output_is_logged_as_it_comes(tmp_path: Path) -> None:
    """The command waits for us to have seen its first words before it says the second ones."""
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    stage = Stage()

    async def scenario() -> Outcome:
        first = asyncio.Event()
        stage.on_log = first.set
        running = asyncio.create_task(
            stage.run(
                "core.local",
                cmd='echo first; read -r word <"$FIFO"; echo "$word"',
                env={"FIFO": str(fifo)},
            )
        )
        await first.wait()
        assert stage.logged == [("stdout", "first\n")]
        await asyncio.to_thread(fifo.write_text, "second\n")
        return await running

    assert output(asyncio.run(scenario()))["stdout"] == "first\nsecond"


def test_character_that_arrives_in_two_pieces_is_one_character(tmp_path: Path) -> None:
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    stage = Stage()

    async def scenario() -> Outcome:
        first = asyncio.Event()
        stage.on_log = first.set
        running = asyncio.create_task(
            stage.run(
                "core.local",
                cmd=r"""printf 'a\303'; read -r word <"$FIFO"; printf '\244'""",
                env={"FIFO": str(fifo)},
            )
        )
        await first.wait()
        await asyncio.to_thread(fifo.write_text, "go\n")
        return await running

    assert output(asyncio.run(scenario()))["stdout"] == "aä"
    assert stage.logged == [("stdout", "a"), ("stdout", "ä")]


def test_what_is_not_utf8_is_marked_and_never_fatal(stage: Stage) -> None:
    result = output(run(stage, cmd=r"printf 'a\377b\0c\303'"))
    assert result["stdout"] == "a\N{REPLACEMENT CHARACTER}b\0c\N{REPLACEMENT CHARACTER}"


def test_standard_input_is_the_text_given_and_nothing_more(stage: Stage) -> None:
    assert output(run(stage, argv=["cat"], stdin="go\nä\n\n"))["stdout"] == "go\nä\n"


def test_standard_input_is_empty_where_none_is_given(stage: Stage) -> None:
    assert output(run(stage, cmd="wc -c; readlink /proc/self/fd/0"))["stdout"] == "0\n/dev/null"


def test_standard_input_can_be_opened_by_its_path(stage: Stage) -> None:
    assert output(run(stage, cmd="cat /dev/stdin", stdin="x"))["stdout"] == "x"


def test_standard_input_that_nobody_reads_does_no_harm(stage: Stage) -> None:
    assert isinstance(run(stage, argv=["true"], stdin="x" * 1_000_000), Succeeded)


def test_large_standard_input_arrives_whole(stage: Stage) -> None:
    result = output(run(stage, cmd="wc -c", stdin="x" * 1_000_000))
    assert str(result["stdout"]).strip() == "1000000"


def test_command_has_no_open_files_but_its_three(stage: Stage) -> None:
    listing = "import os; print(sorted(int(fd) for fd in os.listdir('/proc/self/fd'))[:4])"
    result = output(run(stage, argv=[sys.executable, "-c", listing]))
    assert result["stdout"] == "[0, 1, 2, 3]"  # 3 is the directory that is being listed


def test_environment_is_ours_with_what_is_given(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("TAKEN", "taken")
    monkeypatch.setenv("SEGUE_TASK", "somebody else's")
    given: dict[str, JsonValue] = {
        "TEXT": "ä 'x' $HOME\n",
        "PORT": 80,
        "DEBUG": True,
        "TAKEN": None,
    }
    show = (
        "import json, os; print(json.dumps({n: os.environ.get(n) for n in"
        " ['KEPT', 'TAKEN', 'TEXT', 'PORT', 'DEBUG', 'SEGUE_EXECUTION_ID', 'SEGUE_TASK',"
        " 'SEGUE_VISIT', 'SEGUE_ATTEMPT', 'SEGUE_IDEMPOTENCY_KEY', '_segue_gate']}))"
    )
    stage.attempt = 3
    result = output(run(stage, argv=[sys.executable, "-c", show], env=given))
    assert json.loads(str(result["stdout"])) == {
        "KEPT": "kept",
        "TAKEN": None,
        "TEXT": "ä 'x' $HOME\n",
        "PORT": "80",
        "DEBUG": "true",
        "SEGUE_EXECUTION_ID": "x1",
        "SEGUE_TASK": "probe",
        "SEGUE_VISIT": "1",
        "SEGUE_ATTEMPT": "3",
        "SEGUE_IDEMPOTENCY_KEY": "x1/probe/1",
        "_segue_gate": None,
    }


def test_hostile_names_of_tasks_reach_the_environment_harmless(stage: Stage) -> None:
    stage.task = "a\0b\nc"
    stage.idempotency_key = "x1/a\0b\nc ä%/1"
    result = output(run(stage, cmd='printf "%s|%s" "$SEGUE_TASK" "$SEGUE_IDEMPOTENCY_KEY"'))
    assert result["stdout"] == "a\N{REPLACEMENT CHARACTER}b\nc|x1/a%00b%0Ac%20%C3%A4%25/1"


def test_directory_is_the_one_given(stage: Stage, tmp_path: Path) -> None:
    assert output(run(stage, argv=["pwd"], cwd=str(tmp_path)))["stdout"] == str(tmp_path)


def test_program_is_found_relative_to_the_directory_given(stage: Stage, tmp_path: Path) -> None:
    script = tmp_path / "-c"  # a name that a shell could take for an option
    script.write_text('#!/bin/sh\necho "it is me: $1"\n')
    script.chmod(0o755)
    result = output(run(stage, argv=["./-c", "x"], cwd=str(tmp_path)))
    assert result["stdout"] == "it is me: x"


def test_program_is_found_by_the_path_given(stage: Stage, tmp_path: Path) -> None:
    for name in ("exec", "own-tool"):  # the first is a builtin of the shell, too
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho mine\n")
        script.chmod(0o755)
        found = run(stage, argv=[name], env={"PATH": f"/nowhere:{tmp_path}"})
        assert output(found)["stdout"] == "mine"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"argv": [""]}, "`argv[0]` is empty: it names the program"),
        ({"argv": ["no-such"]}, "`argv[0]`: the program 'no-such' is in no directory of PATH"),
        ({"argv": ["./no-such"]}, "`argv[0]`: the program './no-such' is not there"),
        ({"argv": ["/etc/passwd"]}, "`argv[0]`: '/etc/passwd' may not be executed"),
        ({"argv": ["true"], "cwd": "/no/such"}, "`cwd`: there is no directory '/no/such'"),
        (
            {"argv": ["true", "a\0b"]},
            "`argv[1]` has a NUL character: no program can be given one",
        ),
        ({"cmd": "true\0"}, "`cmd` has a NUL character: no program can be given one"),
        (
            {"cmd": "true", "env": {"A": "\0"}},
            "`env.A` has a NUL character: no program can be given one",
        ),
        ({"cmd": "\ud800"}, "`cmd` has a lone surrogate: it is not valid text"),
        (
            {"argv": ["true", "x" * 3_000_000]},
            "the command can't be started: Argument list too long",
        ),
    ],
)
def test_command_that_cannot_be_started_says_why(
    stage: Stage, given: dict[str, JsonValue], message: str
) -> None:
    assert run(stage, **given) == Failed(code="command_not_started", message=message)


def test_program_that_the_system_refuses_fails_like_in_a_shell(
    stage: Stage, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    outcome = run(stage, argv=[str(script)])
    assert isinstance(outcome, Failed)
    assert outcome.code == "command_failed"
    assert output(outcome)["return_code"] in {126, 127}


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_command_that_prints_without_end_is_ended(stage: Stage, stream: str) -> None:
    outcome = run(stage, cmd="yes" if stream == "stdout" else "yes >&2")
    assert isinstance(outcome, Failed)
    assert outcome.code == "output_too_large"
    assert outcome.message == (
        f"the command was ended: it printed more than 10 MiB to {stream}; write that much to a file"
    )
    assert len(str(output(outcome)[stream])) == local.HEAD
    assert len(stage.text(stream)) == local.MAX_OUTPUT


def test_output_of_just_the_limit_is_kept_whole(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "MAX_OUTPUT", 1000)
    result = output(run(stage, cmd="head -c 1000 /dev/zero | tr '\\0' x"))
    assert result["stdout"] == "x" * 1000


def test_command_that_ends_by_itself_after_too_much_output_fails_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "MAX_OUTPUT", 1000)
    outcome = run(stage, cmd="head -c 1001 /dev/zero | tr '\\0' x")
    assert isinstance(outcome, Failed)
    assert outcome.code == "output_too_large"


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.lists(texts, max_size=4))
@settings(max_examples=40, deadline=None)
def test_any_text_reaches_the_program_as_exactly_one_argument(arguments: list[str]) -> None:
    argv = [sys.executable, "-X", "utf8", "-IS", "-c", SHOW_ARGUMENTS, *arguments]
    result = output(run(Stage(), argv=list[JsonValue](argv)))
    assert json.loads(str(result["stdout"])) == arguments


def test_many_commands_run_side_by_side(stage: Stage) -> None:
    async def scenario() -> list[Outcome]:
        return await asyncio.gather(
            *(stage.run("core.local", cmd=f"echo {number}; exit {number}") for number in range(20))
        )

    outcomes = asyncio.run(scenario())
    assert [output(outcome)["return_code"] for outcome in outcomes] == list(range(20))
    assert [output(outcome)["stdout"] for outcome in outcomes] == [str(n) for n in range(20)]


def test_nothing_is_left_open_after_commands(stage: Stage) -> None:
    """ResourceWarnings and a look at our own descriptors, in an interpreter of its own."""
    program = """
import asyncio, os
from tests.actions.stage import Stage
stage = Stage()
async def main():
    await stage.run("core.local", cmd="true")
    before = len(os.listdir("/proc/self/fd"))
    await asyncio.gather(
        stage.run("core.local", cmd="cat", stdin="x"),
        stage.run("core.local", argv=["true"], stdin="x" * 500000),
        stage.run("core.local", argv=["no-such"]),
        stage.run("core.local", argv=["true", "x" * 3000000]),
        stage.run("core.local", cmd="exit 3"),
    )
    await asyncio.sleep(0)
    print(len(os.listdir("/proc/self/fd")) - before)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert (done.stdout, done.stderr) == ("0\n", "")
