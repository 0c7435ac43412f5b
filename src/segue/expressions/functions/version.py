"""Functions that compare and raise versions, as Semantic Versioning has them."""

from typing import TYPE_CHECKING, Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import Budget, EvaluationError
from segue.expressions.plain import describe

if TYPE_CHECKING:
    from semver import Version

_LONGEST: Final = 256


def _version(text: Any) -> "Version":
    from semver import Version  # noqa: PLC0415 - loads slowly

    try:
        return Version.parse(_short(text))
    except ValueError as error:
        raise EvaluationError(f"{text!r} is no version such as 1.2.3") from error


def _short(text: Any) -> str:
    if not isinstance(text, str):
        raise EvaluationError(f"a version must be text, not {describe(text)}")
    if len(text) > _LONGEST:
        raise EvaluationError(f"a version has at most {_LONGEST} characters")
    return text


def _compare(_budget: Budget, value: Any, pattern: Any) -> int:
    return _version(value).compare(_version(pattern))


def _more_than(budget: Budget, value: Any, pattern: Any) -> bool:
    return _compare(budget, value, pattern) > 0


def _less_than(budget: Budget, value: Any, pattern: Any) -> bool:
    return _compare(budget, value, pattern) < 0


def _equal(budget: Budget, value: Any, pattern: Any) -> bool:
    return _compare(budget, value, pattern) == 0


def _match(_budget: Budget, value: Any, pattern: Any) -> bool:
    version = _version(value)
    try:
        return version.match(_short(pattern))
    except ValueError as error:
        raise EvaluationError(f"{pattern!r} is no condition such as >=1.2.3") from error


def _bump_major(_budget: Budget, value: Any) -> str:
    return str(_version(value).bump_major())


def _bump_minor(_budget: Budget, value: Any) -> str:
    return str(_version(value).bump_minor())


def _bump_patch(_budget: Budget, value: Any) -> str:
    return str(_version(value).bump_patch())


def _strip_patch(_budget: Budget, value: Any) -> str:
    version = _version(value)
    return f"{version.major}.{version.minor}"


VERSION_FUNCTIONS: Final = (
    Function.of("version_compare", _compare, helper=True),
    Function.of("version_more_than", _more_than, helper=True),
    Function.of("version_less_than", _less_than, helper=True),
    Function.of("version_equal", _equal, helper=True),
    Function.of("version_match", _match, helper=True),
    Function.of("version_bump_major", _bump_major, helper=True),
    Function.of("version_bump_minor", _bump_minor, helper=True),
    Function.of("version_bump_patch", _bump_patch, helper=True),
    Function.of("version_strip_patch", _strip_patch, helper=True),
)
