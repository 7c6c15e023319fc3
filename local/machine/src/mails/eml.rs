//! Writes a mail as a file. Guarantees: nothing in a header or body can end it early: parts are separated by unguessable
//! boundaries, and a header that is not plain ASCII is encoded (RFC 2047).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::message::{Header, SendEmail};

/// Maximum length of an unencoded header line, in characters; RFC 5322 allows 998.
const MAX_PLAIN: usize = 900;
/// Maximum number of bytes in a word before encoding, so that the encoded word has at most 75 characters.
const MAX_OF_WORD: usize = 45;

/// The content of the file.
pub(super) fn written(mail: &SendEmail) -> String {
    let simple = &mail.content.simple;
    let parts = [("text/plain", &simple.body.text.data), ("text/html", &simple.body.html.data)];
    let boundary = boundary(&parts.map(|(_, data)| data.as_str()));
    let to: Vec<String> = mail.destination.to_addresses.iter().map(|to| address(to)).collect();
    let mut eml = format!(
        "From: {}\nTo: {}\nSubject: {}\nMIME-Version: 1.0\n",
        address(&mail.from_email_address),
        to.join(", "),
        header(&simple.subject.data)
    );
    let doing = "a String takes what is written to it";
    for Header { name, value } in &simple.headers {
        writeln!(eml, "{name}: {}", header(value)).expect(doing);
    }
    writeln!(eml, "Content-Type: multipart/alternative; boundary=\"{boundary}\"\n").expect(doing);
    for (kind, data) in parts {
        let head = format!("Content-Type: {kind}; charset=UTF-8\nContent-Transfer-Encoding: 8bit");
        writeln!(eml, "--{boundary}\n{head}\n\n{data}").expect(doing);
    }
    writeln!(eml, "--{boundary}--").expect(doing);
    eml
}

/// A boundary that occurs in none of the parts.
fn boundary(parts: &[&str]) -> String {
    loop {
        let boundary = format!("part-{}", crate::random::token());
        if !parts.iter().any(|part| part.contains(&boundary)) {
            return boundary;
        }
    }
}

/// The value of a header: unchanged if it is short and plain, otherwise as encoded words. Text that looks like an encoded word is
/// also encoded, because a reader would decode it.
fn header(text: &str) -> String {
    let plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if plain && text.len() <= MAX_PLAIN && !text.contains("=?") {
        return text.to_owned();
    }
    let (mut words, mut word) = (vec![], String::new());
    for letter in text.chars() {
        if word.len() + letter.len_utf8() > MAX_OF_WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter);
    }
    words.push(word);
    let encoded: Vec<String> =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    // Blanks between encoded words are ignored.
    encoded.join("\n ")
}

/// An address with or without a display name. The name is encoded if necessary, the address never.
fn address(text: &str) -> String {
    match text.rsplit_once('<') {
        Some((name, rest)) if !name.trim().is_empty() => format!("{} <{rest}", header(name.trim())),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mail(subject: &str, text: &str, html: &str) -> SendEmail {
        serde_json::from_value(json!({
            "FromEmailAddress": "Börse <desk@example.com>",
            "Destination": { "ToAddresses": ["analyst@example.com"] },
            "Content": { "Simple": {
                "Subject": { "Data": subject },
                "Body": { "Text": { "Data": text }, "Html": { "Data": html } },
                "Headers": [{ "Name": "X-Trueprice-Id", "Value": "7" }],
            } },
        }))
        .unwrap()
    }

    fn lines(eml: &str, start: &str) -> Vec<String> {
        eml.lines().filter(|line| line.starts_with(start)).map(str::to_owned).collect()
    }

    /// Decodes a header like a mail program.
    fn decoded(value: &str) -> String {
        let words = value.split_whitespace().map(|word| {
            let inside = word.strip_prefix("=?UTF-8?B?").and_then(|word| word.strip_suffix("?="));
            String::from_utf8(STANDARD.decode(inside.expect("it is an encoded word")).unwrap()).unwrap()
        });
        words.collect()
    }

    #[test]
    fn no_text_can_end_a_part_or_a_header() {
        let label = "--the-same-in-other-words--\n--part-0\nContent-Type: text/html\n\n<b>x</b>";
        let eml = written(&mail("plain", label, label));
        let boundary = lines(&eml, "Content-Type: multipart")[0].split('"').nth(1).unwrap().to_owned();
        assert_eq!(eml.matches(&format!("--{boundary}\n")).count(), 2, "{eml}");
        assert_eq!(eml.matches(&format!("\n--{boundary}--\n")).count(), 1, "{eml}");
        assert_eq!(eml.matches(label).count(), 2, "the body is unchanged");
        assert_eq!(lines(&eml, "Subject:"), ["Subject: plain"]);
        let again = written(&mail("plain", label, label));
        assert!(!again.contains(&boundary), "each mail has its own boundary");
    }

    #[test]
    fn a_header_that_is_not_plain_is_encoded() {
        for subject in ["Zürich – Köln ☃", "=?UTF-8?B?eA==?=", &"long ".repeat(400), "é".repeat(100).as_str()]
        {
            let eml = written(&mail(subject, "", ""));
            let value = eml.split_once("Subject: ").unwrap().1.split_once("\nMIME").unwrap().0;
            assert!(value.lines().all(|line| line.len() <= 76 && line.is_ascii()), "{value}");
            assert_eq!(decoded(value), subject);
        }
        let eml = written(&mail("plain", "", ""));
        assert!(
            eml.starts_with("From: =?UTF-8?B?QsO2cnNl?= <desk@example.com>\nTo: analyst@example.com\n"),
            "{eml}"
        );
    }
}
