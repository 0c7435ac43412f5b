"""A task is canceled with its execution, and not because its items failed."""

import json
import random

from tests.support.pretended import Pretended, any_items

from segue.core import events as e


def any_questions(chance: random.Random) -> str:
    """Return a workflow that asks several people, whose failure is dealt with."""
    task = {
        "with": any_items(chance),
        "action": "core.ask",
        "input": {"message": "?"},
        "timeout": chance.choice([0.5, 1, 2]),
        "retry": {"count": chance.randint(0, 1)},
        "next": [{"do": "noop"}],
    }
    return json.dumps({"segue": 1, "tasks": {"ask": task}})


def test_a_task_is_not_canceled_where_the_rest_of_its_questions_is_withdrawn() -> None:
    withdrawn = 0
    for seed in range(40):
        chance = random.Random(seed)
        run = Pretended(any_questions(chance), chance, late=0.0)
        run.run()
        happened = [one.event for one in run.events]
        if any(isinstance(event, e.CancelRequested) for event in happened):
            continue
        withdrawn += any(isinstance(event, e.ItemCancelRequested) for event in happened)
        assert not any(isinstance(event, e.TaskCanceled) for event in happened), seed
    assert withdrawn > 0, "no question was withdrawn"
