//! What the window manager does to a window when a person presses its cross, and whether it is to be seen at all. The
//! screens of tests have no manager, so its messages are sent from here.

use crate::error::Error;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window as Id,
};
use x11rb::rust_connection::RustConnection;

/// Class of the product's windows.
const CLASS: &str = "digit-installer";

/// An X display that we look at.
pub(crate) struct Screen {
    x: RustConnection,
    root: Id,
    protocols: Atom,
    delete: Atom,
}

impl Screen {
    /// Looks at a display, like `:99`.
    pub(crate) fn of(display: &str) -> Result<Self, Error> {
        let (x, number) = RustConnection::connect(Some(display)).map_err(trouble)?;
        let root = x.setup().roots.get(number).map(|screen| screen.root).unwrap_or_default();
        let atom = |name: &[u8]| -> Result<Atom, Error> {
            Ok(x.intern_atom(false, name).map_err(trouble)?.reply().map_err(trouble)?.atom)
        };
        let (protocols, delete) = (atom(b"WM_PROTOCOLS")?, atom(b"WM_DELETE_WINDOW")?);
        Ok(Self { x, root, protocols, delete })
    }

    /// The product's windows that are to be seen.
    pub(crate) fn windows(&self) -> Result<Vec<Id>, Error> {
        let all = self.x.query_tree(self.root).map_err(trouble)?.reply().map_err(trouble)?.children;
        let mut ours = Vec::new();
        for window in all {
            let seen = self.x.get_window_attributes(window).map_err(trouble)?.reply();
            let class = self.x.get_property(false, window, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 64);
            let class = class.map_err(trouble)?.reply();
            // a window that went away meanwhile is not to be seen
            let (Ok(seen), Ok(class)) = (seen, class) else { continue };
            if seen.map_state == MapState::VIEWABLE && String::from_utf8_lossy(&class.value).contains(CLASS) {
                ours.push(window);
            }
        }
        Ok(ours)
    }

    /// Asks the product's windows to close, as their cross does.
    pub(crate) fn ask_to_close(&self) -> Result<(), Error> {
        for window in self.windows()? {
            let event = ClientMessageEvent::new(32, window, self.protocols, [self.delete, 0, 0, 0, 0]);
            self.x.send_event(false, window, EventMask::NO_EVENT, event).map_err(trouble)?;
        }
        // An answer shows that everything before it has reached the display.
        self.x.get_input_focus().map_err(trouble)?.reply().map_err(trouble)?;
        Ok(())
    }
}

fn trouble(why: impl std::fmt::Display) -> Error {
    Error::Window { what: "look at the screen".into(), why: why.to_string() }
}
