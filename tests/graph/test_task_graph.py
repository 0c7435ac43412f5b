"""What the graph says about a workflow, on small ones drawn by hand."""

import pytest
from tests.graph.sketches import feeders, sketch

from segue.graph.task_graph import Edge, TaskGraph

POLL = """
probe -> report ? ok | page fail ? tired | pause
pause -> probe
page
report
"""

FORK_IN_A_LOOP = """
begin -> fork
fork -> left right
left -> meet
right -> meet
meet (all) -> fork ? again | finish
finish
"""

FED_FROM_BESIDE_A_LOOP = """
probe -> a b wait
wait -> probe
a -> j
b -> j
j (all)
"""


def pairs(edges: tuple[Edge, ...]) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in edges]


def test_edges_come_in_the_order_of_the_file_and_leave_out_engine_commands() -> None:
    graph = TaskGraph.of(sketch(POLL))
    assert graph.tasks == ("probe", "pause", "page", "report")
    assert graph.edges == (
        Edge("probe", 0, 0, "report"),
        Edge("probe", 1, 0, "page"),
        Edge("probe", 2, 0, "pause"),
        Edge("pause", 0, 0, "probe"),
    )
    assert graph.outbound("pause") == (Edge("pause", 0, 0, "probe"),)
    assert graph.inbound("probe") == (Edge("pause", 0, 0, "probe"),)


def test_neighbours_are_named_once_however_many_transitions_there_are() -> None:
    graph = TaskGraph.of(sketch("a -> b b ? x | b c\nb\nc"))
    assert len(graph.outbound("a")) == 4
    assert graph.successors("a") == ("b", "c")
    assert graph.predecessors("b") == ("a",)


def test_names_that_are_no_tasks_have_no_edges() -> None:
    assert TaskGraph.of(sketch("a -> nowhere b\nb")).edges == (Edge("a", 0, 1, "b"),)


def test_tasks_without_an_inbound_transition_are_the_entry_points() -> None:
    graph = TaskGraph.of(sketch("a -> c\nb -> c\nc -> c ? more"))
    assert graph.entry_points == graph.starts == ("a", "b")


def test_declared_starts_come_before_entry_points_and_given_ones_before_both() -> None:
    workflow = sketch("a -> b\nb -> c\nc -> b", start=("b", "missing", "b"))
    assert TaskGraph.of(workflow).starts == ("b",), "once, and only what is a task"
    assert TaskGraph.of(workflow, ["c"]).starts == ("c",)
    assert TaskGraph.of(workflow).entry_points == ("a",)
    assert TaskGraph.of(workflow).reachable == {"b", "c"}


def test_a_pure_cycle_has_no_start_of_its_own() -> None:
    graph = TaskGraph.of(sketch("a -> b\nb -> a"))
    assert graph.starts == ()
    assert graph.reachable == frozenset()


def test_a_given_start_that_is_no_task_is_refused() -> None:
    with pytest.raises(ValueError, match="no such task: x, y"):
        TaskGraph.of(sketch("a"), ["x", "a", "y"])


def test_join_all_needs_every_distinct_source_and_a_number_is_kept() -> None:
    graph = TaskGraph.of(sketch("a -> j j | k\nb -> j k\nj (all)\nk (1)\nn (0)"))
    assert (graph.joins["j"].needed, graph.joins["j"].sources) == (2, ("a", "b"))
    assert graph.joins["k"].needed == 1
    assert graph.joins["n"].needed == 1, "0 counts as 1"
    assert set(graph.joins) == {"j", "k", "n"}


def test_the_dominator_of_a_join_is_where_its_branches_part() -> None:
    assert TaskGraph.of(sketch(FORK_IN_A_LOOP)).joins["meet"].dominator == "fork"
    assert TaskGraph.of(sketch(FED_FROM_BESIDE_A_LOOP), ["probe"]).joins["j"].dominator == "probe"


def test_branches_from_several_starts_part_at_the_virtual_root() -> None:
    assert TaskGraph.of(sketch("a -> j\nb -> j\nj (all)")).joins["j"].dominator is None


