//! The seed data as they are in eGov's archive, and files that are no good.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

use std::collections::BTreeMap;
use std::io::Write as _;

use digit_api::seed::{self, Move, batches, count_by_module};
use digit_api::user::{Role, UserType};
use digit_api::{Error, Tenants};
use secrecy::ExposeSecret as _;

const ARCHIVE: &str = "DIGIT-DevOps-a4356638b3d90280d4c41dcac1accfb5aac020d5.tar.gz";

fn tenants() -> Tenants {
    Tenants::new("pg", "pg.citya").unwrap()
}

fn text() -> String {
    seed::open(&places::shared().unwrap().join("digit").join(ARCHIVE)).unwrap()
}

#[test]
fn the_messages_are_counted_once_each_and_cut_as_localization_takes_them() {
    let seed = seed::read(&text(), &tenants()).unwrap();
    assert_eq!(seed.messages_in_file, 2_111 + 46 + 131 + 38 + 1_022);
    let counts: Vec<_> = count_by_module(&seed.messages).into_iter().collect();
    let of = |module: &str, count| ((module.to_owned(), "en_IN".to_owned()), count);
    assert_eq!(counts, [of("rainmaker-common", 2_260), of("rainmaker-pgr", 1_044)]);

    let cut = batches("pg", &seed.messages);
    assert_eq!(cut.iter().map(|b| b.messages.len()).sum::<usize>(), 3_304);
    let mut seen = BTreeMap::new();
    for batch in &cut {
        assert_eq!(batch.tenant, "pg");
        let bytes: usize = batch.messages.iter().map(|(c, m)| c.len() + m.len() + 80).sum();
        assert!(bytes < 200_000, "{bytes}");
        for (code, text) in &batch.messages {
            assert_eq!(
                seen.insert((batch.module.clone(), batch.locale.clone(), code.clone()), text),
                None,
                "{code} twice"
            );
        }
    }
}

#[test]
fn of_doubles_the_later_one_stays() {
    let raw: serde_json::Value = serde_json::from_str(&text()).unwrap();
    let mut last: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut differing = 0;
    for item in raw["item"].as_array().unwrap() {
        let body = item["request"]["body"]["raw"].as_str().unwrap_or("{}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        for m in body["messages"].as_array().into_iter().flatten() {
            let text = |f: &str| m[f].as_str().unwrap().to_owned();
            if last.insert((text("module"), text("code")), text("message")).is_some_and(|old| old != text("message")) {
                differing += 1;
            }
        }
    }
    assert!(differing > 0, "else this proves nothing");
    let seed = seed::read(&text(), &tenants()).unwrap();
    for m in &seed.messages {
        assert_eq!(last.get(&(m.module.clone(), m.code.clone())), Some(&m.message), "{}", m.code);
    }
}

#[test]
fn the_slip_is_corrected_and_said() {
    let seed = seed::read(&text(), &tenants()).unwrap();
    let [definition] = seed.workflows.as_slice() else { panic!("{:?}", seed.workflows.len()) };
    assert_eq!((definition.name(), definition.tenant()), ("PGR", "pg"));
    let of = |state: &str, action: &str, next: &str| Move {
        state: state.to_owned(),
        action: action.to_owned(),
        next: next.to_owned(),
    };
    let moves = definition.moves();
    assert!(moves.contains(&of("RESOLVED", "RATE", "CLOSEDAFTERRESOLUTION")));
    assert!(!moves.contains(&of("RESOLVED", "RATE", "CLOSEDAFTERREJECTION")));
    assert!(moves.contains(&of("REJECTED", "RATE", "CLOSEDAFTERREJECTION")));
    assert_eq!(moves.len(), 11);
    let [correction] = seed.corrections.as_slice() else { panic!("{:?}", seed.corrections) };
    assert_eq!(correction.code, "workflow-corrected");
    assert_eq!(correction.args["is"], "CLOSEDAFTERRESOLUTION");
}

#[test]
fn people_are_those_of_the_file_with_the_codes_of_the_installation() {
    let seed = seed::read(&text(), &Tenants::new("ka", "ka.mysuru").unwrap()).unwrap();
    let [officer, citizen] = seed.people.as_slice() else { panic!() };
    assert_eq!((officer.user_name.as_str(), officer.tenant.as_str()), ("GRO", "ka.mysuru"));
    assert!(officer.roles.contains(&Role::new("SUPERUSER", "ka")));
    assert!(officer.roles.contains(&Role::new("PGR_LME", "ka.mysuru")));
    // Kept under the state whatever the file says; MALE, not Male.
    assert_eq!((citizen.user_type, citizen.tenant.as_str()), (UserType::Citizen, "ka"));
    assert_eq!(citizen.gender.as_deref(), Some("MALE"));
    let [employee] = seed.employees.as_slice() else { panic!() };
    assert_eq!(employee["code"], "LATANAIK");
    assert_eq!(employee["jurisdictions"][0]["boundary"], "ka.mysuru");
    assert!(!employee.to_string().contains("pg.citya"));
    assert_eq!(seed.workflows[0].tenant(), "ka");
    assert!(!format!("{seed:?}").contains(officer.password.expose_secret()), "a password in Debug");
}

