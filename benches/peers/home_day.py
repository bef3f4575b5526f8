#!/usr/bin/env python3
"""A day of a home as the current of one 100 Ah cell: writes `thevenin/profile.csv`. Needs only Python 3.11.

Load and roof are the hourly means of 30 May in `data/home/citylearn-home-1-june-week.csv` (a row holds for its hour).
Hourly means have no edges, so that appliances and clouds that switch within the hour are added by hand (ours).
The battery does what a home battery does: it takes the surplus until it is 95 % full and gives the deficit down to
10 %.
65 W at the house are 1 A at the cell, so that the day reaches both bounds and the peaks come near C/2.

Every row holds until the next; all times are multiples of 10 s. Current is positive while charging.
"""

import csv
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[1] / "data/home/citylearn-home-1-june-week.csv"
PROFILE = HERE / "thevenin/profile.csv"

STEP = 10  # s
DAY = 86_400  # s
WATTS_PER_AMPERE = 65.0
MOST = 50.0  # A, C/2
CAPACITY = 100.0 * 3600.0  # C
START, LOWEST, HIGHEST = 0.60, 0.10, 0.95


def clock(hours: int, minutes: int = 0) -> int:
    return hours * 3600 + minutes * 60


# Start, end (s), watts, seconds on, seconds off.
APPLIANCES = [
    (0, DAY, 120.0, 720, 1440),  # refrigerator
    (clock(6, 50), clock(6, 53), 2000.0, 180, 0),  # kettle
    (clock(7, 20), clock(7, 23), 2000.0, 180, 0),
    (clock(16, 10), clock(16, 13), 2000.0, 180, 0),
    (clock(17, 45), clock(19, 15), 2200.0, 40, 50),  # oven with its thermostat
    (clock(19, 30), clock(19, 36), 2800.0, 20, 10),  # microwave and kettle
    (clock(21, 0), clock(22, 30), 1800.0, 600, 900),  # washing machine
]

# Start, end (s), share of the sun that is left, seconds in the shade, seconds in the sun.
CLOUDS = [
    (clock(9, 0), clock(10, 30), 0.35, 90, 150),
    (clock(10, 45), clock(12, 30), 0.15, 30, 40),
    (clock(13, 15), clock(15, 0), 0.50, 200, 310),
]


def switched_on(time: int, start: int, end: int, on: int, off: int) -> bool:
    return start <= time < end and (time - start) % (on + off) < on


def home() -> list[tuple[float, float]]:
    """Load and roof of the 24 hours, W."""
    with HOME.open(newline="") as file:
        rows = list(csv.DictReader(file))[:24]
    return [(float(row["load_w"]), float(row["pv_w"])) for row in rows]


def surplus(hours: list[tuple[float, float]], time: int) -> float:
    load, sun = hours[time // 3600]
    for start, end, share, on, off in CLOUDS:
        if switched_on(time, start, end, on, off):
            sun *= share
    for start, end, watts, on, off in APPLIANCES:
        if switched_on(time, start, end, on, off):
            load += watts
    return sun - load


def profile() -> list[tuple[int, float]]:
    """The rows (s, A) at which the current changes, and the end."""
    hours, soc, rows = home(), START, []
    for time in range(0, DAY, STEP):
        current = round(max(-MOST, min(MOST, surplus(hours, time) / WATTS_PER_AMPERE)), 2)
        if not LOWEST <= soc + current * STEP / CAPACITY <= HIGHEST:
            current = 0.0
        soc += current * STEP / CAPACITY
        if not rows or rows[-1][1] != current:
            rows.append((time, current))
    rows.append((DAY, 0.0))
    return rows


def text() -> str:
    return "time_s,current_a\n" + "".join(f"{time},{current:g}\n" for time, current in profile())


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PROFILE.read_text() == text() else f"{PROFILE} is not what home_day.py writes")
    PROFILE.write_text(text())
