"""From YAML 1.1, in which Orquesta's files are read, to YAML 1.2."""

from segue.conversion.layout import Layout, nodes_of
from segue.conversion.scalars import token
from segue.language.nodes import Mapping, Node, Scalar
from segue.language.reading import Reader
from segue.language.scalars import Dialect, Unusable, resolve
from segue.language.source import Source


def speak_yaml_1_2(layout: Layout, root: Node) -> None:
    """Write each scalar so that it is natively what it was: `yes` is true, `010` is eight."""
    for node in nodes_of(root):
        if isinstance(node, Mapping):
            for key, _ in node.entries:
                _key(layout, key)
    for node in nodes_of(root):
        if isinstance(node, Scalar):
            _value(layout, node)


def _value(layout: Layout, node: Scalar) -> None:
    before, after = resolve(node, Dialect.YAML_1_1), resolve(node, Dialect.YAML_1_2)
    if isinstance(before, Unusable) or (type(before) is type(after) and before == after):
        return
    if not layout.edits.covers(node.start, node.end):
        layout.edits.replace(node.start, node.end, token(before, flow=True))


def _key(layout: Layout, key: Node) -> None:
    assert isinstance(key, Scalar), "other keys are refused"
    text = Reader(Source(""), Dialect.YAML_1_1).key_text(key)
    if text is not None and text != key.text and not layout.edits.covers(key.start, key.end):
        layout.edits.replace(key.start, key.end, token(text, flow=True))
