"""Names of executions and engines: short enough to read out, long enough never to meet."""

import hashlib
import secrets

from segue.core.errors import RequestError

#: Crockford's base 32 in lower case: no i, l, o, u, so that nothing is mistaken for another.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 12
#: Characters that an id may have which somebody else has given.
LONGEST = 255


def child_id(execution: str, attempt: str) -> str:
    """Return the id of the execution that runs for an attempt: always the same one."""
    digest = hashlib.sha256(f"{execution}/{attempt}".encode("utf-8", "surrogatepass")).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])


def new_id() -> str:
    """Return twelve random characters, 60 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def require_id(given: object) -> str:
    """Return an id that somebody has given. Raises `RequestError` if it can't be one."""
    if isinstance(given, str) and _is_sound(given):
        return given
    raise RequestError(
        "id_invalid",
        f"{given!r:.{LONGEST}} can't be the id of an execution",
        hint=f"an id has 1 to {LONGEST} printable characters and no blanks around it; no / is "
        "in it, and it does not begin with @",
        field="id",
    )


def _is_sound(text: str) -> bool:
    if "/" in text or text.startswith("@") or text != text.strip():
        return False  # references could not tell it from others
    return 0 < len(text) <= LONGEST and text.isprintable()
