"""What can go wrong, as types: each answer that is no success is a problem document (RFC 9457), and becomes one of these.

`except trueprice.NotFound` catches what it says; `except trueprice.TruePriceError` catches everything from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class TruePriceError(Exception):
    """Everything that this package raises of its own."""


class ConnectionFailed(TruePriceError):
    """The system did not answer, after all tries."""


@dataclass(frozen=True)
class Wrong:
    """One wrong part of a request."""

    parameter: str
    detail: str


class Problem(TruePriceError):
    """The system answered, and said why it did not do what was asked."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        """HTTP status."""
        self.title = str(document.get("title", f"HTTP status {status}"))
        """Kind of problem."""
        self.detail = str(document.get("detail", ""))
        """This problem, in a sentence."""
        self.errors = [
            Wrong(str(wrong.get("parameter", "")), str(wrong.get("detail", "")))
            for wrong in document.get("errors") or []
            if isinstance(wrong, Mapping)
        ]
        """Everything that is wrong with the request."""
        self.document = dict(document)
        """All that was answered."""
        self.retry_after: float | None = None
        """Seconds to wait before the next try, if the system said so."""
        super().__init__(f"{status} {self.title}: {self.detail}" if self.detail else f"{status} {self.title}")


class BadRequest(Problem):
    """400: the request cannot be understood; `errors` lists every wrong parameter."""


class NotLoggedIn(Problem):
    """401: wrong password or key, or a session that has ended and cannot be renewed."""


class Forbidden(Problem):
    """403: the user is disabled, or its role may not do this."""


class NotFound(Problem):
    """404: there is nothing, or nothing that you may see."""


class Conflict(Problem):
    """409: what is there stands against it."""


class TooLarge(Problem):
    """413: the request or its answer does not fit; ask for less."""


class Rejected(Problem):
    """422: it was understood, and what it brought is wrong."""


class RateLimited(Problem):
    """429: too many requests, after all tries; `retry_after` says when to come back."""


class ServerFault(Problem):
    """5xx: it is not your fault, and is in the system's log."""


class Unavailable(ServerFault):
    """503: part of the system does not answer, or it is switched off for now; `detail` has the reason."""


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
    """The exception of a status."""
    kind = _BY_STATUS.get(status, ServerFault if status >= 500 else Problem)
    return kind(status, document)
