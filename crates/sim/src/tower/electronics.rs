//! Memory and program image of a controller: small, but there, so that its self tests run on something that can break.

use voltower_control::selftest::{Image, Memory, SelfTestReport, SelfTests, crc32};
use voltower_core::{Duration, Instant};

/// Words of a controller's memory. Real ones have more; what a test does to a slice is the same.
const WORDS: usize = 32;
/// Bytes of its program image.
const IMAGE: u32 = 2048;
/// The bit that is stuck in a broken memory: word 20, bit 9.
const STUCK: (u32, u32) = (20, 1 << 9);
/// The byte that is wrong in a broken image.
const CORRUPTED: u32 = 1234;

/// Memory, image, and the tests that run over them while there is power.
pub(super) struct Electronics {
    ram: Ram,
    flash: Flash,
    checksum: u32,
    tests: SelfTests,
    /// When they ran last; none without power.
    last: Option<Instant>,
}

struct Ram {
    words: [u32; WORDS],
    stuck: bool,
}

#[derive(Clone, Copy)]
struct Flash {
    corrupted: bool,
}

impl Electronics {
    pub(super) fn new() -> Self {
        let flash = Flash { corrupted: false };
        let mut image = vec![0; IMAGE as usize];
        flash.read(0, &mut image);
        let checksum = crc32(&image);
        let ram = Ram { words: [0; WORDS], stuck: false };
        Self { ram, flash, checksum, tests: SelfTests::new(checksum), last: None }
    }

    /// A bit of its memory is stuck, or no longer.
    pub(super) fn set_ram_stuck(&mut self, stuck: bool) {
        self.ram.stuck = stuck;
    }

    /// A bit of its image is wrong, or no longer.
    pub(super) fn set_image_corrupted(&mut self, corrupted: bool) {
        self.flash.corrupted = corrupted;
    }

    /// Runs what is due. Whoever gets power begins anew.
    pub(super) fn test(&mut self, now: Instant, powered: bool) -> SelfTestReport {
        if !powered {
            self.last = None;
            return SelfTestReport::default();
        }
        let elapsed = match self.last {
            Some(last) => now.since(last),
            None => {
                self.tests = SelfTests::new(self.checksum);
                Duration::ZERO
            }
        };
        self.last = Some(now);
        self.tests.step(elapsed, &mut self.ram, &self.flash);
        self.tests.report()
    }
}

impl Memory for Ram {
    fn words(&self) -> u32 {
        WORDS as u32
    }

    fn read(&self, word: u32) -> u32 {
        let value = self.words.get(word as usize).copied().unwrap_or(0);
        if self.stuck && word == STUCK.0 { value | STUCK.1 } else { value }
    }

    fn write(&mut self, word: u32, value: u32) {
        if let Some(place) = self.words.get_mut(word as usize) {
            *place = value;
        }
    }
}

impl Image for Flash {
    fn length(&self) -> u32 {
        IMAGE
    }

    fn read(&self, offset: u32, chunk: &mut [u8]) -> bool {
        for (at, byte) in (offset..).zip(chunk) {
            *byte = (at.wrapping_mul(0x9E37_79B9) >> 24) as u8 ^ u8::from(self.corrupted && at == CORRUPTED);
        }
        true
    }
}
