"""The client: a method for every question.

    import trueprice

    tp = trueprice.Client("https://prices.example.com", email="me@example.com", password="…")
    tp.values("energy", "ERCOT", load_zone="NORTH ZONE", granularity="year").df
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

import httpx

from . import _frames
from ._session import Reply, Session
from .answer import Answer

Value: TypeAlias = str | int | float | bool | dt.date | dt.datetime | None
"""What a parameter may be; `None` leaves it out."""

Values: TypeAlias = Value | Sequence[Value]
"""One of them, or several."""

Format: TypeAlias = Literal["csv", "json", "ndjson", "parquet", "arrow", "xlsx"]
Mark: TypeAlias = Literal["latest", "cob", "intraday", "all"]
Calendar: TypeAlias = Literal["nerc", "legacy"]
Granularity: TypeAlias = Literal["native", "month", "quarter", "season", "year", "strip"]


def connect(**options: Any) -> Client:
    """A client from the environment: `TRUEPRICE_URL` and `TRUEPRICE_API_KEY`, or `TRUEPRICE_EMAIL` and `TRUEPRICE_PASSWORD`.

    Raises `ValueError` that names the variables to set if some are missing.
    """
    url, api_key, mail, password = (
        os.environ.get(f"TRUEPRICE_{name}", "").strip() or None for name in ("URL", "API_KEY", "EMAIL", "PASSWORD")
    )
    missing = [] if url else ["TRUEPRICE_URL (such as https://prices.example.com)"]
    if api_key is None and (mail is None or password is None):
        half = {"TRUEPRICE_PASSWORD": mail, "TRUEPRICE_EMAIL": password}
        given = [name for name, other in half.items() if other]
        missing.append(given[0] if given else "TRUEPRICE_API_KEY, or TRUEPRICE_EMAIL and TRUEPRICE_PASSWORD")
    if url is None or missing:
        raise ValueError(f"trueprice.connect() reads the environment; set {', and '.join(missing)}")
    return Client(url, email=mail, password=password, api_key=api_key, **options)


class Client:
    """A caller of one system. It may be shared by threads, and is a context manager.

    Give e-mail and password, or an API key. Tokens are renewed by themselves. An answer that says "later" (429, 503) is
    asked for again when it said, `retries` times at most and no later than `longest_wait` seconds; so is a GET that was
    broken off. `cache` answers are kept, and asked for again with their `ETag`.
    """

    def __init__(
        self,
        url: str,
        *,
        email: str | None = None,
        password: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 4,
        longest_wait: float = 120.0,
        cache: int = 64,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._session = Session(
            url,
            email=email,
            password=password,
            api_key=api_key,
            timeout=timeout,
            retries=retries,
            longest_wait=longest_wait,
            cache=cache,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def log_out(self) -> None:
        """Ends the session at the system at once; the next question logs in again."""
        self._session.log_out()

    # Questions about prices

    def values(
        self,
        data_type: str = "energy",
        market: Values = None,
        *,
        granularity: Granularity | None = None,
        blocks: Values = None,
        units: Literal["native", "$/MWh"] | None = None,
        from_: Value = None,
        to: Value = None,
        period: str | None = None,
        as_of: Value = None,
        known_at: Value = None,
        mark: Mark | None = None,
        calendar: Calendar | None = None,
        fill: str | None = None,
        format: Format | None = None,
        **labels: Values,
    ) -> Answer:
        """Prices per delivery period: of months `from_` up to `to` (excluded), or of a relative `period` (`M+1`, `Cal+1`,
        `next12`, `Winter`, `BOM`). Labels choose curves: `load_zone="NORTH*"`, `block_type=["5x16", "2x16"]`."""
        return self._rows(
            "/v1/values",
            format,
            labels,
            data_type=data_type,
            market=market,
            granularity=granularity,
            blocks=blocks,
            units=units,
            from_=_month(from_),
            to=_month(to),
            period=period,
            as_of=as_of,
            known_at=known_at,
            mark=mark,
            calendar=calendar,
            fill=fill,
        )

    def evolution(
        self,
        data_type: str = "energy",
        market: Values = None,
        *,
        from_day: Value,
        to_day: Value = None,
        period: str | None = None,
        from_: Value = None,
        to: Value = None,
        format: Format | None = None,
        **options: Values,
    ) -> Answer:
        """What one delivery period was worth on each operating day from one to another (included)."""
        days = {"from_day": from_day, "to_day": to_day, "period": period, "from_": _month(from_), "to": _month(to)}
        return self._rows("/v1/evolution", format, options, data_type=data_type, market=market, **days)

    def diff(
        self,
        data_type: str | None = "energy",
        market: str | None = None,
        *,
        snapshot: int | None = None,
        against: int | None = None,
        as_of: Value = None,
        against_as_of: Value = None,
        format: Format | None = None,
        **options: Values,
    ) -> Answer:
        """What changed between two snapshots: by their ids, by their days, or the newest against the mark of the day before."""
        if snapshot is not None:
            data_type = market = None
        pair = {"snapshot": snapshot, "against": against, "as_of": as_of, "against_as_of": against_as_of}
        return self._rows("/v1/diff", format, options, data_type=data_type, market=market, **pair)

    def spread(
        self,
        a: dict[str, Values],
        b: dict[str, Values],
        *,
        heat_rate: float | None = None,
        format: Format | None = None,
        **options: Values,
    ) -> Answer:
        """The difference of two curves, each named by its labels; with `heat_rate`, of power and the gas that it takes."""
        sides = {f"{side}.{name}": value for side, labels in (("a", a), ("b", b)) for name, value in labels.items()}
        return self._rows("/v1/spread", format, options | sides, heat_rate=heat_rate)

    def stats(
        self, data_type: str = "energy", market: Values = None, *, format: Format | None = None, **options: Values
    ) -> Answer:
        """Prompt month, next 12 and 24 months, calendar years and seasons, and how each moved in a day, a week and a month."""
        return self._rows("/v1/stats", format, options, data_type=data_type, market=market)

    # What there is

    def curves(
        self, q: str | None = None, *, data_type: str | None = None, market: Values = None, **options: Values
    ) -> Answer:
        """The catalog of curves, all pages of it: by words and by labels, with units, first and last stamps."""
        options = {"q": q, "data_type": data_type, "market": market, "limit": 200, **options}
        return self._whole("/v1/curves", "rows", options)

    def snapshots(self, data_type: str | None = None, market: str | None = None, **options: Values) -> Answer:
        """Every version of the curves, newest stamp first, all pages of it."""
        options = {"data_type": data_type, "market": market, "limit": 200, **options}
        return self._whole("/v1/snapshots", "snapshots", options)

    def snapshot(self, id: int) -> Answer:
        """One of them."""
        return self.get(f"/v1/snapshots/{id}")

    def markets(self, **options: Values) -> Answer:
        """The markets, with their time zones, and how new they are, or were (`as_of`, `known_at`, `mark`)."""
        return self.get("/v1/markets", **options)

    def graphs(self) -> Answer:
        """The graphs that you keep, or that are shared with you, newest first, all pages of them."""
        return self._whole("/v1/graphs", "graphs", {"limit": 200})

    def graph(
        self, id: int, *, calendar: Calendar | None = None, as_of: Value = None, known_at: Value = None, mark: Mark | None = None
    ) -> Answer:
        """The lines of one of them by month, of what you may see; `as_of`, `known_at` and `mark` in place of what each says."""
        return self.get(f"/v1/graphs/{id}/values", calendar=calendar, as_of=as_of, known_at=known_at, mark=mark)

    def data_types(self) -> Answer:
        """The data types, with their columns and markets."""
        return self.get("/v1/data-types")

    def calendar(self, market: str, month: Value, *, days: bool | None = None) -> Answer:
        """Hours of each block and the holidays of a month (`2025-03`) of a market."""
        return self.get(f"/v1/calendars/{market}/{_month(month)}", days=days)

    def places(self, kind: str | None = None, market: str | None = None) -> Answer:
        """Zones and utilities by their one key, with all spellings that sheets have for them."""
        return self.get("/v1/places", kind=kind, market=market)

    def changes(
        self, since: str | int | None = None, *, data_type: str | None = None, market: str | None = None, limit: int = 200
    ) -> Changes:
        """Publications, corrections and withdrawals, oldest first. Keep `.cursor` of what this returns, and give it as `since`
        the next time: nothing is missed and nothing comes twice."""
        return Changes(self, since, {"data_type": data_type, "market": market, "limit": limit})

    # Files

    def download(
        self,
        curve_type: str = "all",
        iso: str = "all",
        *,
        strip: Values = None,
        type: Literal["csv", "xlsx", "json"] = "csv",
        **options: Values,
    ) -> Answer:
        """The file that `/get_data` makes, as the old system made it: `.save()` it, or take several from `.dfs`."""
        return self.get("/get_data", curve_type=curve_type, iso=iso, strip=strip, type=type, **options)

    def upload(self, path: str | Path, *, dry_run: bool = False) -> Answer:
        """Uploads a sheet or a zip of sheets; `dry_run` only judges it. A sheet with flaws raises `Rejected`, which lists them
        in `.document["flaws"]`; so does a zip of which every sheet has flaws. If only some have, `.json["message_flag"]` is
        `warning`, and `.json["sheets"]` has the outcome of each."""
        file = Path(path)
        files = {"file": (file.name, file.read_bytes())}
        params = _pairs({"dry_run": True if dry_run else None})
        return Answer(self._session.send("POST", "/upload_csv", params, files=files))

    def uploads(self, **options: Values) -> Answer:
        """What arrived, newest first, all pages of it, and what came of it."""
        return self._whole("/v1/uploads", "uploads", {"limit": 200, **options})

    # Anything else

    def get(self, path: str, /, **params: Values) -> Answer:
        """Any route that answers to GET, by its path. A trailing underscore of a name is dropped: `from_` is `from`."""
        return Answer(self._get(path, params))

    def post(self, path: str, body: Any = None, /) -> Answer:
        """Any route that answers to POST, with a body of JSON."""
        return Answer(self._session.send("POST", path, json=body))

    def _get(self, path: str, params: dict[str, Values]) -> Reply:
        return self._session.send("GET", path, _pairs(params), accept="*/*")

    def _rows(self, path: str, format: Format | None, labels: dict[str, Values], **params: Values) -> Answer:
        return Answer(self._get(path, {**params, **labels, "format": format or _frames.best_format()}))

    def _whole(self, path: str, list_name: str, options: dict[str, Values]) -> Answer:
        """All pages as one."""
        reply = self._get(path, options)
        answer = Answer(reply)
        if reply.media_type != _frames.JSON or not answer.json.get("next"):
            return answer
        whole, page = dict(answer.json), answer.json
        while page.get("next"):
            page = Answer(self._get(path, {**options, "cursor": page["next"]})).json
            whole[list_name] = whole[list_name] + page[list_name]
        whole.pop("next", None)
        return Answer.made_of(reply, whole)


class Changes(Iterator[dict[str, Any]]):
    """See `Client.changes`."""

    def __init__(self, client: Client, since: str | int | None, params: dict[str, Values]) -> None:
        self._client, self._params = client, params
        self.cursor: str | None = None if since is None else str(since)
        """Where to go on: everything up to here has been handed out."""
        self._page: list[dict[str, Any]] = []
        self._next: str | None = self.cursor
        self._more = True

    def __next__(self) -> dict[str, Any]:
        while not self._page:
            self.cursor = self._next
            if not self._more:
                raise StopIteration
            told = self._client.get("/v1/changes", since=self._next, **self._params).json
            self._page, self._next, self._more = list(told["changes"]), str(told["next"]), bool(told["more"])
        change = self._page.pop(0)
        if not self._page:
            self.cursor = self._next
        elif "id" in change:
            self.cursor = str(change["id"])
        return change


def _pairs(params: dict[str, Values]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, given in params.items():
        several = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
        found += [(name.rstrip("_"), _text(value)) for value in several if value is not None]
    return found


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        # With an offset it is a moment, without one a stamp: the wall clock of a market.
        if value.tzinfo is not None:
            return value.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _month(value: Value) -> Value:
    """A delivery month of a date."""
    return value.strftime("%Y-%m") if isinstance(value, dt.date) else value
