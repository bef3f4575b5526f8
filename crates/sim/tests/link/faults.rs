//! Every fault of the Link at every place of an E20, in a tower that runs and before a start.

use voltower_core::values::{
    COMMAND_SILENCE, DISCOVERY_TIMEOUT, LINK_FAST_PERIOD, MODULE_SILENCE, SELF_TEST_TIME, TERMINATION_TIME,
};
use voltower_core::{Cause, Diagnosis, Duration, TowerState};
use voltower_sim::scenario::Fault;

use crate::site::{Site, in_order};

const PERIOD: Duration = Duration::millis(100);
/// Frames on their way, a sample of each side, the panel, and the steps in which this looks.
const MARGIN: Duration = Duration(LINK_FAST_PERIOD.0 + 50_000);
/// The manual's table 2.4: *communication fault*.
const COMMUNICATION: &str = "alarm on, L1 on, L3 on";
/// The manual's table 2.4: alarm, *other*.
const OTHER: &str = "alarm flashing, L1 on, L2 on, L3 on, L4 on, L5 on";
/// Discharge at 60 %.
const WELL: &str = "status green on, L1 on, L2 on, L3 on";

/// How a fault ends.
struct End {
    lights: &'static str,
    found: Diagnosis,
    /// How many modules, from the top, and which one besides, have no address then.
    lost: Vec<usize>,
    within: Duration,
}

fn end(lights: &'static str, cause: Cause, module: u8, lost: &[usize], within: Duration) -> End {
    End { lights, found: Diagnosis::new(cause, module), lost: lost.to_vec(), within: within + MARGIN }
}

fn below(place: usize) -> Vec<usize> {
    (place..4).collect()
}

/// What must be seen when it breaks while the tower runs.
fn while_running() -> Vec<(Fault, End)> {
    let mut all = vec![
        (Fault::LinkTerminatorMissing, end(OTHER, Cause::TerminatorMissing, 0, &[], TERMINATION_TIME)),
        (Fault::LinkTerminatorDoubled, end(OTHER, Cause::TerminatorDoubled, 0, &[], TERMINATION_TIME)),
        (
            Fault::BduLinkOpen,
            end(COMMUNICATION, Cause::LinkOpen, 0, &below(0), MODULE_SILENCE + TERMINATION_TIME),
        ),
    ];
    for place in 0..4 {
        let number = place as u8;
        let cut = end(COMMUNICATION, Cause::ChainInterrupted, number, &below(place), MODULE_SILENCE);
        all.push((Fault::CutLink { after: place }, cut));
        // Whoever has an address needs no enabling.
        all.push((Fault::CutEnable { after: place }, end(WELL, Cause::None, 0, &[], Duration::ZERO)));
    }
    for module in 0..4 {
        let number = module as u8 + 1;
        let babbling = end(COMMUNICATION, Cause::Babbling, number, &below(0), MODULE_SILENCE);
        all.push((Fault::LinkBabbling { module }, babbling));
        let deaf = end(COMMUNICATION, Cause::Silent, number, &[module], COMMAND_SILENCE + MODULE_SILENCE);
        all.push((Fault::LinkDeaf { module }, deaf));
        let mute = end(COMMUNICATION, Cause::Silent, number, &[module], MODULE_SILENCE);
        all.push((Fault::LinkMute { module }, mute));
    }
    all
}

/// What must be seen when the tower is started with it.
fn before_a_start() -> Vec<(Fault, End)> {
    let given_up = SELF_TEST_TIME + DISCOVERY_TIMEOUT;
    let mut all = vec![
        (Fault::LinkTerminatorMissing, end(OTHER, Cause::TerminatorMissing, 0, &[], given_up)),
        (Fault::LinkTerminatorDoubled, end(OTHER, Cause::TerminatorDoubled, 0, &[], given_up)),
        (Fault::BduLinkOpen, end(COMMUNICATION, Cause::LinkOpen, 0, &below(0), given_up)),
    ];
    let chain =
        |place: usize| end(COMMUNICATION, Cause::ChainInterrupted, place as u8, &below(place), given_up);
    for place in 0..4 {
        all.push((Fault::CutLink { after: place }, chain(place)));
        all.push((Fault::CutEnable { after: place }, chain(place)));
        all.push((Fault::LinkDeaf { module: place }, chain(place)));
        all.push((Fault::LinkMute { module: place }, chain(place)));
        let babbling = end(COMMUNICATION, Cause::Babbling, place as u8 + 1, &below(0), given_up);
        all.push((Fault::LinkBabbling { module: place }, babbling));
    }
    all
}

