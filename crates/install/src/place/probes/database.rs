//! A PostgreSQL of one's own: can pods reach it, may our role sign in, is the database there, new enough, and may tables
//! be made in it.

use cluster::OneOff;
use engine::Cause;
use secrecy::SecretString;

use super::program::{Try, on_the_way, script, strange, what};
use crate::answers::OurDatabase;
use crate::error::Error;
use crate::place::verdict::Verdict;
use crate::plan::Planned;

const SCRIPT: &str = include_str!("database.sh");
/// The user `postgres` of the image.
const USER: i64 = 999;
/// DIGIT's own guides name 14 and 15. Older than 12 nobody has kept for years, and nobody tries them.
const OLDEST: u32 = 12;

pub(super) fn to_try(ours: &OurDatabase, planned: &Planned, simulated: bool) -> Result<Try, Error> {
    // What is simulated needs nobody's password.
    let password = if simulated { SecretString::default() } else { crate::home::read_secret(&ours.password_file)? };
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let one = OneOff {
        image: catalog::database_client_image(),
        user: USER,
        script: script(SCRIPT),
        env: vec![
            pair("PGHOST", ours.host.clone()),
            pair("PGPORT", ours.port.to_string()),
            pair("PGUSER", ours.user.clone()),
            pair("PGDATABASE", ours.name.clone()),
            pair("OLDEST", (OLDEST * 10_000).to_string()),
        ],
        secret_env: vec![("PGPASSWORD".to_owned(), password)],
    };
    let what = what(planned, ours, &ours.password_file);
    let ours = ours.clone();
    Ok(Try { check: "database", what, one: Ok(one), meaning: Box::new(move |code, said| meaning(code, said, &ours)) })
}

/// What an end of the script means.
fn meaning(code: i64, said: &str, ours: &OurDatabase) -> Verdict {
    if let Some(verdict) = on_the_way(code, &ours.host, ours.port) {
        return verdict;
    }
    let cause = |code: &str| {
        let cause = Cause::new(code).with("host", &ours.host).with("name", &ours.name).with("user", &ours.user);
        cause.with("said", if said.is_empty() { "-" } else { said })
    };
    match (code, said) {
        (0, _) => Verdict::Passed,
        (13, _) => Verdict::NotPassed(cause("check-database-not-postgresql").with("port", ours.port)),
        (14, _) => Verdict::NotPassed(cause("check-database-starting")),
        (15, _) => Verdict::NotPassed(cause("check-database-sign-in")),
        (16, _) => Verdict::NotPassed(cause("check-database-missing")),
        (17, _) => Verdict::NotPassed(cause("check-database-no-entry")),
        (18, version) => {
            Verdict::Short(cause("check-database-old").with("version", of_number(version)).with("oldest", OLDEST))
        }
        // SQLSTATE 25006: a copy that only reads.
        (19, "25006") => Verdict::NotPassed(cause("check-database-read-only")),
        (19, _) => Verdict::NotPassed(cause("check-database-no-tables")),
        (code, said) => strange(code, said),
    }
}

/// `110022` is 11.22, `90603` is 9.6.3.
fn of_number(number: &str) -> String {
    match number.parse::<u32>() {
        Ok(n) if n >= 100_000 => format!("{}.{}", n / 10_000, n % 10_000),
        Ok(n) => format!("{}.{}.{}", n / 10_000, n / 100 % 100, n % 100),
        Err(_) => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::tests::read;
    use super::*;

    fn ours() -> OurDatabase {
        OurDatabase {
            host: "127.0.0.1".into(),
            port: 5432,
            name: "digit".into(),
            user: "digit".into(),
            password_file: "/none".into(),
        }
    }

    #[test]
    fn every_end_means_one_thing() {
        for (code, said, wanted) in [
            (0, "150018", "passed"),
            (10, "", "not check-try-no-address"),
            (11, "", "not check-try-refused"),
            (12, "", "not check-try-timed-out"),
            (13, "", "not check-database-not-postgresql"),
            (14, "", "not check-database-starting"),
            (15, "FATAL", "not check-database-sign-in"),
            (16, "FATAL", "not check-database-missing"),
            (17, "FATAL", "not check-database-no-entry"),
            (18, "110022", "short check-database-old"),
            (19, "42501", "not check-database-no-tables"),
            (19, "3F000", "not check-database-no-tables"),
            (19, "25006", "not check-database-read-only"),
            (1, "", "note check-try-ended"),
            (127, "psql: not found", "note check-try-ended"),
            (137, "", "note check-try-ended"),
        ] {
            assert_eq!(read(&meaning(code, said, &ours())), wanted, "{code} {said}");
        }
        let Verdict::Short(old) = meaning(18, "110022", &ours()) else { panic!() };
        assert_eq!(old.args["version"], "11.22");
        assert_eq!(of_number("90603"), "9.6.3");
    }

    /// The script against programs that answer as PostgreSQL's do, over a real port.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_script_ends_as_the_server_answers() {
        use super::super::program::tests::run;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap().port().to_string();
        let closed = {
            let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            gone.local_addr().unwrap().port().to_string()
        };
        // `psql -c` is the version; `-f -` is what came on its standard input.
        let psql = |version: &str, postgres: &str, create: &str| {
            format!(
                "case \"$PGDATABASE $*\" in\n\
                 postgres*) cat > /dev/null; {postgres} ;;\n\
                 *'-c '*) {version} ;;\n\
                 *) cat > /dev/null; {create} ;;\nesac"
            )
        };
        let fine = psql("echo 150018", "echo 1", "true");
        let refused = "echo 'FATAL:  no' >&2; exit 2";
        for (host, port, ready, psql, code, said) in [
            ("no-such-host.invalid", &open, "exit 0", fine.clone(), 10, "no address for no-such-host.invalid"),
            ("127.0.0.1", &closed, "exit 0", fine.clone(), 11, "nothing listens"),
            ("127.0.0.1", &open, "exit 2", fine.clone(), 13, "does not speak"),
            ("127.0.0.1", &open, "exit 1", fine.clone(), 14, "starting"),
            ("127.0.0.1", &open, "exit 0", psql(refused, refused, ""), 15, "FATAL:  no"),
            ("127.0.0.1", &open, "exit 0", psql(refused, "echo 0", ""), 16, "FATAL:  no"),
            ("127.0.0.1", &open, "exit 0", psql(refused, "echo 1", ""), 17, "FATAL:  no"),
            ("127.0.0.1", &open, "exit 0", psql("echo 110022", "echo 1", "true"), 18, "110022"),
            (
                "127.0.0.1",
                &open,
                "exit 0",
                psql("echo 150018", "", "echo 'psql:<stdin>:1: ERROR:  42501' >&2; exit 3"),
                19,
                "42501",
            ),
            ("127.0.0.1", &open, "exit 0", fine.clone(), 0, "150018"),
        ] {
            let env = [
                ("PGHOST", host),
                ("PGPORT", port.as_str()),
                ("PGUSER", "digit"),
                ("PGDATABASE", "digit"),
                ("PGPASSWORD", "x"),
                ("OLDEST", "120000"),
            ];
            let (ended, heard) = run(&script(SCRIPT), &env, &[("pg_isready", ready), ("psql", &psql)]);
            assert_eq!(ended, code, "{host} {ready}: {heard}");
            assert!(heard.contains(said), "{code}: {heard}");
        }
    }
}
