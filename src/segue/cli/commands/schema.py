"""`segue schema`: print the JSON Schema of the native language."""

import json
import sys

import click

from segue.language.schema import native_schema
from segue.values import JsonObject


def schema_text(of: str = "workflow") -> str:
    """Return the JSON Schema of workflow files, or of rehearsal files, as the text of a file."""
    return json.dumps(_schema(of), indent=2, ensure_ascii=False) + "\n"


def _schema(of: str) -> JsonObject:
    if of == "workflow":
        return native_schema()
    from segue.rehearsal.schema import rehearsal_schema  # noqa: PLC0415 (only when asked for)

    return rehearsal_schema()


@click.command("schema")
@click.argument(
    "of",
    metavar="[workflow|rehearsal]",
    required=False,
    default="workflow",
    type=click.Choice(("workflow", "rehearsal")),
)
def command(of: str) -> None:
    """Print the JSON Schema (draft 7) of workflow or rehearsal files, for editors.

    An editor that knows YAML schemas completes and checks a file that names it in its first
    line: `# yaml-language-server: $schema=PATH`.
    """
    sys.stdout.write(schema_text(of))
