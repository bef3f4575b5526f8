//! When the inverter is asked for a full charge, and from where.

use voltower_control::bdu::{BduController, Booked, FillSource, FullCharge, FullChargeSigns};
use voltower_control::keep::{BduPersisted, Damage, Part, Pauses};
use voltower_core::{Binding, Duration, PerMille, ResetCause, Watts};
use voltower_protocols::link::{FullChargeAsked, FullChargeWish, Limit, TowerEstimate};
use voltower_protocols::sofar::{Grid, Message, Request, Wanted};

use crate::driver::{SOFTWARE, Tower, identity, running};

const MINUTE: Duration = Duration::mins(1);
const HOUR: Duration = Duration::hours(1);
const DAY: Duration = Duration::hours(24);

const SIGNS: FullChargeSigns = FullChargeSigns {
    wanted: true,
    may_ask: true,
    sun: false,
    in_service: 0b11,
    full: 0,
    source: FillSource::Sun,
};

/// What is asked in each minute of so long.
fn asked(request: &mut FullCharge, signs: &FullChargeSigns, length: Duration) -> Vec<FullChargeAsked> {
    let minutes = length.0 / MINUTE.0;
    (0..minutes)
        .map(|_| {
            request.step(signs, MINUTE);
            request.asked()
        })
        .collect()
}

fn is_asked(asked: &FullChargeAsked) -> bool {
    matches!(asked, FullChargeAsked::FromSun | FullChargeAsked::FromGrid)
}

#[test]
fn a_wish_waits_for_the_sun_and_is_given_up_after_twelve_hours() {
    let mut request = FullCharge::NEW;
    let day = asked(&mut request, &SIGNS, DAY);
    assert!(!day.iter().any(is_asked), "no sun yet");
    let mut request = FullCharge::NEW;
    asked(&mut request, &SIGNS, HOUR);
    let sun = FullChargeSigns { sun: true, ..SIGNS };
    let day = asked(&mut request, &sun, DAY);
    let minutes = day.iter().filter(|asked| **asked == FullChargeAsked::FromSun).count();
    assert_eq!((day[0], minutes, day[12 * 60 + 1]), (FullChargeAsked::FromSun, 12 * 60, FullChargeAsked::No));
}

#[test]
fn two_requests_are_fourteen_days_apart_whatever_is_wanted() {
    let mut request = FullCharge::NEW;
    let sun = FullChargeSigns { sun: true, ..SIGNS };
    let asked = asked(&mut request, &sun, Duration(DAY.0 * 40));
    let changes: Vec<usize> =
        (1..asked.len()).filter(|i| is_asked(&asked[*i]) != is_asked(&asked[i - 1])).collect();
    let (end, next) = (changes[1], changes[2]);
    assert!(next - end >= 14 * 24 * 60 && next - end < 15 * 24 * 60, "{changes:?}");
}

#[test]
fn the_grid_comes_after_the_sun_and_only_if_the_owner_allows_it() {
    let mut request = FullCharge::NEW;
    assert!(!asked(&mut request, &SIGNS, Duration(DAY.0 * 3)).contains(&FullChargeAsked::FromGrid));
    let allowed = FullChargeSigns { source: FillSource::Grid, ..SIGNS };
    let mut request = FullCharge::NEW;
    let days = asked(&mut request, &allowed, Duration(DAY.0 * 3));
    let count = |what| days.iter().filter(|asked| **asked == what).count();
    assert_eq!((count(FullChargeAsked::FromSun), count(FullChargeAsked::FromGrid)), (6 * 60, 6 * 60));
}

#[test]
fn it_is_done_when_each_module_has_reached_its_own_end() {
    let mut request = FullCharge::NEW;
    let sun = FullChargeSigns { sun: true, ..SIGNS };
    asked(&mut request, &sun, HOUR);
    // The first is full, and is used a little while the second goes on.
    asked(&mut request, &FullChargeSigns { full: 0b01, ..sun }, MINUTE);
    assert!(asked(&mut request, &sun, HOUR).iter().all(is_asked));
    let after = asked(&mut request, &FullChargeSigns { full: 0b10, ..sun }, HOUR);
    assert!(after.iter().all(|asked| *asked == FullChargeAsked::No));
}

#[test]
fn an_island_interrupts_it_and_a_wish_that_comes_and_goes_is_none() {
    let sun = FullChargeSigns { sun: true, ..SIGNS };
    let mut request = FullCharge::NEW;
    let island = FullChargeSigns { may_ask: false, ..sun };
    assert!(!asked(&mut request, &island, Duration(DAY.0 * 3)).iter().any(is_asked));
    asked(&mut request, &sun, HOUR);
    assert!(!asked(&mut request, &island, HOUR).iter().any(is_asked));
    assert_eq!(asked(&mut request, &sun, MINUTE), [FullChargeAsked::FromSun]);
    let mut request = FullCharge::NEW;
    for _ in 0..1000 {
        let wanted = asked(&mut request, &sun, Duration::mins(8));
        let not = asked(&mut request, &FullChargeSigns { wanted: false, ..sun }, MINUTE);
        assert!(!wanted.iter().chain(&not).any(is_asked));
    }
}

