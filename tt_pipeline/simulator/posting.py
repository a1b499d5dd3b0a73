"""How are the videos of a day invented?

Their times, texts and final counts depend on the seed, the day and the accounts alone, so that worlds of one seed agree
on the days that they share.
"""

import math
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache
from random import Random
from typing import NamedTuple

from tt_pipeline.simulator.people import Creator, People, reach
from tt_pipeline.simulator.randomness import happens, item_at, seeded_random, seeded_share, snowflake
from tt_pipeline.simulator.video_model import DAY_S, Video
from tt_pipeline.simulator.word_lists import Language, Topic, word_lists

_WEEKDAYS = (0.94, 0.95, 0.97, 0.99, 1.05, 1.12, 1.1)
_HOURS = (5, 3, 2, 1, 1, 2, 4, 7, 8, 8, 9, 10, 12, 11, 10, 11, 13, 15, 18, 20, 21, 19, 14, 9)
"""How many videos are posted in each local hour, relative to each other."""
_STRIKE_WEEKDAY = 4
_MUSICS = 600
_TAIL_RATE = 0.5


class VideoText(NamedTuple):
    """The description of a video, and the hashtags and mentions in it."""

    description: str
    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]


def start_second(day: date) -> int:
    """The Unix second of 00:00 UTC of a day."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY_S


def fold_text(text: str) -> str:
    """The text in the form that is compared: NFKC and casefold."""
    return unicodedata.normalize("NFKC", text).casefold()


def invent_videos(seed: int, day: date, *, people: People, videos_per_day: int) -> list[Video]:
    """All videos of a day, highest id first."""
    random = seeded_random(seed, "day", day.toordinal(), videos_per_day)
    count = round(videos_per_day * _WEEKDAYS[day.weekday()] * random.lognormvariate(0, 0.05))
    topic_weights = _topic_weights(day, random)
    videos = [_random_video(seed, number, day, people, topic_weights, random) for number in range(count)]
    return sorted({video.id: video for video in videos}.values(), key=lambda video: -video.id)


def invent_spam(seed: int, day: date, *, people: People, count: int) -> list[Video]:
    """The deleted spam of a day: ids of one second and the hashtags of every topic, so that most searches scan it.

    It fills whole pages with hidden slots, so that empty pages with `has_more` occur.
    """
    random = seeded_random(seed, "spam", day.toordinal())
    second = start_second(day) + random.randrange(DAY_S // 4, DAY_S // 2)
    author = next(creator for creator in people.creators if creator.place.region == "DE")
    text = _text_of_every_topic()
    videos = [
        _video(seed, number, second + 30, author, "spam", text, random, planted_second=second)
        for number in range(count)
    ]
    return sorted(videos, key=lambda video: -video.id)


def _text_of_every_topic() -> VideoText:
    """A text that most searches match: every sentence and hashtag of every topic and language."""
    words = [words for language in word_lists().languages.values() for words in language.topics.values()]
    tags = [tag for topic in word_lists().topics for tag in topic.hashtags] + [
        tag for topic in words for tag in topic.hashtags
    ]
    lines = " ".join(line for topic in words for line in topic.lines)
    return VideoText(f"{lines} #{' #'.join(tags)}", tuple(dict.fromkeys(tags)), ())


def _random_video(
    seed: int, number: int, day: date, people: People, topic_weights: Sequence[float], random: Random
) -> Video:
    creator = people.draw_creator(random)
    topic = (
        random.choice(creator.topics) if happens(random, 0.8) else random.choices(word_lists().topics, topic_weights)[0]
    )
    if happens(random, 0.15):
        topic = random.choices(word_lists().topics, topic_weights)[0]
    hour = (random.choices(range(24), _HOURS)[0] - creator.place.utc_offset_h) % 24
    create_time = start_second(day) + hour * 3_600 + random.randrange(3_600)
    text = _write_text(creator, topic, people, create_time, random)
    return _video(seed, number, create_time, creator, topic.name, text, random)


def _video(
    seed: int,
    number: int,
    create_time: int,
    creator: Creator,
    topic: str,
    text: VideoText,
    random: Random,
    *,
    planted_second: int | None = None,
) -> Video:
    views = min(int(random.lognormvariate(math.log(220 * reach(creator)), 1.7)), 400_000_000)
    return Video(
        id=snowflake(planted_second or create_time - random.randint(18, 48), random),
        number=number,
        create_time=create_time,
        creator=creator,
        topic=topic,
        description=text.description,
        folded=fold_text(text.description),
        hashtags=text.hashtags,
        folded_hashtags=frozenset(fold_text(tag) for tag in text.hashtags),
        mentions=text.mentions,
        music_id=_musics(seed)[min(int(random.paretovariate(0.7)) - 1, _MUSICS - 1)],
        duration=_duration(random),
        views=views,
        likes=_share_of_views(views, 0.06, random),
        comments=min(_share_of_views(views, 0.005, random), 6_000),
        shares=_share_of_views(views, 0.003, random),
        favorites=_share_of_views(views, 0.008, random),
        growth_s=DAY_S * random.uniform(0.5, 4),
        hidden_share=random.random(),
        index_share=random.random(),
        stats_share=random.random(),
        deletion_share=random.random(),
        is_planted=planted_second is not None,
    )


def _topic_weights(day: date, random: Random) -> list[float]:
    """How often each topic is posted on a day: varies from day to day; climate is more frequent on Fridays."""
    factors = {"climate": 1.8} if day.weekday() == _STRIKE_WEEKDAY else {}
    return [topic.weight * random.lognormvariate(0, 0.35) * factors.get(topic.name, 1) for topic in word_lists().topics]


def _share_of_views(views: int, rate: float, random: Random) -> int:
    return int(min(views * rate * random.lognormvariate(0, 0.8), views) + random.random())


def _duration(random: Random) -> int:
    return min(int(random.lognormvariate(3.1, 0.9)) + 3, 600)


@cache
def _musics(seed: int) -> tuple[int, ...]:
    random = seeded_random(seed, "music")
    return tuple(snowflake(random.randrange(1_500_000_000, 1_780_000_000), random) for _ in range(_MUSICS))


def _write_text(creator: Creator, topic: Topic, people: People, create_time: int, random: Random) -> VideoText:
    language = word_lists().languages[creator.place.language]
    tail = _tail(language, seeded_share("tail", creator.username, create_time))
    tags = _tags(language, topic, random)
    mentions = (people.draw_creator(random).username,) if happens(random, 0.06) else ()
    parts = [
        *_sentences(language, topic, random, tail=tail),
        *(f"#{tag}" for tag in tags),
        *(f"@{name}" for name in mentions),
    ]
    return VideoText(" ".join(parts), tags, mentions)


def _sentences(language: Language, topic: Topic, random: Random, *, tail: Sequence[str]) -> list[str]:
    if happens(random, 0.08):
        return []
    sentences = [random.choice(language.topics[topic.name].lines)]
    if happens(random, 0.4):
        sentences.insert(0, random.choice(language.openers))
    sentences += tail
    if happens(random, 0.4):
        sentences.append(random.choice(language.closers))
    if happens(random, 0.5):
        sentences.append(random.choice(topic.emoji) * random.randint(1, 2))
    return sentences


def _tail(language: Language, share: float) -> list[str]:
    """A numbered ending such as "day 12", for half of the videos."""
    if share >= _TAIL_RATE:
        return []
    number = 2 + int(share * 1_000) % 29
    return [f"({item_at(language.tails, share / _TAIL_RATE).format(n=number)})"]


def _tags(language: Language, topic: Topic, random: Random) -> tuple[str, ...]:
    own = random.sample(language.topics[topic.name].hashtags, min(random.randint(0, 2), 2))
    shared = random.sample(topic.hashtags, random.choices((0, 1, 2), (4, 4, 1))[0])
    generic = random.sample(word_lists().generic_hashtags, random.choices((0, 1, 2), (5, 3, 2))[0])
    return tuple(dict.fromkeys(_as_typed(tag, random) for tag in (*own, *shared, *generic)))


def _as_typed(tag: str, random: Random) -> str:
    if happens(random, 0.1):
        return tag.title()
    return tag.upper() if happens(random, 0.03) else tag
