//! The deployment environment. Guarantees: it is read once, and an unknown name counts as production, where nothing can be
//! destroyed by mistake.

use std::convert::Infallible;
use std::str::FromStr;

/// The environment named by `TRUEPRICE_ENVIRONMENT`, ignoring case and surrounding blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environment {
    /// `local`: the whole system on one machine.
    Local,
    /// `dev`.
    Development,
    /// `test`.
    Test,
    /// `prod`, and every other name, such as `production`, `prod-eu` or `staging`, as it was written.
    Production(String),
}

impl Environment {
    /// The environment if no name is set.
    #[must_use]
    pub fn unnamed() -> Self {
        Self::Production("prod".to_owned())
    }

    /// The name that `confirm` has to repeat.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Development => "dev",
            Self::Test => "test",
            Self::Production(name) => name,
        }
    }

    /// The name that must be confirmed before an irreversible action, if it was not confirmed. Always `None` outside production.
    #[must_use]
    pub fn unconfirmed(&self, confirm: Option<&str>) -> Option<&str> {
        match self {
            Self::Local | Self::Development | Self::Test => None,
            Self::Production(name) => Some(name.as_str()).filter(|name| confirm != Some(name)),
        }
    }
}

impl FromStr for Environment {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let name = text.trim();
        Ok(match name.to_lowercase().as_str() {
            "" => Self::unnamed(),
            "local" => Self::Local,
            "dev" => Self::Development,
            "test" => Self::Test,
            _ => Self::Production(name.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unknown_name_counts_as_production() {
        for (text, name, guarded) in [
            ("local", "local", false),
            ("dev", "dev", false),
            (" Dev ", "dev", false),
            ("TEST", "test", false),
            ("prod", "prod", true),
            ("PROD", "PROD", true),
            ("production", "production", true),
            ("prod-eu", "prod-eu", true),
            ("pr0d", "pr0d", true),
            ("staging", "staging", true),
            ("dev-eu", "dev-eu", true),
            ("live", "live", true),
            ("", "prod", true),
            ("  ", "prod", true),
        ] {
            let environment: Environment = text.parse().unwrap();
            assert_eq!(environment.name(), name, "{text:?}");
            let asked = guarded.then_some(name);
            assert_eq!(environment.unconfirmed(None), asked, "{text:?}");
            assert_eq!(environment.unconfirmed(Some("another")), asked, "{text:?}");
            assert_eq!(environment.unconfirmed(Some(name)), None, "{text:?}");
        }
    }
}
