"""Merging contexts is exact: compared with an oracle that knows the whole causal past."""

from dataclasses import dataclass, field
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from rpds import HashTrieMap

from segue.core import context as contexts
from segue.core.context import Context
from segue.values import JsonValue

NAMES = ("x", "y")


@dataclass
class Oracle:
    """A branch that remembers every write in its past, and which one it holds."""

    held: dict[str, int] = field(default_factory=dict)
    past: dict[str, frozenset[int]] = field(default_factory=dict)

    def fork(self) -> "Oracle":
        return Oracle(dict(self.held), dict(self.past))

    def write(self, name: str, write: int) -> None:
        self.held[name] = write
        self.past[name] = self.past.get(name, frozenset()) | {write}

    def meet(self, later: "Oracle") -> "Oracle":
        met = Oracle()
        for name in NAMES:
            ours, theirs = self.held.get(name), later.held.get(name)
            our_past, their_past = (one.past.get(name, frozenset()) for one in (self, later))
            if ours is None and theirs is None:
                continue
            # Theirs is no news if we have seen it, unless it is what we hold too.
            seen = theirs is None or (ours is not None and theirs in our_past)
            winner = ours if seen else theirs
            assert winner is not None
            met.held[name] = winner
            met.past[name] = our_past | their_past
        return met


@dataclass
class Side:
    """A branch twice: as it is, and as it ought to be."""

    context: Context
    oracle: Oracle


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 5), st.sampled_from(NAMES)),
        st.tuples(st.just("fork"), st.integers(0, 5), st.just("")),
        st.tuples(st.just("meet"), st.integers(0, 5), st.integers(0, 5).map(str)),
        st.tuples(st.just("end"), st.integers(0, 5), st.just("")),
    ),
    max_size=60,
)


def taken(sides: list[Side], steps: list[tuple[str, int, str]], *, deep: bool) -> int:
    """Take the steps on both sides, compare after each; return the most ids ever kept."""
    most = 0
    for number, (step, at, more) in enumerate(steps, 1):
        side = sides[at % len(sides)]
        if step == "write":
            side.oracle.write(more, number)
            context = contexts.write(side.context, more, number, number, deep=deep)
            others = [one.context for one in sides]
            side.context = contexts.prune(context, [more], len(sides), partial(list, others))
        elif step == "fork":
            sides.append(Side(side.context, side.oracle.fork()))
        elif len(sides) > 1 and step == "end":
            sides.remove(side)
        elif step == "meet" and sides[int(more) % len(sides)] is not side:
            later = sides[int(more) % len(sides)]
            sides.remove(later)
            side.oracle = side.oracle.meet(later.oracle)
            met = contexts.merge(side.context, later.context)
            others = [one.context for one in sides if one is not side]
            side.context = contexts.prune(met, met, len(sides), partial(list, others))
        for one in sides:
            assert dict(contexts.Variables(one.context)) == one.oracle.held
            kept = [len(register.overwritten) for register in one.context.values()]
            most = max([most, *kept])
    return most


@settings(max_examples=400, deadline=None, derandomize=True)
@given(STEPS)
def test_of_two_branches_the_last_that_wrote_wins_whatever_the_forks(
    steps: list[tuple[str, int, str]],
) -> None:
    sides = [Side(contexts.empty(), Oracle())]
    taken(sides, steps, deep=False)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(STEPS)
def test_deep_merging_decides_the_same_for_values_that_are_no_mappings(
    steps: list[tuple[str, int, str]],
) -> None:
    sides = [Side(contexts.empty(), Oracle())]
    taken(sides, steps, deep=True)


VALUES: st.SearchStrategy[JsonValue] = st.sampled_from([None, {}, {"k": 1}, {"l": 2}])
DEEP_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 5), VALUES),
        st.tuples(st.sampled_from(["fork", "end", "join"]), st.integers(0, 5), st.integers(0, 5)),
    ),
    min_size=8,
    max_size=40,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(DEEP_STEPS)
def test_forgetting_what_no_other_branch_holds_changes_nothing(
    steps: list[tuple[str, int, JsonValue]],
) -> None:
    # Each branch twice: with and without pruning.
    sides = [(contexts.empty(), contexts.empty())] * 4

    def pruned(context: Context) -> Context:
        others = [one for one, _ in sides]
        return contexts.prune(context, context, -contexts.PRUNE_ABOVE, lambda: others)

    for number, (step, at, more) in enumerate(steps, 1):
        side = sides.pop(at % len(sides))
        if step == "write":
            ours, full = (contexts.write(one, "x", more, number, deep=True) for one in side)
            sides.append((pruned(ours), full))
        elif step == "join" and sides:
            assert isinstance(more, int)
            later = sides.pop(more % len(sides))
            ours, full = (contexts.merge(*pair) for pair in zip(side, later, strict=True))
            sides.append((pruned(ours), full))
        elif step == "fork":
            sides += [side, side]
        elif step == "join" or not sides:
            sides.append(side)
        for ours, full in sides:
            assert dict(contexts.Variables(ours)) == dict(contexts.Variables(full))


def test_what_is_remembered_does_not_grow_with_the_turns_of_a_loop() -> None:
    sides = [Side(contexts.empty(), Oracle())]
    start = [("write", 0, "x"), ("fork", 0, "")]  # a branch that lives all the while
    turns = [("write", 0, "x"), ("fork", 0, ""), ("write", 2, "y"), ("meet", 0, "2")] * 500
    assert taken(sides, start + turns, deep=False) <= 3 * (contexts.PRUNE_ABOVE + 2 * 3)


def test_publishing_an_equal_value_is_a_write() -> None:
    base = contexts.write(contexts.empty(), "x", 1, 1, deep=False)
    wrote = contexts.write(base, "x", 1, 2, deep=False)
    other = contexts.write(base, "x", 5, 3, deep=False)
    assert contexts.merge(other, wrote)["x"].value == 1
    assert contexts.merge(wrote, other)["x"].value == 5


def test_a_branch_that_did_not_write_never_restores_an_old_value() -> None:
    base = contexts.write(contexts.empty(), "x", "old", 1, deep=False)
    wrote = contexts.write(base, "x", "new", 2, deep=False)
    assert contexts.merge(wrote, base)["x"].value == "new"
    assert contexts.merge(base, wrote)["x"].value == "new"


def test_variables_are_a_mapping_in_order_of_name() -> None:
    context: Context = HashTrieMap()
    for name in ("b", "a"):
        context = contexts.write(context, name, name.upper(), 1, deep=False)
    variables = contexts.Variables(context)
    assert list(variables) == ["a", "b"]
    assert len(variables) == 2
    assert "a" in variables
    assert "z" not in variables
    assert variables["a"] == "A"
