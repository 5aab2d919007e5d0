//! Go's reference-time layouts (`2006-01-02 15:04:05`): cutting a layout into chunks and formatting with them.
//!
//! Reading text with a layout is in [`super::layout_parse`].

use jiff::{Timestamp, civil, tz::TimeZone};

/// A point in time with the zone it is shown in, as Go's `time.Time`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GoTime {
    /// The instant.
    pub(crate) at: Timestamp,
    /// Where its clock hangs.
    pub(crate) zone: Zone,
}

/// A zone as a `time.Location` knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Zone {
    /// UTC. Also what Go calls `Local`: a chart must render the same on every computer.
    Utc,
    /// A zone of the time zone database.
    Named(TimeZone),
    /// An offset in seconds that was read from text, with the name read beside it (may be empty).
    Fixed(String, i32),
}

impl Zone {
    /// The zone that `time.LoadLocation` gives for a name; UTC when there is none, as sprig does.
    pub(crate) fn load(name: &str) -> Zone {
        match name {
            "" | "UTC" | "Local" => Zone::Utc,
            _ => TimeZone::get(name).map_or(Zone::Utc, Zone::Named),
        }
    }

    fn offset_and_name(&self, at: Timestamp) -> (i32, String) {
        match self {
            Zone::Utc => (0, "UTC".to_owned()),
            Zone::Named(zone) => {
                let info = zone.to_offset_info(at);
                (info.offset().seconds(), info.abbreviation().to_owned())
            }
            Zone::Fixed(name, offset) => (*offset, name.clone()),
        }
    }
}

impl GoTime {
    /// `at` in UTC.
    pub(crate) fn utc(at: Timestamp) -> GoTime {
        GoTime { at, zone: Zone::Utc }
    }

