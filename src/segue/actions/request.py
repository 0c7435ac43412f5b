"""An HTTP request as core.http means it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for, in bytes and text. `form` and `content` exclude each other."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    params: tuple[tuple[str, str], ...]
    content: bytes | None
    form: Mapping[str, Sequence[str]] | None
    timeout: float
    redirects: bool
    auth: tuple[str, str] | None
    verify: bool
