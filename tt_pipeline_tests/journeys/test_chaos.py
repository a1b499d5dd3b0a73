"""The demonstration of survival really survives."""

import pytest

from tt_pipeline.cli import main

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def test_no_row_is_lost_when_everything_goes_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    """Through faults, a kill and a quota that ends, every row that stayed is held, and none is invented."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--chaos"])

    told = capfd.readouterr().out
    assert ended.value.code == 0, told
    assert "kill -9" in told
    assert "Rows lost: 0." in told
    assert told.count("invented 0") == 3
