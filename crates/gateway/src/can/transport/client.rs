//! A client of an exposed bus: what it says is read in one thread, what it hears is written in another.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use voltower_protocols::Frame;

use crate::can::Stamped;
use crate::can::session::{Reaction, Session};

/// Frames that wait for a slow client; afterwards the oldest go. A minute of a tower of four modules.
const FRAMES: usize = 8192;
/// Bytes of answers that wait for it; a client that asks more and does not read is shut out.
const ANSWERS: usize = 65_536;
/// Frames it has sent itself and does not hear again.
const ECHOES: usize = 64;
/// After it has begun to listen: some clients take the answer and a frame that comes with it for one message.
const SETTLE: Duration = Duration::from_millis(20);

/// A client, served until it leaves or this is dropped.
pub(super) struct Client {
    line: Arc<Line>,
    stream: TcpStream,
    threads: Vec<JoinHandle<()>>,
}

/// What both threads and the bus share.
struct Line {
    state: Mutex<State>,
    changed: Condvar,
    dropped: Arc<AtomicU64>,
}

struct State {
    session: Session,
    answers: String,
    frames: VecDeque<String>,
    echoes: VecDeque<Frame>,
    settles: bool,
    closed: bool,
}

impl Client {
    /// Serves the client at the other end of `stream`; what it sends goes to `bus`, what it loses is counted.
    pub(super) fn serve(
        stream: TcpStream,
        session: Session,
        bus: SyncSender<Frame>,
        dropped: Arc<AtomicU64>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let line = Arc::new(Line {
            state: Mutex::new(State {
                answers: session.greeting(),
                session,
                frames: VecDeque::new(),
                echoes: VecDeque::new(),
                settles: false,
                closed: false,
            }),
            changed: Condvar::new(),
            dropped,
        });
        let (for_reading, for_writing) = (stream.try_clone()?, stream.try_clone()?);
        let (reads, writes) = (Arc::clone(&line), Arc::clone(&line));
        let reader = thread::Builder::new().name("can client in".to_owned()).spawn(move || {
            let _ = reads.read(for_reading, &bus);
            reads.close();
        })?;
        let mut client = Self { line, stream, threads: vec![reader] };
        let writer = thread::Builder::new().name("can client out".to_owned()).spawn(move || {
            let _ = writes.write(&for_writing);
            let _ = for_writing.shutdown(Shutdown::Both);
            writes.close();
        })?;
        client.threads.push(writer);
        Ok(client)
    }

    /// Whether it has left.
    pub(super) fn is_closed(&self) -> bool {
        self.line.state().closed
    }

    /// A frame was on the bus.
    pub(super) fn publish(&self, stamped: &Stamped) {
        self.line.publish(stamped);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.line.close();
        let _ = self.stream.shutdown(Shutdown::Both);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Line {
    /// A thread that panicked has left the state as it was between two messages.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn publish(&self, stamped: &Stamped) {
        let mut state = self.state();
        if !state.session.is_listening() || state.is_echo(&stamped.frame) {
            return;
        }
        if state.frames.len() >= FRAMES {
            state.frames.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        let text = state.session.heard(stamped);
        state.frames.push_back(text);
        self.changed.notify_all();
    }

    fn read(&self, mut stream: TcpStream, bus: &SyncSender<Frame>) -> io::Result<()> {
        let mut buffer = [0; 1024];
        loop {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            let mut state = self.state();
            for byte in buffer.iter().take(read) {
                state.take(*byte, bus);
            }
            if state.closed || state.answers.len() > ANSWERS {
                return Ok(());
            }
            self.changed.notify_all();
        }
    }

    fn write(&self, mut stream: &TcpStream) -> io::Result<()> {
        loop {
            let (text, settles) = self.next();
            if text.is_empty() {
                return Ok(());
            }
            stream.write_all(text.as_bytes())?;
            if settles {
                thread::sleep(SETTLE);
            }
        }
    }

    /// What is to be said next, answers first; nothing if the client has left.
    fn next(&self) -> (String, bool) {
        let mut state = self.state();
        loop {
            if state.closed {
                return (String::new(), false);
            }
            if !state.answers.is_empty() {
                return (mem::take(&mut state.answers), mem::take(&mut state.settles));
            }
            if !state.frames.is_empty() {
                return (state.frames.drain(..).collect(), false);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    fn take(&mut self, byte: u8, bus: &SyncSender<Frame>) {
        let listened = self.session.is_listening();
        match self.session.receive(byte) {
            Some(Reaction::Answer(text)) => self.answers.push_str(&text),
            Some(Reaction::Send(frame)) => {
                let done = bus.try_send(frame).is_ok();
                if done {
                    self.expect_echo(frame);
                }
                self.answers.push_str(&self.session.sent(done));
            }
            None => {}
        }
        self.settles |= !listened && self.session.is_listening();
    }

    fn expect_echo(&mut self, frame: Frame) {
        if self.echoes.len() >= ECHOES {
            self.echoes.pop_front();
        }
        self.echoes.push_back(frame);
    }

    /// Whether the client has sent this frame itself: neither protocol lets a client hear its own.
    fn is_echo(&mut self, frame: &Frame) -> bool {
        let place = self.echoes.iter().position(|sent| sent == frame);
        place.is_some_and(|place| self.echoes.remove(place).is_some())
    }
}
