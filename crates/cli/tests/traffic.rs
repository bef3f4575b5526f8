//! The table of `voltower link monitor`, drawn from frames.

use std::time::Duration;

use expect_test::expect_file;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use voltower_cli::link::traffic::{Section, Traffic};
use voltower_cli::screen::traffic::{TrafficView, draw};
use voltower_gateway::can::candump::Entry;

/// Ten frames of the fast kinds, two of the slow; then an emergency and a service.
fn traffic() -> Traffic {
    let mut traffic = Traffic::default();
    let mut hear = |millis: u64, frame: &str| {
        let line = format!("({}.{:03}000) can0 {frame}", millis / 1000, millis % 1000);
        traffic.note(&Entry::parse(&line).expect("a line").stamped);
    };
    for tenth in 0..=10 {
        hear(tenth * 100, &format!("181#33560200000000{tenth:02X}"));
        hear(tenth * 100, "189#0556020300000000");
        hear(tenth * 100, "201#0A800F8813881396");
        hear(tenth * 100, "381#7805881301000300");
        if tenth % 5 == 0 {
            hear(tenth * 100, "701#05");
            hear(tenth * 100, "709#05");
        }
        if tenth % 10 == 0 {
            hear(tenth * 100, "1A1#F00CF10CF20CFFFF");
            hear(tenth * 100, "2A1#D200D300D400FF7F");
        }
    }
    hear(1010, "081#0042090001040101");
    hear(1020, "601#4002200100000000");
    hear(1030, "581#4B02200178050000");
    hear(1035, "7E5#1101000000000000");
    hear(1040, "000#0100");
    hear(1050, "123#DEADBEEF");
    traffic
}

fn text(view: &TrafficView<'_>, columns: u16, rows: u16) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    draw(view, &mut buffer);
    let row = |row| {
        (0..columns).map(|column| buffer[(column, row)].symbol()).collect::<String>().trim_end().to_owned()
            + "\n"
    };
    (0..rows).map(row).collect()
}

fn view(traffic: &Traffic) -> TrafficView<'_> {
    TrafficView {
        traffic,
        url: "slcan:tcp://127.0.0.1:7180",
        log: Some("link.log"),
        only: None,
        scroll: 0,
        held: false,
        silent: Duration::ZERO,
    }
}

#[test]
fn everything_that_was_heard_stands_in_the_table() {
    let traffic = traffic();
    expect_file!["screens/traffic-132x30.txt"].assert_eq(&text(&view(&traffic), 132, 30));
}

#[test]
fn one_node_alone_on_a_small_screen_and_silence_shows() {
    let traffic = traffic();
    let view = TrafficView {
        only: Some(Section::Node(1)),
        silent: Duration::from_secs(7),
        log: None,
        ..view(&traffic)
    };
    expect_file!["screens/traffic-80x24.txt"].assert_eq(&text(&view, 80, 24));
}

#[test]
fn any_size_is_drawn() {
    let traffic = traffic();
    for (columns, rows) in [(1, 1), (20, 3), (40, 10), (300, 100)] {
        for scroll in [0, 5, 500] {
            let _ = text(&TrafficView { scroll, ..view(&traffic) }, columns, rows);
        }
    }
}
