"""Whatever the text: loading never raises, and what it finds is inside of the file."""

from hypothesis import example, given
from hypothesis import strategies as st

from segue.language import Loaded, load_workflow
from segue.language.loading import compose
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.placing import offsets
from segue.language.source import Source

WORDS = [
    "segue: 1", "version: 1.0", "tasks:", "  a:", "  b:", "action: core.noop", "next:", "do: b",
    "- ", "  ", "\n", ": ", "{", "}", "[", "]", "'", '"', "|", ">", "&x ", "*x", "!!int ", "<<: ",
    "{{ ctx.x }}", "<% ctx().x %>", "when: ", "publish: ", "x=1 ", "join: ", "all", "with: ",
    "retry: {count: 3}", "timeout: 10s", "input:", "vars:", "output:", "\t", "\r\n", "#", "---",
    "é", "𝄞", "\ufeff", "\x85", "\u2028", "\x07", "1", "~", "true", "?", ",", "\\", "2001-01-01",
]  # fmt: skip

TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS)).map("".join))


def assert_inside(loaded: Loaded) -> None:
    source = Source(loaded.text)
    for each in loaded.findings:
        span = each.span
        assert 1 <= span.line <= span.end_line <= source.line_count
        assert 1 <= span.column <= len(source.line(span.line)) + 1
        assert 1 <= span.end_column <= len(source.line(span.end_line)) + 1
        assert (span.line, span.column) <= (span.end_line, span.end_column)


@given(TEXTS)
@example("segue: 1\ntasks:\n  a: {next: [{do: }]}")
@example("segue: 1\n? [a]\n: b\ntasks: {{{x}}}")
@example("version: 1.0\ntasks: {? {a: b} : {action: c}}")
def test_loading_never_raises_and_finds_inside_of_the_file(text: str) -> None:
    loaded = load_workflow(text)
    assert_inside(loaded)
    assert loaded.workflow is None or not any(each.severity == "error" for each in loaded.findings)


@given(st.lists(st.sampled_from(WORDS)).map("".join))
def test_loading_a_file_of_either_language_never_raises(text: str) -> None:
    assert_inside(load_workflow(f"segue: 1\n{text}"))
    assert_inside(load_workflow(f"version: 1.0\n{text}"))
    assert_inside(load_workflow(f"segue: 1\ntasks:\n  a:\n    {text}"))
    assert_inside(load_workflow(f"version: 1.0\ntasks:\n  a:\n    {text}"))


def scalars(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Sequence):
        return [found for item in node.items for found in scalars(item)]
    if isinstance(node, Mapping):
        return [found for pair in node.entries for part in pair for found in scalars(part)]
    return []


@given(TEXTS)
def test_characters_of_scalars_are_placed_inside_of_the_file_in_order(text: str) -> None:
    for node in scalars(compose(Source(text)).root):
        at = offsets(text, node)
        assert len(at) == len(node.text) + 1
        assert list(at) == sorted(at)
        assert 0 <= at[0] <= at[-1] <= len(text)
        if at[0] != at[-1]:
            for character, offset in zip(node.text, at, strict=False):
                assert character.isspace() or text[offset] in {character, "\\"}
