use voltower_control::record::Record;
use voltower_core::{Cause, Diagnosis, Duration, values};
use voltower_sim::scenario::Fault;

use crate::site::{Site, in_order};

/// All orders of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let insert = |order: Vec<usize>| {
        (0..count).map(move |place| {
            let mut longer = order.clone();
            longer.insert(place, count - 1);
            longer
        })
    };
    orders(count - 1).into_iter().flat_map(insert).collect()
}

/// Starts towers whose modules are held in reset and let go one after another in this order; how long after the last
/// one all had their addresses.
fn power_up(towers: usize, order: &[usize], gap: Duration, period: Duration) -> Duration {
    let modules = order.len();
    let mut site = Site::new(towers, modules, period);
    site.world.keep_period();
    for tower in 0..towers {
        order.iter().for_each(|module| site.breaks(tower, &Fault::ModuleReset { module: *module }));
        site.press(tower);
    }
    // The press ends after a second, the self test half a second later.
    site.pass(Duration::secs(1) + values::SELF_TEST_TIME);
    for module in order {
        site.pass(gap);
        (0..towers).for_each(|tower| site.mends(tower, &Fault::ModuleReset { module: *module }));
    }
    let all = |site: &mut Site| (0..towers).all(|tower| site.addresses(tower) == in_order(modules));
    let took = site.wait(Duration::secs(10), all);
    let took = took.unwrap_or_else(|| panic!("{order:?} every {gap}: {:?}", site.addresses(0)));
    for (tower, number) in
        (0..towers).flat_map(|tower| (1..=modules as u8).map(move |number| (tower, number)))
    {
        assert!(site.addressed(tower, number).is_some(), "the unit knows of {number} in {tower}");
    }
    took
}

/// Ours: so long after the last one has power all have their addresses.
const PATIENCE: Duration = Duration::secs(2);

#[test]
fn modules_have_the_address_of_their_place_whoever_wakes_first() {
    assert_eq!(orders(4).len(), 24);
    for period in [10, 100].map(Duration::millis) {
        let mut longest = Duration::ZERO;
        for (towers, modules) in [(1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (2, 4)] {
            for (order, gap) in orders(modules).iter().flat_map(|order| [0, 150, 700].map(|gap| (order, gap)))
            {
                let took = power_up(towers, order, Duration::millis(gap), period);
                assert!(took <= PATIENCE, "{towers} x {order:?} every {gap} ms at {period}: {took}");
                longest = longest.max(took);
            }
        }
        println!("sample period {period}: all addressed at most {longest} after the last one has power");
    }
}

#[test]
fn a_module_that_starts_anew_gets_its_address_back_and_the_others_keep_theirs() {
    // At several moments of the period in which the unit looks for strangers.
    for (module, phase) in (0..4).flat_map(|module| [0, 300, 600].map(|phase| (module, phase))) {
        let mut site = Site::running(Duration::millis(100));
        site.pass(Duration::millis(phase));
        let fault = Fault::ModuleReset { module };
        site.breaks(0, &fault);
        site.pass(Duration::millis(50));
        site.mends(0, &fault);
        let others = |site: &Site| {
            let mut others = site.addresses(0);
            others.remove(module);
            others
        };
        let kept = others(&site);
        // Missed, its lease run out, and asked.
        let patience = values::MODULE_SILENCE + values::COMMAND_SILENCE + Duration::secs(1);
        let back = site.wait(patience, |site| {
            assert_eq!(others(site), kept);
            site.addresses(0) == in_order(4)
        });
        assert!(back.is_some(), "module {}: {:?}", module + 1, site.addresses(0));
        let all = site.wait(Duration::secs(10), |site| site.connected() == [true; 4]);
        assert!(all.is_some(), "module {}: {:?}", module + 1, site.connected());
        let silent = Diagnosis::new(Cause::Silent, module as u8 + 1);
        let said = site.log.iter().filter_map(|logged| match logged.record {
            Record::Diagnosed(diagnosis) => Some(diagnosis),
            _ => None,
        });
        assert_eq!(said.collect::<Vec<_>>(), [silent, Diagnosis::NONE], "it is no stranger");
    }
}
