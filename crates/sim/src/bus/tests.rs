//! One test for each statement about the wire. Times are counted by hand: 2 us a bit.

use voltower_protocols::can::{ExtendedId, StandardId};

use super::*;

const FOREVER: Instant = Instant(1_000_000_000);

fn standard(id: u16, data: &[u8]) -> Frame {
    Frame::new(StandardId::new(id).expect("11 bits"), data).expect("at most eight bytes")
}

/// Five powered nodes on a tower's cable.
fn tower() -> Bus {
    powered(0.5)
}

fn powered(piece: f64) -> Bus {
    let mut bus = Bus::new(5, piece, 1);
    (0..5).for_each(|place| bus.set_powered(place, true));
    bus
}

fn all(bus: &mut Bus, until: Instant) -> Vec<Delivery> {
    std::iter::from_fn(|| bus.next(Instant::ZERO, until)).collect()
}

fn data(deliveries: &[Delivery]) -> Vec<u8> {
    deliveries.iter().map(|delivery| delivery.frame.data()[0]).collect()
}

#[test]
fn the_lowest_identifier_goes_first_and_equals_of_a_node_keep_their_order() {
    let mut bus = tower();
    bus.send(0, standard(0x300, &[1]));
    bus.send(1, standard(0x100, &[2]));
    bus.send(0, standard(0x300, &[3]));
    assert_eq!(data(&all(&mut bus, FOREVER)), [2, 1, 3]);
}

#[test]
fn a_standard_frame_beats_the_extended_one_of_the_same_base() {
    let mut bus = tower();
    let extended = Frame::new(ExtendedId::new(0x351 << 18).expect("29 bits"), &[1]).expect("short");
    bus.send(0, extended);
    bus.send(1, standard(0x351, &[2]));
    assert_eq!(data(&all(&mut bus, FOREVER)), [2, 1]);
}

#[test]
fn eight_bytes_take_270_microseconds_at_worst() {
    let mut bus = tower();
    bus.send(0, standard(0x181, &[0; 8]));
    let delivery = bus.next(Instant::ZERO, FOREVER).expect("a frame");
    assert_eq!(delivery.at, Instant(270));
    assert_eq!(bus.busy(), Duration(270));
    assert_eq!(bus.load(Instant(540)), 0.5);
}

#[test]
fn a_frame_that_does_not_fit_waits() {
    let mut bus = tower();
    bus.send(0, standard(0x181, &[0; 8]));
    assert!(bus.next(Instant::ZERO, Instant(269)).is_none());
    assert!(bus.next(Instant::ZERO, Instant(270)).is_some());
}

#[test]
fn everyone_else_hears_a_frame() {
    let mut bus = tower();
    bus.send(2, standard(0x182, &[1]));
    bus.send(SERVICE_TOOL, standard(0x609, &[2]));
    let heard: Vec<Places> = all(&mut bus, FOREVER).iter().map(|delivery| delivery.heard_by).collect();
    let everyone = Places::first_ones(5);
    assert_eq!(heard, [everyone.without(Places::of(2)), everyone]);
}

#[test]
fn a_cut_separates_the_places_on_its_two_sides() {
    let mut bus = tower();
    bus.set_whole(1, false);
    for (a, b, joined) in [(0, 1, true), (1, 2, false), (4, 0, false), (2, 4, true)] {
        assert_eq!(bus.connected(a, b), joined, "{a} {b}");
    }
    bus.send(0, standard(0x100, &[1]));
    let heard = bus.next(Instant::ZERO, FOREVER).expect("a frame").heard_by;
    assert_eq!(heard, Places::of(1));
    bus.set_whole(1, true);
    assert!(bus.connected(4, 0));
}

#[test]
fn both_sides_of_a_cut_talk_at_the_same_time() {
    let mut bus = tower();
    bus.set_whole(1, false);
    bus.set_resistors(1, 1);
    bus.set_resistors(2, 1);
    bus.send(0, standard(0x100, &[0; 8]));
    bus.send(3, standard(0x200, &[0; 8]));
    let times: Vec<Instant> = all(&mut bus, FOREVER).iter().map(|delivery| delivery.at).collect();
    assert_eq!(times, [Instant(270), Instant(270)]);
}

#[test]
fn the_wire_beside_the_pair_is_cut_with_the_cable_or_alone() {
    let mut bus = tower();
    bus.set_enable_whole(1, false);
    assert_eq!((bus.enable_whole(0), bus.enable_whole(1)), (true, false));
    assert!(bus.connected(0, 4));
    bus.set_enable_whole(1, true);
    bus.set_whole(1, false);
    assert!(!bus.enable_whole(1));
}

