"""Each drawing shows every task and every transition, whatever they are called."""

import json
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.graph.sketches import sketch
from tests.graph.workflows import workflows

from segue.graph.describe import describe
from segue.graph.drawing import rails
from segue.graph.drawing.captions import cells, shortened, visible
from segue.graph.drawing.diagram import Kind, diagram_of
from segue.graph.drawing.dot import draw_dot
from segue.graph.drawing.mermaid import draw_mermaid
from segue.graph.drawing.svg import draw_svg
from segue.graph.drawing.term import draw_term
from segue.graph.task_graph import TaskGraph
from segue.language.findings import START_OF_FILE
from segue.language.model import Retry, Template, Workflow

SVG = "{http://www.w3.org/2000/svg}"

POLL = """
probe: core.http -> report seen= ? ok | page fail ? tired | pause
pause: core.sleep -> probe
page: core.echo
report: core.echo
"""


def parsed(graph: TaskGraph) -> ET.Element:
    return ET.fromstring(draw_svg(graph))


def classes(root: ET.Element) -> Counter[str]:
    return Counter(word for each in root.iter() for word in each.get("class", "").split())


def texts(root: ET.Element, kind: str) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text") if each.get("class") == kind]


@settings(deadline=None)
@given(workflow=workflows())
def test_the_svg_shows_every_task_and_line_whatever_the_names(workflow: Workflow) -> None:
    graph = TaskGraph.of(workflow)
    diagram = diagram_of(graph)
    root = parsed(graph)
    shown = [" ".join(text.split()) for text in texts(root, "name")]
    wanted = [" ".join(shortened(visible(name), 40).split()) for name in graph.tasks]
    assert shown == wanted
    found = classes(root)
    loops = sum(link.loop for link in diagram.links)
    assert found["loop"] == found["again"] == loops
    assert found["line"] == len(diagram.links) - loops
    assert found["head"] + found["loop-head"] == sum(x.arrow for x in diagram.links) + loops


@settings(deadline=None)
@given(workflow=workflows())
def test_every_edge_of_the_graph_has_a_path_in_the_diagram(workflow: Workflow) -> None:
    graph = TaskGraph.of(workflow)
    diagram = diagram_of(graph)
    place = {name: at for at, name in enumerate(graph.tasks)}
    links = {(link.source, link.target): link for link in diagram.links}
    captions = {
        (node.task, node.transition): at
        for at, node in enumerate(diagram.nodes)
        if node.kind is Kind.TRANSITION
    }
    for edge in graph.edges:
        source = captions.get((edge.source, edge.transition), place[edge.source])
        assert (place[edge.source], source) in links or source == place[edge.source]
        assert links[source, place[edge.target]].arrow


@settings(deadline=None)
@given(workflow=workflows())
def test_mermaid_and_dot_name_every_task_and_edge_once(workflow: Workflow) -> None:
    graph = TaskGraph.of(workflow)
    ids = {name: f"t{at}" for at, name in enumerate(graph.tasks)}
    wanted = Counter((ids[edge.source], ids[edge.target]) for edge in graph.edges)
    mermaid = draw_mermaid(graph)
    dot = draw_dot(graph)
    assert len(mermaid.splitlines()) == mermaid.count("\n"), "a name has broken a line"
    links = re.findall(r'^  (t\d+) (?:-->|-\.->)(?:\|"[^"|]*"\|)? (t\d+)$', mermaid, re.MULTILINE)
    assert Counter(links) == wanted
    assert Counter(re.findall(r"^  (t\d+) -> (t\d+) \[", dot, re.MULTILINE)) == wanted
    for task in ids.values():
        assert len(re.findall(rf"^  {task}\W", mermaid, re.MULTILINE)) >= 1
        assert re.search(rf"^  {task} \[label=", dot, re.MULTILINE)


@settings(deadline=None)
@given(workflow=workflows())
def test_the_terminal_drawing_fits_and_shows_every_task(workflow: Workflow) -> None:
    graph = TaskGraph.of(workflow)
    drawing = draw_term(graph)
    lines = drawing.splitlines()
    assert drawing.count("\n") == len(lines)
    assert all(cells(line) <= 100 for line in lines)
    for name in graph.tasks:
        assert any(visible(name).rstrip() in line for line in lines)
    assert draw_term(graph, ascii_only=True).isascii()
    stripped = re.sub(r"\x1b\[\d+m", "", draw_term(graph, colour=True))
    assert [line.rstrip() for line in stripped.splitlines()] == lines


