"""The demonstration of failures ends without a lost row."""

import pytest

from tt_pipeline.cli import main

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def test_no_row_is_lost_when_everything_goes_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    """After faults, a kill and an ended quota, every row that was not deleted is stored, and none is invented."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--chaos"])

    output = capfd.readouterr().out
    assert ended.value.code == 0, output
    assert "kill -9" in output
    assert "Rows lost: 0." in output
    assert output.count("invented 0") == 3
