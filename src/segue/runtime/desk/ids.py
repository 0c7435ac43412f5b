"""Names of executions and engines: short enough to read out, long enough never to meet."""

import hashlib
import secrets

#: Crockford's base 32 in lower case: no i, l, o, u, so that nothing is mistaken for another.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 12


def child_id(execution: str, attempt: str) -> str:
    """Return the id of the execution that runs for an attempt: always the same one."""
    digest = hashlib.sha256(f"{execution}/{attempt}".encode("utf-8", "surrogatepass")).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])


def new_id() -> str:
    """Return twelve random characters, 60 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
