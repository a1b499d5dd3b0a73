"""kill -9 while a purge runs: what was deleted is nowhere at the end, nothing else is lost, each file is whole."""

import json
import shutil
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tt_pipeline.coverage import open_workspace
from tt_pipeline.duties import Deletion, PurgeRequest, carry_out, is_under_way, resume, select
from tt_pipeline.settings import Settings
from tt_pipeline.tombstones import Tombstones
from tt_pipeline_tests.duties.builders import CREATOR, VIDEO, Stored, places_of
from tt_pipeline_tests.journeys.children import start_act
from tt_pipeline_tests.warehouse.builders import contents

pytestmark = pytest.mark.journey


def purge(settings: Settings) -> None:
    """What `tt purge` does, and `tt purge --continue` if one was interrupted."""
    with open_workspace(settings) as workspace:
        if is_under_way(settings.files):
            resume(workspace, settings.study_file)
            return
        request = PurgeRequest(usernames=(CREATOR,), ids=(VIDEO,))
        selection = select(workspace, request)
        deletion = Deletion(
            subjects=selection.subjects,
            reason=request.reason,
            named_ids=frozenset(request.ids),
            begun_at=workspace.clock.now(),
        )
        carry_out(workspace, settings.study_file, deletion)


@dataclass(frozen=True)
class Purged:
    """An undisturbed purge, with which the killed ones are compared.

    Attributes:
        words: Ids and usernames that must be nowhere.
        exports: Rows of the exported files, by name.
        seconds: How long it took.
    """

    words: list[int | str]
    exports: dict[str, bytes]
    seconds: float
    stored: Stored


def _copy(stored: Stored, root: Path) -> Stored:
    shutil.copytree(stored.root, root)
    for record in ("exported.txt", "backups.json"):
        file = root / "data" / "internal" / record
        file.write_text(file.read_text().replace(str(stored.root), str(root)))
    return Stored(root)


def _exports(stored: Stored) -> dict[str, bytes]:
    files = [*(stored.files.exports / "csv").glob("*.csv"), *(stored.root / "elsewhere").glob("*.csv")]
    return {file.relative_to(stored.root).as_posix(): file.read_bytes() for file in files}


def _undisturbed(stored: Stored, root: Path) -> Purged:
    whole = _copy(stored, root)
    subjects = whole.select(usernames=(CREATOR,), ids=(VIDEO,)).subjects
    begun = time.monotonic()
    process = start_act(purge, whole.settings)
    process.join()
    assert process.exitcode == 0
    return Purged(
        words=[*sorted(subjects.videos | subjects.comments), CREATOR],
        exports=_exports(whole),
        seconds=time.monotonic() - begun,
        stored=whole,
    )


def kill_purges(stored: Stored, root: Path, *, kills: int, seed: int, most_at_one: int = 4) -> list[str]:
    """Kill so many purges at random instants, several of the same one; returns how far each had come."""
    random, stages = Random(seed), list[str]()  # noqa: S311 — repeatable
    purged = _undisturbed(stored, root / "whole")
    while len(stages) < kills:
        place = root / f"killed-{len(stages)}"
        copy = _copy(stored, place)
        for _ in range(min(most_at_one, kills - len(stages))):
            process = start_act(purge, copy.settings)
            time.sleep(random.random() * purged.seconds)
            process.kill()
            process.join()
            stages.append(_stage(copy))
            _check_readable(copy)
            if process.exitcode == 0:
                break
        purge(copy.settings)
        _check(copy, purged)
        shutil.rmtree(place)
    return stages


def _stage(stored: Stored) -> str:
    """What a killed purge has left: nothing begun, a deletion under way, or everything done."""
    if is_under_way(stored.files):
        return "under way" if len(Tombstones.of(stored.files.internal)) else "begun"
    return "done" if list(stored.files.deletions.glob("*.json")) else "not begun"


def _check_readable(stored: Stored) -> None:
    """Fail if the published file, an export or the backup cannot be read as a whole."""
    contents(stored.files.published)
    for place in (stored.files.exports / "csv", stored.root / "elsewhere"):
        package = json.loads((place / "datapackage.json").read_text())
        assert all((place / each["path"]).stat().st_size for each in package["resources"])
    assert json.loads((stored.root / "backup" / "manifest.json").read_text())


def _check(stored: Stored, purged: Purged) -> None:
    """Fail unless the data dir is as after an undisturbed purge."""
    assert places_of(stored.root, purged.words) == []
    assert not is_under_way(stored.files)
    assert not [path for path in stored.files.root.rglob("*.tmp") if path.is_file()]
    expected, found = contents(purged.stored.files.writer), contents(stored.files.writer)
    names = [name for name in expected if name.startswith("core.") or name in {"ops.search_coverage", "ops.searches"}]
    assert [name for name in names if not expected[name].equals(found[name])] == []
    assert _exports(stored) == purged.exports
    assert len(list(stored.files.deletions.glob("*.json"))) >= 1


def test_a_purge_that_is_killed_goes_on(stored: Stored, tmp_path: Path) -> None:
    """Killed four times and run again, it ends as an undisturbed one."""
    assert len(kill_purges(stored, tmp_path / "kills", kills=4, seed=1)) == 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_killed_purges_lose_nothing_and_leave_nothing(stored: Stored, tmp_path: Path, seed: int) -> None:
    """Kills come before the deletion has begun, while it is under way, and when it is done."""
    stages = kill_purges(stored, tmp_path / "kills", kills=25, seed=seed)
    print(Counter(stages))  # noqa: T201 — shown with -s, as a measurement
    assert {"under way"} <= set(stages)