@settings(deadline=None)
@given(workflow=workflows())
def test_every_edge_leads_somewhere_in_the_rails(workflow: Workflow) -> None:
    graph = TaskGraph.of(workflow)
    rows = rails.rows_of(graph)
    drawn = {(row.task, target) for row in rows for target in (*row.onward, *row.back)}
    order = [row.task for row in rows if row.transition is None]
    assert sorted(order) == sorted(graph.tasks)
    for edge in graph.edges:
        assert (edge.source, edge.target) in drawn or len(graph.outbound(edge.source)) == 1
        if edge not in graph.loop_edges:
            assert order.index(edge.source) < order.index(edge.target)


@settings(deadline=None)
@given(workflow=workflows())
def test_the_description_is_json_and_complete(workflow: Workflow) -> None:
    graph = TaskGraph.of(workflow)
    found = json.loads(json.dumps(describe(graph)))
    assert [task["task"] for task in found["tasks"]] == list(graph.tasks)
    inner = [each for each in found["transitions"] if not each["command"]]
    assert [(each["source"], each["target"]) for each in inner] == [
        (edge.source, edge.target) for edge in graph.edges
    ]
    assert sum(each["loop"] for each in inner) == len(found["loop_edges"])


def test_the_monitoring_loop_on_a_terminal() -> None:
    workflow = sketch(POLL, start=["probe"])
    assert draw_term(TaskGraph.of(workflow)) == (
        "╭▸▶  probe  core.http\n"
        "┊ ├─╮  ok → report  · sets seen\n"
        "┊ ├─│─╮  tired → page, fail\n"
        "┊ │ │ │  otherwise → pause\n"
        "┊ │ ● │  report  core.echo\n"
        "┊ │   ●  page  core.echo\n"
        "┊ ●  pause  core.sleep\n"
        "╰┈╯  → ↺ probe\n"
    )


def test_nested_loops_and_a_join_on_a_terminal() -> None:
    text = """
    begin -> fork
    fork -> a b c
    a -> meet ? ok | fail
    b -> meet
    c -> d
    d -> meet c ? again
    meet (2) -> fork ? more | done
    done -> noop
    lone -> lone
    """
    assert draw_term(TaskGraph.of(sketch(text))) == (
        "    ▶  begin\n"
        "╭┈┈▸●  fork\n"
        "┊   ├─┬─╮  → a, b, c\n"
        "┊   ● │ │  a\n"
        "┊   ├─│─│─╮  ok → meet\n"
        "┊   ╵ │ │ │  otherwise → fail\n"
        "┊     ● │ │  b\n"
        "┊     ╰─│─┤  → meet\n"
        "┊ ╭┈┈┈┈▸● │  c\n"
        "┊ ┊     ● │  d\n"
        "┊ ╰┈┈┈┈┈┴─┤  again → meet, ↺ c\n"
        "┊         ◆  meet  [join 2 of 3]\n"
        "╰┈┈┈┈┈┈┈┈┈┤  more → ↺ fork\n"
        "          │  otherwise → done\n"
        "          ●  done\n"
        "          ╵  → noop\n"
        "  ╭▸○  lone\n"
        "  ╰┈╯  → ↺ lone\n"
    )


def test_a_loop_taken_from_two_places_has_one_line() -> None:
    text = "s -> a\na -> b\nb -> a ? x | c\nc -> a ? y | s2\ns2"
    lines = draw_term(TaskGraph.of(sketch(text))).splitlines()
    assert [line[:4].rstrip() for line in lines] == [
        "  ▶", "╭▸●", "┊ ●", "├┈┤", "┊ │", "┊ ●", "╰┈┤", "  │", "  ●"
    ]  # fmt: skip


def test_lines_pass_under_others_and_through_what_is_free() -> None:
    text = """
    s -> a b c
    a -> d
    b
    c -> d
    d -> e
    e -> d ? again | s ? anew | e ? still | f
    f -> s
    """
    assert draw_term(TaskGraph.of(sketch(text), ["s"])) == (
        "╭┈┈┈┈▸▶  s\n"
        "┊     ├─┬─╮  → a, b, c\n"
        "┊     ● │ │  a\n"
        "┊     │ ● │  b\n"
        "┊     │   ●  c\n"
        "┊     ├───╯  → d\n"
        "┊   ╭▸●  d\n"
        "┊ ╭┈┊▸●  e\n"
        "┊ ┊ ╰┈┤  again → ↺ d\n"
        "├┈┊┈┈┈┤  anew → ↺ s\n"
        "┊ ╰┈┈┈┤  still → ↺ e\n"
        "┊     │  otherwise → f\n"
        "┊     ●  f\n"
        "╰┈┈┈┈┈╯  → ↺ s\n"
    )


