//! Why a curve is not found by its id.

use super::store::CurveRow;
use crate::http::Problem;

/// 404: a curve that is not granted reads as one that does not exist.
pub(super) fn none(id: &str) -> Problem {
    let id: String = id.chars().take(40).collect();
    let detail = format!("There is no curve \"{id}\" that you may see. /v1/curves lists yours.");
    Problem::not_found(detail, "No such curve")
}

/// 404: the caller may see the curve, but no mark known at that time has it.
pub(super) fn not_then(id: i32, row: &CurveRow) -> Problem {
    let detail = match (row.first_stamp, row.last_stamp) {
        (Some(first), Some(last)) => format!(
            "No mark at the requested time has the curve {id}. By what is known now, the first mark that has it is that of \
             {first:?}, the last that of {last:?}."
        ),
        _ => format!("No mark has the curve {id}."),
    };
    Problem::not_found(detail, "No such curve")
}
