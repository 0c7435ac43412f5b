"""Every test of an action has a stage to run it on."""

import pytest
from tests.actions.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()
