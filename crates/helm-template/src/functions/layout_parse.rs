//! Reading a time from text with a Go layout, as `time.ParseInLocation` with `Local` = UTC.

use jiff::civil;

use super::layout::{Chunk, GoTime, MONTHS, OffsetStyle, WEEKDAYS, Zone, next_chunk};

/// What was read so far.
#[derive(Default)]
struct Parts {
    year: i16,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    pm: bool,
    am: bool,
    utc: bool,
    offset: Option<i32>,
    zone_name: String,
}

/// Why a chunk did not read.
enum Bad {
    /// The text is not of the chunk's form.
    Form,
    /// A field is outside its range; its name.
    Range(&'static str),
}

/// The time that `value` says in `layout`.
///
/// # Errors
/// Go's text, for example `parsing time "x" as "2006": cannot parse "x" as "2006"`.
pub(crate) fn parse(layout: &str, value: &str) -> Result<GoTime, String> {
    let cannot =
        |rest: &str, chunk: &str| format!("parsing time {value:?} as {layout:?}: cannot parse {rest:?} as {chunk:?}");
    let fails = |why: &str| format!("parsing time {value:?}: {why}");
    let mut parts = Parts::default();
    let (mut left, mut text) = (layout, value);
    while let Some((prefix, chunk, suffix)) = next_chunk(left) {
        text = skip(text, prefix).map_err(|rest| cannot(rest, prefix))?;
        let name = &left[prefix.len()..left.len() - suffix.len()];
        let fraction_next =
            matches!(next_chunk(suffix), Some((_, Chunk::Fraction(..) | Chunk::FractionTrimmed(..), _)));
        text = match parts.read(chunk, text, fraction_next) {
            Ok(rest) => rest,
            Err(Bad::Form) => return Err(cannot(text, name)),
            Err(Bad::Range(field)) => return Err(fails(&format!("{field} out of range"))),
        };
        left = suffix;
    }
    text = skip(text, left).map_err(|rest| cannot(rest, left))?;
    if !text.is_empty() {
        return Err(fails(&format!("extra text: {text:?}")));
    }
    parts.finish().map_err(fails)
}

fn skip<'a>(mut value: &'a str, mut prefix: &str) -> Result<&'a str, &'a str> {
    while let Some(first) = prefix.chars().next() {
        if first == ' ' {
            if !value.is_empty() && !value.starts_with(' ') {
                return Err(value);
            }
            prefix = prefix.trim_start_matches(' ');
            value = value.trim_start_matches(' ');
            continue;
        }
        value = value.strip_prefix(first).ok_or(value)?;
        prefix = &prefix[first.len_utf8()..];
    }
    Ok(value)
}

/// Up to `max` digits as a number; `fixed` asks for all of them.
fn number(text: &str, max: usize, fixed: bool) -> Result<(i64, &str), Bad> {
    let count = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if count == 0 || (fixed && count < max) {
        return Err(Bad::Form);
    }
    Ok((text[..count].parse().map_err(|_| Bad::Form)?, &text[count..]))
}

fn ranged<'a>(
    read: (i64, &'a str),
    range: std::ops::RangeInclusive<i64>,
    field: &'static str,
) -> Result<(i64, &'a str), Bad> {
    if range.contains(&read.0) { Ok(read) } else { Err(Bad::Range(field)) }
}

fn name_in<'a>(names: &[&str], text: &'a str, len: Option<usize>) -> Result<(i64, &'a str), Bad> {
    for (at, name) in (0_i64..).zip(names) {
        let name = len.map_or(*name, |len| &name[..len]);
        if text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            return Ok((at, &text[name.len()..]));
        }
    }
    Err(Bad::Form)
}

fn fraction(text: &str, digits: usize) -> Result<(i64, &str), Bad> {
    let body = text.strip_prefix(['.', ',']).ok_or(Bad::Form)?;
    let head = body.get(..digits).filter(|head| head.bytes().all(|b| b.is_ascii_digit())).ok_or(Bad::Form)?;
    let nanos: String = head.chars().chain(std::iter::repeat('0')).take(9).collect();
    Ok((nanos.parse().map_err(|_| Bad::Form)?, &body[digits..]))
}

fn has_fraction(text: &str) -> usize {
    match text.strip_prefix(['.', ',']) {
        Some(body) => body.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    }
}

