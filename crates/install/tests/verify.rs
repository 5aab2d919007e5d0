//! A DIGIT that nobody installed here is looked at as a person would: against the pretend DIGIT, which behaves as the real one's page says.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::sync::Mutex;

use digit_api::seed::{self, Seed};
use digit_api::steps::{self, Administrator, Existing, OtherPassword};
use digit_api::{Address, Addresses, Client, Memory, Patience, Remembered, Tenants};
use install::acceptance::{Acceptance, Because, Check, CheckCode, Outcome, Verdict};
use install::words::Words;
use install::{Error, Verifying};
use pretend_digit::{Condition, Options, Pretend};
use secrecy::SecretString;

const SEED: &str = "DIGIT-DevOps-a4356638b3d90280d4c41dcac1accfb5aac020d5.tar.gz";
const PASSWORD: &str = "Springf@1";

/// A DIGIT with its data and an administrator, as somebody else set it up; its entry lets nobody round the password.
async fn set_up() -> Pretend {
    let digit = Pretend::start(Options::default()).await.unwrap();
    digit.set(Condition::IsInternalFiltered);
    let tenants = Tenants::new("pg", "pg.citya").unwrap();
    let seed: Seed =
        seed::read(&seed::open(&places::shared().unwrap().join("digit").join(SEED)).unwrap(), &tenants).unwrap();
    let address = |text: String| Address::read(&text).unwrap();
    let addresses = Addresses {
        gateway: address(digit.gateway()),
        user_service: Some(address(digit.user_service())),
        web: address(digit.entry()),
    };
    let client = Client::new(addresses, Patience::default(), &reqwest::Client::builder).unwrap();
    let who = Administrator {
        user_name: "chief".into(),
        name: "Chief".into(),
        email: "chief@springfield.example".into(),
        mobile_number: "0000000007".into(),
        password: PASSWORD.into(),
    };
    let (session, _) = steps::administrator(&client, &tenants, &who, OtherPassword::Refuse).await.unwrap();
    steps::messages(&client, &session, "pg", &seed.messages, Existing::Keep, &|_| {}).await.unwrap();
    let mut memory = Memory::new(Remembered::default(), Box::new(|_| Ok(())));
    steps::workflows(&client, &session, &seed.workflows, &mut memory, &|_| {}).await.unwrap();
    digit
}

fn as_of(digit: &Pretend, user: &str, password: &str, read_only: bool) -> Verifying {
    Verifying {
        address: digit.entry(),
        user: user.to_owned(),
        password: SecretString::from(password.to_owned()),
        state: "pg".to_owned(),
        city: "pg.citya".to_owned(),
        read_only,
    }
}

