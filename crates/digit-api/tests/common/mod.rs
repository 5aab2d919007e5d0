//! The whole last stage against a pretend DIGIT, in small steps of time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use digit_api::acceptance::{Acceptance, Check, CheckCode, Expected, Outcome, Setup, accept};
use digit_api::seed::{self, Seed};
use digit_api::steps::{self, Administrator, Existing, OtherPassword};
use digit_api::user::{SignIn, UserType};
use digit_api::{Address, AddressKind, Addresses, Client, Done, Error, Memory, Patience, Remembered, Tenants};
use pretend_digit::{Condition, Options, Pretend};
use secrecy::SecretString;

pub(crate) const ARCHIVE: &str = "DIGIT-DevOps-a4356638b3d90280d4c41dcac1accfb5aac020d5.tar.gz";
pub(crate) const PASSWORD: &str = "Right@Pass7word";

pub(crate) fn tenants() -> Tenants {
    Tenants::new("pg", "pg.citya").unwrap()
}

/// eGov's own seed data.
pub(crate) fn real_seed() -> &'static Seed {
    static SEED: OnceLock<Seed> = OnceLock::new();
    SEED.get_or_init(|| {
        let text = seed::open(&places::shared().unwrap().join("digit").join(ARCHIVE)).unwrap();
        seed::read(&text, &tenants()).unwrap()
    })
}

/// The same with a handful of messages, for what is done many times over.
pub(crate) fn small_seed() -> &'static Seed {
    static SEED: OnceLock<Seed> = OnceLock::new();
    SEED.get_or_init(|| {
        let whole = real_seed();
        let messages = whole.messages.iter().step_by(400).cloned().collect();
        Seed { messages, ..whole.clone() }
    })
}

/// Times that are short, in the proportions of the real ones.
pub(crate) fn patience() -> Patience {
    let ms = Duration::from_millis;
    Patience {
        connect: ms(2_000),
        answer: ms(3_000),
        slow_answer: ms(3_000),
        tries: 3,
        pause: ms(20),
        longest_pause: ms(100),
        after_workflow: ms(200),
        search: ms(10),
        longest_search: ms(60),
        search_limit: ms(800),
    }
}

pub(crate) fn options() -> Options {
    Options {
        persister_delay: Duration::from_millis(40),
        poison_delay: Duration::from_millis(200),
        ..Options::default()
    }
}

