"""Forward power price curves as pandas data frames. See `Client`."""

from .answer import Answer
from .client import Changes, Client, connect
from .errors import (
    BadRequest,
    Conflict,
    ConnectionFailed,
    Forbidden,
    NotFound,
    NotLoggedIn,
    Problem,
    RateLimited,
    Rejected,
    ServerFault,
    TooLarge,
    TruePriceError,
    Unavailable,
    Wrong,
)

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "BadRequest",
    "Changes",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "Forbidden",
    "NotFound",
    "NotLoggedIn",
    "Problem",
    "RateLimited",
    "Rejected",
    "ServerFault",
    "TooLarge",
    "TruePriceError",
    "Unavailable",
    "Wrong",
    "connect",
]
