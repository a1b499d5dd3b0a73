"""Settings as people write them: valid ones are read, and invalid ones get one sentence and exit code 2."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tt_pipeline.errors import SettingsError
from tt_pipeline.settings import VARIABLES, read_settings
from tt_pipeline_tests.cli.builders import run

STUDY: Final = "study: x\nstart: 2026-10-01\nsearches:\n  a: {hashtags: [b]}\n"
URL: Final = "Write the scheme, the host and perhaps a port, for example https://open.tiktokapis.com."
LONG: Final = "a" * 64


def refusal(**variables: str) -> str:
    """The message about variables that cannot be used."""
    os.environ.update(variables)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    return str(refused.value)


URLS = {
    "https://open.tiktokapis.com": "https://open.tiktokapis.com",
    "https://open.tiktokapis.com/": "https://open.tiktokapis.com",
    " https://open.tiktokapis.com//\n": "https://open.tiktokapis.com",
    "HTTPS://Open.TikTokApis.com": "HTTPS://Open.TikTokApis.com",
    "http://localhost:8641": "http://localhost:8641",
    "http://[::1]:8641": "http://[::1]:8641",
    "http://127.0.0.1": "http://127.0.0.1",
    "https://my_host.": "https://my_host.",
    "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
    "": "https://open.tiktokapis.com",
}


@pytest.mark.parametrize(("written", "understood"), URLS.items())
def test_base_urls(monkeypatch: pytest.MonkeyPatch, written: str, understood: str) -> None:
    """Blanks and slashes around the URL are left out; an empty variable counts as absent."""
    monkeypatch.setenv("TT_API_BASE_URL", written)

    assert read_settings().api_base_url == understood


NO_URL, NO_SCHEME, MORE, NO_HOST, ODD_HOST = (
    "is not a URL",
    "does not start with https:// or http://",
    "has more than a host",
    "has no usable host or port",
    "has a host with other characters than a-z, 0-9, dots and hyphens",
)
REFUSED_URLS = {
    **dict.fromkeys(("http://[::1", "http://[1.2]", "http://a.b:99999", "http://a.b:-1", "http://a.b:x"), NO_URL),
    **dict.fromkeys(("//a.b", "ftp://a.b", "file:///etc/passwd", "x:alert(1)", " "), NO_SCHEME),
    **dict.fromkeys(("https://a.b/v2", "https://a.b?x=1", "https://a.b/?", "https://a.b#f", "https://a.b/#"), MORE),
    **dict.fromkeys(("http://", "https://:80", "http://a.b:0"), NO_HOST),
    **dict.fromkeys(("https://a b", "https://a\tb", "https://a.b\\c", "https://a.b%2e", "https://a.b;x"), ODD_HOST),
    **dict.fromkeys(("https://b\xfccher.example", "https://a\udcff", "https://a..b", "https://.a"), ODD_HOST),
    **dict.fromkeys(("https://-", f"https://{LONG}.de", f"https://{'a.' * 127}com"), ODD_HOST),
    **dict.fromkeys(("http://[::1]x", "http://[v1.x]", "http://[fe80::1%25eth0]"), NO_URL),
}


@pytest.mark.parametrize(("written", "problem"), REFUSED_URLS.items())
def test_a_base_url_that_cannot_be_used_is_refused(written: str, problem: str) -> None:
    """The message has the URL, the problem and a valid URL."""
    assert refusal(TT_API_BASE_URL=written) == f"TT_API_BASE_URL is {written!r}, which {problem}. {URL}"


@pytest.mark.parametrize(
    ("written", "remedy"),
    {
        "127.0.0.1:8641": "http://127.0.0.1:8641",
        "localhost:8641": "http://localhost:8641",
        "[::1]": "http://[::1]",
        "open.tiktokapis.com": "https://open.tiktokapis.com",
    }.items(),
)
def test_a_base_url_without_a_scheme_is_completed(written: str, remedy: str) -> None:
    """Only this machine is reached without encryption."""
    assert refusal(TT_API_BASE_URL=written) == f"TT_API_BASE_URL is {written!r}, which {NO_SCHEME}. Write {remedy}."


@pytest.mark.parametrize("written", ["https://lena:geheim@a.b", "https://geheim@a.b", "https://a@b:geheim@a.b"])
def test_credentials_in_a_url_are_refused_and_not_shown(written: str) -> None:
    """The message says where credentials belong, without repeating them."""
    assert refusal(TT_API_BASE_URL=written) == (
        "TT_API_BASE_URL is 'https://…@a.b', which contains a user name; credentials belong into TT_CLIENT_KEY and "
        f"TT_CLIENT_SECRET. {URL}"
    )


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A folder with paths that are neither a usable folder nor a usable file."""
    (tmp_path / "file").write_text(STUDY)
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


