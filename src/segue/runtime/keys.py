"""Keys of the key store: what may be one, and what may be its value."""

from segue.actions.payload import NotJsonError, TooLargeError, to_payload
from segue.core.errors import RequestError
from segue.values import JsonValue

#: Characters that the name of a key may have.
LONGEST_NAME = 255


def require_key_name(name: str) -> str:
    """Return the name of a key. Raises `RequestError` if it can't be one."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise RequestError(
            "key_name_invalid",
            f"{name[:LONGEST_NAME]!r} can't be the name of a key",
            hint=f"a name has 1 to {LONGEST_NAME} printable characters, and no blanks around it",
            field="name",
        )
    return name


def require_key_value(name: str, value: JsonValue) -> JsonValue:
    """Return the value of a key as it will be kept. Raises `RequestError` if it can't be one."""
    try:
        given = to_payload(value)
    except NotJsonError as error:
        message = f"the value of the key {name!r} is not JSON: {error}"
    except TooLargeError as error:
        message = f"the value of the key {name!r} is too large: {error} as JSON"
    else:
        if given is not None:
            return given
        message = f"the value of the key {name!r} is null, and a key without a value is none"
    hint = "delete the key instead" if value is None else None
    raise RequestError("key_value_invalid", message, hint=hint, field="value")
