//! Lights written in words, or as a short code.
//!
//! Words: `status off, alarm on, L1 L3`, `status blue on, L1 L2 on, L3 flashing`, `alarm flashing` (the rest
//! was not looked at). A light of L1 to L5 that is named alone is on; once one is named lit, those not named
//! are off.
//!
//! Short code, one character a light: status (`-` off, `G` green on, `g` green flashing, `B` blue on, `b` blue
//! flashing), alarm (`-` off, `A` on, `a` flashing), L1 to L5 (`-` off, its number on, `f` flashing); `x` not
//! looked at, `.` may stand for `-`, and what is missing at the end is off: `-A1-3` is a communication fault.

use super::decode::{Observed, Seen, unnamed};
use super::{Colour, Light};
use core::fmt;

/// Why a text is no description of lights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextError<'a> {
    /// Nothing is said of any light.
    Empty,
    /// A word that means nothing here.
    UnknownWord(&'a str),
    /// A word such as `on` before any light was named.
    NoLight(&'a str),
    /// A colour for a light other than the status light.
    Colour(&'a str),
    /// A light between L1 and L5 was meant, perhaps.
    NoSuchLight(&'a str),
    /// A light was named without what it does.
    Unsaid(&'static str),
    /// A light was described twice.
    Twice(&'a str),
    /// A character of a short code that its place does not allow.
    ShortCode {
        /// The character.
        found: char,
        /// Which light stands at its place.
        light: &'static str,
        /// What may stand there.
        allowed: &'static str,
    },
}

impl fmt::Display for TextError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "no light is named: write for instance \"status off, alarm on, L1 L3\" or \"-A1-3\"",
            ),
            Self::UnknownWord(word) => write!(
                f,
                "`{word}` is no word of lights: use status, alarm, L1 to L5 with off, on or flashing, and \
                    green or blue for status"
            ),
            Self::NoLight(word) => {
                write!(f, "`{word}` of which light? Name it first: status, alarm or L1 to L5")
            }
            Self::Colour(word) => write!(f, "`{word}`: only the status light has a colour, green or blue"),
            Self::NoSuchLight(word) => {
                write!(f, "`{word}`: the lights of the panel are status, alarm and L1 to L5")
            }
            Self::Unsaid(light) => write!(
                f,
                "what does the {light} light do? Write `{light} off`, `{light} on` or `{light} flashing`"
            ),
            Self::Twice(word) => write!(f, "`{word}`: this light was described before"),
            Self::ShortCode { found, light, allowed } => {
                write!(f, "`{found}` at the place of {light} in the short code: use one of {allowed}")
            }
        }
    }
}

impl core::error::Error for TextError<'_> {}

/// What a word says.
enum Word {
    Status,
    Alarm,
    /// Some of L1 to L5, bit 0 is L1.
    Soc(u8),
    Colour(Colour),
    Does(Seen),
    Filler,
}

const WORDS: [(&str, Word); 30] = [
    ("status", Word::Status),
    ("alarm", Word::Alarm),
    ("green", Word::Colour(Colour::Green)),
    ("blue", Word::Colour(Colour::Blue)),
    ("off", Word::Does(Seen::Steady(Light::Off))),
    ("out", Word::Does(Seen::Steady(Light::Off))),
    ("dark", Word::Does(Seen::Steady(Light::Off))),
    ("on", Word::Does(Seen::Steady(Light::On))),
    ("steady", Word::Does(Seen::Steady(Light::On))),
    ("flashing", Word::Does(Seen::Steady(Light::Flashing))),
    ("flashes", Word::Does(Seen::Steady(Light::Flashing))),
    ("flash", Word::Does(Seen::Steady(Light::Flashing))),
    ("blinking", Word::Does(Seen::Steady(Light::Flashing))),
    ("blinks", Word::Does(Seen::Steady(Light::Flashing))),
    ("blink", Word::Does(Seen::Steady(Light::Flashing))),
    ("lit", Word::Does(Seen::Lit)),
    ("unlit", Word::Does(Seen::Dark)),
    ("unknown", Word::Does(Seen::Unknown)),
    ("?", Word::Does(Seen::Unknown)),
    ("light", Word::Filler),
    ("lights", Word::Filler),
    ("led", Word::Filler),
    ("leds", Word::Filler),
    ("soc", Word::Filler),
    ("and", Word::Filler),
    ("the", Word::Filler),
    ("is", Word::Filler),
    ("are", Word::Filler),
    ("=", Word::Filler),
    (":", Word::Filler),
];

/// Reads lights from words or from a short code.
///
/// # Errors
/// [`TextError`], which names the word and says what would be right.
pub fn parse(text: &str) -> Result<Observed, TextError<'_>> {
    let text = text.trim();
    if is_short_code(text) {
        return short_code(text);
    }
    let mut reader = Reader::default();
    for clause in text.split([',', ';', '\n']) {
        for word in clause.split([' ', '\t', '+', '&']).filter(|word| !word.is_empty()) {
            reader.word(word)?;
        }
        reader.end_of_clause()?;
    }
    reader.finish()
}

