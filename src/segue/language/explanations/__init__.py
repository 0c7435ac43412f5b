"""Every code explained: what `segue explain` prints and docs/errors.md holds."""

from collections.abc import Mapping
from typing import Final

from segue.language.codes import Code
from segue.language.explanations import expressions, flow, rehearsals, shape, text
from segue.language.explanations.entry import Explanation

#: By code, in the order of the codes.
EXPLANATIONS: Final[Mapping[Code, Explanation]] = {
    each.code: each
    for each in (
        *text.EXPLANATIONS,
        *shape.EXPLANATIONS,
        *flow.EXPLANATIONS,
        *expressions.EXPLANATIONS,
        *rehearsals.EXPLANATIONS,
    )
}

__all__ = ["EXPLANATIONS", "Explanation"]
