#!/usr/bin/env python3
"""Speed of PyBaMM's Thevenin model in a closed loop: one `Simulation.step` of 1 s for every second, the
voltage read after each, as a controller would."""

import pybamm

import window
from thevenin import Case

STEPS = 600


def loop(simulation: pybamm.Simulation, currents: list[float]) -> float:
    total = 0.0
    for current in currents:
        inputs = {"Current function [A]": -current}
        solution = simulation.step(1.0, save=False, starting_solution=simulation.solution, inputs=inputs)
        total += solution["Voltage [V]"].entries[-1]
    return total


def fastest(name: str) -> float:
    """Cell-steps per second, the best of a few runs: the others were disturbed."""
    model = pybamm.equivalent_circuit.Thevenin(options={"number of rc elements": 2})
    currents, best = window.currents(STEPS), 0.0
    for _ in range(window.REPEATS):
        # Naming the variable beforehand lets the solver compute it: three times as fast as asking afterwards.
        solver = pybamm.IDAKLUSolver(output_variables=["Voltage [V]"])
        simulation = pybamm.Simulation(model, parameter_values=Case(name).parameters(), solver=solver)
        loop(simulation, currents[:20])
        best = max(best, STEPS / window.seconds(lambda: loop(simulation, currents)))
    return best


def main() -> None:
    for case, words in (("constant", "constant R"), ("warm", "R0 and R1 over soc and temperature")):
        detail = f"{pybamm.__version__}; 2 RC; {words}; heat; IDAKLU; steps of 1 s"
        window.report("PyBaMM Thevenin closed loop", fastest(case), detail)


if __name__ == "__main__":
    main()
