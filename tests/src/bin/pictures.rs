//! `pictures FOLDER`: goes through the rehearsal in the real window and saves a picture of every screen, in both languages.

use std::path::Path;
use tests::digit::Home;
use tests::walk::{Hand, rehearsal};
use tests::window::PICTURED;
use tests::{Error, Window};

fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "docs/pictures".into());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.into(), source })?;
    let home = Home::new()?;
    let window = Window::open(&home, &[PICTURED])?;
    let mut number = 0;
    rehearsal(&window, Hand::Mouse, |screen, window| {
        number += 1;
        window.picture(&folder.join(format!("{number:02}-{screen}.png")))
    })
}
