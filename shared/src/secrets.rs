//! The secret store. Guarantees: passwords and keys come only from here, are never printed, and follow a rotation.

use crate::fault::{During, Fault};
use aws_sdk_secretsmanager::Client;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// AWS Secrets Manager, or any service that speaks its protocol at `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
#[derive(Clone, Debug)]
pub struct Secrets(Client);

/// The content of the database secret. RDS stores more fields in it, which are ignored.
#[derive(Deserialize)]
pub struct Credentials {
    /// Database user.
    pub username: String,
    /// The user's password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// The keys that sign tokens: the current one, and older ones whose tokens may still be valid.
///
/// The secret is a JSON object of key ids and keys, with `current` holding the id of the current key.
#[derive(Clone, Deserialize, serde::Serialize)]
pub struct Keyring {
    /// Id of the current signing key.
    pub current: String,
    /// All keys by their id.
    #[serde(flatten)]
    pub keys: BTreeMap<String, String>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("current", &self.current).finish_non_exhaustive()
    }
}

impl Keyring {
    /// The keyring after a rotation: a new key signs, the previous one still verifies, older ones are gone.
    #[must_use]
    pub fn rotated(&self, id: String, key: String) -> Self {
        let mut keys = BTreeMap::new();
        if let Some(old) = self.keys.get(&self.current) {
            keys.insert(self.current.clone(), old.clone());
        }
        keys.insert(id.clone(), key);
        Self { current: id, keys }
    }
}

impl Secrets {
    /// A client for the store that the AWS configuration names.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig) -> Self {
        Self(Client::new(config))
    }

    /// The database credentials.
    ///
    /// # Errors
    /// A fault if the secret does not exist or is not JSON with `username` and `password`.
    pub async fn credentials(&self, id: &str) -> Result<Credentials, Fault> {
        self.read(id, None).await
    }

    /// The signing keys in use.
    ///
    /// # Errors
    /// A fault if the secret does not exist or is not a keyring.
    pub async fn keyring(&self, id: &str) -> Result<Keyring, Fault> {
        self.read(id, None).await
    }

    /// The signing keys of one version, which a rotation step compares; `None` if the version does not exist.
    ///
    /// # Errors
    /// A fault if the store does not answer.
    pub async fn pending_keyring(&self, id: &str, version: &str) -> Result<Option<Keyring>, Fault> {
        match self.read(id, Some(version)).await {
            Ok(keyring) => Ok(Some(keyring)),
            Err(fault) => {
                use aws_sdk_secretsmanager::error::SdkError;
                use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError as Refused;
                match fault.cause::<SdkError<Refused>>().and_then(SdkError::as_service_error) {
                    Some(Refused::ResourceNotFoundException(_)) => Ok(None),
                    _ => Err(fault),
                }
            }
        }
    }

    /// Stores the keyring of a rotation as the pending version.
    ///
    /// # Errors
    /// A fault if the store rejects it.
    pub async fn put_pending(&self, id: &str, version: &str, keyring: &Keyring) -> Result<(), Fault> {
        let text = serde_json::to_string(keyring).during("writing a keyring as JSON")?;
        self.0
            .put_secret_value()
            .secret_id(id)
            .client_request_token(version)
            .secret_string(text)
            .version_stages(PENDING)
            .send()
            .await
            .during("writing the pending signing keys")?;
        Ok(())
    }

    /// Makes a version the current one. Doing it twice changes nothing.
    ///
    /// # Errors
    /// A fault if the store rejects it.
    pub async fn promote(&self, id: &str, version: &str) -> Result<(), Fault> {
        let described = self
            .0
            .describe_secret()
            .secret_id(id)
            .send()
            .await
            .during("looking up the versions of the signing keys")?;
        let current = described
            .version_ids_to_stages()
            .into_iter()
            .flatten()
            .find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT))
            .map(|(version, _)| version.clone());
        if current.as_deref() == Some(version) {
            return Ok(());
        }
        self.0
            .update_secret_version_stage()
            .secret_id(id)
            .version_stage(CURRENT)
            .move_to_version_id(version)
            .set_remove_from_version_id(current)
            .send()
            .await
            .during("making the pending signing keys the current ones")?;
        Ok(())
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        id: &str,
        version: Option<&str>,
    ) -> Result<T, Fault> {
        let answer = self
            .0
            .get_secret_value()
            .secret_id(id)
            .set_version_id(version.map(str::to_owned))
            .send()
            .await
            .during("fetching a secret")?;
        let text = answer.secret_string().ok_or_else(|| Fault::new("the secret has no text"))?;
        // The parser's own message may quote the secret, so only the position of the error is kept.
        serde_json::from_str(text).map_err(|error| {
            Fault::new(format!(
                "the secret is not of the expected form (line {}, column {})",
                error.line(),
                error.column()
            ))
        })
    }
}

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
