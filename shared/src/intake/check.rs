//! Judges a sheet without publishing it: what the outcome would be, with all flaws and warnings. Guarantees: the verdict is that of
//! [`super::judge`], against the same history; nothing is written except the report.

use super::archive::{self, Archive};
use super::journal::status::Status;
use super::journal::{self, Outcome, UploadId};
use super::judge::examine;
use super::keys::{CHECK, CHECKED, MAX_BYTES, base_name};
use super::unpack::{passed_over, sheet_rejected};
use super::{quality, report};
use crate::access::Grants;
use crate::ctx::Ctx;
use crate::curves::publish::store::lock_series;
use crate::curves::publish::{Foreseen, foresee, is_closed};
use crate::curves::sheet::SnapshotName;
use crate::fault::Fault;
use crate::http::words::counted;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::reading::Reading;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What the outcome would be for a sheet, or for an archive and each of its sheets.
#[derive(Debug)]
pub struct Report {
    file: String,
    would: Status,
    name: Option<SnapshotName>,
    counts: Option<(usize, usize, usize, usize)>,
    flaws: Flaws,
    warnings: Flaws,
    sheets: Vec<Report>,
    /// For an archive: files that the operating system added to it.
    ignored: Vec<String>,
}

impl Report {
    /// The report of a file that would be rejected.
    #[must_use]
    pub fn rejected(file: &str, flaws: Flaws) -> Self {
        let (counts, warnings) = (None, Flaws::default());
        let file = file.to_owned();
        let (sheets, ignored) = (vec![], vec![]);
        Self { file, would: Status::Rejected, name: None, counts, flaws, warnings, sheets, ignored }
    }

