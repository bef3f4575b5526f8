#!/usr/bin/env python3
"""Speed of liionpack: 16 cells in series, its `solve` with its own cell model (PyBaMM's single particle model with
Chen2020, the default), a current that changes every second; with one and with two threads, the better one counts."""

import contextlib
import io
import os
import warnings

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
warnings.filterwarnings("ignore")

import liionpack
import numpy
import pybamm

import window

CELLS = 16
SHORT, LONG = 60, 360  # steps; the difference leaves out what happens once
CAPACITY = 5.0  # Ah of Chen2020; the profile is that of 100 Ah


def solve(steps: int, threads: int) -> float:
    """Seconds of a solve."""
    # liionpack counts discharging as positive.
    amperes = -numpy.array(window.currents(steps)) * CAPACITY / 100.0
    drive = numpy.column_stack([numpy.arange(steps, dtype=float), amperes])
    experiment = pybamm.Experiment([pybamm.step.current(drive, period="1 second")], period="1 second")
    netlist = liionpack.setup_circuit(Np=1, Ns=CELLS, Rb=1e-4, Rc=1e-2, Ri=5e-2, V=3.6, I=1.0)
    values, output = pybamm.ParameterValues("Chen2020"), {}

    def work() -> None:
        output.update(liionpack.solve(netlist, None, values, experiment, initial_soc=0.8, nproc=threads))

    with contextlib.redirect_stderr(io.StringIO()):
        taken = window.seconds(work)
    done = output["Terminal voltage [V]"].shape
    assert done == (steps, CELLS), f"liionpack ended early: {done}"
    return taken


def main() -> None:
    pybamm.set_logging_level("ERROR")
    liionpack.set_logging_level("ERROR")
    speeds = {}
    for threads in (1, 2):
        runs = [(solve(SHORT, threads), solve(LONG, threads)) for _ in range(window.REPEATS)]
        speeds[threads] = CELLS * (LONG - SHORT) / (min(long for _, long in runs) - min(short for short, _ in runs))
    threads = max(speeds, key=speeds.get)
    versions = f"{liionpack.__version__} on PyBaMM {pybamm.__version__}"
    words = f"{threads} thread{'s' * (threads > 1)}"
    detail = f"{versions}; {CELLS} in series; single particle model; {words}; steps of 1 s"
    window.report("liionpack", speeds[threads], detail)


if __name__ == "__main__":
    main()
