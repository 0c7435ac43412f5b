"""`segue schema`: print the JSON Schema of the native language."""

import json
import sys

import click

from segue.language.schema import native_schema


def schema_text() -> str:
    """Return the JSON Schema as the text of a file."""
    return json.dumps(native_schema(), indent=2, ensure_ascii=False) + "\n"


@click.command("schema")
def command() -> None:
    """Print the JSON Schema (draft 7) of the native language, for editors.

    An editor that knows YAML schemas completes and checks a file that names it in its first
    line: `# yaml-language-server: $schema=PATH`.
    """
    sys.stdout.write(schema_text())
