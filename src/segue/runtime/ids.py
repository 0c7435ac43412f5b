"""Names of executions and engines: short enough to read out, long enough never to meet."""

import secrets

#: Crockford's base 32 in lower case: no i, l, o, u, so that nothing is mistaken for another.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 12


def new_id() -> str:
    """Return twelve random characters, 60 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
