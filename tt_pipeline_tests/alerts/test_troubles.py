"""Each trouble is found where it is, and not where it is not."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tt_pipeline.alerts import title_as_written, troubles, troubles_of_study
from tt_pipeline.coverage import note_publication_failure
from tt_pipeline.errors import LandingIncomplete
from tt_pipeline.ingestion.delivery import publish_warehouse, rebuild_warehouse
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.vocabulary import AlertKind
from tt_pipeline_tests.collection_lab import Lab, MakeLab
from tt_pipeline_tests.ingestion.builders import DAYS, collect


def kinds(session: CollectionSession) -> list[AlertKind]:
    """The kinds of all troubles."""
    return [trouble.kind for trouble in troubles(session)]


def test_a_new_study_has_no_trouble(lab: Lab) -> None:
    """Nor has one that has just been collected."""
    with lab.session() as session:
        assert kinds(session) == []
        collect(session, DAYS)
        assert kinds(session) == []


def test_a_failed_publication_is_told_until_one_succeeds(lab: Lab) -> None:
    """The sentence has the reason."""
    with lab.session() as session:
        collect(session, DAYS[:1])
        rebuild_warehouse(session)
        publish_warehouse(session)
        (answer,) = session.files.landing.rglob("*.zst")
        aside = answer.rename(lab.folder / "aside")
        session.zone.catch_up()
        with pytest.raises(LandingIncomplete) as refused:
            publish_warehouse(session)
        (trouble,) = troubles(session)
        assert trouble.says.endswith(f"{refused.value}")
        aside.rename(answer)
        session.zone.catch_up()
        publish_warehouse(session)
        assert kinds(session) == []


def test_a_quota_that_is_gone_before_noon_is_told_until_noon(lab: Lab) -> None:
    """In the afternoon a used-up quota is usual."""
    lab.clock.advance(days=-0.125)
    with lab.session(limit=1) as session:
        collect(session, DAYS[:1])
        assert kinds(session) == [AlertKind.QUOTA_GONE_BY_NOON]
        lab.clock.advance(days=0.25)
        assert kinds(session) == []


def test_a_silent_day_is_told(make_lab: MakeLab) -> None:
    """The API answered nothing, and its own canary found videos."""
    silent = Fault(kind=FaultKind.EMPTY, endpoint="video_query", always=True)
    with make_lab(Knobs(rate_per_minute=10**6, faults=(silent,))) as lab, lab.session() as session:
        collect(session, DAYS)
        (trouble,) = troubles(session)
    assert trouble.kind is AlertKind.SILENT_DAY
    assert f"climate on {DAYS[0]}" in trouble.says


def test_a_full_disk_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before loading and publishing fail."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**6))
    with lab.session() as session:
        assert kinds(session) == [AlertKind.DISK_LOW]


def test_two_days_without_a_request_are_told_if_work_is_due(lab: Lab) -> None:
    """The study has no end, so days become due."""
    with lab.session() as session:
        collect(session, DAYS[:1])
        lab.clock.advance(days=2)
        assert kinds(session) == [AlertKind.NO_RUN_FOR_A_DAY]


def test_the_study_says_of_what_it_wants_to_hear(lab: Lab) -> None:
    """An empty list tells nothing."""
    lab.study += "alerts: {on: []}\n"
    with lab.session(limit=1) as session:
        note_publication_failure(session.files, "A check failed.")
        assert kinds(session) == []


@pytest.mark.parametrize("place", ["data/study.yaml", "texts/study.yaml"])
def test_a_broken_study_is_a_trouble(tmp_path: Path, place: str) -> None:
    """Nothing else can be known then; the folders above the data dir are not told, but the place of the mistake is."""
    file = tmp_path / place
    file.parent.mkdir()
    file.write_text("study: Climate\nsearches: 7\n")
    (trouble,) = troubles_of_study(Settings(data_dir=tmp_path / "data", study=file))
    assert (trouble.kind, f"{tmp_path}" in trouble.says) == (AlertKind.STUDY_BROKEN, False)
    assert "until it is corrected: study.yaml:2: " in trouble.says


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("study: Climate in Germany\nsearches: [\n", "Climate in Germany"),
        ('start: soon\nstudy: "Climate: hot" # of 2026\n', "Climate: hot"),
        ("study: [\n", "study.yaml"),
        ("study:\nstart: 2026\n", "study.yaml"),
        ("", "study.yaml"),
    ],
)
def test_a_broken_study_has_its_title(tmp_path: Path, text: str, title: str) -> None:
    """People who are told of several studies know which one it is."""
    (tmp_path / "study.yaml").write_text(text)
    assert title_as_written(Settings(data_dir=tmp_path)) == title
