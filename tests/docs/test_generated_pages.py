"""Files in docs/ that are made by a command are what it prints now."""

from pathlib import Path

from segue.cli.commands.explain import errors_page
from segue.cli.commands.schema import schema_text

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_errors_is_what_explain_prints() -> None:
    made = "segue explain --format markdown > docs/errors.md"
    assert (DOCS / "errors.md").read_text("utf-8") == errors_page(), f"run `{made}`"


def test_the_schema_that_examples_name_is_what_schema_prints() -> None:
    made = "segue schema > docs/segue-1.schema.json"
    path = DOCS / "segue-1.schema.json"
    assert path.read_text("utf-8") == schema_text(), f"run `{made}`"


def test_the_schema_of_rehearsals_is_what_schema_prints() -> None:
    made = "segue schema rehearsal > docs/segue-rehearsal-1.schema.json"
    path = DOCS / "segue-rehearsal-1.schema.json"
    assert path.read_text("utf-8") == schema_text("rehearsal"), f"run `{made}`"