#[test]
fn the_resistance_is_that_of_the_resistors_in_reach() {
    let measured = |change: &dyn Fn(&mut Bus)| {
        let mut bus = tower();
        change(&mut bus);
        bus.loop_resistance()
    };
    assert_eq!(measured(&|_| {}), Some(MilliOhms(60_000)));
    assert_eq!(measured(&|bus| bus.set_resistors(4, 0)), Some(MilliOhms(120_000)));
    assert_eq!(measured(&|bus| bus.set_whole(2, false)), Some(MilliOhms(120_000)));
    assert_eq!(measured(&|bus| bus.set_resistors(4, 2)), Some(MilliOhms(40_000)));
    let none = |bus: &mut Bus| [0, 4].into_iter().for_each(|place| bus.set_resistors(place, 0));
    assert_eq!(measured(&none), None);
}

#[test]
fn identical_frames_at_the_same_time_are_one_frame_of_both() {
    let mut bus = tower();
    bus.send(1, standard(0x7E4, &[5, 6]));
    bus.send(2, standard(0x7E4, &[5, 6]));
    let deliveries = all(&mut bus, FOREVER);
    let [one] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    let both = Places::of(1).or(Places::of(2));
    assert_eq!((one.from, one.heard_by), (both, Places::first_ones(5).without(both)));
    assert_eq!(bus.error_frames(), 0);
}

/// Sixteen collisions make both passive. From then on the one that is beaten keeps still, the other gets
/// through, and then so does the beaten one.
#[test]
fn one_identifier_with_two_contents_makes_both_senders_passive() {
    let mut bus = tower();
    bus.send(1, standard(0x181, &[9]));
    bus.send(2, standard(0x181, &[1]));
    let first = bus.next(Instant::ZERO, FOREVER).expect("a frame");
    assert_eq!((first.frame.data(), first.from), (&[1_u8][..], Places::of(2)));
    assert!(!first.heard_by.contains(1), "it was sending");
    assert_eq!(bus.error_frames(), 16);
    // A frame of one byte has 42 stuffable bits, 13 others and 10 of stuffing: 65. A destroyed one takes 32 +
    // 23. After the sixteenth, both wait eight bits more.
    assert_eq!(first.at, Instant(2 * (16 * 55 + 8 + 65)));
    assert_eq!(bus.state(1, first.at), BusState::Passive);
    assert_eq!(data(&all(&mut bus, FOREVER)), [9]);
}

#[test]
fn who_is_beaten_again_and_again_goes_off_and_comes_back() {
    let mut bus = tower();
    let mut now = Instant::ZERO;
    let mut rounds = 0;
    while bus.state(1, now) != BusState::Off {
        bus.send(1, standard(0x181, &[9]));
        bus.send(2, standard(0x181, &[1]));
        now = bus.next(now, FOREVER).expect("the frame of place 2").at;
        rounds += 1;
        assert!(rounds < 100);
    }
    bus.send(3, standard(0x183, &[3]));
    let meanwhile = bus.next(now, FOREVER).expect("another frame");
    assert!(!meanwhile.heard_by.contains(1), "off: hears nothing");
    let rest = all(&mut bus, FOREVER);
    assert!(rest.iter().all(|delivery| delivery.from == Places::of(1)), "its mailboxes kept what waited");
    assert!(rest[0].at > now + Duration(2816), "128 times 11 recessive bits");
    assert_eq!(bus.state(1, rest[0].at), BusState::Active);
}

#[test]
fn a_busy_wire_is_no_silence_to_recover_in() {
    let back = |frames: usize| {
        let mut bus = tower();
        bus.nodes[1] = (0..32).fold(Counters::default(), |mut counters, _| {
            counters.destroyed(Instant::ZERO);
            counters
        });
        bus.judge();
        (0..frames).for_each(|_| bus.send(0, standard(0x100, &[0; 8])));
        all(&mut bus, FOREVER);
        bus.nodes[1].off_until().expect("off").0
    };
    // Of the 135 bits of a frame the last 11 are recessive.
    assert_eq!(back(10) - back(0), 10 * 124 * 2);
}

