//! The whole last stage against two addresses, without Kubernetes: administrator, seed, acceptance. Doing it again finds everything and
//! makes nothing. 0: it works, at its address, on this computer or inside. 1: it does not. 2: the input is no good.
//!
//! ```text
//! cargo run -p digit-api --example first-hour -- --gateway URL --user-service URL --state pg --city pg.citya
//! ```

mod keep;
mod options;
mod show;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;
use digit_api::acceptance::{self, Acceptance, Expected, Setup, Verdict, accept};
use digit_api::seed::{self, Seed};
use digit_api::steps::{self, Administrator, Existing, OtherPassword};
use digit_api::user::{SignIn, UserType};
use digit_api::{AddressKind, Addresses, Client, Done, Error, How, Memory, Part, Patience, Session};
use secrecy::SecretString;

use options::{Input, Options};
use show::Show;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let input = match options.read() {
        Ok(input) => input,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let show = Show::new(options.json);
    match hour(&options, &input, &show).await {
        Ok(acceptance) => {
            show.end(&acceptance);
            let works = matches!(acceptance.verdict, Verdict::Works | Verdict::WorksHere | Verdict::WorksInside);
            ExitCode::from(u8::from(!works))
        }
        Err(error) => {
            show.error(&error);
            ExitCode::from(1)
        }
    }
}

async fn hour(options: &Options, input: &Input, show: &Show) -> Result<Acceptance, Error> {
    let addresses =
        Addresses { gateway: input.gateway.clone(), user_service: input.user_service.clone(), web: input.web.clone() };
    let client = Client::new(addresses, Patience::default(), &reqwest::Client::builder)?;
    let mut memory = Memory::new(input.remembered.clone(), Box::new(|known| keep::remember(&input.keep, known)));
    let administrator = Administrator {
        user_name: options.user.clone(),
        name: "Administrator".to_owned(),
        email: "administrator@digit.invalid".to_owned(),
        mobile_number: "0000000000".to_owned(),
        password: input.password.clone(),
    };
    if !options.only_acceptance {
        seeded(options, input, &client, &administrator, &mut memory, show).await?;
    }
    let seed = input.seed.as_ref();
    let setup = Setup {
        tenants: input.tenants.clone(),
        address: input.web.origin(),
        administrator: sign_in(&input.tenants.city, &options.user, &input.password),
        pages: input.pages.clone(),
        messages: seed.map_or_else(Expected::some, |s| Expected::of(&s.messages)),
        employee: seed.filter(|_| options.demo).and_then(employee),
        demo_citizen: seed.filter(|_| options.demo).and_then(citizen),
        demo: options.demo,
        read_only: options.read_only,
        file_anew: options.file_anew,
        kind: options.kind.map_or_else(|| kind(input), AddressKind::from),
    };
    accept(&client, &setup, &mut memory, &|news| show.news(&news), &|check: &acceptance::Check| show.check(check)).await
}

/// Administrator and seed, each part with the time it took.
async fn seeded(
    options: &Options,
    input: &Input,
    client: &Client,
    administrator: &Administrator,
    memory: &mut Memory<'_>,
    show: &Show,
) -> Result<(), Error> {
    let tell = |news| show.news(&news);
    let Some(seed) = &input.seed else { return Ok(()) };
    let other = if options.set_password { OtherPassword::Set } else { OtherPassword::Refuse };
    let began = Instant::now();
    let (session, done): (Session, Done) = steps::administrator(client, &input.tenants, administrator, other).await?;
    show.done(&done, began.elapsed());

    let began = Instant::now();
    let done = if options.demo { steps::people(client, &seed.people, &tell).await? } else { not_wanted(Part::People) };
    show.done(&done, began.elapsed());

    let began = Instant::now();
    let state = &input.tenants.state;
    let done = steps::messages(client, &session, state, &seed.messages, Existing::Keep, &tell).await?;
    show.done(&done, began.elapsed());

    let began = Instant::now();
    let mut done = steps::workflows(client, &session, &seed.workflows, memory, &tell).await?;
    done.notes.extend(seed.corrections.iter().cloned());
    show.done(&done, began.elapsed());

    let began = Instant::now();
    let done = if options.demo {
        steps::employees(client, &session, &input.tenants, &seed.employees, &tell).await?
    } else {
        not_wanted(Part::Employees)
    };
    show.done(&done, began.elapsed());

    let began = Instant::now();
    let done = steps::masters(client, &input.tenants).await?;
    show.done(&done, began.elapsed());
    Ok(())
}

fn not_wanted(part: Part) -> Done {
    Done { part, how: How::NotWanted, wanted: 0, found: 0, notes: Vec::new() }
}

fn sign_in(city: &str, user: &str, password: &SecretString) -> SignIn {
    SignIn {
        tenant: city.to_owned(),
        user_name: user.to_owned(),
        password: password.clone(),
        user_type: UserType::Employee,
    }
}

fn employee(seed: &Seed) -> Option<String> {
    seed.employees.first()?.get("code")?.as_str().map(str::to_owned)
}

fn citizen(seed: &Seed) -> Option<SignIn> {
    let citizen = seed.people.iter().find(|p| p.user_type == UserType::Citizen)?;
    Some(SignIn {
        tenant: citizen.tenant.clone(),
        user_name: citizen.user_name.clone(),
        password: citizen.password.clone(),
        user_type: UserType::Citizen,
    })
}

/// Where no web entry was named, we are inside; what opens on this computer alone is meant for it; everything else is its own address.
fn kind(input: &Input) -> AddressKind {
    if input.pages.is_empty() {
        return AddressKind::Inside;
    }
    if input.web.is_loopback() { AddressKind::ThisComputer } else { AddressKind::Own }
}

/// Reads the seed for these codes.
fn read_seed(path: &std::path::Path, tenants: &digit_api::Tenants) -> Result<Seed, Error> {
    seed::read(&seed::open(path)?, tenants)
}