def test_a_task_that_one_transition_names_twice_is_drawn_so() -> None:
    graph = TaskGraph.of(sketch("a -> b b a a\nb"))
    assert draw_term(graph) == "╭▸●  a\n╰┈┤  → b, b, ↺ a, ↺ a\n  ●  b\n"
    assert [link.target for link in diagram_of(graph).links] == [1, 1, 0, 0]


def test_ascii_stands_for_lines_and_for_names() -> None:
    workflow = sketch("a -> b é ? c\nb -> a\né", start=["a"], words={"é": "é", "c": "x → y"})
    assert draw_term(TaskGraph.of(workflow), ascii_only=True) == (
        "+>>  a\n: |-+  x -> y -> b, \\xe9\n: * |  b\n+.+ |  -> ^ a\n    *  \\xe9\n"
    )


def test_too_many_rails_are_left_out() -> None:
    names = [f"n{at}" for at in range(230)]
    text = f"a -> {' '.join(names)}\n" + "\n".join(f"{name} -> end" for name in names) + "\nend"
    lines = draw_term(TaskGraph.of(sketch(text))).splitlines()
    assert lines[0] == "▶ a"
    assert lines[1].startswith("   → n0, n1, n2")
    assert len(lines[1]) <= 100
    assert "● n0" in lines
    assert "● end" in lines


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    graph = TaskGraph.of(sketch("a -> bb cc dd ? w\nbb\ncc\ndd", words={"w": "when" * 20}))
    for width in range(20, 90):
        lines = draw_term(graph, width=width).splitlines()
        assert all(cells(line) <= width for line in lines)
        assert "…" in lines[1]
        assert lines[1].endswith(("…", "→ bb, cc, dd"))


def test_colour_marks_names_loops_failures_and_starts() -> None:
    drawing = draw_term(TaskGraph.of(sketch(POLL, start=["probe"])), colour=True)
    for sequence in ("\x1b[1mprobe\x1b[0m", "\x1b[31mfail\x1b[0m", "\x1b[33m↺ probe\x1b[0m"):
        assert sequence in drawing
    assert "\x1b[32m▶\x1b[0m" in drawing


def test_a_condition_is_cut_before_what_it_leads_to() -> None:
    workflow = sketch("a -> b ? c\nb", words={"c": "x" * 200})
    line = draw_term(TaskGraph.of(workflow), width=60).splitlines()[1]
    assert line.endswith("x… → b")
    assert cells(line) == 60


def test_the_svg_says_what_it_is_and_marks_what_is_special() -> None:
    text = (
        POLL + "meet: core.noop (all) -> done x=\npage2 -> meet\npage3 -> meet\ndone -> continue\n"
    )
    root = parsed(TaskGraph.of(sketch(text, start=["probe", "page2", "page3"])))
    assert root.findtext(f"{SVG}title") == "sketch"
    assert root.findtext(f"{SVG}desc") == (
        "8 tasks, 7 transitions, 1 loop, 1 join. It starts at probe, page2, page3."
    )
    assert texts(root, "badge-text") == ["all"]
    assert texts(root, "when") == ["ok", "tired", "otherwise"]
    assert texts(root, "writes") == ["sets seen", "sets x"]
    assert texts(root, "end-text") == ["fail", "continue"]
    assert classes(root)["start"] == 3
    assert classes(root)["apart"] == 0


def test_what_is_out_of_reach_is_faint_unless_there_is_no_start_at_all() -> None:
    assert classes(parsed(TaskGraph.of(sketch("a\nb -> b"))))["apart"] == 1
    root = parsed(TaskGraph.of(sketch("b -> b")))
    assert classes(root)["apart"] == 0
    assert "It starts at nowhere by itself." in (root.findtext(f"{SVG}desc") or "")
    assert "dotted" in draw_dot(TaskGraph.of(sketch("a\nb -> b")))


def test_long_conditions_are_wrapped_and_whole_in_the_tooltip() -> None:
    words = {"c": "{{ succeeded() and result().status_code == 200 }}"}
    root = parsed(TaskGraph.of(sketch("a -> b ? c\nb", words=words)))
    assert texts(root, "when") == ["succeeded() and", "result().status_code == 200"]
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert "when succeeded() and result().status_code == 200" in titles


def test_what_goes_on_around_an_action_is_named() -> None:
    workflow = sketch("a: core.http")
    retry = Retry(count=Template(value=3, span=START_OF_FILE), span=START_OF_FILE)
    task = replace(workflow.tasks["a"], retry=retry, timeout=retry.count)
    root = parsed(TaskGraph.of(replace(workflow, tasks={"a": task})))
    assert texts(root, "what") == ["core.http · retry · timeout"]


