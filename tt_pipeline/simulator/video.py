"""A video as the world knows it: what it is and what its counts grow to; how much of it is told is not said here."""

from dataclasses import dataclass, field

from tt_pipeline.simulator.people import Creator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Video:
    """One video; counts are the final ones, `…_share` are its own draws in [0, 1)."""

    id: int
    number: int
    """Its place among the videos made for its day."""
    create_time: int
    creator: Creator
    topic: str
    description: str
    folded: str
    """The description as keywords are compared: NFKC and casefold."""
    hashtags: tuple[str, ...]
    folded_hashtags: frozenset[str]
    mentions: tuple[str, ...]
    music_id: int
    duration: int
    views: int
    likes: int
    comments: int
    shares: int
    favorites: int
    growth_s: float
    """Seconds in which about two thirds of the counts come."""
    hidden_share: float
    index_share: float
    stats_share: float
    deletion_share: float
    is_planted: bool = field(default=False)
    """Part of the deleted spam that is never visible."""