fn is_short_code(text: &str) -> bool {
    let mut chars = text.chars();
    let status = chars.next().is_some_and(|c| "-.gGbBx".contains(c));
    let alarm = chars.next().is_some_and(|c| "-.aAx".contains(c));
    status && alarm && !text.contains([' ', ','])
}

fn short_code(text: &str) -> Result<Observed, TextError<'_>> {
    const PLACES: [(&str, &str); 7] = [
        ("status", "- G g B b x"),
        ("alarm", "- A a x"),
        ("L1", "- 1 f x"),
        ("L2", "- 2 f x"),
        ("L3", "- 3 f x"),
        ("L4", "- 4 f x"),
        ("L5", "- 5 f x"),
    ];
    if let Some(found) = text.chars().nth(PLACES.len()) {
        return Err(TextError::ShortCode { found, light: "nothing", allowed: "seven characters" });
    }
    let mut seen = [Seen::Steady(Light::Off); 7];
    for ((slot, found), (light, allowed)) in seen.iter_mut().zip(text.chars()).zip(PLACES) {
        let fits = found == '.' || allowed.contains(found) && found != ' ';
        *slot = fits.then(|| short_light(found)).ok_or(TextError::ShortCode { found, light, allowed })?;
    }
    let colour = match text.chars().next() {
        Some('G' | 'g') => Some(Colour::Green),
        Some('B' | 'b') => Some(Colour::Blue),
        Some(_) | None => None,
    };
    if seen == [Seen::Unknown; 7] {
        return Err(TextError::Empty);
    }
    let [status, alarm, soc @ ..] = seen;
    Ok(Observed { status, colour, alarm, soc })
}

fn short_light(c: char) -> Seen {
    match c {
        '-' | '.' => Seen::Steady(Light::Off),
        'x' => Seen::Unknown,
        'g' | 'b' | 'a' | 'f' => Seen::Steady(Light::Flashing),
        _ => Seen::Steady(Light::On),
    }
}

/// The light or lights that the next word speaks of.
#[derive(Clone, Copy, Default)]
enum Subject {
    #[default]
    Nothing,
    Status,
    Alarm,
    Soc {
        lights: u8,
        said: bool,
    },
}

#[derive(Default)]
struct Reader {
    subject: Subject,
    status: Option<Seen>,
    colour: Option<Colour>,
    alarm: Option<Seen>,
    soc: [Option<Seen>; 5],
}

