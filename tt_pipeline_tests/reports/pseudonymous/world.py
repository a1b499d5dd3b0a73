"""A published file whose texts, searches and queries name accounts in many ways."""

from pathlib import Path
from typing import Any, Final

from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    comment,
    comment_page,
    land,
    list_page,
    load,
    page,
    profile,
    refused_page,
    user_page,
    video,
)

ANNA, ALI, SARA, FOX, TANAKA, PLAIN = "anna.b", "محمد_علي", "שרה_כהן", "fire🔥fox", "田中さくら", "climatefan"
CREATORS: Final = (ANNA, ALI, SARA, FOX, TANAKA, PLAIN)
MENTIONED: Final = ("lena_m", "עומר")
FOLLOWERS: Final = ("kim", "🦊🦊", "complete")
"""One of them is also the status of a day, and no text can be told from it."""
TEXTS: Final = (
    "Danke @anna.b! ANNA.B rocks",
    "مرحبا @محمد_علي \u200fمحمد_علي، اتصل ٠١٥١٢٣٤٥٦٧٨",
    "שלום שרה_כהן 👋 \u05d5@עומר",
    "with fire🔥fox at https://www.tiktok.com/@lena_m/video/7696688856609475842",
    "田中さくらです、kimと。mail anna@example.org",
    "\uff20\uff4c\uff45\uff4e\uff41\uff3f\uff4d and kim, #teamclimatefan 🦊🦊",
)
USERNAMES: Final = (*CREATORS, *MENTIONED, *FOLLOWERS)


def publish_world(folder: Path) -> Path:
    """Six creators whose texts name one another, with profiles, comments, followers, and a search named after one."""
    landing, writer_file = folder / "landing", folder / "writer.duckdb"
    videos = [
        video(number, username=username, **texts_of(number), video_mention_list=[*MENTIONED])
        for number, username in enumerate(CREATORS, start=1)
    ]
    by_name = {"query": {"and": [{"field_name": "username", "operation": "IN", "field_values": [PLAIN]}]}}
    files = [
        land(landing, [page(*videos)]),
        land(
            landing,
            [page(*videos[3:], search="climatefan", fingerprint="e" * 64, request=by_name)],
            load_id="videos/climatefan/eeeeeeee/w.look-1",
        ),
        land(
            landing,
            [comment_page(*(comment(n, text=text) for n, text in enumerate(TEXTS, start=1)))],
            load_id="comments/2026-10-02/run-1",
        ),
        land(
            landing,
            [user_page(ANNA, profile(display_name="Anna Bee", bio_description="I am anna.b")), refused_page(FOX)],
            load_id="users/2026-10-02/run-1",
        ),
        land(landing, [list_page(Dataset.FOLLOWERS, ANNA, *FOLLOWERS)], load_id="followers/2026-11-05/run-1"),
    ]
    load(writer_file, files)
    published = folder / "data" / "warehouse.duckdb"
    publish_file(writer_file, published, CLOCK)
    return published


def texts_of(number: int) -> dict[str, Any]:
    """Texts of a video, which name accounts."""
    text = TEXTS[number - 1]
    return {
        "video_description": text,
        "voice_to_text": f"said {text}",
        "hashtag_names": ["climate", "lena_m", f"fanof{ANNA}"],
        "sticker_info_list": [{"sticker_id": number, "sticker_name": text}],
        "effect_info_list": [{"effect_id": 5, "effect_name": "by kim"}],
        "hashtag_info_list": [{"hashtag_id": 7, "hashtag_name": "lena_m", "hashtag_description": "of @lena_m"}],
    }
