//! The first administrator: whoever is there already is told apart.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use common::{PASSWORD, World, tenants};
use digit_api::steps::{OtherPassword, administrator, needed_roles};
use digit_api::user::{NewUser, Role, SignIn, UserType};
use digit_api::{Error, How};
use pretend_digit::{Condition, Service};
use secrecy::{ExposeSecret as _, SecretString};

fn account(password: &str, roles: &[Role]) -> NewUser {
    NewUser {
        user_name: "admin".to_owned(),
        name: "Somebody".to_owned(),
        mobile_number: "0000000007".to_owned(),
        email: None,
        gender: None,
        user_type: UserType::Employee,
        password: password.to_owned().into(),
        roles: roles.to_vec(),
        tenant: "pg.citya".to_owned(),
    }
}

async fn done(world: &World, other: OtherPassword) -> Result<How, Error> {
    let (session, done) = administrator(&world.client(), &tenants(), &world.administrator(), other).await?;
    for wanted in needed_roles(&tenants()) {
        assert!(session.roles.iter().any(|r| r.covers(&wanted)), "{wanted:?} is not in the token");
    }
    assert_eq!(world.digit.view().users.iter().filter(|u| u.user_name == "admin").count(), 1);
    Ok(done.how)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lacks_roles_gets_them_and_a_token_with_them() {
    let world = World::new().await;
    let client = world.client();
    client
        .create_user(&account(PASSWORD, &[Role::new("EMPLOYEE", "pg"), Role::new("DGRO", "pg.citya")]))
        .await
        .unwrap();
    // A token is out already, with the old roles: the same one would be given again.
    client.sign_in(&world.setup().administrator).await.unwrap();
    assert_eq!(done(&world, OtherPassword::Refuse).await.unwrap(), How::Completed);
    let view = world.digit.view();
    assert!(view.users[0].roles.contains(&("DGRO".to_owned(), "pg.citya".to_owned())), "what was there is kept");
    assert_eq!(view.users[0].roles.len(), 6);
    assert_eq!(done(&world, OtherPassword::Refuse).await.unwrap(), How::Found);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_with_another_password_is_left_alone_unless_it_is_to_be_set() {
    let world = World::new().await;
    world.client().create_user(&account("Their@Pass77", &needed_roles(&tenants()))).await.unwrap();
    let error = done(&world, OtherPassword::Refuse).await.unwrap_err();
    assert_eq!(error.code(), "administrator-other-password");
    let theirs = SignIn { password: "Their@Pass77".to_owned().into(), ..world.setup().administrator };
    world.client().sign_in(&theirs).await.unwrap();
    assert_eq!(done(&world, OtherPassword::Set).await.unwrap(), How::Completed);
    assert_eq!(done(&world, OtherPassword::Refuse).await.unwrap(), How::Found);
    assert_eq!(world.client().sign_in(&theirs).await.unwrap_err().code(), "credentials-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employees_password_that_nobody_learned_can_be_set() {
    let world = World { demo: true, ..World::new().await };
    world.seeded().await.unwrap();
    let client = world.client();
    let user = client.user_named("pg.citya", "LATANAIK", UserType::Employee).await.unwrap().unwrap();
    let password = SecretString::from("Fresh@Pass77");
    client.set_password(&user, &password).await.unwrap();
    let who = SignIn {
        tenant: "pg.citya".to_owned(),
        user_name: "LATANAIK".to_owned(),
        password,
        user_type: UserType::Employee,
    };
    let session = client.sign_in(&who).await.unwrap();
    assert_eq!(client.details(&session).await.unwrap().uuid(), user.uuid());
    client.sign_out(&session).await.unwrap();
    assert_eq!(client.details(&session).await.unwrap_err().code(), "token-expired");
    let weak = SecretString::from("weak");
    assert_eq!(client.set_password(&user, &weak).await.unwrap_err().code(), "digit-password-rule");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_breaks_the_rule_is_refused_before_anything_is_sent() {
    let world = World { password: "Sixteen@Letters7", ..World::new().await };
    let error = done(&world, OtherPassword::Refuse).await.unwrap_err();
    assert!(matches!(error, Error::Password { reason: "too-long" }), "{error}");
    assert!(world.digit.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tables_it_is_the_migrations_not_the_password() {
    let world = World::new().await;
    world.digit.set(Condition::TablesMissing(Service::User));
    assert_eq!(done(&world, OtherPassword::Refuse).await.unwrap_err().code(), "migrations-missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_what_is_told_or_debugged() {
    let world = World::new().await;
    let client = world.client();
    let who = world.administrator();
    let (session, _) = administrator(&client, &tenants(), &who, OtherPassword::Refuse).await.unwrap();
    let error = client.sign_in(&SignIn { tenant: "pg".to_owned(), ..world.setup().administrator }).await.unwrap_err();
    let told = format!("{who:?} {session:?} {error} {error:?} {:?} {:?}", world.setup(), world.memory());
    for secret in [PASSWORD, session.token.expose_secret()] {
        assert!(!told.contains(secret), "{told}");
    }
}

/// A database that was made anew at the same address: what was remembered of the old one counts for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_of_another_digit_counts_for_nothing() {
    let old = World::new().await;
    old.hour().await.unwrap();
    let new = World { remembered: old.remembered.clone(), ..World::new().await };
    let number = old.remembered.lock().unwrap().complaint.clone();
    assert!(number.is_some());
    let (_, acceptance) = new.hour().await.unwrap();
    assert_eq!(acceptance.verdict, digit_api::acceptance::Verdict::WorksHere, "{:?}", common::failures(&acceptance));
    new.is_whole_once();
}
