"""The functions that expressions of both languages can call: one registry.

To add one is to write it, beside its like, and to name it there: it is then in Jinja (as a filter
too, if it is a helper), in YAQL, in the checks and for the closures. A function is pure: what it
needs from outside is in the facts of the scope.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from segue.expressions.context_functions import CONTEXT_FUNCTIONS
from segue.expressions.data_functions import DATA_FUNCTIONS
from segue.expressions.function import Function
from segue.expressions.json_functions import JSON_FUNCTIONS
from segue.expressions.jsonpath_functions import JSONPATH_FUNCTIONS
from segue.expressions.outside_functions import OUTSIDE_FUNCTIONS
from segue.expressions.path_functions import PATH_FUNCTIONS
from segue.expressions.regex_functions import REGEX_FUNCTIONS
from segue.expressions.time_functions import TIME_FUNCTIONS
from segue.expressions.version_functions import VERSION_FUNCTIONS
from segue.expressions.yaml_functions import YAML_FUNCTIONS

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