def test_a_join_that_is_a_start_or_out_of_reach_has_no_dominator() -> None:
    text = "a -> b c\nb -> j\nc -> j\nj (all)"
    assert TaskGraph.of(sketch(text), ["j", "a"]).joins["j"].dominator is None
    assert TaskGraph.of(sketch(text), ["j"]).joins["j"].dominator is None
    assert TaskGraph.of(sketch(text + "\nlone")).joins["j"].dominator == "a"
    assert TaskGraph.of(sketch(text + "\nlone"), ["lone"]).joins["j"].dominator is None


def test_feeders_of_a_fork_are_the_arms_that_a_branch_can_still_take() -> None:
    join = TaskGraph.of(sketch(FORK_IN_A_LOOP)).joins["meet"]
    assert feeders(join) == {
        "fork": {"left", "right"},
        "left": {"left"},
        "right": {"right"},
    }, "begin comes before the dominator, and meet goes on to another round"


def test_a_loop_past_the_dominator_feeds_only_later_rounds() -> None:
    join = TaskGraph.of(sketch(FED_FROM_BESIDE_A_LOOP), ["probe"]).joins["j"]
    assert "wait" not in feeders(join)
    assert feeders(join)["probe"] == {"a", "b"}
    assert join.reaches == {"probe", "wait", "a", "b"}


def test_rounds_can_begin_again_from_where_a_path_leads_to_the_dominator() -> None:
    join = TaskGraph.of(sketch(FED_FROM_BESIDE_A_LOOP), ["probe"]).joins["j"]
    assert join.renewed_from == {"probe", "wait"}
    assert TaskGraph.of(sketch("a -> j\nb -> j\nj (all)")).joins["j"].renewed_from == frozenset()


def test_a_joined_task_feeds_the_round_that_its_firing_began() -> None:
    text = "a -> j\nj (1) -> k ? again | j ? at_once | done\nk -> j\ndone"
    join = TaskGraph.of(sketch(text)).joins["j"]
    assert join.sources == ("a", "j", "k")
    assert feeders(join)["j"] == {"j", "k"}
    assert feeders(join)["k"] == {"k"}
    assert feeders(join)["a"] == {"a"}
    assert "j" in join.reaches


def test_a_loop_inside_one_arm_keeps_feeding_the_round() -> None:
    text = "f -> a b\na -> c\nc -> a ? again | j\nb -> j\nj (all)"
    fed = feeders(TaskGraph.of(sketch(text)).joins["j"])
    assert fed["a"] == {"c"}
    assert fed["c"] == {"c"}


def test_splits_are_tasks_named_twice_that_do_not_join() -> None:
    graph = TaskGraph.of(sketch("a -> b c\nb -> d e e\nc -> d j\nd -> j\ne\nj (all)"))
    assert graph.splits == ("d", "e")


def test_cycles_are_found_by_component_self_loops_included() -> None:
    graph = TaskGraph.of(sketch("a -> b\nb -> c\nc -> b ? x | d\nd -> d ? y | e\ne"))
    assert graph.cycles == (("b", "c"), ("d",))
    assert [task for task in graph.tasks if graph.in_cycle(task)] == ["b", "c", "d"]


def test_loop_edges_follow_the_declared_order_whatever_the_order_of_the_file() -> None:
    assert pairs(TaskGraph.of(sketch(POLL)).loop_edges) == [("pause", "probe")]
    shuffled = "pause -> probe\nprobe -> report ? ok | pause\nreport\nbegin -> probe"
    assert pairs(TaskGraph.of(sketch(shuffled)).loop_edges) == [("pause", "probe")]


def test_every_parallel_edge_that_closes_a_loop_is_a_loop_edge() -> None:
    graph = TaskGraph.of(sketch("a -> b a\nb -> a ? x | a c\nc"))
    assert pairs(graph.loop_edges) == [("a", "a"), ("b", "a"), ("b", "a")]


def test_loops_out_of_reach_are_opened_too() -> None:
    graph = TaskGraph.of(sketch("a\nb -> c\nc -> b"))
    assert pairs(graph.loop_edges) == [("c", "b")]


