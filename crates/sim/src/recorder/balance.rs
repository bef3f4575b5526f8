//! Where the energy went.

use std::fmt::Write as _;

use serde::Serialize;
use voltower_plant::EnergyLedger;
use voltower_plant::house::HouseLedger;

use crate::sun::SunNotTaken;

const JOULES_PER_KWH: f64 = 3.6e6;

/// Energy of one account over the run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Account {
    /// What it is called.
    pub name: &'static str,
    /// Into the account, J; sources are negative.
    pub joules: f64,
}

/// A closed balance: the accounts add up to nothing, but for the residual.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balance {
    /// Of what.
    pub name: String,
    /// Every account that moved.
    pub accounts: Vec<Account>,
    /// What the accounts do not explain, J.
    pub residual_joules: f64,
    /// The residual over the largest account.
    pub relative: f64,
}

impl Balance {
    /// Of a tower (from 0) and the input of the inverter.
    #[must_use]
    pub fn of_tower(tower: usize, ledger: &EnergyLedger) -> Self {
        let accounts = ledger.accounts();
        let accounts = accounts.iter().map(|(name, joules)| Account { name, joules: *joules });
        let source = Account { name: "given by the inverter", joules: -ledger.inverter };
        let name = format!("tower {}", tower + 1);
        Self::new(name, std::iter::once(source).chain(accounts).collect(), ledger.residual())
    }

    /// Of house, roof, grid and the inverter's bridge.
    #[must_use]
    pub fn of_house(ledger: &HouseLedger) -> Self {
        let accounts = vec![
            Account { name: "from the roof", joules: -ledger.pv },
            Account { name: "bought from the grid", joules: -ledger.grid_import },
            Account { name: "sold to the grid", joules: ledger.grid_export },
            Account { name: "to the batteries, net", joules: ledger.battery },
            Account { name: "to the appliances", joules: ledger.load },
            Account { name: "lost in the inverter", joules: ledger.loss },
            Account { name: "not absorbed in time", joules: ledger.spill },
        ];
        Self::new("house".to_owned(), accounts, ledger.residual())
    }

    fn new(name: String, accounts: Vec<Account>, residual_joules: f64) -> Self {
        let largest = accounts.iter().fold(0.0_f64, |most, account| most.max(account.joules.abs()));
        let relative = if largest > 0.0 { residual_joules.abs() / largest } else { 0.0 };
        let accounts = accounts.into_iter().filter(|account| account.joules != 0.0).collect();
        Self { name, accounts, residual_joules, relative }
    }

    /// As a table for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("Energy of the {} (kWh, sources negative)\n", self.name);
        for Account { name, joules } in &self.accounts {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name:<24}{:>12.4}", joules / JOULES_PER_KWH);
        }
        let _ = writeln!(
            text,
            "  {:<24}{:>12.1e} J, {:.1e} of the largest",
            "not explained", self.residual_joules, self.relative
        );
        text
    }
}

/// Sun that was more than the appliances wanted and did not go into the batteries.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NotTaken {
    /// Whatever the cause, J.
    pub joules: f64,
    /// Of it, what modules could have taken with warm cells, J.
    pub cold_joules: f64,
}

impl From<SunNotTaken> for NotTaken {
    fn from(sun: SunNotTaken) -> Self {
        Self { joules: sun.all, cold_joules: sun.cold }
    }
}

impl NotTaken {
    /// As a table for people.
    #[must_use]
    pub fn text(&self) -> String {
        let rows = [("in all", self.joules), ("because cells were cold", self.cold_joules)];
        let rows = rows.map(|(name, joules)| format!("  {name:<24}{:>12.4}\n", joules / JOULES_PER_KWH));
        format!("Sun that the batteries did not take (kWh)\n{}", rows.concat())
    }
}
