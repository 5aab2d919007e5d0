//! §4: identity.

use pretend_digit::{Condition, Service};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::asking::{Asking, PASSWORD, change, outcome, user};

const CREATE: &str = "/user/users/_createnovalidate";
const UPDATE: &str = "/user/users/_updatenovalidate";

#[tokio::test]
async fn what_a_user_is_refused_for() {
    let asking = Asking::start().await;
    for (changes, expected) in [
        (json!({"userName": null}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"name": null}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"mobileNumber": null}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"tenantId": null}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"type": "ROBOT"}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"roles": []}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"roles": [{"name": "x"}]}), outcome(400, &["InvalidUserCreateException"])),
        (json!({"roles": [{"code": "KING"}]}), outcome(400, &["INVALID_ROLE"])),
        (json!({"tenantId": "zz"}), outcome(400, &["INVALID_ROLE"])),
        (json!({"tenantId": "pg.city-a"}), outcome(400, &["Pattern.createUserRequest.user.tenantId"])),
        (json!({"name": "x".repeat(51)}), outcome(400, &["Size.createUserRequest.user.name"])),
        (json!({"emailId": "nobody"}), outcome(400, &["Email.createUserRequest.user.emailId"])),
        (json!({"mobileNumber": "123"}), outcome(400, &["INVALID_MOBILE_LENGTH", "INVALID_MOBILE_FORMAT"])),
        (json!({"password": "Abcdefghijklmn1@"}), outcome(400, &["INVALID_PWD_LENGTH"])),
        (json!({"password": "Abcdefgh1!"}), outcome(400, &["INVALID_PWD_PATTERN"])),
        (json!({"gender": "OTHER"}), outcome(400, &["IllegalArgumentException"])),
        (json!({"dob": "1990-01-31"}), outcome(400, &["JsonMappingException"])),
        (json!({"roles": "GRO"}), outcome(400, &["JsonMappingException"])),
    ] {
        let got = asking.post(Service::User, CREATE, &user(changes.clone())).await;
        assert_eq!(got.outcome(), expected, "{changes}");
        assert_eq!(got.json()["Errors"][0].get("parentId"), None, "egov-user has no parentId");
    }
    let got = asking.post(Service::User, CREATE, &json!({"user": user(json!({}))["user"]})).await;
    assert_eq!(got.outcome(), outcome(400, &["NullPointerException"]));
    assert_eq!(asking.digit.view().users, []);
}

#[tokio::test]
async fn what_a_user_is_made_with() {
    let asking = Asking::start().await;
    let changes = json!({"userName": "<b>a b</b>", "gender": "Male", "dob": "31/01/1990", "mobileNumber": "0123456789",
        "roles": [{"code": "GRO"}, {"code": "EMPLOYEE", "name": "anything", "tenantId": "zz"}], "type": "employee"});
    let got = asking.post(Service::User, CREATE, &user(changes.clone())).await;
    assert_eq!(got.outcome(), outcome(200, &[]));
    let body = got.json();
    assert_eq!(body["responseInfo"]["status"], "200");
    let made = &body["user"][0];
    assert_eq!(made["password"], Value::Null);
    assert_eq!(
        made["roles"],
        json!([
            {"code": "GRO", "name": "Grievance Routing Officer", "tenantId": "pg.citya"},
            {"code": "EMPLOYEE", "name": "Employee", "tenantId": "zz"},
        ])
    );
    assert_eq!(made["createdDate"], "01-12-2026 00:00:00");
    assert_eq!(made["pwdExpiryDate"], "01-03-2027 00:00:00");
    let again = asking.post(Service::User, CREATE, &user(changes.clone())).await;
    assert_eq!(again.outcome(), outcome(400, &["DuplicateUserNameException"]));
    // The same name in another city is another user; a citizen is the state's.
    let mut elsewhere = changes.clone();
    change(&mut elsewhere, json!({"tenantId": "pg.cityb"}));
    assert_eq!(asking.post(Service::User, CREATE, &user(elsewhere)).await.status, 200);
    let citizen = json!({"userName": "0000000001", "type": "CITIZEN", "roles": [{"code": "CITIZEN"}]});
    let got = asking.post(Service::User, CREATE, &user(citizen.clone())).await;
    assert_eq!(got.json()["user"][0]["tenantId"], "pg");
    let mut elsewhere = citizen;
    change(&mut elsewhere, json!({"tenantId": "pg.cityb"}));
    let got = asking.post(Service::User, CREATE, &user(elsewhere)).await;
    assert_eq!(got.outcome(), outcome(400, &["DuplicateUserNameException"]));
}