fn refused(text: &str) -> (String, &'static str) {
    match seed::read(text, &tenants()) {
        Err(Error::Seed { place, reason, .. }) => (place, reason),
        other => panic!("{other:?}"),
    }
}

fn collection(url: &str, raw: &str) -> String {
    serde_json::json!({"item": [
        {"name": "first", "item": [{"name": "inner", "request": {"url": {"raw": url}, "body": {"mode": "raw", "raw": raw}}}]},
    ]})
    .to_string()
}

#[test]
fn what_is_no_good_is_said_with_its_place() {
    let upsert = "http://h/localization/messages/v1/_upsert";
    let message = |module: &str, text: &str| {
        serde_json::json!({"messages": [
            {"code": "A", "module": "m", "locale": "l", "message": "ok"},
            {"code": "B", "module": module, "locale": "l", "message": text},
        ]})
        .to_string()
    };
    let inner = "item[0] first item[0] inner";
    for (text, place, reason) in [
        (String::new(), "collection".to_owned(), "not-json"),
        ("{\"item\": [".to_owned(), "collection: item".to_owned(), "not-json"),
        ("[1]".to_owned(), "collection: [0]".to_owned(), "no-collection"),
        ("{\"info\": 1}".to_owned(), "collection".to_owned(), "no-collection"),
        ("{\"item\": []}".to_owned(), "collection".to_owned(), "empty"),
        ("{\"item\": []} more".to_owned(), "collection".to_owned(), "not-json"),
        (collection("{{host}}/some/_create", "{}"), inner.to_owned(), "unknown-call"),
        (collection(upsert, " "), inner.to_owned(), "no-body"),
        (collection(upsert, "{"), inner.to_owned(), "not-json"),
        (collection(upsert, &message("", "text")), format!("{inner}: messages[1]"), "empty"),
        (collection(upsert, &message("m", &"x".repeat(501))), format!("{inner}: messages[1]"), "too-long"),
        (collection(upsert, "{\"messages\": [{\"code\": 7}]}"), format!("{inner}: messages[0].code"), "wrong-shape"),
        (
            collection("http://h/user/users/_createnovalidate", "{\"user\": {\"password\": 1}}"),
            format!("{inner}: user.password"),
            "wrong-shape",
        ),
        (
            collection("http://h/egov-hrms/employees/_create?a=b", "{\"Employees\": [{}]}"),
            inner.to_owned(),
            "wrong-shape",
        ),
        (
            collection("http://h/egov-workflow-v2/egov-wf/businessservice/_create", "{\"BusinessServices\": [{}]}"),
            inner.to_owned(),
            "wrong-shape",
        ),
    ] {
        assert_eq!(refused(&text), (place, reason), "{text}");
    }
}

#[test]
fn a_wrong_value_is_not_repeated_it_may_be_a_password() {
    let raw = r#"{"user": {"userName": "a", "name": "a", "mobileNumber": "0", "type": "EMPLOYEE", "roles": [], "tenantId": "pg", "password": ["hush@Hush1"]}}"#;
    let error = seed::read(&collection("http://h/user/users/_createnovalidate", raw), &tenants()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
}

#[test]
fn a_file_is_read_as_json_and_out_of_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("seed_data.json");
    std::fs::write(&json, "{}").unwrap();
    assert_eq!(seed::open(&json).unwrap(), "{}");
    assert_eq!(seed::open(&folder.path().join("none.json")).unwrap_err().code(), "digit-file");

    let archive = |name: &str, inner: &str| {
        let path = folder.path().join(name);
        let gz = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(gz);
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, inner, &b"{}"[..]).unwrap();
        tar.into_inner().unwrap().finish().unwrap().flush().unwrap();
        path
    };
    let well = archive("a.tar.gz", "DIGIT-DevOps-1/deploy-as-code/bootstrap_scripts/seed_data.json");
    assert_eq!(seed::open(&well).unwrap(), "{}");
    let without = archive("b.tar.gz", "DIGIT-DevOps-1/deploy-as-code/other.json");
    assert!(matches!(seed::open(&without), Err(Error::Seed { reason: "no-seed-data", .. })));
    let cut = folder.path().join("c.tar.gz");
    std::fs::write(&cut, &std::fs::read(&well).unwrap()[..30]).unwrap();
    assert_eq!(seed::open(&cut).unwrap_err().code(), "digit-file");
}
