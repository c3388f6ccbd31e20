//! Time stamps (3GPP TS 23.040 9.2.3.11).

/// The time as `2024-05-01T12:34:56+02:00`; `None` if the bytes are no time.
pub(super) fn decode(bytes: [u8; 7]) -> Option<String> {
    let two = |byte: u8| {
        let (tens, ones) = (byte & 0x0F, byte >> 4);
        (tens < 10 && ones < 10).then_some(u32::from(tens * 10 + ones))
    };
    let [year, month, day, hour, minute, second, zone] = bytes;
    let (year, month, day) = (two(year)?, two(month)?, two(day)?);
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
    // The sign of the zone is the highest bit of its tens.
    let (sign, quarters) = (if zone & 0x08 == 0 { '+' } else { '-' }, two(zone & !0x08)?);
    let sensible = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    // Short messages are younger than 1990.
    let century = if year < 90 { 2000 } else { 1900 };
    (sensible && quarters < 60).then(|| {
        let (zone_hours, zone_minutes) = (quarters / 4, quarters % 4 * 15);
        let date = format!("{:04}-{month:02}-{day:02}", century + year);
        format!("{date}T{hour:02}:{minute:02}:{second:02}{sign}{zone_hours:02}:{zone_minutes:02}")
    })
}
