"""A session with the system: credentials, retries, redirects and caching.

Guarantees: a token is renewed before it expires, and once after a 401; a refresh token is never sent twice, however many
threads there are; credentials are sent only to the system's own address.
"""

from __future__ import annotations

import email.utils
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import ConnectionFailed, NotLoggedIn, Problem, problem

Pairs = Sequence[tuple[str, str]]
"""Parameters of a query string; names may repeat."""

_AGAIN = {429, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Reply:
    """A complete response."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    from_cache: bool = False

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass
class _Tokens:
    access: str
    refresh: str
    ends: float


class Session:
    """A session; see the module."""

    def __init__(
        self,
        url: str,
        *,
        email: str | None,
        password: str | None,
        api_key: str | None,
        timeout: float,
        retries: int,
        longest_wait: float,
        cache: int,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if api_key is None and (email is None or password is None):
            raise ValueError("give email and password, or api_key")
        self.url = url.rstrip("/")
        self._email, self._password, self._api_key = email, password, api_key
        self._retries, self._longest_wait = retries, longest_wait
        self._sleep, self._clock = sleep, clock
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, transport=transport)
        self._tokens: _Tokens | None = None
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Reply] = OrderedDict()
        self._keep = cache

    def close(self) -> None:
        """Closes the connections; the session on the server stays until it expires."""
        self._http.close()

    def log_out(self) -> None:
        """Ends the session on the server."""
        if self._tokens is not None:
            self.send("POST", "/logout")
            self._tokens = None

    def send(
        self,
        method: str,
        path: str,
        params: Pairs = (),
        *,
        accept: str = "application/json",
        json: Any = None,
        files: Any = None,
    ) -> Reply:
        """Sends a request and returns the reply; raises a `Problem` if it is not a success."""
        url = f"{self.url}{path}"
        if params:
            url = f"{url}?{httpx.QueryParams(list(params))}"
        key = (url, accept)
        with self._lock:
            kept = self._kept.get(key) if method == "GET" else None
        renewed = False
        while True:
            # Credentials come first, so that a failed log-in raises its own error.
            headers = {"accept": accept, **self._credentials()}
            if kept is not None:
                headers["if-none-match"] = kept.headers["etag"]
            response = self._try(method, url, headers, json=json, files=files)
            if response.status_code != 401 or renewed or self._api_key is not None:
                break
            self._renew(headers["authorization"])
            renewed = True
        if response.status_code == 304 and kept is not None:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
            return Reply(kept.status, kept.headers, kept.content, from_cache=True)
        if response.status_code in _REDIRECTS and "location" in response.headers:
            response = self._follow(response, accept)
        if response.status_code >= 300:
            raise _problem_of(response)
        reply = Reply(response.status_code, dict(response.headers), response.content)
        if method == "GET" and "etag" in response.headers:
            self._remember(key, reply)
        return reply

    def _remember(self, key: tuple[str, str], reply: Reply) -> None:
        with self._lock:
            self._kept[key] = reply
            self._kept.move_to_end(key)
            while len(self._kept) > self._keep:
                self._kept.popitem(last=False)

    def _follow(self, response: httpx.Response, accept: str) -> httpx.Response:
        """Follows a redirect. A presigned URL carries its own permission, so our credentials are not sent there."""
        for _ in range(5):
            address = str(response.url.join(response.headers["location"]))
            own = httpx.URL(address).copy_with(path="/", query=None, fragment=None) == httpx.URL(self.url + "/")
            headers = {"accept": accept, **self._credentials()} if own else {"accept": "*/*"}
            response = self._try("GET", address, headers)
            if response.status_code not in _REDIRECTS or "location" not in response.headers:
                return response
        raise ConnectionFailed(f"more than 5 redirects from {self.url}")

    def _try(
        self, method: str, url: str, headers: Mapping[str, str], *, json: Any = None, files: Any = None
    ) -> httpx.Response:
        """Retries until the response is not "try later", or the retries are used up."""
        tries = 0
        while True:
            failed: httpx.TransportError | None = None
            response: httpx.Response | None = None
            try:
                response = self._http.request(method, url, headers=dict(headers), json=json, files=files)
            except httpx.TransportError as error:
                failed = error
            if response is not None and not _worth_another(method, response):
                return response
            # A request that was sent may have been carried out, unless the connection was never established.
            done_perhaps = failed is not None and method != "GET" and not isinstance(failed, httpx.ConnectError)
            wait = _wait(response, tries)
            if tries >= self._retries or done_perhaps or wait > self._longest_wait:
                if response is not None:
                    return response
                raise ConnectionFailed(f"{method} {self.url}: {failed}") from failed
            tries += 1
            self._sleep(wait)

    def _credentials(self) -> dict[str, str]:
        if self._api_key is not None:
            return {"x-api-key": self._api_key}
        with self._lock:
            if self._tokens is None:
                self._log_in()
            elif self._clock() > self._tokens.ends - 30:
                self._refresh_or_log_in()
            assert self._tokens is not None
            return {"authorization": f"Bearer {self._tokens.access}"}

    def _renew(self, refused: str) -> None:
        with self._lock:
            # Another thread may have renewed the token first.
            if self._tokens is not None and refused == f"Bearer {self._tokens.access}":
                self._refresh_or_log_in()

    def _refresh_or_log_in(self) -> None:
        """Runs with the lock held: sending a refresh token twice, some seconds apart, would end the session."""
        assert self._tokens is not None
        body = {"refresh_token": self._tokens.refresh}
        response = self._try("POST", f"{self.url}/refreshToken", {"accept": "application/json"}, json=body)
        if response.status_code == 200:
            self._take(response)
        else:
            self._log_in()

    def _log_in(self) -> None:
        body = {"email": self._email, "password": self._password}
        self._tokens = None
        response = self._try("POST", f"{self.url}/login", {"accept": "application/json"}, json=body)
        if response.status_code != 200:
            raise _problem_of(response)
        self._take(response)

    def _take(self, response: httpx.Response) -> None:
        told = response.json()
        try:
            ends = self._clock() + float(told["expires_in"])
            self._tokens = _Tokens(str(told["access_token"]), str(told["refresh_token"]), ends)
        except (KeyError, TypeError, ValueError) as error:
            raise NotLoggedIn(response.status_code, {"detail": f"the log-in's answer lacks {error}"}) from error


def _worth_another(method: str, response: httpx.Response) -> bool:
    if response.status_code not in _AGAIN:
        return False
    # 429 and 503 are returned before anything is done; after 502 and 504, something may have been done.
    return method == "GET" or response.status_code == 429 or "retry-after" in response.headers


def _wait(response: httpx.Response | None, tries: int) -> float:
    """The delay that the system asked for, or 0.5, 1, 2, 4 … seconds."""
    said = _retry_after(response) if response is not None else None
    return said if said is not None else float(0.5 * 2**tries)


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after")
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None


def _problem_of(response: httpx.Response) -> Problem:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {"detail": response.text[:500]}
    made = problem(response.status_code, document)
    made.retry_after = _retry_after(response)
    return made