def test_a_transition_that_only_ends_the_branch_is_not_drawn_unless_written() -> None:
    unsaid = TaskGraph.of(sketch("a -> x= ? c"))
    assert len(diagram_of(unsaid).nodes) == 1
    assert draw_term(unsaid) == "▶  a\n"
    assert len(diagram_of(TaskGraph.of(sketch("a -> continue x= ? c"))).nodes) == 3


def test_the_same_end_of_a_task_is_drawn_once() -> None:
    assert len(diagram_of(TaskGraph.of(sketch("a -> fail ? x | fail ? y"))).links) == 4
    assert len(diagram_of(TaskGraph.of(sketch("a -> fail ? x | fail ? y"))).nodes) == 4


def test_mermaid_escapes_text_and_marks_loops() -> None:
    text = POLL + "meet (all)"
    workflow = sketch(text, start=["probe"], words={"tired": 'a "b" | c', "page": "<p>"})
    assert draw_mermaid(TaskGraph.of(workflow)) == (
        "flowchart TD\n"
        '  t0(["probe<br/>core.http"])\n'
        '  t1["pause<br/>core.sleep"]\n'
        '  t2["#60;p#62;<br/>core.echo"]\n'
        '  t3["report<br/>core.echo"]\n'
        '  t4{{"meet<br/>join: all"}}\n'
        '  t0 -->|"ok<br/>sets seen"| t3\n'
        '  t0 -->|"a #34;b#34; #124; c"| t2\n'
        '  t0_1_fail(["fail"]):::fail\n'
        '  t0 -->|"a #34;b#34; #124; c"| t0_1_fail\n'
        '  t0 -->|"otherwise"| t1\n'
        '  t1 -.->|"↻"| t0\n'
        "  classDef fail fill:#fee2e2,stroke:#dc2626,color:#b91c1c\n"
        "  classDef end_ fill:#f1f5f9,stroke:#64748b,color:#475569\n"
        "  linkStyle 4 stroke:#b45309\n"
    )


def test_dot_escapes_text_and_marks_loops_and_joins() -> None:
    words = {"b": 'b"\\N', "c": "x"}
    drawing = draw_dot(TaskGraph.of(sketch("a -> b ? c | b\nb (all) -> a noop", words=words)))
    assert '  t1 [label="b\\"\\\\N\\njoin: all", color="#7c3aed"];\n' in drawing
    assert '  t1 -> t0 [label="", style=dashed, color="#b45309", constraint=false];\n' in drawing
    assert "  t1 [" in drawing
    assert '  t1_0_noop [label="noop", shape=oval, color="#64748b"];\n' in drawing


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@settings(deadline=None, max_examples=10)
@given(workflow=workflows())
def test_graphviz_reads_the_dot_text(workflow: Workflow) -> None:
    text = draw_dot(TaskGraph.of(workflow)).encode()
    done = subprocess.run(["dot", "-Tcanon"], input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_description_of_a_small_workflow() -> None:
    text = "a: act -> j ? c | b x=\nb -> j a\nj (all) -> fail"
    found = describe(TaskGraph.of(sketch(text), ["a"]))
    assert found["entry_points"] == []
    assert found["starts"] == ["a"]
    assert found["tasks"] == [
        {
            "task": task,
            "action": action,
            "join": join,
            "reachable": True,
            "in_cycle": in_cycle,
            "split": False,
        }
        for task, action, join, in_cycle in [
            ("a", "act", None, True),
            ("b", None, None, True),
            ("j", None, "all", False),
        ]
    ]
    assert found["joins"] == [
        {"task": "j", "needed": 2, "sources": ["a", "b"], "dominator": "a"},
    ]
    assert found["loop_edges"] == [{"source": "b", "index": 0, "ordinal": 1, "target": "a"}]
    transitions = found["transitions"]
    assert isinstance(transitions, list)
    assert transitions[1] == {
        "source": "a",
        "index": 1,
        "ordinal": 0,
        "target": "b",
        "command": False,
        "when": None,
        "publish": ["x"],
        "loop": False,
    }
    assert [each["target"] for each in transitions if each["command"]] == ["fail"]


def test_no_drawing_writes_a_character_that_cannot_be_seen() -> None:
    workflow = sketch("a -> b ? c\nb", words={"a": "x\x07\x1b]0;y\x07", "c": "\x9b31m"})
    graph = TaskGraph.of(workflow)
    for drawing in (draw_svg(graph), draw_mermaid(graph), draw_dot(graph), draw_term(graph)):
        odd = {char for char in drawing if unicodedata.category(char)[0] == "C" and char != "\n"}
        assert odd == set()
