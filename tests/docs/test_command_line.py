"""docs/command-line.md says of the commands what the code says, all of it and nothing else."""

import asyncio
import json
import re
from pathlib import Path

import click
import pytest

from segue.cli.commands.db import backup_document, compaction_document, upgrade_document
from segue.cli.commands.doctor import Diagnosis, diagnosis_document
from segue.cli.commands.prune import pruning_document
from segue.cli.commands.verify import verification_document
from segue.cli.exit_codes import ExitCode
from segue.cli.main import COMMANDS, segue
from segue.cli.reports.document import (
    event_document,
    execution_document,
    key_document,
    log_document,
    row_document,
)
from segue.cli.reports.reason_data import why_document
from segue.cli.reports.rehearsal_data import rehearsal_document
from segue.core.events import Recorded, TaskScheduled
from segue.core.reasons import Lease, Retry, Wait, Why
from segue.core.status import Status
from segue.core.view import ErrorView, ExecutionView, ItemsView, JoinView, TaskView
from segue.rehearsal.coverage import coverage_of
from segue.rehearsal.loading import Fetched
from segue.rehearsal.reading import read_rehearsal
from segue.rehearsal.rehearsing import rehearse_file
from segue.rehearsal.verdict import Kind
from segue.runtime.records.verifying import Verified
from segue.store.memory import MemoryStore
from segue.store.port import EngineRow, ExecutionRow, KeyRow, LogChunk, Tree
from segue.store.upgrading import SchemaState
from segue.values import JsonValue
from segue.verification.violation import Violation

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return what stands under a title, up to the next one that is not below it."""
    found = re.search(rf"^(#+) {re.escape(title)}$", PAGE, re.MULTILINE)
    assert found, f"docs/command-line.md has no section {title!r}"
    rest = PAGE[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if not set(row[0]) <= set("-")][1:]


def document(title: str) -> JsonValue:
    """Return the JSON example of a section."""
    found = re.search(r"```json\n(.*?)```", section(title), re.DOTALL)
    assert found, f"{title!r} has no example"
    value: JsonValue = json.loads(found[1])
    return value


def shape(value: JsonValue) -> JsonValue:
    """Return the keys of a document, all the way down; data of the user has no shape."""
    if isinstance(value, dict):
        free = {"inputs", "output", "result", "data", "versions", "settings"}
        return {key: None if key in free else shape(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [shape(one) for one in value[:1]]
    return None


def test_commands_in_the_docs_are_those_of_the_program() -> None:
    documented = re.findall(r"^### segue (\w+)$", PAGE, re.MULTILINE)
    assert documented == list(COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_options_in_the_docs_are_those_of_the_command(name: str) -> None:
    command = segue.get_command(click.Context(segue), name)
    assert command is not None
    several = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    params = [param for one in several for param in one.params]
    options = [one for one in params if isinstance(one, click.Option)]
    expected = {frozenset([*option.opts, *option.secondary_opts]) for option in options}
    found = rows(section(f"segue {name}"))
    documented = {frozenset(re.findall(r"`(--?[a-z-]+)`", row[0])) for row in found}
    assert documented == expected


def test_exit_codes_in_the_docs_are_those_of_the_program() -> None:
    documented = {row[1]: int(row[0]) for row in rows(section("Exit codes"))}
    assert documented == {code.name: code.value for code in ExitCode}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(#([a-z-]+)\)", PAGE))))
def test_links_within_the_page_lead_somewhere(target: str) -> None:
    titles = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {title.lower().replace(" ", "-") for title in titles}
    assert target in anchors


def test_example_of_an_execution_has_the_keys_of_the_document() -> None:
    view = ExecutionView(
        id="a",
        workflow="w",
        definition="d",
        status=Status.RUNNING,
        settled=False,
        inputs={},
        output=None,
        errors=(ErrorView(code="c", message="m", task=None, visit=None, handled=False),),
        tasks=(
            TaskView(
                task="t",
                visit=1,
                status=Status.RUNNING,
                attempts=1,
                result=None,
                started_at=None,
                finished_at=None,
                scheduled_at=0.0,
                due=None,
                waiting_for=None,
                note=None,
                items=ItemsView(
                    total=1,
                    succeeded=0,
                    failed=1,
                    canceled=0,
                    running=0,
                    pending=0,
                    failures=((0, "m"),),
                ),
            ),
        ),
        joins=(JoinView(join="j", key=1, arrived=("a",), missing=("b",), needed=2),),
        started_at=0.0,
        finished_at=None,
        seq=1,
    )
    child = ExecutionRow(
        id="b",
        workflow="w",
        definition="d",
        status=Status.RUNNING,
        settled=False,
        seq=1,
        created_at=0.0,
        updated_at=0.0,
        parent="a",
        attempt="t#1.1",
    )
    assert shape(document("An execution")) == shape(execution_document(view, [child]))


def test_example_of_reasons_has_the_keys_of_the_document() -> None:
    lease = Lease(engine="e", process=1, host="h", heard_at=0.0, until=1.0, late=False)
    waits = (
        Wait(
            task="a",
            visit=1,
            status=Status.RETRYING,
            reason=Retry(attempt=2, tries=3, until=1.0),
        ),
    )
    why = Why(
        execution="a",
        workflow="w",
        status=Status.RUNNING,
        settled=False,
        started_at=0.0,
        finished_at=None,
        failure=None,
        waits=waits,
        leases=(lease,),
    )
    assert shape(document("Reasons")) == shape(why_document(why))


def test_example_of_a_list_has_the_keys_of_the_document() -> None:
    row = ExecutionRow(
        id="a",
        workflow="w",
        definition="d",
        status=Status.RUNNING,
        settled=False,
        seq=1,
        created_at=0.0,
        updated_at=0.0,
    )
    expected: JsonValue = {
        "schema_version": 1,
        "total": 1,
        "executions": [row_document(row)],
    }
    assert shape(document("A list")) == shape(expected)


def test_example_of_an_event_has_the_keys_of_the_document() -> None:
    recorded = Recorded(seq=1, at=0.0, event=TaskScheduled(task="t", visit=1))
    assert shape(document("An event")) == shape(event_document(recorded))


def test_example_of_output_has_the_keys_of_the_document() -> None:
    chunk = LogChunk(execution="e", task="t", visit=1, attempt=1, stream="stdout", at=0.0, text="x")
    assert shape(document("A piece of output")) == shape(log_document(chunk))


def test_example_of_keys_has_the_keys_of_the_document() -> None:
    key = KeyRow(name="a", value={"cpu": 2}, updated_at=0.0)
    expected: JsonValue = {"schema_version": 1, "keys": [key_document(key)]}
    assert shape(document("Keys")) == shape(expected)


def test_example_of_rehearsals_has_the_keys_of_the_document() -> None:
    text = "segue: 1\ntasks: {a: {next: [{when: failed(), do: noop}]}}\n"
    rehearsal = (
        "rehearsal: 1\nworkflow: w.yaml\ntests:\n  - name: t\n    expect: {output: {a: 1}}\n"
    )

    def fetch(name: str, *, anywhere: bool = False) -> Fetched | str:
        return Fetched(path=name, text=text)

    file = rehearse_file(read_rehearsal(rehearsal, "r.yaml", fetch))
    found = rehearsal_document([file], coverage_of(file.verdicts))
    assert shape(document("Rehearsals")) == shape(json.loads(json.dumps(found)))


def test_kinds_of_failures_in_the_docs_are_those_of_the_program() -> None:
    told = re.search(r"`kind` is one of (.*?)\. Of a file", section("Rehearsals"), re.DOTALL)
    assert told
    assert re.findall(r"`(\w+)`", told[1]) == [kind.value for kind in Kind]


def test_example_of_a_verification_has_the_keys_of_the_document() -> None:
    violation = Violation(execution="e", invariant="I1", seq=None, message="m")
    found = Verified(execution="e", events=1, violations=(violation,), whole=True)
    expected = verification_document(1, 1, [found])
    assert shape(document("A verification")) == shape(expected)


def test_example_of_a_pruning_has_the_keys_of_the_document() -> None:
    row = ExecutionRow(
        id="a",
        workflow="w",
        definition="d",
        status=Status.FAILED,
        settled=True,
        seq=1,
        created_at=0.0,
        updated_at=0.0,
    )
    found = pruning_document([Tree(top=row, executions=1, events=1)], 1.0, dry_run=False)
    assert shape(document("A pruning")) == shape(found)


def test_examples_of_acts_on_a_database_have_the_keys_of_the_documents(tmp_path: Path) -> None:
    health = asyncio.run(MemoryStore().check_health())
    state = SchemaState(applied=["a"], pending=["b"])
    found = re.findall(
        r"```json\n(.*?)```", section("A backup or another act on a database"), re.DOTALL
    )
    assert [shape(json.loads(text)) for text in found] == [
        shape(backup_document(health)),
        shape(upgrade_document("d", state, tmp_path, dry_run=True)),
        shape(compaction_document(tmp_path, 2, 1)),
    ]


def test_example_of_a_diagnosis_has_the_keys_of_the_document() -> None:
    engine = EngineRow(id="e", host="h", boot="b", pid=1, pid_started_at=0.0, heartbeat_at=0.0)
    found = Diagnosis(
        versions={},
        config=None,
        database="x",
        health=None,
        engines=(engine,),
        problems=(),
        code=ExitCode.SUCCEEDED,
    )
    assert shape(document("A diagnosis")) == shape(diagnosis_document(found))
