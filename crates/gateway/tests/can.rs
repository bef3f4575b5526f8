//! Buses over sockets and pseudo-terminals: what one side says, the other hears.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use voltower_gateway::can::{Access, BindError, Connection, ConnectionError, Exposed, Stamped, Url};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;

const PATIENCE: Duration = Duration::from_secs(5);
const SLCAN: &str = "slcan:tcp://127.0.0.1:0";
const SOCKETCAND: &str = "socketcand:tcp://127.0.0.1:0/can0";

fn exposed(url: &str, access: Access) -> Exposed {
    Exposed::bind(&url.parse().expect("a URL"), access).expect("a free port")
}

fn frame(id: u16, data: &[u8]) -> Frame {
    Frame::new(StandardId::new(id).expect("11 bits"), data).expect("short")
}

fn stamped(millis: u64, frame: Frame) -> Stamped {
    Stamped { at: Duration::from_millis(millis), frame }
}

/// What `look` finds within a few seconds.
fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "nothing came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_is_on_the_bus_is_heard_and_what_is_sent_gets_there() {
    for url in [SLCAN, SOCKETCAND] {
        let bus = exposed(url, Access::Send);
        let mut tool = Connection::open(bus.url(), Access::Send).expect(url);
        bus.publish(&stamped(61_234, frame(0x181, &[1, 2, 3])));
        let heard = tool.receive(PATIENCE).expect(url).expect("a frame");
        assert_eq!(heard.frame, frame(0x181, &[1, 2, 3]), "{url}");
        if url == SOCKETCAND {
            assert_eq!(heard.at, Duration::from_millis(61_234));
        }
        tool.send(&frame(0x601, &[0x40])).expect(url);
        assert_eq!(wait(|| bus.received()), frame(0x601, &[0x40]), "{url}");
    }
}

#[test]
fn a_client_does_not_hear_its_own_frames_but_others_do() {
    let bus = exposed(SLCAN, Access::Send);
    let open = || Connection::open(bus.url(), Access::Send).expect("the bus");
    let (mut sender, mut other) = (open(), open());
    sender.send(&frame(0x601, &[7])).expect("it may send");
    let sent = wait(|| bus.received());
    bus.publish(&stamped(0, sent));
    bus.publish(&stamped(1, frame(0x581, &[8])));
    assert_eq!(other.receive(PATIENCE).expect("open").map(|heard| heard.frame), Some(sent));
    assert_eq!(sender.receive(PATIENCE).expect("open").map(|heard| heard.frame), Some(frame(0x581, &[8])));
}