#[test]
fn a_passive_sender_lets_others_go_first() {
    let mut bus = tower();
    (0..16).for_each(|_| bus.nodes[1].destroyed(Instant::ZERO));
    bus.judge();
    bus.send(1, standard(0x101, &[1]));
    bus.send(1, standard(0x101, &[2]));
    bus.send(2, standard(0x700, &[3]));
    (0..8).for_each(|_| bus.nodes[1].destroyed(Instant::ZERO));
    assert_eq!(data(&all(&mut bus, FOREVER)), [1, 3, 2]);
}

#[test]
fn a_frame_that_nobody_acknowledges_is_repeated_and_makes_passive_only() {
    let mut bus = Bus::new(5, 0.5, 1);
    bus.set_powered(0, true);
    bus.send(0, standard(0x189, &[7]));
    assert!(bus.next(Instant::ZERO, Instant(100_000)).is_none());
    assert_eq!(bus.state(0, Instant(100_000)), BusState::Passive);
    assert!(bus.busy().0 > 85_000, "{} us", bus.busy().0);
    bus.set_powered(3, true);
    let heard = bus.next(Instant(100_000), Instant(200_000)).expect("someone is there now");
    assert_eq!(heard.frame.data(), [7]);
    assert_eq!(bus.state(0, heard.at), BusState::Active);
}

/// Tried one by one, or all the tries of a second at once.
#[test]
fn lonely_tries_are_counted_as_if_each_were_made() {
    let count = |step: u64| {
        let mut bus = Bus::new(2, 0.5, 1);
        bus.set_powered(0, true);
        bus.send(0, standard(0x189, &[7]));
        for start in (0..1_000_000).step_by(step as usize) {
            assert!(bus.next(Instant(start), Instant(start + step)).is_none());
        }
        bus.error_frames()
    };
    let (fine, coarse) = (count(1_000), count(1_000_000));
    assert!(fine.abs_diff(coarse) * 5 < coarse, "{fine} {coarse}");
}

#[test]
fn who_has_no_supply_any_more_gives_up() {
    let mut bus = Bus::new(2, 0.5, 1);
    bus.send(0, standard(0x189, &[7]));
    bus.send(SERVICE_TOOL, standard(0x609, &[8]));
    assert!(bus.next(Instant::ZERO, Instant(10_000)).is_none());
    assert_eq!(bus.error_frames(), 2, "one try each");
    bus.set_powered(1, true);
    assert!(bus.next(Instant(10_000), FOREVER).is_none(), "nothing waits any more");
}

#[test]
fn a_full_driver_overwrites_what_has_the_same_identifier() {
    let mut bus = Bus::new(2, 0.5, 1);
    bus.set_powered(0, true);
    (0..100).for_each(|number| bus.send(0, standard(0x189, &[number])));
    assert_eq!(bus.lost(), 68);
    bus.set_powered(1, true);
    let sent = data(&all(&mut bus, FOREVER));
    assert_eq!((sent.len(), sent[0], sent[31]), (32, 0, 99));
}

#[test]
fn a_deaf_node_is_heard_and_acknowledges() {
    let mut bus = Bus::new(2, 0.5, 1);
    (0..2).for_each(|place| bus.set_powered(place, true));
    bus.set_deaf(1, true);
    bus.send(0, standard(0x100, &[1]));
    bus.send(1, standard(0x200, &[2]));
    let heard: Vec<Places> = all(&mut bus, FOREVER).iter().map(|delivery| delivery.heard_by).collect();
    assert_eq!(heard, [Places::NONE, Places::of(0)]);
    assert_eq!(bus.error_frames(), 0);
}

#[test]
fn a_mute_node_hears_and_does_not_disturb() {
    let mut bus = tower();
    bus.set_mute(1, true);
    bus.send(1, standard(0x001, &[1]));
    bus.send(0, standard(0x200, &[2]));
    let deliveries = all(&mut bus, Instant(100_000));
    assert_eq!(data(&deliveries), [2]);
    assert!(deliveries[0].heard_by.contains(1));
    assert!(deliveries[0].at < Instant(300), "the wire was free");
    assert_eq!(bus.state(1, Instant(100_000)), BusState::Passive);
}

#[test]
fn a_mute_node_does_not_acknowledge() {
    let mut bus = Bus::new(2, 0.5, 1);
    (0..2).for_each(|place| bus.set_powered(place, true));
    bus.set_mute(1, true);
    bus.send(0, standard(0x100, &[1]));
    assert!(bus.next(Instant::ZERO, Instant(100_000)).is_none());
    assert_eq!(bus.state(0, Instant(100_000)), BusState::Passive);
}

