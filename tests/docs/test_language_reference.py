"""docs/language.md has every key of the language, what it takes, and no other key."""

import re

import pytest
import yaml
from tests.docs.guides import Page

from segue.checking import check
from segue.expressions.functions.registry import FUNCTIONS
from segue.language.grammar import INPUT, SECTIONS, Key, Section

TITLES = {
    "workflow": "The workflow",
    "input": "An input",
    "limits": "`limits`",
    "task": "A task",
    "retry": "`retry`",
    "with": "`with`",
    "transition": "A transition",
}
PAGE = Page("language.md").text
KEYS = [(section, key) for section in SECTIONS for key in section.keys.values()]
DESCRIBED = [(section, key) for section, key in KEYS if key.built and section is not INPUT]


def chapter(title: str) -> str:
    """Return what stands under a title of the second level."""
    [text] = re.findall(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    return str(text)


def entry(section: Section, key: Key) -> str:
    """Return what the page says of a key, on one line."""
    found = re.search(
        rf"^### `{key.name}`\n(.*?)(?=^### |\Z)",
        chapter(TITLES[section.name]),
        re.DOTALL | re.MULTILINE,
    )
    assert found, f"`{key.name}` of {section.owner} is not on the page"
    return " ".join(found[1].split())


def rows(text: str) -> list[list[str]]:
    """Return the cells of the rows of a table whose first cell is a key."""
    return [re.split(r" \| ", line[2:-2]) for line in text.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.name)
def test_the_keys_of_a_section_are_those_of_the_language_in_order(section: Section) -> None:
    text = chapter(TITLES[section.name])
    titles = re.findall(r"^### `(\w+)`$", text, re.MULTILINE)
    listed = [row[0].strip("`") for row in rows(text)] if section is INPUT else titles
    assert listed == [key.name for key in section.keys.values() if key.built]


@pytest.mark.parametrize(
    ("section", "key"), DESCRIBED, ids=[f"{one.name}.{key.name}" for one, key in DESCRIBED]
)
def test_a_key_takes_what_the_page_says_and_tells_what_holds_without_it(
    section: Section, key: Key
) -> None:
    text = entry(section, key)
    assert text.startswith(f"Takes {key.shape.words}. "), text[:100]
    rest = text.removeprefix(f"Takes {key.shape.words}. ")
    assert rest.startswith("Required." if key.required else "Default: "), rest[:100]


@pytest.mark.parametrize("row", rows(chapter("An input")), ids=lambda row: row[0])
def test_a_key_of_an_input_is_what_its_row_says(row: list[str]) -> None:
    name, takes, meaning, example = row
    key = INPUT.keys[name.strip("`")]
    assert (takes, meaning) == (key.shape.words, key.about)
    declared = yaml.safe_load(example.strip("`"))
    assert key.name in declared
    file = {"segue": 1, "input": {"x": declared}, "tasks": {"a": {"action": "core.noop"}}}
    assert check(yaml.safe_dump(file)).findings == ()


def test_what_is_not_built_yet_is_told() -> None:
    told = {(row[0].strip("`"), row[1]) for row in rows(chapter("Not in this release"))}
    assert told == {(key.name, section.owner) for section, key in KEYS if not key.built}


def test_every_function_is_told_and_no_other() -> None:
    told = [set(re.findall(r"`(\w+)\(", row[0])) for row in rows(chapter("Expressions"))]
    assert all(len(names) == 1 for names in told), "one row for each"
    names = set().union(*told)
    assert names <= set(FUNCTIONS)
    rest = [FUNCTIONS[name] for name in set(FUNCTIONS) - names]
    assert all(function.helper for function in rest), "those are told beside their examples"
