//! The test data for rules: curves of all kinds in the tables, and rules that are likely to match them.

use super::reference::{Dice, RefCurve, RefRule, plain, respelt};
use chrono::NaiveDate;
use std::collections::HashSet;
use trueprice::access::rules::Rule;
use trueprice::catalog::text::normalised;
use trueprice::catalog::{DataType, Grid, Layout, Market};
use trueprice::curves::values::pack;

/// The vocabulary of labels; small, so that rules match curves.
pub const WORDS: [&[&str]; 9] = [
    &["area", "area 2"],
    &["tx", "-"],
    &["north zone", "north", "50% hub\\x", "a*b"],
    &["cz", "cz 1"],
    &["all", "utility one"],
    &["5x16", "2x16", "7x8", "7x24", "wrap", "all hours"],
    &["group", "group a"],
    &["price ($/mwh)", "price"],
    &["sub", "sub price"],
];

/// A curve and its values.
pub struct Stored {
    /// The curve as the reference evaluator sees it.
    pub curve: RefCurve,
    /// First slot and values of each vector.
    pub vectors: Vec<(i64, Vec<f64>)>,
}

/// Curves of a series with distinct names and distinguishable values.
pub fn curves(
    dice: &mut Dice,
    (data_type, market, count): (DataType, Market, usize),
) -> Vec<(Stored, Vec<NaiveDate>)> {
    let grid = Layout::of(data_type).grid;
    let details = Layout::of(data_type).details.len();
    let (mut known, mut curves) = (HashSet::new(), Vec::new());
    while curves.len() < count {
        let plain: [&str; 9] = std::array::from_fn(|place| *dice.pick(WORDS[place]));
        let detail = if details == 0 { 0 } else { dice.roll(2) };
        if !known.insert((plain, detail)) {
            continue;
        }
        let curve = RefCurve {
            data_type: data_type.word().to_owned(),
            market: market.code().to_owned(),
            labels: plain.map(|label| respelt(label, dice)),
            details: (0..details).map(|place| format!("d{place} {detail}")).collect(),
        };
        let starts: Vec<(NaiveDate, usize)> = match grid {
            Grid::Month => vec![(day(2023, 12, 1), 15)],
            Grid::Offer => (0..=dice.roll(2))
                .map(|_| (day(2023, 12, 1) + chrono::Days::new(dice.roll(500) as u64), 1))
                .collect(),
            Grid::MonthHour => vec![(Grid::epoch(), 288)],
            Grid::Always => vec![(Grid::epoch(), 1)],
            Grid::DayHour => vec![(day(2023, 12, 26), 6 * 25), (day(2024, 1, 1), 40 * 25)],
        };
        let mut slots = HashSet::new();
        let starts: Vec<_> = starts.into_iter().filter(|(start, _)| slots.insert(*start)).collect();
        let vectors = starts.iter().map(|(start, length)| {
            let values = (0..*length).map(|place| {
                let number = f64::from(u32::try_from(curves.len() * 4000 + place).unwrap()) / 4.0;
                if dice.once_in(9) { f64::NAN } else { number }
            });
            (grid.first_slot(*start), values.collect())
        });
        let vectors = vectors.collect();
        curves.push((Stored { curve, vectors }, starts.into_iter().map(|(start, _)| start).collect()));
    }
    curves
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Stores curves as one snapshot, packed and unpacked; returns their ids.
pub async fn store(
    sql: &mut sqlx::PgConnection,
    series: (DataType, Market),
    curves: &[(Stored, Vec<NaiveDate>)],
) -> Vec<i32> {
    let series_id: i32 = sqlx::query_scalar(
        "insert into trueprice.series (data_type, market) values ($1, $2)
        on conflict (data_type, market) do update set market = excluded.market returning id",
    )
    .bind(series.0.word())
    .bind(series.1.code())
    .fetch_one(&mut *sql)
    .await
    .unwrap();
    let snapshot: i32 = sqlx::query_scalar(
        "with made as (
            insert into trueprice.upload (bucket, key, arrival, status, received_at, finished_at)
            values ('b', 'key of ' || $1, 'a', 'published', now(), now()) returning id
        )
        insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id)
        select $1, '2024-01-02 08:00', true, 1, tstzrange('2024-01-02T12:00:00Z', null), gen_random_uuid(), id from made
        returning id",
    )
    .bind(series_id)
    .fetch_one(&mut *sql)
    .await
    .unwrap();
    let mut keys = Vec::new();
    for (number, (Stored { curve, vectors }, starts)) in curves.iter().enumerate() {
        let id: i32 = sqlx::query_scalar(
            "insert into trueprice.curve (series_id, identity, control_area, state, load_zone, capacity_zone, utility,
                block_type, cost_group, cost_component, sub_cost_component, details, normal)
            select $1, gen_random_uuid(), $2[1], $2[2], $2[3], $2[4], $2[5], $2[6], $2[7], $2[8], $2[9], $3, $4
            returning id",
        )
        .bind(series_id)
        .bind(&curve.labels[..])
        .bind(&curve.details)
        .bind(curve.labels.iter().chain(&curve.details).map(|text| normalised(text)).collect::<Vec<String>>())
        .fetch_one(&mut *sql)
        .await
        .unwrap();
        keys.push(id);
        for ((_, values), start) in vectors.iter().zip(starts) {
            let packed = if number % 2 == 0 { pack::pack(values) } else { None };
            let array = packed
                .is_none()
                .then(|| values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect::<Vec<_>>());
            sqlx::query(
                "with v as (
                    insert into trueprice.curve_values (curve_id, start, digest, values, packed)
                    values ($1, $2, gen_random_uuid(), $3, $4) returning id
                )
                insert into trueprice.snapshot_curve (snapshot_id, curve_id, values_id) select $5, $1, id from v",
            )
            .bind(id)
            .bind(start)
            .bind(array)
            .bind(packed)
            .bind(snapshot)
            .execute(&mut *sql)
            .await
            .unwrap();
        }
    }
    keys
}

