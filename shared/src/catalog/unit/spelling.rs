//! The spelling of units. Case and blanks do not matter. A ratio is composed of words for money, the quantity paid for and the
//! period, and is a unit if its symbol is in the table.

use super::{TABLE, Unit};

/// Words for money, each with its form in symbols.
const MONEY: [(&str, &str); 17] = [
    ("us$", "$"),
    ("$us", "$"),
    ("usd", "$"),
    ("$", "$"),
    ("dollars", "$"),
    ("dollar", "$"),
    ("¢", "cents"),
    ("cents", "cents"),
    ("cent", "cents"),
    ("cts", "cents"),
    ("ct", "cents"),
    ("c", "cents"),
    ("mills", "mills"),
    ("mill", "mills"),
    ("mils", "mills"),
    ("mil", "mills"),
    ("₥", "mills"),
];
/// Other words for the numerator.
const FUELS: [(&str, &str); 2] = [("mmbtu", "MMBtu"), ("btu", "Btu")];
/// Words for the quantity paid for.
const QUANTITIES: [(&str, &str); 13] = [
    ("mwh", "MWh"),
    ("kwh", "kWh"),
    ("mw", "MW"),
    ("kw", "kW"),
    ("mmbtu", "MMBtu"),
    ("dth", "Dth"),
    ("dekatherms", "Dth"),
    ("dekatherm", "Dth"),
    ("therms", "therm"),
    ("therm", "therm"),
    ("recs", "REC"),
    ("rec", "REC"),
    ("certificate", "REC"),
];
/// Words for the period; an hour turns demand into energy.
const TIMES: [(&str, &str); 18] = [
    ("hours", "h"),
    ("hour", "h"),
    ("hrs", "h"),
    ("hr", "h"),
    ("h", "h"),
    ("days", "-day"),
    ("day", "-day"),
    ("months", "-mo"),
    ("month", "-mo"),
    ("mths", "-mo"),
    ("mth", "-mo"),
    ("mon", "-mo"),
    ("mo", "-mo"),
    ("years", "-yr"),
    ("year", "-yr"),
    ("yrs", "-yr"),
    ("yr", "-yr"),
    ("annum", "-yr"),
];
/// Words for units that we do not convert: a text that contains one names a unit.
const OTHERS: [&str; 22] = [
    "mwd", "gw", "gwh", "kva", "kvar", "mva", "mvar", "mvarh", "btu", "mcf", "ccf", "gj", "mj", "ton",
    "tons", "tonne", "tonnes", "lb", "lbs", "kg", "bbl", "gal",
];
/// Characters allowed between the words of the denominator.
const BETWEEN: [char; 6] = ['-', '/', '*', '·', '.', '_'];

/// The text in lower case, without blanks and invisible characters, and with only one kind of dash.
pub(super) fn compact(text: &str) -> String {
    let invisible = |c: &char| {
        !c.is_whitespace() && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    let dashes = |c: char| if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}') { '-' } else { c };
    let dots = |c: char| if matches!(c, '⋅' | '∙' | '•' | '×') { '·' } else { c };
    text.chars().filter(invisible).map(dashes).map(dots).flat_map(char::to_lowercase).collect()
}

impl Unit {
    /// Parses a unit as sheets write it: `$/kw-mo`, `$/kW-Month`, `¢ / kWh`, `mills/kWh`, `USD per MW-day`, with or without
    /// brackets, in any case and with any blanks. `None` for any other text: similar spellings are never guessed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Stored units are symbols, and they are by far the most frequent input.
        if let Some(row) = TABLE.iter().find(|row| row.symbol == text) {
            return Some(row.unit);
        }
        let compact = compact(text);
        let inside = unbracketed(&compact);
        let is_whole =
            |row: &&super::UnitRow| row.symbol.eq_ignore_ascii_case(inside) || row.words.contains(&inside);
        let whole = TABLE.iter().find(is_whole).map(|row| row.unit);
        whole.or_else(|| ratio(inside.strip_prefix("in").unwrap_or(inside))).or_else(|| {
            let (quantity, time) = quantity_and_time(inside)?;
            of_symbol(&format!("{quantity}{time}"))
        })
    }
}

