"""The types of columns, against the OpenAPI document that they come from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from trueprice import _columns

CONTRACT = Path(__file__).parents[3] / "shared" / "tests" / "openapi.json"
SOURCE = Path(str(_columns.__file__))
HEAD = '''"""The types of columns by name, generated from the OpenAPI document: see `tests/test_columns.py`."""

from typing import Final
'''
MEANING = {
    "DAYS": "Days, months, and local times of a market, which have no offset.",
    "LABELS": "Texts: a zone may be called `NA`, and `017` is not 17.",
    "MOMENTS": "Moments, in UTC.",
}


def kind(schema: dict[str, Any]) -> str:
    """What a field holds: `moment`, `day`, `text` or `other`."""
    types = schema.get("type")
    types = types if isinstance(types, list) else [types]
    if [one for one in types if one != "null"] != ["string"]:
        return "other"
    if schema.get("format") == "date-time":
        return "moment"
    is_day = schema.get("format") == "date" or str(schema.get("pattern", "")).startswith("^[0-9]{4}-[0-9]{2}")
    return "day" if is_day else "text"


def fields(document: dict[str, Any]) -> dict[str, set[str]]:
    """The kinds of each field of the answers to `GET /v1/…`, by name. Lists and objects are no columns."""
    found: dict[str, set[str]] = {}
    walked: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, list):
            for one in part:
                walk(one)
        elif isinstance(part, dict):
            name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
            if name and name not in walked:
                walked.add(name)
                walk(document["components"]["schemas"].get(name, {}))
            for field, schema in (part.get("properties") or {}).items():
                if "$ref" in schema:
                    schema = {**document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], **schema}
                if schema.get("type") not in ("array", "object", None):
                    found.setdefault(field, set()).add(kind(schema))
            for value in part.values():
                walk(value)

    for path, item in document["paths"].items():
        if path.startswith("/v1/") and "get" in item:
            walk(item["get"]["responses"])
    return found


def generated(document: dict[str, Any]) -> str:
    """The module of the column types."""
    found = fields(document)
    columns = {
        "DAYS": {name for name, kinds in found.items() if "day" in kinds and "moment" not in kinds},
        "LABELS": {name for name, kinds in found.items() if kinds == {"text"}},
        "MOMENTS": {name for name, kinds in found.items() if "moment" in kinds and "day" not in kinds},
    }
    text = HEAD
    for constant, names in columns.items():
        lines = "".join(f'        "{name}",\n' for name in sorted(names))
        text += f'\n{constant}: Final = frozenset(\n    {{\n{lines}    }}\n)\n"""{MEANING[constant]}"""\n'
    return text


def test_the_columns_are_those_of_the_contract() -> None:
    fresh = generated(json.loads(CONTRACT.read_text()))
    if os.environ.get("TRUEPRICE_ACCEPT"):
        SOURCE.write_text(fresh)
    assert SOURCE.read_text() == fresh, "run it with TRUEPRICE_ACCEPT=1 and read the difference"


def test_moments_and_labels_of_snapshots_are_among_them() -> None:
    assert {"known_from", "withdrawn_at"} <= _columns.MOMENTS
    assert {"stamp", "operating_day"} <= _columns.DAYS
    assert {"data_type", "market", "load_zone"} <= _columns.LABELS
    assert not _columns.MOMENTS & _columns.DAYS and not _columns.LABELS & (_columns.DAYS | _columns.MOMENTS)