#[test]
fn a_babbling_node_starves_all_but_what_beats_it() {
    let mut bus = tower();
    bus.set_babbling(1, true);
    bus.send(0, standard(0x000, &[1, 0]));
    bus.send(2, standard(0x182, &[2]));
    let deliveries = all(&mut bus, Instant(1_000_000));
    assert_eq!(deliveries[0].frame.data(), [1, 0]);
    let babble = &deliveries[1..];
    assert!(babble.iter().all(|delivery| delivery.frame.standard_id() == Some(0x081)));
    assert!(babble.windows(2).all(|two| two[0].frame.data() != two[1].frame.data()), "it changes");
    // 270 us each, in a second.
    assert!((3700..=3703).contains(&babble.len()), "{}", babble.len());
    bus.set_babbling(1, false);
    let last = all(&mut bus, Instant(2_000_000)).last().map(|delivery| delivery.frame.data()[0]);
    assert_eq!(last, Some(2), "the starved frame waited");
}

#[test]
fn without_the_last_resistor_a_tower_loses_frames_and_sends_them_again() {
    let mut bus = tower();
    bus.set_resistors(4, 0);
    let mut now = Instant::ZERO;
    for number in 0..20_000_u32 {
        bus.send(0, standard(0x189, &number.to_le_bytes()));
        let delivery = bus.next(now, FOREVER).expect("a frame");
        assert_eq!(delivery.frame.data(), number.to_le_bytes());
        now = delivery.at;
    }
    assert!((20..400).contains(&bus.error_frames()), "{} of 20000", bus.error_frames());
    assert_eq!(bus.state(0, now), BusState::Active);
}

#[test]
fn without_it_a_long_cable_carries_nothing_and_the_sender_goes_off() {
    let mut bus = powered(15.0);
    bus.set_resistors(4, 0);
    bus.send(0, standard(0x189, &[1]));
    assert!(bus.next(Instant::ZERO, Instant(5_000)).is_none());
    assert_eq!(bus.state(0, Instant(5_000)), BusState::Off);
    assert!(bus.next(Instant(5_000), Instant(1_000_000)).is_none());
}

#[test]
fn a_mended_bus_is_sound_again_and_needs_no_dice() {
    let mut bus = tower();
    bus.set_resistors(4, 0);
    for _ in 0..5_000 {
        bus.send(0, standard(0x189, &[0; 8]));
        assert!(bus.next(Instant::ZERO, FOREVER).is_some());
    }
    bus.set_resistors(4, 1);
    for _ in 0..300 {
        bus.send(0, standard(0x189, &[0; 8]));
        assert!(bus.next(Instant::ZERO, FOREVER).is_some());
    }
    assert!(bus.sound);
    let dice = bus.dice.clone();
    bus.send(0, standard(0x189, &[0; 8]));
    assert!(bus.next(Instant::ZERO, FOREVER).is_some());
    assert_eq!(bus.dice, dice);
}

#[test]
fn another_seed_destroys_other_frames() {
    let times = |seed: u64| {
        let mut bus = Bus::new(5, 0.5, seed);
        (0..5).for_each(|place| bus.set_powered(place, true));
        bus.set_resistors(4, 0);
        for _ in 0..100 {
            (0..10).for_each(|_| bus.send(0, standard(0x189, &[0; 8])));
            all(&mut bus, FOREVER);
        }
        bus.busy()
    };
    assert_eq!(times(1), times(1));
    assert_ne!(times(1), times(2));
}

/// What place 1 receives of a thousand frames of place 0, when this share of them comes to this harm.
fn received(fault: FrameFault, rate: f64) -> (Vec<Vec<u8>>, Bus) {
    let mut bus = tower();
    bus.set_harm(fault, rate);
    let mut received = Vec::new();
    for number in 0..1000_u32 {
        bus.send(0, standard(0x189, &number.to_le_bytes()));
        let now = Instant(u64::from(number) * 10_000);
        let until = now + Duration::millis(10);
        let deliveries: Vec<Delivery> = std::iter::from_fn(|| bus.next(now, until)).collect();
        let heard = deliveries.iter().filter(|delivery| delivery.heard_by.contains(1));
        received.extend(heard.map(|delivery| delivery.frame.data().to_vec()));
    }
    (received, bus)
}

fn sent() -> Vec<Vec<u8>> {
    (0..1000_u32).map(|number| number.to_le_bytes().to_vec()).collect()
}

