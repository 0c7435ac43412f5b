"""What is not the same after a conversion, in words for people.

docs/convert.md tells of each, and `segue explain ID` prints it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Change(StrEnum):
    """The ids. An id is stable: once released it never means something else."""

    MERGED_DEEPLY = "merged-deeply"
    ENDS_OF_BRANCHES = "ends-of-branches"
    LOST_JOIN = "lost-join"
    ERRORS_HANDLED = "errors-handled"
    ALWAYS_HOLDS = "always-holds"
    TASKS_ASKED_FOR = "tasks-asked-for"
    NOTHING_THERE = "nothing-there"
    ITEMS_AFTER_FAILURE = "items-after-failure"
    ITEMS_TRIED_AGAIN = "items-tried-again"
    PARTS_OF_ITEMS = "parts-of-items"
    PARAMETER_WRITTEN = "parameter-written"
    ERRORS_IN_OUTPUT = "errors-in-output"
    ACTIONS_CHECKED = "actions-checked"
    NEVER_USED = "never-used"
    WRITTEN_ANEW = "written-anew"
    NO_NATIVE_FORM = "no-native-form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What there is to tell: what was, what is, and what to do where that matters."""

    id: Change
    title: str
    before: str
    after: str
    advice: str


_EXPLAINED: Final = (
    Explained(
        id=Change.MERGED_DEEPLY,
        title="a published mapping replaces the former one",
        before="A mapping that is published into a variable that holds one is merged into it, key "
        "by key, at every depth; so are those that branches bring to a join.",
        after="What is published replaces what was there; where branches meet, the last one that "
        "wrote the variable wins.",
        advice="Publish all of it, or each part into a variable of its own.",
    ),
    Explained(
        id=Change.ENDS_OF_BRANCHES,
        title="the output sees the branches as they ended",
        before="The ends of branches are merged for the output in the order in which their last "
        "tasks started, and of an execution that failed only branches that had ended count.",
        after="They are merged in the order in which they ended, and all of them count, wherever "
        "they stood.",
        advice="Let branches publish variables with different names, or join them.",
    ),
    Explained(
        id=Change.LOST_JOIN,
        title="a join that can't be satisfied fails at once",
        before="A join for which not enough branches came is an error when all else is over.",
        after="It is an error as soon as that is certain; what runs is let finish, nothing else "
        "begins.",
        advice="Nothing, unless other branches have to come to their ends first: then set "
        "`unhandled_failure: finish_branches`.",
    ),
    Explained(
        id=Change.ERRORS_HANDLED,
        title="an error in an expression of a task fails that task",
        before="An expression that can't be evaluated before a task runs fails the execution.",
        after="It fails the task, and transitions that are taken after a failure are taken.",
        advice="Nothing, if that is as good a failure as any other.",
    ),
    Explained(
        id=Change.ALWAYS_HOLDS,
        title="a condition that is text always holds",
        before="A `when` that is not exactly one expression gives text, and text that is not empty "
        "holds. Blanks around the expression are enough for that.",
        after="It is written as `completed()`, which always holds, too.",
        advice="It was most probably meant otherwise: write the expression that was meant.",
    ),
    Explained(
        id=Change.TASKS_ASKED_FOR,
        title="task() knows the past of its branch",
        before="`task()` and `task_status()` know the latest visit of a task on the route, in "
        "whatever branch it is in, running or not.",
        after="They know those that the branch has passed.",
        advice="Join the branches before asking, or publish what has to be known.",
    ),
    Explained(
        id=Change.NOTHING_THERE,
        title="a result or item that is not there is an error",
        before="`result()` and `item()` give null where there is none.",
        after="That is an error.",
        advice="Take it out, or write `null`.",
    ),
    Explained(
        id=Change.ITEMS_AFTER_FAILURE,
        title="no item starts after one has failed",
        before="After an item has failed others still start as long as some of them run.",
        after="What runs is let finish, and no further item starts.",
        advice="Set `on_item_failure: continue` if all of the items are to be run.",
    ),
    Explained(
        id=Change.ITEMS_TRIED_AGAIN,
        title="a retry runs the items again that did not succeed",
        before="A retry runs all of the items again.",
        after="It runs those that did not succeed; the results of the others are kept.",
        advice="Nothing, unless the items depend on one another.",
    ),
    Explained(
        id=Change.PARTS_OF_ITEMS,
        title="items are taken apart only where several names are given",
        before="With one name, an item that is a list is taken apart: the name is its first "
        "element. With several names there may be more or fewer elements than names.",
        after="With one name it is the whole item. With several there must be as many elements.",
        advice="Give the items as many parts as there are names.",
    ),
    Explained(
        id=Change.PARAMETER_WRITTEN,
        title="an input and a variable of the same name are one",
        before="In Attune `parameters.x` stays what was given, whatever is published as `x`.",
        after="There is one variable of the name: what is published replaces what was given.",
        advice="Give one of the two another name.",
    ),
    Explained(
        id=Change.ERRORS_IN_OUTPUT,
        title="an error in the output fails the execution",
        before="In Attune an entry of the output that can't be evaluated is left out.",
        after="It is left out, and the execution has failed.",
        advice="Write `default(...)` where something need not be there.",
    ),
    Explained(
        id=Change.ACTIONS_CHECKED,
        title="an action has to be there, and to take what it is given",
        before="A call of an action `core.x` that Segue does not have, or with what its own "
        "actions do not take, fails when the task is run.",
        after="It keeps the workflow from being run at all.",
        advice="Change the call, or call an action of yours by another name.",
    ),
    Explained(
        id=Change.NEVER_USED,
        title="what has never been used is left out",
        before="It is there, and has no effect.",
        after="It is not there: it would be an error, or have an effect.",
        advice="Look whether it was meant to have one.",
    ),
    Explained(
        id=Change.WRITTEN_ANEW,
        title="the file is written anew",
        before="Anchors, merge keys or layout that the changes could not be made in.",
        after="The result is written from what the file means. Comments above tasks and keys are "
        "kept, others are not.",
        advice="Look through it, and bring over the comments that are missing.",
    ),
    Explained(
        id=Change.NO_NATIVE_FORM,
        title="there is no native form",
        before="It is accepted, and mostly fails when it is run.",
        after="It would be an error that keeps the workflow from running.",
        advice="Change it in the file first.",
    ),
)

#: By id, in the order of the page.
CHANGES: Final[Mapping[Change, Explained]] = {each.id: each for each in _EXPLAINED}
