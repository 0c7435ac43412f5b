"""The pure conductor as a protocol: one request in, one response out, and nothing kept elsewhere."""

from segue.conducting.session import Session

__all__ = ["Session"]