/// A rule that is likely to match something.
pub fn random_rule(dice: &mut Dice, curves: &[&RefCurve]) -> RefRule {
    let model = *dice.pick(curves);
    let mut rule = RefRule::default();
    if !dice.once_in(3) {
        rule.data_type = Some(model.data_type.clone());
    }
    if !dice.once_in(3) {
        rule.market = Some(model.market.clone());
        if rule.data_type.as_deref() == Some("rec") {
            rule.market = None;
        }
    }
    // Some rules name all labels, as those of the old system do; most name a few.
    let exact = dice.once_in(4);
    for place in 0..9 {
        if !exact && !dice.once_in(4) {
            continue;
        }
        let label = plain(&model.labels[place]);
        rule.labels[place] = Some(match dice.roll(if exact { 30 } else { 8 }) {
            0 => {
                let cut = dice.roll(label.chars().count() + 1);
                let beginning: String = label.chars().take(cut).collect();
                if beginning.contains('*') { "*".to_owned() } else { format!("{beginning}*") }
            }
            1 if place == 5 => respelt("7x24", dice),
            _ if label.contains('*') => "a*".to_owned(),
            _ => respelt(&label, dice),
        });
    }
    match dice.roll(4) {
        0 => rule.balanced = Some(*dice.pick(&[1, 2, 3, 6, 12, 13, 60])),
        1 => {
            let from = 2023 * 12 + i32::try_from(dice.roll(34)).unwrap();
            let to = from + 1 + i32::try_from(dice.roll(14)).unwrap();
            let month = |number: i32| (number / 12, number % 12 + 1);
            rule.from = (!dice.once_in(4)).then(|| month(from));
            rule.to = (!dice.once_in(4)).then(|| month(to));
        }
        _ => {}
    }
    rule
}

/// The rules as parsed by the product.
pub fn read(rules: &[RefRule]) -> Vec<Rule> {
    let mut wrong = vec![];
    let list = rules.iter().map(RefRule::json).collect();
    let rules = Rule::read_all(&list, "rules", &mut wrong);
    assert_eq!(wrong, [], "{list:#}");
    rules
}
