"""The base of all events."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all events.

    `refers` are the hashes of the values in it that are kept beside the log: in their place there
    is a `segue.values.Reference`.
    """

    refers: tuple[str, ...] = ()
