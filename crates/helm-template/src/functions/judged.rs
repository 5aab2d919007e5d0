//! The function table against Helm's own SDK: what each expression prints, or what its error says behind the place.
//!
//! `judged.json` holds `[expression, output]` and `[expression, null, error]`, printed by Helm 4.2 for the values below.

use serde_json::Value as Json;

use super::Env;
use super::include::tpl;
use crate::value::{Elem, Map, Text, Value};
use crate::{Draw, DrawKey, NoLookup};

struct Fresh;

impl Draw for Fresh {
    fn draw(&self, _: &DrawKey, make: &mut dyn FnMut() -> String) -> String {
        make()
    }
}

/// Values as YAML gives them: every number is a float.
const VALUES: &str = r#"{"s": "text", "n": 5.0, "f": 1.5, "l": [5.0, "a", {"x": 1.0}], "m": {"k": "v", "a": [1.0, 2.0]},
    "nil": null, "big": 123456789012.0, "b": true, "e": ""}"#;

/// What `{{ expression }}` prints, or the last part of the error.
pub(super) fn run(expression: &str, draw: &dyn Draw) -> Result<String, String> {
    let values = Value::from_json(&serde_json::from_str(VALUES).unwrap());
    let dot = Map::new();
    dot.set("Values", Value::Map(values.as_map().unwrap().as_elem(Elem::Values)));
    let mut env = Env::new("2024-03-05T15:07:09Z".parse().unwrap(), draw, &NoLookup, crate::template::parse::templates);
    let text = Text::from(format!("{{{{ {expression} }}}}"));
    match tpl(&mut env, &text, Value::Map(dot)) {
        Ok(out) => Ok(String::from_utf8_lossy(&out.print()).into_owned()),
        Err(error) => Err(last_part(&error.0)),
    }
}

/// An error without its place: Helm writes some on one line and some on three.
fn last_part(error: &str) -> String {
    let error = error.replace(">:\n    ", ">: ");
    error.rsplit_once(">: ").map_or(error.as_str(), |(_, last)| last).to_owned()
}

#[test]
fn every_function_says_what_helm_says() {
    let cases: Vec<Vec<Json>> = serde_json::from_str(include_str!("judged.json")).unwrap();
    assert!(cases.len() > 500);
    let mut differing = Vec::new();
    for case in &cases {
        let expression = case[0].as_str().unwrap();
        let expected = match case.get(2).and_then(Json::as_str) {
            Some(error) => Err(last_part(error)),
            None => Ok(case[1].as_str().unwrap().to_owned()),
        };
        let found = run(expression, &Fresh);
        if found != expected {
            differing.push(format!("{expression}\n   helm {expected:?}\n   ours {found:?}"));
        }
    }
    assert!(differing.is_empty(), "{} of {} differ:\n{}", differing.len(), cases.len(), differing.join("\n"));
}

/// Every function of Helm 4.2.
const NAMES: &str = "
    abbrev abbrevboth add add1 add1f addf adler32sum ago all and any append atoi b32dec b32enc b64dec b64enc
    base bcrypt biggest buildCustomCert call camelcase cat ceil chunk clean coalesce compact concat contains
    date dateInZone dateModify date_in_zone date_modify decryptAES deepCopy deepEqual default derivePassword
    dict dig dir div divf duration durationRound empty encryptAES eq ext fail first float64 floor fromJson
    fromJsonArray fromToml fromYaml fromYamlArray ge genCA genCAWithKey genPrivateKey genSelfSignedCert
    genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get getHostByName gt has hasKey hasPrefix
    hasSuffix hello html htmlDate htmlDateInZone htpasswd include indent index initial initials int int64 isAbs
    join js kebabcase keys kindIs kindOf last le len list lookup lower lt max maxf merge mergeOverwrite min minf
    mod mul mulf mustAppend mustChunk mustCompact mustDateModify mustDeepCopy mustFirst mustFromJson mustHas
    mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush mustRegexFind mustRegexFindAll
    mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse mustSlice
    mustToDate mustToJson mustToPrettyJson mustToRawJson mustToToml mustToYaml mustUniq mustWithout
    must_date_modify ne nindent nospace not now omit or osBase osClean osDir osExt osIsAbs pick pluck plural
    prepend print printf println push quote randAlpha randAlphaNum randAscii randBytes randInt randNumeric
    regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit repeat
    replace required rest reverse round semver semverCompare seq set sha1sum sha256sum sha512sum shuffle slice
    snakecase sortAlpha split splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal
    toJson toPrettyJson toYamlPretty toRawJson toString toStrings toToml toYaml tpl trim trimAll trimPrefix trimSuffix
    trimall trunc tuple typeIs typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin
    urlParse urlquery uuidv4 values without wrap wrapWith
";

#[test]
fn the_table_holds_helms_functions_and_no_other() {
    let missing: Vec<&str> = NAMES.split_whitespace().filter(|name| super::find(name).is_none()).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert_eq!(NAMES.split_whitespace().count(), 240);
    // Helm takes these out of sprig: a chart must not read the computer it is rendered on.
    for name in ["env", "expandenv", "gte", "lte"] {
        assert!(super::find(name).is_none(), "{name}");
    }
}
