//! A client for block transfer, written by the text of CiA 301 and not by the server; it loses frames if told to.

use crate::rig::{INDEX, Payload, Rig, abort_code, about};

/// What ended a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Done(Vec<u8>),
    Aborted(u32),
}

/// Sub-blocks after which a transfer does not come to an end.
const ROUNDS: usize = 60;

pub(crate) struct Client<'a> {
    pub(crate) has_crc: bool,
    /// A write says how long it is.
    pub(crate) has_size: bool,
    /// Segments of each sub-block of a read, again from the first when all were used.
    pub(crate) block_sizes: &'a [u8],
    /// Which segments are lost, in the order of sending; later ones are not.
    pub(crate) lost: &'a [bool],
}

impl Default for Client<'_> {
    fn default() -> Self {
        Self { has_crc: true, has_size: true, block_sizes: &[127], lost: &[] }
    }
}

/// Polynomial x^16 + x^12 + x^5 + 1 from 0, bit by bit as a shift register.
pub(crate) fn check_sum(bytes: &[u8]) -> u16 {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u16::from(byte >> bit & 1)));
    bits.fold(0, |sum, bit| {
        let out = sum >> 15 ^ bit;
        (sum << 1) ^ (out * 0x1021)
    })
}

impl Client<'_> {
    fn check(&self, bytes: &[u8]) -> [u8; 2] {
        if self.has_crc { check_sum(bytes).to_le_bytes() } else { [0, 0] }
    }

    /// Writes `bytes`; at the end of a sub-block one segment always arrives, for the server waits for it.
    pub(crate) fn write(&self, rig: &mut Rig, sub: u8, bytes: &[u8]) -> End {
        let size = if self.has_size { bytes.len() as u32 } else { 0 };
        let command = 0xC0 | u8::from(self.has_crc) << 2 | u8::from(self.has_size) << 1;
        let granted = rig.ask(about(command, sub, size.to_le_bytes()));
        if let Some(code) = abort_code(granted) {
            return End::Aborted(code);
        }
        // The server supports the check sum.
        assert_eq!(granted[..4], about(0xA4, sub, [0; 4])[..4]);
        let mut block_size = granted[4];
        let segments: Vec<&[u8]> = if bytes.is_empty() { vec![&[]] } else { bytes.chunks(7).collect() };
        let mut lost = self.lost.iter().copied().chain(std::iter::repeat(false));
        let mut done = 0;
        for round in 0.. {
            if done == segments.len() {
                break;
            }
            assert!(round < ROUNDS, "no end");
            assert!((1..=127).contains(&block_size));
            let count = segments.len().min(done + usize::from(block_size)) - done;
            let mut answers = Vec::new();
            for (number, segment) in (1_u8..).zip(&segments[done..done + count]) {
                let is_last = done + usize::from(number) == segments.len();
                let is_over = usize::from(number) == count;
                if lost.next() == Some(true) && !is_over {
                    continue;
                }
                assert!(answers.is_empty(), "no answer before the sub-block is over");
                let mut frame = [0xEE; 8];
                frame[0] = number | u8::from(is_last) << 7;
                frame[1..=segment.len()].copy_from_slice(segment);
                answers = rig.send(frame);
            }
            let [acknowledged] = answers[..] else { panic!("{answers:02X?}") };
            if let Some(code) = abort_code(acknowledged) {
                return End::Aborted(code);
            }
            assert_eq!(acknowledged[0], 0xA2);
            done += usize::from(acknowledged[1]);
            block_size = acknowledged[2];
        }
        let unused = (segments.len() * 7 - bytes.len()) as u8;
        let [low, high] = self.check(bytes);
        let end = rig.ask([0xC1 | unused << 2, low, high, 0, 0, 0, 0, 0]);
        match abort_code(end) {
            Some(code) => End::Aborted(code),
            None => {
                assert_eq!(end, [0xA1, 0, 0, 0, 0, 0, 0, 0]);
                End::Done(bytes.to_vec())
            }
        }
    }

    pub(crate) fn read(&self, rig: &mut Rig, sub: u8) -> End {
        let mut block_sizes = self.block_sizes.iter().copied().cycle();
        let mut block_size = block_sizes.next().unwrap();
        let [low, high] = INDEX.to_le_bytes();
        let command = 0xA0 | u8::from(self.has_crc) << 2;
        let begun = rig.ask([command, low, high, sub, block_size, 0, 0, 0]);
        if let Some(code) = abort_code(begun) {
            return End::Aborted(code);
        }
        // The server supports the check sum and says the size.
        assert_eq!(begun[..4], [0xC6, low, high, sub]);
        let size = u32::from_le_bytes(begun[4..].try_into().unwrap()) as usize;
        let mut lost = self.lost.iter().copied().chain(std::iter::repeat(false));
        let mut bytes: Vec<u8> = Vec::new();
        let mut frames = rig.send([0xA3, 0, 0, 0, 0, 0, 0, 0]);
        for round in 0.. {
            assert!(round < ROUNDS, "no end");
            let left = (size - bytes.len()).div_ceil(7).max(1);
            assert_eq!(frames.len(), left.min(usize::from(block_size)));
            let (good, is_over) = take(&frames, &mut lost, &mut bytes);
            block_size = block_sizes.next().unwrap();
            frames = rig.send([0xA2, good, block_size, 0, 0, 0, 0, 0]);
            if is_over {
                break;
            }
        }
        let [[end, low, high, 0, 0, 0, 0, 0]] = frames[..] else { panic!("{frames:02X?}") };
        assert_eq!(end & 0xE3, 0xC1);
        bytes.truncate(bytes.len() - usize::from(end >> 2 & 7));
        assert_eq!((bytes.len(), [low, high]), (size, self.check(&bytes)));
        assert!(rig.send([0xA1, 0, 0, 0, 0, 0, 0, 0]).is_empty());
        End::Done(bytes)
    }
}

/// Takes a sub-block; the last segment that came without a gap, and whether it was the last of all.
fn take(frames: &[Payload], lost: &mut impl Iterator<Item = bool>, bytes: &mut Vec<u8>) -> (u8, bool) {
    let (mut good, mut is_over) = (0, false);
    for frame in frames {
        if lost.next() == Some(true) || frame[0] & 0x7F != good + 1 {
            continue;
        }
        good += 1;
        is_over = frame[0] & 0x80 != 0;
        bytes.extend(&frame[1..]);
    }
    (good, is_over)
}
