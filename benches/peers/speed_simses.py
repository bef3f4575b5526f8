#!/usr/bin/env python3
"""Speed of SimSES. It computes one cell for a whole battery and scales it, so a step of the battery counts as one
cell-step. Two figures: the battery alone (equilibrium of current and power, limits, resistance model, ageing), and the
whole storage system around it (converter, power distribution, system state), through `run_one_simulation_step`."""

import contextlib
import os
import tempfile
import warnings
from configparser import ConfigParser
from importlib.metadata import version

import window

STEPS = 3000
SERIES = 16
CELL_VOLTAGE = 3.2  # V, nominal, of the Sony cell


def config() -> ConfigParser:
    parser = ConfigParser()
    parser.read_dict({
        "GENERAL": {"TIME_STEP": "1", "EXPORT_DATA": "False"},
        "ENERGY_MANAGEMENT": {"STRATEGY": "PowerFollower"},
        "BATTERY": {"START_SOC": "0.8"},
        "STORAGE_SYSTEM": {
            "STORAGE_SYSTEM_AC": "system_1,5500.0,51.2,fix,no_housing,no_hvac",
            "ACDC_CONVERTER": "fix,FixEfficiencyAcDcConverter,1,1,0.95",
            "HOUSING": "no_housing,NoHousing",
            "HVAC": "no_hvac,NoHeatingVentilationAirConditioning",
            "STORAGE_SYSTEM_DC": "system_1,no_loss,storage_1",
            "DCDC_CONVERTER": "no_loss,NoLossDcDcConverter",
            "STORAGE_TECHNOLOGY": "storage_1,5120,lithium_ion,SonyLFP,0.8",
        },
    })
    return parser


def system(currents: list[float], folder: str) -> float:
    from simses.main import SimSES

    os.makedirs(f"{folder}/speed", exist_ok=True)
    simses = SimSES(folder + "/", "speed", do_analysis=False, simulation_config=config())
    start, volts = 1_388_534_400, SERIES * CELL_VOLTAGE  # as the default configuration begins

    def work() -> None:
        for second, current in enumerate(currents, 1):
            simses.run_one_simulation_step(start + second, current * volts)

    before = simses.state.soc
    taken = window.seconds(work)
    assert simses.state.soc < before - 0.05, f"the battery did not move: {before} to {simses.state.soc}"
    simses.close()
    return len(currents) / taken


def battery(currents: list[float]) -> float:
    from simses.commons.data.no_data_handler import NoDataHandler
    from simses.technology.lithium_ion.battery import LithiumIonBattery

    volts = SERIES * CELL_VOLTAGE
    store = LithiumIonBattery("SonyLFP", volts, 100.0, 0.8, 1.0, NoDataHandler(), 298.15, 1, 1, config())
    start, before = store.state.time, store.state.soc

    def work() -> None:
        for second, current in enumerate(currents, 1):
            store.distribute_and_run(start + second, current, store.state.voltage)

    taken = window.seconds(work)
    assert store.state.soc < before - 0.05, f"the battery did not move: {before} to {store.state.soc}"
    store.close()
    return len(currents) / taken


def main() -> None:
    warnings.filterwarnings("ignore")  # its solver says in most steps that it cannot do better
    currents = window.currents(STEPS)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # it writes a log where it runs
        whole = max(system(currents, folder) for _ in range(window.REPEATS))
        alone = max(battery(currents) for _ in range(window.REPEATS))
    detail = f"{version('simses')}; Sony LFP; one cell stands for all; steps of 1 s"
    window.report("SimSES battery alone", alone, detail)
    window.report("SimSES storage system", whole, detail)


if __name__ == "__main__":
    main()
