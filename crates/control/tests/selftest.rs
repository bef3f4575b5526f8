//! The self tests beside the step: what breaks memory and image is found in time, and nothing else is.

use voltower_control::selftest::{
    Image, March, Memory, Phase, SelfTests, Signature, Slice, Sweep, Watch, crc32,
};
use voltower_control::{io::SamplePeriod, selftest::SelfTestReport};
use voltower_core::{Duration, values};

const WORDS: u32 = 100;
const SECOND: Duration = Duration::secs(1);

/// What is wrong with the memory.
#[derive(Clone, Copy)]
enum Broken {
    Nothing,
    /// This bit of this word is always so.
    Stuck(u32, u8, bool),
    /// A bit that once it is set is never cleared again.
    Lazy(u32, u8),
    /// Writing the first word inverts a bit of the second one.
    Coupled(u32, u32),
    /// Within a word: the first bit takes the second one with it.
    Pair(u32, u8, u8),
    /// An address line without effect.
    Line(u8),
    /// Both numbers lead to the same word.
    Alias(u32, u32),
}

struct Ram {
    words: Vec<u32>,
    broken: Broken,
}

impl Ram {
    fn new(words: u32, broken: Broken) -> Self {
        Self { words: (0..words).map(|word| word.wrapping_mul(0x0101_4567)).collect(), broken }
    }

    fn place(&self, word: u32) -> usize {
        let place = match self.broken {
            Broken::Line(line) => word & !(1 << line),
            Broken::Alias(one, other) if word == other => one,
            _ => word,
        };
        place as usize
    }
}

impl Memory for Ram {
    fn words(&self) -> u32 {
        self.words.len() as u32
    }

    fn read(&self, word: u32) -> u32 {
        let value = self.words[self.place(word)];
        match self.broken {
            Broken::Stuck(at, bit, true) if at == word => value | 1 << bit,
            Broken::Stuck(at, bit, false) if at == word => value & !(1 << bit),
            _ => value,
        }
    }

    fn write(&mut self, word: u32, value: u32) {
        let place = self.place(word);
        let before = self.words[place];
        self.words[place] = match self.broken {
            Broken::Lazy(at, bit) if at == word => value | before & 1 << bit,
            Broken::Pair(at, bit, with) if at == word => value & !(1 << with) | (value >> bit & 1) << with,
            _ => value,
        };
        if let Broken::Coupled(from, to) = self.broken
            && from == word
            && before != value
        {
            self.words[to as usize] ^= 1 << 7;
        }
    }
}

/// Steps of one pass, and how it ended.
fn pass(ram: &mut Ram) -> (u32, Slice) {
    let mut march = March::default();
    for step in 1..=March::slices(ram.words()) {
        match march.step(ram) {
            Slice::Good => {}
            end => return (step, end),
        }
    }
    panic!("a pass has an end");
}

#[test]
fn sound_memory_passes_in_the_steps_announced_and_keeps_its_contents() {
    for words in [1, 2, 7, 8, 9, 64, WORDS, 1000] {
        let mut ram = Ram::new(words, Broken::Nothing);
        let before = ram.words.clone();
        assert_eq!(pass(&mut ram), (March::slices(words), Slice::Last), "{words} words");
        assert_eq!(ram.words, before, "{words} words");
    }
}

#[test]
fn every_stuck_bit_is_found_in_one_pass() {
    for word in 0..WORDS {
        for bit in 0..32 {
            for broken in
                [Broken::Stuck(word, bit, false), Broken::Stuck(word, bit, true), Broken::Lazy(word, bit)]
            {
                assert_eq!(pass(&mut Ram::new(WORDS, broken)).1, Slice::Bad, "word {word}, bit {bit}");
            }
        }
    }
}

#[test]
fn coupled_neighbours_are_found_either_way() {
    for word in 0..WORDS - 1 {
        for broken in [Broken::Coupled(word, word + 1), Broken::Coupled(word + 1, word)] {
            assert_eq!(pass(&mut Ram::new(WORDS, broken)).1, Slice::Bad, "words {word} and {}", word + 1);
        }
    }
}

#[test]
fn every_two_bits_of_a_word_are_told_apart() {
    for bit in 0..32 {
        for with in (0..32).filter(|with| *with != bit) {
            assert_eq!(
                pass(&mut Ram::new(8, Broken::Pair(3, bit, with))).1,
                Slice::Bad,
                "bits {bit} and {with}"
            );
        }
    }
}

