"""The key of the pseudonyms is a file of its owner alone."""

import hashlib
import stat
from pathlib import Path

import pytest

from tt_pipeline.errors import SettingsError
from tt_pipeline.reports.pseudonymous.key import Pseudonyms, make_key, read_pseudonyms

KEY = "0123456789abcdef" * 4


def key_file(folder: Path, text: str = f"{KEY}\n", mode: int = 0o600) -> Path:
    """A file with a key."""
    file = folder / "study.key"
    file.write_text(text)
    file.chmod(mode)
    return file


def refusal(file: Path | None, *outside: Path) -> str:
    """The message about a key that is not used."""
    with pytest.raises(SettingsError) as refused:
        read_pseudonyms(file, outside=outside)
    return str(refused.value)


def test_the_same_key_gives_the_same_pseudonyms(tmp_path: Path) -> None:
    """A blank line behind the key changes nothing; another key gives other pseudonyms and another fingerprint."""
    first, same = (read_pseudonyms(key_file(tmp_path, text), outside=()) for text in (KEY, f"{KEY}\n\n"))
    other = read_pseudonyms(key_file(tmp_path, KEY[::-1]), outside=())

    assert first.account("nasa") == same.account("nasa") != other.account("nasa")
    assert first.fingerprint == same.fingerprint != other.fingerprint
    assert len(first.account("nasa")) == len("account_") + 32


def test_a_pseudonym_is_no_plain_hash(tmp_path: Path) -> None:
    """Without the key, the hash of a handle does not lead to its pseudonym; kinds have pseudonyms of their own."""
    names = read_pseudonyms(key_file(tmp_path), outside=())
    digest = names.account("nasa").removeprefix("account_")

    plain = [
        hashlib.new(kind, text).hexdigest() for kind in ("sha256", "sha1", "md5") for text in (b"nasa", b"account:nasa")
    ]
    assert not [each for each in plain if digest in each]
    assert digest not in names.item("nasa")


def test_nothing_shows_the_key(tmp_path: Path) -> None:
    """Neither the representation nor the fingerprint has it."""
    names = read_pseudonyms(key_file(tmp_path), outside=())
    assert repr(names) == "Pseudonyms()"
    assert names.fingerprint not in KEY
    assert Pseudonyms(KEY.encode()) == names


def test_a_new_key_is_made_once_for_its_owner(tmp_path: Path) -> None:
    """The file has 64 random digits and mode 0600; a second one is refused, and the first is unchanged."""
    file = make_key(tmp_path / "new.key", outside=())
    text = file.read_text()

    assert (stat.S_IMODE(file.stat().st_mode), len(text.strip())) == (0o600, 64)
    with pytest.raises(SettingsError, match="which exists already"):
        make_key(file, outside=())
    assert file.read_text() == text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The message says how to correct it."""
    file = key_file(tmp_path, mode=mode)
    assert refusal(file) == (
        f"TT_KEY_FILE is '{file}', which others can read or write (mode {mode:04o}). `chmod 600 {file}` keeps it to "
        "yourself."
    )


@pytest.mark.parametrize(("text", "has"), [("", "0"), ("short", "5"), (" \n", "0"), ("a" * 5000, "too many")])
def test_a_key_of_another_length_is_refused(tmp_path: Path, text: str, has: str) -> None:
    """An empty file, a password and a file that is something else are no keys."""
    assert f"which has {has} characters. A key has at least 32;" in refusal(key_file(tmp_path, text))


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    """Without the variable and without the file, the message says how to make one."""
    assert "TT_KEY_FILE is not set" in refusal(None)
    assert "does not exist. If you have a key, name its file. For a new one add `--new-key`" in refusal(tmp_path / "no")


def test_a_key_inside_the_data_dir_is_refused(tmp_path: Path) -> None:
    """Also through a link: whoever gets a copy of the folder would get the key."""
    data = tmp_path / "data"
    data.mkdir()
    link = tmp_path / "link.key"
    link.symlink_to(key_file(data))

    for file in (data / "study.key", link):
        assert f"which is in {data}: who gets a copy of that folder would get the key too" in refusal(file, data)
    with pytest.raises(SettingsError, match="which is in"):
        make_key(data / "new.key", outside=(data,))
    assert not (data / "new.key").exists()
