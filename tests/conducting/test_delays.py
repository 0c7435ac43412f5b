"""What a host is told of delays."""

import pytest
from tests.conducting.hosting import running


@pytest.mark.parametrize(
    ("written", "told"),
    [("3", 3), ("0.5", 0.5), ("1m", 60), ("250ms", 0.25), ("'{{ 2 * 1.5 }}'", 3)],
)
def test_a_delay_of_a_native_file_is_told_in_seconds(written: str, told: float) -> None:
    host = running(f"segue: 1\ntasks:\n  a: {{delay: {written}}}\n")

    (offer,) = host.next()

    assert offer["delay"] == told


def test_a_delay_of_orquesta_is_a_whole_number() -> None:
    host = running("version: 1.0\ntasks:\n  a: {action: core.noop, delay: <% 1.5 %>}\n")

    assert host.next() == []
    assert host.status == "failed"
