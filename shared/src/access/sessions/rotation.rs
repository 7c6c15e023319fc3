//! Rotation of the signing keys, driven by Secrets Manager: four steps, each of which may be repeated.
//!
//! The previous key stays in the keyring, so that the tokens it signed remain valid until they expire.

use crate::access::password;
use crate::ctx::Ctx;
use crate::fault::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

/// The event that Secrets Manager sends to a rotation function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RotationEvent {
    /// `createSecret`, `setSecret`, `testSecret` or `finishSecret`.
    pub step: String,
    /// The secret to rotate.
    pub secret_id: String,
    /// Id of the version being created.
    pub client_request_token: String,
}

/// Runs one step.
///
/// # Errors
/// A fault if the secret is not the signing secret, the step is unknown, or the store rejects it.
pub async fn step(ctx: &Ctx, event: &RotationEvent) -> Result<Value, Fault> {
    let (secret, version) = (event.secret_id.as_str(), event.client_request_token.as_str());
    if secret != ctx.signing_secret()? {
        return Err(Fault::new("the secret to rotate is not the signing secret"));
    }
    let secrets = ctx.secrets();
    match event.step.as_str() {
        "createSecret" => {
            if secrets.pending_keyring(secret, version).await?.is_none() {
                let id =
                    format!("{}-{}", ctx.clock().now().format("%Y%m%d"), version.get(..8).unwrap_or(version));
                let keyring = secrets.keyring(secret).await?.rotated(id, password::random()?);
                secrets.put_pending(secret, version, &keyring).await?;
            }
        }
        // Nothing else holds the keys, so there is nothing to set.
        "setSecret" => {}
        "testSecret" => {
            let pending = secrets.pending_keyring(secret, version).await?;
            if !pending.is_some_and(|keyring| keyring.keys.contains_key(&keyring.current)) {
                return Err(Fault::new("the pending keyring has no current key"));
            }
        }
        "finishSecret" => secrets.promote(secret, version).await?,
        step => return Err(Fault::new(format!("unknown rotation step: {step}"))),
    }
    tracing::info!(step = event.step, "rotating the signing keys");
    Ok(json!({ "done": true, "step": event.step }))
}
