"""What a study never requests, on its way to the warehouse."""

from tt_pipeline.coverage import due
from tt_pipeline.ingestion import collect_videos
from tt_pipeline.landing import records_of
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import DAYS


def test_what_a_study_leaves_out_does_not_land(lab: Lab) -> None:
    """No landed record has the field, no profile is due, and the other fields are there."""
    lab.study += "privacy: {profiles: false, mentions: false, omit_fields: [voice_to_text]}\n"
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        records = [
            record for file in session.zone.index.files() for page in file.envelopes() for record in records_of(page)
        ]
        keys = {key for record in records for key in record}

        assert {"video_mention_list", "voice_to_text"}.isdisjoint(keys)
        assert {"id", "username", "video_description", "hashtag_names"} <= keys
        assert "users" not in {work.asset for work in due(session.coverage())}


def test_complete_days_stay_complete_when_a_study_leaves_more_out(lab: Lab) -> None:
    """The fields are no part of the query, so nothing is requested again."""
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
    sent, lab.study = lab.sent(), lab.study + "privacy: {avatars: false, mentions: false}\n"
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)

    assert lab.sent() == sent