fn failed(looked: &Acceptance) -> Vec<(CheckCode, String)> {
    let of = |check: &Check| match &check.outcome {
        Outcome::Failed { cause, .. } => Some((check.code, cause.code.clone())),
        _ => None,
    };
    looked.checks.iter().filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digit_of_others_is_looked_at_and_one_complaint_stays_there() {
    let (folder, digit) = (tempfile::tempdir().unwrap(), set_up().await);
    let installer = support::installer(folder.path(), &support::quick());
    let told = Mutex::new(0);
    let count = |_: &Check| *told.lock().unwrap() += 1;
    let what = as_of(&digit, "chief", PASSWORD, false);
    let looked = installer.verify(&what, &count).await.unwrap();
    assert_eq!((failed(&looked), looked.verdict), (vec![], Verdict::WorksHere));
    assert_eq!(*told.lock().unwrap(), CheckCode::ALL.len());
    assert_eq!(digit.view().complaints.len(), 1);
    // Again, also after this computer forgot it: it is the same complaint.
    installer.verify(&what, &|_| {}).await.unwrap();
    installer.home().drop("verified.json").unwrap();
    let looked = installer.verify(&what, &|_| {}).await.unwrap();
    assert_eq!((digit.view().complaints.len(), looked.verdict), (1, Verdict::WorksHere));
    // Only looking sends nothing that could be stored.
    let before = digit.calls().len();
    let looked = installer.verify(&as_of(&digit, "chief", PASSWORD, true), &|_| {}).await.unwrap();
    assert_eq!((failed(&looked), looked.verdict), (vec![], Verdict::WorksHere));
    let writes = ["_create", "_update", "_upsert", "/filestore/v1/files"];
    let sent = digit.calls().split_off(before);
    assert!(
        !sent.iter().any(|call| call.method == "POST" && writes.iter().any(|w| call.path.ends_with(w))),
        "{sent:?}"
    );
    // What is kept here holds no password.
    let kept = std::fs::read_to_string(folder.path().join("home/verified.json")).unwrap();
    assert!(kept.contains("complaint") && !kept.contains(PASSWORD), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_named_with_words_in_both_languages() {
    let (folder, digit) = (tempfile::tempdir().unwrap(), set_up().await);
    let installer = support::installer(folder.path(), &support::quick());
    let user = serde_json::json!({
        "requestInfo": {},
        "user": {"userName": "clerk", "name": "Clerk", "mobileNumber": "0000000008", "type": "EMPLOYEE", "active": true,
            "tenantId": "pg.citya", "password": PASSWORD, "emailId": "clerk@springfield.example",
            "roles": [{"code": "EMPLOYEE", "tenantId": "pg"}, {"code": "GRO", "tenantId": "pg.citya"}]}
    });
    let create = format!("{}/user/users/_createnovalidate", digit.user_service());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = serde_json::to_string(&user).unwrap();
    let made = client.post(create).header("content-type", "application/json").body(text).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.text().await.unwrap());

    // Which roles are missing is said.
    let looked = installer.verify(&as_of(&digit, "clerk", PASSWORD, false), &|_| {}).await.unwrap();
    assert_eq!(looked.verdict, Verdict::DoesNotWork);
    let roles = looked.checks.iter().find(|check| check.code == CheckCode::Roles).unwrap();
    let Outcome::Failed { cause, .. } = &roles.outcome else { panic!("{roles:?}") };
    assert_eq!(cause.args["roles"], "SUPERUSER@pg, PGR_LME@pg.citya, CSR@pg.citya");
    let created = looked.checks.iter().find(|check| check.code == CheckCode::ComplaintCreated).unwrap();
    assert_eq!(created.outcome, Outcome::NotTried(Because::Needs(CheckCode::Roles)));
    assert!(digit.view().complaints.is_empty());

    let wrong = installer.verify(&as_of(&digit, "chief", "Wr0ng@pass", false), &|_| {}).await.unwrap();
    assert!(failed(&wrong).contains(&(CheckCode::SignIn, "credentials-refused".to_owned())), "{:?}", failed(&wrong));
    digit.clear(&Condition::IsInternalFiltered);
    let open = installer.verify(&as_of(&digit, "chief", PASSWORD, false), &|_| {}).await.unwrap();
    assert_eq!(failed(&open), [(CheckCode::InternalToken, "internal-token".to_owned())]);

    for looked in [&looked, &wrong, &open] {
        for check in &looked.checks {
            let Outcome::Failed { cause, .. } = &check.outcome else { continue };
            for words in [Words::of("en"), Words::of("hi")] {
                let id = format!("digit-{}", cause.code);
                assert!(words.message(&id, None, &cause.args).is_some(), "{id}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_code_that_is_none_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let installer = support::installer(folder.path(), &support::quick());
    let of = |address: &str, city: &str| Verifying {
        address: address.to_owned(),
        user: "chief".to_owned(),
        password: PASSWORD.into(),
        state: "pg".to_owned(),
        city: city.to_owned(),
        read_only: true,
    };
    for (address, city, code) in [
        ("digit.springfield.example", "pg.citya", "digit-address-unusable"),
        ("ftp://digit.springfield.example", "pg.citya", "digit-address-unusable"),
        ("https://digit.springfield.example", "pb.citya", "digit-tenant-unusable"),
        ("https://digit.springfield.example", "pg.city-1", "digit-tenant-unusable"),
    ] {
        let refused: Error = installer.verify(&of(address, city), &|_| {}).await.unwrap_err();
        assert_eq!((refused.code(), refused.exit_code()), (code, 2), "{address} {city}");
        for words in [Words::of("en"), Words::of("hi")] {
            assert_eq!(words.cause(code, &refused.view().args).lines().count(), 3, "{code}");
        }
    }
}