#[test]
fn every_dead_address_line_is_found() {
    for line in 0..7 {
        assert_eq!(pass(&mut Ram::new(WORDS, Broken::Line(line))).1, Slice::Bad, "line {line}");
    }
    for other in [1, 2, 4, 8, 16, 32, 64] {
        assert_eq!(pass(&mut Ram::new(WORDS, Broken::Alias(0, other))).1, Slice::Bad, "word {other}");
    }
}

struct Rom(Vec<u8>);

impl Image for Rom {
    fn length(&self) -> u32 {
        self.0.len() as u32
    }

    fn read(&self, offset: u32, chunk: &mut [u8]) -> bool {
        let bytes = self.0.get(offset as usize..).and_then(|rest| rest.get(..chunk.len()));
        bytes.map(|bytes| chunk.copy_from_slice(bytes)).is_some()
    }
}

fn rom() -> Rom {
    Rom((0..3000_u32).map(|byte| ((byte * 7) >> 3) as u8).collect())
}

#[test]
fn the_checksum_is_the_common_crc_32() {
    // Check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn a_flipped_bit_of_the_image_is_found_at_the_end_of_the_sweep_and_not_before() {
    let sound = rom();
    let slices = Sweep::slices(sound.length());
    assert_eq!(slices, 12, "3000 bytes in slices of 256");
    for flipped in [None, Some(0), Some(255), Some(256), Some(2999)] {
        let mut rom = rom();
        if let Some(byte) = flipped {
            rom.0[byte] ^= 0x10;
        }
        let mut sweep = Sweep::new(crc32(&sound.0));
        for slice in 1..slices {
            assert_eq!(sweep.step(&rom), Slice::Good, "slice {slice}");
        }
        assert_eq!(sweep.step(&rom), if flipped.is_some() { Slice::Bad } else { Slice::Last });
        assert_eq!(sweep, Sweep::new(crc32(&sound.0)), "starts anew");
    }
}

#[test]
fn an_image_of_nothing_or_one_that_cannot_be_read_is_bad() {
    assert_eq!(Sweep::new(crc32(&[])).step(&Rom(Vec::new())), Slice::Bad);
    struct Dead;
    impl Image for Dead {
        fn length(&self) -> u32 {
            10
        }
        fn read(&self, _: u32, _: &mut [u8]) -> bool {
            false
        }
    }
    assert_eq!(Sweep::new(crc32(&[0; 10])).step(&Dead), Slice::Bad);
}

/// Runs the tests for so long, one call a period; how often the contents of the report have changed.
fn run(tests: &mut SelfTests, ram: &mut Ram, rom: &Rom, period: Duration, time: Duration) {
    for _ in 0..time.0 / period.0 {
        tests.step(period, ram, rom);
    }
}

#[test]
fn a_pass_takes_ten_minutes_whatever_the_period() {
    for period in [Duration::millis(100), SECOND, Duration::secs(7)] {
        let (mut ram, rom) = (Ram::new(WORDS, Broken::Nothing), rom());
        let mut tests = SelfTests::new(crc32(&rom.0));
        run(&mut tests, &mut ram, &rom, period, Duration::hours(2));
        let SelfTestReport { memory, image } = tests.report();
        for test in [memory, image] {
            assert!((10..=13).contains(&test.passes), "{} passes at {period}", test.passes);
            assert!(!test.failed);
        }
    }
}

#[test]
fn what_breaks_is_reported_within_two_passes_and_what_is_repaired_too() {
    let (mut ram, mut rom) = (Ram::new(WORDS, Broken::Nothing), rom());
    let mut tests = SelfTests::new(crc32(&rom.0));
    run(&mut tests, &mut ram, &rom, SECOND, Duration::mins(25));
    ram.broken = Broken::Stuck(40, 3, true);
    rom.0[0] ^= 1;
    run(&mut tests, &mut ram, &rom, SECOND, Duration::mins(20));
    assert!(tests.report().memory.failed && tests.report().image.failed);
    ram.broken = Broken::Nothing;
    rom.0[0] ^= 1;
    run(&mut tests, &mut ram, &rom, SECOND, Duration::mins(20));
    assert!(!tests.report().memory.failed && !tests.report().image.failed);
}

const PERIOD: SamplePeriod = SamplePeriod(SECOND);

