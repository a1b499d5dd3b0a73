"""How are the comments of a video invented?

They depend on the seed and the video alone, and are written as fast as the video's comment_count grows, so that the two
agree at every instant. `visibility.py` decides which comments are visible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tt_pipeline.simulator.people import Creator, People
from tt_pipeline.simulator.randomness import happens, seeded_random, seeded_share
from tt_pipeline.simulator.video_model import DAY_S, Video, age_at_share
from tt_pipeline.simulator.word_lists import Language, word_lists

_DAY_BITS, _NUMBER_BITS, _SPARE_BITS = 10, 15, 7
"""Bits in the low half of a comment's id: the video's day and number, masked, so the id alone identifies its video."""
_REPLY_RATE = 0.18
_EMPTY_RATE = 0.02
_NEIGHBOUR_RATE = 0.12
"""Share of comments in another language than the video's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment; likes are the final number."""

    id: int
    video_id: int
    parent_id: int
    create_time: int
    text: str
    likes: int
    author: Creator
    deletion_share: float


def invent_comments(seed: int, video: Video, people: People) -> list[Comment]:
    """All comments that a video ever gets, the most liked first."""
    random = seeded_random(seed, "comments", video.id)
    written: list[Comment] = []
    taken: set[int] = set()
    for number in range(video.comments):
        share = (number + 0.5) / video.comments
        second = video.create_time + int(age_at_share(video.growth_s, share)) + 1
        comment_id = _free_id(second - random.randint(25, 92), video, random, taken=taken)
        parent_id = _parent(written, video, random)
        written.append(_comment(comment_id, video, second, parent_id, people.draw_creator(random), random))
    return sorted(written, key=lambda comment: (-comment.likes, comment.id))


def _parent(written: Sequence[Comment], video: Video, random: Random) -> int:
    """The id of the video, or of an earlier comment."""
    if not written or not happens(random, _REPLY_RATE):
        return video.id
    other = random.choice(written)
    return other.id if other.parent_id == video.id else other.parent_id


def _comment(comment_id: int, video: Video, second: int, parent_id: int, author: Creator, random: Random) -> Comment:
    is_neighbour = happens(random, _NEIGHBOUR_RATE)
    language = word_lists().languages[author.place.language if is_neighbour else video.creator.place.language]
    return Comment(
        id=comment_id,
        video_id=video.id,
        parent_id=parent_id,
        create_time=second,
        text=_text(language, random, is_reply=parent_id != video.id),
        likes=int(random.paretovariate(0.75)) - 1 if happens(random, 0.6) else 0,
        author=author,
        deletion_share=random.random(),
    )


def _text(language: Language, random: Random, *, is_reply: bool) -> str:
    if happens(random, _EMPTY_RATE):
        return ""
    text = random.choice(language.replies if is_reply else language.comments)
    emoji = random.choice(random.choice(word_lists().topics).emoji)
    return random.choices((text, f"{text} {emoji}", emoji * random.randint(1, 4), text.upper()), (11, 5, 3, 1))[0]


def _free_id(second: int, video: Video, random: Random, *, taken: set[int]) -> int:
    day_number = video.create_time // DAY_S % (1 << _DAY_BITS)
    low = ((day_number << _NUMBER_BITS | video.number) << _SPARE_BITS) | random.getrandbits(_SPARE_BITS)
    comment_id = (second << 32) | (low ^ _mask(second))
    while comment_id in taken:
        comment_id ^= random.getrandbits(_SPARE_BITS)
    taken.add(comment_id)
    return comment_id


def _mask(second: int) -> int:
    return int(seeded_share("mask", second) * 2**32)


def video_day_and_number(comment_id: int) -> tuple[int, int]:
    """The Unix day of a comment's video, and the video's number in that day; meaningless for other ids."""
    second = comment_id >> 32
    low = (comment_id & (2**32 - 1)) ^ _mask(second)
    number = (low >> _SPARE_BITS) & ((1 << _NUMBER_BITS) - 1)
    today = second // DAY_S + 1
    return today - (today - (low >> (_SPARE_BITS + _NUMBER_BITS))) % (1 << _DAY_BITS), number
