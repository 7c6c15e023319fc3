//! Snapshots as rows.

use super::{Changes, Snapshot};
use crate::http::{Cells, Column, Table};
use chrono::{DateTime, NaiveDateTime, Utc};

/// Snapshots as rows, for the formats with columns.
#[must_use]
pub fn table(snapshots: &[Snapshot]) -> Table {
    let texts =
        |name, of: &dyn Fn(&Snapshot) -> Option<String>| Column::texts(name, snapshots.iter().map(of));
    let integers = |name, of: &dyn Fn(&Snapshot) -> Option<i64>| {
        Column::new(name, Cells::Integer(snapshots.iter().map(of).collect()))
    };
    let flags = |name, of: fn(&Snapshot) -> bool| {
        Column::new(name, Cells::Flag(snapshots.iter().map(|one| Some(of(one))).collect()))
    };
    let stamps = |name, of: &dyn Fn(&Snapshot) -> Option<NaiveDateTime>| {
        Column::new(name, Cells::Stamp(snapshots.iter().map(of).collect()))
    };
    let moments = |name, of: &dyn Fn(&Snapshot) -> Option<DateTime<Utc>>| {
        Column::new(name, Cells::Moment(snapshots.iter().map(of).collect()))
    };
    let change = |of: fn(&Changes) -> Option<i32>| {
        move |one: &Snapshot| one.changes.as_ref().and_then(of).map(i64::from)
    };
    let days = snapshots.iter().map(|one| Some(one.operating_day)).collect();
    Table::new(vec![
        integers("id", &|one| Some(one.id.into())),
        texts("data_type", &|one| Some(one.data_type.clone())),
        texts("market", &|one| Some(one.market.clone())),
        stamps("stamp", &|one| Some(one.stamp)),
        Column::new("operating_day", Cells::Day(days)),
        flags("cob", |one| one.cob),
        integers("revision", &|one| Some(one.revision.into())),
        flags("mark", |one| one.mark),
        moments("known_from", &|one| Some(one.known_from)),
        moments("known_to", &|one| one.known_to),
        moments("withdrawn_at", &|one| one.withdrawn.as_ref().map(|withdrawn| withdrawn.at)),
        texts("withdrawn_reason", &|one| one.withdrawn.as_ref().map(|withdrawn| withdrawn.reason.clone())),
        texts("withdrawn_by", &|one| one.withdrawn.as_ref().and_then(|withdrawn| withdrawn.by.clone())),
        integers("upload_id", &|one| Some(one.upload.id)),
        texts("upload_key", &|one| Some(one.upload.key.clone())),
        texts("file", &|one| Some(one.upload.file.clone())),
        integers("curves", &|one| one.curves.map(i64::from)),
        integers("values", &|one| one.values),
        integers("missing", &|one| one.missing),
        integers("previous_id", &change(|changes| Some(changes.previous.id))),
        stamps("previous_stamp", &|one| one.changes.as_ref().map(|changes| changes.previous.stamp)),
        integers("added", &change(|changes| changes.added)),
        integers("removed", &change(|changes| changes.removed)),
        integers("changed", &change(|changes| changes.changed)),
        Column::new("archived", Cells::Flag(snapshots.iter().map(|one| one.archived).collect())),
    ])
}
