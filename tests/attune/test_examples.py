"""The examples in Attune's language do what they say."""

import re
from pathlib import Path

import pytest
from tests.docs.rehearsal import Rehearsal
from tests.support.conducted import Conducted

from segue.checking import check
from segue.core.status import Status
from segue.runtime.workflows.definitions import read_source
from segue.values import JsonValue

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "attune"
FILES = sorted(EXAMPLES.rglob("*.yaml"))


def ran(name: str, **inputs: JsonValue) -> Conducted:
    return Rehearsal(read_source(EXAMPLES / name).text, inputs).to_the_end()


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_an_example_has_no_findings(file: Path) -> None:
    source = read_source(file)
    assert check(source.text, source.shown).findings == ()


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_an_example_says_how_to_run_it(file: Path) -> None:
    head = re.match(r"(?:#.*\n)+", file.read_text())
    assert head is not None
    for path in re.findall(r"segue \w+ examples/attune/(\S+)", head[0]):
        assert (EXAMPLES / path).is_file()


@pytest.mark.parametrize("file", ["rollout.yaml", "workflows/rollout.workflow.yaml"])
def test_a_rollout_looks_until_it_has_settled(file: str) -> None:
    run = ran(f"actions/{file}", version="1.4", looks=2)
    assert run.output == {
        "deployed": ["1.4 in eu", "1.4 in us", "1.4 in ap"],
        "looked": 2,
        "said": "1.4 runs in eu, us, ap",
    }
    assert [one.task for one in run.view.tasks] == ["deploy", "look", "look", "report"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "succeeded: 42 percent"),
        ({"limit": 10}, "succeeded: 42 percent"),
        ({"limit": 10, "clean": False}, "nothing"),
    ],
)
def test_a_nightly_check_decides_what_is_done(inputs: dict[str, JsonValue], said: str) -> None:
    run = ran("workflows/nightly.yaml", **inputs)
    assert run.output == {"names": ["0: a and b", "1: c and d", "2: e"], "said": said}
    assert run.status() is Status.SUCCEEDED
