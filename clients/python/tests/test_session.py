"""Tests of retries, redirects and log-ins against a fake server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import trueprice
from trueprice._session import Session


class FakeServer(ThreadingHTTPServer):
    """Sends the planned responses and records all requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.plan: dict[str, list[tuple[int, dict[str, str], Any]]] = {}
        self.tokens = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def times(self, path: str) -> int:
        return sum(asked[1] == path for asked in self.asked)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        plan = self.server.plan.get(self.path)
        if plan:
            status, more, told = plan.pop(0) if len(plan) > 1 else plan[0]
        elif self.path in ("/login", "/refreshToken"):
            self.server.tokens += 1
            number = self.server.tokens
            status, more = 200, {}
            told = {"access_token": f"access{number}", "refresh_token": f"refresh{number}", "expires_in": 900}
        else:
            status, more, told = 200, {}, {"path": self.path}
        content = json.dumps(told).encode()
        self.send_response(status)
        kind = "application/json" if status < 400 else "application/problem+json"
        for name, value in {"content-type": kind, "content-length": str(len(content)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


def opened() -> Iterator[FakeServer]:
    server = FakeServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    yield from opened()


@pytest.fixture
def other_server() -> Iterator[FakeServer]:
    yield from opened()


def session(server: FakeServer, waited: list[float] | None = None, **options: Any) -> Session:
    settings: dict[str, Any] = {
        "email": "me@example.com", "password": "secret", "api_key": None, "timeout": 5.0, "retries": 3,
        "longest_wait": 60.0, "cache": 4, "transport": None, "sleep": (waited if waited is not None else []).append,
    }
    return Session(server.url, **{**settings, **options})


LATER = {"status": 429, "title": "Too many requests", "detail": "more than 100 requests in a minute"}


def test_retries_wait_as_told_and_are_limited(server: FakeServer) -> None:
    waited: list[float] = []
    server.plan["/a"] = [(429, {"retry-after": "7"}, LATER), (503, {"retry-after": "2"}, {}), (200, {}, {"done": True})]
    asking = session(server, waited)
    assert json.loads(asking.send("GET", "/a").content) == {"done": True}
    assert waited == [7.0, 2.0]
    server.plan["/b"] = [(429, {"retry-after": "1"}, LATER)]
    with pytest.raises(trueprice.RateLimited) as caught:
        asking.send("GET", "/b")
    assert server.times("/b") == 4 and caught.value.retry_after == 1.0
    # A delay of an hour is too long to wait.
    server.plan["/c"] = [(503, {"retry-after": "3600"}, {"detail": "closed for the night"})]
    with pytest.raises(trueprice.Unavailable, match="closed for the night"):
        asking.send("GET", "/c")
    assert server.times("/c") == 1
    asking.close()


def test_a_post_is_retried_only_if_it_was_not_carried_out(server: FakeServer) -> None:
    asking = session(server)
    server.plan["/post"] = [(502, {}, {"title": "Bad gateway"})]
    with pytest.raises(trueprice.ServerFault):
        asking.send("POST", "/post", json={})
    assert server.times("/post") == 1
    server.plan["/busy"] = [(429, {"retry-after": "0"}, LATER), (200, {}, {})]
    asking.send("POST", "/busy", json={})
    assert server.times("/busy") == 2
    asking.close()


def test_credentials_are_not_sent_to_a_redirect_target(server: FakeServer, other_server: FakeServer) -> None:
    server.plan["/large"] = [(303, {"location": f"{other_server.url}/signed?X-Amz-Signature=abc"}, {})]
    for options in ({}, {"email": None, "password": None, "api_key": "tp_key"}):
        asking = session(server, None, **options)
        assert json.loads(asking.send("GET", "/large").content)["path"].startswith("/signed")
        asking.close()
    for _, _, headers, _ in other_server.asked:
        assert "authorization" not in headers and "x-api-key" not in headers
    assert any("x-api-key" in headers for _, _, headers, _ in server.asked)


def test_a_token_is_renewed_before_it_expires_and_once_after_a_refusal(server: FakeServer) -> None:
    now = [0.0]
    asking = session(server, None, clock=lambda: now[0])
    asking.send("GET", "/a")
    now[0] = 880.0
    asking.send("GET", "/a")
    assert (server.times("/login"), server.times("/refreshToken")) == (1, 1)
    server.plan["/gone"] = [(401, {}, {"detail": "the token has expired"}), (200, {}, {})]
    asking.send("GET", "/gone")
    assert server.times("/refreshToken") == 2
    server.plan["/never"] = [(401, {}, {"detail": "no"})]
    with pytest.raises(trueprice.NotLoggedIn):
        asking.send("GET", "/never")
    assert server.times("/never") == 2
    # A refresh token that is refused leads to a new log-in.
    server.plan["/refreshToken"] = [(401, {}, {})]
    now[0] = 5000.0
    asking.send("GET", "/a")
    assert server.times("/login") == 2
    asking.close()


def test_many_threads_renew_a_token_only_once(server: FakeServer) -> None:
    now = [0.0]
    asking = session(server, None, clock=lambda: now[0])
    asking.send("GET", "/a")
    now[0] = 1000.0
    threads = [threading.Thread(target=asking.send, args=("GET", "/a")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bodies = [body for _, path, _, body in server.asked if path == "/refreshToken"]
    assert len(bodies) == 1
    asking.close()


def test_an_unchanged_response_comes_from_the_cache(server: FakeServer) -> None:
    asking = session(server)
    server.plan["/kept"] = [(200, {"etag": '"1"'}, {"rows": [1]}), (304, {"etag": '"1"', "content-length": "0"}, {})]
    first = asking.send("GET", "/kept")
    again = asking.send("GET", "/kept")
    assert again.from_cache and again.content == first.content
    assert server.asked[-1][2]["if-none-match"] == '"1"'
    asking.close()


def test_an_unreachable_server_raises_our_own_exception() -> None:
    asking = Session(
        "http://127.0.0.1:9", email=None, password=None, api_key="k", timeout=1, retries=1, longest_wait=1, cache=0,
        transport=None, sleep=lambda _: None,
    )
    with pytest.raises(trueprice.ConnectionFailed):
        asking.send("GET", "/a")
    asking.close()
    with pytest.raises(ValueError, match="email and password, or api_key"):
        trueprice.Client("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("given", "to_set"),
    [
        ({}, ["TRUEPRICE_URL", "TRUEPRICE_API_KEY", "TRUEPRICE_EMAIL", "TRUEPRICE_PASSWORD"]),
        ({"URL": "http://127.0.0.1:1"}, ["TRUEPRICE_API_KEY", "TRUEPRICE_EMAIL", "TRUEPRICE_PASSWORD"]),
        ({"URL": "http://127.0.0.1:1", "EMAIL": "me@example.com"}, ["TRUEPRICE_PASSWORD"]),
        ({"URL": "http://127.0.0.1:1", "PASSWORD": "secret"}, ["TRUEPRICE_EMAIL"]),
        ({"URL": " ", "API_KEY": "tp_1_x"}, ["TRUEPRICE_URL"]),
    ],
)
def test_connect_without_settings_names_what_to_set(
    given: dict[str, str], to_set: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("URL", "API_KEY", "EMAIL", "PASSWORD"):
        monkeypatch.delenv(f"TRUEPRICE_{name}", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(f"TRUEPRICE_{name}", value)
    with pytest.raises(ValueError) as told:
        trueprice.connect()
    named = {name for name in ("URL", "API_KEY", "EMAIL", "PASSWORD") if f"TRUEPRICE_{name}" in str(told.value)}
    assert {f"TRUEPRICE_{name}" for name in named} == set(to_set), told.value
    assert "secret" not in str(told.value)
