"""Searches of video ids: the days that follow from the ids, and how a list of ids is split into queries.

`tt_pipeline.query` checks that an id is a number; this module uses the upload time that it contains.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from tt_pipeline.codebook.limits import LONGEST_LIST, WINDOW_DAYS
from tt_pipeline.ids import upload_date, uploaded_at
from tt_pipeline.query import value_problem
from tt_pipeline.studies.wording import cleaned
from tt_pipeline.vocabulary import ConditionField, VideoId

MOST_IDS: Final = 100_000
"""Ids of one search: as many as a day's quota can request."""

_FIRST_DAY: Final = date(2016, 9, 1)  # TikTok started in that month; the largest possible id is of 2038.
# create_time was 18 to 48 s after the second in the id, for 28 captured videos.
_LATEST_CREATION: Final = timedelta(seconds=120)


def id_problem(written: str) -> str | None:
    """Why a text is not the id or link of a video; None when it is."""
    text = cleaned(ConditionField.VIDEO_ID, written)
    if problem := value_problem(ConditionField.VIDEO_ID, text):
        return problem
    day = first_day_of(VideoId(int(text)))
    if day < _FIRST_DAY:
        return f"{text!r} is not a video id: its date would be {day}, before TikTok; copy the id from the link."
    return None


def ids_of(written: Iterable[str]) -> tuple[VideoId, ...]:
    """The ids in legal texts, ascending and without repetition."""
    return tuple(sorted({VideoId(int(cleaned(ConditionField.VIDEO_ID, text))) for text in written}))


def first_day_of(video_id: VideoId) -> date:
    """The UTC day of the upload, from the high bits of the id."""
    return upload_date(video_id)


def last_day_of(video_id: VideoId) -> date:
    """The last possible UTC day of create_time: it can be the day after an upload just before midnight."""
    return (uploaded_at(video_id) + _LATEST_CREATION).date()


def parts_of(ids: Iterable[VideoId]) -> Iterator[tuple[VideoId, ...]]:
    """Split ascending ids into the fewest parts that fit into one query each, by number of ids and by days."""
    part: list[VideoId] = []
    for video_id in ids:
        if part and (len(part) == LONGEST_LIST or (last_day_of(video_id) - first_day_of(part[0])).days >= WINDOW_DAYS):
            yield tuple(part)
            part = []
        part.append(video_id)
    if part:
        yield tuple(part)


def ids_within(ids: Sequence[VideoId], first_day: date, last_day: date | None) -> tuple[VideoId, ...]:
    """The ids of videos from these days, both ends included."""
    last = last_day or date.max
    return tuple(video_id for video_id in ids if first_day <= first_day_of(video_id) <= last)
