"""A lease is seen at once, and whoever only tests one does not disturb who takes it."""

import fcntl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tt_pipeline.safe_files import is_free, keep_lease, lease_if_free, reading_if_free, shared_lease_if_free

Flock = Callable[[int, int], None]


def test_a_kept_lease_has_no_instant_at_which_it_seems_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file appears with its lock: a run that is just starting is not taken for dead."""
    file, flock = tmp_path / "alive" / "run", fcntl.flock
    seen: list[bool] = []

    def watched(handle: int, how: int) -> None:
        seen.append(file.exists())
        flock(handle, how)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", watched)
        keep_lease(file)

    assert (seen, is_free(file), [*file.parent.iterdir()]) == ([False], False, [file])


@pytest.mark.parametrize("take", [lease_if_free, shared_lease_if_free])
def test_a_test_of_a_lease_does_not_disturb_who_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take: Callable[[Path], AbstractContextManager[object]]
) -> None:
    """The test takes microseconds, and the taker tries again."""
    flock: Flock = fcntl.flock
    failures = iter([BlockingIOError()])

    def busy_once(handle: int, how: int) -> None:
        for failure in failures:
            raise failure
        flock(handle, how)

    monkeypatch.setattr(fcntl, "flock", busy_once)
    with take(tmp_path / "lease") as taken:
        assert taken not in {False, None}


def test_a_lease_that_two_processes_test_at_once_is_free_for_both(tmp_path: Path) -> None:
    """Neither takes the other for a holder."""
    file = tmp_path / "lease"
    file.touch()
    with reading_if_free(file) as first, reading_if_free(file) as second:
        assert (first, second, is_free(file)) == (True, True, True)
