//! Makes `data/cells/a123-2.5ah.toml` and `data/cells/sony-3ah.toml` from `data/measured`:
//! `cargo run --release -p voltower-lab --example make_cells`.

use std::error::Error;
use std::fs;
use std::path::Path;

use voltower_lab::shipped;

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let a123 = shipped::a123(&data.join("measured"))?;
    fs::write(data.join("cells/a123-2.5ah.toml"), a123.to_toml())?;
    let sony = shipped::sony(&data.join("measured"), &a123)?;
    fs::write(data.join("cells/sony-3ah.toml"), sony.to_toml())?;
    Ok(())
}
