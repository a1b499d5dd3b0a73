"""The keys of the short form, and the cleaning of values as people copy them from the app.

`tt_pipeline.query` checks which cleaned values are legal.
"""

import re
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


def cleaned(field: ConditionField, written: str) -> str:
    """The value without surrounding spaces, # or @; extracted from a URL; codes in upper case.

    Usernames and hashtags keep their case: whether the API distinguishes it is not documented.
    """
    text = written.strip()
    if field is ConditionField.HASHTAG_NAME:
        return text.lstrip("#")
    if field is ConditionField.USERNAME:
        profile = _PROFILE.fullmatch(text)
        return profile[1] if profile else text.removeprefix("@")
    if field is ConditionField.VIDEO_ID:
        video = _VIDEO.fullmatch(text)
        return video[1] if video else text
    if field in {ConditionField.REGION_CODE, ConditionField.VIDEO_LENGTH}:
        return text.upper() if value_problem(field, text.upper()) is None else text
    return text
