"""docs/configuration.md names every setting there is, with the default that it has."""

import json
import re
from pathlib import Path

import pytest

from segue.runtime.config import SETTINGS, Config

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
SECTIONS = re.findall(
    r"^### `(\w+)`\n(.*?)(?=^###? |\Z)", PAGE.read_text(), re.DOTALL | re.MULTILINE
)


def test_every_setting_has_a_section_and_every_section_a_setting() -> None:
    assert [name for name, _ in SECTIONS] == list(SETTINGS)


@pytest.mark.parametrize(("name", "text"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_the_default_that_the_page_gives_is_the_one_that_holds(name: str, text: str) -> None:
    [written] = re.findall(r"^Default: (.*)", text, re.MULTILINE)
    value = getattr(Config(), name)
    if name == "db":
        assert Config().db.endswith(written.split("`")[1])
    elif value is None:
        assert written == "none."
    else:
        quoted = json.loads(written.split("`")[1])
        assert (tuple(quoted) if isinstance(quoted, list) else quoted) == value


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "segue.toml").write_text(example)
    config = Config.load(folder=tmp_path, environment={})
    assert config.db == str(tmp_path / "runs.db")
    assert config.env == ("REGION", "SERVICE_URL")
    assert config.max_task_iterations_per_workflow is None
