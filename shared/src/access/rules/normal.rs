//! Rules in the form in which the database compares them with curves.

use crate::catalog::{Label, Pattern};
use crate::db::Tx;
use crate::fault::{During, Fault};

/// The labels of a rule for LIKE; `None` for any.
#[must_use]
pub fn patterns(labels: &[Option<Pattern>]) -> Vec<Option<String>> {
    labels.iter().map(|label| label.as_ref().map(Pattern::like)).collect()
}

/// What curves are found by that a rule names label by label: its labels without block and sub component, in their normal
/// form; `None` for a rule that leaves some of them open.
#[must_use]
pub fn key(labels: &[Option<Pattern>]) -> Option<Vec<String>> {
    let named = Label::ALL.into_iter().filter(|label| *label != Label::BlockType);
    let whole = |label: Label| {
        let pattern = labels.get(label.index())?.as_ref()?;
        (!pattern.is_beginning()).then(|| pattern.normal())
    };
    named.map(whole).collect()
}

/// Gives the rules behind the key `after`, at most 1000, the form of today; the last of their keys, and how many had
/// another form. `None` if there are no more.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn recompute(tx: &mut Tx, after: i32) -> Result<Option<(i32, u64)>, Fault> {
    let rows = sqlx::query!(
        r#"select id, labels as "labels: Vec<Option<String>>", patterns as "patterns: Vec<Option<String>>", key
        from trueprice.access_grant
        where id > $1
        order by id
        limit 1000
        for update"#,
        after
    );
    let rows = rows.fetch_all(&mut *tx).await.during("reading rules")?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut changed = 0;
    for row in rows {
        let read = |label: Option<String>| label.map(|text| text.parse::<Pattern>()).transpose();
        // A rule that cannot be read today means what it meant.
        let Ok(labels) = row.labels.into_iter().map(read).collect::<Result<Vec<_>, _>>() else { continue };
        let (patterns, key) = (patterns(&labels), key(&labels));
        if (&patterns, &key) == (&row.patterns, &row.key) {
            continue;
        }
        sqlx::query!(
            "update trueprice.access_grant set patterns = $2, key = $3 where id = $1",
            row.id,
            &patterns as &[Option<String>],
            key.as_deref()
        )
        .execute(&mut *tx)
        .await
        .during("writing the form of a rule")?;
        changed += 1;
    }
    Ok(Some((last, changed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_names_seven_labels_is_found_by_them() {
        let labels =
            |texts: &[&str]| -> Vec<Option<Pattern>> { texts.iter().map(|text| text.parse().ok()).collect() };
        let whole = ["ERCOT", "TX", "North_Zone", "NORTH\u{200b}", "ALL", "", "Energy", "Energy"];
        let found = ["ercot", "tx", "north zone", "north", "all", "energy", "energy"];
        assert_eq!(key(&labels(&whole)).unwrap(), found);
        assert_eq!(key(&labels(&whole[..7])), None);
        assert_eq!(key(&labels(&["ERCOT", "TX", "North*", "N", "ALL", "5x16", "E", "E"])), None);
        let like = patterns(&labels(&["", "TX", "N%*"]));
        assert_eq!(like, [None, Some("tx".to_owned()), Some("n\\%%".to_owned())]);
    }
}
