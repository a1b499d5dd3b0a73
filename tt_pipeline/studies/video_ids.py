"""A search of ids: the days that ids tell, and the parts in which the API can be asked for them.

That an id is a number says `tt_pipeline.query`; here only what follows from the second in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from tt_pipeline.ids import upload_date, uploaded_at
from tt_pipeline.query import LONGEST_LIST, value_problem
from tt_pipeline.studies.wording import cleaned
from tt_pipeline.vocabulary import ConditionField, VideoId

MOST_IDS: Final = 100_000
"""Of one search. A day's quota asks for as many; more belong into searches of their own."""

MOST_DAYS: Final = 30
"""Of one part, both ends included: `ingestion` sends no query over more days, and this room may not ask it why."""

_FIRST_DAY: Final = date(2016, 9, 1)  # TikTok opened in that month; the largest id there can be is of 2038.
_LATEST_CREATION: Final = timedelta(
    seconds=120
)  # create_time was 18 to 48 s after the second in the id, for 28 captured videos.


def id_problem(written: str) -> str | None:
    """Why a text is not the id or link of a video; None when it is."""
    text = cleaned(ConditionField.VIDEO_ID, written)
    if problem := value_problem(ConditionField.VIDEO_ID, text):
        return problem
    day = first_day_of(VideoId(int(text)))
    if day < _FIRST_DAY:
        return f"{text!r} is not a video's id: it would be of {day}, before TikTok; copy it from the video's link."
    return None


def ids_of(written: Iterable[str]) -> tuple[VideoId, ...]:
    """The ids that legal texts mean, ascending, each once."""
    return tuple(sorted({VideoId(int(cleaned(ConditionField.VIDEO_ID, text))) for text in written}))


def first_day_of(video_id: VideoId) -> date:
    """The UTC day of the upload, which the id's high bits tell."""
    return upload_date(video_id)


def last_day_of(video_id: VideoId) -> date:
    """The last UTC day on which the video can have been created: an upload before midnight may be of the next day."""
    return (uploaded_at(video_id) + _LATEST_CREATION).date()


def parts_of(ids: Iterable[VideoId]) -> Iterator[tuple[VideoId, ...]]:
    """Ascending ids, cut where a query would have too many or span too many days; no other cut gives fewer parts."""
    part: list[VideoId] = []
    for video_id in ids:
        if part and (len(part) == LONGEST_LIST or (last_day_of(video_id) - first_day_of(part[0])).days >= MOST_DAYS):
            yield tuple(part)
            part = []
        part.append(video_id)
    if part:
        yield tuple(part)


def ids_within(ids: Sequence[VideoId], first_day: date, last_day: date | None) -> tuple[VideoId, ...]:
    """Those of these days, both ends included."""
    last = last_day or date.max
    return tuple(video_id for video_id in ids if first_day <= first_day_of(video_id) <= last)
