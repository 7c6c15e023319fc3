#!/usr/bin/env python3
"""Writes shared/tests/units.csv: the result of every unit in every use, as exact fractions.

It is independent of the program: units are defined here from scratch, and hours are counted one by one from the calendar of the
tz database and NERC's list of holidays. `shared/tests/units.rs` checks the program against it.
"""
import csv, datetime, os
from fractions import Fraction as F
from zoneinfo import ZoneInfo

TARGET = os.path.join(os.path.dirname(__file__), "..", "shared", "tests", "units.csv")
MONTHS = [(2023, 7), (2024, 2), (2024, 3), (2024, 11), (2025, 3), (2026, 2)]
ZONE = ZoneInfo("America/Chicago")

# Symbol: another spelling, kind, size in the base unit of the kind, a typical amount.
UNITS = {
    "$/MWh": ("USD / mwh", "energy price", F(1), "123.4567"),
    "$/kWh": ("$ per kWh", "energy price", F(1000), "0.1234567"),
    "cents/kWh": ("¢/KWH", "energy price", F(10), "12.34567"),
    "mills/kWh": ("Mills / kWh", "energy price", F(1), "123.4567"),
    "$/kW-mo": ("$/kw-Month", "demand month", F(1000), "10.57"),
    "$/MW-mo": ("$/MW month", "demand month", F(1), "4161.14"),
    "$/kW-day": ("$/KW-Day", "demand day", F(1000), "0.26"),
    "$/MW-day": ("$ / MW-day", "demand day", F(1), "269.92"),
    "$/kW-yr": ("$/kW-year", "demand year", F(1000), "61.2345"),
    "$/MW-yr": ("$/MW-Year", "demand year", F(1), "61234.5"),
    "$/MMBtu": ("$/mmbtu", "fuel", F(1), "3.51"),
    "$/Dth": ("$/dekatherm", "fuel", F(1), "3.51"),
    "$/therm": ("$/Therm", "fuel", F(10), "0.351"),
    "$/REC": ("$ / rec", "certificate", F(1), "34.5"),
    "$": ("USD", "money", F(1), "23143895.82"),
    "$/day": ("$/Day", "standing", F(1), "0.5"),
    "$/mo": ("$/month", "standing", F(1), "15"),
    "$/yr": ("$/year", "standing", F(1), "180"),
    "MW": ("mw", "power", F(1), "1.25"),
    "kW": ("KW", "power", F(1, 1000), "1250"),
    "MWh": ("MW-h", "energy", F(1), "1.25"),
    "kWh": ("KWH", "energy", F(1, 1000), "1250"),
    "%": (" % ", "share", F(1), "0.035"),
    "percent": ("Percent", "share", F(1, 100), "3.5"),
    "factor": ("Multiplier", "factor", F(1), "1.0546"),
    "MMBtu/MWh": ("mmbtu / mwh", "heat rate", F(1), "7.2"),
    "Btu/kWh": ("BTU/kWh", "heat rate", F(1, 1000), "7200"),
    "months": ("Months", "months", F(1), "3"),
}


def days_of(year, month):
    day = datetime.date(year, month, 1)
    while day.month == month:
        yield day
        day += datetime.timedelta(days=1)


def holidays(year):
    """NERC: New Year, Memorial Day, Independence Day, Labor Day, Thanksgiving, Christmas; a Sunday holiday is observed on Monday."""
    found = set()
    for month, day in ((1, 1), (7, 4), (12, 25)):
        on = datetime.date(year, month, day)
        found.add(on + datetime.timedelta(days=1) if on.weekday() == 6 else on)
    mondays = lambda month: [day for day in days_of(year, month) if day.weekday() == 0]
    found |= {mondays(5)[-1], mondays(9)[0], [day for day in days_of(year, 11) if day.weekday() == 3][3]}
    return found


def hours_of_day(day):
    """Hours from midnight to midnight in local time."""
    begin = datetime.datetime(day.year, day.month, day.day, tzinfo=ZONE)
    after = day + datetime.timedelta(days=1)
    end = datetime.datetime(after.year, after.month, after.day, tzinfo=ZONE)
    return round((end.timestamp() - begin.timestamp()) / 3600)


def hours(year, month, calendar):
    """The hours of a month: all, 5x16, 2x16, 7x8."""
    days = list(days_of(year, month))
    if calendar == "legacy":
        peak, all_ = sum(day.weekday() < 5 for day in days), 24 * len(days)
    else:
        off = holidays(year)
        peak = sum(day.weekday() < 5 and day not in off for day in days)
        all_ = sum(map(hours_of_day, days))
    return all_, 16 * peak, 16 * (len(days) - peak), all_ - 16 * len(days)


def hours_of_year(year, calendar):
    return sum(hours(year, month, calendar)[0] for month in range(1, 13))


