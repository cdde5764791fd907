"""Somebody between a server and those who ask it: passes everything on, and changes what a test says. I/O: loopback."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: what is asked here has no TLS, and the public authorities take longer to read than a whole answer."""
Edit = Callable[[bytes], bytes | None]
"""From the true body to the false one; None: there is no such file."""
PASSED_ON = ("content-type", "content-security-policy", "service-worker-allowed", "cache-control", "mindhaven-origin")


@dataclass
class Tampering:
    """`edits` by path; with `only`, only for who names that in the user agent. `headers` are put over the true ones."""

    url: str
    edits: dict[str, Edit] = field(default_factory=dict)
    only: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    carried: set[str] = field(default_factory=set)
    """Names of the headers that requests had."""
    server: str = ""

    def true(self, path: str) -> bytes:
        """Return what the server itself answers."""
        return httpx.get(self.server + path, trust_env=False, timeout=20, verify=PLAIN).content


@contextmanager
def tampering(server: str) -> Iterator[Tampering]:
    """Stand before `server` (its address) for a while."""
    here = Tampering("", server=server)
    client = httpx.Client(trust_env=False, timeout=20, verify=PLAIN)  # its connections stay open between requests

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body waits until the headers are acknowledged: 40 ms an answer

        def _pass(self) -> None:
            path = self.path.partition("?")[0]
            here.asked.append(path)
            here.carried.update(name.lower() for name in self.headers)
            sent = self.rfile.read(int(self.headers.get("content-length") or 0))
            given = {"accept-encoding": "identity", "content-type": self.headers.get("content-type") or ""}
            answer = client.request(self.command, server + self.path, content=sent, headers=given)
            status, body = answer.status_code, answer.content
            if path in here.edits and here.only in self.headers.get("user-agent", ""):
                edited = here.edits[path](body)
                status, body = (404, b"{}") if edited is None else (200, edited)
            self.send_response(status)
            headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers} | here.headers
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _pass

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's shape
            """Say nothing."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of who hung up."""

    listener = Listener(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{listener.server_address[1]}"
    thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
        client.close()
