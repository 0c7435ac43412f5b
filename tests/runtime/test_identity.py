"""Who an engine is, and whose process is gone."""

import subprocess
import sys
from dataclasses import replace

import psutil

from segue.runtime.desk.identity import identify, is_gone
from segue.runtime.desk.ids import ALPHABET, new_id

HERE = identify()


def test_each_identity_has_an_id_of_its_own_and_the_same_process() -> None:
    other = identify()
    assert other.id != HERE.id
    assert replace(other, id=HERE.id) == HERE


def test_a_row_says_who_it_is_of() -> None:
    row = HERE.row(12.0)
    assert (row.id, row.pid, row.host, row.heartbeat_at) == (HERE.id, HERE.pid, HERE.host, 12.0)


def test_a_living_process_is_not_gone() -> None:
    assert not is_gone(identify().row(0.0), HERE)


def test_a_process_that_has_ended_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started_at = psutil.Process(child.pid).create_time()
    row = replace(HERE.row(0.0), pid=child.pid, pid_started_at=started_at)
    assert not is_gone(row, HERE)
    child.kill()
    child.communicate()
    assert is_gone(row, HERE)


def test_a_process_that_nobody_has_collected_yet_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started_at = psutil.Process(child.pid).create_time()
    row = replace(HERE.row(0.0), pid=child.pid, pid_started_at=started_at)
    child.kill()
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert is_gone(row, HERE)
    child.communicate()


def test_an_id_that_is_used_again_by_another_process_is_gone() -> None:
    reused = replace(HERE.row(0.0), pid_started_at=HERE.pid_started_at - 1000)
    assert is_gone(reused, HERE)
    init = replace(HERE.row(0.0), pid=1, pid_started_at=12.0)
    assert is_gone(init, HERE)


def test_a_process_elsewhere_can_not_be_seen() -> None:
    gone = replace(HERE.row(0.0), pid_started_at=12.0)
    assert not is_gone(replace(gone, host="another"), HERE)
    assert not is_gone(replace(gone, boot="another"), HERE)


def test_ids_are_twelve_characters_that_nobody_mistakes() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) for one in ids} == {12}
    assert set("".join(ids)) <= set(ALPHABET)
    assert not set("ilou") & set(ALPHABET)
