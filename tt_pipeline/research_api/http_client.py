"""The HTTP client: how the server is reached, by which proxy, with which certificates.

The environment may name a proxy or a file with certificates that cannot be used. That is found here, before anything
is sent, and reported with the variable's name.
"""

import re
from urllib.parse import urlsplit

import httpx

from tt_pipeline.errors import SettingsError
from tt_pipeline.research_api.answer_limits import ONLY_GZIP
from tt_pipeline.settings import is_loopback, network_variables, without_credentials


def open_client(
    base_url: str, *, timeout: httpx.Timeout | float, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """A client of this server, which uses the proxies and certificates that the environment names.

    An institution's proxy cannot reach this machine, where the simulator runs, so such a server is reached directly.

    Raises:
        SettingsError: A variable of the environment names a proxy or certificates that cannot be used.
    """
    try:
        return httpx.Client(
            base_url=base_url,
            timeout=timeout,
            transport=transport,
            trust_env=not is_loopback(base_url),
            headers=ONLY_GZIP,
        )
    except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
        raise _cause(error) from error


def _cause(error: Exception) -> Exception:
    """The variable that made the client fail; the error itself if none did."""
    for name, value in network_variables().items():
        if problem := _problem(name.lower(), value, error):
            remedy = "Correct the variable, or remove it if you need no proxy."
            return SettingsError(name, f"is {without_credentials(value)!r}, {problem}", remedy=remedy)
    return error


def _problem(name: str, value: str, error: Exception) -> str | None:
    if name.startswith("ssl_"):
        return f"which cannot be read: {error.strerror or error}" if isinstance(error, OSError) else None
    if name == "no_proxy":
        bad = next((entry.strip() for entry in value.split(",") if not _is_host(entry.strip())), None)
        return bad and f"where {bad!r} is not a host name; write hosts, domains or IP addresses with commas between"
    address = value if "://" in value else f"http://{value}"
    if re.match("socks", address, re.IGNORECASE):
        return "but SOCKS proxies are not supported; name an HTTP proxy"
    try:
        httpx.Proxy(address)
        urlsplit(address)
    except (httpx.InvalidURL, ValueError):
        return "which is not the URL of a proxy, such as http://proxy.example.org:8080"
    return None


def _is_host(entry: str) -> bool:
    """Whether httpx can use an entry of NO_PROXY."""
    try:
        httpx.URL(entry if "://" in entry else f"all://*{entry}")
    except httpx.InvalidURL:
        return False
    return True
