//! What a panel must show, as people write it: `status blue flashing, alarm off, L1 L2, L3 flashing`.

use voltower_core::panel::{Colour, Light, Pattern};

use super::Lights;
use super::units::Flaw;

const LIGHTS: &str = "for instance \"alarm flashing, L1\", \"status green, soc\", \
    \"status blue, L1, L2 flashing\" or \"dark\"; what is not named is off";

/// Reads lights: parts between commas; a part names one kind of light and how it shines.
pub(crate) fn parse(text: &str) -> Result<Lights, Flaw> {
    let mut lights = Lights { pattern: Pattern::DARK, soc_free: false };
    for part in text.split(',') {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words.as_slice() {
            ["soc"] => lights.soc_free = true,
            ["dark"] | ["status", "off"] | ["alarm", "off"] => {}
            ["status", colour, how @ ..] => {
                lights.pattern.colour = self::colour(colour)?;
                lights.pattern.status = light(how)?;
            }
            ["alarm", how @ ..] => lights.pattern.alarm = light(how)?,
            [first, ..] if first.starts_with('L') => row(&mut lights.pattern, &words)?,
            _ => return Err(unknown(part)),
        }
    }
    Ok(lights)
}

/// `L1 L3` or `L2 flashing`.
fn row(pattern: &mut Pattern, words: &[&str]) -> Result<(), Flaw> {
    let names = words.iter().take_while(|word| word.starts_with('L')).count();
    let (names, how) = words.split_at(names);
    let how = light(how)?;
    for name in names {
        let number: usize = name[1..].parse().map_err(|_| unknown(name))?;
        let place = number.checked_sub(1).and_then(|place| pattern.soc.get_mut(place));
        *place.ok_or_else(|| unknown(name))? = how;
    }
    Ok(())
}

fn light(words: &[&str]) -> Result<Light, Flaw> {
    match words {
        [] | ["on"] => Ok(Light::On),
        ["flashing"] => Ok(Light::Flashing),
        ["off"] => Ok(Light::Off),
        [other, ..] => Err(unknown(other)),
    }
}

fn colour(word: &str) -> Result<Colour, Flaw> {
    match word {
        "green" => Ok(Colour::Green),
        "blue" => Ok(Colour::Blue),
        other => Err(unknown(other)),
    }
}

fn unknown(word: &str) -> Flaw {
    Flaw::new(format!("`{}` is no light and no way to shine", word.trim()), LIGHTS)
}
