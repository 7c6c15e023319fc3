//! An answer as a page shows it: JSON with indents and long lists cut short, tables by their first rows.

/// Rows of a table, or entries of a list, that are shown.
const SHOWN: usize = 3;
/// Columns that a JSON value may take on one line.
const WIDTH: usize = 118;

/// The part of an answer that a page shows: `json`, or the first lines of `csv` or `text`, as many as the number after the word.
pub fn answer(words: &[String], said: &str) -> String {
    let said = said.trim_end_matches(['\n', '\r']).replace('\r', "");
    let most = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(SHOWN + 1);
    match words[0].as_str() {
        "json" => {
            let mut chars = said.chars().peekable();
            let mut text = String::new();
            while chars.peek().is_some() {
                text += &(Value::read(&mut chars).lines(0) + "\n");
                blanks(&mut chars);
            }
            text
        }
        "csv" if said.lines().count() > most => {
            let first: Vec<&str> = said.lines().take(most).collect();
            first.join("\n") + "\n…\n"
        }
        _ => said + "\n",
    }
}

/// A secret or a digest, by its beginning.
fn shortened(text: String) -> String {
    let inner = text.trim_matches('"');
    let path = inner.rsplit_once('#').map_or(inner, |(_, fragment)| fragment);
    if text.starts_with('"') && is_opaque(path) && path.len() > 36 {
        return text.replace(path, &format!("{}…", &path[..12]));
    }
    text
}

/// Whether a word is a secret, a digest or an identifier, and not one of a language.
fn is_opaque(word: &str) -> bool {
    let word =
        word.strip_suffix('…').map_or(word, |beginning| if beginning.len() == 12 { OPAQUE } else { word });
    let bytes = word.bytes();
    word.len() >= 24
        && bytes.clone().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b))
        && bytes.clone().any(|b| b.is_ascii_digit())
}

/// A word that is opaque.
const OPAQUE: &str = "000000000000000000000000";

/// A JSON text in the order in which it was written, which the page keeps.
enum Value {
    /// A number, a word or a string, as written.
    Plain(String),
    /// A list or an object: its brackets, and its entries with their keys.
    Nested(char, Vec<(String, Self)>),
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn blanks(chars: &mut Chars<'_>) {
    while chars.next_if(|c| c.is_whitespace() || matches!(c, ',' | ':')).is_some() {}
}

fn string(chars: &mut Chars<'_>) -> String {
    let mut text = chars.next().map(String::from).unwrap_or_default();
    while let Some(c) = chars.next() {
        text.push(c);
        match c {
            '\\' => text.extend(chars.next()),
            '"' => break,
            _ => {}
        }
    }
    text
}

impl Value {
    fn read(chars: &mut Chars<'_>) -> Self {
        blanks(chars);
        match chars.peek() {
            Some('"') => Self::Plain(shortened(string(chars))),
            Some(&open @ ('[' | '{')) => {
                chars.next();
                let mut entries = Vec::new();
                loop {
                    blanks(chars);
                    if chars.next_if(|c| matches!(c, ']' | '}')).is_some() || chars.peek().is_none() {
                        return Self::Nested(open, entries);
                    }
                    let key = if open == '{' { string(chars) } else { String::new() };
                    entries.push((key, Self::read(chars)));
                }
            }
            _ => {
                let mut text = String::new();
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !",]}".contains(*c)) {
                    text.push(c);
                }
                if text.is_empty() {
                    text.extend(chars.next());
                }
                Self::Plain(text)
            }
        }
    }

    fn compact(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Nested(open, entries) => {
                let entry = |(key, value): &(String, Self)| match key.as_str() {
                    "" => value.compact(),
                    key => format!("{key}: {}", value.compact()),
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                match open {
                    '[' => format!("[{}]", entries.join(", ")),
                    _ if entries.is_empty() => "{}".to_owned(),
                    _ => format!("{{ {} }}", entries.join(", ")),
                }
            }
        }
    }