impl Reader {
    fn word<'a>(&mut self, word: &'a str) -> Result<(), TextError<'a>> {
        match classify(word)? {
            Word::Status => self.name(Subject::Status),
            Word::Alarm => self.name(Subject::Alarm),
            Word::Soc(lights) => self.name_soc(lights, word),
            Word::Colour(colour) => self.colour(colour, word),
            Word::Does(seen) => self.does(seen, word),
            Word::Filler => Ok(()),
        }
    }

    fn name<'a>(&mut self, subject: Subject) -> Result<(), TextError<'a>> {
        self.end_of_clause()?;
        self.subject = subject;
        Ok(())
    }

    fn name_soc<'a>(&mut self, lights: u8, word: &'a str) -> Result<(), TextError<'a>> {
        let before = match self.subject {
            Subject::Soc { lights, said: false } => lights,
            Subject::Nothing | Subject::Status | Subject::Alarm | Subject::Soc { said: true, .. } => {
                self.end_of_clause()?;
                0
            }
        };
        if before & lights != 0 || each(lights, &self.soc).any(|seen| seen.is_some()) {
            return Err(TextError::Twice(word));
        }
        self.subject = Subject::Soc { lights: before | lights, said: false };
        Ok(())
    }

    fn colour<'a>(&mut self, colour: Colour, word: &'a str) -> Result<(), TextError<'a>> {
        match self.subject {
            Subject::Nothing | Subject::Status if self.colour.is_some() => {
                return Err(TextError::Twice(word));
            }
            Subject::Nothing | Subject::Status => self.subject = Subject::Status,
            Subject::Alarm | Subject::Soc { .. } => return Err(TextError::Colour(word)),
        }
        self.colour = Some(colour);
        Ok(())
    }

    fn does<'a>(&mut self, seen: Seen, word: &'a str) -> Result<(), TextError<'a>> {
        let before = match self.subject {
            Subject::Nothing => return Err(TextError::NoLight(word)),
            Subject::Status => self.status.replace(seen),
            Subject::Alarm => self.alarm.replace(seen),
            Subject::Soc { said: true, .. } => return Err(TextError::Twice(word)),
            Subject::Soc { lights, said: false } => {
                self.subject = Subject::Soc { lights, said: true };
                each_mut(lights, &mut self.soc).for_each(|light| *light = Some(seen));
                None
            }
        };
        before.map_or(Ok(()), |_| Err(TextError::Twice(word)))
    }

    /// L1 to L5 named without a word for what they do are on; a green or blue status light is at least lit.
    fn end_of_clause(&mut self) -> Result<(), TextError<'static>> {
        match core::mem::take(&mut self.subject) {
            Subject::Status if self.status.is_none() && self.colour.is_none() => {
                return Err(TextError::Unsaid("status"));
            }
            Subject::Alarm if self.alarm.is_none() => return Err(TextError::Unsaid("alarm")),
            Subject::Status => {
                self.status.get_or_insert(Seen::Lit);
            }
            Subject::Nothing | Subject::Alarm | Subject::Soc { said: true, .. } => {}
            Subject::Soc { lights, said: false } => {
                each_mut(lights, &mut self.soc).for_each(|light| *light = Some(Seen::Steady(Light::On)));
            }
        }
        Ok(())
    }

    fn finish<'a>(self) -> Result<Observed, TextError<'a>> {
        if self.status.is_none() && self.alarm.is_none() && self.soc.iter().all(Option::is_none) {
            return Err(TextError::Empty);
        }
        let others = unnamed(&self.soc.map(Option::unwrap_or_default));
        Ok(Observed {
            status: self.status.unwrap_or_default(),
            colour: self.colour,
            alarm: self.alarm.unwrap_or_default(),
            soc: self.soc.map(|seen| seen.unwrap_or(others)),
        })
    }
}

fn each<T>(lights: u8, soc: &[T; 5]) -> impl Iterator<Item = &T> {
    (0..).zip(soc).filter(move |(place, _)| lights >> place & 1 == 1).map(|(_, light)| light)
}

fn each_mut<T>(lights: u8, soc: &mut [T; 5]) -> impl Iterator<Item = &mut T> {
    (0..).zip(soc).filter(move |(place, _)| lights >> place & 1 == 1).map(|(_, light)| light)
}

fn classify(word: &str) -> Result<Word, TextError<'_>> {
    if let Some((_, known)) = WORDS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
        return Ok(known);
    }
    let digits = word.strip_prefix(['l', 'L']).unwrap_or(word);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(TextError::UnknownWord(word));
    }
    soc_lights(digits).map(Word::Soc).ok_or(TextError::NoSuchLight(word))
}

/// `3`, `1-4` or `1-L4` as bits of lights.
fn soc_lights(digits: &str) -> Option<u8> {
    let place = |text: &str| text.parse().ok().filter(|number| (1..=5_u8).contains(number));
    let (from, to) = match digits.split_once('-') {
        None => (place(digits)?, place(digits)?),
        Some((from, to)) => (place(from)?, place(to.strip_prefix(['l', 'L']).unwrap_or(to))?),
    };
    let bits = (from..=to).fold(0, |bits, number| bits | 1 << (number - 1));
    (bits != 0).then_some(bits)
}
