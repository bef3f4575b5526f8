"""What every peer is given: the current of the busiest hours of `thevenin/profile.csv`, another value every second."""

import csv
import time
from collections.abc import Callable
from pathlib import Path

PROFILE = Path(__file__).parent / "thevenin/profile.csv"
START = 63_900  # s: 17:45, an oven switches every 40 to 50 s; the cell is nearly full
RIPPLE = (-0.5, 0.0, 0.5)  # A, so that no two steps in a row have the same current
REPEATS = 3


def currents(seconds: int) -> list[float]:
    """Current of a 100 Ah cell in each second, A, positive while charging."""
    with PROFILE.open(newline="") as file:
        rows = [(int(row["time_s"]), float(row["current_a"])) for row in csv.DictReader(file)]
    held = [current for (start, current), (end, _) in zip(rows, rows[1:]) for _ in range(start, end)]
    return [current + RIPPLE[k % 3] for k, current in enumerate(held[START : START + seconds])]


def seconds(work: Callable[[], None]) -> float:
    """Time on the clock or of the processor, whichever is less: neither what else runs on the machine nor a second
    thread counts against a peer."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return min(time.perf_counter() - wall, time.process_time() - processor)


def report(name: str, cell_steps_per_second: float, detail: str) -> None:
    """The line that `run` reads; the detail has no comma."""
    print(f"{name},{cell_steps_per_second:.0f},{detail}")
