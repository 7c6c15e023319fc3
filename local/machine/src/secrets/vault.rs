//! The stored secrets: versions, labels, and the rules for moving labels.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::Input;

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";
/// The protocol's name for an internal error.
pub(super) const INTERNAL: &str = "InternalServiceError";

/// An error of the protocol.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) kind: &'static str,
    pub(super) text: String,
}

impl Refusal {
    pub(super) fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    fn not_found(text: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", text)
    }
}

#[derive(Debug)]
pub(super) struct Vault {
    path: PathBuf,
    secrets: BTreeMap<String, Secret>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Secret {
    arn: String,
    description: Option<String>,
    created: i64,
    changed: i64,
    versions: BTreeMap<String, Version>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Version {
    string: Option<String>,
    binary: Option<String>,
    stages: Vec<String>,
    created: i64,
}

impl Vault {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let secrets = match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), secrets })
    }

    pub(super) fn current(&self, name: &str) -> Option<String> {
        let version = self.secrets.get(name)?.versions.values().find(|version| version.has(CURRENT))?;
        version.string.clone()
    }

    pub(super) fn create(&mut self, input: &Input) -> Result<Value, Refusal> {
        let missing =
            || Refusal::new("InvalidParameterException", "You must provide a value for the Name parameter.");
        let name = input.name.clone().ok_or_else(missing)?;
        if self.secrets.contains_key(&name) {
            let text = format!("The operation failed because the secret {name} already exists.");
            return Err(Refusal::new("ResourceExistsException", text));
        }
        let now = crate::clock::now().timestamp();
        // The real service adds six random characters, so that a reused name yields a different secret.
        let arn = format!(
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}-{}",
            &crate::random::token()[..6]
        );
        let description = input.description.clone();
        let secret =
            Secret { arn: arn.clone(), description, created: now, changed: now, versions: BTreeMap::new() };
        self.change(&name, secret, |secret| {
            if input.secret_string.is_none() && input.secret_binary.is_none() {
                return Ok(json!({ "ARN": arn, "Name": name }));
            }
            let id = input.client_request_token.clone().unwrap_or_else(crate::random::uuid);
            secret.put(&id, input, &[CURRENT.to_owned()])?;
            Ok(json!({ "ARN": arn, "Name": name, "VersionId": id }))
        })
    }

    pub(super) fn describe(&self, input: &Input) -> Result<Value, Refusal> {
        let (name, secret) = self.find(&input.secret_id)?;
        let stages: BTreeMap<&String, &Vec<String>> = secret
            .versions
            .iter()
            .filter(|(_, version)| !version.stages.is_empty())
            .map(|(id, version)| (id, &version.stages))
            .collect();
        Ok(json!({
            "ARN": secret.arn,
            "Name": name,
            "Description": secret.description,
            "RotationEnabled": true,
            "CreatedDate": secret.created,
            "LastChangedDate": secret.changed,
            "VersionIdsToStages": stages,
        }))
    }

    pub(super) fn get(&self, input: &Input) -> Result<Value, Refusal> {
        let (name, secret) = self.find(&input.secret_id)?;
        let stage = input.version_stage.as_deref();
        let mut versions = secret.versions.iter();
        let (found, asked) = if let Some(id) = &input.version_id {
            let wanted = |version: &Version| stage.is_none_or(|stage| version.has(stage));
            (versions.find(|(known, version)| *known == id && wanted(version)), format!("VersionId: {id}"))
        } else {
            let stage = stage.unwrap_or(CURRENT);
            (versions.find(|(_, version)| version.has(stage)), format!("staging label: {stage}"))
        };
        let (id, version) = found.filter(|(_, version)| version.has_value()).ok_or_else(|| {
            Refusal::not_found(format!("Secrets Manager can't find the specified secret value for {asked}"))
        })?;
        let mut answer = json!({
            "ARN": secret.arn,
            "Name": name,
            "VersionId": id,
            "VersionStages": version.stages,
            "CreatedDate": version.created,
        });
        for (field, value) in [("SecretString", &version.string), ("SecretBinary", &version.binary)] {
            if let Some(value) = value {
                answer[field] = json!(value);
            }
        }
        Ok(answer)
    }

    pub(super) fn put(&mut self, input: &Input) -> Result<Value, Refusal> {
        let (name, secret) =
            self.find(&input.secret_id).map(|(name, secret)| (name.clone(), secret.clone()))?;
        let id = input.client_request_token.clone().unwrap_or_else(crate::random::uuid);
        let stages = input.version_stages.clone().unwrap_or_else(|| vec![CURRENT.to_owned()]);
        let arn = secret.arn.clone();
        self.change(&name.clone(), secret, |secret| {
            secret.put(&id, input, &stages)?;
            let stages = &secret.versions[&id].stages;
            Ok(json!({ "ARN": arn, "Name": name, "VersionId": id, "VersionStages": stages }))
        })
    }

    pub(super) fn update_stage(&mut self, input: &Input) -> Result<Value, Refusal> {
        let (name, secret) =
            self.find(&input.secret_id).map(|(name, secret)| (name.clone(), secret.clone()))?;
        let invalid = |text: String| Refusal::new("InvalidParameterException", text);
        let Some(stage) = &input.version_stage else {
            return Err(invalid("You must provide a value for the VersionStage parameter.".to_owned()));
        };
        let arn = secret.arn.clone();
        self.change(&name.clone(), secret, |secret| {
            let holder = secret.holder(stage);
            let remove = input.remove_from_version_id.as_ref();
            // The caller must name the current holder of a label, so that two callers who move it notice each other.
            if holder.is_some() && holder != input.move_to_version_id && holder.as_ref() != remove {
                return Err(invalid(format!(
                    "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached \
                     to version {}, so you must explicitly reference that version in RemoveFromVersionId.",
                    holder.unwrap_or_default()
                )));
            }
            match &input.move_to_version_id {
                Some(to) if secret.versions.contains_key(to) => secret.label(to, stage),
                Some(to) => {
                    let text = format!("Secrets Manager can't find the specified secret version: {to}");
                    return Err(Refusal::not_found(text));
                }
                None => secret.versions.values_mut().for_each(|version| version.stages.retain(|had| had != stage)),
            }
            Ok(json!({ "ARN": arn, "Name": name }))
        })
    }

    pub(super) fn begin_rotation(&mut self, name: &str) -> Result<String, Refusal> {
        let (name, secret) = self.find(name).map(|(name, secret)| (name.clone(), secret.clone()))?;
        let token = crate::random::uuid();
        self.change(&name, secret, |secret| {
            let created = crate::clock::now().timestamp();
            secret.versions.insert(token.clone(), Version { created, ..Version::default() });
            secret.label(&token, PENDING);
            Ok(token)
        })
    }

    fn find(&self, id: &str) -> Result<(&String, &Secret), Refusal> {
        let found = self.secrets.iter().find(|(name, secret)| *name == id || secret.arn == id);
        found.ok_or_else(|| Refusal::not_found("Secrets Manager can't find the specified secret."))
    }

    /// Applies a change to a copy, saves it, and only then makes it current.
    fn change<T>(
        &mut self,
        name: &str,
        mut secret: Secret,
        change: impl FnOnce(&mut Secret) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let answer = change(&mut secret)?;
        secret.changed = crate::clock::now().timestamp();
        let mut secrets = self.secrets.clone();
        secrets.insert(name.to_owned(), secret);
        let text = serde_json::to_vec_pretty(&secrets).expect("maps of strings are always JSON");
        save(&self.path, &text).map_err(|error| Refusal::new(INTERNAL, error.to_string()))?;
        self.secrets = secrets;
        Ok(answer)
    }
}

