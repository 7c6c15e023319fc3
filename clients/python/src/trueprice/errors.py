"""Exceptions: each unsuccessful response is a problem document (RFC 9457) and raises one of these.

`except trueprice.NotFound` catches only that error; `except trueprice.TruePriceError` catches all errors of this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class TruePriceError(Exception):
    """The base class of all exceptions of this package."""


class ConnectionFailed(TruePriceError):
    """The system did not answer, even after all retries."""


@dataclass(frozen=True)
class Wrong:
    """One error in a request."""

    parameter: str
    detail: str


class Problem(TruePriceError):
    """The system refused the request and explained why."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        """HTTP status."""
        self.title = str(document.get("title", f"HTTP status {status}"))
        """The kind of problem."""
        self.detail = str(document.get("detail", ""))
        """A sentence that describes this problem."""
        self.errors = [
            Wrong(str(wrong.get("parameter", "")), str(wrong.get("detail", "")))
            for wrong in document.get("errors") or []
            if isinstance(wrong, Mapping)
        ]
        """All errors in the request."""
        self.document = dict(document)
        """The complete problem document."""
        self.retry_after: float | None = None
        """Seconds to wait before a retry, if the system named a delay."""
        super().__init__(f"{status} {self.title}: {self.detail}" if self.detail else f"{status} {self.title}")


class BadRequest(Problem):
    """400: the request cannot be understood; `errors` lists every wrong parameter."""


class NotLoggedIn(Problem):
    """401: the password or key is wrong, or the session has ended and cannot be renewed."""


class Forbidden(Problem):
    """403: the user is disabled, or their role does not allow this."""


class NotFound(Problem):
    """404: not found, or not visible to you."""


class Conflict(Problem):
    """409: conflicts with the current state."""


class TooLarge(Problem):
    """413: the request or its response is too large; ask for less."""


class Rejected(Problem):
    """422: the request was understood, but its content is invalid."""


class RateLimited(Problem):
    """429: too many requests, even after all retries; `retry_after` is the number of seconds to wait."""


class ServerFault(Problem):
    """5xx: an error on the server's side, recorded in its log."""


class Unavailable(ServerFault):
    """503: part of the system does not answer, or the system is switched off; `detail` has the reason."""


_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest,
    401: NotLoggedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Rejected,
    429: RateLimited,
    503: Unavailable,
}


def problem(status: int, document: Mapping[str, Any]) -> Problem:
    """The exception for a status code."""
    kind = _BY_STATUS.get(status, ServerFault if status >= 500 else Problem)
    return kind(status, document)
