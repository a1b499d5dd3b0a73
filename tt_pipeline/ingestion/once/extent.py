"""How much a one-off collection requests."""

from collections.abc import Iterator
from dataclasses import dataclass

from tt_pipeline.research_api import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many pages are requested, of a search or of each account or video.

    Attributes:
        max_pages: Pages that the result shall have; with `goes_on` or `again` pages of this collection alone.
        goes_on: Request further pages after those that have landed.
        again: Request everything once more, whatever has landed.
    """

    max_pages: int
    goes_on: bool = False
    again: bool = False

    def left(self, landed_pages: int) -> int:
        """Pages that may be requested after so many have landed."""
        return self.max_pages if self.goes_on or self.again else max(0, self.max_pages - landed_pages)


class PageLimitReached(Exception):
    """The last page that may be requested has landed, and more follow."""


@dataclass(slots=True)
class PageLimit:
    """Counts the pages of a collection down."""

    left: int

    def within(self, pages: Iterator[Page]) -> Iterator[Page]:
        """The pages that may be requested; each has landed before the next is requested.

        Raises:
            PageLimitReached: More follow.
        """
        self._check()
        for page in pages:
            self.left -= 1
            yield page
            if page.ends is None:
                self._check()

    def _check(self) -> None:
        if self.left <= 0:
            raise PageLimitReached
