"""What a scalar stands for: YAML 1.2's core schema, or YAML 1.1 as PyYAML's safe loader has it."""

import datetime as dt
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from segue.language.nodes import Scalar, Style


class Dialect(StrEnum):
    """Which YAML a file is read as."""

    YAML_1_1 = "1.1"  # `no` is false, `012` is ten, `1:30` is ninety
    YAML_1_2 = "1.2"  # `no` is text, `012` is twelve, `1:30` is text


@dataclass(frozen=True, slots=True)
class Unusable:
    """A scalar with no JSON value. `reason` ends the sentence "`.inf` can't be used: ..."."""

    reason: str


ScalarValue = None | bool | int | float | str

#: Beyond this no float reaches, and reading more digits than it has costs quadratic time.
_MAX_DIGITS: Final = 300
_LARGEST: Final = 10**_MAX_DIGITS

_TAGS: Final = "tag:yaml.org,2002:"

_NULL_1_2 = re.compile(r"~|null|Null|NULL|")
_BOOL_1_2 = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT_1_2 = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_1_2 = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_NULL_1_1 = _NULL_1_2
_BOOL_1_1 = re.compile(
    r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
)
_TRUE_1_1: Final = frozenset({"yes", "true", "on"})
_INT_1_1 = re.compile(
    r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
)
_FLOAT_1_1 = re.compile(
    r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*",
)
_DATE_1_1 = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_TIME_1_1 = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?"
    r"(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?",
)


def resolve(node: Scalar, dialect: Dialect) -> ScalarValue | Unusable:
    """Return the JSON value of a scalar, or why it has none. Never raises."""
    if node.tag is not None and node.tag != "!":
        return _tagged(node, dialect)
    if node.style is not Style.PLAIN or node.tag == "!":
        return node.text
    return _plain(node.text, dialect)


def _plain(text: str, dialect: Dialect) -> ScalarValue | Unusable:
    if dialect is Dialect.YAML_1_2:
        return _core(text)
    return _yaml_1_1(text)


def _core(text: str) -> ScalarValue | Unusable:
    if _NULL_1_2.fullmatch(text):
        return None
    if _BOOL_1_2.fullmatch(text):
        return text[0] in "tT"
    if _INT_1_2.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return _integer(text[2:] if base != 10 else text, base)
    if _FLOAT_1_2.fullmatch(text):
        return _float(text)
    if _SPECIAL_1_2.fullmatch(text):
        return Unusable("JSON has no such number")
    return text


def _yaml_1_1(text: str) -> ScalarValue | Unusable:
    if _NULL_1_1.fullmatch(text):
        return None
    if _BOOL_1_1.fullmatch(text):
        return text.lower() in _TRUE_1_1
    if _FLOAT_1_1.fullmatch(text):
        plain = text.replace("_", "")
        return _sexagesimal(plain) if ":" in plain else _float(plain)
    if _INT_1_1.fullmatch(text):
        return _integer_1_1(text.replace("_", ""))
    if _SPECIAL_1_2.fullmatch(text):
        return Unusable("JSON has no such number")
    if date := _DATE_1_1.fullmatch(text):
        return _date(date)
    if time := _TIME_1_1.fullmatch(text):
        return _time(time)
    return text


def _integer(digits: str, base: int) -> int | Unusable:
    value = int(digits, base) if len(digits) <= 4 * _MAX_DIGITS else _LARGEST
    if abs(value) >= _LARGEST:
        return Unusable(f"numbers have at most {_MAX_DIGITS} digits")
    return value


def _integer_1_1(text: str) -> int | float | Unusable:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if ":" in digits:
        return _sexagesimal(text)
    base = 10
    if digits.startswith(("0b", "0x")):
        base, digits = {"0b": 2, "0x": 16}[digits[:2]], digits[2:]
    elif digits.startswith("0") and digits != "0":
        base, digits = 8, digits[1:]
    if not digits:
        return Unusable("it has no digits")
    value = _integer(digits, base)
    return value if isinstance(value, Unusable) else sign * value


def _sexagesimal(text: str) -> int | float | Unusable:
    if len(text) > _MAX_DIGITS:
        return Unusable(f"numbers have at most {_MAX_DIGITS} digits")
    sign = -1 if text.startswith("-") else 1
    *high, last = text.lstrip("+-").split(":")
    value: int | float = 0
    for part in high:
        value = (value + int(part)) * 60
    return sign * (value + (float(last) if "." in last else int(last)))


def _float(text: str) -> float | Unusable:
    value = float(text)
    return value if math.isfinite(value) else Unusable("it is too large for a number")


def _date(found: re.Match[str]) -> str | Unusable:
    """A date, as text: JSON has none. The text is what PyYAML's object prints in ISO format."""
    year, month, day = (int(part) for part in found.groups())
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError as error:
        return Unusable(f"YAML 1.1 reads it as a date, and {error}")


def _time(found: re.Match[str]) -> str | Unusable:
    """A time, as text, for the same reason."""
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = int((found[7] or "")[:6].ljust(6, "0"))
    zone: dt.timezone | None = dt.UTC if found[8] == "Z" else None
    try:
        if found[9]:
            away = dt.timedelta(hours=int(found[10]), minutes=int(found[11] or 0))
            zone = dt.timezone(-away if found[9] == "-" else away)
        moment = dt.datetime(year, month, day, hour, minute, second, fraction, tzinfo=zone)
        return moment.isoformat()
    except ValueError as error:
        return Unusable(f"YAML 1.1 reads it as a time, and {error}")


def _tagged(node: Scalar, dialect: Dialect) -> ScalarValue | Unusable:
    tag = node.tag or ""
    kind = tag.removeprefix(_TAGS)
    if kind == "str" and tag != kind:
        return node.text
    value = _plain(node.text, dialect)
    wanted: dict[str, tuple[type, ...]] = {
        "null": (type(None),),
        "bool": (bool,),
        "int": (int,),
        "float": (float, int),
    }
    if tag == kind or kind not in wanted:
        shown = f"!!{kind}" if tag != kind else tag
        return Unusable(f"the tag `{shown}` is not supported")
    if type(value) not in wanted[kind]:
        return Unusable(f"it is not what its tag `!!{kind}` says")
    return float(value) if kind == "float" and isinstance(value, int) else value