#[test]
fn a_destroyed_frame_is_sent_again_and_a_lost_one_is_not() {
    let (destroyed, bus) = received(FrameFault::Destroyed, 0.1);
    assert_eq!(destroyed, sent());
    assert!((60..180).contains(&bus.error_frames()), "{}", bus.error_frames());
    let (lost, bus) = received(FrameFault::Lost, 0.1);
    assert!((850..950).contains(&lost.len()), "{}", lost.len());
    assert_eq!(bus.error_frames(), 0);
}

#[test]
fn a_doubled_frame_comes_twice_and_a_falsified_one_with_one_bit_flipped() {
    let (mut doubled, _) = received(FrameFault::Doubled, 0.1);
    assert!((1050..1180).contains(&doubled.len()), "{}", doubled.len());
    doubled.dedup();
    assert_eq!(doubled, sent());
    let (falsified, _) = received(FrameFault::Falsified, 0.1);
    let flipped = |(is, was): (&Vec<u8>, Vec<u8>)| -> u32 {
        is.iter().zip(was).map(|(is, was)| (is ^ was).count_ones()).sum()
    };
    let flips: Vec<u32> = falsified.iter().zip(sent()).map(flipped).collect();
    assert!(flips.iter().all(|bits| *bits <= 1));
    assert!((60..150).contains(&flips.iter().sum::<u32>()), "{flips:?}");
}

#[test]
fn late_frames_are_overtaken_by_those_that_are_not() {
    let by = Duration::millis(15);
    let (late, bus) = received(FrameFault::Late { by }, 0.1);
    assert!(late.len() >= 998, "the last ones are under way: {}", late.len());
    assert!(late.windows(2).filter(|two| two[0] > two[1]).count() > 50, "overtaken");
    let mut sorted = late.clone();
    sorted.sort_by_key(|data| u32::from_le_bytes(data[..].try_into().expect("four bytes")));
    assert_eq!(sorted, sent()[..late.len()]);
    assert!(!bus.sound);
    let (all_late, _) = received(FrameFault::Late { by }, 1.0);
    assert_eq!(all_late, sent()[..all_late.len()], "all as late as each other: none is overtaken");
}

#[test]
fn without_harm_the_bus_is_sound_again() {
    let (_, mut bus) = received(FrameFault::Falsified, 0.1);
    bus.set_harm(FrameFault::Falsified, 0.0);
    assert!(bus.sound);
}

#[test]
fn who_is_kept_off_neither_sends_nor_hears_nor_acknowledges() {
    let mut bus = tower();
    bus.set_kept_off(1, true);
    bus.send(1, standard(0x001, &[1]));
    bus.send(0, standard(0x100, &[2]));
    let deliveries = all(&mut bus, Instant(100_000));
    assert_eq!(data(&deliveries), [2]);
    assert!(!deliveries[0].heard_by.contains(1) && deliveries[0].heard_by.contains(2));
    assert_eq!((bus.state(1, Instant(9)), bus.state(0, Instant(9))), (BusState::Off, BusState::Active));
    (2..5).for_each(|place| bus.set_powered(place, false));
    bus.send(0, standard(0x100, &[3]));
    assert!(all(&mut bus, Instant(200_000)).is_empty(), "nobody acknowledges");
    bus.set_kept_off(1, false);
    assert_eq!(data(&all(&mut bus, Instant(300_000))), [1, 3]);
}

#[test]
fn a_second_unit_hears_and_is_heard_as_far_as_the_first() {
    let mut bus = tower();
    bus.set_guest(true);
    bus.set_powered(SECOND_UNIT, true);
    bus.set_whole(2, false);
    bus.send(SECOND_UNIT, standard(0x189, &[1]));
    bus.send(1, standard(0x281, &[2]));
    bus.send(4, standard(0x384, &[3]));
    let deliveries = all(&mut bus, Instant(100_000));
    let heard = deliveries.iter().filter(|delivery| delivery.heard_by.contains(SECOND_UNIT));
    assert_eq!(heard.map(|delivery| delivery.frame.data()[0]).collect::<Vec<u8>>(), [2]);
    let mut bus = tower();
    bus.set_guest(true);
    bus.set_powered(SECOND_UNIT, true);
    bus.send(SECOND_UNIT, standard(0x189, &[1]));
    assert_eq!(all(&mut bus, Instant(100_000))[0].heard_by, Places::first_ones(5));
}
