"""Comparing the workflows of Orquesta's own tests: what is pointed at is worth it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from segue.checking.comparison.comparing import compare
from segue.language import load_workflow

TRACES = Path(__file__).parents[3] / "shared" / "conformance" / "corpus" / "suite" / "traces"

#: A difference that is pointed at in more files than that is noise.
MOST = 0.25


def definitions() -> set[str]:
    """Return the recorded definitions, each once."""
    return {
        case["definition"]
        for path in sorted(TRACES.glob("*.json"))
        for case in json.loads(path.read_text("utf-8"))
        if isinstance(case["definition"], str)
    }


@pytest.mark.skipif(not TRACES.exists(), reason="the recorded cases are not there")
def test_no_difference_is_pointed_at_in_more_than_a_quarter_of_real_files() -> None:
    told: Counter[str] = Counter()
    compared = 0
    for text in definitions():
        workflow = load_workflow(text).workflow
        if workflow is not None:
            compared += 1
            told.update({place.code for place in compare(text, workflow)})
    assert compared
    assert {code for code, files in told.items() if files > MOST * compared} == set()