/// Removes brackets around the whole text.
fn unbracketed(text: &str) -> &str {
    let pair = |open, close| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    pair('(', ')').or_else(|| pair('[', ']')).unwrap_or(text)
}

fn ratio(text: &str) -> Option<Unit> {
    let (above, below) = text.split_once('/').or_else(|| text.split_once("per"))?;
    let word = |words: &[(&str, &'static str)], text: &str| {
        words.iter().find(|(known, _)| *known == text).map(|(_, symbol)| *symbol)
    };
    let above = word(&MONEY, above).or_else(|| word(&FUELS, above))?;
    let below = unbracketed(below);
    let symbol = match (word(&QUANTITIES, below), word(&TIMES, below)) {
        (Some(quantity), _) => format!("{above}/{quantity}"),
        (None, Some(time)) => format!("{above}/{}", time.trim_start_matches('-')),
        (None, None) => {
            let (quantity, time) = quantity_and_time(below)?;
            format!("{above}/{quantity}{time}")
        }
    };
    of_symbol(&symbol)
}

fn of_symbol(symbol: &str) -> Option<Unit> {
    TABLE.iter().find(|row| row.symbol == symbol).map(|row| row.unit)
}

/// The quantity paid for and the period, in either order.
fn quantity_and_time(text: &str) -> Option<(&'static str, &'static str)> {
    let rest = |text: &str| {
        let text = text.trim_start_matches(BETWEEN);
        text.strip_prefix("per").unwrap_or(text).to_owned()
    };
    let pairs = QUANTITIES.iter().flat_map(|quantity| TIMES.iter().map(move |time| (quantity, time)));
    let mut fitting = pairs.filter(|((quantity, _), (time, _))| {
        let follows =
            |first: &str, second: &str| text.strip_prefix(first).is_some_and(|end| rest(end) == second);
        follows(quantity, time) || follows(time, quantity)
    });
    fitting.next().map(|((_, quantity), (_, time))| (*quantity, *time))
}

/// Whether a text that is not a known unit is clearly meant as one: it contains a sign for money or percent and no number, or a
/// word for a quantity or period after a slash or `per`. `vs Utility`, `Rate 1` and `Non-Heating` do not qualify.
pub(super) fn looks_like_unit(text: &str) -> bool {
    let lower = text.to_lowercase();
    let has_digit = lower.contains(|c: char| c.is_ascii_digit());
    if !has_digit && lower.contains(['$', '¢', '€', '£', '¥', '₥', '%']) {
        return true;
    }
    let is_named = |text: &str| {
        let text = compact(text);
        let text = unbracketed(&text);
        let is_in = |words: &[(&str, &str)]| words.iter().any(|(known, _)| *known == text);
        is_in(&QUANTITIES) || is_in(&TIMES) || OTHERS.contains(&text) || quantity_and_time(text).is_some()
    };
    let behind = |parted: Option<(&str, &str)>| {
        parted.is_some_and(|(_, below)| below.split('/').next().is_some_and(is_named) || is_named(below))
    };
    let alone = compact(&lower);
    behind(lower.split_once('/'))
        || behind(lower.split_once("per ").filter(|(above, _)| above.is_empty() || above.ends_with(' ')))
        || quantity_and_time(&alone).is_some()
        || OTHERS[..8].contains(&alone.as_str())
        || ["cents", "cent", "mills", "mmbtu", "btu", "therms", "dth"].contains(&alone.as_str())
}

/// The positions where a money unit may begin in a text without brackets: `TEAC $/kw-mo`, `Fee cents/kWh`.
pub(super) fn beginnings(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().filter_map(|(at, first)| {
        let before = text[..at].chars().next_back();
        let is_sign = !first.is_alphanumeric();
        let begins = is_sign || before.is_none_or(|before| !before.is_alphanumeric());
        let rest = text[at..].to_lowercase();
        let money =
            MONEY.iter().filter(|(word, _)| rest.starts_with(word)).map(|(word, _)| word.len()).max()?;
        let below = rest[money..].trim_start();
        (begins && (below.starts_with('/') || below.starts_with("per "))).then_some(at)
    })
}
