"""Reads a Parquet file of archived snapshots as users do, with DuckDB and with pyarrow, and prints what each found.

    python read_parquet.py FILE

Needs duckdb==2.0.0 and pyarrow==26.0.1. Prints one JSON object with the keys "duckdb" and "pyarrow", both of which hold
the same facts, found independently of each other. Sums are exact (math.fsum) and printed as Python's repr.
"""

import json
import math
import sys

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq


def facts(rows, snapshots, values, starts, columns):
    """The facts to compare; `values` has None where a value is missing."""
    present = [value for value in values if value is not None]
    return {
        "rows": rows,
        "snapshots": snapshots,
        "values": len(values),
        "nulls": len(values) - len(present),
        "sum": repr(math.fsum(present)),
        "least_start": str(starts[0]),
        "greatest_start": str(starts[1]),
        "columns": columns,
    }


def with_duckdb(path):
    """Reads with SQL, as in the documentation of the format."""
    db = duckdb.connect()
    db.read_parquet(path).create_view("kept")
    [(rows, snapshots, least, greatest)] = db.sql(
        """
        select count(*), count(distinct (stamp, revision)), min(start), max(start)
        from kept
        """
    ).fetchall()
    values = db.sql('select market, stamp, unnest("values") as value from kept').fetchall()
    columns = [[name, kind] for name, kind, *_ in db.sql("describe kept").fetchall()]
    return facts(rows, snapshots, [value for *_, value in values], (least, greatest), columns)


def with_pyarrow(path):
    """Reads an Arrow table."""
    table = pq.read_table(path)
    snapshots = set(zip(table["stamp"].to_pylist(), table["revision"].to_pylist()))
    values = pc.list_flatten(table["values"]).to_pylist()
    starts = pc.min_max(table["start"]).as_py()
    columns = [[field.name, str(field.type)] for field in table.schema]
    return facts(table.num_rows, len(snapshots), values, (starts["min"], starts["max"]), columns)


if __name__ == "__main__":
    print(json.dumps({"duckdb": with_duckdb(sys.argv[1]), "pyarrow": with_pyarrow(sys.argv[1])}))
