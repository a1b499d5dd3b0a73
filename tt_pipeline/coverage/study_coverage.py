"""The coverage of a study at one instant, of four kinds: days, comments, profiles, account lists.

Nothing here is sent or written. An object does not see pages that land later: make a new one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Final

from tt_pipeline.codebook.datasets import LOADED
from tt_pipeline.coverage.account_lists import AccountListCoverage
from tt_pipeline.coverage.comments import CommentCoverage
from tt_pipeline.coverage.day_notes import rules_of
from tt_pipeline.coverage.landed import LandedStudy
from tt_pipeline.coverage.profiles import ProfileCoverage
from tt_pipeline.coverage.searches import SearchCoverage
from tt_pipeline.errors import LandedPagesUnreadable
from tt_pipeline.landing import DayNote, Index, Unreadable
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import Dataset


@dataclass(frozen=True)
class StudyCoverage:
    """A study and its coverage.

    Attributes:
        first_day: Videos and their comments before this day are left out.
        last_day: Videos and their comments after this day are left out.
    """

    study: Study
    index: Index
    now: datetime
    first_day: date = date.min
    last_day: date = date.max

    @cached_property
    def landed(self) -> LandedStudy:
        """The landed pages of the study."""
        return LandedStudy(self.study, self.index, self.first_day, self.last_day)

    def unreadable(self, asset: str, day: date | None = None) -> Unreadable | None:
        """A landed file or folder that cannot be read and may have pages of an asset; None if there is none.

        Args:
            asset: Not of a search: `searches` considers what is unreadable for each query.
            day: The day of the pages; None for any day.
        """
        found = (self.landed.unreadable(row.dataset, day) for row in LOADED if row.asset == asset)
        return next(filter(None, found), None)

    def check_readable(self, asset: str, day: date | None = None) -> None:
        """Check, before a request, that no page of an asset is hidden in a file that cannot be read.

        Raises:
            LandedPagesUnreadable: The page that would be requested may have landed.
        """
        if unreadable := self.unreadable(asset, day):
            raise LandedPagesUnreadable(asset, day, f"{unreadable}")

    @cached_property
    def searches(self) -> SearchCoverage:
        """The coverage of the searches, by day."""
        return SearchCoverage(self.landed, self.now)

    @cached_property
    def comments(self) -> CommentCoverage:
        """The coverage of the comments of found videos."""
        rules, landed = self.study.comments, self.landed
        replies, notes = landed.replies if rules.replies else {}, self._notes(Dataset.COMMENTS)
        return CommentCoverage(rules, self.now, landed.videos_by_day, landed.listings, replies, landed.search_of, notes)

    @cached_property
    def profiles(self) -> ProfileCoverage:
        """The coverage of the profiles of creators and mentioned accounts."""
        landed, notes = self.landed, self._notes(Dataset.USERS)
        return ProfileCoverage(self.study.users, self.now, landed.videos_by_day, landed.profiles, notes)

    def _notes(self, dataset: Dataset) -> dict[date, DayNote]:
        return self.index.day_notes.read(dataset, rules_of(self.study, dataset), self.now)

    def of_found_videos(self, asset: str) -> CommentCoverage | ProfileCoverage:
        """The coverage of an asset that is collected for found videos.

        Raises:
            KeyError: The asset has none: it needs a row in `OF_ASSET`.
        """
        return OF_ASSET[asset](self)

    @cached_property
    def account_lists(self) -> AccountListCoverage:
        """The coverage of the lists of observed accounts."""
        return AccountListCoverage(self.study, self.index, self.now)


OF_ASSET: Final[Mapping[str, Callable[[StudyCoverage], CommentCoverage | ProfileCoverage]]] = MappingProxyType(
    {"comments": lambda coverage: coverage.comments, "users": lambda coverage: coverage.profiles}
)
"""The coverage of each asset of `codebook.datasets.OF_FOUND_VIDEOS`; a test compares both."""
