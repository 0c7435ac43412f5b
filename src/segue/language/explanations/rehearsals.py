"""The codes of rehearsal files: the tests of workflows. Their workflow is HELLO."""

from typing import Final

from segue.language.codes import Code
from segue.language.explanations.entry import Explanation

#: The file that the examples name.
HELLO_FILE: Final = "hello.yaml"
HELLO: Final = """\
segue: 1
tasks:
  greet: {action: core.echo, input: {message: hello}}
"""
#: Another one, which is wrong.
BROKEN_FILE: Final = "broken.yaml"
BROKEN: Final = "segue: 1\ntasks:\n  greet: {action: core.echo, next: [{do: nowhere}]}\n"

_TEST = "  - name: it greets\n    mocks: {greet: {result: hello}}\n"

_RERUN = "expected_task_sequence: [greet, greet]\n"

_SOUND_STATE = """\
workflow_state:
  spec:
    spec:
      version: 1.0
      tasks: {greet: {action: core.echo}}
  state:
    sequence:
      - {id: greet, route: 0, status: failed}
"""

EXPLANATIONS = (
    Explanation(
        code=Code.NOT_A_REHEARSAL,
        title="this is not a rehearsal file",
        why="""\
A rehearsal file is a mapping that says `rehearsal: 1` and has `tests:`. Orquesta's are known by
`expected_task_sequence`.""",
        wrong=f"rehersal: 1\nworkflow: {HELLO_FILE}\ntests:\n{_TEST}",
        right=f"rehearsal: 1\nworkflow: {HELLO_FILE}\ntests:\n{_TEST}",
    ),
    Explanation(
        code=Code.CONFLICTING_KEYS,
        title="two keys say different things of the same",
        why="""\
A mock does one thing: it has `result`, or `fails`, or another of these keys. Mocks for one call
after the other are a list. A request, too, asks for one thing.""",
        wrong=f"rehearsal: 1\nworkflow: {HELLO_FILE}\ntests:\n"
        "  - name: it greets\n    mocks: {greet: {result: hello, fails: oh no}}\n",
        right=f"rehearsal: 1\nworkflow: {HELLO_FILE}\ntests:\n{_TEST}",
    ),
    Explanation(
        code=Code.FILE_NOT_READ,
        title="a file that a rehearsal names can't be read",
        why="""\
`workflow` is a path from the folder of the rehearsal file. In Orquesta's files it, and
`result_path`, may also be a path from any folder above.""",
        wrong=f"rehearsal: 1\nworkflow: helo.yaml\ntests:\n{_TEST}",
        right=f"rehearsal: 1\nworkflow: {HELLO_FILE}\ntests:\n{_TEST}",
    ),
    Explanation(
        code=Code.WORKFLOW_UNUSABLE,
        title="the workflow of a rehearsal has errors",
        why="""\
What can't be run can't be rehearsed. `segue check FILE` shows all that is wrong with it.""",
        wrong=f"rehearsal: 1\nworkflow: {BROKEN_FILE}\ntests:\n{_TEST}",
        right=f"rehearsal: 1\nworkflow: {HELLO_FILE}\ntests:\n{_TEST}",
    ),
    Explanation(
        code=Code.STATE_UNUSABLE,
        title="Orquesta's record of an execution can't be used",
        why="""\
`workflow_state` is what Orquesta writes when it serializes an execution: with the definition, under
`spec.spec`, and the sequence of tasks, under `state`. Something of that is missing.""",
        wrong=f"workflow_state: {{}}\n{_RERUN}",
        right=f"{_SOUND_STATE}{_RERUN}",
    ),
)
