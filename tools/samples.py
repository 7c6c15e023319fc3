#!/usr/bin/env python3
"""Writes the sample sheets in shared/samples: generated from a seed, with a realistic shape."""
import datetime, math, os, random

random.seed(20240105)
FOLDER = os.path.join(os.path.dirname(__file__), "..", "shared", "samples")


def months(year, month, count):
    for step in range(count):
        at = year * 12 + month - 1 + step
        yield at // 12, at % 12 + 1


def write(name, market, columns, label_rows, rows, units=None, spacers=2):
    """columns: (state, load zone, utility, block, cost group, cost component)"""
    lines = [["Lookup ID1"] + [" ".join([market, c[0], c[1], c[1], *c[2:]]) for c in columns]]
    lines.append(["Control Area"] + [market] * len(columns))
    for title, pick in [("State", 0), ("Load Zone", 1), ("Capacity Zone", 1), ("Utility", 2), ("Block Type", 3),
                        ("Cost Group", 4), ("Cost Component", 5)]:
        lines.append([title] + [c[pick] for c in columns])
    if units:
        lines.append(["UOM"] + units)
    lines += [[""] * (len(columns) + 1)] * spacers
    lines += label_rows
    lines += rows
    with open(os.path.join(FOLDER, name), "w", newline="") as out:
        for line in lines:
            out.write(",".join(f'"{cell}"' if "," in cell else cell for cell in line) + "\r\n")


def season(month, low, high):
    summer = math.exp(-((month - 7.5) ** 2) / 4)
    winter = math.exp(-((month - 1) % 12 if month < 7 else 13 - month) ** 2 / 4)
    return low + (high - low) * max(summer, 0.6 * winter)


def energy(name, market, zones, shift=0.0):
    columns, levels = [], []
    for state, zone, level in zones:
        for block, factor in [("7x8", 0.62), ("2x16", 0.9), ("5x16", 1.12)]:
            columns.append((state, zone, "ALL", block, "Energy", "Energy"))
            levels.append(level * factor)
    rows = []
    for step, (year, month) in enumerate(months(2024, 2, 61)):
        drift = 1 - 0.0015 * step
        cells = [f"{season(month, level * 0.85, level * 1.6) * drift + shift + random.uniform(-.4, .4):.2f}" for level in levels]
        rows.append([f"{month}/1/{year}"] + cells)
    write(name, market, columns, [["Month"] + [c[1] for c in columns]], rows)


ERCOT = [("TX", "NORTH ZONE", 48), ("TX", "HOUSTON ZONE", 51), ("TX", "SOUTH ZONE", 47), ("TX", "WEST ZONE", 50)]
energy("Energy_ERCOT_20240105_103000.csv", "ERCOT", ERCOT)
energy("Energy_ERCOT_20240105_170200_cob.csv", "ERCOT", ERCOT, shift=0.35)
# Not loaded at the start, so that it can be used to try an upload.
energy("Energy_ERCOT_20240108_103000.csv", "ERCOT", ERCOT, shift=-0.8)
energy("Energy_PJM_20240105_170200_cob.csv", "PJM", [
    ("-", "WEST HUB", 42), ("-", "AD HUB", 40), ("NJ", "PSEG", 43), ("PA", "PECO", 41), ("MD", "BGE", 46)])

miso = [
    (("IL", "ALL", "ALL", "7x24", "Capacity", "Capacity Price"), "$/kW-day", 0.012),
    (("IL", "ALL", "ALL", "7x24", "Market-Based Charges", "DA-RSG"), "$/MWh", 0.08),
    (("IL", "ALL", "ALL", "7x24", "Tariff Charges", "NITS Schedule 9"), "$/MW-mo", 4150.0),
    (("IL", "ALL", "ALL", "on-peak", "Tariff Charges", "Network Upgrade Charge"), "$/MWh", 0.52),
    (("IL", "ALL", "ALL", "off-peak", "Tariff Charges", "Network Upgrade Charge"), "$/MWh", 0.25),
    (("IL", "ALL", "ALL", "7x24", "Tariff Charges", "Schedule 10, 16 and 17"), "$/MWh", 0.31),
]
rows = []
for step, (year, month) in enumerate(months(2023, 1, 96)):
    cells = []
    for place, (_, unit, level) in enumerate(miso):
        if place == 0 and step < 5:
            cells.append("#N/A")
        elif unit == "$/MW-mo":
            cells.append(f"{level * (1 + 0.002 * step):.2f}")
        else:
            cells.append(f"{level * random.uniform(.9, 1.1):.4f}")
    rows.append([f"{month}/1/{year % 100:02}"] + cells)