fn without(lost: &[usize]) -> Vec<Option<u8>> {
    in_order(4).into_iter().enumerate().map(|(at, number)| number.filter(|_| !lost.contains(&at))).collect()
}

/// Lights and cause are there in time and stay; modules that nothing happened to keep their addresses.
fn ends_so(site: &mut Site, fault: &Fault, end: &End) {
    let is_so = |site: &mut Site| site.lights() == end.lights && site.found() == end.found;
    let took = site.wait(end.within, is_so);
    assert!(took.is_some(), "{fault} after {}: {}, {}", end.within, site.lights(), site.found());
    site.pass(COMMAND_SILENCE + TERMINATION_TIME);
    assert_eq!((site.lights(), site.found()), (end.lights.to_owned(), end.found), "{fault} stays");
    assert_eq!(site.addresses(0), without(&end.lost), "{fault}");
    if !keeps_the_unit_silent(fault) {
        assert_eq!(site.tower().diagnosis, end.found, "{fault}: the Link says it");
    }
}

/// No frame of the distribution unit gets through.
fn keeps_the_unit_silent(fault: &Fault) -> bool {
    matches!(fault, Fault::LinkBabbling { .. } | Fault::CutLink { after: 0 } | Fault::BduLinkOpen)
}

/// Ours: mended, all modules carry power again in this time.
const RETURN: Duration = Duration::secs(15);

fn all_return(site: &mut Site, fault: &Fault, within: Duration) {
    let back = site.wait(within, |site| {
        site.connected() == [true; 4] && site.lights() == WELL && site.found().is_none()
    });
    let (lights, found) = (site.lights(), site.found());
    assert!(back.is_some(), "{fault}: {lights}, {found}, {:?}", site.connected());
    assert_eq!(site.addresses(0), in_order(4), "{fault}");
}

#[test]
fn a_tower_that_runs_says_what_broke_and_returns_by_itself() {
    for (fault, end) in while_running() {
        let mut site = Site::running(PERIOD);
        site.breaks(0, &fault);
        ends_so(&mut site, &fault, &end);
        for (module, connected) in site.connected().into_iter().enumerate() {
            assert_eq!(connected, !end.lost.contains(&module), "{fault}: power of module {}", module + 1);
        }
        site.mends(0, &fault);
        all_return(&mut site, &fault, RETURN);
    }
}

#[test]
fn a_start_with_a_broken_link_says_where_and_takes_nobody_who_is_not_heard() {
    for (fault, end) in before_a_start() {
        let mut site = Site::new(1, 4, PERIOD);
        site.breaks(0, &fault);
        site.press(0);
        site.pass(Duration::secs(1));
        ends_so(&mut site, &fault, &end);
        if end.lost.is_empty() {
            continue;
        }
        site.pass(DISCOVERY_TIMEOUT + RETURN);
        for (module, connected) in site.connected().into_iter().enumerate() {
            assert_eq!(connected, !end.lost.contains(&module), "{fault}: power of module {}", module + 1);
        }
        if end.lost.len() == 4 && !keeps_the_unit_silent(&fault) {
            assert_eq!(site.tower().state, TowerState::Faulted, "{fault}");
        }
        site.mends(0, &fault);
        // The inverter may still have to boot.
        all_return(&mut site, &fault, RETURN + Duration::secs(30));
    }
}

/// Frames are destroyed, modules fall silent: behind all of it is the resistor.
#[test]
fn on_a_long_link_the_missing_resistor_is_named_and_not_what_follows_from_it() {
    let mut site = Site::with_link(1, 4, PERIOD, "15 m");
    site.press(0);
    site.pass(Duration::secs(40));
    let fault = Fault::LinkTerminatorMissing;
    site.breaks(0, &fault);
    let named = Diagnosis::new(Cause::TerminatorMissing, 0);
    let took = site.wait(TERMINATION_TIME + MARGIN, |site| site.found() == named);
    assert!(took.is_some(), "{}", site.found());
    for _ in 0..30 {
        site.pass(Duration::secs(1));
        assert_eq!((site.found(), site.lights()), (named, COMMUNICATION.to_owned()));
    }
    site.mends(0, &fault);
    all_return(&mut site, &fault, RETURN);
}
