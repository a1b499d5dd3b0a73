"""Asks on a terminal whether to send the requests whose price was just said, and says what became of the answer."""

import sys
from collections.abc import Iterable, Sequence

from rich.text import Text

from tt_pipeline.cli.console import ERR, are_terminals
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace, open_workspace, quota_bucket
from tt_pipeline.errors import PriceNotConfirmed
from tt_pipeline.planning import Repeat
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import Bucket

_QUESTION = "Send these requests? [y/N]: "
_NO = "Nothing of this was requested."
_DECLINED = (
    "The days collected before stay as they are. The same command asks again, and with `--yes` it requests them."
)
_REMEDY = "Run the same command with `--yes` to request them."


def may_ask() -> bool:
    """Whether a person sees the question and can answer it."""
    return are_terminals(sys.stdin, sys.stderr)


def agrees(question: str = _QUESTION, *, no: str = _NO) -> bool:
    """Whether the person at the terminal answers yes; a no is confirmed at once, and the end of the input is a no.

    Args:
        question: Ends with a blank, after which the person types.
        no: What is said after a no.

    Raises:
        KeyboardInterrupt: A signal came instead of an answer.
    """
    ERR.print(Text(question), end="")
    try:
        is_yes = input().strip().lower() in {"y", "yes"}
    except EOFError:
        ERR.print()
        is_yes = False
    if not is_yes:
        ERR.print(Text(no))
    return is_yes


def is_agreed(settings: Settings, study: Study, repeats: Sequence[Repeat]) -> bool:
    """Whether the person at the terminal agrees to the price; False where nobody can be asked."""
    if not may_ask():
        return False
    for repeat in repeats:
        ERR.print(Text(f"{repeat}"))
    most, limit = sum(repeat.most for repeat in repeats), study.quota.confirm_above
    with open_workspace(settings, study) as workspace:
        left = ", ".join(_left(workspace, {quota_bucket(repeat.asset) for repeat in repeats}))
    ERR.print(
        f"Together that is up to {counted(most, 'request')}, more than quota.confirm_above ({limit:,}). "
        f"Left today: {left}."
    )
    return agrees()


def _left(workspace: Workspace, buckets: Iterable[Bucket]) -> Iterable[str]:
    for use in map(workspace.use, sorted(buckets)):
        yield f"{use.left:,} of {use.limit:,} ({use.bucket})"


def not_confirmed(repeats: Sequence[Repeat], *, limit: int) -> str:
    """What was left as it is because nobody agreed to its price, and what to do; short where it was just asked."""
    if may_ask():
        return _DECLINED
    requests = sum(repeat.most for repeat in repeats)
    return f"{PriceNotConfirmed([f'{repeat}' for repeat in repeats], requests=requests, limit=limit, remedy=_REMEDY)}"
