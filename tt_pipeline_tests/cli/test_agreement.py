"""A question about a price: only a plain yes is one."""

import io

import pytest

from tt_pipeline.cli.agreement import agrees


@pytest.mark.parametrize(
    ("typed", "is_yes"),
    [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("yes please\n", False), ("", False)],
)
def test_only_a_yes_is_a_yes(typed: str, is_yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 — a case
    """Return and the end of the input (Ctrl-D) mean no, as the capital N says."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert agrees() is is_yes


def test_a_signal_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the command with its own exit code instead of counting as no."""

    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    with pytest.raises(KeyboardInterrupt):
        agrees()
