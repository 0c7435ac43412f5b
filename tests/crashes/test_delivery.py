"""What may be done once at most is done once at most, whoever dies."""

import asyncio
from pathlib import Path

import pytest
from tests.crashes.place import KILLED, Place

import segue
from segue.core.status import Status

pytestmark = pytest.mark.slow

PAY = """
segue: 1
name: pay
tasks:
  pay:
    action: "effects:once"
    input: {turn: 1}
    delivery: at_most_once
    next: [{when: succeeded(), do: end}]
  end: {action: core.noop}
"""


def shown(place: Place) -> tuple[Status, list[str]]:
    async def read() -> tuple[Status, list[str]]:
        async with segue.Engine(place.db, segue.Config()) as engine:
            view = await engine.show("x")
            return view.status, [error.code for error in view.errors]

    return asyncio.run(read())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "trip.yaml").write_text(PAY)
    return Place(tmp_path, str(tmp_path / "runs.db"))


@pytest.mark.parametrize("point", ["action_begun", "action_ended", "outcome_reported"])
def test_an_attempt_that_may_have_run_is_not_run_again(place: Place, point: str) -> None:
    assert place.begin(point) == KILLED
    assert place.go_on() == 0
    assert shown(place) == (Status.FAILED, ["outcome_unknown"])
    assert sum(place.effects().values()) <= 1


def test_it_runs_where_nobody_dies(place: Place) -> None:
    assert place.begin() == 0
    assert shown(place) == (Status.SUCCEEDED, [])
    assert sum(place.effects().values()) == 1
