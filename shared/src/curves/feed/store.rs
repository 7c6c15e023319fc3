//! The SQL that reads the feed.

use crate::access::Grants;
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// An event as it is stored, seen by a caller.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) data_type: String,
    pub(super) market: String,
    pub(super) stamp: NaiveDateTime,
    pub(super) operating_day: NaiveDate,
    pub(super) cob: bool,
    pub(super) revision: i32,
    pub(super) snapshot_id: i32,
    pub(super) previous_id: Option<i32>,
    pub(super) known_from: DateTime<Utc>,
    pub(super) withdrawn_at: Option<DateTime<Utc>>,
    pub(super) described: bool,
    pub(super) added: Option<i64>,
    pub(super) removed: Option<i64>,
    pub(super) changed: Option<i64>,
    pub(super) first_month: Option<NaiveDate>,
    pub(super) last_month: Option<NaiveDate>,
}

/// Of which events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) data_type: Option<DataType>,
    pub(super) market: Option<Market>,
    /// Of stamps up to this one, included.
    pub(super) as_of: Option<NaiveDateTime>,
    /// Only what had become known at this moment.
    pub(super) known_at: Option<DateTime<Utc>>,
    /// Only of closes of business, or of others.
    pub(super) cob: Option<bool>,
}

/// Events behind an id, in their order, of what is granted: curves, and of these the delivery months.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn events(
    tx: &mut Tx,
    of: &Wanted,
    since: i64,
    limit: i64,
    grants: &Grants,
) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"with granted as materialized (
            select r.id, r.data_type, r.market
            from trueprice.series r
            where trueprice.sees_series($1, $2, r.data_type, r.market, false)
              and ($5::text is null or r.data_type = $5)
              and ($6::text is null or r.market = $6)
        ), page as materialized (
            select e.id, e.kind, e.snapshot_id, e.previous_id, r.data_type, r.market, s.stamp, s.operating_day, s.cob,
                s.revision, lower(s.known) as known_from
            from trueprice.change e
            join trueprice.snapshot s on s.id = e.snapshot_id
            join granted r on r.id = s.series_id
            left join trueprice.withdrawal w on w.snapshot_id = e.snapshot_id and e.kind = 'withdrawn'
            where e.id > $4
              and s.stamp <= coalesce($8::timestamp, 'infinity'::timestamp)
              and coalesce(w.at, lower(s.known)) <= coalesce($9::timestamptz, 'infinity'::timestamptz)
              and ($10::boolean is null or s.cob = $10)
            order by e.id
            limit $7
        ), visible as materialized (
            select c.id as curve_id, n.months
            from (
                select distinct unnest(d.curves) as id
                from page p
                join trueprice.difference d on d.snapshot_id = p.snapshot_id
            ) named
            join trueprice.curve c on c.id = named.id
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.seen($1, $2, $3, r.data_type, r.market, c.normal) n
        )
        select p.id as "id!", p.kind as "kind!", p.data_type as "data_type!", p.market as "market!", p.stamp as "stamp!",
            p.operating_day as "operating_day!", p.cob as "cob!", p.revision as "revision!",
            p.snapshot_id as "snapshot_id!", p.previous_id, p.known_from as "known_from!",
            case when p.kind = 'withdrawn' then w.at end as withdrawn_at, d.snapshot_id is not null as "described!",
            n.added, n.removed, n.changed, n.first_month, n.last_month
        from page p
        left join trueprice.withdrawal w on w.snapshot_id = p.snapshot_id
        left join trueprice.difference d on d.snapshot_id = p.snapshot_id
        cross join lateral (
            select count(*) filter (where x.what = 'a') as added,
                count(*) filter (where x.what = 'r') as removed,
                count(*) filter (where x.what = 'c') as changed,
                min(lower(x.months)) as first_month,
                (max(upper(x.months)) - interval '1 day')::date as last_month
            from (
                select l.what, l.months is null as always, l.months * v.months as months
                from unnest(d.curves, string_to_array(d.what, null), d.months) as l (curve_id, what, months)
                join visible v on v.curve_id = l.curve_id
            ) x
            where x.always or not isempty(x.months)
        ) n
        order by p.id"#,
        grants.user_id,
        grants.everything,
        grants.now,
        since,
        of.data_type.map(DataType::word),
        of.market.map(Market::code),
        limit,
        of.as_of,
        of.known_at,
        of.cob
    );
    rows.fetch_all(tx).await.during("reading the feed")
}
