"""Instants and durations in words."""

import pytest

from segue.cli.terminal.times import due_text, duration_text, iso_text, remaining_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0s"),
        (0.04, "0.0s"),
        (2.14, "2.1s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (3599, "59m 59s"),
        (3600, "1h 00m"),
        (86399, "23h 59m"),
        (90000, "1d 01h"),
    ],
)
def test_duration_is_short_and_never_odd_at_its_edges(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(-3, "0s"), (0.1, "1s"), (7, "7s"), (61, "1m 01s")])
def test_what_remains_is_rounded_up(seconds: float, text: str) -> None:
    assert remaining_text(seconds) == text


def test_instants_for_programs_are_utc_to_the_microsecond() -> None:
    assert iso_text(1_800_000_000.5) == "2027-01-15T08:00:00.500000Z"


def test_what_is_due_another_day_has_its_date() -> None:
    assert due_text(1_800_000_060, 1_800_000_000) == "08:01:00"
    assert due_text(1_800_090_000, 1_800_000_000) == "2027-01-16 09:00:00"
