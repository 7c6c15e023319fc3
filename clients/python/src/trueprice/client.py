"""The client, with a method for every kind of query.

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
"""The type of a parameter; `None` omits it."""

Values: TypeAlias = Value | Sequence[Value]
"""One value, or several."""

Format: TypeAlias = Literal["csv", "json", "ndjson", "parquet", "arrow", "xlsx"]
Mark: TypeAlias = Literal["latest", "cob", "intraday", "all"]
Calendar: TypeAlias = Literal["nerc", "legacy"]
Granularity: TypeAlias = Literal["native", "month", "quarter", "season", "year", "strip"]


def connect(**options: Any) -> Client:
    """A client from the environment: `TRUEPRICE_URL` and `TRUEPRICE_API_KEY`, or `TRUEPRICE_EMAIL` and `TRUEPRICE_PASSWORD`.

    If any are missing, raises a `ValueError` that names the variables to set.
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
    """A client of one system. It can be shared between threads and used as a context manager.

    Give e-mail and password, or an API key. Tokens are renewed automatically. A response that says "try later" (429, 503)
    is retried after the delay that it names, up to `retries` times and only if that is at most `longest_wait` seconds; so is
    a GET whose connection broke. Up to `cache` responses are kept and revalidated with their `ETag`.
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
        """Ends the session on the server at once; the next request logs in again."""
        self._session.log_out()

    # Price queries

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
        """Prices per delivery period: months from `from_` up to `to` (excluded), or a relative `period` (`M+1`, `Cal+1`,
        `next12`, `Winter`, `BOM`). Labels select curves: `load_zone="NORTH*"`, `block_type=["5x16", "2x16"]`."""
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
        """The price of one delivery period on each operating day from `from_day` to `to_day` (included)."""
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
        """The changes between two snapshots, given by id or day; by default, the newest against the previous day's mark."""
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
        """The difference between two curves, each given by its labels; with `heat_rate`, between power and the gas it takes."""
        sides = {f"{side}.{name}": value for side, labels in (("a", a), ("b", b)) for name, value in labels.items()}
        return self._rows("/v1/spread", format, options | sides, heat_rate=heat_rate)

    def stats(
        self, data_type: str = "energy", market: Values = None, *, format: Format | None = None, **options: Values
    ) -> Answer:
        """Prompt month, next 12 and 24 months, calendar years, seasons, and the moves of each over a day, a week and a month."""
        return self._rows("/v1/stats", format, options, data_type=data_type, market=market)

    # Catalog

    def curves(
        self, q: str | None = None, *, data_type: str | None = None, market: Values = None, **options: Values
    ) -> Answer:
        """The catalog of curves (all pages), by search words and labels, with units and first and last stamps."""
        options = {"q": q, "data_type": data_type, "market": market, "limit": 200, **options}
        return self._whole("/v1/curves", "rows", options)

    def snapshots(self, data_type: str | None = None, market: str | None = None, **options: Values) -> Answer:
        """Every version of the curves (all pages), newest stamp first."""
        options = {"data_type": data_type, "market": market, "limit": 200, **options}
        return self._whole("/v1/snapshots", "snapshots", options)

    def snapshot(self, id: int) -> Answer:
        """One snapshot."""
        return self.get(f"/v1/snapshots/{id}")

    def markets(self, **options: Values) -> Answer:
        """The markets, with their time zones and how recent their data are, or were (`as_of`, `known_at`, `mark`)."""
        return self.get("/v1/markets", **options)

    def graphs(self) -> Answer:
        """The graphs that you own or that are shared with you (all pages), newest first."""
        return self._whole("/v1/graphs", "graphs", {"limit": 200})

    def graph(
        self, id: int, *, calendar: Calendar | None = None, as_of: Value = None, known_at: Value = None, mark: Mark | None = None
    ) -> Answer:
        """The lines of a graph by month, as far as you may see them; `as_of`, `known_at` and `mark` override its own."""
        return self.get(f"/v1/graphs/{id}/values", calendar=calendar, as_of=as_of, known_at=known_at, mark=mark)

    def data_types(self) -> Answer:
        """The data types, with their columns and markets."""
        return self.get("/v1/data-types")

    def calendar(self, market: str, month: Value, *, days: bool | None = None) -> Answer:
        """Hours of each block, and holidays, of a market in a month (`2025-03`)."""
        return self.get(f"/v1/calendars/{market}/{_month(month)}", days=days)

    def places(self, kind: str | None = None, market: str | None = None) -> Answer:
        """Zones and utilities by key, with all their spellings in sheets."""
        return self.get("/v1/places", kind=kind, market=market)

    def changes(
        self, since: str | int | None = None, *, data_type: str | None = None, market: str | None = None, limit: int = 200
    ) -> Changes:
        """Publications, corrections and withdrawals, oldest first. Keep the `.cursor` of the result and pass it as `since` the
        next time: nothing is missed and nothing is returned twice."""
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
        """The file from `/get_data`, in the old system's format: `.save()` it, or read several files from `.dfs`."""
        return self.get("/get_data", curve_type=curve_type, iso=iso, strip=strip, type=type, **options)

    def upload(self, path: str | Path, *, dry_run: bool = False) -> Answer:
        """Uploads a sheet or a zip of sheets; `dry_run` only checks it. A sheet with flaws raises `Rejected`, which lists them
        in `.document["flaws"]`; so does a zip in which every sheet has flaws. If only some have flaws, `.json["message_flag"]`
        is `warning`, and `.json["sheets"]` has the outcome of each."""
        file = Path(path)
        files = {"file": (file.name, file.read_bytes())}
        params = _pairs({"dry_run": True if dry_run else None})
        return Answer(self._session.send("POST", "/upload_csv", params, files=files))

    def uploads(self, **options: Values) -> Answer:
        """All uploads (all pages), newest first, with their outcomes."""
        return self._whole("/v1/uploads", "uploads", {"limit": 200, **options})

    # Other routes

    def get(self, path: str, /, **params: Values) -> Answer:
        """Sends a GET to any route, by its path. A trailing underscore of a name is dropped: `from_` is `from`."""
        return Answer(self._get(path, params))

    def post(self, path: str, body: Any = None, /) -> Answer:
        """Sends a POST to any route, with a JSON body."""
        return Answer(self._session.send("POST", path, json=body))

    def _get(self, path: str, params: dict[str, Values]) -> Reply:
        return self._session.send("GET", path, _pairs(params), accept="*/*")

    def _rows(self, path: str, format: Format | None, labels: dict[str, Values], **params: Values) -> Answer:
        return Answer(self._get(path, {**params, **labels, "format": format or _frames.best_format()}))

    def _whole(self, path: str, list_name: str, options: dict[str, Values]) -> Answer:
        """All pages combined into one response."""
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
    """An iterator over changes; see `Client.changes`."""

    def __init__(self, client: Client, since: str | int | None, params: dict[str, Values]) -> None:
        self._client, self._params = client, params
        self.cursor: str | None = None if since is None else str(since)
        """Where to continue: everything up to here has been returned."""
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
        # With an offset it is a moment; without one, a stamp in a market's local time.
        if value.tzinfo is not None:
            return value.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _month(value: Value) -> Value:
    """The delivery month of a date."""
    return value.strftime("%Y-%m") if isinstance(value, dt.date) else value
