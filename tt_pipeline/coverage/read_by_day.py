"""Mappings that read from the landing index only what is asked for: a large archive has millions of videos."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from tt_pipeline.landing import PageEntry, VideoFacts


class VideosByDay(Mapping[date, Sequence[VideoFacts]]):
    """Videos by day, those with most comments first; a day is read when it is first needed, and then kept."""

    def __init__(
        self,
        days: Iterable[date],
        read: Callable[[date], Iterable[VideoFacts]],
        *,
        on_read: Callable[[Sequence[VideoFacts]], None],
    ) -> None:
        """Read nothing yet.

        Args:
            days: The days that have videos.
            read: Returns the videos of a day.
            on_read: Called with the videos of each day that is read.
        """
        self._days, self._read, self._on_read = sorted(days), read, on_read
        self._all_days = frozenset(self._days)
        self._videos: dict[date, Sequence[VideoFacts]] = {}
        self.has_read_nothing = True

    def __getitem__(self, day: date) -> Sequence[VideoFacts]:
        """The videos of a day that has some."""
        if day in self._all_days and day not in self._videos:
            self.has_read_nothing = False
            videos = sorted(self._read(day), key=lambda video: (-(video.comment_count or 0), video.video_id))
            self._on_read(videos)
            self._videos[day] = videos
        return self._videos[day]

    def __iter__(self) -> Iterator[date]:
        """The days, oldest first."""
        return iter(self._days)

    def __len__(self) -> int:
        """How many days have videos."""
        return len(self._days)

    def release(self, day: date) -> Sequence[VideoFacts]:
        """Forget the videos of a day, to save memory; returns them. They are read again if they are needed."""
        return self._videos.pop(day, ())


class LatestLooks(Mapping[str, PageEntry]):
    """The latest look at each subject. Subjects that are expected are read together when the first one is needed."""

    def __init__(
        self,
        read: Callable[[Collection[str]], Mapping[str, PageEntry]],
        read_all: Callable[[], Mapping[str, PageEntry]],
    ) -> None:
        """Read nothing yet.

        Args:
            read: Returns the looks at some subjects.
            read_all: Returns the looks at all subjects.
        """
        self._read, self._read_all = read, read_all
        self._looks: dict[str, PageEntry] = {}
        self._known: set[str] = set()
        self._expected: set[str] = set()
        self._has_all = False
        self.has_read_nothing = True

    def expect(self, subjects: Iterable[str]) -> None:
        """Say which subjects will be needed soon."""
        if not self._has_all:
            self._expected.update(subjects)

    def __getitem__(self, subject: str) -> PageEntry:
        """The latest look at a subject that has one."""
        if not self._has_all and subject not in self._known:
            self.has_read_nothing = False
            expected, self._expected = self._expected, set()
            wanted = (expected | {subject}) - self._known
            self._looks.update(self._read(wanted))
            self._known |= wanted
        return self._looks[subject]

    def __iter__(self) -> Iterator[str]:
        """Every subject."""
        return iter(self._all())

    def __len__(self) -> int:
        """How many subjects there are."""
        return len(self._all())

    def release(self, subjects: Iterable[str]) -> None:
        """Forget the looks at some subjects, to save memory; they are read again if they are needed."""
        if not self._has_all:
            for subject in subjects:
                self._known.discard(subject)
                self._looks.pop(subject, None)

    def _all(self) -> Mapping[str, PageEntry]:
        if not self._has_all:
            self.has_read_nothing = False
            self._looks = {**self._looks, **self._read_all()}
            self._has_all = True
        return self._looks