#[test]
fn a_test_without_an_end_is_overdue_after_an_hour() {
    let mut watch = Watch::default();
    let mut report = SelfTestReport::default();
    let hour = |watch: &mut Watch, report: &SelfTestReport| {
        (0..3600).for_each(|_| {
            watch.step(report, SECOND, PERIOD);
        });
        watch.wrong()
    };
    assert!(!hour(&mut watch, &report).any(), "an hour is allowed");
    watch.step(&report, SECOND, PERIOD);
    assert_eq!(watch.wrong().bits(), 0b01010, "both are overdue");
    assert_eq!(watch.ages(), [3601, 3601]);
    report.image.passes += 1;
    assert_eq!(watch.step(&report, SECOND, PERIOD).bits(), 0b00010, "the image is not");
    report.memory.passes += 1;
    report.memory.failed = true;
    assert_eq!(watch.step(&report, SECOND, PERIOD).bits(), 0b00001, "failed and young");
}

#[test]
fn a_clock_that_jumps_ahead_once_makes_no_test_overdue_and_one_that_goes_on_hanging_still_is() {
    let mut watch = Watch::default();
    let report = SelfTestReport::default();
    assert!(!watch.step(&report, Duration::hours(30), PERIOD).any(), "one sample is no evidence");
    let samples = (1..).find(|_| watch.step(&report, SECOND, PERIOD).any()).expect("it hangs");
    assert!((3300..=3600).contains(&samples), "{samples} s");
}

#[test]
fn a_broken_flow_stays_until_a_person_has_looked() {
    let mut watch = Watch::default();
    watch.flow_is_broken();
    for _ in 0..10 {
        assert_eq!(watch.step(&SelfTestReport::default(), SECOND, PERIOD).bits(), 0b10000);
    }
    watch.forgive();
    assert!(!watch.step(&SelfTestReport::default(), SECOND, PERIOD).any());
}

#[test]
fn a_clock_that_stands_for_five_samples_is_wrong_until_a_person_has_looked() {
    let mut watch = Watch::default();
    let mut step = |elapsed| watch.step(&SelfTestReport::default(), elapsed, PERIOD).bits();
    let standing: Vec<u8> = (0..4).map(|_| step(Duration::ZERO)).collect();
    assert_eq!(standing, [0; 4]);
    assert_eq!(step(SECOND), 0, "it moves again");
    (0..4).for_each(|_| assert_eq!(step(Duration::ZERO), 0));
    assert_eq!(step(Duration::ZERO), 0b10_0000);
    assert_eq!(step(SECOND), 0b10_0000);
    watch.forgive();
    assert!(!watch.step(&SelfTestReport::default(), SECOND, PERIOD).any());
}

/// The signature of a sample that goes through these phases closes well.
fn closes(phases: &[Phase]) -> bool {
    const EXPECTED: Signature = Signature::of(&[Phase::Assess, Phase::Decide, Phase::Act, Phase::Talk]);
    let mut signature = Signature::default();
    phases.iter().for_each(|phase| signature.pass(*phase));
    let good = signature.close(EXPECTED);
    assert_eq!(signature, Signature::default(), "begins anew");
    good
}

#[test]
fn a_phase_that_is_left_out_repeated_or_out_of_order_is_noticed() {
    use Phase::{Act, Assess, Decide, Talk};
    let all = [Assess, Decide, Act, Talk];
    assert!(closes(&all));
    for place in 0..all.len() {
        let mut phases = all.to_vec();
        phases.remove(place);
        assert!(!closes(&phases), "left out: {place}");
        phases.insert(place, Phase::Judge);
        assert!(!closes(&phases), "another one: {place}");
        let mut phases = all.to_vec();
        phases.insert(place, all[place]);
        assert!(!closes(&phases), "twice: {place}");
        for other in place + 1..all.len() {
            let mut phases = all.to_vec();
            phases.swap(place, other);
            assert!(!closes(&phases), "exchanged: {place} and {other}");
        }
    }
    assert!(!closes(&[]));
}

#[test]
fn their_state_is_small() {
    assert!(size_of::<SelfTests>() < 128, "{}", size_of::<SelfTests>());
    assert!(size_of::<Watch>() < 128, "{}", size_of::<Watch>());
    assert!(size_of::<March>() + size_of::<Sweep>() + size_of::<Signature>() < 128);
    assert_eq!(values::SELF_TEST_OVERDUE, Duration::hours(1));
}