#[tokio::test]
async fn what_the_token_form_answers() {
    let asking = Asking::start().await;
    asking.administrator().await;
    asking.citizen().await;
    let inactive = json!({"userName": "SLEEPER", "active": null});
    assert_eq!(asking.post(Service::User, CREATE, &user(inactive)).await.status, 200);
    const WRONG: &str = "Invalid login credentials";
    let type_missing = "User Type is mandatory and has to be a valid type";
    for (fields, expected) in [
        (vec![("password", "Abcdef2@")], outcome(400, &[WRONG])),
        (vec![("tenantId", "pg")], outcome(400, &[WRONG])),
        (vec![("userType", "CITIZEN")], outcome(400, &[WRONG])),
        (vec![("username", "NOBODY")], outcome(400, &[WRONG])),
        (vec![("username", "admin")], outcome(400, &[WRONG])),
        (vec![("tenantId", "")], outcome(400, &["TenantId is mandatory"])),
        (vec![("userType", "")], outcome(400, &[type_missing])),
        (vec![("userType", "KING")], outcome(400, &[type_missing])),
        (vec![("username", "SLEEPER")], outcome(400, &["Please activate your account"])),
        (vec![("username", "0000000001"), ("userType", "CITIZEN"), ("tenantId", "pg")], outcome(400, &[WRONG])),
        (
            vec![
                ("username", "0000000001"),
                ("userType", "CITIZEN"),
                ("tenantId", "pg.nowhere"),
                ("password", "123456"),
            ],
            outcome(200, &[]),
        ),
        (vec![], outcome(200, &[])),
    ] {
        assert_eq!(asking.token_form(Service::User, &fields).await.outcome(), expected, "{fields:?}");
    }
    let url = format!("{}/user/oauth/token", asking.digit.user_service());
    let response = asking.http.post(url).form(&[("grant_type", "password")]).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Basic realm=\"oauth2/client\"");
}

#[tokio::test]
async fn the_same_token_comes_again_with_the_roles_of_the_first_time_until_it_is_logged_out() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let uuid = asking.digit.view().users[0].uuid.clone();
    let changed = json!({"uuid": uuid, "roles": [{"code": "CSR", "tenantId": "pg"}], "password": "Zyxwvu9#"});
    assert_eq!(asking.post(Service::User, UPDATE, &user(changed)).await.outcome(), outcome(200, &[]));
    assert_eq!(asking.token_form(Service::User, &[]).await.status, 400);
    let again = asking.token_form(Service::User, &[("password", "Zyxwvu9#")]).await.json();
    assert_eq!(again["access_token"], token.as_str());
    assert_eq!(again["UserRequest"]["roles"].as_array().unwrap().len(), 5);
    assert_eq!(again["expires_in"], 604_799);
    assert_eq!(again["ResponseInfo"]["status"], "Access Token generated successfully");
    let inactive = user(json!({"uuid": uuid, "active": false, "roles": [{"code": "CSR"}]}));
    assert_eq!(asking.post(Service::User, UPDATE, &inactive).await.status, 200);
    let details = format!("/user/_details?access_token={token}");
    let got = asking.post(Service::User, &details, &json!({})).await;
    assert_eq!((got.status, &got.json()["roles"][0]["code"]), (200, &json!("SUPERUSER")));
    let got = asking.post(Service::User, "/user/_logout", &json!({"RequestInfo": {}})).await;
    assert_eq!(got.outcome(), outcome(400, &["Logout failed"]));
    let got = asking.post(Service::User, "/user/_logout", &json!({"RequestInfo": {}, "access_token": token})).await;
    assert_eq!((got.status, &got.json()["status"]), (200, &json!("Logout successfully")));
    let got = asking.post(Service::User, &details, &json!({})).await;
    assert_eq!(got.outcome(), outcome(400, &["InvalidAccessTokenException"]));
}

#[tokio::test]
async fn a_token_ends_after_a_week_or_with_redis() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    let details = format!("/user/_details?access_token={token}");
    asking.pass(604_799_000);
    assert_eq!(asking.post(Service::User, &details, &json!({})).await.status, 200);
    assert_eq!(asking.token_form(Service::User, &[]).await.json()["expires_in"], 0);
    asking.pass(2_000);
    assert_eq!(asking.post(Service::User, &details, &json!({})).await.status, 400);
    let new = asking.token_form(Service::User, &[]).await.json()["access_token"].clone();
    assert_ne!(new, token.as_str());
    asking.digit.empty_redis();
    assert_ne!(asking.token_form(Service::User, &[]).await.json()["access_token"], new);
}

