"""Draws the videos whose comments are collected: a stratified random sample with known inclusion probabilities.

A stratum has the videos of one search, day and size class. Each video has a random number that follows from its id and
the study's seed, and the `per_stratum` videos with the smallest numbers are drawn. Therefore the same seed draws the
same videos in every process and order, and a video that appears late replaces at most one drawn video.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tt_pipeline.landing import VideoFacts
from tt_pipeline.studies import CommentSample
from tt_pipeline.vocabulary import VideoId

SIZE_CLASS_MINIMUMS: Final = (1, 10, 100, 1000)
"""The smallest comment_count of each size class. Videos without comments are a further class, and so are videos with an
unknown count."""

_NUMBERS: Final = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Whether a video was drawn, and with which probability.

    Attributes:
        stratum: Search, day and size class, as text.
        probability: Probability of being drawn; weight a drawn video by 1 / probability.
        number: The video's random number, from 0 to 1; the smallest numbers of a stratum are drawn.
    """

    stratum: str
    probability: float
    number: float
    is_drawn: bool


def draw_each_video(
    videos: Iterable[VideoFacts], search_of: Mapping[VideoId, str], sample: CommentSample
) -> dict[VideoId, Drawing]:
    """Draw videos from each stratum and return the outcome of every video, drawn or not.

    Args:
        videos: The sampling frame: every video whose comments could be requested.
        search_of: The search to whose stratum each video belongs.
        sample: Number of videos for each stratum, and the seed.
    """
    strata: dict[str, list[tuple[float, VideoId]]] = defaultdict(list)
    for video in videos:
        stratum = f"{search_of[video.video_id]} {video.day} {size_class(video.comment_count)}"
        strata[stratum].append((random_number(video.video_id, sample.seed), video.video_id))
    drawn: dict[VideoId, Drawing] = {}
    for stratum, members in strata.items():
        probability = min(1.0, sample.per_stratum / len(members))
        for rank, (number, video_id) in enumerate(sorted(members)):
            drawn[video_id] = Drawing(
                stratum=stratum, probability=probability, number=number, is_drawn=rank < sample.per_stratum
            )
    return drawn


def size_class(comment_count: int | None) -> str:
    """The size class of a number of comments: "unknown", "0", "1+", "10+", "100+" or "1000+"."""
    if comment_count is None:
        return "unknown"
    reached = [size for size in SIZE_CLASS_MINIMUMS if size <= comment_count]
    return f"{reached[-1]}+" if reached else "0"


def random_number(video_id: VideoId, seed: int) -> float:
    """A number from 0 to 1, always the same for the same video and seed."""
    digest = hashlib.sha256(f"{seed}:{video_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / _NUMBERS
