"""Why something failed."""

import msgspec


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something failed, as users see it in `errors`. `code` is stable and documented."""

    code: str
    message: str
    task: str | None = None
    visit: int | None = None
    #: the place in the definition, "file:line:column", where there is one
    place: str | None = None