impl Secret {
    fn holder(&self, stage: &str) -> Option<String> {
        self.versions.iter().find(|(_, version)| version.has(stage)).map(|(id, _)| id.clone())
    }

    /// Adds a version, or fills one that a rotation has announced. The same token with the same value repeats the request; with
    /// another value it is an error.
    fn put(&mut self, id: &str, input: &Input, stages: &[String]) -> Result<(), Refusal> {
        let version = self.versions.entry(id.to_owned()).or_default();
        if !version.has_value() {
            version.string.clone_from(&input.secret_string);
            version.binary.clone_from(&input.secret_binary);
            version.created = crate::clock::now().timestamp();
        } else if version.string != input.secret_string || version.binary != input.secret_binary {
            let text = format!("A resource with the ID {id} already exists with other content.");
            return Err(Refusal::new("ResourceExistsException", text));
        }
        if !version.has_value() {
            let text = "You must provide either SecretString or SecretBinary.";
            return Err(Refusal::new("InvalidParameterException", text));
        }
        for stage in stages {
            self.label(id, stage);
        }
        Ok(())
    }

    /// Moves `stage` to version `id`; the version that was current becomes the previous one.
    fn label(&mut self, id: &str, stage: &str) {
        let holder = self.holder(stage);
        if holder.as_deref() == Some(id) {
            return;
        }
        for version in self.versions.values_mut() {
            version.stages.retain(|had| had != stage && !(stage == CURRENT && had == PREVIOUS));
        }
        if let Some(version) = self.versions.get_mut(id) {
            version.stages.push(stage.to_owned());
        }
        if let Some(version) =
            holder.filter(|_| stage == CURRENT).and_then(|holder| self.versions.get_mut(&holder))
        {
            version.stages.push(PREVIOUS.to_owned());
        }
    }
}

impl Version {
    fn has(&self, stage: &str) -> bool {
        self.stages.iter().any(|had| had == stage)
    }

    fn has_value(&self) -> bool {
        self.string.is_some() || self.binary.is_some()
    }
}

fn save(path: &Path, text: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    // Written to a temporary file first and then renamed: a crash leaves either the old secrets or the new ones.
    let aside = path.with_extension("new");
    let _ = fs::remove_file(&aside);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}
