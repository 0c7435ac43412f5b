"""Running again: what a rerun goes back to."""

from segue.core.decision import Decision
from segue.core.rerun_plan import RerunPlan


def rerun(decision: Decision, plan: RerunPlan) -> None:
    """Go on from the state of a plan."""
    raise NotImplementedError
