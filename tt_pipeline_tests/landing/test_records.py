"""The facts of a video that the landing index reads from a record."""

import pytest

from tt_pipeline.landing import videos_of
from tt_pipeline_tests.builders import envelope, video


@pytest.mark.parametrize(
    ("playlist_id", "known"), [(7, 7), ("7", 7), (0, None), (-3, None), ("-3", None), (None, None)]
)
def test_only_an_id_is_a_playlist(playlist_id: object, known: int | None) -> None:
    """By 0 and less servers say that there is none; a request for it would be refused."""
    (facts,) = videos_of(envelope(video(playlist_id=playlist_id)))
    assert facts.playlist_id == known
