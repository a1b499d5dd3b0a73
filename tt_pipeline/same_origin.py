"""Refuses requests that a web page of another site makes a browser send to a server on this machine.

Such a server has no login, because only this machine reaches it. But so does every page in a browser of this machine,
and its requests look like those of a person. Only their headers differ: the name of the host that the page uses for
this machine, the origin of the page, and what the browser says about the site. Programs send none of these headers but
the first one.
"""

import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_ADDRESS: Final = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_POLICY_VIOLATION: Final = 1008
_REMEDY: Final = "if it should be, add it to TT_UI_HOSTS."


class SameOrigin:
    """The application, for programs and for its own pages; everybody else gets status 403 and a sentence.

    Args:
        app: The application.
        hosts: Names besides those of the loopback under which browsers reach it through a reverse proxy.
        remedy: What to say of other names.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] = (), remedy: str = _REMEDY) -> None:
        self._app, self._hosts, self._remedy = app, frozenset(hosts), remedy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        problem = refusal(scope, self._hosts, self._remedy) if scope["type"] in {"http", "websocket"} else None
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)  # before it is accepted: status 403
        else:
            await PlainTextResponse(f"{problem}\n", 403)(scope, receive, send)


def refusal(scope: Scope, hosts: Collection[str] = (), remedy: str = _REMEDY) -> str | None:
    """Why a request or websocket is refused; None if it is not.

    Args:
        scope: The request, in the form of ASGI.
        hosts: As in `SameOrigin`.
        remedy: As in `SameOrigin`.
    """
    headers, further = Headers(scope=scope), frozenset(hosts) - LOOPBACK_NAMES
    host = ", ".join(headers.getlist("host")).lower()
    origin = ", ".join(headers.getlist("origin")).lower()
    if _name(host) not in LOOPBACK_NAMES | further:
        return f"Refused: {host or 'no host'} is not a name of this server; {remedy}"
    if origin and not _is_own(origin, host, further):
        return f"Refused: the request comes from a web page of {origin}, which is another site than {host}."
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not _opens_page(scope, headers):
        return "Refused: the request comes from a web page of another site."
    if _asks_by_address(scope):
        return "Refused: a GraphQL query in an address could start runs; send it by POST."
    return None


def _name(address: str) -> str | None:
    """The host of `host:port`; None if it is something else."""
    found = _ADDRESS.fullmatch(address)
    return found["host"] if found else None


def _is_own(origin: str, host: str, further: Collection[str]) -> bool:
    """Whether a page is of this server: another port of this machine may be somebody else's server."""
    scheme, _, address = origin.partition("://")
    return scheme in {"http", "https"} and (address == host or _name(address) in further)


def _opens_page(scope: Scope, headers: Headers) -> bool:
    """Whether a link opens a page in a tab: it is then a page of this server, which the other site cannot read."""
    is_page = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")
    return is_page and scope.get("method") == "GET"


def _asks_by_address(scope: Scope) -> bool:
    is_graphql = scope["path"].rstrip("/").endswith("/graphql")
    return is_graphql and scope.get("method", "POST") != "POST" and bool(scope["query_string"])
