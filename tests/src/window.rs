//! The real window on a screen of its own: Xvfb, a session bus, tauri-driver, and the words that a test needs to drive it.
//! Everything waits for what it wants to see; nothing sleeps for a fixed time.

use crate::digit::{Home, program};
use crate::error::{Error, at};
use crate::program::Program;
use crate::screen::Screen;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a painted frame may take to get from the page to the window.
const HANDED_OVER: Duration = Duration::from_millis(300);

/// How long a call to the driver may take; one that never answers would hold everything after it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// How long the driver may take to close a window.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// How a window whose pictures are taken draws: by the processor, but handed over in buffers. Without those, as the program
/// chooses where there is no graphics card, the driver waits for ever for a picture.
pub const PICTURED: (&str, &str) = ("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1");

/// The window of `digit-installer`; closed when it is dropped. A driver cannot outlive the test that holds it.
pub struct Window {
    runtime: tokio::runtime::Runtime,
    client: Client,
    driver: Program,
    display: String,
    application: PathBuf,
    surroundings: Vec<(String, OsString)>,
    _bus: Program,
    _screen: Program,
}

impl Window {
    /// Opens the window in a home of its own, on a screen of 1366 × 768. `environment` is added to what it sees.
    ///
    /// # Errors
    /// When something is missing or the window does not open.
    pub fn open(home: &Home, environment: &[(&str, &str)]) -> Result<Self, Error> {
        let application = program("digit-installer")?;
        let folder = home.path();
        let mut xvfb = Command::new(places::program("Xvfb")?);
        xvfb.args(["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp"]);
        let (screen, display) = Program::start_announcing(xvfb, "Xvfb", folder)?;
        let mut dbus = Command::new(places::program("dbus-daemon")?);
        dbus.args(["--session", "--nofork", "--print-address=1"]);
        let (bus, address) = Program::start_announcing(dbus, "dbus-daemon", folder)?;

        let [port, native] = free_ports()?;
        let mut surroundings: Vec<(String, OsString)> = vec![
            ("DISPLAY".into(), format!(":{display}").into()),
            ("DBUS_SESSION_BUS_ADDRESS".into(), address.into()),
            ("DIGIT_HOME".into(), home.data().into()),
            ("DIGIT_PASSPHRASE_FILE".into(), home.passphrase().into()),
            ("HOME".into(), folder.into()),
            ("XDG_DATA_HOME".into(), folder.join("share").into()),
            ("XDG_CONFIG_HOME".into(), folder.join("config").into()),
            ("LANG".into(), "en_US.UTF-8".into()),
            ("LC_ALL".into(), "C.UTF-8".into()),
            ("GDK_BACKEND".into(), "x11".into()),
            ("NO_AT_BRIDGE".into(), "1".into()),
        ];
        surroundings.extend(environment.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))));
        let mut command = Command::new(places::tauri_driver()?);
        command
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            // where the system's dialogs propose to save
            .current_dir(folder)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("KUBECONFIG")
            .envs(surroundings.clone());
        let mut driver = Program::start(command, "tauri-driver", folder)?;
        let listens = |port| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        driver.wait_until(20, || listens(port) && listens(native))?;

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(at("a runtime"))?;
        let wanted = json!({"browserName": "wry", "tauri:options": {"application": &application}});
        let Value::Object(capabilities) = wanted else { unreachable!("an object was written one line above") };
        let address = format!("http://127.0.0.1:{port}");
        let client = runtime
            .block_on(async {
                ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&address).await
            })
            .map_err(|why| Error::Window { what: "open".into(), why: why.to_string() })?;
        let display = format!(":{display}");
        Ok(Self { runtime, client, driver, display, application, surroundings, _bus: bus, _screen: screen })
    }

    fn ask<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, fantoccini::error::CmdError>>,
    ) -> Result<T, Error> {
        let failed = |why: String| Error::Window { what: what.to_owned(), why };
        let answer = self.runtime.block_on(async { tokio::time::timeout(ANSWERS_WITHIN, answer).await });
        let answer = answer.map_err(|_| failed("the driver does not answer".into()))?;
        answer.map_err(|why| failed(why.to_string()))
    }

    fn find(&self, what: &str, xpath: &str) -> Result<Element, Error> {
        let found = self.ask(what, self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(xpath)));
        found.map_err(|_| Error::Window {
            what: format!("waits for {what}"),
            why: format!("it shows:\n{}", self.text().unwrap_or_default()),
        })
    }

    /// Takes what the system's own dialog proposes: it belongs to no page, so no driver reaches it. Waits until `done`.
    ///
    /// # Errors
    /// When no dialog takes the key in time.
    pub fn accept_dialog(&self, done: &Path) -> Result<(), Error> {
        let xdotool = places::program("xdotool")?;
        let until = Instant::now() + PATIENCE;
        while !done.exists() {
            if Instant::now() > until {
                return Err(Error::Window { what: "waits for the system's dialog".into(), why: self.text()? });
            }
            let found = Command::new(&xdotool)
                .args(["search", "--onlyvisible", "--class", "digit-installer"])
                .env("DISPLAY", &self.display)
                .output()
                .map_err(at("xdotool"))?;
            // The newest window stands last: without a window manager the focus has to be given to it.
            if let Some(dialog) = String::from_utf8_lossy(&found.stdout).lines().last() {
                Command::new(&xdotool)
                    .args(["windowfocus", "--sync", dialog, "key", "Return"])
                    .env("DISPLAY", &self.display)
                    .status()
                    .map_err(at("xdotool"))?;
            }
            std::thread::sleep(Duration::from_millis(700));
        }
        Ok(())
    }

    /// Presses the cross of the window.
    ///
    /// # Errors
    /// When there is no window to be seen.
    pub fn close(&self) -> Result<(), Error> {
        Screen::of(&self.display)?.ask_to_close()
    }

    /// Whether a window of the program is to be seen.
    ///
    /// # Errors
    /// When the screen does not answer.
    pub fn is_seen(&self) -> Result<bool, Error> {
        Ok(!Screen::of(&self.display)?.windows()?.is_empty())
    }

    /// Starts the program once more, as somebody does who looks for its window, and waits until that start has ended.
    ///
    /// # Errors
    /// When it cannot be started or goes on beside the first.
    pub fn start_again(&self) -> Result<(), Error> {
        let mut command = Command::new(&self.application);
        command.env_remove("WAYLAND_DISPLAY").envs(self.surroundings.clone());
        let mut second = command.spawn().map_err(at(&self.application))?;
        let ended = crate::cluster::wait("end of a second start", PATIENCE, || {
            Ok(second.try_wait().map_err(at(&self.application))?.is_some())
        });
        // it may have ended by itself; what counts is that it is gone
        let _ = second.kill();
        let _ = second.wait();
        ended
    }

    /// Process id of the program behind the window; none if it has ended.
    ///
    /// # Errors
    /// When the system lists no processes.
    pub fn process(&self) -> Result<Option<u32>, Error> {
        let wanted = std::fs::canonicalize(&self.application).map_err(at(&self.application))?;
        let home = self.surroundings.iter().find(|(name, _)| name == "DIGIT_HOME");
        let mark = home.map(|(name, value)| format!("{name}={}", value.display())).unwrap_or_default();
        for entry in std::fs::read_dir("/proc").map_err(at("/proc"))?.flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let of_home = std::fs::read(entry.path().join("environ"))
                .is_ok_and(|all| all.split(|&b| b == 0).any(|line| line == mark.as_bytes()));
            if of_home && std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == wanted) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Ends the program as a power cut does: kill -9.
    ///
    /// # Errors
    /// When it does not run, or does not end.
    pub fn kill(&self) -> Result<(), Error> {
        let Some(id) = self.process()? else {
            return Err(Error::Window { what: "kill".into(), why: "the program does not run".into() });
        };
        Command::new("kill").args(["-9", &id.to_string()]).status().map_err(at("kill"))?;
        self.wait_for_end()
    }

    /// Waits until the program has ended.
    ///
    /// # Errors
    /// When it does not.
    pub fn wait_for_end(&self) -> Result<(), Error> {
        crate::cluster::wait("end of the program", Duration::from_secs(120), || Ok(self.process()?.is_none()))
    }

    /// Presses a button or link with this name, or with this name among others.
    ///
    /// # Errors
    /// When there is none.
    pub fn press(&self, name: &str) -> Result<(), Error> {
        let name = quoted(name);
        let named = format!("normalize-space()={name} or @aria-label={name} or span[normalize-space()={name}]");
        let element = self.find(&format!("button {name}"), &format!("(//button|//a|//*[@role='button'])[{named}]"))?;
        self.ask("press", element.click())
    }

    /// Chooses what has this id or carries this label: a radio button, a check box, a card.
    ///
    /// # Errors
    /// When there is none.
    pub fn choose(&self, label: &str) -> Result<(), Error> {
        let label = quoted(label);
        let path = format!(
            "//label[@for={label}] | //label[contains(normalize-space(), {label})] | //*[@role='radio' or @role='checkbox'][contains(normalize-space(), {label})]"
        );
        let element = self.find(&format!("choice {label}"), &path)?;
        self.ask("choose", element.click())
    }

    /// Writes into the field with this label or id, in place of what is there.
    ///
    /// # Errors
    /// When there is none.
    pub fn fill(&self, label: &str, text: &str) -> Result<(), Error> {
        let label = quoted(label);
        let path = format!(
            "//*[@id=//label[starts-with(normalize-space(), {label})]/@for] | //*[self::input or self::textarea][@aria-label={label} or @id={label}]"
        );
        let element = self.find(&format!("field {label}"), &path)?;
        self.ask("clear", element.clear())?;
        self.ask("fill", element.send_keys(text))
    }

    /// Strikes keys one after the other where the focus is; [`fantoccini::key::Key`] names the special ones.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn strike(&self, keys: &str) -> Result<(), Error> {
        let strokes = keys.chars().fold(KeyActions::new("keyboard".into()), |strokes, key| {
            strokes.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key })
        });
        self.ask("keys", self.client.perform_actions(strokes))
    }

    /// Goes on with Tab until the focus is on something with this name (its text, label or `aria-label` begins with it).
    ///
    /// # Errors
    /// When it cannot be reached by Tab.
    pub fn tab_to(&self, name: &str) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let focused = self.run(FOCUSED, Vec::new())?;
            if focused.as_array().into_iter().flatten().any(|n| n.as_str().is_some_and(|n| n.starts_with(name))) {
                return Ok(());
            }
            self.strike(&char::from(Key::Tab).to_string())?;
        }
        Err(Error::Window {
            what: format!("Tab to {name:?}"),
            why: format!("it shows:\n{}", self.text().unwrap_or_default()),
        })
    }

    /// Waits until this text is to be seen.
    ///
    /// # Errors
    /// When it does not come in time; the error holds what is shown instead.
    pub fn wait_for(&self, text: &str, at_most: Duration) -> Result<(), Error> {
        let seen = crate::cluster::wait(text, at_most, || Ok(self.text()?.contains(text)));
        seen.map_err(|_| Error::Window {
            what: format!("waits for {text:?}"),
            why: format!("it shows:\n{}", self.text().unwrap_or_default()),
        })
    }

    /// All text that is to be seen.
    ///
    /// # Errors
    /// When the window does not answer.
    pub fn text(&self) -> Result<String, Error> {
        Ok(self.run("return document.body.innerText", Vec::new())?.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When the script throws.
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, Error> {
        self.ask("script", self.client.execute(script, arguments))
    }

    /// Saves what the window shows as PNG. It must have been opened with [`PICTURED`] where there is no graphics card.
    ///
    /// # Errors
    /// When there is no picture or it cannot be written.
    pub fn picture(&self, path: &Path) -> Result<(), Error> {
        // What the page says is painted with the next frame; the one after it shows that this has happened.
        let painted = "const done = arguments[arguments.length - 1];
            document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
        self.ask("frame", self.client.execute_async(painted, Vec::new()))?;
        // The driver takes its picture from what the window was handed last, which may be the page before.
        std::thread::sleep(HANDED_OVER);
        let png = self.ask("picture", self.client.screenshot())?;
        std::fs::write(path, png).map_err(at(path))
    }

    /// What axe-core finds wrong with the page as it is, one line a finding: rule, help, first element.
    ///
    /// # Errors
    /// When axe-core is not installed or does not run.
    pub fn axe(&self) -> Result<Vec<String>, Error> {
        let path = places::root().join("ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&path).map_err(at(path))?;
        self.run(&axe, Vec::new())?;
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
               .then(r => done(r.violations.map(v => `${v.id}: ${v.help}: ${v.nodes[0].html}`)), e => done([`axe: ${e}`]));";
        let found = self.ask("axe", self.client.execute_async(script, Vec::new()))?;
        Ok(found.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(String::from)).collect())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // the session first, so that the driver closes the window; then the driver, which closes what drives WebKit
        // a window that was killed leaves a driver that waits for it
        let closed = async { tokio::time::timeout(CLOSED_WITHIN, self.client.clone().close()).await };
        let _ = self.runtime.block_on(closed);
        self.driver.ask_to_end();
    }
}

/// The names of what has the focus, its id among them.
const FOCUSED: &str = "const e = document.activeElement;
    return [e.id, e.getAttribute('aria-label'), ...[...(e.labels ?? [])].map(l => l.innerText), e.innerText]
        .filter(Boolean).map(t => t.replace(/\\s+/g, ' ').trim());";

/// A text as XPath writes it.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

fn free_ports() -> Result<[u16; 2], Error> {
    let mut ports = [0; 2];
    let listeners = [
        TcpListener::bind("127.0.0.1:0").map_err(at("127.0.0.1"))?,
        TcpListener::bind("127.0.0.1:0").map_err(at("127.0.0.1"))?,
    ];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr().map_err(at("127.0.0.1"))?.port();
    }
    Ok(ports)
}