write("NonEnergy_MISO_20240131_093600.csv", "MISO", [m[0] for m in miso],
      [["Date"] + [m[0][5] for m in miso]], rows, units=[m[1] for m in miso], spacers=1)

rec = [
    ("RPS Total Cost", "Total Cost per MWh", "$/MWh"), ("RPS Component", "Tier 1 Obligation", "%"),
    ("REC Price", "Tier 1 Price", "$/MWh"), ("RPS Component", "ZEC Obligation", "%"), ("REC Price", "ZEC Price", "$/MWh"),
]
rows = []
for step, (year, month) in enumerate(months(2023, 1, 96)):
    tier1, price, zec = 4.0 + 0.6 * (step // 12), 21.5 + step // 12, 18.27
    cost = tier1 / 100 * price + zec * .9
    rows.append([f"{month}/1/{year}", f"${cost:.2f} ", f"{tier1:.2f}%", f" {price:.2f} ", "90.00%" if step < 90 else "-", f"${zec} "])
write("REC_NYISO_20240131_083900.csv", "NYISO", [("NY", "ALL", "ALL", "7X24", g, c) for g, c, _ in rec],
      [["NY"] * 6, ["EY"] + [c.replace(" ", "_") for _, c, _ in rec]], rows, units=[u for *_, u in rec])


def lines(name, rows, encoding="utf-8"):
    text = "".join(",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in row) + "\r\n" for row in rows)
    with open(os.path.join(FOLDER, name), "wb") as out:
        out.write(text.encode(encoding))


def block(columns, blank=False, more=()):
    """The header block for columns (market, state, zone, capacity zone, utility, block, group, component)."""
    titles = ["Control Area", "State", "Load Zone", "Capacity Zone", "Utility", "Block Type", "Cost Group", "Cost Component"]
    second = [""] if blank else []
    rows = [[title] + second + [column[at] for column in columns] for at, title in enumerate(titles)]
    return rows + [[title] + second + list(cells) for title, cells in more]


def upto(rows, count):
    return rows + [[""] * len(rows[0])] * (count - len(rows))


def days(year, month):
    """Yields (day, hour ending) for a month with a clock change; the repeated hour in November is 25."""
    first = datetime.date(year, month, 1)
    day = first
    while day.month == month:
        sunday = day.weekday() == 6
        hours = list(range(1, 25))
        if month == 3 and sunday and 8 <= day.day <= 14:
            hours.remove(3)
        if month == 11 and sunday and day.day <= 7:
            hours.append(25)
        for hour in hours:
            yield day, hour
        day += datetime.timedelta(days=1)


# In Windows-1252, as spreadsheets save it, with quotes and a dash in the name of a rate.
rates = [
    ("CT", "CONNECTICUT", "CLP", "Residential", "Residential Electric Service (Rate 1)", .147),
    ("CT", "CONNECTICUT", "CLP", "Commercial", "Small General Electric Service (Rate 30)", .149),
    ("CT", "CONNECTICUT", "UI", "Residential", "Residential Service \u2013 Rate \u201cR\u201d", .152),
    ("MA", "ALL", "NSTAR", "Residential", "Basic Service, Residential", .161),
    ("MA", "ALL", "WMECO", "Street or Outdoor Lighting", "Street Lighting S-1", .138),
    ("NH", "NEWHAMPSHIRE", "PSNH", "Residential", "Rate R", .083),
]
columns = [("ISONE", r[0], r[1], r[1], r[2], "7x24", r[3], r[4]) for r in rates]
top = [["Matching ID"] + [f"ISONE{at:03}" if at < 4 else "" for at in range(len(rates))],
       ["Lookup ID1"] + [" ".join(c) for c in columns]] + block(columns, more=[
           ("Utility Name", [r[2] for r in rates]), ("Rate Class/Load Profile", [r[4] for r in rates])])
rows = [["Month"] + ["Price"] * len(rates)]
for step, (year, month) in enumerate(months(2024, 1, 12)):
    # Months not published yet are blank.
    rows.append([f"{month}/1/{year}"] + [f"{r[5] * (1 - .02 * (step // 6)):.5f}" if step < 6 + at else "" for at, r in enumerate(rates)])
lines("PTC_ISONE_20240115_120300.csv", upto(top, 27) + rows, "cp1252")

offers = [(zone, utility, profile, term)
          for zone, utility, profile in [("HOUSTON ZONE", "CENTERPOINT", "RESHIWR_COAST"), ("NORTH ZONE", "ONCOR", "RESLOWR_NCENT")]
          for term in (1, 6, 12, 24)]
columns = [("ERCOT", "TX", z, z, u, "7x24", "FFR", p) for z, u, p, _ in offers]
top = [["Matching ID"] + [f"ERCOT{at:03}" for at in range(len(offers))],
       ["Lookup ID1"] + [f"{u} {p} {t}" for _, u, p, t in offers],
       ["Beginning Date"] + ["2/1/2024"] * len(offers)] + block(columns, more=[
           ("Load Profile", [p for _, _, p, _ in offers]), ("Term (Months)", [t for *_, t in offers])])
components = [("Energy", 44, 20), ("Line Losses", 3, 2), ("Ancillaries", 2.5, 1), ("Balancing Account Proceeds", -.54, .03),
              ("CRR Auction Revenue", -2.7, .1), ("Utility Administration", 1.75, 0), ("Variable Load Risk (VLR)", .7, 3)]
table = [[level + spread * random.random() for _ in offers] for _, level, spread in components]
rows = [[name] + [f"{value:.2f}" if value >= 0 else f"({-value:.2f})" for value in values]
        for (name, *_), values in zip(components, table)]
rows.append(["Total Bundled Price ($/MWh)"] + [f"{sum(round(values[at], 2) for values in table):.2f}" for at in range(len(offers))])
rows.append(["Total Contract Load (kWh)"] + [f"{1100 * term * random.uniform(.9, 1.1):.1f}" for *_, term in offers])
lines("Matrix_ERCOT_20240102_110000.csv", upto(top, 24) + rows)

columns = [("PJM", "NJ", "PSEG", "PSEG", "PSEG", "7x24", "Load Profile", profile) for profile in ("RS", "GLP")]
rows = block(columns, True, [("Customer Type", ["Residential", "Commercial"])]) + [[""] * 4, ["Date", "HE", "RS", "GLP"]]
for day, hour in days(2024, 11):
    evening, office = math.exp(-((hour - 19) ** 2) / 12), math.exp(-((hour - 13) ** 2) / 18)
    busy = .35 if day.weekday() > 4 else 1
    rows.append([f"{day.month}/{day.day}/{day.year}", hour,
                 f"{.6 + .9 * evening + random.uniform(0, .1):.3f}", f"{4 + 11 * office * busy + random.uniform(0, .5):.3f}"])
lines("LoadProfile_PJM_20240102_080000.csv", rows)

columns = [("ERCOT", "TX", zone, zone, "ALL", block_type, "Shaping", "Hourly Shape")
           for zone in ("NORTH ZONE", "WEST ZONE") for block_type in ("5x16", "7x8")]
rows = block(columns, True) + [[""] * 6, ["Date", "HE"] + [c[2] for c in columns]]
for day, hour in days(2024, 3):
    peak = day.weekday() < 5 and 7 <= hour <= 22
    night = not 7 <= hour <= 22
    level = 1 + .35 * math.sin((hour - 10) / 24 * 2 * math.pi)
    rows.append([f"{day.month}/{day.day}/{day.year}", hour] + [
        f"{level + random.uniform(-.05, .05):.4f}" if (peak if c[5] == "5x16" else night) else "" for c in columns])
lines("Shaping_ERCOT_20240102_080000.csv", rows)

columns = [("NYISO", "NY", zone, zone, "ALL", "7x24", "VLR", "Variable Load Risk") for zone in ("ZONE A", "ZONE G", "ZONE J")]
rows = block(columns, True) + [[""] * 5, ["Month", "HE"] + [c[2] for c in columns]]
for month in range(1, 13):
    for hour in range(1, 25):
        level = season(month, 1.5, 4.5) * (.6 + .5 * math.exp(-((hour - 17) ** 2) / 20))
        rows.append([month, hour] + [f"{level + random.uniform(-.8, .8):.2f}%" for _ in columns])
lines("VLR_NYISO_20240102_080000.csv", rows)

titles = [row[0] for row in block([])] + ["Line Loss Factor"]
rows = [["PJM", state, zone, zone, utility, "7x24", "Line Loss", voltage, f"{factor:.4f}"]
        for state, zone, utility, base in [("NJ", "PSEG", "PSEG", 1.058), ("PA", "PECO", "PECO", 1.071), ("OH", "DAY", "Dayton", 1.066)]
        for voltage, factor in [("Secondary", base), ("Primary", 1 + (base - 1) * .6), ("Transmission", 1 + (base - 1) * .25)]]
lines("LineLoss_PJM_20240102_080000.csv", [titles] + rows)

# Each part starts with the same random state, so that a change to one does not affect the next.
state = random.getstate()

# Two sheets that belong together: utilities' prices, and offers below and above them. The matching id of the one is the lookup id
# of the other.
rates = [("PSEG", "NJ", "PSEG", "RS", "Residential Service", .1234567, 18), ("PSEG", "NJ", "PSEG", "GLP", "General Lighting and Power", .1187, 18),
         ("PECO", "PA", "PECO", "R", "Rate R", .0936, 12), ("BGE", "MD", "BGE", "R", "Schedule R", .1042, 0)]
columns = [("PJM", state, zone, zone, utility, "7x24", "Residential" if at != 1 else "Commercial", rate)
           for at, (utility, state, zone, _, rate, _, _) in enumerate(rates)]
top = [["Matching ID"] + [f"{r[0]} {r[3]}" for r in rates], ["Lookup ID1"] + [" ".join(c) for c in columns]] + block(columns, more=[
    ("Utility Name", [{"PSEG": "PSE&G", "PECO": "PECO Energy", "BGE": "Baltimore Gas and Electric"}[r[0]] for r in rates]),
    ("Rate Class/Load Profile", [r[4] for r in rates])])
rows = [["Month"] + ["Price"] * len(rates)]
for step, (year, month) in enumerate(months(2024, 1, 24)):
    # One utility has published nothing, and another only one year.
    rows.append([f"{month}/1/{year}"] + [f"{r[5] * (1 + .03 * (month in (6, 7, 8, 9)) * (at > 0)):.7f}" if step < r[6] else "0" if r[6] == 0 else ""
                                         for at, r in enumerate(rates)])
lines("PTC_PJM_20240104_120000.csv", upto(top, 27) + rows)

offers = [(at, term, begins) for at in range(len(rates)) for term, begins in ((6, "2/1/2024"), (12, "2/1/2024"))] + [(0, 1, "11/1/2024")]
columns = [("PJM", rates[at][1], rates[at][2], rates[at][2], rates[at][0], "7x24", "FFR", rates[at][3]) for at, _, _ in offers]
top = [["Matching ID"] + ["" for _ in offers],
       ["Lookup ID1"] + [f"{rates[at][0]} {rates[at][3]}" for at, _, _ in offers],
       ["Beginning Date"] + [begins for *_, begins in offers]] + block(columns, more=[
           ("Load Profile", [rates[at][3] for at, _, _ in offers]), ("Term (Months)", [term for _, term, _ in offers])])
energy_part = [round(rates[at][5] * 1000 * random.uniform(.5, .7), 2) for at, _, _ in offers]
total = [101.5 if place == 0 else round(price * random.uniform(1.4, 1.6), 2) for place, price in enumerate(energy_part)]
rows = [["Energy"] + [f"{price:.2f}" for price in energy_part], ["Other Charges"] + [f"{whole - price:.2f}" for whole, price in zip(total, energy_part)],
        ["Total Bundled Price ($/MWh)"] + [f"{whole:.2f}" for whole in total]]
lines("Matrix_PJM_20240105_110000.csv", upto(top, 24) + rows)

random.setstate(state)

# Needed for a quote for a business in Texas, besides energy: March 2024, which has a clock change.
columns = [("ERCOT", "TX", "NORTH ZONE", "NORTH ZONE", "ALL", block_type, "Shaping", "Hourly Shape")
           for block_type in ("5x16", "2x16", "7x8")]
rows = block(columns, True) + [[""] * 5, ["Date", "HE"] + [c[5] for c in columns]]
for day, hour in days(2024, 3):
    night = not 7 <= hour <= 22
    own = "7x8" if night else "5x16" if day.weekday() < 5 else "2x16"
    level = 1 + .3 * math.sin((hour - 10) / 24 * 2 * math.pi) + random.uniform(-.03, .03)
    rows.append([f"{day.month}/{day.day}/{day.year}", hour] + [f"{level:.4f}" if c[5] == own else "" for c in columns])
lines("Shaping_ERCOT_20240104_080000.csv", rows)

profiles = [("BUSMEDLF_NCENT", "Commercial"), ("RESLOWR_NCENT", "Residential")]
columns = [("ERCOT", "TX", "NORTH ZONE", "NORTH ZONE", "ONCOR", "7x24", "Load Profile", name) for name, _ in profiles]
rows = block(columns, True, [("Customer Type", [kind for _, kind in profiles])])
rows += [[""] * 4, ["Date", "HE"] + [name for name, _ in profiles]]
for day, hour in days(2024, 3):
    evening, office = math.exp(-((hour - 19) ** 2) / 12), math.exp(-((hour - 13) ** 2) / 18)
    busy = .4 if day.weekday() > 4 else 1
    rows.append([f"{day.month}/{day.day}/{day.year}", hour,
                 f"{21 + 34 * office * busy + random.uniform(0, 2):.2f}", f"{.7 + 1.1 * evening + random.uniform(0, .1):.3f}"])
lines("LoadProfile_ERCOT_20240104_080000.csv", rows)

columns = [("ERCOT", "TX", "NORTH ZONE", "NORTH ZONE", "ALL", "7x24", "VLR", "Variable Load Risk")]
rows = block(columns, True) + [[""] * 3, ["Month", "HE", "NORTH ZONE"]]
for month in range(1, 13):
    for hour in range(1, 25):
        rows.append([month, hour, f"{season(month, 1.2, 3.8) * (.7 + .5 * math.exp(-((hour - 17) ** 2) / 20)):.2f}%"])
lines("VLR_ERCOT_20240104_080000.csv", rows)

rows = [["ERCOT", "TX", "ALL", "ALL", utility, "7x24", "Line Loss", voltage, f"{factor:.4f}"]
        for utility, base in [("ONCOR", 1.0572), ("CENTERPOINT", 1.0451)]
        for voltage, factor in [("Secondary", base), ("Primary", 1 + (base - 1) * .6), ("Transmission", 1 + (base - 1) * .25)]]
lines("LineLoss_ERCOT_20240104_080000.csv", [titles] + rows)

charges = [("Ancillary Charges", "ERCOT Admin Fee", "$/MWh", .71), ("Ancillary Charges", "Ancillary Service Settlement", "$/MWh", 1.3),
           ("Ancillary Charges", "CRR Auction Revenue", "$/MWh", -2.2), ("Ancillary Charges", "ERS Settlement", "$/MWh", .08),
           ("Ancillary Charges - 4 Main", "NSRS", "$/MWh", 16.0), ("NatGas-HH", "HH", "$/MMBtu", 3.2)]
rows = []
for step, (year, month) in enumerate(months(2024, 1, 36)):
    rows.append([f"{month}/1/{year}"] + [f"{level * (1 + .1 * math.sin(step / 2)):.4f}" for *_, level in charges])
write("NonEnergy_ERCOT_20240104_111500.csv", "ERCOT", [("TX", "ALL", "ALL", "7x24", group, name) for group, name, *_ in charges],
      [["Date"] + [name for _, name, *_ in charges]], rows, units=[unit for _, _, unit, _ in charges], spacers=1)

rec = [("RPS Total Cost", "Total Cost per MWh", "$/MWh"), ("RPS Component", "Compliance Obligation", "%"), ("REC Price", "REC Price", "$/MWh")]
rows = [[f"{month}/1/{year}", f"${.0641 * (2.5 + .1 * (step // 12)):.4f}", "6.41%", f"{2.5 + .1 * (step // 12):.2f}"]
        for step, (year, month) in enumerate(months(2024, 1, 36))]
write("REC_ERCOT_20240104_142300.csv", "ERCOT", [("TX", "ALL", "ALL", "7X24", group, name) for group, name, _ in rec],
      [["TX"] * 4, ["EY"] + [name.replace(" ", "_") for _, name, _ in rec]], rows, units=[unit for *_, unit in rec])
