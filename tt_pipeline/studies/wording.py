"""The keys of the short form, and the cleaning of values as people copy them from the app.

`tt_pipeline.query` checks which cleaned values are legal.
"""

import re
import unicodedata
from typing import Final

from tt_pipeline.query import value_problem
from tt_pipeline.vocabulary import ConditionField, Operation

LIST_KEYS: Final = {
    "keywords": ConditionField.KEYWORD,
    "hashtags": ConditionField.HASHTAG_NAME,
    "usernames": ConditionField.USERNAME,
    "regions": ConditionField.REGION_CODE,
    "music_ids": ConditionField.MUSIC_ID,
    "effect_ids": ConditionField.EFFECT_ID,
    "video_length": ConditionField.VIDEO_LENGTH,
}
"""Short keys with a list; a video matches if it has one of the values."""

BOUND_KEYS: Final = {
    "min_views": (ConditionField.VIEW_COUNT, Operation.GTE),
    "max_views": (ConditionField.VIEW_COUNT, Operation.LTE),
    "min_comments": (ConditionField.COMMENT_COUNT, Operation.GTE),
    "max_comments": (ConditionField.COMMENT_COUNT, Operation.LTE),
}
"""Short keys with a number, which is part of the range."""

EITHER_KEYS: Final = ("keywords", "hashtags")
"""A video must match one of these keys, and every other key too."""

_PROFILE = re.compile(r"(?:https?://)?(?:www\.|m\.)?tiktok\.com/@([^/?#\s]+)(?:[/?#]\S*)?", re.IGNORECASE)
_VIDEO = re.compile(r"(?:https?://)?(?:www\.|m\.)?tiktok\.com/@[^/?#\s]+/video/([0-9]+)(?:[/?#]\S*)?", re.IGNORECASE)


# Zero-width spaces, byte order marks, soft hyphens, word joiners, and the marks that turn the direction of writing.
_INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# These two join letters of Persian, Indic and other scripts, and emoji; between Latin letters they came by accident.
_JOINERS: Final = re.compile("(?<![\u0590-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\U0010ffff])")


def visible(text: str) -> str:
    """The text in Unicode's composed form (NFC), without characters that cannot be seen."""
    return _JOINERS.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def cleaned(field: ConditionField, written: str) -> str:
    """The value without surrounding spaces, # or @; extracted from a URL; codes in upper case.

    Characters that no one sees are left out, and letters with accents are composed (Unicode NFC), as phones type them.
    Usernames and hashtags keep their case: whether the API distinguishes it is not documented.
    """
    text = visible(written).strip()
    if field is ConditionField.HASHTAG_NAME:
        return text.lstrip("#\uff03")  # the second is the # of Japanese keyboards
    if field is ConditionField.USERNAME:
        profile = _PROFILE.fullmatch(text)
        return profile[1] if profile else text.removeprefix("@")
    if field is ConditionField.VIDEO_ID:
        video = _VIDEO.fullmatch(text)
        return video[1] if video else text
    if field in {ConditionField.REGION_CODE, ConditionField.VIDEO_LENGTH}:
        return text.upper() if value_problem(field, text.upper()) is None else text
    return text
