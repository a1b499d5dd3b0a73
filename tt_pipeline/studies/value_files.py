"""Lists in files of their own: `usernames: {file: accounts.txt}`, one value a line."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tt_pipeline.errors import StudyError
from tt_pipeline.studies.document import Document, KeyPath, Place, Problem
from tt_pipeline.studies.source import LARGEST_LIST, read_document, read_text
from tt_pipeline.studies.wording import LIST_KEYS


def with_value_files(document: Document) -> Document:
    """The document with each `{file: …}` replaced by the lines of that file, with their own places.

    Raises:
        StudyError: A file is missing, unreadable or has no value.
    """
    lists: dict[KeyPath, list[tuple[str, Place]]] = {}
    problems = []
    for path, name in _file_lists(document.content, ()):
        try:
            lists[path] = _values(_located(document.file.parent, name), hashtags=path[-1] == "hashtags")
        except StudyError as error:
            problems.append(Problem(path=(*path, "file"), text=f"{error.file} {error.problem}"))
    if problems:
        raise document.error(problems)
    return replace(document, content=_filled(document.content, (), lists), places=_placed(document, lists))


def files_of_study(file: Path) -> list[Path]:
    """The study file and the value files that it names, those that exist below its folder."""
    named = (file.parent / name for _, name in _file_lists(read_document(file).content, ()))
    return [file, *sorted({each for each in named if each.is_file() and each.is_relative_to(file.parent)})]


def _file_lists(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if not isinstance(value, dict):
        return
    if _takes_list(path) and set(value) == {"file"} and isinstance(value["file"], str):
        yield path, value["file"]
    for key, below in value.items():
        yield from _file_lists(below, (*path, key))


def _takes_list(path: KeyPath) -> bool:
    match path:
        case ("searches", _, "video_ids") | ("accounts", "usernames"):
            return True
        case ("searches", _, key) | ("searches", _, "exclude", key):
            return key in LIST_KEYS
        case _:
            return False


def _located(folder: Path, name: str) -> Path:
    """The value file with this name: below the study's folder, or at an absolute path that someone wrote on purpose.

    A study that was copied from somebody else cannot make others publish a file of its user by `../` or by a link.

    Raises:
        StudyError: The name leads out of the folder.
    """
    file = folder / name
    real = Path(os.path.realpath(file))  # unlike `resolve`, the same for links in a circle on every Python
    is_within = real.is_relative_to(folder.resolve())
    if not (is_within or Path(name).is_absolute()):
        raise StudyError(
            file, None, "", f"is outside the study's folder; if it is meant, write its whole path, {real}."
        )
    return file


def _values(file: Path, *, hashtags: bool) -> list[tuple[str, Place]]:
    text = read_text(
        file,
        largest=LARGEST_LIST,
        too_large="Split it into several searches.",
        remedy="The path is relative to the study file's folder.",
    )
    lines = [(line.strip(), Place(file, number)) for number, line in enumerate(text.split("\n"), start=1)]
    values = [(line, place) for line, place in lines if line and not _is_comment(line, hashtags=hashtags)]
    if not values:
        raise StudyError(file, None, "", "contains no value; write one on each line.")
    return values


def _is_comment(line: str, *, hashtags: bool) -> bool:
    # In a list of hashtags `#climate` is a hashtag; only `# climate` is a comment.
    return line.startswith("#") and not (hashtags and line.lstrip("#")[:1].strip())


def _filled(value: object, path: KeyPath, lists: dict[KeyPath, list[tuple[str, Place]]]) -> object:
    if path in lists:
        return [text for text, _ in lists[path]]
    if isinstance(value, dict):
        return {key: _filled(below, (*path, key), lists) for key, below in value.items()}
    return value


def _placed(document: Document, lists: dict[KeyPath, list[tuple[str, Place]]]) -> dict[KeyPath, Place]:
    places: dict[KeyPath, Place] = {}
    for path, place in document.places.items():
        places[path] = place
        places |= {(*path, number): own for number, (_, own) in enumerate(lists.get(path, ()))}
    return places
