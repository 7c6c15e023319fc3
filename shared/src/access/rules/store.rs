//! The SQL of rules, which are stored the same way for users and packages. Guarantees: a replacement is one transaction, and a rule
//! that stays keeps its id.

use super::normal::{key, patterns};
use super::{LABELS, MAX_RULES, Months, Rule};
use crate::catalog::{Month, Pattern};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The owner of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Rules granted directly to the user with this id.
    User(i32),
    /// Rules of the package with this id.
    Package(i32),
}

impl Owner {
    const fn keys(self) -> (Option<i32>, Option<i32>) {
        match self {
            Self::User(id) => (Some(id), None),
            Self::Package(id) => (None, Some(id)),
        }
    }
}

/// A stored rule.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Id of the rule.
    pub id: i32,
    /// The rule itself.
    pub rule: Rule,
    /// When the rule was granted.
    pub granted_at: DateTime<Utc>,
}

/// The result of replacing all rules of an owner.
#[derive(Clone, Debug, Default)]
pub struct Replaced {
    /// Number of rules before.
    pub before: usize,
    /// Number of rules after.
    pub after: usize,
    /// Rules that were added.
    pub added: Vec<Rule>,
    /// Rules that were removed.
    pub removed: Vec<Rule>,
}

impl Replaced {
    /// Whether any rule was added or removed.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }

    /// Summary for the audit log: counts before and after, and the rules that changed.
    #[must_use]
    pub fn summary(&self) -> Value {
        let some = |rules: &[Rule]| rules.iter().map(|rule| json!(rule.body())).collect::<Vec<_>>();
        json!({
            "before": self.before,
            "after": self.after,
            "added": self.added.len(),
            "removed": self.removed.len(),
            "added_rules": some(&self.added),
            "removed_rules": some(&self.removed),
        })
    }
}

struct RuleRow {
    id: i32,
    data_type: Option<String>,
    market: Option<String>,
    labels: Vec<Option<String>>,
    from_month: Option<NaiveDate>,
    to_month: Option<NaiveDate>,
    balanced_months: Option<i32>,
    granted_at: DateTime<Utc>,
}

impl RuleRow {
    fn kept(self) -> Result<Kept, Fault> {
        const READING: &str = "reading a rule from the database";
        let mut labels: [_; LABELS] = Default::default();
        for (label, text) in labels.iter_mut().zip(self.labels) {
            *label = text.map(|text| text.parse()).transpose().during(READING)?;
        }
        let months = match self.balanced_months {
            None => Months::Range(self.from_month.map(Month::of), self.to_month.map(Month::of)),
            Some(months) => Months::Balanced(u16::try_from(months).during(READING)?),
        };
        let data_type = self.data_type.map(|text| text.parse()).transpose().during(READING)?;
        let market = self.market.map(|text| text.parse()).transpose().during(READING)?;
        let rule = Rule { data_type, market, labels, months };
        Ok(Kept { id: self.id, rule, granted_at: self.granted_at })
    }
}

/// The rules of a user or package, oldest first.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(tx: &mut Tx, owner: Owner) -> Result<Vec<Kept>, Fault> {
    let (user, package) = owner.keys();
    let rows = sqlx::query_as!(
        RuleRow,
        r#"select id, data_type, market, labels as "labels: Vec<Option<String>>", from_month, to_month, balanced_months,
            granted_at
        from trueprice.access_grant
        where user_id = $1 or package_id = $2
        order by id"#,
        user,
        package
    );
    rows.fetch_all(tx).await.during("listing rules")?.into_iter().map(RuleRow::kept).collect()
}

/// The JSON that [`insert`] passes to its statement.
fn for_sql(rules: &[&Rule]) -> Value {
    let rules = rules.iter().map(|rule| {
        let last = rule.labels.iter().rposition(Option::is_some).map_or(0, |place| place + 1);
        let labels = &rule.labels[..last];
        let texts: Vec<Option<&str>> = labels.iter().map(|label| label.as_ref().map(Pattern::text)).collect();
        let (from, to, balanced) = match rule.months {
            Months::Range(from, to) => (from, to, None),
            Months::Balanced(months) => (None, None, Some(months)),
        };
        json!({
            "data_type": rule.data_type.map(crate::catalog::DataType::word),
            "market": rule.market.map(crate::catalog::Market::code),
            "labels": texts,
            "patterns": patterns(labels),
            "key": key(labels),
            "from_month": from.map(Month::first_day),
            "to_month": to.map(Month::first_day),
            "balanced_months": balanced,
        })
    });
    rules.collect()
}

