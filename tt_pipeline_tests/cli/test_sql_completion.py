"""What the tab key offers at the prompt of `tt sql`."""

import pytest

from tt_pipeline.cli.sql_completion import Completion

TABLES = {
    "marts.videos": ["video_id", "username", "like_count"],
    "marts.creators": ["username", "video_count"],
    "ops.loads": ["load_id"],
}
CASES = [
    ("ma", "from ", ["marts.creators", "marts.videos"]),
    ("v", "from ", []),
    ("marts.v", "from marts.creators join ", ["marts.videos"]),
    ("vi", "select ", ["video_count", "video_id"]),
    ("vi", "from marts.videos select ", ["video_id"]),
    ("VI", "FROM MARTS.VIDEOS SELECT ", ["video_id"]),
    ("u", "from marts.videos\nselect ", ["username"]),
    ("v.vi", "from marts.videos as v select ", ["v.video_id"]),
    ("load", "select ", ["load_id"]),
    (".s", "", [".schema"]),
    ("ops", ".schema ", ["ops.loads"]),
    ("w", ".mode ", ["wide"]),
    ("c", ".mode ", ["csv"]),
    ("nothing", "select ", []),
]


@pytest.mark.parametrize(("word", "before", "offered"), CASES)
def test_what_is_offered(word: str, before: str, offered: list[str]) -> None:
    """After `from` and `join` tables; elsewhere also the columns of the tables that are named, or of all."""
    assert Completion(TABLES).words(word, before) == offered
