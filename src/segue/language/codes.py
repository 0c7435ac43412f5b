"""The codes of findings. A code is stable: once released it never means something else."""

from enum import StrEnum

from segue.language.findings import Severity


class Kind(StrEnum):
    """Which part of a definition a finding is about; the words are those Orquesta uses."""

    CONTENTS = "contents"  # not a workflow file at all
    SYNTAX = "syntax"  # keys and the types of their values
    SEMANTICS = "semantics"  # tasks and how they follow one another
    EXPRESSIONS = "expressions"
    CONTEXT = "context"  # variables and items
    REHEARSAL = "rehearsal"  # a test of a workflow, not the workflow itself
    UNBUILT = "unbuilt"  # right, but this release can't do it


class Code(StrEnum):
    """Every code there is."""

    NOT_YAML = "SEG001"
    DUPLICATE_KEY = "SEG002"
    TOO_LARGE = "SEG003"
    SEVERAL_DOCUMENTS = "SEG004"
    BAD_ALIAS = "SEG005"
    UNUSABLE_VALUE = "SEG006"
    KEY_NOT_TEXT = "SEG007"
    NOT_A_WORKFLOW = "SEG008"
    UNKNOWN_LANGUAGE = "SEG009"
    MISSING_GRAPH = "SEG011"

    UNKNOWN_KEY = "SEG101"
    MISSING_KEY = "SEG102"
    WRONG_TYPE = "SEG103"
    WRONG_VALUE = "SEG104"
    BAD_DURATION = "SEG105"
    REPEATED_ENTRY = "SEG106"
    EMPTY = "SEG107"
    BAD_INPUT_SCHEMA = "SEG108"
    BAD_DEFAULT = "SEG109"
    INLINE_INPUT = "SEG110"
    NO_EFFECT = "SEG111"
    NOT_BUILT = "SEG120"

    UNKNOWN_TASK = "SEG201"
    RESERVED_NAME = "SEG202"
    NO_ENTRY_POINT = "SEG203"
    UNREACHABLE_TASK = "SEG204"
    JOIN_UNSATISFIABLE = "SEG205"
    JOIN_OF_ONE = "SEG206"
    ENDLESS_CYCLE = "SEG207"
    SWALLOWED_FAILURE = "SEG208"
    UNREACHABLE_TRANSITION = "SEG209"
    RETRY_COMMAND = "SEG210"
    AMBIGUOUS_JOIN = "SEG211"
    ITEMS_WITHOUT_ACTION = "SEG212"
    UNUSABLE_NAME = "SEG213"
    UNUSABLE_WORKFLOW = "SEG214"
    WRONG_CALL = "SEG215"
    WRONG_INPUT = "SEG216"
    UNKNOWN_ACTION = "SEG217"

    EXPRESSION_SYNTAX = "SEG301"
    UNKNOWN_FUNCTION = "SEG302"
    MIXED_EXPRESSIONS = "SEG303"
    UNDEFINED_VARIABLE = "SEG304"
    PRIVATE_VARIABLE = "SEG305"
    NO_ITEM = "SEG306"
    UNKNOWN_ITEM_PART = "SEG307"

    NOT_A_REHEARSAL = "SEG401"
    CONFLICTING_KEYS = "SEG402"
    FILE_NOT_READ = "SEG403"
    WORKFLOW_UNUSABLE = "SEG404"
    STATE_UNUSABLE = "SEG405"


_KINDS_BY_HUNDRED = {
    "0": Kind.CONTENTS,
    "1": Kind.SYNTAX,
    "2": Kind.SEMANTICS,
    "3": Kind.EXPRESSIONS,
    "4": Kind.REHEARSAL,
}

_KINDS = {
    Code.NOT_BUILT: Kind.UNBUILT,
    Code.UNDEFINED_VARIABLE: Kind.CONTEXT,
    Code.PRIVATE_VARIABLE: Kind.CONTEXT,
    Code.NO_ITEM: Kind.CONTEXT,
    Code.UNKNOWN_ITEM_PART: Kind.CONTEXT,
}

_WARNINGS = frozenset(
    {
        Code.NO_EFFECT,
        Code.UNREACHABLE_TASK,
        Code.JOIN_OF_ONE,
        Code.ENDLESS_CYCLE,
        Code.SWALLOWED_FAILURE,
        Code.UNREACHABLE_TRANSITION,
    }
)


def kind_of(code: str) -> Kind:
    """Return which part of a definition a code is about; ValueError for an unknown code."""
    known = Code(code)
    return _KINDS.get(known) or _KINDS_BY_HUNDRED[known[3]]


def severity_of(code: Code) -> Severity:
    """Return how bad a finding with this code is where nothing else is said."""
    return Severity.WARNING if code in _WARNINGS else Severity.ERROR