    fn lines(&self, depth: usize) -> String {
        let compact = self.compact();
        let Self::Nested(open, entries) = self else { return compact };
        if compact.len() + 2 * depth <= WIDTH {
            return compact;
        }
        let shown = if *open == '[' { SHOWN - 1 } else { entries.len() };
        let indent = "  ".repeat(depth + 1);
        let mut lines: Vec<String> = entries
            .iter()
            .take(shown)
            .map(|(key, value)| {
                let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
                format!("{indent}{key}{}", value.lines(depth + 1))
            })
            .collect();
        if entries.len() > shown {
            lines.push(format!("{indent}…"));
        }
        let close = if *open == '[' { ']' } else { '}' };
        format!("{open}\n{}\n{}{close}", lines.join(",\n"), "  ".repeat(depth))
    }
}

/// The text without what is another at every run: moments, secrets, digests, and the numbers of rows in the database.
pub fn masked(text: &str) -> String {
    let separators = |c: char| c.is_whitespace() || "\",=?&/()[]{}#".contains(c);
    let mut masked = String::new();
    let mut key = "";
    for word in text.split_inclusive(separators) {
        let end = word.trim_end_matches(separators);
        let moment = end.len() >= 20 && end.ends_with('Z') && end.as_bytes()[4] == b'-';
        let number = !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()) && NUMBERED.contains(&key);
        masked += match end {
            _ if moment => "<moment>",
            _ if is_opaque(end) => "<opaque>",
            _ if number => "<number>",
            _ => end,
        };
        masked += &word[end.len()..];
        if !end.is_empty() && end != ":" && !number {
            key = end;
        }
    }
    masked
}

/// Fields whose numbers are those of rows in the database, of the schema, or of how much room or how many attempts something took.
const NUMBERED: [&str; 17] = [
    "id",
    "snapshot",
    "snapshots",
    "snapshot_id",
    "previous_id",
    "upload_id",
    "curve",
    "curves",
    "matrix_snapshot",
    "ptc_snapshot",
    "loadprofile_snapshot",
    "attempts",
    "bytes",
    "rows",
    "from",
    "newest",
    "version",
];

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn an_answer_is_shown_in_its_own_order_and_cut_short() {
    let said = format!(
        r#"{{"b":1,"a":[{0},{0},{0}],"c":"x, \"y\""}}"#,
        format_args!("{{\"long\":\"{}\"}}", "z".repeat(60))
    );
    let shown = answer(&words("json output"), &said);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[..2], ["{", "  \"b\": 1,"]);
    assert_eq!(lines[5..], ["    …", "  ],", "  \"c\": \"x, \\\"y\\\"\"", "}"]);
    assert_eq!(answer(&words("csv output"), "a\r\n1\r\n2\r\n3\r\n4\r\n"), "a\n1\n2\n3\n…\n");
    assert_eq!(answer(&words("csv output 2"), "a\n1\n2\n"), "a\n1\n…\n");
    assert_eq!(answer(&words("json output"), "{}\n[1]\n"), "{}\n[1]\n");
}

#[test]
fn what_is_another_at_every_run_is_masked() {
    let one = r#"{ "id": 7, "at": "2026-11-29T01:02:03Z", "price": 40.1 }"#;
    let two = r#"{ "id": 12, "at": "2027-01-01T00:00:00.123Z", "price": 40.1 }"#;
    assert_eq!(masked(one), masked(two));
    assert_eq!(masked(r#""curves": [1, 2] "#), masked(r#""curves": [13, 4] "#));
    let secret = "\"tp_1_PytvmHmiB-jym08TVaLRODnrv4V-kfKEt1UB4hXXqfE\"";
    assert_eq!(shortened(secret.to_owned()), "\"tp_1_PytvmHm…\"");
    assert_eq!(masked("tp_1_PytvmHm…"), masked("tp_1_aaaaaaa…"));
    assert_ne!(masked(one), masked(&one.replace("40.1", "40.2")));
}
