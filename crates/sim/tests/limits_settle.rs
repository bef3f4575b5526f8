//! Limits settle: whatever the inverter's delay, contacts, age and temperature, the power stands still or falls, at
//! both ends of the charge.

use std::io;

use voltower_core::{Duration, Instant};
use voltower_plant::Fault as HardwareFault;
use voltower_protocols::link::TowerLimits;
use voltower_sim::scenario::{Action, Fault, InverterMode};
use voltower_sim::{Port, Scenario, World};

/// 5 % of the rating of one module.
const SWING: f64 = 125.0;
/// From then on it has settled.
const SETTLED: Duration = Duration::mins(5);
const LENGTH: Duration = Duration::mins(10);
const STEP: Duration = Duration::millis(100);

/// An end of the charge.
#[derive(Debug, Clone, Copy)]
enum End {
    Top,
    Middle,
    Bottom,
}

/// One case of the grid.
#[derive(Debug, Clone, Copy)]
struct Case {
    end: End,
    /// Of the inverter: it does what the published limit was so long ago.
    delay: Duration,
    /// Of one cell, ohm.
    contact: f64,
    growth: f64,
    celsius: i32,
}

impl Case {
    fn world(self) -> World {
        let soc = match self.end {
            End::Top => 97,
            End::Middle => 50,
            End::Bottom => 12,
        };
        let text = format!(
            "title = \"t\"\nduration = \"2 h\"\nperiod = \"100 ms\"\nambient = \"{} degC\"\n\
             [inverter]\nmode = \"hold\"\n\
             [[tower]]\nmodules = 1\n[[tower.module]]\nsoc = \"{soc} %\"\nresistance_growth = {:.1}\n",
            self.celsius, self.growth
        );
        let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
        World::new(&Scenario::parse("test.toml", &text, &none).expect("a good scenario"))
    }

    fn mode(self, watts: f64) -> InverterMode {
        match self.end {
            End::Top | End::Middle => InverterMode::Charge(watts),
            End::Bottom => InverterMode::Discharge(watts),
        }
    }

    /// Published limits, every 100 ms, of an inverter that wants all there is and obeys late.
    fn limits(self) -> Vec<f64> {
        let mut world = self.world();
        world.listen();
        world.act(Action::Press { tower: 0, hold: Duration::secs(1) });
        world.act(Action::Break { tower: 0, fault: Fault::InverterIgnoresLimits });
        if self.contact > 0.0 {
            let (module, cell, ohms) = (0, 6, self.contact);
            let contact = HardwareFault::LostContact { module, cell, ohms, ohms_per_hour: 0.0 };
            world.act(Action::Break { tower: 0, fault: Fault::Hardware(contact) });
        }
        let (mut now, mut limits, mut last) = (Instant::ZERO, Vec::new(), 0.0);
        let late = (self.delay.0 / STEP.0) as usize;
        while now < Instant::ZERO + LENGTH {
            now = now + STEP;
            world.advance_to(now);
            for tap in world.drain_frames().filter(|tap| tap.port == Port::Link) {
                if let Some(told) = TowerLimits::from_frame(&tap.frame) {
                    let limit = match self.end {
                        End::Top | End::Middle => told.charge,
                        End::Bottom => told.discharge,
                    };
                    last = f64::from(limit.power.0);
                }
            }
            limits.push(last);
            let obeyed = limits[limits.len().saturating_sub(1 + late)];
            world.act(Action::Inverter(self.mode(obeyed)));
        }
        limits
    }

    /// The largest rise after a fall, W: what only falls does not swing.
    fn swing(self) -> f64 {
        let limits = self.limits();
        let settled = (SETTLED.0 / STEP.0) as usize;
        let (mut lowest, mut swing) = (f64::INFINITY, 0.0_f64);
        for limit in &limits[settled..] {
            lowest = lowest.min(*limit);
            swing = swing.max(limit - lowest);
        }
        println!("{self:?}: {swing:.0} W, at the end {:.0} W", limits.last().unwrap_or(&0.0));
        swing
    }
}

fn swings(cases: impl Iterator<Item = Case>) -> Vec<(Case, f64)> {
    cases.map(|case| (case, case.swing())).filter(|(_, swing)| *swing > SWING).collect()
}

#[test]
fn the_power_settles_within_five_minutes() {
    let case = |end, millis, contact, growth, celsius| Case {
        end,
        delay: Duration::millis(millis),
        contact,
        growth,
        celsius,
    };
    let few = [
        case(End::Top, 3000, 0.0, 3.0, 10),
        case(End::Top, 1000, 0.0, 1.0, 45),
        case(End::Middle, 100, 0.1, 1.0, 25),
        case(End::Middle, 3000, 0.045, 3.0, 25),
        case(End::Bottom, 3000, 0.0, 3.0, -10),
        case(End::Bottom, 1000, 0.045, 1.0, 25),
    ];
    let found = swings(few.into_iter());
    assert!(found.is_empty(), "{found:?}");
}

#[test]
#[ignore = "half an hour: by night"]
fn the_power_settles_over_the_whole_grid() {
    let mut all = Vec::new();
    for end in [End::Top, End::Middle, End::Bottom] {
        for delay in [100, 300, 1000, 2000, 3000].map(Duration::millis) {
            for contact in [0.0, 0.01, 0.045, 0.1] {
                for growth in [1.0, 3.0] {
                    for celsius in [-10, 0, 10, 25, 45] {
                        all.push(Case { end, delay, contact, growth, celsius });
                    }
                }
            }
        }
    }
    let found = swings(all.into_iter());
    assert!(found.is_empty(), "{found:?}");
}
