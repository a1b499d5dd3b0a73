"""The HTTP client: how the server is reached, by which proxy, with which certificates.

The environment may name a proxy or certificates that cannot be used. That is found here, before anything is sent, and
reported with the variable's name and value.
"""

import ssl
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from tt_pipeline.errors import SettingsError
from tt_pipeline.research_api.answer_limits import ONLY_GZIP
from tt_pipeline.settings import is_loopback, network_variables, without_credentials

# A gateway that sends an answer too many would otherwise answer the next request with it, and an end of another list
# would be taken for the end of this one. On loopback a new connection takes 0.2 ms; TikTok takes seconds to answer.
_ONE_REQUEST_A_CONNECTION: Final = httpx.Limits(max_keepalive_connections=0)


def open_client(
    base_url: str, *, timeout: httpx.Timeout | float, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """A client of this server, which uses the proxies and certificates that the environment names.

    An institution's proxy cannot reach this machine, where the simulator runs, so such a server is reached directly.

    Raises:
        SettingsError: A variable of the environment names a proxy or certificates that cannot be used.
    """
    check_network(base_url)
    return httpx.Client(
        base_url=base_url,
        timeout=timeout,
        transport=transport,
        trust_env=not is_loopback(base_url),
        headers=ONLY_GZIP,
        limits=_ONE_REQUEST_A_CONNECTION,
    )


def check_network(base_url: str) -> None:
    """Check the variables of the environment that say how this server is reached.

    Raises:
        SettingsError: One cannot be used; the message has its name and value, without a password.
    """
    for name, value in used_variables(base_url).items():
        if problem := _CHECKS[name.lower()](value):
            remedy = "Correct the variable, or remove it."
            raise SettingsError(name, f"is {without_credentials(value)!r}, {problem}", remedy=remedy)


def used_variables(base_url: str) -> dict[str, str]:
    """The variables for proxies and certificates that matter for this server."""
    variables = network_variables()
    unused = set()
    if is_loopback(base_url):
        unused = _CHECKS.keys() - {"sslkeylogfile"}
    if "SSL_CERT_FILE" in variables:
        unused |= {"ssl_cert_dir"}
    if any("*" in _entries(value) for name, value in variables.items() if name.lower() == "no_proxy"):
        unused |= _PROXIES | {"no_proxy"}
    return {name: value for name, value in variables.items() if name.lower() not in unused}


def _problem_of_a_proxy(value: str) -> str | None:
    address = value if "://" in value else f"http://{value}"
    if address.lower().startswith("socks"):
        return "but SOCKS proxies are not supported; name an HTTP proxy"
    try:
        httpx.Proxy(address)
        parts = urlsplit(address)
        is_usable = bool(parts.hostname and parts.port != 0 and address.isprintable() and " " not in address)
    except (httpx.InvalidURL, ValueError):
        is_usable = False
    return None if is_usable else "which is not the URL of a proxy, such as http://proxy.example.org:8080"


def _problem_of_no_proxy(value: str) -> str | None:
    bad = next((entry for entry in _entries(value) if not _is_understood(entry)), None)
    return bad and f"where {bad!r} is not a host name; write hosts, domains or IP addresses with commas between"


def _entries(no_proxy: str) -> list[str]:
    return [entry.strip() for entry in no_proxy.split(",") if entry.strip()]


def _is_understood(entry: str) -> bool:
    """Whether httpx can use an entry of NO_PROXY; it makes the pattern of a URL of it."""
    try:
        address = ip_address(entry.partition("/")[0])
        host = entry if isinstance(address, IPv4Address) else f"[{entry}]"
    except ValueError:
        host = f"*{entry}"
    try:
        httpx.URL(entry if "://" in entry else f"all://{host}")
    except httpx.InvalidURL:
        return False
    return True


def _problem_of_a_certificate_file(value: str) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=value)
    except ssl.SSLError:
        return "which has no certificates in PEM format"
    except OSError as error:
        return f"which cannot be read: {error.strerror}"
    return None


def _problem_of_certificate_folders(value: str) -> str | None:
    # OpenSSL skips a folder that does not exist, and then trusts no server.
    return None if any(Path(folder).is_dir() for folder in value.split(":")) else "which is not a folder"


def _problem_of_a_key_log(value: str) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = value
    except OSError as error:
        return f"which cannot be written: {error.strerror}"
    return None


_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy"})
_CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    **dict.fromkeys(_PROXIES, _problem_of_a_proxy),
    "no_proxy": _problem_of_no_proxy,
    "ssl_cert_file": _problem_of_a_certificate_file,
    "ssl_cert_dir": _problem_of_certificate_folders,
    "sslkeylogfile": _problem_of_a_key_log,
}
