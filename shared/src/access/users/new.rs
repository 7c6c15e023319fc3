//! Validation of a new account. Guarantees: everything that is wrong with it is reported at once.

use super::store;
use crate::access::{Role, password};
use crate::http::wrong::Wrong;

/// A validated account to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// E-mail address in its stored form.
    pub email: String,
    /// Role of the user.
    pub role: Role,
    /// Password; `None` if the user will set it through a link.
    pub password: Option<String>,
}

impl NewUser {
    /// Validates the input.
    ///
    /// # Errors
    /// Everything that is wrong with the input.
    pub fn check(email: &str, role: &str, password: Option<String>) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let email = store::normal(email);
        if !is_address(&email) {
            wrong.push(Wrong::found("email", &email, "expected an e-mail address such as name@example.com"));
        }
        let role = role
            .parse::<Role>()
            .map_err(|expected| wrong.push(Wrong::found("role", role, &expected.to_string())));
        if let Some(found) = password.as_deref().and_then(|password| password::flaw(password, &email)) {
            wrong.push(flaw("password", found));
        }
        match role {
            Ok(role) if wrong.is_empty() => Ok(Self { email, role, password }),
            _ => Err(wrong),
        }
    }
}

/// An error in a request whose value must not be echoed, such as a password.
pub fn flaw(parameter: &str, detail: impl Into<String>) -> Wrong {
    Wrong::new(parameter, detail)
}

/// An address that mail servers accept without quotes (RFC 5321, dot-string) and that starts with a letter, a digit or `_`, because
/// a spreadsheet treats text starting with `=`, `+`, `-` or `@` as a formula. Whether the address exists can only be found out by
/// sending a mail.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let in_name = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 254
        && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().all(in_name)
        && name.split('.').all(|part| !part.is_empty())
        && host.split('.').all(label)
        && (host.contains('.') || host == "localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_valid_for_mail_and_is_not_a_spreadsheet_formula() {
        for good in
            ["a@b.co", "o'brien@example.com", "first.last+tag@sub.example-host.com", "admin@localhost"]
        {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a@@b.co",
            "a b@c.de",
            "a@b..co",
            "a..b@c.de",
            ".a@b.co",
            "a@-b.co",
            "=1+1@b.co",
            "+a@b.co",
            "-a@b.co",
            "@sum(1)@b.co",
            "a\n@b.co",
            "a\0@b.co",
            "\"a\"@b.co",
            "a,b@c.de",
            "<script>@b.co",
            "é@b.co",
            "a@b.co\r\nBcc: c@d.ef",
            "a;drop table x@b.co",
        ] {
            assert!(!is_address(bad), "{bad:?}");
        }
        assert!(!is_address(&format!("{}@example.com", "a".repeat(250))));
    }

    #[test]
    fn all_errors_in_a_new_user_are_reported_at_once() {
        let wrong = NewUser::check("nobody", "king", Some("short".to_owned())).unwrap_err();
        let names: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
        assert_eq!(names, ["email", "role", "password"]);
        let new = NewUser::check(" Analyst@Example.com ", "read_only_user", None).unwrap();
        assert_eq!((new.email.as_str(), new.password), ("analyst@example.com", None));
    }
}
