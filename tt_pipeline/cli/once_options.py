"""Parse the options of the one-off commands; errors say what to write instead."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tt_pipeline.cli.collect_options import day
from tt_pipeline.coverage import Window
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion import Position, Subjects
from tt_pipeline.links import username_in, video_id_in
from tt_pipeline.reports import check_rows_file
from tt_pipeline.vocabulary import Dataset


def window_and_file(
    from_: str | None, to: Sequence[str], out: Path | None, *, now: datetime
) -> tuple[Window, Path | None]:
    """The days and the file of a search.

    `--to` names the last day; a second `--to` that names a file is read as `--out`. Without days, the latest two that
    have ended are searched.

    Raises:
        UsageError: A value is neither, there are two of one kind, or a day has not ended.
    """
    names = [text for text in to if _is_of_a_file(text)]
    days = [text for text in to if text not in names]
    files = [*([out] if out else []), *map(Path, names)]
    if len(days) > 1 or len(files) > 1:
        raise UsageError("Write one last day (--to 2026-10-14) and one file (--out rows.jsonl).")
    for file in files:
        check_rows_file(file)
    last_ended = now.astimezone(UTC).date() - timedelta(days=1)
    last_day = day("--to", days[0]) if days else last_ended
    first_day = day("--from", from_) if from_ else last_day - timedelta(days=1) if not days else last_day
    if first_day > last_day:
        raise UsageError(f"--from {first_day} is after --to {last_day}.")
    if last_day > last_ended:
        raise UsageError(f"--to {last_day} has not ended: the last complete UTC day is {last_ended}.")
    return Window(first_day=first_day, last_day=last_day), files[0] if files else None


def _is_of_a_file(text: str) -> bool:
    """Whether the text is the name of a file, and not a day, not even a misspelt one such as `today` or `1.11.2026`."""
    return Path(text).suffix[1:2].isalpha()


def position(search_id: str | None, cursor: int | None) -> Position | None:
    """Where an earlier search stopped; None without both options.

    Raises:
        UsageError: Only one of them is given.
    """
    if search_id is None and cursor is None:
        return None
    if search_id is None or cursor is None:
        raise UsageError("--search-id and --cursor belong together: write both as an earlier search printed them.")
    return Position(search_id, cursor)


def subjects_of(dataset: Dataset, named: Sequence[str]) -> Subjects:
    """The accounts or videos that a command names by handle, id or link, each once.

    Raises:
        UsageError: One of them is neither.
    """
    read = video_id_in if dataset is Dataset.COMMENTS else username_in
    return Subjects(dataset=dataset, names=tuple(dict.fromkeys(str(read(text)) for text in named)))
