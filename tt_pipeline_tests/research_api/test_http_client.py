"""Proxies and certificates of the environment: each that cannot be used is named before anything is sent."""

import os
import socket
import ssl
from pathlib import Path
from typing import Final

import certifi
import httpx
import pytest

from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.errors import ServerUnreachable, SettingsError
from tt_pipeline.research_api import ResearchApi, check_network
from tt_pipeline.research_api.http_client import open_client
from tt_pipeline.settings import proxy_of, without_credentials
from tt_pipeline_tests.research_api.server import KEY, SECRET

SERVER: Final = "https://open.tiktokapis.com"
NO_PROXY_URL: Final = "which is not the URL of a proxy, such as http://proxy.example.org:8080"
SOCKS: Final = "but SOCKS proxies are not supported; name an HTTP proxy"


def odd_entry(entry: str) -> str:
    """The problem of an entry of NO_PROXY, as the message has it."""
    return f"where {entry!r} is not a host name; write hosts, domains or IP addresses with commas between"


REFUSED = [
    ("NO_PROXY", "localhost,[::1]", odd_entry("[::1]")),
    ("NO_PROXY", "::1, fe80::/10", odd_entry("fe80::/10")),
    ("no_proxy", "localhost,a:b:c", odd_entry("a:b:c")),
    ("ALL_PROXY", "socks://p:1080", SOCKS),
    ("all_proxy", "socks5://p:1080", SOCKS),
    ("HTTPS_PROXY", "SOCKS5H://p:1080", SOCKS),
    *(("HTTPS_PROXY", value, NO_PROXY_URL) for value in ("ftp://p", "http://", "://", "http://[::1", "http://p:99999")),
    *(("HTTP_PROXY", value, NO_PROXY_URL) for value in (" ", "p roxy", "http://p:0", "http://p\ta", "http://p:port")),
    ("SSL_CERT_FILE", "/nowhere.pem", "which cannot be read: No such file or directory"),
    ("SSL_CERT_FILE", "/", "which cannot be read: Is a directory"),
    ("SSL_CERT_FILE", os.devnull, "which has no certificates in PEM format"),
    ("SSL_CERT_FILE", "text.pem", "which has no certificates in PEM format"),
    ("SSL_CERT_DIR", "/nowhere", "which is not a folder"),
    ("SSL_CERT_DIR", "text.pem", "which is not a folder"),
    ("SSLKEYLOGFILE", "/nowhere/keys", "which cannot be written: No such file or directory"),
]


@pytest.fixture(autouse=True)
def files() -> None:
    """A file without certificates, and one that has some."""
    Path("text.pem").write_text("no certificate\n")
    Path("good.pem").write_text(Path(certifi.where()).read_text())


@pytest.mark.parametrize(("variable", "value", "problem"), REFUSED)
def test_a_variable_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    """The message has name, value and reason; the exit code is 2, because somebody has to correct it."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused, ResearchApi(KEY, SECRET, base_url=SERVER):
        pass

    assert str(refused.value) == f"{variable} is {value!r}, {problem}. Correct the variable, or remove it."
    assert exit_code(refused.value) is Exit.WRONG_USAGE


USED = [
    {"HTTPS_PROXY": "http://lena:geheim@proxy.example.org:8080", "HTTP_PROXY": "proxy.example.org"},
    {"ALL_PROXY": "https://[::1]:8080", "NO_PROXY": "localhost, 127.0.0.0/8,::1,.lan,example.org,http://a.b,,10.0.0.1"},
    {"HTTPS_PROXY": "http://b\xfccher.example:8080"},
    {"SSL_CERT_FILE": "good.pem", "SSL_CERT_DIR": "/nowhere"},
    {"SSL_CERT_DIR": "/nowhere:."},
    {"SSLKEYLOGFILE": "keys"},
    {"HTTPS_PROXY": "", "NO_PROXY": "", "SSL_CERT_FILE": ""},
    {"HTTPS_PROXY": "garbage://", "NO_PROXY": "[::1],*"},
]


@pytest.mark.parametrize("variables", USED, ids=str)
def test_variables_that_the_http_library_accepts_are_not_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """The library opens a client with the same variables, or does not use them."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    open_client(SERVER, timeout=1).close()


@pytest.fixture
def odd_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which no variable can be used."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5://p:1")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    monkeypatch.setenv("NO_PROXY", "[::1]")


@pytest.mark.usefixtures("odd_variables")
def test_the_simulator_is_reached_without_proxy_variables() -> None:
    """A server on this machine is reached directly, whatever the variables are."""
    open_client("http://127.0.0.1:8641", timeout=1).close()
    check_network("http://localhost:8641")


def test_the_library_would_fail_on_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a new version of httpx accepts one of these values, we must accept it too."""
    for name, value, error in [
        ("NO_PROXY", "[::1]", httpx.InvalidURL),
        ("NO_PROXY", "fe80::/10", httpx.InvalidURL),
        ("ALL_PROXY", "socks5://p:1", ImportError),
        ("ALL_PROXY", "socks://p:1", ValueError),
    ]:
        monkeypatch.setenv(name, value)
        with pytest.raises(error):
            httpx.Client()
        monkeypatch.delenv(name)


def test_an_unknown_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the proxy without its password; the exit code is 1, because the network may return."""

    def resolve(host: str, *_: object, **__: object) -> None:
        raise socket.gaierror(f"{host} is not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("HTTPS_PROXY", "http://lena:geheim@proxy.invalid:8080")
    with ResearchApi(KEY, SECRET, base_url=SERVER) as api, pytest.raises(ServerUnreachable) as failed:
        api.sign_in()

    through = "the proxy http://…@proxy.invalid:8080, which HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names"
    remedy = "Check this proxy and the network; to use the simulator, start `tt simulate` first."
    problem = "proxy.invalid is not known"
    assert str(failed.value) == f"No server answers at {SERVER} through {through} ({problem}). {remedy}"
    assert exit_code(failed.value) is Exit.FAILED


def test_a_certificate_that_is_not_trusted() -> None:
    """The message names the variable for the certificates of an institution."""

    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"{ssl.SSLCertVerificationError('[SSL: CERTIFICATE_VERIFY_FAILED] self-signed')}")

    transport = httpx.MockTransport(refuse)
    with (
        ResearchApi(KEY, SECRET, base_url=SERVER, transport=transport) as api,
        pytest.raises(ServerUnreachable, match=r"The certificate is not trusted: .* set SSL_CERT_FILE"),
    ):
        api.sign_in()


URLS = {
    "https://lena:geheim@a.b:1": "https://…@a.b:1",
    "lena:geheim@a.b:1": "…@a.b:1",
    "SOCKS5H://lena:ge@heim@a.b": "SOCKS5H://…@a.b",
    "http://lena:ge/heim@a.b": "http://…@a.b",
    "http://a.b": "http://a.b",
}


@pytest.mark.parametrize(("url", "shown"), URLS.items())
def test_credentials_of_a_proxy_are_not_shown(monkeypatch: pytest.MonkeyPatch, url: str, shown: str) -> None:
    """The message shows none, with and without a scheme."""
    monkeypatch.setenv("HTTPS_PROXY", url)

    assert (without_credentials(url), proxy_of(SERVER)) == (shown, shown)
