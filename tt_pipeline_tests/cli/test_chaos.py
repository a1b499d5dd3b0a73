"""The check at the end of `tt demo --chaos` finds lost and invented rows."""

import pytest

from tt_pipeline.cli.chaos import Difference

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
