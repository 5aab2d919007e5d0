//! The pinned master data, with a city of one's own written into them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[path = "common/city.rs"]
mod of_city;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use catalog::data::addresses::NO_PICTURE;
use catalog::data::city::Logo;
use catalog::data::masters::MasterData;
use catalog::data::messages::{COMMON, messages};
use catalog::data::tenants::PILOTS;
use catalog::{Data, combinations, is_data_at_hand, open_data_folder, open_folder};
use of_city::city;
use serde_json::{Value, json};

fn pinned() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| open_data_folder(&combinations::DIGIT, &common::digit()).unwrap().unwrap())
}

fn edited() -> &'static MasterData {
    static DATA: OnceLock<MasterData> = OnceLock::new();
    DATA.get_or_init(|| pinned().masters.for_city(&city()).unwrap())
}

fn read(data: &MasterData, path: &str) -> Value {
    let (_, text) = data.files().find(|(p, _)| *p == path).unwrap_or_else(|| panic!("{path}"));
    serde_json::from_str(text).unwrap()
}

#[test]
fn both_products_have_master_data_and_the_practice_product_none() {
    let digit = common::digit();
    for combination in [combinations::DIGIT, combinations::URBAN] {
        assert!(is_data_at_hand(&combination, &digit));
    }
    assert!(open_data_folder(&combinations::PRACTICE, &digit).unwrap().is_none());
    // 388 of the repository's 396 files are read by the service.
    assert_eq!(pinned().masters.files().count(), 388);
}

#[test]
fn charts_are_read_without_master_data_and_master_data_are_what_was_pinned() {
    let combinations::Origin::Pinned { charts, list, data, .. } = combinations::DIGIT.origin else { panic!() };
    let folder = tempfile::tempdir().unwrap();
    let copy = |pin: &combinations::Pin| {
        let name = format!("{}.tar.gz", pin.source_name());
        fs::copy(common::digit().join(&name), folder.path().join(name)).unwrap();
    };
    copy(&charts);
    copy(&list);
    open_folder(&combinations::DIGIT, folder.path()).unwrap();
    assert!(!is_data_at_hand(&combinations::DIGIT, folder.path()));
    let code = || open_data_folder(&combinations::DIGIT, folder.path()).unwrap_err().code();
    assert_eq!(code(), "source-missing");
    copy(&data.masters);
    assert_eq!(code(), "source-missing");
    copy(&data.configuration);
    assert!(open_data_folder(&combinations::DIGIT, folder.path()).unwrap().is_some());

    // Unpacked, it is as good; with one byte more, with a file more, it is another.
    let archive = folder.path().join(format!("{}.tar.gz", data.masters.source_name()));
    let file = fs::File::open(&archive).unwrap();
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(folder.path()).unwrap();
    fs::remove_file(&archive).unwrap();
    assert!(open_data_folder(&combinations::DIGIT, folder.path()).unwrap().is_some());
    let more = folder.path().join(data.masters.source_name()).join("data/pg/more.json");
    fs::write(&more, "{}").unwrap();
    assert_eq!(code(), "wrong-hash");
    fs::remove_file(&more).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", &more).unwrap();
        assert_eq!(code(), "archive-path");
    }
}

/// Whether a text names a tenant that goes, by its code or its name. Words that only look like one stand alone neither
/// before nor behind: electricity bill, a way through a menu that ends in `Set-up.Budget`.
fn removed(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '-';
    let whole = |name: &str| {
        let mut at = text.match_indices(name).map(|(found, _)| (&text[..found], &text[found + name.len()..]));
        at.any(|(before, after)| !before.ends_with(word) && !after.starts_with(char::is_alphanumeric))
    };
    let of_pilot = |pilot: &str| {
        let dot = format!("{pilot}.");
        let mut at = text.match_indices(&dot).map(|(found, _)| (&text[..found], &text[found + dot.len()..]));
        at.any(|(before, after)| !before.ends_with(word) && after.starts_with(char::is_alphabetic))
    };
    let names = ["शहर ब", "शहर स", "शहर डी", "शहर ई", "balasore", "Balasore"];
    let cities = ['b', 'c', 'd', 'e'].into_iter().any(|city| {
        let capital = city.to_ascii_uppercase();
        let codes =
            [format!("city{city}"), format!("City{capital}"), format!("CITY{capital}"), format!("City {capital}")];
        codes.iter().any(|name| whole(name)) || text.contains(&format!("_CITY{capital}_"))
    });
    cities || names.iter().any(|name| whole(name)) || PILOTS.iter().any(|pilot| of_pilot(pilot))
}