    /// Go's zero time, the first moment of year 1.
    pub(crate) fn zero() -> GoTime {
        GoTime::utc(Timestamp::from_second(-62_135_596_800).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// As `time.Time.String`: `2006-01-02 15:04:05.999999999 -0700 MST`.
    pub(crate) fn text(&self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// As `time.Time.Format`.
    pub(crate) fn format(&self, layout: &str) -> String {
        let (offset, name) = self.zone.offset_and_name(self.at);
        let shift = jiff::tz::Offset::from_seconds(offset).unwrap_or(jiff::tz::Offset::UTC);
        let clock = shift.to_datetime(self.at);
        let mut out = String::new();
        let mut rest = layout;
        while let Some((prefix, chunk, suffix)) = next_chunk(rest) {
            out.push_str(prefix);
            push_chunk(&mut out, chunk, clock, offset, &name);
            rest = suffix;
        }
        out.push_str(rest);
        out
    }
}

/// One piece of a layout that stands for a part of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// A numeric zone.
    Offset(OffsetStyle),
    /// `.000` or `,000`: exactly so many digits.
    Fraction(char, usize),
    /// `.999` or `,999`: up to so many digits, no trailing zeros.
    FractionTrimmed(char, usize),
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffsetStyle {
    /// `Z` instead of a zero offset.
    pub(crate) z: bool,
    /// Colons between the parts.
    pub(crate) colon: bool,
    /// 1: hours; 2: and minutes; 3: and seconds.
    pub(crate) parts: u8,
}

const OFFSETS: [(&str, bool, u8); 5] =
    [("070000", false, 3), ("07:00:00", true, 3), ("0700", false, 2), ("07:00", true, 2), ("07", false, 1)];

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(crate) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The first chunk of `layout` with what stands before and behind it.
pub(crate) fn next_chunk(layout: &str) -> Option<(&str, Chunk, &str)> {
    for (at, _) in layout.char_indices() {
        let rest = &layout[at..];
        // "_2006" is an underscore and a year, not a padded day.
        if let Some(behind) = rest.strip_prefix("_2006") {
            return Some((&layout[..=at], Chunk::LongYear, behind));
        }
        if let Some((chunk, len)) = chunk_at(rest) {
            return Some((&layout[..at], chunk, &rest[len..]));
        }
    }
    None
}

fn chunk_at(rest: &str) -> Option<(Chunk, usize)> {
    let lower_follows = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_lowercase);
    const PLAIN: [(&str, Chunk); 21] = [
        ("January", Chunk::LongMonth),
        ("Monday", Chunk::LongWeekDay),
        ("MST", Chunk::ZoneName),
        ("002", Chunk::ZeroYearDay),
        ("01", Chunk::ZeroMonth),
        ("02", Chunk::ZeroDay),
        ("03", Chunk::ZeroHour12),
        ("04", Chunk::ZeroMinute),
        ("05", Chunk::ZeroSecond),
        ("06", Chunk::Year),
        ("15", Chunk::Hour),
        ("1", Chunk::NumMonth),
        ("2006", Chunk::LongYear),
        ("2", Chunk::Day),
        ("__2", Chunk::UnderYearDay),
        ("_2", Chunk::UnderDay),
        ("3", Chunk::Hour12),
        ("4", Chunk::Minute),
        ("5", Chunk::Second),
        ("PM", Chunk::UpperPm),
        ("pm", Chunk::LowerPm),
    ];
    if let Some((text, chunk)) = PLAIN.iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((*chunk, text.len()));
    }
    if rest.starts_with("Jan") && !lower_follows(3) {
        return Some((Chunk::Month, 3));
    }
    if rest.starts_with("Mon") && !lower_follows(3) {
        return Some((Chunk::WeekDay, 3));
    }
    if let Some(tail) = rest.strip_prefix(['-', 'Z']) {
        let z = rest.starts_with('Z');
        return OFFSETS
            .iter()
            .find(|(text, ..)| tail.starts_with(text))
            .map(|&(text, colon, parts)| (Chunk::Offset(OffsetStyle { z, colon, parts }), text.len() + 1));
    }
    let point = rest.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let digit = *rest.as_bytes().get(1).filter(|d| matches!(d, b'0' | b'9'))?;
    let count = rest.bytes().skip(1).take_while(|&b| b == digit).count();
    if rest.as_bytes().get(1 + count).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let chunk = if digit == b'0' { Chunk::Fraction(point, count) } else { Chunk::FractionTrimmed(point, count) };
    Some((chunk, 1 + count))
}

fn push_chunk(out: &mut String, chunk: Chunk, clock: civil::DateTime, offset: i32, name: &str) {
    let hour12 = match clock.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let month = MONTHS[usize::from(clock.month().unsigned_abs()).saturating_sub(1).min(11)];
    let weekday = WEEKDAYS[usize::from(clock.weekday().to_sunday_zero_offset().unsigned_abs()).min(6)];
    let text = match chunk {
        Chunk::LongMonth => month.to_owned(),
        Chunk::Month => month[..3].to_owned(),
        Chunk::NumMonth => clock.month().to_string(),
        Chunk::ZeroMonth => format!("{:02}", clock.month()),
        Chunk::LongWeekDay => weekday.to_owned(),
        Chunk::WeekDay => weekday[..3].to_owned(),
        Chunk::Day => clock.day().to_string(),
        Chunk::UnderDay => format!("{:2}", clock.day()),
        Chunk::ZeroDay => format!("{:02}", clock.day()),
        Chunk::UnderYearDay => format!("{:3}", clock.day_of_year()),
        Chunk::ZeroYearDay => format!("{:03}", clock.day_of_year()),
        Chunk::Hour => format!("{:02}", clock.hour()),
        Chunk::Hour12 => hour12.to_string(),
        Chunk::ZeroHour12 => format!("{hour12:02}"),
        Chunk::Minute => clock.minute().to_string(),
        Chunk::ZeroMinute => format!("{:02}", clock.minute()),
        Chunk::Second => clock.second().to_string(),
        Chunk::ZeroSecond => format!("{:02}", clock.second()),
        Chunk::LongYear if clock.year() < 0 => format!("-{:04}", -clock.year()),
        Chunk::LongYear => format!("{:04}", clock.year()),
        Chunk::Year => format!("{:02}", clock.year().rem_euclid(100)),
        Chunk::UpperPm => if clock.hour() >= 12 { "PM" } else { "AM" }.to_owned(),
        Chunk::LowerPm => if clock.hour() >= 12 { "pm" } else { "am" }.to_owned(),
        Chunk::ZoneName if name.is_empty() => offset_text(OffsetStyle { z: false, colon: false, parts: 2 }, offset),
        Chunk::ZoneName => name.to_owned(),
        Chunk::Offset(style) => offset_text(style, offset),
        Chunk::Fraction(point, digits) => format!("{point}{}", fraction_digits(clock, digits)),
        Chunk::FractionTrimmed(point, digits) => {
            let digits = fraction_digits(clock, digits);
            match digits.trim_end_matches('0') {
                "" => String::new(),
                digits => format!("{point}{digits}"),
            }
        }
    };
    out.push_str(&text);
}

fn fraction_digits(clock: civil::DateTime, digits: usize) -> String {
    let nanos = format!("{:09}", clock.subsec_nanosecond());
    nanos.chars().chain(std::iter::repeat('0')).take(digits).collect()
}

fn offset_text(style: OffsetStyle, offset: i32) -> String {
    if style.z && offset == 0 {
        return "Z".to_owned();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.unsigned_abs();
    let colon = if style.colon { ":" } else { "" };
    let mut text = format!("{sign}{:02}", seconds / 3600);
    if style.parts >= 2 {
        text += &format!("{colon}{:02}", seconds / 60 % 60);
    }
    if style.parts >= 3 {
        text += &format!("{colon}{:02}", seconds % 60);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_go_does() {
        let at: Timestamp = "2024-03-05T15:07:09.012345Z".parse().unwrap();
        let cases = [
            ("2006-01-02T15:04:05Z07:00", "UTC", "2024-03-05T15:07:09Z"),
            ("2006-01-02T15:04:05Z07:00", "Asia/Kolkata", "2024-03-05T20:37:09+05:30"),
            ("Mon Jan _2 15:04:05 MST 2006", "America/New_York", "Tue Mar  5 10:07:09 EST 2024"),
            ("Monday, 02-Jan-06 03:04:05 PM", "UTC", "Tuesday, 05-Mar-24 03:07:09 PM"),
            ("20060102150405", "UTC", "20240305150709"),
            ("January 2, 2006 3:4:5pm", "UTC", "March 5, 2024 3:7:9pm"),
            ("15:04:05.000", "UTC", "15:07:09.012"),
            ("15:04:05.999999999", "UTC", "15:07:09.012345"),
            ("15:04:05,99", "UTC", "15:07:09,01"),
            ("002 __2 _2006", "UTC", "065  65 _2024"),
            ("-07 -0700 -07:00 -07:00:00 Z07", "America/New_York", "-05 -0500 -05:00 -05:00:00 -05"),
            ("Month Janet Jan", "UTC", "Month Janet Mar"),
            ("no time at all", "No/Such_Zone", "no time at all"),
            ("MST", "No/Such_Zone", "UTC"),
        ];
        for (layout, zone, expected) in cases {
            let time = GoTime { at, zone: Zone::load(zone) };
            assert_eq!(time.format(layout), expected, "{layout} in {zone}");
        }
    }

    #[test]
    fn a_fixed_zone_without_a_name_shows_its_offset() {
        let time = GoTime { at: Timestamp::UNIX_EPOCH, zone: Zone::Fixed(String::new(), -3600) };
        assert_eq!(time.text(), "1969-12-31 23:00:00 -0100 -0100");
        assert_eq!(GoTime::zero().text(), "0001-01-01 00:00:00 +0000 UTC");
    }
}