@pytest.mark.parametrize(
    "text",
    [
        "a -> b\nb -> a",
        "a -> b ? x | a\nb -> a",
        "a -> b\nb -> a | out\nout",
        "a -> b\nb -> a out\nout",
        "a -> b\nb * -> out ? x | a\nout",
        "a -> b noop\nb -> a",
    ],
)
def test_a_cycle_in_which_every_task_always_goes_on_has_no_exit(text: str) -> None:
    assert TaskGraph.of(sketch(text), ["a"]).cycles_without_exit == (("a", "b"),)


@pytest.mark.parametrize(
    "text",
    [
        "a -> b\nb -> a ? x",
        "a -> b\nb -> out ? x | a\nout",
        "a -> b\nb -> noop ? x | a",
        "a -> b\nb -> a fail",
        "a -> b\nb * -> a ? x | b ? y",
    ],
)
def test_a_cycle_that_a_branch_can_leave_or_end_in_has_an_exit(text: str) -> None:
    assert TaskGraph.of(sketch(text), ["a"]).cycles_without_exit == ()


def test_a_cycle_out_of_reach_is_not_reported_as_one_without_exit() -> None:
    assert TaskGraph.of(sketch("a\nb -> c\nc -> b")).cycles_without_exit == ()


def test_a_join_that_gets_too_few_from_the_starts_is_unsatisfiable() -> None:
    workflow = sketch("a -> j\nb -> j\nc\nj (all)")
    assert TaskGraph.of(workflow).unsatisfiable_joins == ()
    assert TaskGraph.of(workflow, ["a"]).unsatisfiable_joins == ("j",)
    assert TaskGraph.of(workflow, ["c"]).unsatisfiable_joins == (), "nobody comes to it"
    assert TaskGraph.of(workflow, ["j"]).unsatisfiable_joins == (), "started at, it runs"


def test_a_join_at_the_head_of_a_loop_cannot_wait_for_the_loop() -> None:
    text = "a -> j\nj (all) -> work\nwork -> j ? again | k\nk (1)"
    assert TaskGraph.of(sketch(text)).unsatisfiable_joins == ("j",)
    assert TaskGraph.of(sketch(text), ["j"]).unsatisfiable_joins == ("j",), "one short"
    assert TaskGraph.of(sketch(text), ["j", "a"]).unsatisfiable_joins == ()


def test_what_follows_a_join_that_cannot_fire_does_not_count() -> None:
    text = "a -> j k\nb -> j\nj (all) -> k\nk (all)"
    assert TaskGraph.of(sketch(text), ["a"]).unsatisfiable_joins == ("j", "k")


@pytest.mark.parametrize("shape", ["chain", "ladder", "state machine", "fan", "loops to the head"])
def test_five_thousand_tasks_are_no_trouble(shape: str) -> None:
    last = 4999
    line = {
        "chain": lambda n: f"t{n} -> t{n + 1} join",
        "ladder": lambda n: f"t{n} (1) -> t{n + 1} t{min(n + 2, last)}",
        "state machine": lambda n: f"t{n} -> t{max(n - 1, 0)} ? back | t{n + 1} join",
        "fan": lambda n: (
            f"t{n} -> join" if n else f"t0 -> {' '.join(f't{m}' for m in range(1, 5000))}"
        ),
        "loops to the head": lambda n: f"t{n} -> t1 ? back | t{n + 1}",
    }[shape]
    text = "\n".join(map(line, range(last))) + f"\nt{last} -> join\njoin (all)"
    graph = TaskGraph.of(sketch(text), ["t0"])
    join = graph.joins["join"]
    assert len(graph.reachable) == 5001
    end = f"t{last}"
    assert join.feeder_bits[end] == join.bits([end]) or shape == "state machine"
    assert graph.loop_edges or shape in {"chain", "ladder", "fan"}
    assert graph.cycles or shape in {"chain", "ladder", "fan"}
    assert graph.cycles_without_exit in {(), graph.cycles}
    assert graph.unsatisfiable_joins == ()


def test_feeders_are_right_for_a_thousand_sources() -> None:
    text = "\n".join(f"t{n} -> t{n + 1} j" for n in range(1100)) + "\nt1100 -> j\nj (1)"
    bits = TaskGraph.of(sketch(text)).joins["j"].feeder_bits
    assert [bits[f"t{n}"].bit_count() for n in range(1101)] == list(range(1101, 0, -1))
