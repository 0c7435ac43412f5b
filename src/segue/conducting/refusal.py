"""Why a request is not granted, as its sender sees it."""

from enum import StrEnum


class Code(StrEnum):
    """What kind of refusal it is. The words are part of the protocol."""

    BAD_REQUEST = "bad-request"  # not JSON, an unknown op, a missing or unusable member
    INVALID_DEFINITION = "invalid-definition"
    UNKNOWN_HANDLE = "unknown-handle"
    BAD_STATUS = "bad-status"
    BAD_RERUN = "bad-rerun"
    EXPRESSION = "expression"
    INTERNAL = "internal"  # a bug of ours


class RefusedError(Exception):
    """A request that can't be granted. Nothing has happened."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
