"""The files that `tt init` writes: a commented study with the answers to its questions, and a `.env`."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import Template
from typing import Final

_WORD: Final = r"[^\W\d][\w.]*"
_NO_TEXT: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Words that YAML does not read as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What `tt init` asks, as written; `read_study` checks it.

    Attributes:
        start, end: Days; an empty end is no last day.
        keywords, hashtags: A video needs one of them.
        usernames, regions: A video needs one of each; empty lists allow all.
        comments: Whether comments are collected.
        name: The name of the search.
    """

    title: str
    start: str
    end: str = ""
    keywords: Sequence[str] = ()
    hashtags: Sequence[str] = ()
    usernames: Sequence[str] = ()
    regions: Sequence[str] = ()
    comments: bool = True
    name: str = "search"


_EXAMPLE: Final = Answers(
    title="Climate talk in Germany",
    start="2026-10-01",
    keywords=("climate strike", "klimastreik"),
    hashtags=("climate", "fridaysforfuture"),
    regions=("DE",),
    name="climate",
)


def study_text(answers: Answers) -> str:
    """The text of a study with comments on every setting that most studies need."""
    return _STUDY.substitute(
        title=quoted_title(answers.title),
        start=answers.start,
        end=f"end: {answers.end}" if answers.end else "# end: 2026-12-31",
        head=f"{f'{answers.name}:':<30}# your name for it: a-z, 0-9 and _",
        name=answers.name,
        either="\n    ".join(_lines(answers, "keywords", "hashtags")),
        also="\n    ".join(_lines(answers, "usernames", "regions")),
        comments="{after_days: 12, min_comments: 1, max_per_video: 1000}" if answers.comments else "false",
    )


_USUAL: Final = {"keywords": ("heat pump",), "hashtags": ("climate",), "usernames": ("tagesschau",), "regions": ("DE",)}
"""What a line shows that is commented out."""


def _lines(answers: Answers, *keys: str) -> Iterator[str]:
    for key in keys:
        values: Sequence[str] = getattr(answers, key)
        listed = ", ".join(map(_scalar, values or _USUAL[key]))
        yield f"{'' if values else '# '}{key}: [{listed}]"


def _scalar(text: str) -> str:
    """The text as YAML: quoted unless it is a word."""
    is_plain = re.fullmatch(_WORD, text) and text.lower() not in _NO_TEXT
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def quoted_title(text: str) -> str:
    """The title as YAML, in which words with one space between them need no quotation marks."""
    return text if re.fullmatch(rf"{_WORD}( {_WORD})+", text) else _scalar(text)


_STUDY: Final = Template("""\
# A study: which videos of TikTok are collected, over which days, and how much quota that may use.
# `tt check` describes it in English and reports mistakes, `tt plan` shows its costs; neither sends a request.

study: $title

# Days are UTC days, both inclusive. Without `end` the study has no last day.
start: $start
$end

searches:
  $head
    # One of the keywords or one of the hashtags …
    $either
    # … and every other line must match too. Regions are where creators registered.
    $also
    # min_views: 1000
    # video_length: [SHORT, MID]        # SHORT to 15 s, MID to 60 s, LONG to 5 min, EXTRA_LONG
    # exclude: {usernames: [some_shop]}
    # from: 2026-10-15                  # this search alone; also `to`
    # max_videos_per_day: 500           # only the newest of a day

  # agencies:                   # a list can stand in a file beside this one, one value a line
  #   usernames: {file: accounts.txt}

  # everyone:                   # instead of all: 100 videos drawn at random, 3 times for each day
  #   regions: [DE]
  #   sample: {random: 100, draws: 3}

  # known:                      # videos by id or link, whatever they are about; their days are in their ids
  #   video_ids: {file: ids.txt}

  # pasted:                     # the Research API's own JSON works as it is
  #   query: {"or": [{"operation": "IN", "field_name": "keyword", "field_values": ["heat pump"]}]}

# TikTok shows a video up to 2 days late and its counts up to 10 days late:
# the videos of a day are looked at when the day is 3 and again when it is 12 days old.
looks: [3, 12]

# Comments take nearly all requests of a study: one for each 100 comments of a video. `comments: false` collects none;
# a higher min_comments skips small discussions; `sample: {per_stratum: 20}` collects those of 20 videos drawn from each
# search, day and size; `replies: true` requests replies that the comments' listing did not return.
comments: $comments

# One request for each creator's profile, and another after every_days; `users: false` collects none.
# `mentioned: true` also collects the profiles of accounts that found videos mention.
users: {every_days: 30}

# Lists of accounts: followers and following (with their own 20,000 requests a day), liked, pinned, reposted, playlists.
# accounts:
#   usernames: [tagesschau]
#   top_creators: {search: $name, most: 100}
#   lists: [followers, pinned]
#   every_days: 7

# What your research does not need is better never requested. `profiles: false` requests no profile at all;
# `omit_fields` takes further names of fields, for example voice_to_text.
# privacy: {profiles: true, avatars: false, mentions: false, omit_fields: [bio_url]}

# Your organisation has 1,000 requests a day for all its members.
# Nothing is sent to TikTok until you have read the costs with `tt plan` and written `confirmed: true`.
quota: {requests_per_day: 1000, confirmed: false}
""")

STUDY_TEMPLATE: Final = study_text(_EXAMPLE)
"""A valid study; data/example.study.yaml has the same text."""

ENV_TEMPLATE: Final = """\
# Secrets of this computer. Git ignores this file; do not commit it, and do not share it.
#
# TikTok shows both on the page of your approved project:
# https://developers.tiktok.com/doc/research-api-get-started/
# To learn without them: run `tt simulate`, and write sim-key, sim-secret and the URL that it prints.
TT_CLIENT_KEY=
TT_CLIENT_SECRET=
# TT_API_BASE_URL=http://127.0.0.1:8641
"""
"""A `.env` without credentials."""
