"""Says what requesting collected days again costs, and asks on a terminal whether to do it."""

import sys
from collections.abc import Sequence

from rich.text import Text

from tt_pipeline.cli.console import ERR, are_terminals
from tt_pipeline.coverage import open_workspace
from tt_pipeline.errors import PriceNotConfirmed
from tt_pipeline.planning import Repeat
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, read_study

_DECLINED = (
    "The days collected before stay as they are; nothing of them was sent. The same command asks again, and with "
    "`--yes` it requests them."
)
_REMEDY = "Run the same command with `--yes` to request them."


def may_ask() -> bool:
    """Whether a person sees the question and can answer it."""
    return are_terminals(sys.stdin, sys.stderr)


def agrees(question: str) -> bool:
    """Whether the person at the terminal answers yes; the end of the input is a no.

    Raises:
        KeyboardInterrupt: A signal came instead of an answer.
    """
    ERR.print(Text(f"{question} [y/N]: "), end="")
    try:
        return input().strip().lower() in {"y", "yes"}
    except EOFError:
        ERR.print()
        return False


def is_agreed(settings: Settings, study: Study, repeats: Sequence[Repeat]) -> bool:
    """Whether the person at the terminal agrees to the price; False where nobody can be asked."""
    if not may_ask():
        return False
    for repeat in repeats:
        ERR.print(Text(f"{repeat}"))
    most, limit = sum(repeat.most for repeat in repeats), study.quota.confirm_above
    with open_workspace(settings, study) as workspace:
        use = workspace.use()
    ERR.print(
        f"Together that is up to {most:,} requests, more than quota.confirm_above ({limit:,}); "
        f"{use.left:,} of {use.limit:,} are left today."
    )
    return agrees("Request these days again?")


def not_confirmed(repeats: Sequence[Repeat], settings: Settings) -> PriceNotConfirmed | str:
    """What was left as it is because nobody agreed to its price, and what to do; short where it was just asked."""
    if may_ask():
        return _DECLINED
    limit = read_study(settings.study_file).quota.confirm_above
    requests = sum(repeat.most for repeat in repeats)
    return PriceNotConfirmed([f"{repeat}" for repeat in repeats], requests=requests, limit=limit, remedy=_REMEDY)
