//! `control-plane`: starts a control plane, says `KUBECONFIG=PATH`, and stops when its standard input ends.

use std::io::Read;
use tests::{ControlPlane, Options};

fn main() -> Result<(), tests::Error> {
    let plane = ControlPlane::start(&Options::default())?;
    #[allow(clippy::print_stdout, reason = "who started it reads this line")]
    {
        println!("KUBECONFIG={}", plane.kubeconfig().display());
    }
    // whatever ends the reader, its side of the pipe closes: nothing is left running
    let mut ignored = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut ignored);
    Ok(())
}
