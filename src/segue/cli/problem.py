"""Something that the user of a command has to know and can act upon: one line and a hint."""

from segue.cli.exit_codes import ExitCode


class Problem(Exception):  # noqa: N818 (it is not an error of ours: see the four kinds of errors)
    """The command can't do what it was asked. It is shown without a traceback.

    `message` is one sentence without a full stop; `hint` says what to do instead; `details` are
    further lines, such as the candidates of an ambiguous id.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        details: tuple[str, ...] = (),
        code: ExitCode = ExitCode.USAGE,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details
        self.code = code
