"""A web page of another site, on its own port, and its attacks on a server of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

EVIL_HOST: Final = "evil.test"
"""A name that the browser of the tests resolves to 127.0.0.1."""

ATTACK: Final = """
async ([target, path, body]) => {
  const address = target + path;
  const tried = async (attempt) => { try { return await attempt() } catch (error) { return "" } };
  const read = (options) => tried(async () => (await fetch(address, options)).text());
  const loaded = (tag) => new Promise((done) => {
    const element = document.createElement(tag);
    element.onload = element.onerror = done;
    element.src = address;
    document.body.append(element);
    setTimeout(done, 1000);
  });
  const form = () => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.name = "sink";
    const form = document.createElement("form");
    Object.assign(form, {method: "POST", action: address, target: "sink", enctype: "text/plain"});
    document.body.append(frame, form);
    frame.onload = done;
    form.submit();
    setTimeout(done, 1000);
  });
  const socket = () => new Promise((done) => {
    const opened = new WebSocket(target.replace("http", "ws") + path.split("?")[0], "graphql-ws");
    opened.onopen = () => done("opened");
    opened.onerror = opened.onclose = () => done("");
  });
  const json = {"Content-Type": "application/json"};
  const got = [
    await read({}),
    await read({mode: "no-cors"}),
    await read({method: "POST", body}),
    await read({method: "POST", body, headers: json}),
    await read({method: "POST", body, mode: "no-cors", headers: {"Content-Type": "text/plain"}}),
    await tried(() => String(navigator.sendBeacon(address, body)).replace("true", "")),
    await socket(),
  ];
  await loaded("img");
  await loaded("script");
  await loaded("iframe");
  await form();
  return got.join("");
}
"""
"""Sends what a page can send to `target + path` without permission; returns all that the page could read of it."""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!doctype html><title>A page of somebody else</title><body></body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", f"{len(page)}")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_arguments: Any) -> None:
        """Write nothing."""


@contextmanager
def somebody_elses_server() -> Iterator[int]:
    """A web server with one page; yields its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