    /// As JSON. That of an archive has the report of each sheet in `sheets`.
    #[must_use]
    pub fn json(&self) -> Map<String, Value> {
        let name = self.name;
        let (curves, months, cells, missing) =
            self.counts.map_or_else(Default::default, |(a, b, c, d)| (Some(a), Some(b), Some(c), Some(d)));
        let mut fields = vec![
            ("file", json!(self.file)),
            ("would", json!(self.would)),
            ("flaw_count", json!(self.flaws.count())),
            ("flaws", json!(self.flaws.listed())),
            ("warning_count", json!(self.warnings.count())),
            ("warnings", json!(self.warnings.listed())),
        ];
        if self.sheets.is_empty() {
            fields.extend([
                ("data_type", json!(name.map(|name| name.data_type.word()))),
                ("market", json!(name.map(|name| name.market.code()))),
                ("stamp", json!(name.map(|name| name.stamp))),
                ("cob", json!(name.map(|name| name.cob))),
                ("curves", json!(curves)),
                ("months", json!(months)),
                ("cells", json!(cells)),
                ("missing", json!(missing)),
            ]);
        } else {
            let sheets: Vec<_> = self.sheets.iter().map(Self::json).collect();
            fields.push(("sheets", json!(sheets)));
            fields.push(("ignored", json!(self.ignored)));
        }
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Flaws and warnings, then those of the sheets of an archive.
    fn listed(&self) -> Vec<&Flaw> {
        let own = self.flaws.listed().iter().chain(self.warnings.listed());
        own.chain(self.sheets.iter().flat_map(Self::listed)).collect()
    }

    /// The report in one sentence.
    fn note(&self) -> String {
        let would = self.would.name();
        if self.sheets.is_empty() {
            let (flaws, warnings) = (self.flaws.count(), self.warnings.count());
            let (flaws, warnings) = (counted(flaws, "flaw"), counted(warnings, "warning"));
            return format!("checked: it would be {would}, with {flaws} and {warnings}");
        }
        let rejected = self.sheets.iter().filter(|sheet| sheet.would == Status::Rejected).count();
        let ignored = passed_over(&self.ignored);
        format!("checked: of {} {rejected} would be rejected{ignored}", counted(self.sheets.len(), "sheet"))
    }
}

/// Judges a sheet, or each sheet of an archive. A caller of the API who may not see the whole series gets only what follows from
/// the sheet itself, and nothing that depends on earlier snapshots.
///
/// # Errors
/// A fault, if it could not be judged.
pub async fn judge(ctx: &Ctx, context: Option<&Grants>, name: &str, bytes: &[u8]) -> Result<Report, Fault> {
    if !archive::is_archive(name) {
        return sheet(ctx, context, name, bytes).await;
    }
    let mut archive = match Archive::open(bytes, MAX_BYTES) {
        Ok(archive) => archive,
        Err(flaw) => return Ok(Report::rejected(name, flaw.into())),
    };
    let mut sheets = Vec::new();
    for member in archive.members() {
        let file = base_name(&member.name);
        sheets.push(match archive.read(&member) {
            Ok(bytes) => sheet(ctx, context, file, &bytes).await?,
            Err(flaw) => Report::rejected(file, flaw.into()),
        });
    }
    let all = |would: &[Status]| sheets.iter().all(|sheet| would.contains(&sheet.would));
    let would = if all(&[Status::Rejected]) {
        Status::Rejected
    } else if all(&[Status::Rejected, Status::Unchanged]) {
        Status::Unchanged
    } else if all(&[Status::Rejected, Status::Unchanged, Status::Accepted]) {
        // The caller may not know whether one of them changes something.
        Status::Accepted
    } else {
        Status::Published
    };
    let mut flaws = Flaws::default();
    for sheet in sheets.iter().filter(|sheet| sheet.would == Status::Rejected) {
        flaws.add(|| sheet_rejected(&sheet.file, &sheet.flaws.summary()));
    }
    let ignored = archive.ignored().to_vec();
    Ok(Report { would, sheets, ignored, ..Report::rejected(name, flaws) })
}

async fn sheet(ctx: &Ctx, context: Option<&Grants>, file: &str, bytes: &[u8]) -> Result<Report, Fault> {
    let (name, read) = examine(file, bytes, ctx.clock().now());
    let reading = match read {
        Ok(reading) => reading,
        Err(flaws) => return Ok(Report { name, ..Report::rejected(file, flaws) }),
    };
    let mut tx = ctx.db().begin("judge a sheet").await?;
    let SnapshotName { data_type, market, .. } = reading.sheet.name;
    let series = lock_series(&mut tx, data_type, market).await?;
    let judged = quality::judged(&mut tx, series, &reading).await?;
    let stranger = match context {
        Some(grants) => !grants.see_all(&mut tx, data_type, market).await?,
        None => false,
    };
    let warnings = if stranger { judged.own } else { judged.all };
    let SnapshotName { stamp, cob, .. } = reading.sheet.name;
    let closed = !cob && is_closed(&mut tx, series, stamp).await?;
    let would = match foresee(&mut tx, series, &reading.sheet, closed).await? {
        Foreseen::New => Status::Published,
        Foreseen::Corrected => Status::Corrected,
        Foreseen::Unchanged => Status::Unchanged,
    };
    let would = if stranger { would.to_a_stranger() } else { would };
    // This removes the row of a new series, too.
    tx.rollback().await?;
    let Reading { sheet, months, cells, missing, .. } = reading;
    let counts = Some((sheet.curves.len(), months, cells, missing));
    Ok(Report { would, name, counts, warnings, ..Report::rejected(file, Flaws::default()) })
}

/// Judges an object below [`CHECK`] and writes its report.
///
/// # Errors
/// A fault, if it could not be finished.
pub async fn check(
    ctx: &Ctx,
    id: UploadId,
    (bucket, key): (&str, &str),
    bytes: Result<Vec<u8>, Flaw>,
) -> Result<Status, Fault> {
    let (sha256, report) = match bytes {
        Ok(bytes) => {
            let report = judge(ctx, None, base_name(key), &bytes).await?;
            (Some(Sha256::digest(&bytes)), report)
        }
        Err(flaw) => (None, Report::rejected(base_name(key), flaw.into())),
    };
    let note = report.note();
    let mut body = report.json();
    body.insert("upload_id".to_owned(), json!(id));
    body.insert("key".to_owned(), json!(key));
    body.insert("note".to_owned(), json!(note));
    let place = format!("{CHECKED}{}.report", key.strip_prefix(CHECK).unwrap_or(key));
    report::write(ctx, bucket, &place, &Value::Object(body), report.listed().into_iter()).await?;

    let mut tx = ctx.db().begin("write a check down").await?;
    let before = journal::claim(&mut tx, id).await?.status;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    let Report { name, counts, flaws, warnings, would, .. } = report;
    let sha256 = sha256.as_deref();
    let own_warnings = None;
    let outcome = Outcome { sha256, name, snapshot: None, counts, flaws, warnings, own_warnings, note };
    journal::finish(&mut tx, id, Status::Checked, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    tracing::info!(upload = id.0, would = would.name(), "checked a sheet and published nothing");
    Ok(Status::Checked)
}
