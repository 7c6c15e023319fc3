"""Tests of the client against the system: types, pages, versions, errors, files."""

import datetime as dt
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import trueprice
from trueprice import _frames


def test_every_format_has_the_same_rows_and_types(tp: trueprice.Client) -> None:
    kinds: dict[str, pd.DataFrame] = {}
    for kind in ("parquet", "arrow", "csv", "json", "ndjson"):
        kinds[kind] = tp.get("/v1/values", data_type="energy", market="ERCOT", load_zone="NORTH ZONE", format=kind).df
    first = kinds["parquet"]
    assert len(first) > 50
    assert first["value"].dtype == "float64"
    assert str(first["from"].dtype).startswith("datetime64")
    for kind, frame in kinds.items():
        assert list(frame.columns) == list(first.columns), kind
        assert frame["value"].tolist() == first["value"].tolist(), kind
        assert frame["from"].astype("datetime64[ns]").tolist() == first["from"].astype("datetime64[ns]").tolist(), kind
        assert frame["load_zone"].tolist() == first["load_zone"].tolist(), kind


def test_a_missing_value_is_not_zero_and_a_label_stays_text() -> None:
    read = _frames.frame("text/csv", b"load_zone,term,value,month\nNA,012,,2025-01-01\n017,x,0,\n")
    assert read["load_zone"].tolist() == ["NA", "017"]
    assert pd.isna(read["value"][0]) and read["value"][1] == 0
    assert read["month"][0] == pd.Timestamp(2025, 1, 1) and pd.isna(read["month"][1])


def test_python_dates_are_accepted_like_text(tp: trueprice.Client) -> None:
    june, september = dt.date(2024, 6, 15), dt.date(2024, 9, 1)
    by_text = tp.values("energy", "ERCOT", as_of="2024-01-05", from_="2024-06", to="2024-09", load_zone="NORTH ZONE").df
    by_date = tp.values(
        "energy", "ERCOT", as_of=dt.date(2024, 1, 5), from_=june, to=september, load_zone="NORTH ZONE"
    ).df
    assert len(by_text) == 9
    assert by_text.equals(by_date)


def test_an_unchanged_response_comes_from_the_cache_and_is_not_final(tp: trueprice.Client) -> None:
    first = tp.values("energy", "ERCOT", as_of="2024-01-05", load_zone="NORTH ZONE")
    again = tp.values("energy", "ERCOT", as_of="2024-01-05", load_zone="NORTH ZONE")
    assert first.etag and not first.from_cache
    assert again.from_cache and again.content == first.content
    known_at = dt.datetime(2024, 2, 1, 11, tzinfo=dt.timezone.utc)
    assert not first.is_final
    with pytest.raises(trueprice.NotFound):
        tp.values("energy", "ERCOT", as_of="2024-01-05", known_at=known_at, load_zone="NORTH ZONE")


def test_pages_are_combined(tp: trueprice.Client) -> None:
    paged, whole = tp.snapshots(limit=2), tp.snapshots(limit=200)
    assert len(whole.df) > 5
    assert paged.json["snapshots"] == whole.json["snapshots"]
    assert "next" not in paged.json


def test_snapshots_have_their_moments_in_utc(tp: trueprice.Client) -> None:
    frame = tp.snapshots().df
    assert str(frame["known_from"].dtype).endswith("UTC]")
    assert frame["stamp"].dt.tz is None and frame["operating_day"].dtype.kind == "M"
    assert set(frame["market"]) <= {"ERCOT", "ISONE", "MISO", "NYISO", "PJM"}


def test_changes_resume_where_they_stopped(tp: trueprice.Client) -> None:
    everything = [change["id"] for change in tp.changes(since=0)]
    assert len(everything) > 5 and everything == sorted(set(everything))
    begun = tp.changes(since=0, limit=2)
    seen = [next(begun)["id"] for _ in range(3)]
    going_on = tp.changes(since=begun.cursor)
    assert seen + [change["id"] for change in going_on] == everything
    # Nothing new has happened, so nothing is returned twice.
    assert list(tp.changes(since=going_on.cursor)) == []


def test_all_errors_are_reported_at_once(tp: trueprice.Client) -> None:
    with pytest.raises(trueprice.BadRequest) as caught:
        tp.get("/get_data", curve_type="nothing", iso="nowhere", operating_day="someday")
    assert {wrong.parameter for wrong in caught.value.errors} == {"curve_type", "iso", "operating_day"}
    assert isinstance(caught.value, trueprice.TruePriceError) and caught.value.status == 400
    with pytest.raises(trueprice.NotFound):
        tp.snapshot(2_000_000_000)


def test_a_sheet_is_checked_uploaded_and_rejected(tp: trueprice.Client, tmp_path: Path) -> None:
    sheet = Path(os.environ["TRUEPRICE_SHEET"])
    assert tp.upload(sheet, dry_run=True).json["would"] in ("published", "unchanged")
    assert tp.upload(sheet).json["message_flag"] == "success"
    wrong = tmp_path / sheet.name
    wrong.write_text("no sheet", encoding="utf-8")
    with pytest.raises(trueprice.Rejected) as caught:
        tp.upload(wrong)
    assert caught.value.document["flaws"]


def test_a_partly_rejected_zip_raises_no_exception(tp: trueprice.Client, tmp_path: Path) -> None:
    sheet = Path(os.environ["TRUEPRICE_SHEET"])
    mixed = tmp_path / "mixed.zip"
    with zipfile.ZipFile(mixed, "w") as made:
        made.write(sheet, sheet.name)
        made.writestr("wrong.csv", "no sheet")
    answer = tp.upload(mixed)
    assert answer.json["message_flag"] == "warning"
    assert [one["status"] == "rejected" for one in answer.json["sheets"]] == [False, True]


def test_several_files_are_returned_as_a_zip(tp: trueprice.Client, tmp_path: Path) -> None:
    answer = tp.download("energy", "all", type="csv", operating_day="2024-01-05")
    saved = answer.save(tmp_path)
    assert saved.suffix == ".zip" and saved.read_bytes() == answer.content


def test_a_wrong_password_is_an_exception_and_a_session_ends() -> None:
    with trueprice.Client(os.environ["TRUEPRICE_URL"], email="unknown@example.com", password="not this one") as nobody:
        with pytest.raises(trueprice.NotLoggedIn):
            nobody.markets()
    with trueprice.connect() as client:
        client.snapshots()
        client.log_out()
        assert len(client.snapshots().df) > 0, "the next request logs in again"


def test_an_api_key_is_enough(tp: trueprice.Client) -> None:
    made = tp.post("/v1/me/keys", {"name": "a notebook", "scope": "read"}).json
    with trueprice.Client(os.environ["TRUEPRICE_URL"], api_key=made["key"]) as by_key:
        assert len(by_key.values("energy", "ERCOT", period="next12").df) > 0
    with trueprice.Client(os.environ["TRUEPRICE_URL"], api_key="tp_" + "x" * 40) as forged:
        with pytest.raises(trueprice.NotLoggedIn):
            forged.markets()
