//! Judges a file: a sheet as it is, an archive sheet by sheet. Guarantees: each entry of an archive has one row, however often it
//! is read, and is judged by one reader at a time; the outcome of the archive follows from its sheets.

use super::archive::{self, Archive};
use super::journal::status::Status;
use super::journal::{self, Outcome, UploadId};
use super::judge::{judge, reject, write_report};
use super::keys::{MAX_BYTES, base_name};
use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::http::words::counted;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Judges the file recorded as `id`: a sheet, or each sheet of an archive.
///
/// # Errors
/// A fault, if a sheet could not be finished; those that were finished stay so.
pub async fn unpack_and_judge(
    ctx: &Ctx,
    id: UploadId,
    (bucket, key): (&str, &str),
    bytes: Vec<u8>,
) -> Result<Status, Fault> {
    let name = base_name(key);
    if !archive::is_archive(name) {
        return judge(ctx, id, bucket, key, name, bytes).await;
    }
    let sha256 = Sha256::digest(&bytes);
    // One limit for uploads by API and bucket. An API upload has 4 MB at most (Lambda carries 6), but may unpack to as much as any
    // other; members are unpacked one at a time, and if a small function runs out of memory, a larger one handles the notification.
    let mut archive = match Archive::open(&bytes, MAX_BYTES) {
        Ok(archive) => archive,
        Err(flaw) => {
            let outcome = Outcome { sha256: Some(&sha256), flaws: flaw.into(), ..Outcome::default() };
            return reject(ctx, id, bucket, key, outcome).await;
        }
    };
    for member in archive.members() {
        let mut tx = ctx.db().begin("write a sheet of an archive down").await?;
        let now = ctx.clock().now();
        let (sheet, status) =
            journal::arrivals::receive_entry(&mut tx, id, member.entry, &member.name, now).await?;
        tx.commit().await?;
        if status.is_final() {
            continue;
        }
        let report = format!("{key}/{}", member.name);
        match archive.read(&member) {
            Ok(bytes) => judge(ctx, sheet, bucket, &report, base_name(&member.name), bytes).await?,
            Err(flaw) => {
                let outcome = Outcome { flaws: flaw.into(), ..Outcome::default() };
                reject(ctx, sheet, bucket, &report, outcome).await?
            }
        };
    }
    finish(ctx, id, (bucket, key), &sha256, archive.ignored()).await
}

/// The outcome of an archive follows from its sheets: rejected if all were, unchanged if nothing changed, else published. Each
/// rejected sheet is a flaw of it.
async fn finish(
    ctx: &Ctx,
    id: UploadId,
    place: (&str, &str),
    sha256: &[u8],
    ignored: &[String],
) -> Result<Status, Fault> {
    let mut tx = ctx.db().begin("finish an archive").await?;
    let before = journal::claim(&mut tx, id).await?.status;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    let sheets = journal::entries(&mut tx, id).await?;
    let count = |status: Status| sheets.iter().filter(|sheet| sheet.1 == status).count();
    let (all, rejected, unchanged) = (sheets.len(), count(Status::Rejected), count(Status::Unchanged));
    let status = match all {
        all if rejected == all => Status::Rejected,
        all if rejected + unchanged == all => Status::Unchanged,
        _ => Status::Published,
    };
    let mut flaws = Flaws::default();
    for (member, _, note) in sheets.iter().filter(|sheet| sheet.1 == Status::Rejected) {
        flaws.add(|| sheet_rejected(member, note));
    }
    let (published, sheets) = (all - unchanged - rejected, counted(all, "sheet"));
    let mut note = format!("{sheets}: {published} published, {unchanged} unchanged, {rejected} rejected");
    note.push_str(&passed_over(ignored));
    let outcome = Outcome { sha256: Some(sha256), flaws, note, ..Outcome::default() };
    if rejected > 0 {
        write_report(ctx, id, place, status, &outcome).await?;
    }
    journal::finish(&mut tx, id, status, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    Ok(status)
}

/// The flaw of an archive in which a sheet was rejected, or would be.
#[must_use]
pub fn sheet_rejected(member: &str, why: &str) -> Flaw {
    Flaw::of_file(Code::SheetRejected, member, format!("a sheet without flaws; it has: {why}"))
}

/// Names the files of an archive that are ignored; empty if all are read.
#[must_use]
pub fn passed_over(ignored: &[String]) -> String {
    const NAMED: usize = 5;
    let mut text = String::new();
    if !ignored.is_empty() {
        let named = ignored.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        write!(text, "; ignored {named}").expect("a text takes what is written");
        if ignored.len() > NAMED {
            write!(text, " and {} more", ignored.len() - NAMED).expect("a text takes what is written");
        }
        text.push_str(", which an operating system has added");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_named_up_to_five() {
        let named = |count: usize| (0..count).map(|at| format!("._{at}")).collect::<Vec<_>>();
        assert_eq!(passed_over(&[]), "");
        assert_eq!(passed_over(&named(1)), "; ignored ._0, which an operating system has added");
        let said = passed_over(&named(7));
        assert_eq!(said, "; ignored ._0, ._1, ._2, ._3, ._4 and 2 more, which an operating system has added");
    }
}
