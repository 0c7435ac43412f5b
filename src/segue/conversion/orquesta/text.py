"""The text of an Orquesta file, changed to say the same natively. All else stays as it is."""

from dataclasses import dataclass, field

from segue.conversion.assignments import as_mapping, items_of
from segue.conversion.changes import Change
from segue.conversion.dialects import speak_yaml_1_2
from segue.conversion.edits import ClashError
from segue.conversion.layout import Entry, Layout, nodes_of
from segue.conversion.noting import Notes
from segue.conversion.orquesta.task_text import TaskText
from segue.conversion.writing import says_match_once
from segue.language.model import Workflow
from segue.language.nodes import Mapping, Sequence
from segue.language.orquesta.reading import OrquestaReader
from segue.language.source import Source


@dataclass(slots=True)
class OrquestaText:
    """One file. `natively` is what it is to mean."""

    layout: Layout
    natively: Workflow
    notes: Notes
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.source = Source(self.layout.text)

    def changed(self, root: Mapping) -> str:
        """Return the changed text. Raises `ClashError` where that is not possible."""
        layout = self.layout
        self._refuse_repeated(root)
        entries = {each.key.text: each for each in layout.entries(root)}
        self._version(root, entries)
        for name in ("vars", "output"):
            if name in entries:
                self._variables(entries[name])
        if "input" in entries:
            self._input(entries["input"])
        self._tasks(entries["tasks"])
        speak_yaml_1_2(layout, root)
        return layout.edits.applied()

    def _version(self, root: Mapping, entries: dict[str, Entry]) -> None:
        layout, edits = self.layout, self.layout.edits
        flow = layout.is_flow(root)
        all_match = says_match_once(self.natively)
        version = entries.get("version")
        if version is None:
            words = ["segue: 1", *(["match: all"] if all_match else [])]
            if flow:
                edits.insert(root.start + 1, ", ".join(words) + ", ")
            else:
                layout.insert_lines(root.entries[0][0].start, words)
            return
        edits.replace(version.key.start, version.key.end, "segue")
        edits.replace(version.start, version.end, "1" if version.end > version.start else " 1")
        if all_match and flow:
            edits.insert(version.end, ", match: all")
        elif all_match:
            layout.append_lines(version.end, ["match: all"])

    def _variables(self, entry: Entry) -> None:
        if isinstance(entry.value, Sequence) and not entry.is_alias:
            items = items_of(self.layout, entry.value)
            if items is not None:
                as_mapping(self.layout, entry, items, defaults=False)

    def _input(self, entry: Entry) -> None:
        if not isinstance(entry.value, Sequence) or entry.is_alias:
            raise ClashError
        items = items_of(self.layout, entry.value)
        if items is None:
            raise ClashError
        as_mapping(self.layout, entry, items, defaults=True)

    def _tasks(self, entry: Entry) -> None:
        assert isinstance(entry.value, Mapping), "it was read"
        read = OrquestaReader(self.source)
        once = says_match_once(self.natively)
        for each in self.layout.entries(entry.value):
            name = read.key_text(each.key)
            task = self.natively.tasks.get(name or "")
            if task is None or each.is_alias or not isinstance(each.value, Mapping):
                raise ClashError
            TaskText(self.layout, each, task, self.notes, self.source, says_match=not once).change()

    def _refuse_repeated(self, root: Mapping) -> None:
        """Note the entries that a later one with the same key takes the place of."""
        found = False
        for node in nodes_of(root):
            if isinstance(node, Mapping):
                found = self._repeated(node) or found
        if found:
            raise ClashError

    def _repeated(self, node: Mapping) -> bool:
        read = OrquestaReader(self.source)
        names = [read.key_text(key) for key, _ in node.entries]
        found = [key for at, (key, _) in enumerate(node.entries) if names[at] in names[at + 1 :]]
        for key in found:
            name = read.key_text(key)
            self.notes.add(
                Change.NEVER_USED,
                self.source.span(key.start, key.end),
                f"the key `{name}` is here again further down, and that one counts",
                hint="this one is left out",
            )
        return bool(found)
