"""All answers in a data dir are from one server."""

from pathlib import Path

import pytest

from tt_pipeline.coverage.source import check_source, remember_source, source_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignDataDir, SourceUnknown
from tt_pipeline.settings import is_loopback


def test_the_first_answer_decides(tmp_path: Path) -> None:
    """A request alone does not decide the server of the data dir; its first answer does."""
    files = DataDir(tmp_path)
    check_source(files, "http://127.0.0.1:1")
    assert source_of(files) is None

    remember_source(files, "http://127.0.0.1:1")
    remember_source(files, "http://127.0.0.1:1")

    assert source_of(files) == "http://127.0.0.1:1"


def test_another_server_is_refused(tmp_path: Path) -> None:
    """The message has both servers and the setting to change."""
    remember_source(DataDir(tmp_path), "http://127.0.0.1:1")

    with pytest.raises(
        ForeignDataDir, match=r"contains data from http://127.0.0.1:1, .* is https://x.org.* TT_DATA_DIR"
    ):
        check_source(DataDir(tmp_path), "https://x.org")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8641", True),
        ("http://localhost:8641", True),
        ("http://[::1]:8641", True),
        ("https://open.tiktokapis.com", False),
        ("https://127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_is_free(url: str, expected: bool) -> None:  # noqa: FBT001
    """Only a server on this machine gets requests without a confirmed quota."""
    assert is_loopback(url) is expected


DAMAGED = [
    *(b"", b"{", b"[]", b"{}", b"null", b"7", bytes(500), b"\xff\xfe", b"[" * 9_000),
    *(b'{"api_base_url": 5}', b'{"api_base_url": ""}', b'{"api_base_url": "ftp://x"}'),
    b'{"api_base_url": "https://x\\n"}',
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    """Nothing is guessed, because the rows might be the simulator's or real; a folder in its place is named too."""
    files = DataDir(tmp_path)
    files.source.parent.mkdir()
    files.source.write_bytes(content)

    with pytest.raises(SourceUnknown, match=r"source\.json does not name the server"):
        check_source(files, "http://127.0.0.1:1")
    assert files.source.read_bytes() == content

    files.source.unlink()
    files.source.mkdir()
    with pytest.raises(SourceUnknown, match="not a regular file"):
        source_of(files)
