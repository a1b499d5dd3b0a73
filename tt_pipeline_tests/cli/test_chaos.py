"""The check at the end of `tt demo --chaos` finds lost and invented rows."""

import pytest

from tt_pipeline.cli.chaos import Difference, failures

STAYED = {1, 2, 3}
"""What the simulator had during the whole run."""
SENT = {1, 2, 3, 4}
"""What its responses contained: 4 appeared during the run and vanished before its end."""


@pytest.mark.parametrize(
    ("stored", "lost", "invented"),
    [
        pytest.param({1, 2, 3}, 0, 0, id="what stayed"),
        pytest.param({1, 2, 3, 4}, 0, 0, id="what came and went"),
        pytest.param({1, 3, 4}, 1, 0, id="a row is lost"),
        pytest.param({1, 2, 3, 9}, 0, 1, id="a row is invented"),
        pytest.param({1, 8, 9}, 2, 2, id="both"),
    ],
)
def test_rows_that_stayed_must_be_stored_and_only_sent_rows_may(stored: set[int], lost: int, invented: int) -> None:
    """A row that was never deleted is lost if it is not stored; a stored row that was never sent is invented."""
    assert Difference.between("comments", stored, stayed=STAYED, sent=SENT) == Difference(
        noun="comments", stored=len(stored), lost=lost, invented=invented
    )


def test_every_request_that_returned_nothing_has_a_name() -> None:
    """So the sum of the names is the number of wasted requests; a refused account is a result."""
    requests: list[dict[str, object]] = [
        {"code": "ok", "status": 200, "endpoint": "video_query", "is_charged": 1},
        {"code": "invalid_params", "status": 400, "endpoint": "user_info", "is_charged": 1},
        {"code": "invalid_params", "status": 400, "endpoint": "video_query", "is_charged": 1},
        {"code": "internal_error", "status": 500, "endpoint": "comment_list", "is_charged": 1},
        {"code": "unreadable", "status": 504, "endpoint": "user_info", "is_charged": 1},
        {"code": "unreadable", "status": 200, "endpoint": "user_info", "is_charged": 1},
        {"code": None, "status": None, "endpoint": "user_info", "is_charged": 1},
        {"code": "access_token_invalid", "status": 401, "endpoint": "user_info", "is_charged": 0},
    ]

    assert failures(requests) == (
        dict.fromkeys(("search_id refused", "500", "504", "answer cut off", "no answer before the kill"), 1),
        {"401": 1},
    )
