//! Single expressions, rendered by us and by Helm's SDK: pipelines, nil, types, scopes, YAML, and what is wrong.

#![allow(clippy::expect_used, reason = "a missing prerequisite fails the test")]
#![recursion_limit = "512"]

mod common;

use helm_template::{Capabilities, Chart, FreshDraw, NoLookup, Release, RenderContext};
use serde_json::{Value as Json, json};

fn values() -> Json {
    json!({
        "str": "text", "empty": "", "num": 42.0, "frac": 1.5, "big": 1000000.0, "huge": 123456789012.0, "tiny": 0.00001,
        "zero": 0.0, "yes": true, "no": false, "nil": null,
        "list": ["a", "b", "c"], "nums": [3.0, 1.0, 2.0], "none": [], "mixed": [1.0, "x", true, null, {"k": "v"}, [1.0]],
        "map": {"b": 2.0, "a": 1.0, "c": {"d": "deep"}}, "void": {}, "dash-key": {"in-ner": "dashed"},
        "keys": {"a10": 1.0, "a2": 1.0, "A1": 1.0, "a-b": 1.0, "a_b": 1.0, "a.b": 1.0, "1": 1.0, "01": 1.0, "": 1.0, "é": 1.0},
        "tpl": "{{ .Values.str | upper }}-{{ .Release.Name }}",
        "lines": "one\ntwo\n", "lines2": "one\ntwo", "lines3": "one\n\n", "lead": "  lead\nx", "tab": "a\tb", "trail": "trail \nx",
        "words": "the quick brown fox jumps over the lazy dog and then runs away from the very slow hunter who sleeps under a tree",
        "dq": "yes the quick brown fox: jumps over the lazy dog and then runs # away from the very slow hunter who sleeps",
        "looks": ["true", "null", "~", "1", "1.5", "0x1F", "0o7", "017", "1e3", "1_000", "2024-01-02", "2024-1-2T3:4:5Z", "12:30", "1:2:3.5",
                  "y", "No", "on", "<<", "=", "-", "- a", "-a", "a: b", "a:", ":a", "a #b", "a#b", "#a", "@a", "`a", "%a", "!a", "&a", "*a",
                  "?", "? a", "?a", "|", ">", "{a", "[a", "'a'", "\"a\"", "a'b", " a", "a ", "", "---", "--- a", "...", ".5", "+1", ".inf",
                  "é", "\u{1F600}", "\u{a0}", "\u{2028}", "a\\b", "\u{7}", "\r\n", "a,b", "0b11", "1,2", "+", "1e", "0x", "08", "1.e1"],
        "floats": [1.0, 1.5, 1e6, 1e20, 1e21, 1e-5, 1e-7, 123456789.5, -0.0, 1e300, 9007199254740993.0],
        "nested": [{"a": [{"b": [[1.0, 2.0], []], "c": {}}]}, [["x"]]],
        "yaml": "a: 1\nb: [x, y]\nc: {d: yes, e: 0755, f: 1_000, g: 0b11, h: ~}\n",
    })
}

