"""What is collected for the videos that searches found, for every asset of the codebook."""

from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage import due
from tt_pipeline.ingestion import COLLECTIONS, collect_videos
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import DAYS

EVERYTHING = "comments: true\nusers: true\n"
"""The settings with which a study collects every asset."""


def due_assets(session: CollectionSession) -> set[str]:
    """The assets of found videos that are due."""
    return {work.asset for work in due(session.coverage())} & set(OF_FOUND_VIDEOS)


def test_every_asset_of_found_videos_is_due_until_it_is_collected(lab: Lab) -> None:
    """An asset that `due_work.py` leaves out would never be requested, and no command would say so."""
    lab.study = lab.study.replace("comments: {min_comments: 2}\n", f"{EVERYTHING}end: {DAYS[-1]}\n")
    with lab.session(limit=10_000) as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        before = due_assets(session)
        reports = [COLLECTIONS[asset].collect(session, DAYS) for asset in OF_FOUND_VIDEOS]
        assert (before, due_assets(session)) == (set(OF_FOUND_VIDEOS), set())

    assert {day.status for report in reports for day in report.days} == {"complete"}
