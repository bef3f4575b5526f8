//! What the keys do to the site and to the screen.

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use voltower_cli::args::Speed;
use voltower_cli::run::{App, Command, command};
use voltower_cli::screen::Overlay;
use voltower_cli::site::Site;
use voltower_core::{Duration, Instant, TowerState};
use voltower_sim::Scenario;

fn app() -> App {
    let mut scenario = Scenario::summer_day().expect("the built-in day");
    scenario.events.clear();
    let site = Site::new(&scenario);
    let end = site.end();
    App::new(site, Speed::Times(60), end)
}

fn press(app: &mut App, key: char) -> bool {
    let event = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
    command(&app.ui().overlay.clone(), event).is_some_and(|command| app.obey(command))
}

fn wait(app: &mut App, length: Duration) {
    let until = app.site_mut().now() + length;
    app.site_mut().advance_to(until);
}

fn state(app: &mut App) -> Option<TowerState> {
    app.site_mut().observation().towers[0].state()
}

#[test]
fn b_starts_the_tower_and_holding_it_shuts_it_down() {
    let mut app = app();
    wait(&mut app, Duration::secs(10));
    assert_eq!(state(&mut app), None, "nobody has pressed anything");
    press(&mut app, 'b');
    wait(&mut app, Duration::mins(2));
    assert_eq!(state(&mut app), Some(TowerState::Discharging));
    press(&mut app, 'B');
    wait(&mut app, Duration::mins(1));
    assert!(matches!(state(&mut app), Some(TowerState::Stopping | TowerState::Shutdown)));
    assert!(app.site_mut().observation().towers[0].status.is_some_and(|status| status.stale), "it is silent");
}

#[test]
fn d_opens_the_switch_and_closes_it_again() {
    let mut app = app();
    press(&mut app, 'b');
    wait(&mut app, Duration::mins(2));
    for (closed, then) in [(false, TowerState::Standby), (true, TowerState::Discharging)] {
        press(&mut app, 'd');
        wait(&mut app, Duration::mins(2));
        let observation = app.site_mut().observation();
        assert_eq!(observation.towers[0].panel.map(|panel| panel.dc_switch_closed), Some(closed));
        assert_eq!(observation.towers[0].state(), Some(then));
    }
}

#[test]
fn x_opens_a_menu_that_breaks_and_repairs() {
    let mut app = app();
    press(&mut app, 'b');
    wait(&mut app, Duration::mins(2));
    press(&mut app, 'x');
    let fuse = loop {
        let Overlay::Break { entries, chosen } = &app.ui().overlay else { panic!("no menu") };
        if entries[*chosen].0 == "fuse open" {
            break *chosen;
        }
        app.obey(Command::Down);
    };
    app.obey(Command::Choose);
    let Overlay::Break { entries, .. } = &app.ui().overlay else { panic!("no menu") };
    assert!(entries[fuse].1, "marked as broken");
    wait(&mut app, Duration::secs(20));
    assert_eq!(state(&mut app), Some(TowerState::Faulted));
    assert_eq!(app.site_mut().broken(), ["fuse open"]);
    app.obey(Command::Choose);
    assert_eq!(app.site_mut().broken(), [""; 0]);
    press(&mut app, 'q');
    assert_eq!(app.ui().overlay, Overlay::None, "q closes the menu, not the program");
}

#[test]
fn g_takes_the_grid_away() {
    let mut app = app();
    press(&mut app, 'g');
    wait(&mut app, Duration::secs(5));
    assert!(app.site_mut().log().iter().any(|line| line.text == "power cut"));
    press(&mut app, 'g');
    wait(&mut app, Duration::secs(5));
    assert!(app.site_mut().log().iter().any(|line| line.text == "the grid is back"));
}

#[test]
fn the_other_keys_change_the_screen_alone() {
    let mut app = app();
    press(&mut app, '+');
    assert_eq!(app.ui().pace.speed, Speed::Times(120));
    press(&mut app, '-');
    press(&mut app, '-');
    assert_eq!(app.ui().pace.speed, Speed::Times(30));
    press(&mut app, ' ');
    assert!(app.ui().pace.paused);
    press(&mut app, 't');
    assert!(app.ui().truth);
    press(&mut app, '?');
    assert_eq!(app.ui().overlay, Overlay::Help);
    press(&mut app, 'b');
    assert_eq!(app.ui().overlay, Overlay::None, "any key closes the help");
    app.obey(Command::Next);
    assert_eq!(app.ui().selection.module, 1);
    assert_eq!(app.site_mut().now(), Instant::ZERO);
    assert!(press(&mut app, 'q'));
}

#[test]
fn control_c_quits_from_everywhere() {
    let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let menu = Overlay::Break { entries: Vec::new(), chosen: 0 };
    for overlay in [Overlay::None, Overlay::Help, menu] {
        assert_eq!(command(&overlay, key), Some(Command::Quit));
    }
}

#[test]
fn the_app_draws_itself() {
    let mut app = app();
    press(&mut app, 'b');
    wait(&mut app, Duration::mins(2));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 100, 45));
    app.draw(Instant::ZERO, &mut buffer);
    let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
    assert!(
        text.contains("Tower 1 discharging") && text.contains("black-start switch held for 1 s"),
        "{text}"
    );
}

#[test]
fn modules_of_a_tower_that_sleeps_are_not_told_to_be_silent() {
    let text = "title = \"night\"\nduration = \"12 h\"\nstart = \"20:00\"\nperiod = \"1 s\"\n\
                [inverter]\nmode = \"self-consumption\"\n[house]\nload = \"400 W\"\n\
                [[tower]]\nmodel = \"E5\"\nsoc = \"12 %\"\n[[event]]\nat = \"+1 s\"\npress = \"1 s\"\n\
                [[event]]\nat = \"+2 min\"\ngrid = \"off\"\n";
    let scenario = Scenario::parse("night.toml", text, &|_| unreachable!()).expect("a good scenario");
    let site = Site::new(&scenario);
    let end = site.end();
    let mut app = App::new(site, Speed::Times(60), end);
    wait(&mut app, Duration::hours(6));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 130, 60));
    app.draw(Instant::ZERO, &mut buffer);
    let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
    assert!(text.contains("asleep") && !text.contains("module 1 is silent"), "{text}");
}
