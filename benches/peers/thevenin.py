#!/usr/bin/env python3
"""PyBaMM's Thevenin model as an oracle: runs the cells of `thevenin/*.toml` over the day of `thevenin/profile.csv` and
writes `thevenin/*.csv`, which `crates/plant/tests/pybamm.rs` holds our cell against. README.md says what corresponds to
what. The current is constant within every step of the solver: no jump lies inside one.
"""

import csv
import sys
import tomllib
from math import exp
from pathlib import Path

import numpy
import pybamm

FOLDER = Path(__file__).parent / "thevenin"
SAMPLE = 60  # s between two rows of the reference
START_SOC = 0.60  # as in home_day.py

# The thermal network of the case that warms up. The isothermal cases have a cell that nothing warms.
START_CELSIUS, AMBIENT_CELSIUS = 10.0, 25.0
JIG_CAPACITY, CELL_TO_JIG, JIG_TO_AIR = 500.0, 0.5, 0.3  # J/K, W/K, W/K
ISOTHERMAL_CAPACITY = 1e15  # J/K


def profile() -> list[tuple[int, float]]:
    with (FOLDER / "profile.csv").open(newline="") as file:
        return [(int(row["time_s"]), float(row["current_a"])) for row in csv.DictReader(file)]


def pieces() -> list[tuple[int, int, float]]:
    """Start, end (s) and current (A, positive while charging) of what the solver does in one go."""
    rows, result = profile(), []
    for (start, current), (end, _) in zip(rows, rows[1:]):
        while start < end:
            stop = min(end, (start // SAMPLE + 1) * SAMPLE)
            result.append((start, stop, current))
            start = stop
    return result


class Case:
    """A cell file as parameters of PyBaMM."""

    def __init__(self, name: str, as_ours: bool = True):
        self.name = name
        self.as_ours = as_ours
        self.cell = tomllib.loads((FOLDER / f"{name}.toml").read_text())
        self.map = self.cell["map"]
        self.thermal = name == "warm"

    def ocv(self, soc):
        points = self.cell["open_circuit"]
        knots = (numpy.array(points["soc"]), numpy.array(points["volts"]))
        return pybamm.Interpolant(*knots, soc, interpolator="linear")

    def entropy(self, ocv, _celsius):
        """PyBaMM wants it over the open-circuit voltage, which rises with soc and is linear between the same knots."""
        points, entropy = self.cell["open_circuit"], self.cell["entropy"]
        over_soc = numpy.interp(points["soc"], entropy["soc"], entropy["volts_per_kelvin"])
        return pybamm.Interpolant(numpy.array(points["volts"]), over_soc, ocv, interpolator="linear")

    def table(self, k: int, celsius, soc):
        rows, socs = numpy.array(self.map[f"r{k}_ohm"]), numpy.array(self.map["soc"])
        if (rows == rows[0, 0]).all():
            return pybamm.Scalar(rows[0, 0])
        if len(rows) == 1:
            return pybamm.Interpolant(socs, rows[0], soc, interpolator="linear")
        axes = (numpy.array(self.map["temperature_c"]), socs)
        return pybamm.Interpolant(axes, rows, [celsius, soc], interpolator="linear")

    def slope(self, k: int, soc):
        """dR/dsoc of an isothermal table, ohm: a staircase."""
        row, socs = self.map[f"r{k}_ohm"][0], self.map["soc"]
        slopes = numpy.diff(row) / numpy.diff(socs)
        steps = zip(socs[1:], numpy.diff(slopes))
        return slopes[0] + sum(float(step) * (soc > knot) for knot, step in steps)

    def pair(self, k: int, celsius, current, soc):
        """Resistance and capacitance of an RC pair.

        PyBaMM's state is the voltage v of the pair, ours the current through its resistor, v / R. Where R moves they
        differ by v R'/R in dv/dt. A resistance and a time constant that are both 1 / (1 - tau R'/R) times as large put
        it back. That needs the rate at which R moves: known for the state of charge, not for the temperature.
        """
        tau, ohms = self.map["time_constants_s"][k - 1], self.table(k, celsius, soc)
        shared = pybamm.Scalar(1.0)
        if self.as_ours and not self.thermal and len(set(self.map[f"r{k}_ohm"][0])) > 1:
            rate = -current / (3600.0 * self.cell["capacity_ah"])
            shared = 1.0 / (1.0 - tau * self.slope(k, soc) / ohms * rate)
        return ohms * shared, tau / ohms

    def parameters(self) -> pybamm.ParameterValues:
        heat_capacity = self.cell["heat_capacity_j_per_k"] if self.thermal else ISOTHERMAL_CAPACITY
        start = START_CELSIUS if self.thermal else 25.0
        values = pybamm.ParameterValues("ECM_Example")
        update = {
            "Cell capacity [A.h]": self.cell["capacity_ah"],
            "Nominal cell capacity [A.h]": self.cell["capacity_ah"],
            "Initial SoC": START_SOC,
            "Upper voltage cut-off [V]": 9.0,
            "Lower voltage cut-off [V]": 0.1,
            "Current function [A]": "[input]",
            "Initial temperature [K]": start + 273.15,
            "Ambient temperature [K]": AMBIENT_CELSIUS + 273.15,
            "Cell thermal mass [J/K]": heat_capacity,
            "Jig thermal mass [J/K]": JIG_CAPACITY,
            "Cell-jig heat transfer coefficient [W/K]": CELL_TO_JIG,
            "Jig-air heat transfer coefficient [W/K]": JIG_TO_AIR,
            "Open-circuit voltage [V]": self.ocv,
            "Entropic change [V/K]": self.entropy if self.thermal else 0.0,
            "R0 [Ohm]": lambda celsius, _current, soc: self.table(0, celsius, soc),
        }
        for k in (1, 2):
            update[f"R{k} [Ohm]"] = lambda celsius, current, soc, k=k: self.pair(k, celsius, current, soc)[0]
            update[f"C{k} [F]"] = lambda celsius, current, soc, k=k: self.pair(k, celsius, current, soc)[1]
            update[f"Element-{k} initial overpotential [V]"] = 0.0
        values.update(update, check_already_exists=False)
        return values

    def run(self, tolerance: float) -> list[tuple[int, float, float]]:
        """Time (s), voltage (V) and cell temperature (degC) at the end of every minute, with the current until then."""
        model = pybamm.equivalent_circuit.Thevenin(options={"number of rc elements": 2})
        solver = pybamm.IDAKLUSolver(rtol=tolerance, atol=tolerance * 1e-3)
        simulation = pybamm.Simulation(model, parameter_values=self.parameters(), solver=solver)
        result = []
        for start, end, current in pieces():
            inputs = {"Current function [A]": -current}
            solution = simulation.step(end - start, save=False, starting_solution=simulation.solution, inputs=inputs)
            if end % SAMPLE == 0:
                last = lambda name: float(solution[name].entries[-1])
                celsius = last("Cell temperature [degC]")
                shift = last("Entropic change [V/K]") * (celsius - self.cell["open_circuit"]["temperature_c"])
                result.append((end, last("Voltage [V]") + shift, celsius))
        return result


def closed_form(cell: dict) -> list[tuple[int, float]]:
    """The constant isothermal cell without any solver."""
    ohms, taus = [cell["map"][f"r{k}_ohm"][0][0] for k in range(3)], cell["map"]["time_constants_s"]
    points, soc, through, result = cell["open_circuit"], START_SOC, [0.0, 0.0], []
    for start, end, current in pieces():
        soc += current * (end - start) / (3600.0 * cell["capacity_ah"])
        through = [current + (i - current) * exp((start - end) / tau) for i, tau in zip(through, taus)]
        if end % SAMPLE == 0:
            ocv = float(numpy.interp(soc, points["soc"], points["volts"]))
            result.append((end, ocv + ohms[0] * current + ohms[1] * through[0] + ohms[2] * through[1]))
    return result


def apart(one, other, column: int = 1) -> float:
    return max(abs(a[column] - b[column]) for a, b in zip(one, other, strict=True))


def text(rows: list[tuple[int, float, float]]) -> str:
    lines = [f"{time},{volts:.7f},{celsius:.5f}\n" for time, volts, celsius in rows]
    return "time_s,voltage_v,temperature_c\n" + "".join(lines)


def main() -> None:
    print(f"PyBaMM {pybamm.__version__}, {len(pieces())} pieces")
    for name in ("constant", "sloped", "warm"):
        rows, finer = Case(name).run(1e-9), Case(name).run(1e-11)
        print(f"{name}: 1e-9 against 1e-11: {apart(rows, finer) * 1e6:.3f} uV, {apart(rows, finer, 2) * 1e6:.3f} uK")
        if name == "constant":
            print(f"{name}: against the closed form: {apart(finer, closed_form(Case(name).cell)) * 1e6:.3f} uV")
        if name == "sloped":
            plain = Case(name, as_ours=False).run(1e-11)
            print(f"{name}: pairs that keep their voltage instead of their current: {apart(finer, plain) * 1e3:.3f} mV")
        celsius = [row[2] for row in finer]
        volts = [row[1] for row in finer]
        print(f"{name}: {min(volts):.4f} to {max(volts):.4f} V, {min(celsius):.2f} to {max(celsius):.2f} degC")
        path = FOLDER / f"{name}.csv"
        if "--check" in sys.argv:
            kept = [tuple(map(float, row)) for row in list(csv.reader(path.open()))[1:]]
            microvolts, microkelvin = apart(finer, kept) * 1e6, apart(finer, kept, 2) * 1e6
            print(f"{name}: against {path.name}: {microvolts:.3f} uV, {microkelvin:.3f} uK")
            if microvolts > 1.0 or microkelvin > 100.0:
                sys.exit(f"{path} is not what PyBaMM gives; `run oracle --write` writes it anew")
        else:
            path.write_text(text(finer))


if __name__ == "__main__":
    main()
