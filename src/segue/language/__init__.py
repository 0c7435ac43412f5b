"""YAML text to a frozen `Workflow`, with findings that know their line and column."""

from segue.language.inputs import InputFault, InputProblem, check_inputs
from segue.language.placing import locate
from segue.language.workflows import Language, Loaded, load_workflow

__all__ = [
    "InputFault",
    "InputProblem",
    "Language",
    "Loaded",
    "check_inputs",
    "load_workflow",
    "locate",
]
