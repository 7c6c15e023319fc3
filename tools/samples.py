#!/usr/bin/env python3
"""Writes the sample sheets of shared/samples: made-up numbers from a seed, real in shape."""
import math, os, random

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
# Not loaded at the start: the one to try an upload with.
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
