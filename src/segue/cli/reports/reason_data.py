"""Why an execution is not finished, as a JSON document."""

import msgspec

from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.terminal.times import iso_text
from segue.core.reasons import Why
from segue.values import JsonObject, JsonValue

_INSTANTS = frozenset({"since", "until", "heard_at", "started_at", "finished_at"})


def why_document(why: Why) -> JsonObject:
    """Return what `why --json` prints: the values as they are, instants as ISO 8601."""
    document = _told(msgspec.json.decode(msgspec.json.encode(why)))
    assert isinstance(document, dict)
    return {"schema_version": SCHEMA_VERSION, **document}


def _told(value: JsonValue, key: str = "") -> JsonValue:
    if isinstance(value, dict):
        return {name: _told(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_told(one) for one in value]
    if key in _INSTANTS and isinstance(value, int | float):
        return iso_text(value)
    return value
