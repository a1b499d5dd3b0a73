"""Accounts and videos as people name them: handles, ids, and the links that TikTok's pages and apps copy.

Nothing is sent: where a short link leads, only TikTok knows.
"""

import re
from datetime import date
from typing import Final
from urllib.parse import quote

from tt_pipeline.errors import UsageError
from tt_pipeline.ids import id_number, upload_date
from tt_pipeline.vocabulary import Username, VideoId

_SHORT: Final = re.compile(r"\b(?:v[mt]\.tiktok\.com|tiktok\.com/t)/\w", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"tiktok\.com/@([^/?#\s]+)", re.IGNORECASE)
_VIDEO: Final = re.compile(
    r"tiktok\.com/(?:@[^/?#\s]*/(?:video|photo)|embed(?:/v\d)?|player/v\d|share/video|v)/(\d+)", re.IGNORECASE
)
_FIRST_DAY: Final = date(2016, 9, 1)
"""TikTok started in that month; an id of before is none."""


def username_in(text: str) -> Username:
    """The handle in a text: with or without @, or the link of a profile or of one of its videos.

    Raises:
        UsageError: There is none, or only TikTok knows it.
    """
    plain = _without_short_link(text)
    link = _ACCOUNT.search(plain)
    name = link[1] if link else plain.removeprefix("@")
    if not name or re.search(r"[@/\s]", name):
        raise UsageError(f"{text!r} is not an account; write its handle as in @tiktok, or the link of its profile.")
    return Username(name)


def video_id_in(text: str | int) -> VideoId:
    """The id in a text: its digits, or the link of the video.

    Raises:
        UsageError: There is none, or only TikTok knows it.
    """
    plain = _without_short_link(str(text))
    link = _VIDEO.search(plain)
    number = id_number(link[1] if link else plain)
    if number is None or upload_date(number) < _FIRST_DAY:
        raise UsageError(f"{text!r} is not a video; write its id, which has 19 digits, or its link.")
    return VideoId(number)


def video_page(video_id: int | str) -> str:
    """The address of a video's page; TikTok fills in the handle of its creator."""
    return f"https://www.tiktok.com/@/video/{int(video_id)}"


def account_page(username: str) -> str:
    """The address of an account's page, whatever characters the handle has."""
    return f"https://www.tiktok.com/@{quote(username, safe='')}"


def _without_short_link(text: str) -> str:
    """The text without spaces around it.

    Raises:
        UsageError: It is a short link.
    """
    if _SHORT.search(text):
        raise UsageError(
            f"{text.strip()} is a short link, and only TikTok knows where it leads: "
            "open it in a browser, and name the long address that it becomes."
        )
    return text.strip()
