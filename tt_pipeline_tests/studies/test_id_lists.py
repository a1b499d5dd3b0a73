"""Which ids are read from the lists that people publish, and what is said about the rest."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tt_pipeline.errors import StudyError
from tt_pipeline.studies import IdList, read_id_list
from tt_pipeline.vocabulary import VideoId

TODAY = date(2026, 11, 20)
ONE, TWO, THREE = (VideoId((int(datetime(2026, 10, day, tzinfo=UTC).timestamp()) << 32) + 7) for day in (1, 2, 3))
LINK = f"https://www.tiktok.com/@nasa/video/{TWO}?lang=en"
HOW = "Write one id or link of a video on each line, or a CSV with a column named video_id."


def read(content: str | bytes) -> IdList:
    """The list in a file."""
    file = Path("ids.csv")
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_id_list(file, today=TODAY)


def of(*ids: VideoId, repeated: int = 0, bad_lines: tuple[int, ...] = ()) -> IdList:
    """What should have been read."""
    return IdList(file=Path("ids.csv"), ids=ids, repeated=repeated, bad_lines=bad_lines)


@pytest.mark.parametrize(
    "content",
    [
        f"{TWO}\n{ONE}\n",
        f"\ufeff{TWO}\r\n\r\n{ONE}",
        f"# ids of 2026\n{LINK}\n'{ONE}'\n",
        f"video_id\n{ONE}\n{TWO}\n",
        f"author,id\nnasa,{ONE}\nesa,{TWO}\n",
        f"music_id;Video ID;text\n{THREE};{ONE};words\n{THREE};{TWO};words\n",
        f"nasa\t{ONE}\nesa\t{TWO}\n",
        f'text,url\n"two\nlines, and ""quotes""",{LINK}\nwords,https://m.tiktok.com/@esa/video/{ONE}\n',
        f"id,video_id\n1,{ONE}\n2,{TWO}\n",
        f'"{ONE}"\n"{TWO}"\n',
        f"when|which\n2026|{ONE}\n2026|{TWO}\n",
        f'"{ONE}\n{TWO}\n',  # a quote that is never closed
        f'["{ONE}", {TWO}]',
        f"id,url\n1,https://www.tiktok.com/@nasa/video/{ONE}\n2,{LINK}\n",
        f"# a, b, c, d\nvideo_id;text\n{ONE};x\n{TWO};y\n",
    ],
)
def test_a_list_is_read_however_it_was_written(content: str) -> None:
    """Plain lines, links, and CSV with every usual delimiter, with a header and without."""
    assert read(content) == of(ONE, TWO)


def test_lines_without_an_id_are_counted_by_their_number() -> None:
    """Rounded, future and short ids, other links and missing cells are no ids; a multi-line cell counts."""
    future = VideoId(int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()) << 32)
    wrong = ["7.69669E+18", str(future), "4711", "https://vm.tiktok.com/ZM8abc/", "https://www.tiktok.com/@nasa", ""]
    lines = ["note,video_id", f'"two\nlines",{ONE}', *(f",{each}" for each in wrong), "alone"]

    assert read("\n".join(lines)) == of(ONE, bad_lines=(4, 5, 6, 7, 8, 10))


def test_a_first_line_of_digits_is_no_header() -> None:
    """A damaged id in the first line is not mistaken for the name of a column."""
    assert read(f"4711\n{ONE}\n") == of(ONE, bad_lines=(1,))


def test_a_repeated_id_counts_once() -> None:
    """The id and its link are the same video."""
    assert read(f"{TWO}\n{LINK}\n{TWO}\n") == of(TWO, repeated=2)


@pytest.mark.parametrize(("step", "is_rounded"), [(1, False), (1024, True), (10_000, True)])
def test_rounded_ids_are_noticed(step: int, is_rounded: bool) -> None:  # noqa: FBT001 — a parameter of the test
    """Excel leaves multiples of 10,000; R and JavaScript multiples of 1,024."""
    ids = [(ONE // step + 1 + number) * step for number in range(12)]

    assert read("\n".join(map(str, ids))).is_rounded is is_rounded


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", f"is empty. {HOW}"),
        (" \n\n", f"is empty. {HOW}"),
        ("# only a comment\n", f"has no id of a video. {HOW}"),
        ("a,b\nc,d\n", f"has no id of a video. {HOW}"),
        (b"\0\0\0\n", f"has no id of a video. {HOW}"),
        ("é".encode("utf-16"), "is not UTF-8 text; save it with the encoding UTF-8."),
        (b"PK\x03\x04\xff\xfe", "is not UTF-8 text; save it with the encoding UTF-8."),
    ],
)
def test_a_file_without_ids_is_refused(content: str | bytes, problem: str) -> None:
    """One sentence says what is wrong and what to write."""
    with pytest.raises(StudyError) as error:
        read(content)

    assert f"{error.value}" == f"ids.csv: {problem}"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe and a missing file; nothing waits for the pipe."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    said = {}
    for name in ("folder", "pipe", "missing"):
        with pytest.raises(StudyError) as error:
            read_id_list(tmp_path / name, today=TODAY)
        said[name] = error.value.problem

    assert said == {
        "folder": "is a folder; name the file that has the ids.",
        "pipe": "is a device or a pipe; write the values into a file.",
        "missing": f"does not exist. The folder is {tmp_path}.",
    }
