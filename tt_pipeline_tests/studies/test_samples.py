"""Searches that do not list all videos: random draws, and a cap a day."""

from dataclasses import replace

from tt_pipeline.studies import Sample, Search, sentence
from tt_pipeline_tests.studies.writing import study_text, written

CONDITIONS = "hashtags: [climate]\nregions: [DE]\n"
VIDEOS = "videos that have hashtag climate and are from DE"


def search(further: str = "") -> Search:
    """The search with these lines below its conditions."""
    return written(study_text(CONDITIONS + further)).searches[0]


def test_a_sample_is_another_query() -> None:
    """A sample has another fingerprint than a listing and than samples of other sizes."""
    listed, drawn, fewer = search(), search("sample: {random: 100, draws: 3}"), search("sample: {random: 50}")

    expected = listed.query.fingerprint(is_random=True, max_count=100)
    assert drawn == replace(listed, sample=Sample(random=100, draws=3), fingerprint=expected)
    assert fewer.sample == Sample(random=50, draws=1)
    assert len({listed.fingerprint, drawn.fingerprint, fewer.fingerprint}) == 3


def test_more_draws_keep_the_query() -> None:
    """A study with more draws keeps the draws that have landed."""
    once, often = search("sample: {random: 100}"), search("sample: {random: 100, draws: 9}")

    assert once.fingerprint == often.fingerprint


def test_a_cap_changes_nothing_but_the_cap() -> None:
    """The fingerprint has no cap, so completely listed days count for a capped search too."""
    assert search("max_videos_per_day: 500") == replace(search(), max_videos_per_day=500)


def test_a_sample_of_a_query_in_the_apis_own_json() -> None:
    """Samples and caps can be written in either form of a search."""
    query = "query: {or: [{field_name: keyword, operation: IN, field_values: [heat]}]}\n"
    listed, drawn = (written(study_text(query + further)).searches[0] for further in ("", "sample: {random: 7}"))

    expected = listed.query.fingerprint(is_random=True, max_count=7)
    assert drawn == replace(listed, sample=Sample(random=7), fingerprint=expected)


def test_a_sentence_begins_with_the_number_of_videos() -> None:
    """The sentence of a search begins with how many of its videos are requested."""
    read = [sentence(search(further)) for further in ("", "sample: {random: 100, draws: 3}", "sample: {random: 1}")]

    assert read == [
        VIDEOS,
        f"a random sample of 100 videos a day, drawn 3 times, of {VIDEOS}",
        f"a random sample of 1 video a day, of {VIDEOS}",
    ]
    assert sentence(search("max_videos_per_day: 1500")) == f"at most the newest 1,500 a day of {VIDEOS}"


def test_a_broad_query_with_a_sample_gets_no_notice() -> None:
    """A sample of a whole region is probably intended; listing it is probably a mistake."""
    notices = [
        len(written(study_text(f"regions: [DE]\n{further}")).notices)
        for further in ("", "sample: {random: 100}", "max_videos_per_day: 100")
    ]

    assert notices == [1, 0, 0]