#[test]
fn no_mention_of_a_removed_tenant_is_left() {
    let mut before = BTreeSet::new();
    pinned()
        .masters
        .each_text(&mut |path, way, text| {
            if removed(text) || (way.ends_with("enantId") && PILOTS.contains(&text)) {
                before.insert(path.to_owned());
            }
        })
        .unwrap();
    // The test finds them where they are: in the state's lists as well as in their own folders.
    for path in [
        "tenant/tenants",
        "tenant/tenantInfo",
        "tenant/citymodule",
        "tenant/footer",
        "tenant/nationalInfo",
        "common-masters/bdTemplate",
        "firenoc/FireStations",
        "TradeLicense/ReminderPeriods",
        "citya/TradeLicense/ReminderPeriods",
        "Chatbot/CityLocaleMasterData",
        "Chatbot/CityNames",
        "DocumentUploader/DocumentUploader",
        "FSM/FSTPPlantInfo",
        "ACCESSCONTROL-ROLEACTIONS/roleactions",
        "cityb/egov-location/boundary-data",
        "balasore/FSM/Slum",
    ] {
        assert!(before.contains(&format!("data/pg/{path}.json")), "{path}: {before:#?}");
    }
    let mut left = Vec::new();
    edited()
        .each_text(&mut |path, way, text| {
            if removed(text) || (way.ends_with("enantId") && PILOTS.contains(&text)) {
                left.push(format!("{path} {way} {text}"));
            }
        })
        .unwrap();
    assert!(left.is_empty(), "{left:#?}");
    for (path, text) in edited().files() {
        let folder = path.split('/').nth(2).unwrap_or_default();
        assert!(!removed(path) && !path.starts_with("data/default/") && !removed(folder), "{path}");
        // In keys neither.
        assert!(!text.contains("cityb") && !text.contains("balasore"), "{path}");
    }
}

/// How often each file says a code, and nothing else in a text.
fn said(data: &MasterData, code: &str) -> BTreeMap<String, i64> {
    let mut all = BTreeMap::new();
    data.each_text(&mut |path, _, text| {
        if text == code {
            *all.entry(path.to_owned()).or_default() += 1;
        }
    })
    .unwrap();
    all
}