fn requests(tower: &Tower) -> impl Iterator<Item = &Request> {
    tower.com.iter().filter_map(|(_, message)| match message {
        Message::Request(request) => Some(request),
        _ => None,
    })
}

fn fills(tower: &Tower) -> bool {
    requests(tower).any(|request| request.fill_from_sun || request.wanted == Wanted::ForcedFill)
}

fn wishing() -> Tower {
    let mut tower = running(&[0.6, 0.5]);
    tower.power = 1000.0;
    tower.modules[1].wish = FullChargeWish::WIDE_BAND;
    tower
}

fn told(tower: &Tower) -> TowerEstimate {
    tower.link.iter().rev().find_map(TowerEstimate::from_frame).expect("it is told each second")
}

#[test]
fn the_wish_of_a_module_reaches_the_inverter_and_ends_with_its_end() {
    let mut tower = wishing();
    tower.grid = Grid::Present;
    tower.run(Duration::mins(12));
    assert!(requests(&tower).last().is_some_and(|request| request.fill_from_sun));
    assert_eq!(told(&tower).full_charge, FullChargeAsked::FromSun);
    let full = Limit { power: Watts(0), binding: Binding::StateOfCharge, element: 0 };
    for module in &mut tower.modules {
        module.charge_limit = full;
    }
    tower.run(Duration::secs(5));
    assert!(!requests(&tower).last().is_some_and(|request| request.fill_from_sun));
    assert_eq!(told(&tower).full_charge, FullChargeAsked::No);
}

#[test]
fn in_an_island_nothing_is_asked_for() {
    let mut tower = wishing();
    tower.grid = Grid::Absent;
    tower.run(Duration::mins(30));
    assert!(!fills(&tower));
    // One that says nothing of the grid, and was started from the tower's own bus.
    let mut tower = Tower::new(&[0.6, 0.5]);
    tower.press(Duration::millis(5200));
    tower.run(Duration::secs(40));
    tower.inverter = true;
    tower.modules[1].wish = FullChargeWish::WIDE_BAND;
    tower.power = 1000.0;
    tower.run(Duration::mins(30));
    assert!(tower.connected() == 2 && !fills(&tower));
    tower.grid = Grid::Present;
    tower.run(Duration::mins(12));
    assert!(fills(&tower), "it says that the grid is back");
}

#[test]
fn pauses_outlive_a_loss_of_power() {
    let pauses = Pauses {
        full_charge: FullCharge::Resting { remaining: Duration::mins(90) },
        levelling: Duration::mins(61),
        booked: Booked::NOTHING,
    };
    let kept = Pauses::from_bytes(&pauses.coarse().to_bytes()).expect("whole");
    assert_eq!(kept.full_charge, FullCharge::Resting { remaining: Duration::hours(2) });
    assert_eq!(kept.levelling, Duration::hours(2));
    let mut tower = wishing();
    tower.grid = Grid::Present;
    tower.run(Duration::mins(12));
    let load = |tower: &Tower, lost: bool| {
        BduPersisted::load(ResetCause::PowerOn, |part| match part {
            Part::Charge if lost => Err(Damage::Checksum),
            part => Ok(tower.bdu.part_to_bytes(part)),
        })
    };
    let again = BduController::new(identity(SOFTWARE), load(&tower, false));
    assert!(matches!(again.persisted().pauses.full_charge, FullCharge::Asked { .. }));
    assert_eq!(load(&tower, true).pauses, Pauses::LOST, "when there was one is not known");
}

#[test]
fn a_tower_tells_a_band_that_holds_those_of_its_modules() {
    let mut tower = running(&[0.6, 0.4]);
    tower.modules[0].band = Some((PerMille(500), PerMille(700)));
    tower.run(Duration::secs(3));
    let estimate = told(&tower);
    assert_eq!(
        (estimate.soc, estimate.soc_low, estimate.soc_high),
        (PerMille(500), PerMille(450), PerMille(550))
    );
    // A lost record is not 0 %: it may be anything, and the others say what is shown.
    tower.modules[0].band = Some((PerMille::ZERO, PerMille::FULL));
    tower.modules[0].soc = 0.0;
    tower.run(Duration::mins(30));
    let estimate = told(&tower);
    assert_eq!((estimate.soc_low, estimate.soc_high), (PerMille(200), PerMille(700)));
    assert_eq!(tower.status.expect("told").soc, PerMille(400));
    assert_eq!(tower.connected(), 2, "its voltages say that it can");
}
