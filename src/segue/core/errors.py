"""The errors of the core that are raised. They are of three kinds, which never mix.

(Findings in a definition are values, see `segue.language.findings`.)
"""


class RequestError(Exception):
    """A request that can't be granted: the fault of whoever asked, and nothing has happened.

    `code` is stable, `message` one factual sentence, `hint` what to do instead, `field` the part
    of the request that is wrong, where it is one.
    """

    def __init__(
        self, code: str, message: str, *, hint: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field


class IllegalEventError(Exception):
    """An event that the state has no row for in the table of legal changes: nothing changed."""


class InternalError(Exception):
    """A bug of ours. The execution is left as it is, its history is kept."""
