"""What exists: which videos, comments and accounts?

Everything is made from the seed, one day at a time when it is first read, and never changes. It does not depend on
requests, knobs or the current instant: `archive.py` and `visibility.py` decide what clients can see.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from tt_pipeline.simulator.commenting import Comment, invent_comments, video_day_and_number
from tt_pipeline.simulator.people import Creator, Follow, People, followers_of, following_of, invent_people
from tt_pipeline.simulator.posting import invent_spam, invent_videos
from tt_pipeline.simulator.video_model import Video

MOST_VIDEOS = 20_000
"""Videos of a day at most: comment ids have 15 bits for the video's number."""
_DAYS_IN_MEMORY = 120
"""Other days are generated again, with the same result, when they are requested."""
_COMMENTED_VIDEOS_IN_MEMORY = 400
_SPAM_EVERY_DAYS = 14
_LATEST_DAY = 2**31 // 86_400
_LATEST_ID_LAG = timedelta(seconds=48)


class World:
    """The videos, comments and accounts of one seed.

    Worlds of the same seed and videos per day have the same videos on the days that they share.
    """

    def __init__(self, *, last_day: date, seed: int = 1, days: int = 30, videos_per_day: int = 1_000) -> None:
        if days < 1 or not 0 <= videos_per_day <= MOST_VIDEOS:
            raise ValueError(f"a world has at least one day, and 0 to {MOST_VIDEOS} videos a day")
        self.seed = seed
        self.last_day = last_day
        self.first_day = last_day - timedelta(days=days - 1)
        self.videos_per_day = videos_per_day
        self.people: People = invent_people(seed, videos_per_day)
        self._cached_videos = lru_cache(maxsize=_DAYS_IN_MEMORY)(self._invent_videos)
        self._cached_spam = lru_cache(maxsize=_DAYS_IN_MEMORY)(self._invent_spam)
        self._cached_comments = lru_cache(maxsize=_COMMENTED_VIDEOS_IN_MEMORY)(self._invent_comments)
        self._cached_by_id = lru_cache(maxsize=_DAYS_IN_MEMORY)(self._by_id)
        self._cached_by_number = lru_cache(maxsize=_DAYS_IN_MEMORY)(self._by_number)
        self._by_creator: dict[int, list[Video]] | None = None

    @classmethod
    def until_yesterday(cls, now: datetime, *, seed: int = 1, days: int = 30, videos_per_day: int = 1_000) -> "World":
        """The world whose last day is the UTC day before `now`."""
        last_day = now.astimezone(UTC).date() - timedelta(days=1)
        return cls(last_day=last_day, seed=seed, days=days, videos_per_day=videos_per_day)

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last_day - self.first_day).days + 1

    def videos(self, day: date) -> list[Video]:
        """All videos of a UTC day, highest id first; none outside the world's days."""
        return self._cached_videos(day) if self.first_day <= day <= self.last_day else []

    def spam(self, day: date, count: int) -> list[Video]:
        """The deleted spam of a day, `count` videos; one day in 14 has it."""
        is_spam_day = (day.toordinal() + self.seed) % _SPAM_EVERY_DAYS == 0
        return self._cached_spam(day, count) if is_spam_day and self.first_day <= day <= self.last_day else []

    def video(self, video_id: int) -> Video | None:
        """The video with this id; None if there is none."""
        seconds = video_id >> 32
        if not 0 < seconds < 2**32:
            return None
        uploaded = datetime.fromtimestamp(seconds, UTC)
        days = {uploaded.date(), (uploaded + _LATEST_ID_LAG).date()}
        return next((video for day in days if (video := self._cached_by_id(day).get(video_id))), None)

    def commented_video(self, comment_id: int) -> Video | None:
        """The video that a comment with this id belongs to; None if there is none."""
        unix_day, number = video_day_and_number(comment_id)
        day = date(1970, 1, 1) + timedelta(days=unix_day) if 0 < unix_day < _LATEST_DAY else None
        return self._cached_by_number(day).get(number) if day else None

    def comments(self, video: Video) -> list[Comment]:
        """All comments that a video ever gets, the most liked first."""
        return self._cached_comments(video)

    def creator(self, username: str) -> Creator | None:
        """The account with this username; None if there is none."""
        return self.people.by_username.get(username)

    def followers(self, creator: Creator, count: int) -> list[Follow]:
        """The latest `count` followers of an account, latest first."""
        return followers_of(self.people, self.seed, creator, count)

    def following(self, creator: Creator, count: int) -> list[Follow]:
        """The latest `count` accounts that an account follows, latest first."""
        return following_of(self.people, self.seed, creator, count)

    def videos_by(self, creator: Creator) -> list[Video]:
        """An account's videos of the world's last 30 days, newest first."""
        if self._by_creator is None:
            self._by_creator = _by_creator(self)
        return self._by_creator.get(creator.index, [])

    def _invent_videos(self, day: date) -> list[Video]:
        return invent_videos(self.seed, day, people=self.people, videos_per_day=self.videos_per_day)

    def _by_id(self, day: date) -> dict[int, Video]:
        return {video.id: video for video in self.videos(day)}

    def _by_number(self, day: date) -> dict[int, Video]:
        return {video.number: video for video in self.videos(day)}

    def _invent_comments(self, video: Video) -> list[Comment]:
        return invent_comments(self.seed, video, self.people)

    def _invent_spam(self, day: date, count: int) -> list[Video]:
        return invent_spam(self.seed, day, people=self.people, count=count)


def _by_creator(world: World) -> dict[int, list[Video]]:
    found: dict[int, list[Video]] = {}
    for age in range(min(world.days, 30)):
        for video in world.videos(world.last_day - timedelta(days=age)):
            found.setdefault(video.creator.index, []).append(video)
    return found
