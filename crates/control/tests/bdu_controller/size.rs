use voltower_control::bdu::{
    Activity, BduController, BlackStart, Inverter, Ladder, Sequence, Switch, VersionReader, Wiring,
};
use voltower_control::share::Sharing;

#[test]
fn the_controllers_state_is_small() {
    let size = size_of::<BduController>();
    println!("BDU controller: {size} bytes of state");
    assert!(size < 16 * 1024);
}

#[test]
fn each_state_machine_is_tiny() {
    let sizes = [
        ("Switch", size_of::<Switch>()),
        ("Inverter", size_of::<Inverter>()),
        ("Activity", size_of::<Activity>()),
        ("BlackStart", size_of::<BlackStart>()),
        ("Ladder", size_of::<Ladder>()),
        ("Sequence", size_of::<Sequence>()),
        ("VersionReader", size_of::<VersionReader>()),
        ("Wiring", size_of::<Wiring>()),
        ("Sharing", size_of::<Sharing>()),
    ];
    for (name, size) in sizes {
        println!("{name}: {size} bytes");
        assert!(size < 128, "{name} has {size} bytes");
    }
}