/// Adds rules; rules that already exist are left unchanged.
///
/// # Errors
/// A fault if the database rejects the rules.
pub(super) async fn insert(
    tx: &mut Tx,
    owner: Owner,
    rules: &[&Rule],
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let (user, package) = owner.keys();
    let added = sqlx::query!(
        "insert into trueprice.access_grant (user_id, package_id, data_type, market, labels, patterns, key, from_month,
            to_month, balanced_months, granted_at)
        select $1, $2, r.data_type, r.market, r.labels, r.patterns, r.key, r.from_month, r.to_month, r.balanced_months, $4
        from jsonb_to_recordset($3) as r (data_type text, market text, labels text[], patterns text[], key text[],
            from_month date, to_month date, balanced_months integer)
        on conflict on constraint one_grant_per_series do nothing",
        user,
        package,
        for_sql(rules),
        now
    );
    Ok(added.execute(tx).await.during("adding rules")?.rows_affected())
}

/// The result of adding a rule.
#[derive(Debug)]
pub enum Added {
    /// The rule was added.
    New(Kept),
    /// The rule already existed.
    Known(Kept),
    /// The owner has reached [`MAX_RULES`].
    TooMany,
}

/// Adds one rule; doing it again changes nothing. The caller must hold the lock on the owner.
///
/// # Errors
/// A fault if the database rejects the rule.
pub async fn add(tx: &mut Tx, owner: Owner, rule: &Rule, now: DateTime<Utc>) -> Result<Added, Fault> {
    let find = |kept: Vec<Kept>| kept.into_iter().find(|kept| kept.rule == *rule);
    let before = list(tx, owner).await?;
    let full = before.len() >= MAX_RULES;
    if let Some(known) = find(before) {
        return Ok(Added::Known(known));
    }
    if full {
        return Ok(Added::TooMany);
    }
    insert(tx, owner, &[rule], now).await?;
    let added = find(list(tx, owner).await?);
    added.map(Added::New).ok_or_else(|| Fault::new("a rule that was just added is missing"))
}

/// Replaces all rules of a user or package. Rules in both sets are left unchanged. The caller must hold the lock on the owner.
///
/// # Errors
/// A fault if the database rejects the rules.
pub async fn replace(
    tx: &mut Tx,
    owner: Owner,
    rules: &[Rule],
    now: DateTime<Utc>,
) -> Result<Replaced, Fault> {
    let before = list(tx, owner).await?;
    let wanted: HashSet<&Rule> = rules.iter().collect();
    let there: HashMap<&Rule, i32> = before.iter().map(|kept| (&kept.rule, kept.id)).collect();
    let gone: Vec<&Kept> = before.iter().filter(|kept| !wanted.contains(&kept.rule)).collect();
    let new: Vec<&Rule> = rules.iter().filter(|rule| !there.contains_key(rule)).collect();
    let ids: Vec<i32> = gone.iter().map(|kept| kept.id).collect();
    delete(tx, owner, &ids).await?;
    insert(tx, owner, &new, now).await?;
    Ok(Replaced {
        before: before.len(),
        after: wanted.len(),
        added: new.into_iter().cloned().collect(),
        removed: gone.into_iter().map(|kept| kept.rule.clone()).collect(),
    })
}

/// Removes a rule; `None` if the user or package has no rule with this id.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn remove(tx: &mut Tx, owner: Owner, id: i32) -> Result<Option<Rule>, Fault> {
    let Some(kept) = list(tx, owner).await?.into_iter().find(|kept| kept.id == id) else { return Ok(None) };
    delete(tx, owner, &[id]).await?;
    Ok(Some(kept.rule))
}

async fn delete(tx: &mut Tx, owner: Owner, ids: &[i32]) -> Result<(), Fault> {
    let (user, package) = owner.keys();
    let gone = sqlx::query!(
        "delete from trueprice.access_grant where id = any($3) and (user_id = $1 or package_id = $2)",
        user,
        package,
        ids
    );
    match gone.execute(tx).await.during("removing rules")?.rows_affected() {
        rows if rows == ids.len() as u64 => Ok(()),
        rows => Err(Fault::new(format!("removing {} rules removed {rows}", ids.len()))),
    }
}

/// The user to whom the rule with this id is granted directly.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn user_of_rule(tx: &mut Tx, rule: i32) -> Result<Option<i32>, Fault> {
    let user = sqlx::query_scalar!(
        r#"select user_id as "user_id!" from trueprice.access_grant where id = $1 and user_id is not null"#,
        rule
    );
    user.fetch_optional(tx).await.during("looking up the user of a rule")
}