#[test]
fn nobody_sends_on_a_bus_that_is_for_listening() {
    for url in [SLCAN, SOCKETCAND] {
        let bus = exposed(url, Access::ListenOnly);
        let mut tool = Connection::open(bus.url(), Access::Send).expect(url);
        let sent = tool.send(&frame(0x601, &[0x40])).and_then(|()| tool.receive(PATIENCE).map(drop));
        let error = sent.expect_err("it is refused");
        assert!(matches!(error, ConnectionError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("listen-only"), "{error}");
        assert_eq!(bus.received(), None);

        let mut quiet = Connection::open(bus.url(), Access::ListenOnly).expect(url);
        assert!(quiet.send(&frame(0x601, &[0x40])).is_err());
    }
}

#[test]
fn only_this_machine_gets_in() {
    for url in ["slcan:tcp://0.0.0.0:0", "socketcand:tcp://192.168.1.1:0"] {
        let error = Exposed::bind(&url.parse().expect("a URL"), Access::ListenOnly).err().expect("refused");
        assert!(matches!(error, BindError::NotLoopback(_)), "{error}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
    let error = Exposed::bind(&"can0".parse().expect("a URL"), Access::ListenOnly).err().expect("refused");
    assert!(error.to_string().contains("slcan:tcp://127.0.0.1:PORT"), "{error}");
    let taken = exposed(SLCAN, Access::ListenOnly);
    let error = Exposed::bind(taken.url(), Access::ListenOnly).err().expect("refused");
    assert!(error.to_string().contains(&taken.url().to_string()), "{error}");
}

#[test]
fn a_slow_client_loses_the_oldest_frames_and_holds_nobody_up() {
    const MANY: u32 = 600_000;
    let bus = exposed(SLCAN, Access::ListenOnly);
    let mut slow = Connection::open(bus.url(), Access::ListenOnly).expect("the bus");
    let started = Instant::now();
    for number in 0..MANY {
        bus.publish(&stamped(0, frame(0x100, &number.to_le_bytes())));
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(bus.dropped() > 0);
    let last = frame(0x100, &(MANY - 1).to_le_bytes());
    let mut heard = 0;
    while slow.receive(PATIENCE).expect("open").expect("the last one").frame != last {
        heard += 1;
    }
    assert_eq!(u64::from(heard + 1u32) + bus.dropped(), u64::from(MANY));
}

#[test]
fn clients_come_and_go_and_the_end_is_the_end_for_all() {
    let bus = exposed(SOCKETCAND, Access::Send);
    let first = Connection::open(bus.url(), Access::Send).expect("the bus");
    let mut second = Connection::open(bus.url(), Access::Send).expect("the bus");
    assert_eq!(bus.clients(), 2);
    drop(first);
    wait(|| (bus.clients() == 1).then_some(()));
    drop(bus);
    let error = second.receive(PATIENCE).expect_err("closed");
    assert!(matches!(error, ConnectionError::Gone { .. }), "{error}");
}

#[test]
fn nonsense_is_survived() {
    for url in [SLCAN, SOCKETCAND] {
        let bus = exposed(url, Access::Send);
        let address = bus.url().to_string();
        let address = address.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_end_matches("/can0");
        let mut stream = TcpStream::connect(address).expect("let in");
        stream.write_all(&[0xFF, 0, b'<', b'\r'].repeat(500)).expect("taken");
        stream.shutdown(std::net::Shutdown::Write).expect("open");
        let _ = stream.read_to_end(&mut Vec::new());
        Connection::open(bus.url(), Access::Send).expect("still there");
    }
}

#[test]
fn where_nobody_is_or_somebody_else_the_error_says_so() {
    let open = |url: &str| Connection::open(&url.parse::<Url>().expect(url), Access::Send).err().expect(url);
    let nobody = exposed(SLCAN, Access::Send).url().to_string();
    assert!(open(&nobody).to_string().contains("cannot be opened"), "{}", open(&nobody));
    assert!(open("slcan:/dev/nothing-of-this-name").to_string().contains("No such file"));
    let slcan = exposed(SLCAN, Access::Send).url().to_string();
    let _bus = exposed(&slcan, Access::Send);
    let wrong = format!("socketcand{}", slcan.trim_start_matches("slcan"));
    let error = open(&wrong).to_string();
    assert!(error.contains("does not answer as socketcand does"), "{error}");
    #[cfg(target_os = "linux")]
    assert!(open("socketcan:none0").to_string().contains("socketcan:none0 cannot be opened"));
}

/// A pseudo-terminal stands in for a serial adapter; behind it is an exposed bus.
#[cfg(target_os = "linux")]
#[test]
fn a_serial_adapter_is_a_way_too() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::fs::File;
    use std::thread;

    let bus = exposed(SLCAN, Access::Send);
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("ours");
    let device = ptsname(&master, Vec::new()).expect("a name").into_string().expect("UTF-8");
    let master = File::from(master);
    let address = bus.url().to_string();
    let stream = TcpStream::connect(address.trim_start_matches("slcan:tcp://")).expect("let in");
    let copy = |mut from: Box<dyn std::io::Read + Send>, mut to: Box<dyn std::io::Write + Send>| {
        thread::spawn(move || std::io::copy(&mut from, &mut to));
    };
    copy(Box::new(master.try_clone().expect("a handle")), Box::new(stream.try_clone().expect("a handle")));
    copy(Box::new(stream), Box::new(master));

    let url: Url = format!("slcan:{device}").parse().expect("a URL");
    let mut tool = Connection::open(&url, Access::Send).expect("the adapter");
    bus.publish(&stamped(0, frame(0x181, &[0x0D, 0x0A, 0x11, 0x13])));
    let heard = tool.receive(PATIENCE).expect("open").expect("a frame");
    assert_eq!(heard.frame, frame(0x181, &[0x0D, 0x0A, 0x11, 0x13]));
    tool.send(&frame(0x601, &[0x40])).expect("it may");
    assert_eq!(wait(|| bus.received()), frame(0x601, &[0x40]));
}
