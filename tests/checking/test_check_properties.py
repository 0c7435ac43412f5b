"""Whatever a workflow says: checking never raises, and what it finds is inside of the file."""

from hypothesis import given, settings
from hypothesis import strategies as st

from segue.checking import check
from segue.language.source import Source

NAMES = st.sampled_from(["a", "b", "c", "d.e", "noop", "retry", "nowhere"])
EXPRESSIONS = st.sampled_from(
    [
        "{{ ctx.x }}",
        "{{ ctx('y') }} and {{ 1 + }}",
        "<% ctx().x %>",
        "<% ctx( %>",
        "{{ nofunc() }}",
        "{{ ctx.x",
        "{{ a }} <% b %>",
        "{% for x in y %}",
        "{{ ctx('__p') | upper }}",
        "text",
    ]
)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


@st.composite
def tasks(draw: st.DrawFn) -> str:
    fields = []
    if draw(st.booleans()):
        fields.append(f"action: core.echo, input: {{m: {quoted(draw(EXPRESSIONS))}}}")
    if draw(st.booleans()):
        fields.append(f"join: {draw(st.sampled_from(['all', 'any', '2', '0', 'x']))}")
    transitions = []
    for _ in range(draw(st.integers(0, 3))):
        do = ", ".join(draw(st.lists(NAMES, max_size=3)))
        parts = [f"do: [{do}]"]
        if draw(st.booleans()):
            parts.append(f"when: {quoted(draw(EXPRESSIONS))}")
        if draw(st.booleans()):
            parts.append(f"publish: [{{x: {quoted(draw(EXPRESSIONS))}}}]")
        transitions.append("{" + ", ".join(parts) + "}")
    if transitions:
        fields.append(f"next: [{', '.join(transitions)}]")
    return "{" + ", ".join(fields) + "}"


@st.composite
def files(draw: st.DrawFn) -> str:
    marker = draw(st.sampled_from(["segue: 1", "version: 1.0", "segue: 1\nmatch: all"]))
    chosen = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    lines = [marker, "tasks:"]
    lines += [f"  {name}: {draw(tasks())}" for name in chosen]
    if draw(st.booleans()):
        lines.append(f"output: [{{o: {quoted(draw(EXPRESSIONS))}}}]")
    return "\n".join(lines) + "\n"


@given(files())
@settings(max_examples=60, deadline=None)
def test_checking_never_raises_and_finds_inside_of_the_file(text: str) -> None:
    checked = check(text)
    source = Source(text)
    for each in checked.findings:
        span = each.span
        assert 1 <= span.line <= span.end_line <= source.line_count
        assert 1 <= span.column <= len(source.line(span.line)) + 1
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        assert each.message
    assert checked.valid == (checked.workflow is not None)
