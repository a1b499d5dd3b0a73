"""Settings that would send credentials unencrypted, or open the UI to other sites, are refused."""

import grp
import os
from pathlib import Path

import pytest

from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.errors import SettingsError
from tt_pipeline.settings import VARIABLES, exported_settings, read_settings


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


@pytest.mark.parametrize("place", ["s3://answers", "s3://my.answers-7/study/2026_a", "s3://answers/study/"])
def test_the_shared_landing_zone_is_a_bucket_with_a_prefix(place: str) -> None:
    """A slash at the end makes no difference."""
    assert read_settings(landing=place).landing == place.rstrip("/")


@pytest.mark.parametrize(
    "place",
    ["answers", "/srv/answers", "s3://", "s3://Answers/x", "s3://answers//x", "s3://answers/../x", "gs://answers"],
)
def test_another_shared_landing_zone_is_refused(place: str) -> None:
    """It would lead elsewhere than its writer thinks."""
    assert refused(landing=place) == (
        "TT_LANDING cannot be used: it is not the address of a bucket; write s3://bucket or s3://bucket/prefix. See"
        " docs/settings.md."
    )


def test_answers_are_not_sent_unencrypted_to_another_machine() -> None:
    """They are data of persons; on this machine, and on a host that is allowed, nobody listens."""
    assert refused(landing="s3://answers", aws_endpoint_url="http://s3.example.org") == (
        "AWS_ENDPOINT_URL is 'http://s3.example.org', which would send stored answers unencrypted over the network. "
        "Write https://, or set TT_ALLOW_HTTP_HOST=s3.example.org if you trust every machine on the way."
    )
    for allowed in (
        {"aws_endpoint_url": "http://127.0.0.1:8333"},
        {"aws_endpoint_url": "https://s3.example.org"},
        {"aws_endpoint_url": "http://s3.example.org", "allow_http_host": "s3.example.org"},
    ):
        assert read_settings(landing="s3://answers", **allowed).aws_endpoint_url == allowed["aws_endpoint_url"]


def test_an_endpoint_with_a_password_is_refused_without_showing_it() -> None:
    """Credentials have variables of their own."""
    said = refused(landing="s3://answers", aws_endpoint_url="https://me:secret@s3.example.org")
    assert said == (
        "AWS_ENDPOINT_URL is 'https://…@s3.example.org', which contains a user name; credentials belong into "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Write scheme, host and port."
    )


def test_credentials_of_the_bucket_are_read_from_the_env_file_and_not_shown() -> None:
    """Other programs find them in the environment alone; here they may stand beside the other settings."""
    Path(".env").write_text("AWS_ACCESS_KEY_ID=key-of-ours\nAWS_SECRET_ACCESS_KEY=secret-of-ours\n")
    settings = read_settings()
    assert settings.aws_secret_access_key.get_secret_value() == "secret-of-ours"
    assert "of-ours" not in f"{settings!r}{settings}"
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= read_settings().secret_variables


def test_variables_of_other_programs_do_not_keep_a_service_from_being_installed() -> None:
    """Without TT_LANDING nothing here uses AWS."""
    os.environ["AWS_REGION"] = "eu-central-1"
    assert exported_settings() == []
    os.environ["TT_LANDING"] = "s3://answers"
    assert exported_settings() == ["AWS_REGION", "TT_LANDING"]
