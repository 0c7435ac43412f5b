"""The variables that Orquesta's inspection notices in a text, which it does by its letters alone.

So it takes `ctx().x` in a literal, a comment or a raw block for a use of the variable, and
overlooks `ctx( 'x' )`, `ctx()['x']` and what goes over several lines.
"""

import re
from collections.abc import Iterator
from typing import Final

from segue.expressions.findings import Reference
from segue.expressions.segments import has_expression
from segue.expressions.strings import strings
from segue.values import JsonValue

_EXPRESSIONS: Final = (re.compile(r"<%.*?%>"), re.compile(r"\{\{.*?\}\}"))
#: A call with all that hangs on it without a blank.
_CALL: Final = re.compile(r"\bctx\([\w.()\[\]'\"]*\)[\w.()\[\]'\"]*", re.ASCII)
#: The forms that name a variable; of each, a call tells the first.
_FORMS: Final = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"\bctx\(\)\.(\w+)(?![\w(])",
        r"\bctx\((\w+)\)",
        r"\bctx\('(\w+)'\)",
        r"\bctx\(\"(\w+)\"\)",
    )
)


def noticed_references(value: JsonValue) -> tuple[Reference, ...]:
    """Return the variables that Orquesta takes the expressions of a value to read."""
    return tuple(
        Reference(name=text[start:end], path=path, start=start, end=end)
        for path, text in strings(value)
        if has_expression(text)
        for start, end in sorted(_spans(text))
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for expressions in _EXPRESSIONS:
        for expression in expressions.finditer(text):
            for call in _CALL.finditer(text, *expression.span()):
                for form in _FORMS:
                    if found := form.search(text, *call.span()):
                        yield found.span(1)
