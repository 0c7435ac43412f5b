"""Deep merging: mappings are merged key by key, and each key follows the rule of writers."""

from segue.core import context as contexts
from segue.core.context import Context
from segue.values import JsonValue

WRITES = iter(range(1, 10_000))


def publish(context: Context, name: str, value: JsonValue) -> Context:
    return contexts.write(context, name, value, next(WRITES), deep=True)


def merged(earlier: Context, later: Context) -> JsonValue:
    return contexts.merge(earlier, later)["d"].value


BASE = publish(contexts.empty(), "d", {"base": 1, "deep": {"a": 1}})


def test_publishing_a_mapping_keeps_the_other_keys() -> None:
    assert publish(BASE, "d", {"deep": {"b": 2}})["d"].value == {
        "base": 1,
        "deep": {"a": 1, "b": 2},
    }


def test_two_branches_that_wrote_different_keys_both_keep_them() -> None:
    one = publish(BASE, "d", {"deep": {"b": 2}})
    two = publish(BASE, "d", {"deep": {"c": 3}})
    assert merged(one, two) == {"base": 1, "deep": {"a": 1, "b": 2, "c": 3}}


def test_of_two_that_wrote_the_same_key_the_later_wins() -> None:
    one = publish(BASE, "d", {"base": "one"})
    two = publish(BASE, "d", {"base": "two"})
    assert merged(one, two) == {"base": "two", "deep": {"a": 1}}
    assert merged(two, one) == {"base": "one", "deep": {"a": 1}}


def test_a_key_that_a_branch_merely_holds_is_not_restored() -> None:
    one = publish(BASE, "d", {"base": "new"})
    assert merged(one, BASE) == {"base": "new", "deep": {"a": 1}}
    assert merged(BASE, one) == {"base": "new", "deep": {"a": 1}}


def test_lists_and_scalars_replace_a_mapping_and_are_replaced_by_one() -> None:
    scalar = publish(BASE, "d", 5)
    assert scalar["d"].value == 5
    again = publish(scalar, "d", {"c": 1})
    assert again["d"].value == {"c": 1}
    assert merged(again, BASE) == {"c": 1}
    assert merged(BASE, again) == {"c": 1}
    assert merged(BASE, scalar) == 5
    assert merged(scalar, BASE) == 5


def test_mappings_made_anew_in_two_branches_are_merged_and_stem_from_both() -> None:
    nothing = contexts.empty()
    one = publish(nothing, "d", {"a": 1})
    two = publish(nothing, "d", {"b": 2})
    met = contexts.merge(one, two)
    assert met["d"].value == {"a": 1, "b": 2}
    went_on = publish(one, "d", {"e": 4})
    assert merged(met, went_on) == {"a": 1, "b": 2, "e": 4}
    assert merged(went_on, met) == {"a": 1, "e": 4, "b": 2}


def test_a_value_against_a_mapping_is_decided_by_arrival_if_both_wrote() -> None:
    nothing = contexts.empty()
    one = publish(nothing, "d", {"a": 1})
    two = publish(nothing, "d", 5)
    assert merged(one, two) == 5
    assert merged(two, one) == {"a": 1}


def test_a_mapping_published_twice_by_one_branch_does_not_grow() -> None:
    context = BASE
    for number in range(300):
        context = publish(context, "d", {"n": number, "deep": {"a": number}})
        context = contexts.prune(context, ["d"], 1, lambda: [BASE])
    register = context["d"]
    assert register.parts is not None
    part = register.parts["n"]
    assert len(part.overwritten) <= contexts.PRUNE_ABOVE + 3
    assert register.value == {"base": 1, "deep": {"a": 299}, "n": 299}
