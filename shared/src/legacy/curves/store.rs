//! The SQL of the old data paths.

use crate::access::Grants;
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{NaiveDate, NaiveDateTime};

/// A currently known snapshot.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) data_type: String,
    pub(super) market: String,
    pub(super) stamp: NaiveDateTime,
    pub(super) operating_day: NaiveDate,
    pub(super) cob: bool,
    /// Whether it is the mark of its day.
    pub(super) mark: bool,
}

/// Selects snapshots.
#[derive(Debug, Default)]
pub(super) struct Of<'o> {
    /// Of these data types.
    pub(super) data_types: Vec<DataType>,
    /// And of these markets.
    pub(super) markets: Vec<Market>,
    /// Between these operating days, both included.
    pub(super) days: (Option<NaiveDate>, Option<NaiveDate>),
    /// With a curve of this load zone, normalised.
    pub(super) load_zone: Option<&'o str>,
}

fn words(data_types: &[DataType], markets: &[Market]) -> (Vec<String>, Vec<String>) {
    let types = data_types.iter().map(|data_type| data_type.word().to_owned()).collect();
    (types, markets.iter().map(|market| market.code().to_owned()).collect())
}

/// The currently known snapshots that have a granted curve, newest first; with a load zone, a curve in that zone.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn sheets(tx: &mut Tx, of: &Of<'_>, grants: &Grants) -> Result<Vec<Sheet>, Fault> {
    let (types, markets) = words(&of.data_types, &of.markets);
    let rows = sqlx::query_as!(
        Sheet,
        r#"with granted as materialized (
            select r.id, r.data_type, r.market, v.whole, v.coverages
            from trueprice.series r
            cross join lateral trueprice.visible_coverage($1, $2, $3, r.data_type, r.market) v
            where r.data_type = any($4)
              and r.market = any($5)
        ), in_zone as materialized (
            select c.series_id, c.id, n.months
            from granted r
            join trueprice.curve c on c.series_id = r.id
            cross join lateral trueprice.visible_months($1, $2, $3, r.data_type, r.market, c.normal) n
            where c.normal[3] = $8
        )
        select r.data_type, r.market, s.stamp as "stamp!", s.operating_day as "operating_day!", s.cob as "cob!", exists (
                select
                from trueprice.day_marks(r.id, r.whole, r.coverages, null, null, null, s.operating_day, s.operating_day, 1) m
                where m.id = s.id
            ) as "mark!"
        from granted r
        cross join lateral trueprice.visible_snapshots(r.id, r.whole, r.coverages, null, null, null, $6, $7) s
        where ($8::text is null or exists (
            select
            from in_zone z
            where z.series_id = s.series_id
              and trueprice.covers(s.id, z.id, z.months)
          ))
        order by s.stamp desc, r.market, r.data_type"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &types,
        &markets,
        of.days.0,
        of.days.1,
        of.load_zone
    );
    rows.fetch_all(tx).await.during("listing snapshots for an old client")
}

/// A load zone, and the sub-component of a curve in it.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) load_zone: String,
    pub(super) sub_cost_component: String,
}

/// The zones with granted curves of the block 5x16.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn zones(
    tx: &mut Tx,
    data_type: DataType,
    markets: &[Market],
    grants: &Grants,
) -> Result<Vec<Zone>, Fault> {
    let (types, markets) = words(&[data_type], markets);
    let rows = sqlx::query_as!(
        Zone,
        r#"select min(c.load_zone) as "load_zone!", min(c.sub_cost_component) as "sub_cost_component!"
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        cross join lateral trueprice.visible_known_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
        where r.data_type = any($4)
          and r.market = any($5)
          and c.normal[6] = '5x16'
        group by c.normal[3], c.normal[9]
        order by 1, 2"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &types,
        &markets
    );
    rows.fetch_all(tx).await.during("listing load zones")
}

/// The labels of a curve.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) data_type: String,
    pub(super) labels: Vec<String>,
}

/// The distinct labels of all granted curves in currently known snapshots.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn components(
    tx: &mut Tx,
    data_types: &[DataType],
    grants: &Grants,
) -> Result<Vec<Component>, Fault> {
    let (types, _) = words(data_types, &[]);
    let rows = sqlx::query_as!(
        Component,
        r#"select distinct r.data_type, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
            c.cost_group, c.cost_component] as "labels!"
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        cross join lateral trueprice.visible_known_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
        where r.data_type = any($4)
        order by 1, 2"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &types
    );
    rows.fetch_all(tx).await.during("listing components")
}
