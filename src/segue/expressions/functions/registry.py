"""The functions that expressions of both languages can call: one registry.

To add one is to write it, beside its like, and to name it there: it is then in Jinja (as a filter
too, if it is a helper), in YAQL, in the checks and for the closures. A function is pure: what it
needs from outside is in the facts of the scope.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from segue.expressions.functions.context import CONTEXT_FUNCTIONS
from segue.expressions.functions.data import DATA_FUNCTIONS
from segue.expressions.functions.function import Function
from segue.expressions.functions.json import JSON_FUNCTIONS
from segue.expressions.functions.jsonpath import JSONPATH_FUNCTIONS
from segue.expressions.functions.outside import OUTSIDE_FUNCTIONS
from segue.expressions.functions.path import PATH_FUNCTIONS
from segue.expressions.functions.regex import REGEX_FUNCTIONS
from segue.expressions.functions.time import TIME_FUNCTIONS
from segue.expressions.functions.version import VERSION_FUNCTIONS
from segue.expressions.functions.yaml import YAML_FUNCTIONS

_ALL: Final = (
    *CONTEXT_FUNCTIONS,
    *OUTSIDE_FUNCTIONS,
    *DATA_FUNCTIONS,
    *JSON_FUNCTIONS,
    *YAML_FUNCTIONS,
    *JSONPATH_FUNCTIONS,
    *REGEX_FUNCTIONS,
    *VERSION_FUNCTIONS,
    *TIME_FUNCTIONS,
    *PATH_FUNCTIONS,
)

#: Every function, by name.
FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({one.name: one for one in _ALL})
#: Functions that are known by name and can't be used yet.
NOT_BUILT: Final = frozenset({"secret", "decrypt_kv"})
