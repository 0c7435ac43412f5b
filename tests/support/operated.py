"""A workflow conducted by hand on which people act: pause, resume, cancel, answer, rerun."""

from collections.abc import Mapping

from tests.support.conducted import Conducted

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.rerun_plan import RerunPlan, RerunRequest, Target
from segue.core.rerunning import plan_rerun
from segue.core.status import Status
from segue.core.view import ItemsView
from segue.values import JsonValue


class Operated(Conducted):
    """One execution through the pure core, with its items, and with what people ask of it."""

    # -- items and questions -------------------------------------------------------------------

    def succeed_item(self, task: str, item: int, result: JsonValue = None) -> list[str]:
        return self._end_item(task, item, s.Succeeded(result=result))

    def fail_item(self, task: str, item: int, message: str = "boom") -> list[str]:
        return self._end_item(task, item, s.Failed(message=message))

    def time_out_item(self, task: str, item: int) -> list[str]:
        return self._end_item(task, item, s.TimedOut(seconds=5))

    def end_item_canceled(self, task: str, item: int) -> list[str]:
        return self._end_item(task, item, s.Canceled())

    def change(self, task: str, status: Status, item: int | None = None) -> list[str]:
        """Say that what runs goes on in another way: pending, paused, running again."""
        visit, attempt = self._attempt_of(task)
        return self.give(
            s.AttemptChanged(task=task, visit=visit, attempt=attempt, status=status, item=item)
        )

    def expire(self, task: str, seconds: float, item: int | None = None) -> list[str]:
        """Say that nobody has answered a question in time."""
        visit, attempt = self._attempt_of(task)
        return self.give(
            s.QuestionExpired(task=task, visit=visit, attempt=attempt, seconds=seconds, item=item)
        )

    def open_items(self, task: str) -> list[int]:
        """Return the items of a task that run, or wait for a person."""
        found = next(one for one in self.state.living() if one.task == task)
        assert found.items is not None, f"{task} has no items that were begun"
        return sorted(found.items.open)

    def items_of(self, task: str, visit: int = 1) -> ItemsView:
        found = next(
            one for one in self.view.tasks if one.task == task and one.visit == visit
        ).items
        assert found is not None, f"{task}#{visit} has no items"
        return found

    # -- requests ------------------------------------------------------------------------------

    def pause(self) -> list[str]:
        return self.give(s.Pause())

    def resume(self) -> list[str]:
        return self.give(s.Resume())

    def pass_deadline(self) -> list[str]:
        """Let the limit on the duration of the execution pass."""
        assert self.state.deadline is not None, "the workflow has no limit"
        self.now = self.state.deadline
        return self.give(s.DeadlinePassed())

    def plan(
        self,
        *targets: str | tuple[str, int],
        from_start: bool = False,
        reset_items: bool = False,
        inputs: Mapping[str, JsonValue] | None = None,
        variables: Mapping[str, JsonValue] | None = None,
    ) -> RerunPlan:
        """Plan a rerun of these tasks, or visits of tasks; of what failed if none is given."""
        wanted = tuple(
            Target(task=one) if isinstance(one, str) else Target(task=one[0], visit=one[1])
            for one in targets
        )
        request = RerunRequest(
            targets=wanted,
            from_start=from_start,
            reset_items=reset_items,
            inputs=inputs or {},
            variables=variables or {},
        )
        return plan_rerun(self.program, self.events, request)

    def rerun(self, *targets: str | tuple[str, int], reset_items: bool = False) -> list[str]:
        return self.give(s.Rerun(plan=self.plan(*targets, reset_items=reset_items)))

    def rerun_all(self, inputs: Mapping[str, JsonValue] | None = None) -> list[str]:
        """Run the whole execution again, with these inputs in the place of the former ones."""
        return self.give(s.Rerun(plan=self.plan(from_start=True, inputs=inputs)))

    # -- looking -------------------------------------------------------------------------------

    @property
    def shown(self) -> str:
        """The status as people see it."""
        return self.view.status.value

    def started(self, task: str) -> int:
        """Return how many attempts of a task were handed off, of all its visits."""
        return sum(
            isinstance(one.event, e.AttemptStarted | e.ItemsStarted) and one.event.task == task
            for one in self.events
        )

    def result_of(self, task: str, visit: int = 1) -> JsonValue:
        return next(
            one for one in self.view.tasks if one.task == task and one.visit == visit
        ).result

    def inputs_of_items(self, task: str, visit: int = 1) -> list[tuple[int, JsonValue]]:
        """Return the items that were handed off, in that order: which, and its input."""
        return [
            (one.event.item, dict(one.event.input))
            for one in self.events
            if isinstance(one.event, e.ItemStarted)
            and (one.event.task, one.event.visit) == (task, visit)
        ]

    @property
    def lineage(self) -> list[tuple[str, int, int | None, bool]]:
        """Every task execution: which visit it runs again, and whether it counts no more."""
        return [(one.task, one.visit, one.again, one.superseded) for one in self.view.tasks]

    def _end_item(self, task: str, item: int, outcome: s.Outcome) -> list[str]:
        visit, attempt = self._attempt_of(task)
        return self.give(
            s.AttemptEnded(task=task, visit=visit, attempt=attempt, outcome=outcome, item=item)
        )

    def _attempt_of(self, task: str) -> tuple[int, int]:
        found = next(one for one in self.state.living() if one.task == task)
        return found.visit, found.attempt