/// A pretend DIGIT whose entry keeps strangers out, and what is remembered of it.
pub(crate) struct World {
    pub(crate) digit: Pretend,
    pub(crate) remembered: Arc<Mutex<Remembered>>,
    pub(crate) patience: Patience,
    pub(crate) demo: bool,
    pub(crate) seed: &'static Seed,
    pub(crate) change: fn(&mut Setup),
    /// After how many notes the disk is full.
    pub(crate) notes_left: Arc<Mutex<usize>>,
    pub(crate) password: &'static str,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(options()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let digit = Pretend::start(options).await.unwrap();
        digit.set(Condition::IsInternalFiltered);
        World {
            digit,
            remembered: Arc::default(),
            patience: patience(),
            demo: false,
            seed: small_seed(),
            change: |_| {},
            notes_left: Arc::new(Mutex::new(usize::MAX)),
            password: PASSWORD,
        }
    }

    pub(crate) fn client(&self) -> Client {
        let address = |text: String| Address::read(&text).unwrap();
        let addresses = Addresses {
            gateway: address(self.digit.gateway()),
            user_service: Some(address(self.digit.user_service())),
            web: address(self.digit.entry()),
        };
        // No certificate is needed for loopback, and reading the system's takes its time.
        let builder = || reqwest::Client::builder().tls_certs_only([]);
        Client::new(addresses, self.patience, &builder).unwrap()
    }

    pub(crate) fn memory(&self) -> Memory<'static> {
        let (kept, left) = (self.remembered.clone(), self.notes_left.clone());
        let known = kept.lock().unwrap().clone();
        Memory::new(
            known,
            Box::new(move |next| {
                let mut left = left.lock().unwrap();
                if *left == 0 {
                    return Err(std::io::Error::other("the disk is full"));
                }
                *left -= 1;
                *kept.lock().unwrap() = next.clone();
                Ok(())
            }),
        )
    }

    pub(crate) fn administrator(&self) -> Administrator {
        Administrator {
            user_name: "admin".to_owned(),
            name: "Administrator".to_owned(),
            email: "admin@example.invalid".to_owned(),
            mobile_number: "0000000000".to_owned(),
            password: SecretString::from(self.password),
        }
    }

    pub(crate) fn setup(&self) -> Setup {
        let mut setup = Setup {
            tenants: tenants(),
            address: self.digit.entry(),
            administrator: SignIn {
                tenant: "pg.citya".to_owned(),
                user_name: "admin".to_owned(),
                password: SecretString::from(self.password),
                user_type: UserType::Employee,
            },
            pages: vec!["/digit-ui/citizen".to_owned(), "/digit-ui/employee".to_owned()],
            messages: Expected::of(&self.seed.messages),
            employee: self.demo.then(|| "LATANAIK".to_owned()),
            demo_citizen: self.demo.then(|| SignIn {
                tenant: "pg".to_owned(),
                user_name: "9999999999".to_owned(),
                password: SecretString::from("eGov@4321"),
                user_type: UserType::Citizen,
            }),
            demo: self.demo,
            read_only: false,
            file_anew: false,
            kind: AddressKind::ThisComputer,
        };
        (self.change)(&mut setup);
        setup
    }

    /// Administrator and seed.
    pub(crate) async fn seeded(&self) -> Result<Vec<Done>, Error> {
        let (client, mut memory) = (self.client(), self.memory());
        let tell = |_| {};
        let (session, done) =
            steps::administrator(&client, &tenants(), &self.administrator(), OtherPassword::Refuse).await?;
        let mut all = vec![done];
        if self.demo {
            all.push(steps::people(&client, &self.seed.people, &tell).await?);
        }
        all.push(steps::messages(&client, &session, "pg", &self.seed.messages, Existing::Keep, &tell).await?);
        all.push(steps::workflows(&client, &session, &self.seed.workflows, &mut memory, &tell).await?);
        if self.demo {
            all.push(steps::employees(&client, &session, &tenants(), &self.seed.employees, &tell).await?);
        }
        all.push(steps::masters(&client, &tenants()).await?);
        Ok(all)
    }

    /// The acceptance alone.
    pub(crate) async fn accepted(&self) -> Result<Acceptance, Error> {
        accept(&self.client(), &self.setup(), &mut self.memory(), &|_| {}, &|_| {}).await
    }

    /// The whole last stage.
    pub(crate) async fn hour(&self) -> Result<(Vec<Done>, Acceptance), Error> {
        Ok((self.seeded().await?, self.accepted().await?))
    }

    /// What must be so at the end, however often and from wherever it was begun.
    pub(crate) fn is_whole_once(&self) {
        let view = self.digit.view();
        let named = |name: &str| view.users.iter().filter(|u| u.user_name == name).count();
        assert_eq!(named("admin"), 1, "administrators");
        assert_eq!(view.complaints.len(), 1, "complaints: {:?}", view.complaints);
        assert_eq!(view.complaints[0]["applicationStatus"], "RESOLVED");
        let actions: Vec<_> = view.processes.iter().map(|p| p["action"].as_str().unwrap().to_owned()).collect();
        assert_eq!(actions, ["APPLY", "ASSIGN", "RESOLVE"]);
        assert_eq!(view.business_services.len(), 1, "workflows");
        let messages: usize = view.messages.values().sum();
        assert_eq!(messages, self.seed.messages.len(), "messages");
        assert_eq!(view.waiting, 0, "on Kafka");
        if self.demo {
            assert_eq!((named("GRO"), named("9999999999"), named("LATANAIK")), (1, 1, 1));
            assert_eq!(view.employees.len(), 1, "employees");
        }
    }
}

pub(crate) fn check(acceptance: &Acceptance, code: CheckCode) -> &Check {
    acceptance.checks.iter().find(|c| c.code == code).unwrap_or_else(|| panic!("{code:?} is missing"))
}

/// The code of the cause of a check that failed; else how it came out.
pub(crate) fn failed(acceptance: &Acceptance, code: CheckCode) -> String {
    match &check(acceptance, code).outcome {
        Outcome::Failed { cause, .. } => cause.code.clone(),
        other => format!("{other:?}"),
    }
}

/// The causes of all checks that failed.
pub(crate) fn failures(acceptance: &Acceptance) -> Vec<(CheckCode, String)> {
    let failed = acceptance.checks.iter().filter_map(|c| match &c.outcome {
        Outcome::Failed { cause, .. } => Some((c.code, cause.code.clone())),
        _ => None,
    });
    failed.collect()
}
