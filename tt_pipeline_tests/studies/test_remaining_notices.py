"""A study with problems still has the notices about its legal parts."""

from pathlib import Path

import pytest

from tt_pipeline.errors import StudyError
from tt_pipeline.studies import parse_study
from tt_pipeline_tests.studies.writing import HEAD

READ = "searches.{}.hashtags: '#x' is read as x."
BOTH = [READ.format("a"), READ.format("b")]
EARLY = "looks: 1 is early, because TikTok shows videos up to 48 hours late; only a later look finds the rest."


@pytest.mark.parametrize(
    ("lines", "notices"),
    [
        ("searches: {a: {hashtags: ['#x'], regions: [UK]}, b: {hashtags: ['#x']}}", [*BOTH, EARLY]),
        ("searches: {a: {hashtags: ['#x'], query: 7}, b: {hashtags: ['#x']}}", [*BOTH, EARLY]),
        ("searches: {a: {hashtags: []}, b: {hashtags: ['#x']}}", [READ.format("b"), EARLY]),
        ("searches: {a: {regions: [DE], video_length: [HUGE]}, b: {hashtags: ['#x']}}", [READ.format("b"), EARLY]),
        ("searches: {b: {hashtags: ['#x']}}\ncomments: {after_days: x}", [READ.format("b")]),
        ("searches: {b: {hashtags: ['#x']}, a: {hashtags: [x], regions: [UK]}}", [READ.format("b"), EARLY]),
        ("searches: 7", []),
        ("searches: {a: {hashtags: ['#x'], regions: [UK]}}\nstudy: 7", []),
    ],
)
def test_what_has_no_problem_has_its_notices(lines: str, notices: list[str]) -> None:
    """A notice that would be about a search without its illegal key is left out."""
    with pytest.raises(StudyError) as found:
        parse_study(f"{HEAD}looks: [1, 12]\n{lines}\n", Path("study.yaml"))

    assert list(found.value.notices) == notices
