"""Settings that would send credentials unencrypted, or open the UI to other sites, are refused."""

import grp
import os
from pathlib import Path

import pytest

from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.errors import SettingsError
from tt_pipeline.settings import VARIABLES, read_settings


def refused(**settings: str) -> str:
    """The message; the exit code is 2."""
    with pytest.raises(SettingsError) as caught:
        read_settings(**settings)
    assert exit_code(caught.value) == Exit.WRONG_USAGE
    return str(caught.value)


def test_http_to_another_machine_is_refused() -> None:
    """Anybody on the network could read key, secret and token."""
    assert refused(api_base_url="http://sim.example.org:8641") == (
        "TT_API_BASE_URL is 'http://sim.example.org:8641', which would send key, secret and token unencrypted over the "
        "network. Write https://, or set TT_ALLOW_HTTP_HOST=sim.example.org if you trust every machine on the way."
    )


@pytest.mark.parametrize(
    "host", ["open.tiktokapis.com", "10.0.0.7", "[fd00::7]", "127.0.0.1.example.org", "LOCALHOST.org"]
)
def test_only_the_loopback_needs_no_encryption(host: str) -> None:
    """An address that only begins like the loopback's, and another host than the allowed one, are refused."""
    assert "unencrypted" in refused(api_base_url=f"http://{host}:8641")
    assert "unencrypted" in refused(api_base_url=f"http://{host}:8641", allow_http_host="other.example.org")
    for settings in (
        {"api_base_url": f"http://{host}:1", "allow_http_host": host},
        {"api_base_url": f"https://{host}:1"},
    ):
        assert read_settings(**settings).api_base_url == settings["api_base_url"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LocalHost"])
def test_the_loopback_needs_no_encryption(host: str) -> None:
    """The simulator is served there."""
    assert read_settings(api_base_url=f"http://{host}:8641").api_base_url == f"http://{host}:8641"


def test_hosts_of_the_ui_are_a_list_of_names() -> None:
    """Blanks and capitals make no difference."""
    assert read_settings(ui_hosts="").ui_host_names == frozenset()
    assert read_settings(ui_hosts=" Ui.example.org,[fd00::7] ,").ui_host_names == {"ui.example.org", "[fd00::7]"}


@pytest.mark.parametrize("host", ["*", "*.example.org", "https://ui.example.org", "ui.example.org:443", "a b", "[x]"])
def test_a_value_that_is_not_the_name_of_a_host_is_refused(host: str) -> None:
    """It would match no host, or too many."""
    assert refused(ui_hosts=f"ui.example.org,{host}") == (
        f"TT_UI_HOSTS cannot be used: {host!r} is not the name of a host; "
        "write names without scheme, port and *. See docs/settings.md."
    )


def test_child_processes_get_the_same_settings(tmp_path: Path) -> None:
    """The webserver of `tt up` is one of them; every setting has its variable."""
    given = read_settings(
        api_base_url="http://sim.test", allow_http_host="sim.test", ui_hosts="ui.example.org", key_file=tmp_path / "key"
    )
    variables = given.as_environment()
    assert (variables["TT_ALLOW_HTTP_HOST"], variables["TT_UI_HOSTS"]) == ("sim.test", "ui.example.org")
    assert variables["TT_KEY_FILE"] == f"{tmp_path / 'key'}"
    assert variables.keys() == set(VARIABLES.values())


def test_an_unknown_group_is_refused() -> None:
    """No user could read the files."""
    assert refused(share_group="no-such-group") == (
        "TT_SHARE_GROUP is 'no-such-group', which is not a group here. "
        "Name a group of yours (`id -Gn` lists them), or unset it: then only you can read the data."
    )


def test_a_group_of_others_is_refused() -> None:
    """Files can only be given to a group of the user."""
    own = {os.getegid(), *os.getgroups()}
    foreign = next(group.gr_name for group in grp.getgrall() if group.gr_gid not in own)
    assert refused(share_group=foreign).startswith(f"TT_SHARE_GROUP is {foreign!r}, a group in which you are not.")
