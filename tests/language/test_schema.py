"""The JSON Schema and the parser come from one table: what one refuses the other refuses."""

from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from tests.language.test_native import WRONG, WRONG_TASKS

from segue.language import load_workflow
from segue.language.explanations import EXPLANATIONS
from segue.language.findings import Severity
from segue.language.grammar import (
    RETRY,
    SECTIONS,
    TASK,
    TRANSITION,
    WITH,
    WORKFLOW,
    Is,
    Key,
    Section,
)
from segue.language.schema import SCHEMA_ID, native_schema
from segue.values import JsonValue

ROOT = Path(__file__).parents[2]
SCHEMA = jsonschema_rs.Draft7Validator(dict(native_schema()))

#: What only the parser can know: findings that are about more than words, types and bounds.
BEYOND_SCHEMA = (
    "SEG006",  # what JSON does not have
    "SEG007",
    "SEG108",  # schemas inside the file
    "SEG109",
    "SEG201",
    "SEG210",
)


def json_of(text: str) -> JsonValue:
    """Return a file as an editor sees it; the differences of YAML 1.1 do not occur here."""
    value: JsonValue = yaml.safe_load(text)
    return value


def test_the_schema_is_one_of_draft_7_with_a_version() -> None:
    schema = native_schema()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == SCHEMA_ID
    assert SCHEMA_ID.endswith(":1")


def test_every_key_that_is_built_is_described() -> None:
    for section in SECTIONS:
        assert section.about
        assert all(key.about.endswith(".") for key in section.keys.values()), section.name


def native_examples() -> list[Path]:
    paths = sorted((ROOT / "examples").glob("*.yaml"))
    return [path for path in paths if "\nsegue: 1\n" in f"\n{path.read_text('utf-8')}"]


@pytest.mark.parametrize("path", native_examples(), ids=lambda path: path.name)
def test_every_native_example_fits_the_schema(path: Path) -> None:
    text = path.read_text("utf-8")
    errors = [error.message for error in SCHEMA.iter_errors(json_of(text))]
    assert not errors


@pytest.mark.parametrize(
    "text",
    [each.right for each in EXPLANATIONS.values() if each.right.startswith("segue")],
)
def test_what_the_parser_takes_fits_the_schema(text: str) -> None:
    assert not any(f.severity is Severity.ERROR for f in load_workflow(text).findings)
    assert [error.message for error in SCHEMA.iter_errors(json_of(text))] == []


@pytest.mark.parametrize(("line", "place"), WRONG)
def test_what_is_wrong_in_the_workflow_is_refused_by_both(line: str, place: str) -> None:
    text = f"{line}\n" if line.startswith("segue") else f"segue: 1\n{line}\n"
    text += "tasks: {a: {}}\n"
    assert load_workflow(text).workflow is None
    if (
        place.split(maxsplit=1)[0] not in BEYOND_SCHEMA
        and "''" not in line
        and line != "segue: 1.0"
    ):
        assert not SCHEMA.is_valid(json_of(text))


@pytest.mark.parametrize(
    ("task", "place"),
    [
        case
        for case in WRONG_TASKS
        if not any(word in case[0] for word in ("99999d", "{{ a }}", "as: y", "batch: 2"))
    ],
)
def test_what_is_wrong_in_a_task_is_refused_by_both(task: str, place: str) -> None:
    text = f"segue: 1\ntasks:\n  a: {task}\n  b: {{}}\n"
    assert load_workflow(text).workflow is None
    if place.split(maxsplit=1)[0] not in BEYOND_SCHEMA:
        assert not SCHEMA.is_valid(json_of(text))


SAMPLES: dict[Is, str] = {
    Is.NULL: "",
    Is.BOOLEAN: "true",
    Is.INTEGER: "-5",
    Is.NUMBER: "-1.5",
    Is.TEXT: "word",
    Is.LIST: "[[]]",
    Is.MAPPING: "{zzz: {}}",
}


def framed(section: Section, key: Key, value: str) -> str:
    """Return a file in which one key of a section has a value."""
    entry = f"{key.name}: {value}"
    others = {each.name: each for each in section.keys.values() if each.required}
    if section is WORKFLOW:
        lines = {"segue": "segue: 1", "tasks": "tasks: {a: {}}", key.name: entry}
        return "\n".join(lines.values()) + "\n"
    inside = f"{{{entry}}}"
    if section is RETRY:
        count = "" if "count" in (key.name, *()) or "count" not in others else "count: 1, "
        return f"segue: 1\ntasks: {{a: {{retry: {{{count}{entry}}}}}}}\n"
    if section is WITH:
        items = "" if key.name == "items" else "items: [1], "
        return f"segue: 1\ntasks: {{a: {{with: {{{items}{entry}}}}}}}\n"
    if section is TASK:
        return f"segue: 1\ntasks: {{a: {inside}}}\n"
    if section is TRANSITION:
        return f"segue: 1\ntasks: {{a: {{next: [{inside}]}}}}\n"
    if section.name == "limits":
        return f"segue: 1\nlimits: {inside}\ntasks: {{a: {{}}}}\n"
    return f"segue: 1\ninput: {{x: {inside}}}\ntasks: {{a: {{}}}}\n"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_type_that_a_key_does_not_take_is_refused_by_both(section: Section) -> None:
    for key in section.keys.values():
        for kind in set(Is) - key.shape.kinds if key.built else ():
            text = framed(section, key, SAMPLES[kind])
            assert load_workflow(text).workflow is None, text
            assert not SCHEMA.is_valid(json_of(text)), text


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_key_that_is_not_in_the_table_is_refused_by_both(section: Section) -> None:
    unknown = Key(name="zzz", shape=next(iter(section.keys.values())).shape, about="")
    text = framed(section, unknown, "5")
    assert load_workflow(text).workflow is None
    assert not SCHEMA.is_valid(json_of(text))
