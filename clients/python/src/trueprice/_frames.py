"""Response bodies as data frames with typed columns.

Parquet and Arrow carry their types. CSV does not, so its types follow from the column names, by the contract of the API. A
missing value is NaN, NaT or None; it is never 0.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any

import pandas as pd

from trueprice._columns import DAYS, LABELS, MOMENTS

CSV = "text/csv"
JSON = "application/json"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"

FORMATS = {"csv": CSV, "json": JSON, "ndjson": NDJSON, "parquet": PARQUET, "arrow": ARROW, "xlsx": XLSX}
"""The values of `format=`, with their media types."""

# Before 3.1, pandas reads numbers exactly only on request; since then, the request causes a warning.
_SINCE_3_1 = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
_EXACT: dict[str, Any] = {} if _SINCE_3_1 else {"float_precision": "round_trip"}


def best_format() -> str:
    """The format in which to request rows: Parquet if pyarrow is installed, otherwise CSV."""
    return "parquet" if find_spec("pyarrow") else "csv"


def frame(media_type: str, content: bytes) -> pd.DataFrame:
    """The rows of a response body."""
    reader = _READERS.get(media_type)
    if reader is None:
        raise ValueError(f"{media_type} has no rows; use .content")
    return _typed(reader(content))


def frames(content: bytes) -> dict[str, pd.DataFrame]:
    """The files of a zip as data frames, by name."""
    endings = {".csv": CSV, ".json": JSON, ".ndjson": NDJSON, ".parquet": PARQUET, ".arrows": ARROW, ".xlsx": XLSX}
    found: dict[str, pd.DataFrame] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            media_type = next((kind for ending, kind in endings.items() if name.endswith(ending)), None)
            if media_type is not None:
                found[name] = frame(media_type, archive.read(name))
    return found


def _csv(content: bytes) -> pd.DataFrame:
    # Labels stay text: a zone may be called "NA", and "017" is not 17.
    head = pd.read_csv(io.BytesIO(content), nrows=0)
    text = {str(name): "string" for name in head.columns if str(name) in LABELS}
    read: pd.DataFrame = pd.read_csv(
        io.BytesIO(content), dtype=text, keep_default_na=False, na_values=[""], **_EXACT
    )
    return read


def _parquet(content: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(content), engine="pyarrow")


def _arrow(content: bytes) -> pd.DataFrame:
    import pyarrow as pa

    with pa.ipc.open_stream(io.BytesIO(content)) as reader:
        read: pd.DataFrame = reader.read_all().to_pandas()
    return read


def _json(content: bytes) -> pd.DataFrame:
    told = json.loads(content)
    return pd.DataFrame(rows_of(told))


def _ndjson(content: bytes) -> pd.DataFrame:
    return pd.DataFrame([json.loads(line) for line in content.splitlines() if line.strip()])


def _xlsx(content: bytes) -> pd.DataFrame:
    return pd.read_excel(io.BytesIO(content))


_READERS: dict[str, Callable[[bytes], pd.DataFrame]] = {
    CSV: _csv,
    JSON: _json,
    NDJSON: _ndjson,
    PARQUET: _parquet,
    ARROW: _arrow,
    XLSX: _xlsx,
}


def rows_of(told: Any) -> list[dict[str, Any]]:
    """The rows of a JSON document: the document itself, or its only list of objects."""
    if isinstance(told, list):
        return told
    if isinstance(told, dict):
        if isinstance(told.get("rows"), list):
            return list(told["rows"])
        lists = [value for value in told.values() if _is_rows(value)]
        if len(lists) == 1:
            return list(lists[0])
    raise ValueError("this answer is no list; use .json")


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _typed(read: pd.DataFrame) -> pd.DataFrame:
    for name in map(str, read.columns):
        column = read[name]
        if name in MOMENTS | DAYS and _is_text(column):
            read[name] = _times(column, utc=name in MOMENTS)
        elif name in DAYS and column.dtype == object:
            # Arrow returns days as Python dates, but time series need timestamps.
            read[name] = pd.to_datetime(column)
    return read


def _is_text(column: pd.Series[Any]) -> bool:
    return bool(pd.api.types.is_string_dtype(column.dtype)) and _all_text(column.dropna())


def _all_text(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _times(column: pd.Series[Any], *, utc: bool) -> pd.Series[Any]:
    try:
        return pd.to_datetime(column, utc=utc, format="ISO8601")
    except ValueError:
        # Words such as `prompt` or `2025-Q1` stay unchanged.
        return column
