"""Every code has its explanation, whose examples show what they say."""

import pytest

from segue.cli.commands.explain import example_findings
from segue.language.codes import Code, Kind, kind_of, severity_of
from segue.language.explanations import EXPLANATIONS, Explanation
from segue.language.findings import Severity


def test_every_code_is_explained_in_the_order_of_the_codes() -> None:
    assert list(EXPLANATIONS) == list(Code)


def test_codes_and_titles_are_unique() -> None:
    assert len({str(code) for code in Code}) == len(Code)
    assert len({each.title for each in EXPLANATIONS.values()}) == len(Code)


@pytest.mark.parametrize("each", EXPLANATIONS.values(), ids=lambda each: str(each.code))
def test_the_wrong_example_has_the_finding(each: Explanation) -> None:
    found = example_findings(each)
    assert each.code in {one.code for one in found}
    unexpected = {one.code for one in found} - {each.code, Code.NOT_BUILT}
    assert not unexpected


@pytest.mark.parametrize("each", EXPLANATIONS.values(), ids=lambda each: str(each.code))
def test_the_mended_example_has_no_finding_at_all(each: Explanation) -> None:
    assert example_findings(each, mended=True) == ()


@pytest.mark.parametrize("each", EXPLANATIONS.values(), ids=lambda each: str(each.code))
def test_explanations_can_be_read(each: Explanation) -> None:
    assert each.title[0].islower() or each.title.startswith(("`", "Orquesta", "Jinja"))
    assert not each.title.endswith(".")
    assert all(len(line) <= 100 for line in each.why.splitlines())


def test_codes_belong_to_a_kind_and_have_a_severity() -> None:
    assert kind_of("SEG001") is Kind.CONTENTS
    assert kind_of("SEG101") is Kind.SYNTAX
    assert kind_of("SEG120") is Kind.UNBUILT
    assert kind_of("SEG201") is Kind.SEMANTICS
    assert kind_of("SEG301") is Kind.EXPRESSIONS
    assert kind_of("SEG304") is Kind.CONTEXT
    assert kind_of("SEG401") is Kind.REHEARSAL
    with pytest.raises(ValueError, match="SEG999"):
        kind_of("SEG999")
    assert severity_of(Code.UNKNOWN_TASK) is Severity.ERROR
    assert severity_of(Code.ENDLESS_CYCLE) is Severity.WARNING
