"""core.noop, core.echo and core.sleep, and the checks that come before any action."""

import asyncio

import pytest
from tests.actions.stage import Stage

from segue.core.stimuli import Failed, Succeeded
from segue.values import JsonValue


def test_noop_does_nothing(stage: Stage) -> None:
    assert asyncio.run(stage.run("core.noop")) == Succeeded(result=None)


@pytest.mark.parametrize("message", [None, True, 1, 1.5, "", "text\0", [1, {"a": None}], {"": []}])
def test_echo_gives_back_any_value(stage: Stage, message: JsonValue) -> None:
    assert asyncio.run(stage.run("core.echo", message=message)) == Succeeded(result=message)


def test_a_message_for_people_changes_nothing(stage: Stage) -> None:
    assert asyncio.run(stage.run("core.noop", message="begun")) == Succeeded(result=None)
    assert asyncio.run(stage.run("core.echo")) == Succeeded(result=None)


def test_sleep_takes_no_time_for_no_seconds(stage: Stage) -> None:
    assert asyncio.run(stage.run("core.sleep", seconds=0)) == Succeeded(result=None)


def test_sleep_is_ended_by_a_timeout(stage: Stage) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(0):
            await stage.run("core.sleep", seconds=1_000_000_000)

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        (
            "core.echo",
            {"mesage": 1},
            "core.echo: there is no parameter `mesage`; did you mean `message`?",
        ),
        ("core.noop", {"x": 1}, "core.noop: there is no parameter `x`; there are `message`"),
        ("core.sleep", {"seconds": "1"}, 'core.sleep: `seconds` must be a number, not "1"'),
        (
            "core.sleep",
            {"seconds": -1},
            "core.sleep: `seconds`: -1 is less than the minimum of 0",
        ),
        (
            "core.sleep",
            {"seconds": 1, "minutes": 2},
            "core.sleep: there is no parameter `minutes`; there are `seconds`, `message`",
        ),
        ("core.local", {}, "core.local: give exactly one of `cmd` and `argv`"),
        (
            "core.local",
            {"cmd": "true", "argv": ["true"]},
            "core.local: give exactly one of `cmd` and `argv`",
        ),
        (
            "core.local",
            {"argv": ["echo", [1]]},
            "core.local: `argv[1]` must be true or false, a number or text, not [1]",
        ),
        ("core.local", {"cmd": "true", "env": {"A-B": "x"}}, 'core.local: `env`: "A-B" does not '),
    ],
)
def test_input_is_checked_before_an_action_runs(
    stage: Stage, name: str, given: dict[str, JsonValue], message: str
) -> None:
    outcome = asyncio.run(stage.run(name, **given))
    assert isinstance(outcome, Failed)
    assert outcome.code == "invalid_input"
    assert outcome.message.startswith(message)


def test_unknown_action_is_an_outcome_with_a_guess(stage: Stage) -> None:
    assert asyncio.run(stage.run("core.ehco", message=1)) == Failed(
        code="action_not_found", message="there is no action `core.ehco`; did you mean `core.echo`?"
    )
