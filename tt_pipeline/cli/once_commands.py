"""The commands for a single look without a study: search, users, comments, followers and the other lists."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.options import Yes
from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.codebook.limits import MOST_COMMENTS, MOST_FOLLOWERS, PAGE_SIZE
from tt_pipeline.errors import UsageError
from tt_pipeline.vocabulary import Bucket, Dataset

if TYPE_CHECKING:  # needs polars, which other commands do without
    from tt_pipeline.ingestion import Extent

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write all rows to this .jsonl, .csv or .parquet file. Ids are text."),
]
Continue = Annotated[bool, typer.Option("--continue", help="Request as many further pages as --max-pages says.")]
Again = Annotated[bool, typer.Option("--again", help="Request everything again, whatever has landed.")]
RequestsPerDay = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="The most requests of a day: the study's limit, else 1000. Not for followers and following.",
        show_default=False,
    ),
]
Accounts = Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Handles, with or without @, or links.")]
ListPages = Annotated[int, typer.Option(metavar="N", min=1, help="Pages of each account, about 100 entries each.")]
Words = Annotated[
    list[str] | None, typer.Argument(metavar="[WORD]...", help='Words that must all match; "#rstats" in quotes.')
]
QueryFile = Annotated[
    Path | None, typer.Option("--query", metavar="FILE", help="A query in the API's own JSON instead of words.")
]
SearchFrom = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="First UTC day; without days the latest two.")
]
DayOrFile = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="DAY", help="Last UTC day, included. A second --to with a file is read as --out."),
]
SearchPages = Annotated[int, typer.Option(metavar="N", min=1, help="Pages of the result, about 100 videos each.")]
SearchId = Annotated[str | None, typer.Option(metavar="ID", help="Continue an earlier search, with --cursor.")]
Cursor = Annotated[int | None, typer.Option(min=0, metavar="N", help="Where the earlier search stopped.")]
_LIST_PAGES = MOST_FOLLOWERS // PAGE_SIZE


def search(
    words: Words = None,
    *,
    query: QueryFile = None,
    from_: SearchFrom = None,
    to: DayOrFile = None,
    max_pages: SearchPages = 2,
    continue_: Continue = False,
    search_id: SearchId = None,
    cursor: Cursor = None,
    again: Again = False,
    out: Out = None,
    requests_per_day: RequestsPerDay = None,
    yes: Yes = False,
) -> None:
    """Search videos once, without a study: the newest pages of the days that you name.

    Everything is stored; the same command sends nothing again, and --continue requests the next pages.
    """
    from tt_pipeline.cli.once_collection import OnceOptions
    from tt_pipeline.cli.once_options import position, window_and_file
    from tt_pipeline.cli.once_run import run_once
    from tt_pipeline.cli.once_searches import search_once
    from tt_pipeline.ingestion import OneSearch
    from tt_pipeline.query_json import read_query
    from tt_pipeline.query_words import query_of_words
    from tt_pipeline.settings import read_settings

    if (query is None) == (not words):
        raise UsageError('Write the words to search for, as in `tt search "#rstats"`, or --query FILE.')
    settings = read_settings()
    window, file = window_and_file(from_, to or [], out, now=settings.open_clock().now())
    text = " ".join(words) if words else None
    sought = read_query(query) if query else query_of_words(text or "")
    one_search = OneSearch(query=sought, window=window, begins=position(search_id, cursor))
    extent = _extent(max_pages, goes_on=continue_, again=again)
    options = OnceOptions(out=file, requests_per_day=requests_per_day, is_confirmed=yes)
    run_once(settings, search_once(one_search, extent, text), options)


def users(
    accounts: Accounts,
    *,
    again: Again = False,
    out: Out = None,
    requests_per_day: RequestsPerDay = None,
    yes: Yes = False,
) -> None:
    """Request the profiles of accounts once, without a study: one request each."""
    extent = _extent(1, again=again)
    _run(Dataset.USERS, accounts, extent, out=out, requests_per_day=requests_per_day, yes=yes)


def comments(
    videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Ids of videos, or their links.")],
    *,
    max_pages: Annotated[
        int, typer.Option(metavar="N", min=1, help="Pages of each video, about 100 comments each.")
    ] = (MOST_COMMENTS // PAGE_SIZE),
    continue_: Continue = False,
    again: Again = False,
    out: Out = None,
    requests_per_day: RequestsPerDay = None,
    yes: Yes = False,
) -> None:
    """Request the comments of videos once, without a study; the API returns at most 1,000 of a video."""
    extent = _extent(max_pages, goes_on=continue_, again=again)
    _run(Dataset.COMMENTS, videos, extent, out=out, requests_per_day=requests_per_day, yes=yes)


def _list_command(dataset: Dataset, help_text: str) -> Callable[..., None]:
    """The command for a list of accounts."""

    def command(
        accounts: Accounts,
        *,
        max_pages: ListPages = _LIST_PAGES,
        continue_: Continue = False,
        again: Again = False,
        out: Out = None,
        requests_per_day: RequestsPerDay = None,
        yes: Yes = False,
    ) -> None:
        extent = _extent(max_pages, goes_on=continue_, again=again)
        _run(dataset, accounts, extent, out=out, requests_per_day=requests_per_day, yes=yes)

    command.__name__, command.__doc__ = dataset.value, help_text
    return command


followers = _list_command(Dataset.FOLLOWERS, "Request the followers of accounts once, without a study.")
following = _list_command(Dataset.FOLLOWING, "Request whom accounts follow once, without a study.")
liked = _list_command(
    Dataset.LIKED, "Request the videos that accounts liked once, without a study; most accounts hide them."
)
pinned = _list_command(Dataset.PINNED, "Request the videos that accounts pinned once, without a study.")
reposted = _list_command(Dataset.REPOSTED, "Request the videos that accounts reposted once, without a study.")


def _extent(max_pages: int, *, goes_on: bool = False, again: bool = False) -> "Extent":
    from tt_pipeline.ingestion import Extent

    if goes_on and again:
        raise UsageError("--continue requests what follows, --again everything again: write one of them.")
    return Extent(max_pages=max_pages, goes_on=goes_on, again=again)


def _run(
    dataset: Dataset, named: list[str], extent: "Extent", *, out: Path | None, requests_per_day: int | None, yes: bool
) -> None:
    from tt_pipeline.cli.once_collection import OnceOptions
    from tt_pipeline.cli.once_options import subjects_of
    from tt_pipeline.cli.once_run import run_once
    from tt_pipeline.cli.once_subjects import check_not_taken_down, subjects_once
    from tt_pipeline.reports import check_rows_file
    from tt_pipeline.settings import read_settings

    if out:
        check_rows_file(out)
    if requests_per_day is not None and DATASETS[dataset].bucket is not Bucket.MAIN:
        raise UsageError(
            f"--requests-per-day limits the main quota; {dataset} have one of their own. "
            "Limit the pages with --max-pages."
        )
    options = OnceOptions(out=out, requests_per_day=requests_per_day, is_confirmed=yes)
    settings, subjects = read_settings(), subjects_of(dataset, named)
    check_not_taken_down(settings, subjects)
    run_once(settings, subjects_once(subjects, extent), options)
