//! The SQL that reads the feed.

use crate::access::Grants;
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// A stored event, as a caller sees it.
#[derive(Debug)]
pub(super) struct EventRow {
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
    /// The snapshot with which to compare it again, because the caller may not see the original one.
    pub(super) compared_with: Option<i32>,
    pub(super) described: bool,
    pub(super) added: Option<i64>,
    pub(super) removed: Option<i64>,
    pub(super) changed: Option<i64>,
    pub(super) first_month: Option<NaiveDate>,
    pub(super) last_month: Option<NaiveDate>,
}

/// The requested events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) data_type: Option<DataType>,
    pub(super) market: Option<Market>,
    /// Only stamps up to this one, inclusive.
    pub(super) as_of: Option<NaiveDateTime>,
    /// Only what was known at this time.
    pub(super) known_at: Option<DateTime<Utc>>,
    /// Only close-of-business sheets, or only others.
    pub(super) cob: Option<bool>,
}

/// Events after an id, in order, limited to the granted curves and delivery months.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn events(
    tx: &mut Tx,
    of: &Wanted,
    since: i64,
    limit: i64,
    grants: &Grants,
) -> Result<Vec<EventRow>, Fault> {
    let rows = sqlx::query_as!(
        EventRow,
        r#"with granted as materialized (
            select r.id, r.data_type, r.market, v.whole, v.coverages
            from trueprice.series r
            cross join lateral trueprice.visible_coverage($1, $2, $3, r.data_type, r.market) v
            where ($5::text is null or r.data_type = $5)
              and ($6::text is null or r.market = $6)
        ), page as materialized (
            select e.id, e.kind, e.snapshot_id, e.previous_id, r.data_type, r.market, r.whole, r.coverages,
                s.stamp, s.operating_day, s.cob, s.revision, s.known
            from trueprice.change e
            join trueprice.snapshot s on s.id = e.snapshot_id
            join granted r on r.id = s.series_id
            left join trueprice.withdrawal w on w.snapshot_id = e.snapshot_id and e.kind = 'withdrawn'
            where e.id > $4
              and trueprice.is_visible(r.whole, r.coverages, s.id)
              and s.stamp <= coalesce($8::timestamp, 'infinity'::timestamp)
              and coalesce(w.at, lower(s.known)) <= coalesce($9::timestamptz, 'infinity'::timestamptz)
              and ($10::boolean is null or s.cob = $10)
            order by e.id
            limit $7
        ), based as materialized (
            -- What its difference is told against, and of one who does not see all snapshots the latest of those that it sees.
            select p.*, o.previous_id as base,
                case when p.whole then o.previous_id else trueprice.visible_base(p.coverages, p.snapshot_id) end as seen_base
            from page p
            left join trueprice.change o on o.snapshot_id = p.snapshot_id and o.kind <> 'withdrawn'
        ), visible as materialized (
            select c.id as curve_id, n.months
            from (
                select distinct unnest(d.curves) as id
                from page p
                join trueprice.difference d on d.snapshot_id = p.snapshot_id
            ) named
            join trueprice.curve c on c.id = named.id
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.visible_months($1, $2, $3, r.data_type, r.market, c.normal) n
        )
        select p.id as "id!", p.kind as "kind!", p.data_type as "data_type!", p.market as "market!", p.stamp as "stamp!",
            p.operating_day as "operating_day!", p.cob as "cob!", p.revision as "revision!",
            p.snapshot_id as "snapshot_id!",
            case
                when p.whole then p.previous_id
                when p.kind = 'withdrawn' then trueprice.visible_predecessor(p.coverages, p.snapshot_id, upper(p.known) - interval '1 microsecond')
                else p.seen_base
            end as previous_id,
            lower(p.known) as "known_from!",
            case when p.kind = 'withdrawn' then w.at end as withdrawn_at,
            -- Against one that is not seen nothing is told: it is compared anew.
            case when p.seen_base is distinct from p.base then p.seen_base end as compared_with,
            d.snapshot_id is not null as "described!",
            n.added, n.removed, n.changed, n.first_month, n.last_month
        from based p
        left join trueprice.withdrawal w on w.snapshot_id = p.snapshot_id
        left join trueprice.difference d on d.snapshot_id = p.snapshot_id
        cross join lateral (
            select count(*) filter (where x.what = 'a') as added,
                count(*) filter (where x.what = 'r') as removed,
                count(*) filter (where x.what = 'c') as changed,
                min(lower(x.months)) as first_month,
                (max(upper(x.months)) - interval '1 day')::date as last_month
            from (
                select l.months * v.months as months, f.was, f.is,
                    -- A curve without a number has changed in no month, and one who sees some months alone is told of these.
                    l.months is null and (v.months = '{(,)}' or trueprice.is_timeless(p.data_type)) as always,
                    case
                        when p.whole then l.what
                        -- Whether there was nothing of it before is a matter of the months that are seen.
                        when f.is and not f.was then 'a'
                        when f.was and not f.is then 'r'
                        else 'c'
                    end as what
                from unnest(d.curves, string_to_array(d.what, null), d.months) as l (curve_id, what, months)
                join visible v on v.curve_id = l.curve_id
                cross join lateral (
                    select
                        p.whole or trueprice.covers(p.seen_base, l.curve_id, v.months) as was,
                        p.whole or trueprice.covers(p.snapshot_id, l.curve_id, v.months) as is
                ) f
            ) x
            where (x.was or x.is)
              and (x.always or not isempty(x.months))
        ) n
        order by p.id"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
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
