"""Random workflows with names that nobody should use and somebody will."""

from hypothesis import strategies as st
from tests.graph.sketches import sketch

from segue.language.model import Workflow

#: What can go wrong in SVG, Mermaid, DOT and a terminal, beside any other text.
_HOSTILE = [
    '"', "'", "<b>&amp;", "]]>", "a\nb", "\t", "\x1b[31m", "#quot;", "|", "]", "}}", "\\N", "\\",
    "end", "graph", "--> x", "日本語のタスク", "👩\u200d🚀", "e\u0301", "\u202e", "\x00", "\ufffe",
    "%%", " ",
]  # fmt: skip
_PLAIN = [f"t{number}" for number in range(8)]

_texts = st.sampled_from(_HOSTILE) | st.text(max_size=12)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    size = draw(st.integers(1, len(_PLAIN)))
    names = _PLAIN[:size]
    hostile = draw(st.lists(_texts, min_size=size, max_size=size, unique=True))
    words = dict(zip(names, hostile, strict=True))
    words |= {"c": draw(_texts), "act": draw(_texts)}
    targets = st.lists(st.sampled_from([*names, "fail", "noop", "continue"]), max_size=3)
    lines = []
    for name in names:
        parts = [
            f"{' '.join(do)}{draw(_publishes)}{draw(_conditions)}"
            for do in draw(st.lists(targets, max_size=3))
            if do
        ]
        head = name + draw(st.sampled_from(["", ": act"])) + draw(_joins)
        lines.append(f"{head}{draw(st.sampled_from(['', ' *']))} -> {' | '.join(parts)}")
    return sketch("\n".join(lines), words=words)


_conditions = st.sampled_from(["", " ? c"])
_publishes = st.sampled_from(["", " x=", " x= y="])
_joins = st.sampled_from(["", " (all)", " (2)"])
