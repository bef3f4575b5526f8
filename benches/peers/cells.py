#!/usr/bin/env python3
"""The cells of the comparison with PyBaMM: writes `thevenin/*.toml`. Needs only Python 3.11.

They have what PyBaMM's Thevenin model has and no more: no hysteresis, no self-discharge, coulombic efficiency 1, no
spread. All points lie on the knots that both programs interpolate between linearly: the open-circuit voltage every
0.5 %, dU/dT and resistances on multiples of 10 % and, over temperature, of 5 degC.
"""

import math
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "thevenin"

SOCS = [round(0.1 * k, 1) for k in range(11)]
# Open-circuit voltage of an LFP cell (soc, V), 25 degC, mean of charge and discharge: Sony US26650FTC1 as tabulated in
# SimSES (BSD-3-Clause, TUM; Naumann 2018), the last 5 % bent as in the shipped 100 Ah cell.
OPEN_CIRCUIT = [
    (0.00, 2.290), (0.05, 3.065), (0.10, 3.197), (0.15, 3.212), (0.20, 3.234), (0.25, 3.255), (0.30, 3.270),
    (0.40, 3.292), (0.50, 3.299), (0.60, 3.303), (0.65, 3.306), (0.70, 3.311), (0.75, 3.319), (0.80, 3.334),
    (0.85, 3.340), (0.90, 3.342), (0.95, 3.345), (0.98, 3.362), (0.99, 3.405), (1.00, 3.530),
]  # fmt: skip
# dU/dT, V/K, at SOCS: the same source.
ENTROPY = [-0.49e-3, -0.16e-3, -0.12e-3, -0.04e-3, 0.10e-3, 0.11e-3, 0.13e-3, 0.15e-3, 0.10e-3, 0.08e-3, 0.12e-3]
TIME_CONSTANTS = [20.0, 900.0]


def linear(points: list[tuple[float, float]], x: float) -> float:
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[-1][1]


def arrhenius(celsius: float, joules_per_mole: float) -> float:
    """Resistance against 25 degC."""
    return math.exp(joules_per_mole / 8.3145 * (1.0 / (celsius + 273.15) - 1.0 / 298.15))


def rows(ohms: float, temperatures: list[float], joules_per_mole: float, shape) -> list[list[float]]:
    """A row is a temperature; four significant digits, as both programs read them."""
    value = lambda celsius, soc: float(f"{ohms * arrhenius(celsius, joules_per_mole) * shape(soc):.4g}")
    return [[value(celsius, soc) for soc in SOCS] for celsius in temperatures]


def flat(_soc: float) -> float:
    return 1.0


def sloped(soc: float) -> float:
    """Higher towards empty, most of all in the last tenth, and a little towards full."""
    return 1.0 + 0.25 * (0.5 - soc) + 4.0 * max(0.0, 0.1 - soc) + 0.5 * max(0.0, soc - 0.8)


def cell(name: str, temperatures: list[float], entropy: list[float], resistances: list[list[list[float]]]) -> str:
    socs = [round(k / 200, 3) for k in range(201)]
    volts = [round(linear(OPEN_CIRCUIT, soc), 6) for soc in socs]
    table = lambda table: "[\n" + "".join(f"  {row},\n" for row in table) + "]"
    zeros = table([[0.0] * len(SOCS) for _ in temperatures])
    maps = "\n".join(f"r{k}_ohm = {table(rows)}" for k, rows in enumerate(resistances))
    loops = "".join(f"\n[[hysteresis]]\nwidth = {width}\nhalf_gap_v = {zeros}\n" for width in (0.01, 0.03, 0.1))
    return f"""# Written by cells.py.
name = "{name}"
source = "No real cell: a plain one to compare with PyBaMM. Open-circuit voltage and dU/dT: SimSES (BSD-3-Clause, TUM)."
capacity_ah = 100.0
voltage_v = [2.0, 3.8]
coulombic_efficiency = 1.0
self_discharge_per_month = 0.0
heat_capacity_j_per_k = 2000.0

[spread]
capacity = 0.0
resistance = 0.0
self_discharge = 0.0
soc = 0.0

[open_circuit]
temperature_c = 25.0
soc = {socs}
volts = {volts}
slope_below_empty = 58.0
slope_above_full = 12.0

[entropy]
soc = {SOCS}
volts_per_kelvin = {entropy}

[map]
temperature_c = {temperatures}
soc = {SOCS}
{maps}
time_constants_s = {TIME_CONSTANTS}
{loops}"""


def cells() -> dict[str, str]:
    none = [0.0] * len(SOCS)
    one = [25.0]
    warm = [5.0 * k for k in range(1, 11)]
    constant = [rows(ohms, one, 0.0, flat) for ohms in (0.25e-3, 0.15e-3, 0.45e-3)]
    over_soc = [rows(ohms, one, 0.0, sloped) for ohms in (0.25e-3, 0.15e-3, 0.45e-3)]
    over_both = [
        rows(0.25e-3, warm, 18e3, sloped),
        rows(0.15e-3, warm, 24e3, sloped),
        rows(0.45e-3, warm, 0.0, flat),
    ]
    return {
        "constant": cell("constant resistances, isothermal", one, none, constant),
        "sloped": cell("resistances over the state of charge, isothermal", one, none, over_soc),
        "warm": cell("R0 and R1 over state of charge and temperature, temperature moves", warm, ENTROPY, over_both),
    }


if __name__ == "__main__":
    for name, text in cells().items():
        path = FOLDER / f"{name}.toml"
        if sys.argv[1:] == ["--check"]:
            if path.read_text() != text:
                sys.exit(f"{path} is not what cells.py writes")
        else:
            path.write_text(text)
