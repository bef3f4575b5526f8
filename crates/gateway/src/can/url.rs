//! Where a bus is, in words: `socketcan:can0`, `slcan:/dev/ttyACM0`, `socketcand:tcp://127.0.0.1:29536/can0`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What socketcand listens on unless told otherwise.
const SOCKETCAND_PORT: u16 = 29536;
/// Name of a bus that was not named.
const FIRST_BUS: &str = "can0";
/// Longest name of an interface on Linux.
const INTERFACE_MAX: usize = 15;

/// Where a bus is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url {
    /// An interface of this Linux machine: `socketcan:can0`, or `can0`.
    SocketCan(String),
    /// A serial adapter: `slcan:/dev/ttyACM0`.
    SlcanSerial(PathBuf),
    /// An adapter behind a network: `slcan:tcp://HOST:PORT`.
    SlcanTcp(Place),
    /// A log as `candump -l` writes it: `candump:link.log`. It can only be read.
    Candump(PathBuf),
    /// A bus of a socketcand: `socketcand:tcp://HOST:PORT/can0`.
    Socketcand(Place, String),
}

/// A place on a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Text that says of no bus where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} does not say where a CAN bus is: {problem}")]
pub struct UrlError {
    text: String,
    problem: &'static str,
}

impl UrlError {
    /// Everything that would be right.
    pub const FORMS: &'static str = "give socketcan:can0 (or can0), slcan:/dev/ttyACM0, slcan:tcp://HOST:PORT, \
                                     socketcand:tcp://HOST:PORT/can0 or candump:FILE";
}

impl Url {
    /// The same with another port, where there is one.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        match self {
            Self::SlcanTcp(place) => Self::SlcanTcp(Place { port, ..place.clone() }),
            Self::Socketcand(place, bus) => Self::Socketcand(Place { port, ..place.clone() }, bus.clone()),
            Self::SocketCan(_) | Self::SlcanSerial(_) | Self::Candump(_) => self.clone(),
        }
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        parse(text).map_err(|problem| UrlError { text: text.to_owned(), problem })
    }
}

fn parse(text: &str) -> Result<Url, &'static str> {
    let (scheme, rest) = text.split_once(':').unwrap_or(("socketcan", text));
    match (scheme, rest.strip_prefix("tcp://")) {
        ("socketcan", None) => interface(rest).map(Url::SocketCan),
        ("socketcan", Some(_)) => Err("socketcan is an interface of this machine, not of another"),
        ("slcan", Some(place)) => self::place(place.trim_end_matches('/'), None).map(Url::SlcanTcp),
        ("slcan", None) if rest.is_empty() => Err("slcan: needs a serial device or tcp://HOST:PORT"),
        ("slcan", None) if rest.contains("://") || rest.starts_with("tcp:") => {
            Err("slcan goes over tcp:// or a serial device")
        }
        ("slcan", None) => Ok(Url::SlcanSerial(PathBuf::from(rest))),
        ("socketcand", Some(rest)) => {
            let (place, bus) = rest.split_once('/').unwrap_or((rest, ""));
            let bus = interface(if bus.is_empty() { FIRST_BUS } else { bus })?;
            Ok(Url::Socketcand(self::place(place, Some(SOCKETCAND_PORT))?, bus))
        }
        ("candump", None) if !rest.is_empty() => Ok(Url::Candump(PathBuf::from(rest))),
        ("candump", _) => Err("candump: needs a file"),
        ("socketcand", None) => Err("socketcand: needs tcp://HOST:PORT/BUS"),
        ("tcp", _) => Err("say slcan:tcp:// or socketcand:tcp://, as the other side speaks"),
        _ => Err("unknown scheme"),
    }
}

fn interface(name: &str) -> Result<String, &'static str> {
    let fits = (1..=INTERFACE_MAX).contains(&name.len());
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if fits && name.chars().all(legal) { Ok(name.to_owned()) } else { Err("no name of an interface") }
}

fn place(text: &str, default_port: Option<u16>) -> Result<Place, &'static str> {
    let bracket = text.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match text.get(bracket..).and_then(|rest| rest.rfind(':')) {
        Some(colon) => {
            let (host, port) = text.split_at(bracket + colon);
            let port =
                port.trim_start_matches(':').parse().map_err(|_| "the port is no number up to 65535")?;
            (host, port)
        }
        None => (text, default_port.ok_or("the port is missing")?),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() { Err("the host is missing") } else { Ok(Place { host: host.to_owned(), port }) }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SocketCan(interface) => write!(f, "socketcan:{interface}"),
            Self::SlcanSerial(device) => write!(f, "slcan:{}", device.display()),
            Self::Candump(file) => write!(f, "candump:{}", file.display()),
            Self::SlcanTcp(place) => write!(f, "slcan:tcp://{place}"),
            Self::Socketcand(place, bus) => write!(f, "socketcand:tcp://{place}/{bus}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_alike() {
        for text in [
            "socketcan:can0",
            "slcan:/dev/ttyACM0",
            "slcan:tcp://127.0.0.1:34567",
            "candump:logs/link.log",
            "slcan:tcp://[::1]:34567",
            "socketcand:tcp://box.local:29536/vcan1",
        ] {
            assert_eq!(text.parse::<Url>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_was_left_out_is_what_is_usual() {
        assert_eq!("can0".parse(), Ok(Url::SocketCan("can0".to_owned())));
        let url: Url = "socketcand:tcp://box".parse().expect("a URL");
        assert_eq!(url.to_string(), "socketcand:tcp://box:29536/can0");
    }

    #[test]
    fn a_wrong_one_is_told_with_its_problem() {
        for (text, problem) in [
            ("", "interface"),
            ("a name that is much too long", "interface"),
            ("slcan:", "serial device"),
            ("slcan:tcp://127.0.0.1", "port"),
            ("slcan:tcp://127.0.0.1:70000", "port"),
            ("slcan:tcp://:1", "host"),
            ("slcan:udp://127.0.0.1:1", "tcp://"),
            ("slcan:tcp:/127.0.0.1:1", "tcp://"),
            ("socketcand:can0", "tcp://HOST:PORT"),
            ("socketcan:tcp://box:1", "this machine"),
            ("tcp://127.0.0.1:1", "slcan:tcp://"),
            ("mqtt:box", "scheme"),
        ] {
            let error = text.parse::<Url>().expect_err(text).to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
