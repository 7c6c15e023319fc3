"""Reads answers with the tools that users have, and prints what each reader found.

    python read_answer.py CSV NDJSON PARQUET ARROW

Prints one JSON object with a key per reader: the number of rows, the types of the columns, the sum of the prices, the
labels, the first month, and the calendar, for formats that have metadata. Needs duckdb==2.0.0 and pyarrow==26.0.1.
"""

import json
import math
import sys

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet


def facts(table):
    """The facts to compare, from an Arrow table."""
    prices = [price for price in table["price"].to_pylist() if price is not None]
    metadata = table.schema.metadata or {}
    return {
        "rows": table.num_rows,
        "types": {field.name: str(field.type) for field in table.schema},
        "sum": repr(math.fsum(prices)),
        "zones": sorted({zone for zone in table["zone"].to_pylist() if zone is not None}),
        "months": str(min(table["month"].to_pylist()))[:10],
        "calendar": metadata.get(b"calendar", b"").decode(),
    }


def from_duckdb(path, reader):
    """Reads with SQL; DuckDB maps the types in its own way."""
    rows = duckdb.connect().sql(
        f"select count(*), sum(price), count(distinct zone), min(month)::date::text, typeof(any_value(month)) from {reader}('{path}')"
    )
    [(count, total, zones, month, kind)] = rows.fetchall()
    return {"rows": count, "sum": total, "zones": zones, "months": month, "month": kind}


if __name__ == "__main__":
    csv, ndjson, parquet, arrow = sys.argv[1:]
    with pa.OSFile(arrow) as file:
        stream = pyarrow.ipc.open_stream(file).read_all()
    print(
        json.dumps(
            {
                "csv": facts(pyarrow.csv.read_csv(csv)),
                "ndjson": facts(pyarrow.json.read_json(ndjson)),
                "parquet": facts(pyarrow.parquet.read_table(parquet)),
                "arrow": facts(stream),
                "duckdb_csv": from_duckdb(csv, "read_csv"),
                "duckdb_ndjson": from_duckdb(ndjson, "read_json"),
                "duckdb_parquet": from_duckdb(parquet, "read_parquet"),
            }
        )
    )
