//! The objects on disk, and their index in memory.
//!
//! A version is two files in its bucket's folder: `<number>-<name>` holds its bytes and `<number>.json` describes it. The
//! description is written last and moved into place, so a version exists once its description does. Sorted by name, the folder is
//! the history of arrivals.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use s3s::dto::ETagCondition;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::event::event;
use super::record::{Attributes, Draft, Record, Sums, file_name};
use super::staging::Staged;

/// Folder for incoming bytes; whatever an earlier process left there is removed.
const INCOMING: &str = ".incoming";

/// The conditions that must hold when the version becomes visible.
#[derive(Debug, Default)]
pub(super) struct Condition {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

/// Why a version did not become visible.
#[derive(Debug)]
pub(super) enum NotKept {
    NoSuchBucket,
    ConditionFailed,
    Io(io::Error),
}

impl From<io::Error> for NotKept {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[derive(Debug)]
pub(super) struct Shelf {
    root: PathBuf,
    events: UnboundedSender<Value>,
    contents: Mutex<Contents>,
}

/// The versions of each key, oldest first.
pub(super) type Bucket = BTreeMap<String, Vec<Arc<Record>>>;

#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) buckets: HashMap<String, Bucket>,
    last: u64,
}

impl Contents {
    /// The version that is read if none is named; `None` if the key does not exist or was deleted.
    pub(super) fn current(&self, bucket: &str, key: &str) -> Option<&Arc<Record>> {
        self.buckets.get(bucket)?.get(key)?.last().filter(|record| !record.deleted)
    }
}

impl Shelf {
    pub(super) fn open(root: &Path, events: UnboundedSender<Value>) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let incoming = root.join(INCOMING);
        if incoming.exists() {
            fs::remove_dir_all(&incoming)?;
        }
        fs::create_dir(&incoming)?;
        let mut contents = Contents::default();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() && !name.starts_with('.') {
                let bucket = read_bucket(&entry.path())?;
                let numbers = bucket.values().flatten().map(|record| record.number);
                contents.last = numbers.fold(contents.last, u64::max);
                contents.buckets.insert(name, bucket);
            }
        }
        Ok(Self { root: root.to_owned(), events, contents: Mutex::new(contents) })
    }

    pub(super) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().expect("nothing panics while it holds the lock")
    }

    pub(super) fn incoming(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    pub(super) fn file(&self, bucket: &str, record: &Record) -> PathBuf {
        self.root.join(bucket).join(&record.file)
    }

    fn description(&self, bucket: &str, number: u64) -> PathBuf {
        self.root.join(bucket).join(format!("{number:020}.json"))
    }

    /// Creates a bucket and returns whether it is new.
    pub(super) fn make_bucket(&self, name: &str) -> io::Result<bool> {
        let mut contents = self.contents();
        if contents.buckets.contains_key(name) {
            return Ok(false);
        }
        fs::create_dir_all(self.root.join(name))?;
        contents.buckets.insert(name.to_owned(), Bucket::new());
        Ok(true)
    }

    /// Makes a version visible and raises its event. Blocks on disk access.
    ///
    /// Everything happens under one lock, so that numbers, history and events have the same order, and conditions hold.
    pub(super) fn keep(
        &self,
        bucket: &str,
        draft: Draft,
        staged: Staged,
        condition: &Condition,
    ) -> Result<Arc<Record>, NotKept> {
        let mut contents = self.contents();
        condition.check(&contents, bucket, &draft.key)?;
        let number = contents.next();
        let record = Record {
            file: file_name(number, &draft.key),
            key: draft.key,
            number,
            deleted: false,
            event: draft.event.to_owned(),
            size: staged.size,
            e_tag: draft.e_tag,
            attributes: draft.attributes,
            sums: draft.sums,
        };
        staged.move_to(&self.file(bucket, &record))?;
        let record = self.enter(&mut contents, bucket, record)?;
        // If there is no receiver, the owner is stopping and will replay the event at the next start.
        let _ = self.events.send(event(bucket, &record));
        Ok(record)
    }

    /// Marks a key as deleted; its versions stay and can be read by id. Blocks on disk access.
    pub(super) fn mark_deleted(&self, bucket: &str, key: &str) -> Result<Arc<Record>, NotKept> {
        let mut contents = self.contents();
        Condition::default().check(&contents, bucket, key)?;
        let number = contents.next();
        let record = Record {
            key: key.to_owned(),
            number,
            deleted: true,
            event: "ObjectRemoved:DeleteMarkerCreated".to_owned(),
            size: 0,
            e_tag: String::new(),
            attributes: Attributes::default(),
            sums: Sums::default(),
            file: file_name(number, key),
        };
        self.enter(&mut contents, bucket, record)
    }

    /// Permanently removes one version; does nothing if it does not exist. Blocks on disk access.
    pub(super) fn remove(&self, bucket: &str, key: &str, version_id: &str) -> Result<(), NotKept> {
        let mut contents = self.contents();
        let versions = contents.buckets.get_mut(bucket).ok_or(NotKept::NoSuchBucket)?;
        let Some(history) = versions.get_mut(key) else { return Ok(()) };
        let Some(at) = history.iter().position(|record| record.version_id() == version_id) else {
            return Ok(());
        };
        let file = self.file(bucket, &history[at]);
        // The description is removed first; without it, the bytes are ignored.
        fs::remove_file(self.description(bucket, history[at].number))?;
        history.remove(at);
        if history.is_empty() {
            versions.remove(key);
        }
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn replay(&self, bucket: &str) -> usize {
        let contents = self.contents();
        let Some(versions) = contents.buckets.get(bucket) else { return 0 };
        let present = versions.values().filter(|history| history.last().is_some_and(|last| !last.deleted));
        let mut records: Vec<&Arc<Record>> = present.flatten().filter(|record| !record.deleted).collect();
        records.sort_by_key(|record| record.number);
        for record in &records {
            let _ = self.events.send(event(bucket, record));
        }
        records.len()
    }

    fn enter(&self, contents: &mut Contents, bucket: &str, record: Record) -> Result<Arc<Record>, NotKept> {
        let aside = self.incoming().join(format!("{}.json", record.version_id()));
        let mut file = File::create(&aside)?;
        file.write_all(&serde_json::to_vec_pretty(&record).map_err(io::Error::from)?)?;
        file.sync_all()?;
        fs::rename(&aside, self.description(bucket, record.number))?;
        File::open(self.root.join(bucket))?.sync_all()?;
        let record = Arc::new(record);
        let versions = contents.buckets.get_mut(bucket).ok_or(NotKept::NoSuchBucket)?;
        versions.entry(record.key.clone()).or_default().push(Arc::clone(&record));
        Ok(record)
    }
}

impl Contents {
    fn next(&mut self) -> u64 {
        let nanoseconds = crate::clock::now().timestamp_nanos_opt();
        let now = nanoseconds.and_then(|now| u64::try_from(now).ok()).unwrap_or(0);
        // If the clock is set back, new versions must still get higher numbers than older ones.
        self.last = now.max(self.last + 1);
        self.last
    }
}

impl Condition {
    fn check(&self, contents: &Contents, bucket: &str, key: &str) -> Result<(), NotKept> {
        if !contents.buckets.contains_key(bucket) {
            return Err(NotKept::NoSuchBucket);
        }
        let current = contents.current(bucket, key);
        let matches = |condition: &ETagCondition| match (current, condition) {
            (None, _) => false,
            (Some(_), ETagCondition::Any) => true,
            (Some(record), ETagCondition::ETag(tag)) => record.tag().strong_cmp(tag),
        };
        let wanted = self.if_match.as_ref().is_none_or(matches);
        let unwanted = self.if_none_match.as_ref().is_some_and(matches);
        if wanted && !unwanted { Ok(()) } else { Err(NotKept::ConditionFailed) }
    }
}

fn read_bucket(folder: &Path) -> io::Result<Bucket> {
    let mut records = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // The file with an object's bytes has a hyphen in its name, so an object that is itself called .json does not match.
        if name.strip_suffix(".json").is_some_and(|number| number.parse::<u64>().is_ok()) {
            records.push(serde_json::from_slice::<Record>(&fs::read(&path)?)?);
        }
    }
    records.sort_by_key(|record| record.number);
    let mut bucket = Bucket::new();
    for record in records {
        bucket.entry(record.key.clone()).or_default().push(Arc::new(record));
    }
    Ok(bucket)
}
