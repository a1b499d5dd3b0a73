"""Reads `.env`, and names the file and line of what cannot be read in it.

python-dotenv knows how shells and editors write such files. It skips lines that it cannot read; here they are errors.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from tt_pipeline.errors import SettingsError

PREFIX: Final = "TT_"
"""The beginning of the names of our variables; other lines of the file belong to other programs."""
_NAME: Final = re.compile(r"\s*(?:export\s+)?(TT_\w+)", re.IGNORECASE)
_REMEDY: Final = "Correct or delete the line; nothing was sent or changed."


@dataclass(frozen=True, slots=True)
class EnvLine:
    """A variable of `.env`.

    Attributes:
        value: "" if the line has none.
        place: File and line, for example `/home/lena/climate/.env:3`.
    """

    value: str
    place: str


def read_env_file(file: Path) -> dict[str, EnvLine]:
    """The variables of a file by their names in capitals; none if there is no file.

    Raises:
        SettingsError: The file is not text, a line is not NAME=VALUE, or a variable of ours is set twice. The message
            shows no values.
    """
    text, lines = _text(file), dict[str, int]()
    for binding in parse_stream(StringIO(text)):
        line = _line(binding)
        for problem in _problems(binding, lines):
            raise SettingsError(f"{file.resolve()}:{line}:", problem, remedy=_REMEDY)
        if binding.key:
            lines[binding.key.upper()] = line
    values = {name.upper(): value for name, value in dotenv_values(stream=StringIO(text)).items()}
    return {name: EnvLine(values[name] or "", f"{file.resolve()}:{line}") for name, line in lines.items()}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "it is not UTF-8 text"
        remedy = "Correct the file or remove it."
        raise SettingsError(f"{file.resolve()}", f"cannot be read: {problem}", remedy=remedy) from error


def _problems(binding: Binding, lines: Mapping[str, int]) -> Iterator[str]:
    """What is wrong with a line; `lines` are the variables above it."""
    written = binding.original.string
    named = _NAME.match(written)
    if binding.error:
        whose = f"the line of {named[1]}" if named else "the line"
        yield f"{whose} cannot be read: it is not NAME=VALUE, or a quotation mark is missing"
    elif named and binding.value is None:
        yield f"{named[1]} has no = and no value"
    elif named and "\n" in written.strip():
        yield f"the value of {named[1]} begins with a quotation mark that the line does not close"
    elif named and binding.key and binding.key.upper() in lines:
        yield f"{named[1]} was set in line {lines[binding.key.upper()]} already"


def _line(binding: Binding) -> int:
    """The line of the name; the parser counts from the blank lines above it."""
    written = binding.original.string
    return binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
