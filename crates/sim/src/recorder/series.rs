//! Time series as CSV: one row a moment, one column a quantity, units in the names.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use voltower_core::Instant;
use voltower_protocols::link::{FullChargeAsked, Levelling};

use super::{ModuleSnapshot, Snapshot, TowerSnapshot};
use crate::scenario::{DayTime, Scenario};

const TOWER: &str = "state,soc_percent,power_w,bus_v,outside_v,insulation_kohm,charge_limit_w,discharge_limit_w,\
    own_consumption_w,conditions,soc_low_percent,soc_high_percent,full_charge,levelling";
const MODULE: &str = "state,soc_percent,soc_true_percent,power_w,cell_min_v,cell_max_v,cell_min_degc,cell_max_degc,\
    heat_sink_degc,case_v,soc_estimate_percent,soc_low_percent,soc_high_percent,\
    soc_usable_percent";

#[derive(Debug)]
pub(super) struct SeriesFile {
    file: BufWriter<File>,
    start: DayTime,
    row: String,
}

impl SeriesFile {
    pub(super) fn new(mut file: BufWriter<File>, start: DayTime, scenario: &Scenario) -> io::Result<Self> {
        let mut header = "time_s,clock,ambient_degc,pv_w,load_w,grid_w,unserved_w".to_owned();
        for (number, tower) in scenario.towers.iter().enumerate() {
            let tower_name = format!("t{}", number + 1);
            columns(&mut header, &tower_name, TOWER);
            for module in 0..tower.modules.len() {
                columns(&mut header, &format!("{tower_name}m{}", module + 1), MODULE);
            }
        }
        writeln!(file, "{header}")?;
        Ok(Self { file, start, row: String::new() })
    }

    pub(super) fn row(&mut self, at: Instant, seen: &Snapshot) -> io::Result<()> {
        self.row.clear();
        // Writing to a string cannot fail.
        let _ = write_site(&mut self.row, self.start, at, seen);
        for tower in &seen.towers {
            let _ = write_tower(&mut self.row, tower);
        }
        self.row.push('\n');
        self.file.write_all(self.row.as_bytes())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn columns(header: &mut String, prefix: &str, names: &str) {
    for name in names.split(',') {
        header.push_str(&format!(",{prefix}_{name}"));
    }
}

fn write_site(row: &mut String, start: DayTime, at: Instant, seen: &Snapshot) -> std::fmt::Result {
    let (house, seconds) = (&seen.house, at.0 as f64 / 1e6);
    write!(row, "{seconds:.2},{},{:.2}", start.after(at), seen.ambient)?;
    write!(row, ",{:.1},{:.1},{:.1},{:.1}", house.pv, house.load, house.grid, house.unserved)
}

fn write_tower(row: &mut String, tower: &TowerSnapshot) -> std::fmt::Result {
    write!(row, ",{},{:.1},{:.1}", tower.state, tower.soc * 100.0, tower.power)?;
    write!(row, ",{:.2},{:.2}", tower.bus_voltage, tower.outside_voltage)?;
    write!(row, ",{:.1}", tower.insulation / 1000.0)?;
    write!(row, ",{:.0},{:.0},{:.2},", tower.charge_limit, tower.discharge_limit, tower.own_consumption)?;
    for (place, condition) in tower.conditions.iter().enumerate() {
        row.push_str(if place > 0 { "; " } else { "" });
        row.push_str(&crate::scenario::condition_name(condition));
    }
    write!(row, ",{:.1},{:.1}", tower.soc_low * 100.0, tower.soc_high * 100.0)?;
    write!(row, ",{},{}", full_charge(tower.full_charge), levelling(tower.levelling))?;
    tower.modules.iter().try_for_each(|module| write_module(row, module))
}

const fn full_charge(asked: FullChargeAsked) -> &'static str {
    match asked {
        FullChargeAsked::No => "",
        FullChargeAsked::Wanted => "wanted",
        FullChargeAsked::FromSun => "from the sun",
        FullChargeAsked::FromGrid => "from the grid",
    }
}

/// By address: who charges whom.
fn levelling(levelling: Option<Levelling>) -> String {
    let told = |told: Levelling| format!("{} to {}", told.donor.number(), told.receiver.number());
    levelling.map(told).unwrap_or_default()
}

fn write_module(row: &mut String, module: &ModuleSnapshot) -> std::fmt::Result {
    write!(row, ",{},{:.1},{:.3}", module.state, module.soc * 100.0, module.soc_true * 100.0)?;
    write!(row, ",{:.1},{:.4},{:.4}", module.power, module.cell_voltage_min, module.cell_voltage_max)?;
    write!(row, ",{:.2},{:.2}", module.cell_temperature_min, module.cell_temperature_max)?;
    write!(row, ",{:.1},{:.1}", module.heat_sink, module.case_voltage)?;
    let percent = |share: f64| share * 100.0;
    write!(row, ",{:.1},{:.1}", percent(module.soc_estimate), percent(module.soc_low))?;
    write!(row, ",{:.1},{:.3}", percent(module.soc_high), percent(module.soc_usable))
}
