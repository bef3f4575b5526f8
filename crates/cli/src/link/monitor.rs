//! `voltower link monitor`: all traffic, as a live table, a picture, or a line for each frame.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Rect;
use voltower_gateway::can::candump::Entry;
use voltower_gateway::can::{Access, Connection, ConnectionError, Stamped, Url};
use voltower_gateway::link::{Message, node_name};
use voltower_protocols::can::Id;

use super::traffic::{Section, Traffic};
use super::{MonitorArgs, connection_failure, open};
use crate::error::{Failure, FileError};
use crate::interrupt;
use crate::screen::traffic::{TrafficView, draw};
use crate::screen::{remove_colours, svg};

/// Between two pictures.
const PICTURE: Duration = Duration::from_millis(100);
/// Ctrl-C is heard at least this often.
const NAP: Duration = Duration::from_millis(100);

pub(super) fn run(args: &MonitorArgs) -> Result<(), Failure> {
    let mut log = args.log.as_ref().map(|path| Log::create(path, &args.url)).transpose()?;
    let mut connection = open(&args.url, Access::ListenOnly)?;
    interrupt::install();
    let until = args.length.map(|length| Instant::now() + Duration::from_micros(length.0));
    let mut ears = Ears { connection: &mut connection, log: log.as_mut(), until, ended: false };
    let done = if args.picture.is_some() {
        still(args, &mut ears)
    } else if io::stdout().is_terminal() && io::stdin().is_terminal() {
        live(&mut ears)
    } else {
        plain(&mut ears)
    };
    if let Some(log) = &mut log {
        log.finish()?;
    }
    done
}

/// A file that every frame goes into.
struct Log {
    path: String,
    channel: String,
    file: BufWriter<File>,
}

impl Log {
    fn create(path: &std::path::Path, url: &Url) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let channel = match url {
            Url::SocketCan(name) | Url::Socketcand(_, name) => name.clone(),
            Url::SlcanSerial(_) | Url::SlcanTcp(_) | Url::Candump(_) => "can0".to_owned(),
        };
        match File::create(path) {
            Ok(file) => Ok(Self { path: shown, channel, file: BufWriter::new(file) }),
            Err(error) => Err(Failure::failed(FileError { path: shown, error })),
        }
    }

    fn note(&mut self, stamped: &Stamped) -> Result<(), Failure> {
        let entry = Entry { stamped: *stamped, channel: self.channel.clone() };
        writeln!(self.file, "{entry}").map_err(|error| self.failure(error))
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.file.flush().map_err(|error| self.failure(error))
    }

    fn failure(&self, error: io::Error) -> Failure {
        Failure::failed(FileError { path: self.path.clone(), error })
    }
}

/// Who listens, writes down, and knows when it is enough.
struct Ears<'a> {
    connection: &'a mut Connection,
    log: Option<&'a mut Log>,
    until: Option<Instant>,
    /// It was a log, and nothing follows.
    ended: bool,
}

impl Ears<'_> {
    /// The next frame, if one comes before `deadline`; it is written down.
    fn next(&mut self, deadline: Instant) -> Result<Option<Stamped>, Failure> {
        let left = deadline.saturating_duration_since(Instant::now());
        if self.ended {
            thread::sleep(left);
            return Ok(None);
        }
        let heard = match self.connection.receive(left) {
            Err(ConnectionError::Ended { .. }) => {
                self.ended = true;
                None
            }
            heard => heard.map_err(|error| connection_failure(&error))?,
        };
        if let (Some(stamped), Some(log)) = (&heard, &mut self.log) {
            log.note(stamped)?;
        }
        Ok(heard)
    }

    /// The time is up, or somebody wants it to end.
    fn is_enough(&self) -> bool {
        interrupt::asked() || self.until.is_some_and(|until| Instant::now() >= until)
    }

    fn nap(&self) -> Instant {
        let nap = Instant::now() + NAP;
        self.until.map_or(nap, |until| until.min(nap))
    }
}

fn plain(ears: &mut Ears<'_>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut traffic = Traffic::default();
    while !ears.is_enough() && !ears.ended {
        if let Some(stamped) = ears.next(ears.nap())? {
            let message = traffic.note(&stamped);
            writeln!(out, "{}", line(traffic.length(), &stamped, &message))?;
            out.flush()?;
        }
    }
    Ok(())
}

/// `     0.123456  0x381  module 1           limits              charge power 1400 W, ...`
fn line(since: Duration, stamped: &Stamped, message: &Message) -> String {
    let id = match stamped.frame.id() {
        Id::Standard(id) => format!("0x{:03X}", id.as_raw()),
        Id::Extended(id) => format!("0x{:08X}", id.as_raw()),
    };
    let whose = message.node().map_or_else(|| "-".to_owned(), node_name);
    let line = format!(
        "{:>6}.{:06}  {id}  {whose:<18} {:<19} {}",
        since.as_secs(),
        since.subsec_micros(),
        message.kind(),
        message.words()
    );
    line.trim_end().to_owned()
}