#[test]
fn what_belongs_to_state_and_city_stays_whole() {
    let kept: BTreeSet<&str> = edited().files().map(|(path, _)| path).collect();
    for (code, more) in [
        // Their right in a pilot's state is now one in theirs.
        ("pg", vec![("data/pg/ACCESSCONTROL-ROLEACTIONS/roleactions.json", 1)]),
        // It stood in one text with others.
        ("pg.citya", vec![("data/pg/FSM/FSTPPlantInfo.json", 1)]),
    ] {
        let (before, after) = (said(&pinned().masters, code), said(edited(), code));
        let gone: Vec<&String> = before.keys().filter(|path| !kept.contains(path.as_str())).collect();
        // A copy of the city's own, left in another's folder.
        let slips: &[&str] = if code == "pg.citya" { &["data/pg/cityb/FSM/PeriodicService.json"] } else { &[] };
        assert_eq!(gone, slips);
        for path in kept.iter().copied() {
            let more: i64 = more.iter().filter(|(p, _)| *p == path).map(|(_, n)| n).sum();
            let of = |all: &BTreeMap<String, i64>| all.get(path).copied().unwrap_or_default();
            assert_eq!(of(&after), of(&before) + more, "{path} {code}");
        }
    }
    // No master of theirs is gone, and none has become empty but those that were only others'.
    let mut empty = BTreeSet::new();
    for (path, _) in pinned().masters.files().filter(|(path, _)| kept.contains(path)) {
        let (before, after) = (read(&pinned().masters, path), read(edited(), path));
        for (key, value) in before.as_object().unwrap() {
            let rows = |value: &Value| value.as_array().map_or(0, Vec::len);
            assert!(after.get(key).is_some(), "{path} {key}");
            if rows(value) > 0 && rows(&after[key]) == 0 {
                empty.insert(key.clone());
            }
        }
    }
    let wanted = ["SMSReceiver", "bdTemplate", "nationalInfo"].map(str::to_owned);
    assert_eq!(empty, BTreeSet::from(wanted));
    // The other way round: a city module, a right, a boundary that named a tenant names one that is there.
    let tenants = read(edited(), "data/pg/tenant/tenants.json");
    let codes: Vec<&str> = tenants["tenants"].as_array().unwrap().iter().map(|t| t["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["pg.citya", "pg"]);
    let modules = read(edited(), "data/pg/tenant/citymodule.json");
    for module in modules["citymodule"].as_array().unwrap() {
        assert_eq!(module["tenants"], json!([{"code": "pg.citya"}]), "{module}");
    }
}

#[test]
fn no_address_is_left_but_those_inside_the_cluster() {
    let mut left: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let outside = |text: &str| {
        ["://", "www.", "amazonaws", "egovernments", "digit.org", "googleapis", "@gmail", "whatsapp"]
            .iter()
            .any(|part| text.contains(part))
    };
    edited()
        .each_text(&mut |path, way, text| {
            if outside(text) && text != NO_PICTURE {
                left.entry(path.to_owned()).or_default().insert(format!("{way} {text}"));
            }
        })
        .unwrap();
    // Jobs that are asked for by a service inside: each address is one of a service in the namespace egov.
    let jobs = left.remove("data/pg/common-masters/CronJobAPIConfig.json").unwrap();
    assert!(jobs.iter().all(|job| job.contains(".egov:8080/")), "{jobs:#?}");
    assert!(left.is_empty(), "{left:#?}");
    // What is shown instead.
    let pages = read(edited(), "data/pg/common-masters/uiHomePage.json");
    for banner in ["appBannerDesktop", "appBannerMobile", "whatsAppBannerDesktop", "whatsAppBannerMobile"] {
        let banner = &pages["uiHomePage"][0][banner];
        assert_eq!((&banner["enabled"], &banner["bannerUrl"]), (&json!(false), &json!(NO_PICTURE)));
    }
    assert_eq!(pages["uiHomePage"][0]["whatsAppBannerDesktop"]["navigationUrl"], "");
    assert_eq!(pages["uiHomePage"][0]["citizenServicesCard"]["enabled"], true);
    let places = read(edited(), "data/pg/common-masters/StaticData.json");
    let pgr = &places["StaticData"][0]["PGR"];
    assert_eq!(
        pgr,
        &json!({"helpline": {"contactOne": "", "contactTwo": ""}, "serviceCenter": "", "viewMapLocation": ""})
    );
}

#[test]
fn the_citys_own_names_logo_and_languages_stand_everywhere() {
    let state = &read(edited(), "data/pg/common-masters/StateInfo.json")["StateInfo"][0];
    assert_eq!((&state["name"], &state["code"]), (&json!("मालवा"), &json!("pg")));
    assert_eq!(
        state["languages"],
        json!([{"label": "हिंदी", "value": "hi_IN"}, {"label": "ENGLISH", "value": "en_IN"}])
    );
    for key in ["logoUrl", "logoUrlWhite", "statelogo"] {
        assert_eq!(state[key], "/digit-files/logo.png", "{key}");
    }
    assert_eq!((&state["bannerUrl"], &state["qrCodeURL"]), (&json!(NO_PICTURE), &json!(NO_PICTURE)));
    assert_eq!(state["localizationModules"].as_array().unwrap().len(), 13);

    let tenants = read(edited(), "data/pg/tenant/tenants.json");
    for (at, name) in ["रतनपुर", "मालवा"].into_iter().enumerate() {
        let tenant = &tenants["tenants"][at];
        for value in [&tenant["name"], &tenant["city"]["name"], &tenant["city"]["localName"], &tenant["address"]] {
            assert_eq!(value, name);
        }
        assert_eq!((&tenant["logoId"], &tenant["emailId"]), (&json!("/digit-files/logo.png"), &json!("")));
        assert_eq!((&tenant["contactNumber"], &tenant["domainUrl"]), (&json!(""), &json!("")));
    }
    let names = read(edited(), "data/pg/Chatbot/CityNames.json");
    assert_eq!(
        names["CityNames"],
        json!([{"locale": "en", "cities": ["O'Neil & Sons \"Nagar\""]}, {"locale": "hi", "cities": ["रतनपुर"]}])
    );
    let locales = read(edited(), "data/pg/Chatbot/CityLocaleMasterData.json");
    let locales: Vec<&str> = locales["CityLocaleMasterData"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["cityName"].as_str().unwrap())
        .collect();
    assert_eq!(locales, ["O'Neil & Sons \"Nagar\"", "रतनपुर"]);
    let mut left = Vec::new();
    edited()
        .each_text(&mut |path, way, text| {
            let is = |name: &str| text.split(name).skip(1).any(|rest| !rest.starts_with(char::is_alphanumeric));
            if ["City A", "CityA", "Citya", "शहर अ", "Demo State"].iter().any(|name| is(name)) {
                left.push(format!("{path} {way} {text}"));
            }
        })
        .unwrap();
    assert!(left.is_empty(), "{left:#?}");
    // Ratios and places stay: numbers are as they were written.
    let (_, text) = edited().files().find(|(path, _)| path.ends_with("pg/tenant/tenants.json")).unwrap();
    assert!(text.contains("\"longitude\": 75.5761829,"), "{text}");
}

#[test]
fn a_picture_goes_into_the_data_and_no_logo_is_none() {
    let logo = |logo| {
        let data = pinned().masters.for_city(&catalog::data::city::City { logo, ..city() }).unwrap();
        read(&data, "data/pg/common-masters/StateInfo.json")["StateInfo"][0]["logoUrl"].as_str().unwrap().to_owned()
    };
    assert_eq!(logo(None), NO_PICTURE);
    let picture = Logo::Picture { media_type: "image/png".to_owned(), bytes: vec![1, 2, 3, 4] };
    assert_eq!(logo(Some(picture)), "data:image/png;base64,AQIDBA==");
}

#[test]
fn the_same_city_gives_the_same_bytes_and_what_is_not_edited_is_as_it_was() {
    let again = pinned().masters.for_city(&city()).unwrap();
    assert_eq!(&again, edited());
    let before: BTreeMap<&str, &str> = pinned().masters.files().collect();
    let mut changed = BTreeSet::new();
    for (path, text) in edited().files() {
        let (was, is): (Value, Value) =
            (serde_json::from_str(before[path]).unwrap(), serde_json::from_str(text).unwrap());
        if before[path] == text {
            continue;
        }
        assert_ne!(was, is, "{path}: written again for nothing");
        changed.insert(path.rsplit('/').next().unwrap());
        // Keys stand in their order: those that stay in the file's first row, as they were.
        let keys = |text: &str| -> Vec<String> {
            text.lines()
                .filter_map(|line| line.trim().strip_prefix('"')?.split_once('"'))
                .map(|(k, _)| k.to_owned())
                .take(3)
                .collect()
        };
        assert_eq!(keys(text)[..2], ["tenantId".to_owned(), "moduleName".to_owned()], "{path}");
    }
    let wanted = BTreeSet::from([
        "CityLocaleMasterData.json",
        "CityNames.json",
        "DocumentUploader.json",
        "FSTPPlantInfo.json",
        "FireStations.json",
        "ReminderPeriods.json",
        "SMSReceiver.json",
        "StateInfo.json",
        "StaticData.json",
        "bdTemplate.json",
        "boundary-data.json",
        "citymodule.json",
        "footer.json",
        "howItWorks.json",
        "nationalInfo.json",
        "roleactions.json",
        "tenantInfo.json",
        "tenants.json",
        "uiCommonConstants.json",
        "uiHomePage.json",
    ]);
    assert_eq!(changed, wanted);
}

#[test]
fn pages_find_a_message_for_each_tenant_and_boundary_in_each_language() {
    let all = messages(edited(), &city()).unwrap();
    // State and city; 1196 boundaries in each of two hierarchies.
    assert_eq!(all.len(), 2 * (2 + 2 * 1196));
    let find = |locale: &str, code: &str| -> Vec<(&str, &str)> {
        all.iter()
            .filter(|m| m.locale == locale && m.code == code)
            .map(|m| (m.module.as_str(), m.message.as_str()))
            .collect()
    };
    let of_city = "rainmaker-pg.citya";
    for (locale, code, module, message) in [
        ("hi_IN", "TENANT_TENANTS_PG", COMMON, "मालवा"),
        ("en_IN", "TENANT_TENANTS_PG", COMMON, "Malwa"),
        ("hi_IN", "TENANT_TENANTS_PG_CITYA", COMMON, "रतनपुर"),
        ("en_IN", "TENANT_TENANTS_PG_CITYA", COMMON, "O'Neil & Sons \"Nagar\""),
        ("en_IN", "PG_CITYA_ADMIN_PG_CITYA", of_city, "O'Neil & Sons \"Nagar\""),
        ("hi_IN", "PG_CITYA_REVENUE_PG_CITYA", of_city, "रतनपुर"),
        ("en_IN", "PG_CITYA_ADMIN_JLC476", of_city, "Main Road Abadpura"),
        ("hi_IN", "PG_CITYA_REVENUE_JLC476", of_city, "Main Road Abadpura"),
        ("hi_IN", "PG_CITYA_REVENUE_WARD32", of_city, "WARD_32"),
    ] {
        assert_eq!(find(locale, code), [(module, message)], "{locale} {code}");
    }
    let mut batches: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for message in &all {
        let new = batches.entry((&message.module, &message.locale)).or_default().insert(&message.code);
        assert!(new, "twice: {message:?}");
        assert!(!message.message.is_empty() && message.message.chars().count() <= 500, "{message:?}");
    }
    assert_eq!(batches.len(), 4);
    // Whoever sends them in batches of a module and a language finds each batch in one piece.
    let mut order: Vec<(&str, &str)> = all.iter().map(|m| (m.module.as_str(), m.locale.as_str())).collect();
    order.dedup();
    assert_eq!(order.len(), 4);
    assert_eq!(all, messages(edited(), &city()).unwrap());
}
