"""What the tests of checking ask, in few words."""

from textwrap import dedent

from segue.checking import Checked, check
from segue.language.codes import Code
from segue.language.findings import Finding


def native(text: str) -> Checked:
    """Check a native file whose marker is left out."""
    return check("segue: 1\n" + dedent(text))


def orquesta(text: str) -> Checked:
    """Check an Orquesta file whose marker is left out."""
    return check("version: 1.0\n" + dedent(text))


def coded(checked: Checked, code: Code) -> list[Finding]:
    """Return the findings of one code."""
    return [each for each in checked.findings if each.code == code]


def places(checked: Checked) -> list[str]:
    """Return findings as `SEG201 5:9`."""
    return [f"{each.code} {each.span.line}:{each.span.column}" for each in checked.findings]