NOT_A_DIRECTORY = "which cannot be used: Not a directory"
TOO_LONG = "which cannot be used: File name too long"
CIRCLE = "which cannot be used: Too many levels of symbolic links"
EVERYWHERE = [
    ("pipe", "which is not a {}"),
    ("/dev/null", "which is not a {}"),
    ("file/below", NOT_A_DIRECTORY),
    ("circle", CIRCLE),
    ("dangling", "a link that leads nowhere"),
    ("x" * 300, TOO_LONG),
    ("y/" * 3_000, TOO_LONG),
    ("~nobody-of-this-name/data", None),
]


@pytest.mark.parametrize(("variable", "kind"), {"TT_DATA_DIR": "folder", "TT_STUDY": "file"}.items())
@pytest.mark.parametrize(("name", "problem"), [*EVERYWHERE, ("wrong kind", "which is not a {}")])
def test_a_path_that_cannot_be_used_is_refused(
    places: Path, variable: str, kind: str, name: str, problem: str | None
) -> None:
    """The message of every command has the variable, the path, the reason and the remedy."""
    name = {"folder": "file", "file": "folder"}[kind] if name == "wrong kind" else name
    path = name if name.startswith("~") else str(places / name)
    message = (
        f"{variable} is {path!r}, {problem.format(kind)}. Name a {kind} of yours."
        if problem
        else f"{variable} cannot be used: no home folder is known for this ~. See docs/settings.md."
    )

    assert refusal(**{variable: path}) == message
    assert run("status") == 2


@pytest.mark.parametrize("variable", ["TT_LEDGER", "TT_KEY_FILE"])
@pytest.mark.parametrize("name", ["folder", "pipe", "file/below", "circle", "dangling", "x" * 300])
def test_a_file_of_another_setting_is_checked_alike(
    places: Path, capsys: pytest.CaptureFixture[str], variable: str, name: str
) -> None:
    """Nothing is written before the path was checked."""
    os.environ |= {"TT_STUDY": str(places / "file"), "TT_DATA_DIR": str(places / "new"), variable: str(places / name)}

    assert run("status") == 2
    assert capsys.readouterr().err.startswith(f"{variable} is {str(places / name)!r}, ")
    assert not (places / "new").exists()


@pytest.mark.skipif(not Path("/proc").exists(), reason="there is no /proc")
@pytest.mark.parametrize("variable", ["TT_DATA_DIR", "TT_LEDGER"])
def test_a_place_where_no_file_can_be_created(places: Path, capsys: pytest.CaptureFixture[str], variable: str) -> None:
    """The message has the error of the system and the variable."""
    os.environ |= {"TT_STUDY": str(places / "file"), "TT_DATA_DIR": str(places / "new"), variable: "/proc/x"}

    assert run("status") == 2
    assert capsys.readouterr().err == (
        f"{variable} is '/proc/x', where no file can be created (No such file or directory). Name a folder of yours.\n"
    )