def per_mwh(unit, value, year, month, calendar):
    """The value in $/MWh over all hours of a month; None if it is not a price of energy or demand."""
    _, kind, size, _ = UNITS[unit]
    value, all_, days = value * size, hours(year, month, calendar)[0], len(list(days_of(year, month)))
    if kind == "energy price":
        return value
    if kind == "demand month":
        return value / all_
    if kind == "demand day":
        # Paid for each calendar day. The old system assumed 24 hours for every day.
        return value * days / all_ if calendar == "nerc" else value / 24
    if kind == "demand year":
        return value / hours_of_year(year, calendar)
    return None


def rows():
    yield ["use", "symbol", "spelled", "calendar", "month", "value", "expected", "unit"]

    def row(use, unit, calendar, at, value, expected, shown=""):
        exact = "" if expected is None else f"{F(expected).numerator}/{F(expected).denominator}"
        month = "" if at is None else f"{at[0]}-{at[1]:02}"
        return [use, unit, UNITS[unit][0], calendar, month, value, exact, shown]

    for unit, (_, kind, size, text) in UNITS.items():
        value = F(text)
        for at in MONTHS:
            days = list(days_of(*at))
            for calendar in ("nerc", "legacy"):
                made = per_mwh(unit, value, *at, calendar)
                shown = unit if made is None else "$/MWh"
                yield row("standardised", unit, calendar, at, text, value if made is None else made, shown)
                yield row("question", unit, calendar, at, text, value if made is None else made, shown)
                # Three blocks; the second has half and the third a quarter of the value of the first.
                all_, *blocks = hours(*at, calendar)
                mean = sum(part * own for part, own in zip((F(1), F(1, 2), F(1, 4)), blocks)) / all_
                energy = kind == "energy price"
                yield row("standardised blocks", unit, calendar, at, text, value * size * mean if energy else None, "$/MWh" if energy else unit)
                # Queries average prices of energy, including fuel, which stays in its own unit.
                asked = value * size * mean if energy else value * mean if kind == "fuel" else None
                yield row("question blocks", unit, calendar, at, text, asked, "$/MWh" if energy else unit)
            # A quote of 2 MW in every hour, with a demand of 3 MW.
            all_ = hours(*at, "nerc")[0]
            ten = days[4:14]
            for use, own in (("quote", days), ("quote of ten days", ten)):
                count = sum(map(hours_of_day, own))
                dollars = {
                    "energy price": value * size * 2 * count,
                    "demand day": 3 * value * size * len(own),
                    "demand month": 3 * value * size * len(own) / len(days),
                    "demand year": 3 * value * size * count / hours_of_year(at[0], "nerc"),
                }.get(kind)
                yield row(use, unit, "nerc", at, text, dollars, unit)
                yield row(use + " by hour", unit, "nerc", at, text, None if dollars is None else dollars / (2 * count), "$/MWh")
            load = value * size if kind in ("power", "energy") else None
            yield row("quote load", unit, "nerc", at, text, None if load is None else load * all_, "MWh")
            yield row("quote energy", unit, "nerc", at, text, value * size * 2 * all_ if kind == "energy price" else None, "$")
            yield row("quote rec", unit, "nerc", at, text, value * size * 2 * all_ if kind == "energy price" else None, "$")
            risk = value * size if kind == "share" else None
            yield row("quote vlr", unit, "nerc", at, text, None if risk is None else risk * 40 * 2 * all_, "$")
            shape = kind in ("share", "factor")
            yield row("quote shaping", unit, "nerc", at, text, 40 * 2 * all_ if shape else None, "$")
            # Losses apply to energy at 40, to a risk of 2.5 % of it, and to a fee of 1.
            lost = (value * size - 1) * (40 + 1 + 1) * 2 * all_ if kind == "factor" else None
            yield row("quote lineloss", unit, "nerc", at, text, lost, "$")
            yield row("headroom load", unit, "nerc", at, text, None if load is None else load * all_ * 1000, "kWh")
        price = value * size / 1000 if kind == "energy price" else None
        yield row("headroom ptc", unit, "", None, text, price, "$/kWh")
        yield row("headroom offer", unit, "", None, text, price, "$/kWh")
        for use, shown, factor in (
            ("download ptc", "$/kWh", F(1, 1000) if kind == "energy price" else None),
            ("download matrix", "$/MWh", F(1) if kind == "energy price" else None),
            ("download loadprofile", "MWh", F(1) if kind in ("power", "energy") else None),
            ("download shaping", "factor", F(1) if kind in ("share", "factor") else None),
            ("download vlr", "percent", F(100) if kind == "share" else None),
        ):
            same = factor is None
            yield row(use, unit, "", None, text, value if same else value * size * factor, unit if same else shown)


with open(TARGET, "w", newline="", encoding="utf-8") as out:
    csv.writer(out, lineterminator="\n").writerows(rows())
