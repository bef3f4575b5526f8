//! The Link of a simulated tower, for other programs on this machine.

use std::time::{Duration as Wall, SystemTime, UNIX_EPOCH};

use voltower_core::Instant;
use voltower_gateway::can::{Access, Exposed, Stamped, Url};
use voltower_protocols::Frame;
use voltower_sim::{Port, Tap};

use crate::error::{Failure, Usage};

/// A tower's Link, exposed.
pub struct LinkFace {
    bus: Exposed,
    tower: usize,
    epoch: Option<(Wall, Instant)>,
    clients: usize,
    /// Frames that slow tools had lost when it was told last.
    lost: u64,
}

impl LinkFace {
    /// Exposes the Link of `tower` (from 0) at `url`; others may send to it only if `access` says so.
    ///
    /// # Errors
    /// An address that others than this machine reach, a port that is taken.
    pub fn bind(url: &Url, access: Access, tower: usize) -> Result<Self, Failure> {
        let bus = Exposed::bind(url, access).map_err(|error| {
            let help =
                Some("for instance --link slcan:tcp://127.0.0.1:0, which takes a free port".to_owned());
            Failure::usage(Usage { message: error.to_string(), help })
        })?;
        Ok(Self { bus, tower, epoch: None, clients: 0, lost: 0 })
    }

    /// `Link of tower 1 at slcan:tcp://127.0.0.1:34567, listen-only`.
    #[must_use]
    pub fn announcement(&self) -> String {
        let access = match self.bus.access() {
            Access::ListenOnly => "listen-only",
            Access::Send => "tools may send",
        };
        format!("Link of tower {} at {}, {access}", self.tower + 1, self.bus.url())
    }

    /// Which tower, from 0.
    #[must_use]
    pub fn tower(&self) -> usize {
        self.tower
    }

    /// What a tool wants on the Link, if there is something.
    #[must_use]
    pub fn received(&self) -> Option<Frame> {
        self.bus.received()
    }

    /// Tells the tools what was on the Link. Stamps run with the simulated clock, from the wall clock's time when the
    /// first frame came: at any speed, what lies a second apart on the Link lies a second apart in a log.
    pub fn publish(&mut self, tap: &Tap) {
        if tap.port != Port::Link || tap.tower != self.tower {
            return;
        }
        let (wall, start) = *self.epoch.get_or_insert_with(|| (wall_clock(), tap.at));
        let at = wall + Wall::from_micros(tap.at.since(start).0);
        self.bus.publish(&Stamped { at, frame: tap.frame });
    }

    /// Whether tools have come or gone since the last call, or lose frames, in words.
    pub fn news(&mut self) -> Option<String> {
        self.visitors().or_else(|| self.losses())
    }

    /// The first loss, and then each time that it has doubled: a tool that is too slow stays so.
    fn losses(&mut self) -> Option<String> {
        let lost = self.bus.dropped();
        if lost <= 2 * self.lost {
            return None;
        }
        self.lost = lost;
        Some(format!("a tool on the Link is too slow: {lost} frames lost"))
    }

    fn visitors(&mut self) -> Option<String> {
        let before = std::mem::replace(&mut self.clients, self.bus.clients());
        (before != self.clients).then(|| match self.clients {
            0 => "nobody is on the Link any more".to_owned(),
            1 => "one tool is on the Link".to_owned(),
            many => format!("{many} tools are on the Link"),
        })
    }
}

fn wall_clock() -> Wall {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