#[tokio::test]
async fn the_fifth_wrong_password_is_500_and_the_right_one_works_afterwards() {
    let asking = Asking::start().await;
    asking.administrator().await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(asking.token_form(Service::User, &[("password", "wrong")]).await.status);
    }
    assert_eq!(statuses, [400, 400, 400, 400, 500, 500]);
    let got = asking.token_form(Service::User, &[("password", "wrong")]).await;
    assert_eq!(got.json()["error"], "server_error");
    assert!(got.codes()[0].ends_with("User.getId() is null"), "{got:?}");
    assert_eq!(asking.token_form(Service::User, &[]).await.status, 200);
    for _ in 0..4 {
        assert_eq!(asking.token_form(Service::User, &[("password", "wrong")]).await.status, 400);
    }
    asking.pass(30 * 60 * 1_000);
    assert_eq!(asking.token_form(Service::User, &[("password", "wrong")]).await.status, 400);
}

#[tokio::test]
async fn is_internal_skips_the_password_unless_it_is_closed() {
    let asking = Asking::start().await;
    asking.administrator().await;
    asking.digit.empty_redis();
    let fields = [("password", "anything"), ("isInternal", "true")];
    for service in [Service::User, Service::Gateway, Service::Entry] {
        assert_eq!(asking.token_form(service, &fields).await.status, 200, "{service}");
    }
    asking.digit.set(Condition::IsInternalFiltered);
    let got = asking.token_form(Service::Entry, &fields).await;
    assert_eq!((got.status, got.content_type.as_deref()), (403, Some("text/html")));
    assert_eq!(asking.token_form(Service::Entry, &[]).await.status, 200);
    assert_eq!(asking.token_form(Service::Gateway, &fields).await.status, 200);
    asking.digit.set(Condition::IsInternalFixed);
    assert_eq!(
        asking.token_form(Service::Gateway, &fields).await.outcome(),
        outcome(400, &["Invalid login credentials"])
    );
}

#[tokio::test]
async fn searches() {
    let asking = Asking::start().await;
    asking.administrator().await;
    asking.citizen().await;
    let sleeper = json!({"userName": "SLEEPER", "active": false, "dob": "31/01/1990"});
    assert_eq!(asking.post(Service::User, CREATE, &user(sleeper)).await.status, 200);
    let names = |got: crate::asking::Got| -> Vec<String> {
        let users = got.json()["user"].as_array().cloned().unwrap_or_default();
        users.iter().map(|u| u["userName"].as_str().unwrap().to_owned()).collect()
    };
    for (path, criteria, expected) in [
        ("/user/v1/_search", json!({"userName": "SLEEPER", "tenantId": "pg.citya"}), vec!["SLEEPER"]),
        ("/user/_search", json!({"userName": "SLEEPER", "tenantId": "pg.citya"}), vec![]),
        ("/user/v1/_search", json!({"userName": "ADMIN", "tenantId": "pg"}), vec![]),
        ("/user/v1/_search", json!({"roleCodes": ["GRO"], "tenantId": "pg.citya"}), vec!["ADMIN"]),
        (
            "/user/v1/_search",
            json!({"mobileNumber": "0000000001", "tenantId": "pg.citya", "userType": "CITIZEN"}),
            vec!["0000000001"],
        ),
        ("/user/v1/_search", json!({"userType": "employee", "tenantId": "pg.citya", "pageSize": 1}), vec!["ADMIN"]),
    ] {
        let mut body = criteria.clone();
        body["RequestInfo"] = json!({});
        assert_eq!(names(asking.post(Service::User, path, &body).await), expected, "{criteria}");
    }
    let got = asking.post(Service::User, "/user/v1/_search", &json!({"RequestInfo": {}, "tenantId": "pg"})).await;
    assert_eq!(got.outcome(), outcome(400, &["InvalidUserSearchCriteriaException"]));
    // What a search gives cannot be sent back as it is: its dates have another form.
    let found = json!({"RequestInfo": {}, "userName": "SLEEPER", "tenantId": "pg.citya"});
    let mut row = asking.post(Service::User, "/user/v1/_search", &found).await.json()["user"][0].clone();
    let update = |row: &Value| json!({"RequestInfo": {}, "user": row});
    let got = asking.post(Service::User, UPDATE, &update(&row)).await;
    assert_eq!(got.outcome(), outcome(400, &["JsonMappingException"]));
    change(&mut row, json!({"createdDate": null, "lastModifiedDate": null, "pwdExpiryDate": null, "dob": null}));
    assert_eq!(asking.post(Service::User, UPDATE, &update(&row)).await.status, 200);
    change(&mut row, json!({"roles": null}));
    let got = asking.post(Service::User, UPDATE, &update(&row)).await;
    assert_eq!(got.outcome(), outcome(400, &["AtleastOneRoleCodeException"]));
}

