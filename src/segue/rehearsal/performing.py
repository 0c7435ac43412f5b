"""A native test: conducted, and judged."""

from segue.rehearsal.judging import judge
from segue.rehearsal.spec import Test
from segue.rehearsal.stage import Stage
from segue.rehearsal.verdict import Verdict


def rehearse_native(test: Test) -> Verdict:
    """Let a test happen, and say what came of it."""
    stage = Stage(test)
    stage.run()
    failures = list(stage.failures)
    if stage.complete:
        failures += judge(test, stage.record, stage.view(), stage.seconds)
    return Verdict(
        name=test.name,
        span=test.span,
        failures=tuple(failures),
        rehearsed=test.rehearsed,
        taken=frozenset(stage.record.taken),
        seconds=stage.seconds,
    )
