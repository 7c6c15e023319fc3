//! Texts that cannot be read as a sheet for one reason: wrong separators, or an open quotation mark. Everything else that is wrong
//! with them follows from it, so it is the only flaw that is listed.

use super::date;
use super::flaw::Flaw;
use super::header::is_title;
use super::row_reader::line_ends;
use super::text::Text;
use crate::catalog::label::normalised;
use crate::catalog::layouts::Body;
use crate::catalog::{Label, Layout};
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::code::Code;

/// How many lines are searched for separators.
const TELLING_LINES: usize = 40;
/// How many titles must be followed by a separator: a single one may be a typing error.
const TELLING_TITLES: usize = 3;

/// What keeps a text from being read as a sheet of the layout.
#[must_use]
pub fn of_text(text: &Text, layout: &Layout) -> Option<Flaw> {
    separator(text, layout).or_else(|| open_quote(text, layout))
}

/// Separators other than commas, recognised by the titles that they follow.
fn separator(text: &Text, layout: &Layout) -> Option<Flaw> {
    let whole = text.beginning(64 * 1024);
    let lines = whole.split(['\n', '\r']).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.take(TELLING_LINES).collect();
    let expected = "commas between cells";
    if let Some(first) = lines.first().map(|line| line.trim_matches(['"', '\u{feff}', ' ', '\t']))
        && first.to_ascii_lowercase().starts_with("sep=")
    {
        // Including the separator that it names.
        let found: String = first.chars().take("sep=;".len()).collect();
        return Some(Flaw::of_file(Code::Separator, found, expected).at_line(1));
    }
    // A line that is quoted as a whole is a single cell.
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

/// How many titles of a line are separated from other cells by a sign.
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

/// A quotation mark that is never closed, or is closed by that of another cell, so that one cell swallows the lines between them.
fn open_quote(text: &Text, layout: &Layout) -> Option<Flaw> {
    let bytes = text.bytes();
    let swallows = |begin: usize, end: usize| swallows_lines(text, &bytes[begin + 1..end], layout);
    let (begin, end) = quoted(bytes).find(|(begin, end)| end.is_none_or(|end| swallows(*begin, end)))?;
    let end = end.unwrap_or(bytes.len());
    let cell = text.cell(&bytes[begin..end.min(begin + 200)]);
    let found = cell.split("  ").next().unwrap_or_default().trim().to_owned();
    let flaw = Flaw::of_file(Code::OpenQuote, found, "a quotation mark at the end of the cell, too");
    Some(flaw.at(cell_at(bytes, begin)))
}

/// The cells that begin with a quotation mark: where it is, and the one that closes it.
fn quoted(bytes: &[u8]) -> impl Iterator<Item = (usize, Option<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
            at = quote + 1;
            // Inside a cell that does not begin with one, a quotation mark is a character like any other.
            if quote == 0 || matches!(bytes[quote - 1], b',' | b'\n' | b'\r') {
                let end = closing(bytes, at);
                at = end.map_or(bytes.len(), |end| end + 1);
                return Some((quote, end));
            }
        }
    })
}

/// The cell that begins at an offset. Commas and line breaks inside quotation marks separate nothing.
fn cell_at(bytes: &[u8], offset: usize) -> CellRef {
    let (mut cell, mut from) = (CellRef::new(1, 0), 0);
    let mut pass = |unquoted: &[u8]| {
        let last_end = unquoted.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        let commas = memchr::memchr_iter(b',', &unquoted[last_end.map_or(0, |end| end + 1)..]).count();
        let before = if last_end.is_some() { 0 } else { cell.index() };
        cell = CellRef::new(cell.line + line_ends(unquoted), before + commas);
    };
    for (begin, end) in quoted(bytes).take_while(|(begin, _)| *begin < offset) {
        pass(&bytes[from..begin]);
        from = end.map_or(offset, |end| end + 1);
    }
    pass(&bytes[from..offset]);
    cell
}

/// The quotation mark that closes a cell; a doubled one is part of the cell.
fn closing(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// Whether a cell contains whole lines of a sheet, which begin with a title or a date and have commas.
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