/// The length of what looks like a zone abbreviation at the front of `text`.
fn zone_name_len(text: &str) -> Option<usize> {
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed_hours_len(rest));
    }
    if text.starts_with(['+', '-']) {
        return Some(signed_hours_len(text)).filter(|&len| len > 0);
    }
    let upper = text.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    match upper {
        5 if text.as_bytes()[4] == b'T' => Some(5),
        4 if text.as_bytes()[3] == b'T' || text.starts_with("WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

fn signed_hours_len(text: &str) -> usize {
    let Some(body) = text.strip_prefix(['+', '-']) else { return 0 };
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    match body[..digits].parse::<u64>() {
        Ok(0..=23) => digits + 1,
        _ => 0,
    }
}

impl Parts {
    fn read<'a>(&mut self, chunk: Chunk, text: &'a str, fraction_next: bool) -> Result<&'a str, Bad> {
        let unpad = |text: &'a str| text.strip_prefix(' ').unwrap_or(text);
        let rest = match chunk {
            Chunk::Year => {
                let (year, rest) = number(text, 2, true)?;
                let year = i16::try_from(year).map_err(|_| Bad::Form)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
                rest
            }
            Chunk::LongYear => {
                let (year, rest) = number(text, 4, true)?;
                self.year = i16::try_from(year).map_err(|_| Bad::Form)?;
                rest
            }
            Chunk::Month | Chunk::LongMonth => {
                let (month, rest) = name_in(&MONTHS, text, (chunk == Chunk::Month).then_some(3))?;
                self.month = Some(month + 1);
                rest
            }
            Chunk::NumMonth | Chunk::ZeroMonth => {
                let (month, rest) = ranged(number(text, 2, chunk == Chunk::ZeroMonth)?, 1..=12, "month")?;
                self.month = Some(month);
                rest
            }
            Chunk::WeekDay => name_in(&WEEKDAYS, text, Some(3))?.1,
            Chunk::LongWeekDay => name_in(&WEEKDAYS, text, None)?.1,
            Chunk::Day | Chunk::UnderDay | Chunk::ZeroDay => {
                let text = if chunk == Chunk::UnderDay { unpad(text) } else { text };
                let (day, rest) = number(text, 2, chunk == Chunk::ZeroDay)?;
                self.day = Some(day);
                rest
            }
            Chunk::UnderYearDay | Chunk::ZeroYearDay => {
                let text = if chunk == Chunk::UnderYearDay { unpad(unpad(text)) } else { text };
                let (day, rest) = number(text, 3, chunk == Chunk::ZeroYearDay)?;
                self.year_day = Some(day);
                rest
            }
            Chunk::Hour => self.hour_in(number(text, 2, false)?, 23)?,
            Chunk::Hour12 | Chunk::ZeroHour12 => self.hour_in(number(text, 2, chunk == Chunk::ZeroHour12)?, 12)?,
            Chunk::Minute | Chunk::ZeroMinute => {
                let (minute, rest) = ranged(number(text, 2, chunk == Chunk::ZeroMinute)?, 0..=59, "minute")?;
                self.minute = minute;
                rest
            }
            Chunk::Second | Chunk::ZeroSecond => {
                let (second, rest) = ranged(number(text, 2, chunk == Chunk::ZeroSecond)?, 0..=59, "second")?;
                self.second = second;
                // A fraction may stand in the text though the layout has none.
                match has_fraction(rest) {
                    digits if digits > 0 && !fraction_next => {
                        let (nanos, rest) = fraction(rest, digits)?;
                        self.nanos = nanos;
                        rest
                    }
                    _ => rest,
                }
            }
            Chunk::UpperPm | Chunk::LowerPm => {
                let (pm, am) = if chunk == Chunk::UpperPm { ("PM", "AM") } else { ("pm", "am") };
                self.pm |= text.starts_with(pm);
                self.am |= text.starts_with(am);
                text.strip_prefix(pm).or_else(|| text.strip_prefix(am)).ok_or(Bad::Form)?
            }
            Chunk::ZoneName => {
                if let Some(rest) = text.strip_prefix("UTC") {
                    self.utc = true;
                    return Ok(rest);
                }
                let len = zone_name_len(text).ok_or(Bad::Form)?;
                self.zone_name = text[..len].to_owned();
                &text[len..]
            }
            Chunk::Offset(style) => self.offset_in(style, text)?,
            Chunk::Fraction(_, digits) => {
                let (nanos, rest) = fraction(text, digits)?;
                self.nanos = nanos;
                rest
            }
            Chunk::FractionTrimmed(..) => match has_fraction(text) {
                0 => text,
                digits => {
                    let (nanos, rest) = fraction(text, digits)?;
                    self.nanos = nanos;
                    rest
                }
            },
        };
        Ok(rest)
    }

    fn hour_in<'a>(&mut self, read: (i64, &'a str), most: i64) -> Result<&'a str, Bad> {
        let (hour, rest) = ranged(read, 0..=most, "hour")?;
        self.hour = hour;
        Ok(rest)
    }

    fn offset_in<'a>(&mut self, style: OffsetStyle, text: &'a str) -> Result<&'a str, Bad> {
        if style.z && text.starts_with('Z') {
            self.utc = true;
            return Ok(&text[1..]);
        }
        let sign = match text.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(Bad::Form),
        };
        let mut rest = &text[1..];
        let mut seconds = 0;
        let limits = [("hour", 24, 3600), ("minute", 60, 60), ("second", 60, 1)];
        for (at, (field, most, unit)) in limits.iter().take(usize::from(style.parts)).enumerate() {
            if at > 0 && style.colon {
                rest = rest.strip_prefix(':').ok_or(Bad::Form)?;
            }
            let (count, left) = number(rest, 2, true)?;
            if count > *most {
                return Err(Bad::Range(match *field {
                    "hour" => "time zone offset hour",
                    "minute" => "time zone offset minute",
                    _ => "time zone offset second",
                }));
            }
            seconds += i32::try_from(count).map_err(|_| Bad::Form)? * unit;
            rest = left;
        }
        self.offset = Some(sign * seconds);
        Ok(rest)
    }

    fn finish(mut self) -> Result<GoTime, &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let date = self.date()?;
        let small = |n: i64| i8::try_from(n).unwrap_or_default();
        let clock = date.at(
            small(self.hour),
            small(self.minute),
            small(self.second),
            i32::try_from(self.nanos).unwrap_or_default(),
        );
        let (offset, zone) = match (self.utc, self.offset) {
            (true, _) => (0, Zone::Utc),
            (_, Some(0)) if matches!(self.zone_name.as_str(), "" | "UTC") => (0, Zone::Utc),
            (_, Some(offset)) => (offset, Zone::Fixed(self.zone_name, offset)),
            (_, None) if self.zone_name.is_empty() => (0, Zone::Utc),
            (_, None) => {
                // Go reads the clock as UTC and only shows it in the named zone.
                let hours = self.zone_name.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok());
                (0, Zone::Fixed(self.zone_name, hours.unwrap_or(0) * 3600))
            }
        };
        let offset = jiff::tz::Offset::from_seconds(offset).map_err(|_| "time zone offset out of range")?;
        let at = offset.to_timestamp(clock).map_err(|_| "year out of range")?;
        Ok(GoTime { at, zone })
    }

    fn date(&self) -> Result<civil::Date, &'static str> {
        let first = civil::Date::new(self.year, 1, 1).map_err(|_| "year out of range")?;
        let Some(year_day) = self.year_day else {
            let part = |n: Option<i64>| i8::try_from(n.unwrap_or(1)).unwrap_or(0);
            return civil::Date::new(self.year, part(self.month), part(self.day)).map_err(|_| "day out of range");
        };
        if year_day < 1 || year_day > i64::from(first.days_in_year()) {
            return Err("day-of-year out of range");
        }
        let date = first.checked_add(jiff::Span::new().days(year_day - 1)).map_err(|_| "day-of-year out of range")?;
        if self.month.is_some_and(|month| month != i64::from(date.month())) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|day| day != i64::from(date.day())) {
            return Err("day-of-year does not match day");
        }
        Ok(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_go_does() {
        let cases = [
            ("2006-01-02", "2017-12-31", "2017-12-31 00:00:00 +0000 UTC"),
            ("2006-01-02T15:04:05Z07:00", "2024-03-05T15:07:09Z", "2024-03-05 15:07:09 +0000 UTC"),
            ("2006-01-02T15:04:05Z07:00", "2024-03-05T15:07:09.25+05:30", "2024-03-05 15:07:09.25 +0530 +0530"),
            ("02 Jan 06 15:04 MST", "05 mar 70 03:04 CET", "1970-03-05 03:04:00 +0000 CET"),
            ("3:04PM", "9:15PM", "0000-01-01 21:15:00 +0000 UTC"),
            ("2006 002", "2024 060", "2024-02-29 00:00:00 +0000 UTC"),
            ("15:04:05.999", "01:02:03", "0000-01-01 01:02:03 +0000 UTC"),
            ("15:04:05.000", "01:02:03.123", "0000-01-01 01:02:03.123 +0000 UTC"),
        ];
        for (layout, text, expected) in cases {
            assert_eq!(parse(layout, text).map(|time| time.text()), Ok(expected.to_owned()), "{layout} {text}");
        }
    }

    #[test]
    fn says_what_go_says_when_it_cannot_read() {
        let cases = [
            ("2006-01-02", "nope", r#"parsing time "nope" as "2006-01-02": cannot parse "nope" as "2006""#),
            ("2006-01-02", "2017-13-01", r#"parsing time "2017-13-01": month out of range"#),
            ("2006-01-02", "2017-02-30", r#"parsing time "2017-02-30": day out of range"#),
            ("2006-01-02", "2017-02-03x", r#"parsing time "2017-02-03x": extra text: "x""#),
            ("2006-01-02", "2017/02/03", r#"parsing time "2017/02/03" as "2006-01-02": cannot parse "/02/03" as "-""#),
        ];
        for (layout, text, expected) in cases {
            assert_eq!(parse(layout, text), Err(expected.to_owned()));
        }
    }
}
