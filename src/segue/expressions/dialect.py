"""The ways in which the expressions of a template can be read."""

from enum import StrEnum


class Dialect(StrEnum):
    """What stands between the delimiters."""

    MIXED = "mixed"  # Jinja in `{{ }}`, YAQL in `<% %>`
    ATTUNE = "attune"  # Attune's expressions in `{{ }}`; anything else is text
    PLAIN = "plain"  # nothing: all of it is text