_AS_OTHERS = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(_AS_OTHERS) and shutil.which("setpriv") is None, reason="root can write everywhere")
def test_a_data_dir_that_is_read_only(tmp_path: Path) -> None:
    """Another user's folder is a valid setting: the command fails with one sentence and changes nothing."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "study.yaml").write_text(STUDY)
    data_dir.chmod(0o555)
    command = [*_AS_OTHERS, sys.executable, "-m", "tt_pipeline.cli", "status"]
    ended = subprocess.run(
        command, env=os.environ | {"TT_DATA_DIR": str(data_dir)}, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"Opening failed at {data_dir}: Permission denied. Files that were complete before are still complete. Free "
        "disk space, or make the folder writable (`tt doctor` checks both), and run the same command again.\n"
    )
    assert [file.name for file in data_dir.iterdir()] == ["study.yaml"]


def test_a_path_may_start_with_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """~ is expanded also if no shell does it, as in .env, so no folder of that name is made."""
    monkeypatch.setenv("HOME", str(tmp_path))
    Path(".env").write_text("TT_DATA_DIR=~/tiktok\nTT_LEDGER=~/ledger.sqlite\nTT_STUDY=~/s.yaml\nTT_KEY_FILE=~/key\n")
    settings = read_settings()

    assert [settings.data_dir, settings.ledger, settings.study, settings.key_file] == [
        tmp_path / name for name in ("tiktok", "ledger.sqlite", "s.yaml", "key")
    ]


ENV_FILES = {
    "crlf": b"TT_CLIENT_KEY=key\r\nTT_CLIENT_SECRET=se cret\r\n",
    "quotes": b"TT_CLIENT_KEY=\"key\"\nTT_CLIENT_SECRET='se cret'\n",
    "byte order mark": b"\xef\xbb\xbfTT_CLIENT_KEY=key\nTT_CLIENT_SECRET=se cret\n",
    "export": b"export TT_CLIENT_KEY=key\nexport  TT_CLIENT_SECRET='se cret'\n",
    "blanks": b"  TT_CLIENT_KEY = key \n\nTT_CLIENT_SECRET='se cret \t'\n",
    "no-break space": "TT_CLIENT_KEY=key\xa0\nTT_CLIENT_SECRET=se cret\u3000\n".encode(),
    "comments": b"# ours\nTT_CLIENT_KEY=key # of 2026\nTT_CLIENT_SECRET=se cret\n",
    "lower case": b"tt_client_key=key\ntt_client_secret=se cret\n",
    "other variables": b"TT_CLIENT_KEY=key\nTT_CLIENT_SECRET=se cret\nNEW=1\nOTHER\n",
}


@pytest.mark.parametrize("content", ENV_FILES.values(), ids=ENV_FILES)
def test_an_env_file_as_editors_and_shells_write_it(content: bytes) -> None:
    """Key and secret are read without quotes, line ends and blanks around them."""
    Path(".env").write_bytes(content)
    key, secret = read_settings().credentials()

    assert (key, secret.get_secret_value()) == ("key", "se cret")


@pytest.mark.parametrize("blank", [" ", "\n", "\t", "\r\n", "\xa0"])
def test_blanks_around_credentials_are_left_out(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    """The server would refuse a copied blank as a wrong secret."""
    monkeypatch.setenv("TT_CLIENT_KEY", f"{blank}key{blank}")
    monkeypatch.setenv("TT_CLIENT_SECRET", f"{blank}secret{blank}")
    key, secret = read_settings().credentials()

    assert (key, secret.get_secret_value()) == ("key", "secret")


def test_an_env_file_that_is_not_text() -> None:
    """The message names a file in UTF-16, which an editor of Windows may write."""
    Path(".env").write_bytes("TT_CLIENT_KEY=key\n".encode("utf-16"))

    assert refusal() == f"{Path.cwd()}/.env cannot be read: it is not UTF-8 text. Correct the file or remove it."


SETTINGS: Final = ", ".join(variable for variable in VARIABLES.values() if variable.startswith("TT_"))
NO_SETTINGS = {
    "TT_DATADIR": "Did you mean TT_DATA_DIR?",
    "tt_client_secrte": "Did you mean TT_CLIENT_SECRET?",
    "TT_DAGSTER_HOME": f"The settings are {SETTINGS}.",
    "TT_": f"The settings are {SETTINGS}.",
}


@pytest.mark.parametrize(("name", "hint"), NO_SETTINGS.items())
def test_a_variable_that_is_not_a_setting_is_refused(name: str, hint: str) -> None:
    """It would be ignored, and the command would work with other data than intended."""
    assert refusal(**{name: "x"}) == (
        f"{name.upper()} is not a setting of tt_pipeline. {hint} Correct or unset the variable; nothing was sent or "
        "changed."
    )


def test_a_line_that_is_not_a_setting_is_refused() -> None:
    """The message has file and line, also if the value is still empty."""
    Path(".env").write_text("# ours\n\n\nTT_CLIENT_SECRTE=\n")

    assert refusal() == (
        f"{Path.cwd()}/.env:4: TT_CLIENT_SECRTE is not a setting of tt_pipeline. Did you mean TT_CLIENT_SECRET? "
        "Correct or delete the line; nothing was sent or changed."
    )


def test_variables_of_other_programs_are_left_alone() -> None:
    """Only names that start with TT_ are ours, and a variable without a value counts as absent."""
    os.environ |= {"TTY": "x", "MY_TT_DATADIR": "x", "TT_DATADIR": ""}
    Path(".env").write_text("DATADIR=x\nEXPORT\n")

    assert read_settings().data_dir == Path("data")


NO_LINE = "cannot be read: it is not NAME=VALUE, or a quotation mark is missing"
BROKEN_LINES = {
    'A=1\n\nTT_CLIENT_KEY="geheim\n': f":3: the line of TT_CLIENT_KEY {NO_LINE}",
    "export TT_CLIENT_KEY='geheim\nTT_CLIENT_SECRET='x'\n": f":1: the line of TT_CLIENT_KEY {NO_LINE}",
    "TT_CLIENT_KEY='geheim\nTT_CLIENT_SECRET=x'\n": (
        ":1: the value of TT_CLIENT_KEY begins with a quotation mark that the line does not close"
    ),
    "# ours\nTT_CLIENT_KEY: geheim\n": f":2: the line of TT_CLIENT_KEY {NO_LINE}",
    "TT_CLIENT_KEY geheim\n": f":1: the line of TT_CLIENT_KEY {NO_LINE}",
    "TT_CLIENT_KEY\n": ":1: TT_CLIENT_KEY has no = and no value",
    "=geheim\n": f":1: the line {NO_LINE}",
    "TT_CLIENT_KEY=\nA=1\nTT_CLIENT_KEY=geheim\n": ":3: TT_CLIENT_KEY was set in line 1 already",
    "tt_client_key=\nTT_CLIENT_KEY=geheim\n": ":2: TT_CLIENT_KEY was set in line 1 already",
}


@pytest.mark.parametrize(("content", "problem"), BROKEN_LINES.items())
def test_a_broken_line_is_named(content: str, problem: str) -> None:
    """The message has file and line and never the value, which may be a secret."""
    Path(".env").write_text(content)

    assert refusal() == (f"{Path.cwd()}/.env{problem}. Correct or delete the line; nothing was sent or changed.")


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable of the environment does not hide a line of the file."""
    Path(".env").write_text("TT_CLIENT_KEY=file\nTT_CLIENT_SECRET=file\nTT_DATA_DIR=${PLACE}/tiktok\n")
    monkeypatch.setenv("TT_CLIENT_KEY", "environment")
    monkeypatch.setenv("TT_CLIENT_SECRET", "")
    monkeypatch.setenv("PLACE", "/home/lena")
    settings = read_settings()
    key, secret = settings.credentials()

    assert (key, secret.get_secret_value(), settings.data_dir) == ("environment", "file", Path("/home/lena/tiktok"))


NUMBERS = {
    ("TT_MAX_ANSWER_BYTES", "4 MB"): "Input should be a valid integer, unable to parse string as an integer",
    ("TT_MAX_ANSWER_BYTES", "0"): "Input should be greater than or equal to 65536",
    ("TT_MAX_ANSWER_BYTES", "1e99"): "Input should be a valid integer, unable to parse string as an integer",
    ("TT_ANSWER_SECONDS", "nan"): "Input should be less than or equal to 3600",
    ("TT_ANSWER_SECONDS", "inf"): "Input should be less than or equal to 3600",
    ("TT_ANSWER_SECONDS", "0"): "Input should be greater than or equal to 1",
}


@pytest.mark.parametrize(("written", "problem"), NUMBERS.items())
def test_a_limit_that_cannot_be_used_is_refused(written: tuple[str, str], problem: str) -> None:
    """The message names a limit that is not a number, or that would switch the limit off."""
    variable, value = written

    assert refusal(**{variable: value}) == f"{variable} cannot be used: {problem}. See docs/settings.md."