/// Templates that render, or that stop with an error: both must be as with the SDK.
const EXPRESSIONS: &[&str] = &[
    // printing
    "{{ .Values.str }} {{ .Values.num }} {{ .Values.frac }} {{ .Values.big }} {{ .Values.huge }} {{ .Values.tiny }} {{ .Values.yes }}",
    "{{ .Values.nil }}|{{ .Values.missing }}|{{ .Values.map }}|{{ .Values.list }}|{{ .Values.mixed }}|{{ .Values.void }}|{{ .Values.none }}",
    "{{ 1 }} {{ 1.0 }} {{ 1e3 }} {{ 0x10 }} {{ 0b101 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }} {{ 'a' }} {{ '\\n' }} {{ -5 }} {{ +5 }} {{ .5 }}",
    "{{ \"q\\\"uo\\te\\u00e9\\x41\\101\" }} {{ `raw \\n` }} {{ true }} {{ false }}",
    "{{ . | len | lt 3 }}",
    "{{ print 1 2 \"a\" \"b\" 3 nil }}|{{ println 1 \"a\" }}|{{ print }}|{{ print .Values.nil }}",
    "{{ printf \"%d %5d %-5d| %05d %x %X %o %b %c %q %U\" 1 2 3 4 255 255 8 5 65 66 67 }}",
    "{{ printf \"%s %q %v %10s|%-10s|%.2s %x\" \"a\" \"b\" \"c\" \"d\" \"e\" \"fgh\" \"hi\" }}",
    "{{ printf \"%f %.2f %e %g %8.3f|%v\" 1.5 2.345 1234.5 0.00001 3.14159 1e21 }}",
    "{{ printf \"%t %v %T %T %T %T %T\" true nil 1 1.5 \"s\" .Values.map .Values.list }}",
    "{{ printf \"%d\" .Values.num }} {{ printf \"%s\" 5 }} {{ printf \"%d\" \"x\" }} {{ printf \"%d\" }} {{ printf \"x\" 1 }} {{ printf \"%!\" }}",
    "{{ printf \"%v %+v %#v\" .Values.map .Values.list .Values.str }} {{ printf \"%%\" }} {{ printf \"%[2]v %[1]v\" 1 2 }} {{ printf \"%*d\" 5 1 }}",
    // white space and comments
    "a  {{- 1 -}}  b\n{{- /* c */}}\nd\n{{/* e */ -}}\nf {{- /* g */ -}} h",
    "{{- if true }}\nx\n{{- end }}\ny",
    "{{ 3 -}} z {{- 4}}",
    "{{/* a */}}{{ 1 }}{{/* b\nc */}}",
    // pipelines, parentheses, variables
    "{{ .Values.str | upper | quote }} {{ (.Values.map).a }} {{ (index .Values.list 1) | upper }} {{ (len .Values.list) }}",
    "{{ $x := 1 }}{{ $x }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ $x }}{{ $y }}{{ end }}{{ $x }}",
    "{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}",
    "{{ $m := .Values.map }}{{ $m.a }} {{ $m.c.d }} {{ $.Values.str }} {{ $x := $m.c }}{{ $x.d }}",
    "{{ with $x := .Values.map }}{{ $x.a }}{{ .b }}{{ end }}{{ with .Values.nil }}no{{ else }}else{{ end }}",
    "{{ with .Values.nil }}a{{ else with .Values.str }}{{ . }}{{ else }}b{{ end }}",
    "{{ if .Values.no }}a{{ else if .Values.zero }}b{{ else if .Values.str }}c{{ else }}d{{ end }}",
    "{{ if and .Values.yes .Values.str }}{{ and 1 0 2 }} {{ or 0 \"\" \"x\" }} {{ and }}{{ end }}",
    "{{ and .Values.yes .Values.str }} {{ or .Values.no .Values.empty }}|{{ or .Values.nil .Values.missing }}|{{ not .Values.str }}",
    "{{ or .Values.yes (fail \"not reached\") }} {{ and .Values.no (fail \"not reached\") }}",
    "{{ 1 | and 0 }} {{ 1 | or 0 }} {{ \"\" | or \"a\" }}",
    // range
    "{{ range .Values.list }}[{{ . }}]{{ end }}{{ range $i, $e := .Values.list }}{{ $i }}={{ $e }};{{ end }}{{ range $e := .Values.list }}{{ $e }}{{ end }}",
    "{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }}{{ range .Values.none }}x{{ else }}none{{ end }}{{ range .Values.nil }}x{{ else }}nil{{ end }}",
    "{{ range $i, $e := .Values.mixed }}{{ $i }}:{{ $e }}:{{ kindOf $e }} {{ end }}",
    "{{ range .Values.list }}{{ if eq . \"b\" }}{{ continue }}{{ end }}{{ . }}{{ end }}{{ range .Values.list }}{{ if eq . \"b\" }}{{ break }}{{ end }}{{ . }}{{ end }}",
    "{{ range 3 }}{{ . }}{{ end }} {{ range $i := 2 }}{{ $i }}{{ end }}{{ range int .Values.num | until | len | int }}{{ end }}",
    "{{ $x := \"\" }}{{ range $i, $x = .Values.list }}{{ end }}{{ $x }}",
    "{{ range $k, $v := .Values.keys }}{{ $k }},{{ end }}",
    "{{ range $i, $e := until 3 }}{{ $i }}{{ $e }} {{ end }}{{ range untilStep 0 10 3 }}{{ . }} {{ end }}",
    "{{ range .Values.num }}{{ . }}{{ end }}",
    "{{ range .Values.str }}{{ . }}{{ end }}",
    "{{ range $i, $e := 3 }}{{ . }}{{ end }}",
    // nil in two forms
    "{{ .Values.missing.deep }}",
    "{{ (.Values.missing).deep }}|{{ $v := .Values.missing }}{{ $v.deep }}|",
    "{{ .Values.nil.deep }}",
    "{{ .Values.str.deep }}",
    "{{ .Values.num.deep.er }}",
    "{{ $.nope.deep }}",
    "{{ hasKey .Values.missing \"a\" }}",
    "{{ $v := .Values.missing }}{{ hasKey $v \"a\" }}",
    "{{ upper .Values.missing }}",
    "{{ .Values.missing | upper }}",
    "{{ upper nil }}",
    "{{ .Values.num | upper }}",
    "{{ upper .Values.num }}",
    "{{ upper 1 }}",
    "{{ index .Values.map \"a\" }} {{ index .Values.map \"missing\" }}| {{ index .Values \"dash-key\" \"in-ner\" }} {{ index .Values.list 0 }} {{ index .Values.mixed 4 \"k\" }}",
    "{{ index .Values.missing \"a\" }}",
    "{{ index .Values.map \"missing\" \"a\" }}",
    "{{ index .Values.list 9 }}",
    "{{ index .Values.list \"a\" }}",
    "{{ index .Values.map 1 }}",
    "{{ index .Values.list .Values.num }}",
    "{{ index .Values.num 1 }}",
    "{{ index .Values.str 0 }} {{ index .Values.map }}",
    "{{ slice .Values.list 1 }} {{ slice .Values.str 1 3 }} {{ slice .Values.list 1 2 }}",
    "{{ slice .Values.list 2 1 }}",
    "{{ slice .Values.str 1 2 3 }}",
    "{{ len .Values.map }} {{ len .Values.str }} {{ len .Values.none }} {{ len \"é\" }}",
    "{{ len .Values.num }}",
    "{{ len .Values.missing }}",
    "{{ len nil }}",
    // comparison
    "{{ eq 1 1 }} {{ eq \"a\" \"b\" \"a\" }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt \"b\" \"a\" }} {{ ge 1.5 1.5 }} {{ eq .Values.nil nil }} {{ eq .Values.missing .Values.nil }}",
    "{{ eq .Values.num 42.0 }} {{ eq (int .Values.num) 42 }} {{ eq (int64 1) 1 }} {{ lt .Values.frac 2.0 }} {{ eq true .Values.yes }} {{ eq .Values.nil \"a\" }}",
    "{{ eq .Values.num 42 }}",
    "{{ eq 1 \"1\" }}",
    "{{ lt .Values.num 50 }}",
    "{{ lt true false }}",
    "{{ eq .Values.map .Values.map }}",
    "{{ eq 1 }}",
    "{{ lt .Values.missing 1 }}",
    "{{ gt 1 nil }}",
    // arguments
    "{{ upper }}",
    "{{ upper \"a\" \"b\" }}",
    "{{ .Values.str 1 }}",
    "{{ \"a\" \"b\" }}",
    "{{ 1 | .Values.str }}",
    "{{ .Values.map.a | 5 }}",
    "{{ repeat 3 \"ab\" }} {{ repeat 3.0 \"ab\" }}",
    "{{ repeat .Values.num \"ab\" }}",
    "{{ repeat \"3\" \"ab\" }}",
    "{{ trunc 2 .Values.str }} {{ trunc -2 .Values.str }} {{ substr 1 3 .Values.str }}",
    "{{ call .Values.str }}",
    "{{ nil }}",
    "{{ html \"<a href='x'>&\\\"\" }} {{ js \"it's <b>\\n=é\" }} {{ urlquery \"a b&c=é/\" }} {{ html .Values.missing }}",
    // define, template, include, tpl
    "{{ define \"x\" }}[{{ . }}]{{ end }}{{ template \"x\" 1 }}{{ template \"x\" }}{{ template \"x\" .Values.str }}{{ include \"x\" 2 | upper }}",
    "{{ block \"b\" .Values.str }}block {{ . }}{{ end }}",
    "{{ define \"d\" }}{{ $x := 1 }}{{ $.a }}{{ end }}{{ include \"d\" (dict \"a\" 5) }}",
    "{{ include \"missing\" . }}",
    "{{ template \"missing\" . }}",
    "{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}",
    "{{ define \"inner\" }}{{ fail \"deep\" }}{{ end }}{{ define \"outer\" }}{{ include \"inner\" . }}{{ end }}{{ include \"outer\" . }}",
    "{{ define \"inner\" }}{{ .Values.missing.x }}{{ end }}{{ define \"outer\" }}{{ template \"inner\" . }}{{ end }}{{ include \"outer\" . }}",
    "{{ tpl .Values.tpl . }} {{ tpl \"{{ define \\\"t\\\" }}T{{ . }}{{ end }}{{ include \\\"t\\\" 1 }}\" . }} {{ tpl \"plain\" . }}{{ tpl \"{{ .x }}\" (dict) }}|",
    "{{ tpl \"{{ define \\\"t2\\\" }}T{{ end }}\" . }}{{ include \"t2\" . }}",
    "{{ tpl \"{{ define \\\"gotpl\\\" }}twin{{ end }}\" . }}",
    "{{ tpl \"{{ define \\\"gotpl\\\" }}twin{{ end }}own\" . }}",
    "{{ tpl \"{{ bad\" . }}",
    "{{ tpl \"{{ .a.b.c }}\" . }}",
    "{{ tpl .Values.num . }}",
    "{{ required \"need it\" .Values.str }} {{ required \"need it\" .Values.zero }}",
    "{{ required \"need it: really\" .Values.missing }}",
    "{{ required \"need it\" .Values.empty }}",
    "{{ .Values.nil | required \"need it\" }}",
    "{{ fail \"stop here\" }}",
    "{{ fail (printf \"%d: stop\" 1) }}",
    "{{ lookup \"v1\" \"Secret\" \"a\" \"b\" }} {{ (lookup \"v1\" \"Secret\" \"a\" \"b\").data }}|",
    // built-in objects
    "{{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.Service }} {{ .Release.IsInstall }} {{ .Release.IsUpgrade }} {{ .Release.Revision }} {{ .Release.Time }}",
    "{{ .Chart.Name }} {{ .Chart.Version }} {{ .Chart.AppVersion }}|{{ .Chart.Nope }}|{{ .Chart.Type }}|{{ .Chart.IsRoot }} {{ omit .Chart \"Annotations\" | toJson }}",
    "{{ .Template.Name }} {{ .Template.BasePath }} {{ .Subcharts }} {{ typeOf .Values }} {{ typeOf . }} {{ kindOf .Files }}",
    "{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Major }} {{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.KubeVersion.GitVersion }} {{ .Capabilities.APIVersions.Has \"apps/v1\" }} {{ .Capabilities.APIVersions.Has \"nope/v1\" }}",
    "{{ .Capabilities.APIVersions.Has }}",
    "{{ .Capabilities.Nope }}",
    "{{ .Capabilities.KubeVersion.Nope }}",
    "{{ .Capabilities.APIVersions.Has 1 }}",
    "{{ len .Capabilities.APIVersions | lt 10 }} {{ has \"apps/v1\" .Capabilities.APIVersions }}",
    "{{ .Files.Get \"extra/a.txt\" }}|{{ .Files.Get \"missing\" }}|{{ range .Files.Lines \"extra/a.txt\" }}<{{ . }}>{{ end }}{{ (.Files.Glob \"extra/*\").AsConfig }}|{{ (.Files.Glob \"extra/*\").AsSecrets }}",
    "{{ range $path, $bytes := .Files.Glob \"extra/**.txt\" }}{{ $path }}={{ $bytes | toString }};{{ $.Files.Get $path }}{{ end }}{{ .Files.GetBytes \"extra/b.txt\" }} {{ index .Files \"extra/b.txt\" }}",
    "{{ .Files.Get }}",
    "{{ .Files.Get 1 }}",
    // YAML and JSON
    "{{ toYaml .Values.looks }}",
    "{{ toYaml .Values.keys }}",
    "{{ range $k := list \"lines\" \"lines2\" \"lines3\" \"lead\" \"tab\" \"trail\" }}{{ toYaml (dict $k (index $.Values $k)) }}\n{{ end }}",
    "{{ toYaml (dict \"w\" .Values.words \"d\" .Values.dq \"q\" (print \"'\" .Values.words) \"l\" (list .Values.words .Values.dq)) }}",
    "{{ toYaml .Values.floats }}\n{{ toJson .Values.floats }}",
    "{{ toYaml .Values.nested }}\n{{ toJson .Values.nested }}",
    "{{ toYaml .Values.mixed }} {{ toYaml .Values.nil }} {{ toYaml .Values.str }} {{ toYaml .Values.void }} {{ toYaml .Values.none }} {{ toYaml 5 }} {{ toYaml 1.5 }} {{ toYaml true }} {{ toYaml \"a\\nb\" }}",
    "{{ toYaml (dict (repeat 200 \"k\") 1 \"multi\\nline\" 2 \"true\" 3 \"1\" 4 \"\" 5) }}",
    "{{ toJson .Values.map }} {{ toJson \"<a>&\\u2028é\\x07\" }} {{ toRawJson \"<a>&\" }} {{ toPrettyJson .Values.map }} {{ toPrettyJson .Values.void }} {{ toPrettyJson .Values.none }}",
    "{{ fromYaml .Values.yaml | toJson }} {{ (fromYaml .Values.yaml).c.e }} {{ fromYaml \"a: [\" | keys }} {{ fromYaml \"- 1\" }} {{ fromYaml \"\" }} {{ fromYaml \"a: &x {b: 1}\\nc: {<<: *x, d: 2}\\ne: *x\" | toJson }}",
    "{{ fromYamlArray \"- 1\\n- {a: b}\" }} {{ fromJson \"{\\\"a\\\": [1, 2.5, null]}\" }} {{ fromJsonArray \"[1]\" }} {{ fromJson \"[1]\" }} {{ typeOf (fromJson \"{\\\"a\\\": 1}\").a }}",
    "{{ fromYaml \"a: |\\n  x\\nb: >-\\n  y\\n  z\\nc: 'it''s'\\nd: \\\"q\\\\n\\\"\" | toJson }} {{ fromYaml \"a: |\\n  x\" | toJson }} {{ fromYaml \"a: 2024-01-02\\nb: 12:30\\nc: 1e3\\nd: .inf\" | toJson }}",
    "{{ fromYaml \"1: a\\ntrue: b\\n1.5: c\\nno: d\" | toJson }} {{ fromYaml \"a: 1\\na: 2\" | toJson }} {{ fromYaml \"a: !!str 1\\nb: !!int '1'\\nc: !foo x\\nd: !!binary aGk=\" | toJson }}",
    "{{ toYaml (dict \"a\" (list (dict \"x\" 1 \"y\" (list 1 2)) (list (list 1) 2)) \"b\" (dict \"c\" (dict))) | indent 2 }}|{{ toYaml .Values.map | nindent 4 }}",
    // shared maps
    "{{ $m := dict \"a\" 1 }}{{ $n := $m }}{{ $_ := set $n \"b\" 2 }}{{ $m }} {{ $_ := unset $m \"a\" }}{{ $n }}",
    "{{ $_ := set .Values \"str\" \"changed\" }}{{ .Values.str }} {{ $_ := set .Values.map.c \"d\" \"shared\" }}{{ .Values.map.c.d }}",
    "{{ $_ := mergeOverwrite .Values (dict \"map\" (dict \"a\" 9 \"z\" 1) \"list\" (list 1)) }}{{ .Values.map }} {{ .Values.list }}",
    "{{ $a := dict \"x\" (dict \"y\" 1) }}{{ $b := deepCopy $a }}{{ $_ := set $b.x \"y\" 2 }}{{ $a }} {{ $b }} {{ $c := merge (dict \"x\" (dict \"z\" 3)) $a }}{{ $c }} {{ $_ := set $a.x \"y\" 7 }}{{ $c }}",
    "{{ merge (dict \"a\" 0 \"b\" \"\" \"c\" nil) (dict \"a\" 1 \"b\" \"x\" \"c\" 3 \"d\" 4) }} {{ mergeOverwrite (dict \"a\" 1 \"l\" (list 1 2)) (dict \"a\" 0 \"l\" (list 3)) (dict \"b\" nil) }}",
    "{{ mustMergeOverwrite (dict \"a\" (dict \"b\" 1)) (dict \"a\" 5) }} {{ mustMergeOverwrite (dict \"a\" 5) (dict \"a\" (dict \"b\" 1)) }}",
    "{{ $m := dict \"a\" 1 }}{{ $_ := set $m \"self\" $m }}[{{ toYaml $m }}][{{ toJson $m }}]",
    // types
    "{{ typeOf 1 }} {{ typeOf .Values.num }} {{ typeOf \"s\" }} {{ typeOf .Values.list }} {{ typeOf .Values.map }} {{ typeOf nil }} {{ typeOf (splitList \",\" \"a\") }} {{ typeOf (until 2) }} {{ kindOf (int64 1) }} {{ typeIs \"float64\" .Values.num }} {{ kindIs \"map\" .Values.map }} {{ kindIs \"invalid\" .Values.nil }}",
    "{{ default \"d\" .Values.empty }} {{ default \"d\" .Values.missing }} {{ default \"d\" .Values.zero }} {{ empty .Values.none }} {{ coalesce nil \"\" \"c\" }} {{ ternary \"a\" \"b\" .Values.yes }} {{ .Values.no | ternary 1 2 }}",
    "{{ int .Values.frac }} {{ int \"12\" }} {{ int \"x\" }} {{ int64 \"0x10\" }} {{ float64 \"1.5\" }} {{ toString .Values.big }} {{ toString nil }}| {{ atoi \"5\" }} {{ add 1 .Values.num \"2\" }} {{ mul 2 .Values.frac }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 5 3 }} {{ floor 1.7 }} {{ round 1.456 2 }}",
    "{{ join \"-\" .Values.list }} {{ join \",\" .Values.mixed }} {{ first .Values.list }} {{ last .Values.list }} {{ rest .Values.list }} {{ initial .Values.list }} {{ append .Values.list 1 }} {{ without .Values.list \"a\" }} {{ has \"b\" .Values.list }} {{ uniq (list 1 1 2) }} {{ sortAlpha (list \"b\" \"a\") }} {{ reverse .Values.list }} {{ concat .Values.list .Values.nums }}",
    "{{ keys .Values.map | sortAlpha }} {{ values (dict \"a\" 1) }} {{ pick .Values.map \"a\" }} {{ omit .Values.map \"a\" }} {{ dig \"c\" \"d\" \"x\" .Values.map }} {{ dig \"c\" \"e\" \"x\" .Values.map }} {{ get .Values.map \"a\" }} {{ get .Values.map \"zz\" }}|{{ hasKey .Values.map \"a\" }} {{ dict \"a\" }} {{ pluck \"a\" .Values.map (dict \"a\" 2) }}",
    "{{ semverCompare \">=1.20-0\" .Capabilities.KubeVersion.Version }} {{ semverCompare \"^1.2.0\" \"1.3.0\" }} {{ (semver \"1.2.3-a+b\").Minor }} {{ semver \"1.2.3\" }}",
    "{{ b64enc \"héllo\" }} {{ b64dec \"aGk=\" }} {{ sha256sum \"a\" }} {{ quote 1 nil \"a\\\"b\" }} {{ squote \"a\" 1 }} {{ trimSuffix \"-\" \"a-\" }} {{ replace \"a\" \"b\" \"aXa\" }} {{ title \"ab cd\" }} {{ indent 2 \"a\\nb\" }} {{ nospace \" a b\" }} {{ cat \"a\" 1 nil }}",
    "{{ regexMatch \"^a+$\" \"aaa\" }} {{ regexFind \"[0-9]+\" \"a12b3\" }} {{ regexReplaceAll \"(a)(b)\" \"abab\" \"${2}$1\" }} {{ regexSplit \",\" \"a,b,c\" -1 }} {{ regexFindAll \"[a-z]\" \"a1b2\" -1 }}",
    "{{ regexMatch \"(\" \"a\" }}",
    "{{ mustRegexMatch \"(\" \"a\" }}",
    "{{ splitList \",\" \"a,b\" }} {{ (split \",\" \"a,b\")._1 }} {{ trim \"  a \" }} {{ wrap 5 \"aaa bbb ccc\" }} {{ contains \"a\" \"cat\" }} {{ plural \"one\" \"many\" 2 }} {{ snakecase \"FirstName\" }} {{ camelcase \"first_name\" }} {{ kebabcase \"FirstName\" }}",
    "{{ date \"2006-01-02\" \"nonsense\" | len }} {{ dateInZone \"2006-01-02T15:04\" (toDate \"2006-01-02\" \"2024-02-29\") \"UTC\" }} {{ duration 95 }}",
    // empty lists that were never made
    r#"{{ range $l := list (rest (list)) (initial (list 1)) (initial (list)) (concat (list)) (regexFindAll "a" "b" -1) (slice (list)) (fromJsonArray "null") (without (list)) (uniq (list)) }}{{ $l | toJson }} {{ $l | toYaml }} {{ $l | toYamlPretty }} {{ $l }};{{ end }}"#,
    r#"{{ dict "k" (rest (list)) | toJson }} {{ append (rest (list)) 1 }} {{ len (rest (list)) }} {{ kindOf (initial (list)) }} {{ fromJson "null" | toJson }} {{ deepCopy (rest (list)) | toJson }}"#,
    // toYamlPretty
    r#"{{ toYamlPretty nil }}|{{ toYamlPretty "x" }}|{{ toYamlPretty (list) }}|{{ toYamlPretty (dict) }}|{{ toYamlPretty 5 }}|{{ toYamlPretty true }}|{{ toYamlPretty .Values.nope }}|{{ toYamlPretty "a\nb" }}"#,
    "{{ toYamlPretty .Values.looks }}",
    "{{ toYamlPretty .Values.keys }}",
    "{{ toYamlPretty .Values.floats }}",
    "{{ toYamlPretty .Values.nested }}\n{{ toYamlPretty .Values.mixed }}",
    r#"{{ toYamlPretty (dict "w" .Values.words "t" "a\tb\nc" "q" "0o17" "l" (list (list 1 (list 2)) (dict "a" (list (dict "b" 1)))) "y" "yes" "lead" .Values.lead "b" (b64dec "/w==")) }}"#,
    // characters that YAML does not like
    r#"{{ range $c := list "\u0000" "\t" "\u007f" "\u0085" "\u00a0" "\u2028" "\ufeff" "\ufffe" }}{{ toYaml (list $c (print "a" $c "b") (print $c "x")) }}|{{ toYaml (dict $c 1) }}|{{ toYamlPretty (list $c (print "a" $c) (print $c "x")) }};{{ end }}"#,
    r#"{{ toYaml (list 9223372036854775807.0 18446744073709551615.0 -9223372036854775808.0 1e20) }} {{ toYaml (dict (repeat 1030 "k") 1) }}"#,
    // what JSON and YAML readers say
    r#"{{ range $t := list "{\"a\": }" "{a: 1}" "{\"a\":1}x" "" "{\"a\": 1e400, \"b\": 1}" "{\"a\":\"\\ud83d\\ude00 \\ud800\"}" "\ufeff{}" "{\"a\":1,}" "[1,]" "{\"a\" 1}" "[1 2]" "tru" "-" "1.x" "1e" "\"\\q\"" "\"\\u12g\"" "\"a\tb\"" "{'a':1}" "nan" "1" }}{{ fromJson $t | toJson }} {{ fromJsonArray $t | toJson }};{{ end }}"#,
    r#"{{ range $t := list "a =" "a = 1\na = 2" "a" "a b = 1" "= 1" "a = \"x" "a = [1 2]" "a = {b = 1" "a = foo" "a = .5" "a = 5." "a = 01" "a = 2024-13-01" "a = \"\\q\"" "[a]\nb=1\n\n[c]\nd = = 2" "[a]\n[[a]]" "[a.b]\nc=1\n[a]\nd = 2" "key: value" "{}" "a = {b = 1, b = 2}" "a = 99999999999999999999" "a = 1 b" "[[a] b" "a = 'it's'" }}{{ fromToml $t | toJson }};{{ end }}"#,
    r#"{{ mustFromJson "{\"a\":" }}"#,
    r#"{{ mustFromJson "1e400" }}"#,
    r#"{{ range $t := list "{a: 1}: b" "[a]: b" "{ .x }: 1" "~: 1" "- {a: 1}: 2" "a: &a [x]\n*a : 1" "a: 1\n b: 2" "\ta: 1" "a: *n" "<<: 1" "- 1" "5" "a: @x" }}{{ fromYaml $t | toJson }} {{ fromYamlArray $t | toJson }};{{ end }}"#,
    // methods
    r#"{{ .Values.AsMap | typeOf }} {{ .Values.AsMap.str }} {{ .Values.Table "map.c" }} {{ typeOf (.Values.Table "map") }} {{ (.Values.Table "map").Table "c" }} {{ .Values.PathValue "map.c.d" }} {{ .Values.PathValue "str" }} {{ "map" | .Values.Table }} {{ $.AsMap | len }} {{ .Template.AsMap }}"#,
    "{{ .Values.YAML }}",
    r#"{{ .Values.Table "map.nope" }}"#,
    r#"{{ .Values.Table "str" }}"#,
    "{{ .Values.Table }}",
    r#"{{ .Values.Table "a" "b" }}"#,
    r#"{{ .Values.PathValue "map.c" }}"#,
    r#"{{ .Values.PathValue "" }}"#,
    "{{ .Values.PathValue 1 }}",
    r#"{{ .Values.map.Table "c" }}"#,
    "{{ .Values.Encode }}",
    r#"{{ (semver "v1.2.3").SetPrerelease "rc.1" }} {{ (semver "1.2.3-a").SetMetadata "b" }} {{ typeOf (semver "1.2.3").IncMajor }} {{ kindOf (semver "1.2.3").IncMinor }} {{ toJson ((semver "1.2.3").SetPrerelease "x") }} {{ (semver "1.2.3").MarshalText }} {{ (semver "1.2.3").Value }}"#,
    r#"{{ (semver "1.2.3").SetPrerelease "a..b" }}"#,
    r#"{{ (semver "1.2.3").SetPrerelease "01" }}"#,
    r#"{{ (semver "1.2.3").SetMetadata "+" }}"#,
    r#"{{ (semver "1.2.3").SetPrerelease }}"#,
    r#"{{ (semver "1.2.3").IncMajor.Original }}"#,
    r#"{{ (semver "1.2.3").Compare (semver "1.0.0").IncMajor }}"#,
    // capabilities, files, the chart
    "{{ range .Capabilities.APIVersions }}{{ . }} {{ end }}{{ .Capabilities.APIVersions.Has \"batch/v1beta1\" }} {{ .Capabilities.APIVersions.Has \"apps/v1/Deployment\" }}",
    "{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion | toString }} {{ print .Capabilities.KubeVersion }} {{ printf \"%v %s\" .Capabilities.KubeVersion .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.String }} {{ toJson .Capabilities.KubeVersion }} {{ toYaml .Capabilities.KubeVersion }} {{ $x := .Capabilities.KubeVersion }}{{ $x }}",
    "{{ .Capabilities.HelmVersion }} {{ toJson .Capabilities.HelmVersion }} {{ .Capabilities.HelmVersion.KubeClientVersion }}",
    "{{ .Files.Lines \"extra/none.txt\" | toJson }} {{ .Files.Lines \"extra/a.txt\" | toJson }}",
    "{{ .Files.Lines \"extra/empty.txt\" }}",
    "{{ .Chart | toJson }} {{ .Chart.Annotations }} {{ typeOf .Chart.Annotations }} {{ .Chart.Annotations.x }}| {{ len .Chart.Annotations }} {{ index .Chart.Annotations \"x\" }}| {{ if .Chart.Annotations }}x{{ end }}{{ range .Chart.Annotations }}x{{ end }} {{ toYaml .Chart.Annotations }}",
    // what is wrong at parse time
    "{{ nofunc 1 }}",
    "{{ .Values.str | nofunc }}",
    "{{ env \"HOME\" }}",
    "line1\nline2 {{ if }}x{{ end }}",
    "{{ if true }}x",
    "{{ end }}",
    "{{ else }}",
    "{{ range }}x{{ end }}",
    "{{ $x }}",
    "{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}",
    "{{ .Values.str",
    "{{ \"unterminated }}",
    "{{ `unterminated }}",
    "{{ 'ab' }}",
    "{{ (1 }}",
    "{{ 1) }}",
    "{{ 1a }}",
    "{{ 99999999999999999999 }}",
    "{{ .Values.str ! }}",
    "{{ | upper }}",
    "{{ upper | }}",
    "{{ \"a\" | \"b\" }}",
    "{{ break }}",
    "{{ if true }}{{ continue }}{{ end }}",
    "{{ template }}",
    "{{ template x }}",
    "{{ define }}x{{ end }}",
    "{{ define \"a\" }}x",
    "{{ if true }}{{ define \"a\" }}x{{ end }}{{ end }}",
    "{{ define \"a\" }}x{{ end }}{{ define \"a\" }}y{{ end }}",
    "{{ define \"a\" }}x{{ end }}{{ define \"a\" }} {{ end }}{{ template \"a\" }}",
    "{{ /* open }}",
    "{{/* a */ b}}",
    "{{ $x, $y := 1 }}",
    "{{ range $x, $y, $z := .Values.list }}{{ end }}",
    "{{ 1.Field }}",
    "{{ \"a\".b }}",
    "{{ .Values..str }}",
    "{{ .Values.dash-key }}",
    "{{ $x = 1 }}",
    "{{ if true }}a{{ else }}b{{ else }}c{{ end }}",
    "{{ with true }}a{{ else if true }}b{{ end }}",
    "{{\n  if\n  true\n}}x{{\nend\n}}",
    "{{ \n\n .Values.missing.x }}",
    "{{}}",
    "{{ }}",
    "{{ () }}",
    "é{{ .Values.missing.x }}",
    "\u{7f}{{ \u{e9} }}",
];

