"""Requests that collecting sends, for tests that compare them with a plan."""

from dataclasses import dataclass
from datetime import date

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.planning import Estimate, Plan, total
from tt_pipeline.vocabulary import Dataset

DAYS = days_between(date(2026, 9, 10), date(2026, 11, 8))
SEEN = DAYS[:40]


@dataclass(frozen=True)
class Spent:
    """Requests that the ledger counted, by dataset."""

    videos: int
    comments: int
    users: int

    def __add__(self, other: "Spent") -> "Spent":
        """Of two collections."""
        return Spent(self.videos + other.videos, self.comments + other.comments, self.users + other.users)


def collect(session: CollectionSession, days: list[date]) -> Spent:
    """Collect everything of these days, and return the requests."""
    videos = sum(collect_videos(session, search, days).receipt.requests for search in session.study.searches)
    users = collect_users(session, days).receipt.requests if session.study.users.wanted else 0
    comments = collect_comments(session, days).receipt.requests if session.study.comments.wanted else 0
    return Spent(videos=videos, users=users, comments=comments)


def contains(made: Plan, spent: Spent) -> dict[str, tuple[Estimate, int]]:
    """The parts whose range does not contain the requests that were sent; empty is good."""
    ranges = {
        "videos": (planned(made, Dataset.VIDEOS), spent.videos),
        "comments": (planned(made, Dataset.COMMENTS) + planned(made, Dataset.REPLIES), spent.comments),
        "users": (planned(made, Dataset.USERS), spent.users),
        "total": (made.total, spent.videos + spent.comments + spent.users),
    }
    print({name: f"{r.low}–{r.likely}–{r.high}: {n}" for name, (r, n) in ranges.items()})  # noqa: T201 — for -s
    return {name: (r, n) for name, (r, n) in ranges.items() if not r.low <= n <= r.high}


def planned(made: Plan, dataset: Dataset) -> Estimate:
    """The planned requests of a dataset."""
    return total(line.total for line in made.lines if line.dataset is dataset)