#[tokio::test]
async fn through_the_gateway_a_search_has_ten_rows_at_most() {
    let asking = Asking::start().await;
    let token = asking.administrator().await;
    for nth in 0..11 {
        let changes = json!({"userName": format!("U{nth}"), "roles": [{"code": "DGRO"}]});
        assert_eq!(asking.post(Service::User, CREATE, &user(changes)).await.status, 200);
    }
    let body = json!({"RequestInfo": {}, "tenantId": "pg.citya", "roleCodes": ["DGRO"]});
    let rows = |got: crate::asking::Got| got.json()["user"].as_array().map(Vec::len);
    assert_eq!(rows(asking.post(Service::User, "/user/_search", &body).await), Some(11));
    assert_eq!(rows(asking.by_gateway(&token, "/user/_search", body).await), Some(10));
}

#[tokio::test]
async fn a_password_of_ones_own_is_changed_by_the_name_in_user_info() {
    let asking = Asking::start().await;
    asking.administrator().await;
    let body = |name: Value, new: &str| {
        json!({"RequestInfo": {"userInfo": {"userName": name}}, "tenantId": "pg.citya", "type": "EMPLOYEE",
            "existingPassword": PASSWORD, "newPassword": new})
    };
    let path = "/user/password/_update";
    let missing = outcome(400, &["InvalidLoggedInUserUpdatePasswordRequestException"]);
    assert_eq!(asking.post(Service::User, path, &body(Value::Null, "Zyxwvu9#")).await.outcome(), missing);
    let got = asking.post(Service::User, path, &body(json!("ADMIN"), "short")).await;
    assert_eq!(got.outcome(), outcome(400, &["INVALID_PWD_LENGTH", "INVALID_PWD_PATTERN"]));
    assert_eq!(asking.post(Service::User, path, &body(json!("ADMIN"), "Zyxwvu9#")).await.status, 200);
    assert_eq!(asking.token_form(Service::User, &[]).await.status, 400);
    assert_eq!(asking.token_form(Service::User, &[("password", "Zyxwvu9#")]).await.status, 200);
}

#[tokio::test]
async fn a_citizen_registers_with_the_otp_that_was_sent_and_no_other() {
    let asking = Asking::start().await;
    let send = |kind: &str| json!({"RequestInfo": {}, "otp": {"mobileNumber": "9000000001", "tenantId": "pg", "type": kind, "userType": "CITIZEN"}});
    let path = "/user-otp/v1/_send?tenantId=pg";
    let got = asking.post(Service::UserOtp, path, &send("login")).await;
    assert_eq!(got.outcome(), outcome(400, &["OTP.UNKNOWN_CREDENTIAL"]));
    let got = asking.post(Service::UserOtp, path, &send("register")).await;
    assert_eq!((got.status, &got.json()["isSuccessful"]), (201, &json!(true)));
    let register = |otp: &str| {
        json!({"RequestInfo": {}, "user": {"name": "New", "userName": "9000000001", "mobileNumber": "9000000001",
            "tenantId": "pg.citya", "otpReference": otp}})
    };
    let got = asking.post(Service::User, "/user/citizen/_create", &register("123456")).await;
    assert_eq!(got.outcome(), outcome(400, &["OTP.VALIDATION_UNSUCCESSFUL"]));
    let otp = asking.digit.otp("pg", "9000000001").unwrap();
    let got = asking.post(Service::User, "/user/citizen/_create", &register(otp.expose_secret())).await;
    assert_eq!(got.outcome(), outcome(200, &[]));
    assert_eq!(got.json()["UserRequest"]["type"], "CITIZEN");
    let got = asking.post(Service::UserOtp, path, &send("register")).await;
    assert_eq!(got.outcome(), outcome(400, &["OTP.MOBILENUMBER"]));
    asking.digit.set(Condition::FixedOtpOff);
    let fields = [("userType", "CITIZEN"), ("username", "9000000001"), ("password", "123456")];
    assert_eq!(asking.token_form(Service::User, &fields).await.status, 400);
    assert_eq!(asking.post(Service::UserOtp, path, &send("login")).await.status, 201);
    asking.pass(16 * 60 * 1_000);
    let late = asking.digit.otp("pg", "9000000001").unwrap();
    let fields = [("userType", "CITIZEN"), ("username", "9000000001"), ("password", late.expose_secret())];
    assert_eq!(asking.token_form(Service::User, &fields).await.status, 400);
}
