//! Rules in the normalised form that the database compares with curves.

use crate::catalog::{Label, Pattern};
use crate::db::Tx;
use crate::fault::{During, Fault};

/// The labels of a rule as LIKE patterns; `None` matches any label.
#[must_use]
pub fn patterns(labels: &[Option<Pattern>]) -> Vec<Option<String>> {
    labels.iter().map(|label| label.as_ref().map(Pattern::like)).collect()
}

/// The lookup key of a rule that names every label in full: its labels in normal form, without block and sub component. `None` for
/// a rule that leaves any of them open.
#[must_use]
pub fn key(labels: &[Option<Pattern>]) -> Option<Vec<String>> {
    let named = Label::ALL.into_iter().filter(|label| *label != Label::BlockType);
    let whole = |label: Label| {
        let pattern = labels.get(label.index())?.as_ref()?;
        (!pattern.is_beginning()).then(|| pattern.normal())
    };
    named.map(whole).collect()
}

/// Recomputes the normalised form of up to 1000 rules whose id is greater than `after`. Returns the last id and how many rules
/// changed; `None` if there are no more.
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
        // A rule that can no longer be parsed keeps its stored form and its meaning.
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
        .during("saving the normalised labels of a rule")?;
        changed += 1;
    }
    Ok(Some((last, changed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_names_seven_labels_in_full_has_a_key() {
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