/// Messages that we say in other words than the SDK.
const OTHER_WORDS: &[&str] = &[
    // Go names the expression, we the value.
    "{{ call .Values.str }}",
];

fn chart(expression: &str) -> Vec<(String, Vec<u8>)> {
    [
        ("Chart.yaml", "apiVersion: v2\nname: expr\nversion: 1.2.3\nappVersion: 1.16\n"),
        ("values.yaml", "fromChart: 1\n"),
        ("extra/a.txt", "one\ntwo\n"),
        ("extra/b.txt", "b"),
        ("extra/empty.txt", ""),
        ("templates/e.txt", expression),
    ]
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .to_vec()
}

#[test]
fn expressions_mean_what_they_mean_in_helm() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut jobs = Vec::new();
    for (at, expression) in EXPRESSIONS.iter().enumerate() {
        let place = folder.path().join(at.to_string());
        for (path, bytes) in chart(expression) {
            std::fs::create_dir_all(place.join(&path).parent().expect("a folder")).expect("a folder");
            std::fs::write(place.join(path), bytes).expect("a file");
        }
        jobs.push(json!({ "chart": place, "values": values(), "name": "rel", "namespace": "ns" }));
    }
    let answer = common::oracle(&jobs);
    let capabilities = Capabilities::without_cluster("v1.36.0", &[]);
    assert_eq!(capabilities, common::capabilities(&answer), "what Helm takes for served when it asks no cluster");
    let release = Release { name: "rel".into(), namespace: "ns".into(), revision: 1, install: true };
    let now = jiff::Timestamp::now();
    let context =
        RenderContext { release: &release, capabilities: &capabilities, now, draw: &FreshDraw, lookup: &NoLookup };
    let Json::Object(values) = values() else { panic!("values are a map") };
    let mut wrong = Vec::new();
    let (mut texts, mut errors) = (0, 0);
    for (expression, result) in EXPRESSIONS.iter().zip(answer["results"].as_array().expect("results")) {
        let chart = Chart::from_files(chart(expression)).expect("a chart");
        let mine = helm_template::render_templates(&chart, &values, &context);
        let theirs = result["templates"]["expr/templates/e.txt"].as_str();
        match (mine, theirs) {
            (Ok(mine), Some(theirs)) => {
                texts += 1;
                let mine = &mine["expr/templates/e.txt"];
                if mine != theirs {
                    wrong.push(format!("{expression}\n  helm {theirs:?}\n  ours {mine:?}"));
                }
            }
            (Err(error), None) => {
                errors += 1;
                let theirs = result["error"].as_str().expect("an error");
                // Helm writes a trace over several lines; its last says what is wrong.
                let last = theirs.lines().last().unwrap_or_default().trim();
                let mine = error.to_string();
                if mine != theirs && !mine.ends_with(last) && !OTHER_WORDS.contains(expression) {
                    wrong.push(format!("{expression}\n  helm {theirs:?}\n  ours {mine:?}"));
                }
            }
            (Ok(mine), None) => {
                wrong.push(format!(
                    "{expression}\n  helm error {}\n  ours {:?}",
                    result["error"], mine["expr/templates/e.txt"]
                ));
            }
            (Err(error), Some(theirs)) => wrong.push(format!("{expression}\n  helm {theirs:?}\n  ours error {error}")),
        }
    }
    println!(
        "expressions: {}/{} as Helm ({texts} texts, {errors} errors)",
        EXPRESSIONS.len() - wrong.len(),
        EXPRESSIONS.len()
    );
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
