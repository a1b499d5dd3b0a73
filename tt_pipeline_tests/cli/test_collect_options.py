"""Options of `tt collect` become a request, or an error with the typed value and the valid ones."""

from datetime import UTC, date, datetime

import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_request
from tt_pipeline.coverage.windows import Window
from tt_pipeline.errors import UsageError
from tt_pipeline.orchestration.collect_request import CollectRequest
from tt_pipeline.studies import Study
from tt_pipeline_tests.studies.writing import written

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = "2026-11-20"


@pytest.fixture
def study() -> Study:
    """Two searches of six days, and followers of one account."""
    return written("""\
study: Options
start: 2026-11-03
end: 2026-11-08
searches:
  climate: {hashtags: [climate]}
  football: {hashtags: [football]}
accounts: {usernames: [lena], lists: [followers]}
""")


def requested(study: Study, options: CollectOptions) -> CollectRequest:
    """The request that the options describe."""
    return collect_request(options, study=study, now=NOW)


def test_without_options_everything_due_is_requested(study: Study) -> None:
    """There is no window: due work is computed; lists are not a default of the command."""
    assert requested(study, CollectOptions()) == CollectRequest(
        assets=("videos/climate", "videos/football", "comments", "users")
    )


def test_days_and_a_search_mean_the_videos_of_that_search(study: Study) -> None:
    """Comments and users belong to all searches, so naming a search leaves them out."""
    options = CollectOptions(from_="2026-11-04", to="2026-11-05", searches=["football"], again=True)
    days = Window(first_day=date(2026, 11, 4), last_day=date(2026, 11, 5))

    assert requested(study, options) == CollectRequest(assets=("videos/football",), window=days, again=True)


def test_a_list_is_requested_now_or_for_today(study: Study) -> None:
    """A list shows only the present: it is requested without days, or for today."""
    now = requested(study, CollectOptions(only="followers"))
    today = requested(study, CollectOptions(only="followers", from_=TODAY, to=TODAY))

    assert (now.assets, now.window, now.is_selection) == (("social/followers",), None, True)
    assert f"{today}" == "social/followers 2026-11-20"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            CollectOptions(searches=["climat"]),
            "no search 'climat'; it has climate, football. Did you mean climate?",
        ),
        (CollectOptions(from_="2026-11-05", to="2026-11-04"), "--from 2026-11-05 is after --to 2026-11-04."),
        (CollectOptions(from_="2026-11-05", to=TODAY), "--to 2026-11-20 has not ended"),
        (CollectOptions(from_="2026-10-01", to="2026-11-04"), "is not within the study, which covers 2026-11-03"),
        (
            CollectOptions(from_="yesterday", to="2026-11-04"),
            "--from 'yesterday' is not a day of the calendar; write it like 2026-10-01",
        ),
        (CollectOptions(from_="2026-11-04"), "--from and --to must both be given"),
        (CollectOptions(again=True), "--again need --from and --to"),
        (CollectOptions(only="likes"), "--only 'likes' is unknown; use videos, comments, users, followers,"),
        (CollectOptions(only="liked"), "does not observe liked; add it to accounts.lists"),
        (CollectOptions(only="followers,comments"), "Only lists of accounts can be named without days"),
        (CollectOptions(only="followers", from_=TODAY, to="2026-11-21"), "is in the future: today is 2026-11-20"),
        (
            CollectOptions(only="followers", from_="2026-11-08", to="2026-11-08"),
            "lists can only be observed as they are now",
        ),
        (CollectOptions(only="followers,comments", from_=TODAY, to=TODAY), "has not ended"),
    ],
)
def test_wrong_options_are_refused(study: Study, options: CollectOptions, message: str) -> None:
    """The message has the typed value and the valid ones."""
    with pytest.raises(UsageError) as refused:
        requested(study, options)

    assert message in str(refused.value)