fn still(args: &MonitorArgs, ears: &mut Ears<'_>) -> Result<(), Failure> {
    let mut monitor = Monitor::default();
    // A bus that has gone is drawn as it was heard.
    let mut listened = Ok(());
    while listened.is_ok() && !ears.is_enough() && !ears.ended {
        listened = monitor.listen(ears, ears.nap());
    }
    let mut buffer = Buffer::empty(Rect::new(0, 0, args.size.columns, args.size.rows));
    monitor.draw(ears, &mut buffer);
    if let Some(path) = &args.picture {
        let title = format!("voltower link monitor: {}", args.url);
        fs::write(path, svg::picture(&buffer, &title))
            .map_err(|error| Failure::failed(FileError { path: path.display().to_string(), error }))?;
        writeln!(io::stdout(), "{}", path.display())?;
    }
    listened
}

fn live(ears: &mut Ears<'_>) -> Result<(), Failure> {
    let mut terminal = ratatui::try_init()?;
    let done = Monitor::default().show(ears, &mut terminal);
    ratatui::restore();
    done
}

/// What was heard, and what the viewer has chosen.
#[derive(Default)]
struct Monitor {
    traffic: Traffic,
    /// What is shown while the picture is held.
    held: Option<Traffic>,
    only: Option<Section>,
    scroll: usize,
    /// Lines of the table and rows of the screen when it was drawn last.
    drawn: (usize, usize),
    last: Option<Instant>,
}

impl Monitor {
    fn show(&mut self, ears: &mut Ears<'_>, terminal: &mut DefaultTerminal) -> Result<(), Failure> {
        loop {
            let next = Instant::now() + PICTURE;
            terminal.draw(|frame| self.draw(ears, frame.buffer_mut()))?;
            self.listen(ears, next)?;
            if ears.is_enough() || self.read_keys()? {
                return Ok(());
            }
        }
    }

    fn listen(&mut self, ears: &mut Ears<'_>, until: Instant) -> Result<(), Failure> {
        while Instant::now() < until {
            if let Some(stamped) = ears.next(until)? {
                self.traffic.note(&stamped);
                self.last = Some(Instant::now());
            }
        }
        Ok(())
    }

    /// Obeys all keys that were pressed; true if the viewer has had enough.
    fn read_keys(&mut self) -> Result<bool, Failure> {
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()?
                && key.kind != KeyEventKind::Release
                && self.obey(key)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn obey(&mut self, key: KeyEvent) -> bool {
        let (lines, rows) = self.drawn;
        let lowest = lines.saturating_sub(rows);
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return true,
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return true,
            KeyCode::Char('c') => *self = Self { only: self.only, last: self.last, ..Self::default() },
            KeyCode::Char(' ') => {
                self.held = if self.held.is_some() { None } else { Some(self.traffic.clone()) };
            }
            KeyCode::Tab => self.turn(1),
            KeyCode::BackTab => self.turn(-1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll = (self.scroll + 1).min(lowest),
            KeyCode::Up | KeyCode::Char('k') => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::PageDown => self.scroll = (self.scroll + rows).min(lowest),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(rows),
            KeyCode::Home => self.scroll = 0,
            KeyCode::End => self.scroll = lowest,
            _ => {}
        }
        false
    }

    /// All sections, then each alone, and all again.
    fn turn(&mut self, by: isize) {
        let mut choices = vec![None];
        choices.extend(self.traffic.sections().into_iter().map(Some));
        let here = choices.iter().position(|choice| *choice == self.only).unwrap_or(0) as isize;
        let next = (here + by).rem_euclid(choices.len() as isize) as usize;
        self.only = choices.get(next).copied().flatten();
        self.scroll = 0;
    }

    fn draw(&mut self, ears: &Ears<'_>, buffer: &mut Buffer) {
        let rows = usize::from(buffer.area.height.saturating_sub(3));
        let view = TrafficView {
            traffic: self.held.as_ref().unwrap_or(&self.traffic),
            url: &ears.connection.url().to_string(),
            log: ears.log.as_ref().map(|log| log.path.as_str()),
            only: self.only,
            scroll: self.scroll,
            held: self.held.is_some(),
            silent: self.last.filter(|_| !ears.ended).map_or(Duration::ZERO, |last| last.elapsed()),
        };
        self.drawn = (draw(&view, buffer), rows);
        if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            remove_colours(buffer);
        }
    }
}
