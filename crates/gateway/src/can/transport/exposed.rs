//! A bus of ours, for tools of others.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use voltower_protocols::Frame;

use super::client::Client;
use crate::can::session::{Session, Slcan, Socketcand};
use crate::can::url::Place;
use crate::can::{Access, Stamped, Url};

/// Frames of clients that wait for the bus; more are refused.
const WAITING: usize = 1024;
/// Clients at once; more are turned away.
const CLIENTS: usize = 16;
/// To wake the thread that waits for clients.
const WAKE: Duration = Duration::from_secs(1);

/// Why a bus cannot be exposed.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Only TCP reaches other programs.
    #[error(
        "a bus can be exposed at slcan:tcp://127.0.0.1:PORT or socketcand:tcp://127.0.0.1:PORT, not at {0}"
    )]
    Form(Url),
    /// Whoever is on the bus stands before the open battery, as it were: that must not be the whole network.
    #[error(
        "a bus is exposed to this machine only: {0} is not a loopback address (127.0.0.1, ::1, localhost)"
    )]
    NotLoopback(String),
    /// The port is taken, or the name is unknown.
    #[error("{url}: {error}")]
    Io {
        /// Where.
        url: Url,
        /// Why not.
        error: io::Error,
    },
}

/// A bus that other programs on this machine hear and, where allowed, send to.
///
/// Nothing here ever waits for a client: one that is slow loses the oldest frames, see [`Self::dropped`]. Its threads
/// end when it is dropped.
pub struct Exposed {
    url: Url,
    address: SocketAddr,
    access: Access,
    door: Arc<Door>,
    received: Receiver<Frame>,
    porter: Option<JoinHandle<()>>,
}

/// What the thread at the door needs.
struct Door {
    url: Url,
    access: Access,
    clients: Mutex<Vec<Client>>,
    bus: SyncSender<Frame>,
    dropped: Arc<AtomicU64>,
    closed: AtomicBool,
}

impl Exposed {
    /// Exposes a bus at `url`; port 0 takes a free one.
    ///
    /// # Errors
    /// Another form than SLCAN or socketcand over TCP, an address that others can reach, a port that is taken.
    pub fn bind(url: &Url, access: Access) -> Result<Self, BindError> {
        let (Url::SlcanTcp(place) | Url::Socketcand(place, _)) = url else {
            return Err(BindError::Form(url.clone()));
        };
        let addresses = loopback(url, place)?;
        let failed = |error| BindError::Io { url: url.clone(), error };
        let listener = TcpListener::bind(&addresses[..]).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let url = url.with_port(address.port());
        let (bus, received) = mpsc::sync_channel(WAITING);
        let door = Arc::new(Door {
            url: url.clone(),
            access,
            clients: Mutex::new(Vec::new()),
            bus,
            dropped: Arc::new(AtomicU64::new(0)),
            closed: AtomicBool::new(false),
        });
        let at_door = Arc::clone(&door);
        let porter =
            thread::Builder::new().name("can door".to_owned()).spawn(move || at_door.wait(&listener));
        Ok(Self { url, address, access, door, received, porter: Some(porter.map_err(failed)?) })
    }

    /// Where clients find it, with the port that was taken.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What clients may do.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// A frame was on the bus.
    pub fn publish(&self, stamped: &Stamped) {
        let mut clients = self.door.clients();
        clients.retain(|client| !client.is_closed());
        for client in clients.iter() {
            client.publish(stamped);
        }
    }

    /// The next frame that a client wants on the bus, if there is one.
    #[must_use]
    pub fn received(&self) -> Option<Frame> {
        self.received.try_recv().ok()
    }

    /// Clients there are.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.door.clients().iter().filter(|client| !client.is_closed()).count()
    }

    /// Frames that slow clients have lost so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.door.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Exposed {
    fn drop(&mut self) {
        self.door.closed.store(true, Ordering::Release);
        // The thread at the door sees it once somebody knocks. If nobody can, it ends with the program.
        let knocked = TcpStream::connect_timeout(&self.address, WAKE).is_ok();
        if let Some(porter) = self.porter.take().filter(|_| knocked) {
            let _ = porter.join();
        }
        self.door.clients().clear();
    }
}

fn loopback(url: &Url, place: &Place) -> Result<Vec<SocketAddr>, BindError> {
    let addresses = (place.host.as_str(), place.port).to_socket_addrs();
    let addresses: Vec<SocketAddr> =
        addresses.map_err(|error| BindError::Io { url: url.clone(), error })?.collect();
    match addresses.iter().find(|address| !address.ip().is_loopback()) {
        Some(_) => Err(BindError::NotLoopback(place.host.clone())),
        None => Ok(addresses),
    }
}

impl Door {
    fn clients(&self) -> MutexGuard<'_, Vec<Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, listener: &TcpListener) {
        loop {
            let came = listener.accept();
            if self.closed.load(Ordering::Acquire) {
                return;
            }
            match came {
                Ok((stream, _)) => self.let_in(stream),
                // No file handles left, for instance: they may come back.
                Err(_) => thread::sleep(WAKE),
            }
        }
    }

    fn let_in(&self, stream: TcpStream) {
        let mut clients = self.clients();
        clients.retain(|client| !client.is_closed());
        if clients.len() >= CLIENTS {
            return;
        }
        let session = match &self.url {
            Url::Socketcand(_, bus) => Session::Socketcand(Socketcand::new(bus, self.access)),
            Url::SlcanTcp(_) | Url::SlcanSerial(_) | Url::SocketCan(_) | Url::Candump(_) => {
                Session::Slcan(Slcan::new(self.access))
            }
        };
        if let Ok(client) = Client::serve(stream, session, self.bus.clone(), Arc::clone(&self.dropped)) {
            clients.push(client);
        }
    }
}
