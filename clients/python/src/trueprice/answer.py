"""A response and its rows."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from . import _frames
from ._session import Reply


class Answer:
    """A route's response: `.df` has the rows, `.json` the document, `.content` the original bytes."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @classmethod
    def made_of(cls, reply: Reply, told: Any) -> Answer:
        """A response whose document was combined from several pages."""
        return cls(Reply(reply.status, reply.headers, json.dumps(told).encode(), reply.from_cache))

    @property
    def content(self) -> bytes:
        """The original body."""
        return self._reply.content

    @property
    def media_type(self) -> str:
        """The media type of the body."""
        return self._reply.media_type

    @property
    def etag(self) -> str | None:
        """Identifies this exact response."""
        return self._reply.headers.get("etag")

    @property
    def from_cache(self) -> bool:
        """Whether the system confirmed that the cached response is still valid (304)."""
        return self._reply.from_cache

    @property
    def is_final(self) -> bool:
        """Whether the request was pinned with `known_at`, so that its response never changes."""
        return "immutable" in self._reply.headers.get("cache-control", "")

    @property
    def file_name(self) -> str | None:
        """The file name that the system suggests."""
        for part in self._reply.headers.get("content-disposition", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name.lower() == "filename":
                return value.strip('"')
        return None

    @cached_property
    def json(self) -> Any:
        """The document, if the response is JSON."""
        if not self.media_type.endswith("json"):
            raise ValueError(f"this answer is {self.media_type}; ask with format='json'")
        return json.loads(self.content)

    @cached_property
    def df(self) -> pd.DataFrame:
        """The rows as a data frame: numbers are float64, days datetime64, labels text, missing values NaN."""
        return _frames.frame(self.media_type, self.content)

    @cached_property
    def dfs(self) -> dict[str, pd.DataFrame]:
        """The data frames of a zip, by file name."""
        return _frames.frames(self.content)

    def save(self, path: str | Path = ".") -> Path:
        """Writes the body to a file, or into a folder under the name that the system suggests."""
        target = Path(path)
        if target.is_dir():
            # The name comes from the server, so only its last part counts.
            target = target / (Path(self.file_name or "answer").name or "answer")
        target.write_bytes(self.content)
        return target

    def __repr__(self) -> str:
        return f"<Answer {self.media_type}, {len(self.content)} bytes>"
