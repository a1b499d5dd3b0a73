"""Which videos' comments are drawn: a stratified random sample with known inclusion probabilities.

Strata are search, day and size. In each, so many videos are drawn without replacement: those with the smallest of the
random numbers that their ids and the study's seed give. The same seed draws the same videos in any process and order,
and a video that appears late changes as little as possible: the rule is applied to the stratum as it is now.
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
"""The smallest comment_count of each size class; a video without comments, or with an unknown count, has a class of its
own."""

_NUMBERS: Final = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The sampling outcome of a video.

    Attributes:
        stratum: Search, day and size class, as text.
        probability: Of being drawn, known before the draw; weigh a drawn video by 1 / probability.
        number: The random number, from 0 to 1, by which the stratum is ordered.
    """

    stratum: str
    probability: float
    number: float
    is_drawn: bool


def draw_sample(
    videos: Iterable[VideoFacts], search_of: Mapping[VideoId, str], sample: CommentSample
) -> dict[VideoId, Drawing]:
    """Draw from each stratum.

    Args:
        videos: The sampling frame: every video whose comments could be requested.
        search_of: The search that each video is counted under.
        sample: How many of a stratum, and the seed.
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
    """The class of a video by its comments: "unknown", "0", "1+", "10+", "100+" or "1000+"."""
    if comment_count is None:
        return "unknown"
    reached = [size for size in SIZE_CLASS_MINIMUMS if size <= comment_count]
    return f"{reached[-1]}+" if reached else "0"


def random_number(video_id: VideoId, seed: int) -> float:
    """A number from 0 to 1 that belongs to a video and a seed."""
    digest = hashlib.sha256(f"{seed}:{video_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / _NUMBERS
