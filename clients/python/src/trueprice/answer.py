"""An answer, and the rows in it."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from . import _frames
from ._session import Reply


class Answer:
    """What a route answered: `.df` the rows, `.json` the document, `.content` the bytes as they came."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @classmethod
    def made_of(cls, reply: Reply, told: Any) -> Answer:
        """An answer whose document was put together from several pages."""
        return cls(Reply(reply.status, reply.headers, json.dumps(told).encode(), reply.from_cache))

    @property
    def content(self) -> bytes:
        """The body, as it came."""
        return self._reply.content

    @property
    def media_type(self) -> str:
        """Of the body."""
        return self._reply.media_type

    @property
    def etag(self) -> str | None:
        """Stands for this very answer."""
        return self._reply.headers.get("etag")

    @property
    def from_cache(self) -> bool:
        """Whether the system said that the answer of before is still right (304)."""
        return self._reply.from_cache

    @property
    def is_final(self) -> bool:
        """Whether the request was pinned to what was known at a moment, so that its answer never changes."""
        return "immutable" in self._reply.headers.get("cache-control", "")

    @property
    def file_name(self) -> str | None:
        """As the system would name it."""
        for part in self._reply.headers.get("content-disposition", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name.lower() == "filename":
                return value.strip('"')
        return None

    @cached_property
    def json(self) -> Any:
        """The document, if the answer is JSON."""
        if not self.media_type.endswith("json"):
            raise ValueError(f"this answer is {self.media_type}; ask with format='json'")
        return json.loads(self.content)

    @cached_property
    def df(self) -> pd.DataFrame:
        """The rows as a data frame: numbers are float64, days datetime64, labels text, what is missing is NaN."""
        return _frames.frame(self.media_type, self.content)

    @cached_property
    def dfs(self) -> dict[str, pd.DataFrame]:
        """The data frames of a zip, by the names of its files."""
        return _frames.frames(self.content)

    def save(self, path: str | Path = ".") -> Path:
        """Writes the body to a file, or into a folder under the name that the system gave it."""
        target = Path(path)
        if target.is_dir():
            # The name is somebody else's word: only its last part counts.
            target = target / (Path(self.file_name or "answer").name or "answer")
        target.write_bytes(self.content)
        return target

    def __repr__(self) -> str:
        return f"<Answer {self.media_type}, {len(self.content)} bytes>"
