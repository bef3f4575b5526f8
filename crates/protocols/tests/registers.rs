//! The inverter's registers: addresses and words typed from public sources, round trips.

use proptest::prelude::*;
use voltower_core::{DeciCelsius, MilliAmps, MilliVolts, PerMille, Watts};
use voltower_protocols::registers::{BatteryChannel, Channel, Home, Register, RegisterBlock, TABLE};

fn word(block: &RegisterBlock, address: u16) -> u16 {
    block.word(Register::at(address).unwrap()).unwrap()
}

fn block(words: &[(u16, u16)]) -> RegisterBlock {
    let mut block = RegisterBlock::new();
    for (address, word) in words {
        block.set_word(Register::at(*address).unwrap(), *word);
    }
    block
}

#[test]
fn the_table_ascends_and_names_its_sources() {
    assert!(TABLE.windows(2).all(|pair| pair[0].address < pair[1].address));
    assert!(TABLE.iter().all(|row| !row.source.is_empty() && !row.meaning.is_empty()));
    assert_eq!(Register::at(0x0484), None);
}

#[test]
fn channels_lie_seven_registers_apart() {
    let channel = BatteryChannel {
        voltage: MilliVolts(405_100),
        current: MilliAmps(-6_250),
        power: Watts(-2_530),
        temperature: DeciCelsius(-30),
        soc: PerMille(490),
        health: PerMille(1000),
        cycles: 12,
    };
    for (which, base) in [(Channel::One, 0x0604), (Channel::Two, 0x060B)] {
        let mut block = RegisterBlock::new();
        channel.write(&mut block, which);
        let words: Vec<u16> = (base..base + 7).map(|address| word(&block, address)).collect();
        // 405.1 V, -6.25 A, -2.53 kW, -3 degC, 49 %, 100 %, 12 cycles.
        assert_eq!(words, [4051, 0xFD8F, 0xFF03, 0xFFFD, 49, 100, 12]);
        assert_eq!(BatteryChannel::read(&block, which), Some(channel));
    }
}

#[test]
fn importing_is_positive_for_us_and_negative_in_the_register() {
    let home = Home { pv: Watts(1_500), load: Watts(2_300), grid: Watts(800), output: Watts(1_500) };
    let mut block = RegisterBlock::new();
    home.write(&mut block);
    assert_eq!(word(&block, 0x0488), 0xFFB0); // -80 steps of 10 W
    assert_eq!(word(&block, 0x0485), 150);
    assert_eq!(word(&block, 0x04AF), 230);
    assert_eq!(word(&block, 0x0586), 150);
    assert_eq!(word(&block, 0x05C4), 15);
    assert_eq!(Home::read(&block), Some(home));
}

#[test]
fn pv_is_the_sum_of_the_inputs_or_the_total() {
    let flows = [(0x0485, 0), (0x0488, 0), (0x04AF, 0)];
    let pv = |words: &[(u16, u16)]| Home::read(&block(&[&flows, words].concat())).map(|home| home.pv);
    assert_eq!(pv(&[(0x0586, 120), (0x0589, 30), (0x05C4, 15)]), Some(Watts(1_500)));
    assert_eq!(pv(&[(0x05C4, 15)]), Some(Watts(1_500)));
    assert_eq!(pv(&[]), None);
}

#[test]
fn what_was_not_read_is_not_invented() {
    assert_eq!(Home::read(&RegisterBlock::new()), None);
    assert_eq!(BatteryChannel::read(&RegisterBlock::new(), Channel::One), None);
    assert!(RegisterBlock::new().is_empty());
}

proptest! {
    #[test]
    fn any_words_are_read_without_panic(words in prop::collection::vec(any::<u16>(), 20)) {
        let mut block = RegisterBlock::new();
        for (register, word) in Register::ALL.iter().zip(words) {
            block.set_word(*register, word);
        }
        Home::read(&block).unwrap();
        for channel in Channel::ALL {
            if let Some(read) = BatteryChannel::read(&block, channel) {
                prop_assert!(read.soc <= PerMille::FULL && read.health <= PerMille::FULL);
                let mut again = RegisterBlock::new();
                read.write(&mut again, channel);
                prop_assert_eq!(BatteryChannel::read(&again, channel), Some(read));
            }
        }
    }

    #[test]
    fn flows_survive_within_a_step(pv in 0..100_000_i32, load in 0..100_000_i32, grid in -100_000..100_000_i32) {
        let home = Home { pv: Watts(pv), load: Watts(load), grid: Watts(grid), output: Watts(-grid) };
        let mut block = RegisterBlock::new();
        home.write(&mut block);
        let read = Home::read(&block).unwrap();
        prop_assert!((read.pv - home.pv).abs() <= Watts(5));
        prop_assert!((read.load - home.load).abs() <= Watts(5));
        prop_assert!((read.grid - home.grid).abs() <= Watts(5));
    }
}
