"""The graph against answers found by brute force, on random graphs."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.graph.sketches import feeders, sketch

from segue.graph.task_graph import TaskGraph

NAMES = [f"t{number}" for number in range(7)]
some = st.lists(st.sampled_from(NAMES), max_size=3)


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines = []
    for name in NAMES:
        join = draw(st.sampled_from(["", "", " (all)", " (1)", " (2)"]))
        transitions = [" ".join(targets) for targets in draw(st.lists(some, max_size=2)) if targets]
        arrow = f" -> {' | '.join(transitions)}" if transitions else ""
        lines.append(f"{name}{join}{arrow}")
    return "\n".join(lines)


starts = st.lists(st.sampled_from(NAMES), max_size=2)


def graph_of(text: str, start: list[str]) -> TaskGraph:
    return TaskGraph.of(sketch(text), start)


def reached(graph: TaskGraph, roots: list[str], without: set[str | None]) -> set[str]:
    """What can be reached from the roots on paths on which no later task is among `without`."""
    found = set(roots)
    waiting = list(roots)
    while waiting:
        for target in graph.successors(waiting.pop()):
            if target not in found and target not in without:
                found.add(target)
                waiting.append(target)
    return found


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=texts(), start=starts)
def test_the_dominator_is_the_nearest_task_that_every_path_passes(
    text: str, start: list[str]
) -> None:
    graph = graph_of(text, start)
    assert graph.reachable == reached(graph, list(graph.starts), set())
    dominators = {
        task: {
            other
            for other in graph.reachable
            if other == task
            or task not in reached(graph, [s for s in graph.starts if s != other], {other})
        }
        for task in graph.reachable
    }
    for join in graph.joins.values():
        strict = dominators.get(join.task, {join.task}) - {join.task}
        nearest = next((task for task in strict if strict == dominators[task]), None)
        assert join.dominator == nearest, f"of {join.task}, {strict} strictly"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=texts(), start=starts)
def test_feeders_are_the_sources_at_the_end_of_a_path_within_the_round(
    text: str, start: list[str]
) -> None:
    graph = graph_of(text, start)
    for join in graph.joins.values():
        begin = {join.task, join.dominator}
        expected = {
            task: feeding
            for task in graph.tasks
            if (feeding := reached(graph, [task], begin) & set(join.sources))
        }
        assert feeders(join) == expected, f"of {join.task}, dominator {join.dominator}"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=texts(), start=starts)
def test_a_join_is_reached_from_where_a_path_leads_to_it(text: str, start: list[str]) -> None:
    graph = graph_of(text, start)
    for join in graph.joins.values():
        expected = {
            task
            for task in graph.tasks
            if join.task in reached(graph, list(graph.successors(task)), set())
        }
        assert join.reaches == expected
        assert join.renewed_from == {
            task
            for task in graph.tasks
            if join.dominator in reached(graph, list(graph.successors(task)), set())
        }


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=texts(), start=starts)
def test_without_its_loop_edges_a_graph_has_no_cycle_and_each_closes_one(
    text: str, start: list[str]
) -> None:
    graph = graph_of(text, start)
    forward = [edge for edge in graph.edges if edge not in graph.loop_edges]
    left = set(graph.tasks)
    while free := left - {edge.target for edge in forward if edge.source in left}:
        left -= free
    assert left == set(), "some tasks are left in a cycle of forward edges"
    for edge in graph.loop_edges:
        assert edge.source in reached(graph, [edge.target], set())
        assert graph.in_cycle(edge.source)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=texts())
def test_cycles_are_the_tasks_that_can_reach_each_other(text: str) -> None:
    graph = graph_of(text, [])
    after = {task: reached(graph, list(graph.successors(task)), set()) for task in graph.tasks}
    expected = {
        tuple(other for other in graph.tasks if other in after[task] and task in after[other])
        for task in graph.tasks
        if task in after[task]
    }
    assert set(graph.cycles) == expected
    assert len(graph.cycles) == len(expected)
