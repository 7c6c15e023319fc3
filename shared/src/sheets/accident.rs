//! Texts that cannot be read as a sheet for one reason: other separators, an open quotation mark. What else is wrong with them
//! comes from that alone, so it is the only flaw that is listed.

use super::date;
use super::flaw::Flaw;
use super::header::is_title;
use super::text::{Lines, Text};
use crate::catalog::label::normalised;
use crate::catalog::layouts::Body;
use crate::catalog::{Label, Layout};
use crate::sheets::flaw::code::Code;

/// Lines that are looked at for separators.
const TELLING_LINES: usize = 40;
/// Titles of the header block that tell separators: a single one may be a slip.
const TELLING_TITLES: usize = 3;

/// What keeps a text from being read as a sheet of the layout.
#[must_use]
pub fn of_text(text: &Text, layout: &Layout) -> Option<Flaw> {
    separator(text, layout).or_else(|| open_quote(text, layout))
}

/// Other separators than commas. They are known by the titles that they part from what follows.
fn separator(text: &Text, layout: &Layout) -> Option<Flaw> {
    let whole = text.beginning(64 * 1024);
    let lines = whole.split(['\n', '\r']).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.take(TELLING_LINES).collect();
    let expected = "commas between cells";
    if let Some(first) = lines.first().map(|line| line.trim_matches(['"', '\u{feff}', ' ', '\t']))
        && first.to_ascii_lowercase().starts_with("sep=")
    {
        // With the sign that it names.
        let found: String = first.chars().take("sep=;".len()).collect();
        return Some(Flaw::of_file(Code::Separator, found, expected).at_line(1));
    }
    // A line in quotes as a whole is one cell, whatever is in it.
    let quoted = lines.iter().filter(|line| is_one_cell(line) && titles(&line[1..], ',', layout) > 0).count();
    if quoted >= TELLING_TITLES {
        return Some(Flaw::of_file(
            Code::Separator,
            "commas inside quotation marks around each line",
            expected,
        ));
    }
    let count = |sign: char| lines.iter().map(|line| titles(line, sign, layout)).sum::<usize>();
    let commas = count(',');
    let signs = [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")];
    let (found, name) = signs.into_iter().map(|(sign, name)| (count(sign), name)).max()?;
    (found >= TELLING_TITLES && found > commas).then(|| Flaw::of_file(Code::Separator, name, expected))
}

/// How many titles a line has that a sign parts from other cells.
fn titles(line: &str, sign: char, layout: &Layout) -> usize {
    let mut cells = line.split(sign).map(|cell| cell.trim_matches(['"', ' ', '\u{feff}'])).peekable();
    let Some(first) = cells.next() else { return 0 };
    if cells.peek().is_none() {
        return 0;
    }
    if let Body::Flat { .. } = layout.body {
        let title = |cell: &str| Label::ALL.iter().any(|label| normalised(label.title()) == normalised(cell));
        return usize::from(title(first)) + cells.filter(|cell| title(cell)).count();
    }
    usize::from(is_title(first, layout) && !first.is_empty())
}

fn is_one_cell(line: &str) -> bool {
    let line = line.trim();
    let inner = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
    inner.is_some_and(|inner| inner.contains(',') && !inner.replace("\"\"", "").contains('"'))
}

/// A quotation mark that is never closed, or only by the next one of another cell, so that lines between them are taken for a
/// part of one cell.
fn open_quote(text: &Text, layout: &Layout) -> Option<Flaw> {
    let bytes = text.bytes();
    memchr::memchr(b'"', bytes)?;
    let (mut at, mut opened) = (0, None);
    while let Some(quote) = memchr::memchr(b'"', &bytes[at..]).map(|found| at + found) {
        let begins = quote == 0 || matches!(bytes[quote - 1], b',' | b'\n' | b'\r');
        at = quote + 1;
        // Within a cell that does not begin with it, a quotation mark is itself.
        if !begins {
            continue;
        }
        let Some(end) = closing(bytes, at) else {
            opened = Some((quote, bytes.len()));
            break;
        };
        if swallows_lines(text, &bytes[at..end], layout) {
            opened = Some((quote, end));
            break;
        }
        at = end + 1;
    }
    let (begin, end) = opened?;
    let cell = text.cell(&bytes[begin..end.min(begin + 200)]);
    let found = cell.split("  ").next().unwrap_or_default().trim().to_owned();
    let line = Lines::of(text).line_at(begin);
    let index = bytes[..begin]
        .iter()
        .rev()
        .take_while(|byte| !matches!(byte, b'\n' | b'\r'))
        .filter(|byte| **byte == b',');
    let flaw = Flaw::of_file(Code::OpenQuote, found, "a quotation mark at the end of the cell, too");
    Some(flaw.at_line(line).in_column(index.count()))
}

/// The quotation mark that closes a cell; two of them are one in the cell.
fn closing(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// Whether a cell has whole lines of a sheet in it: one that begins with a title or a date, and has commas.
fn swallows_lines(text: &Text, cell: &[u8], layout: &Layout) -> bool {
    let mut lines = cell.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.next();
    lines.any(|line| {
        let Some(comma) = memchr::memchr(b',', line) else { return false };
        let first = text.cell(&line[..comma]);
        let first = first.trim();
        !first.is_empty() && (is_title(first, layout) || date::day(first).is_some())
    })
}

#[cfg(test)]
mod tests;
