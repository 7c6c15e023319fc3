//! The proof: random rules against random requests, judged by a plain evaluator. Nothing leaks, nothing is missing, nothing
//! comes twice.

use super::reference::{Dice, MOMENTS, RefCurve, RefRule, YearMonth, is, is_about, is_in, respelt};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use std::collections::{HashMap, HashSet};
use std::time::Instant;
use tests::Running;
use trueprice::access::Grants;
use trueprice::access::packages;
use trueprice::access::rules::Rule;
use trueprice::access::rules_store::{self, Owner};
use trueprice::catalog::{DataType, Grid, Label, Layout, Market, Month};
use trueprice::clock::Clock;
use trueprice::curves::filter::{Field, Filter};
use trueprice::curves::pack;
use trueprice::curves::reading::{self, Marks, Wanted, When};
use trueprice::curves::visible::{self, Shown};

const SERIES: [(DataType, Market, usize); 6] = [
    (DataType::Energy, Market::Ercot, 140),
    (DataType::NonEnergy, Market::Pjm, 140),
    (DataType::Matrix, Market::Pjm, 60),
    (DataType::Vlr, Market::Isone, 10),
    (DataType::LineLoss, Market::Nyiso, 50),
    (DataType::LoadProfile, Market::Miso, 4),
];
const USERS: usize = 250;

/// Words that labels are made of; small, so that rules meet curves.
const WORDS: [&[&str]; 9] = [
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

struct Stored {
    curve: RefCurve,
    /// First slot and values of each vector.
    vectors: Vec<(i64, Vec<f64>)>,
}

/// Curves of a series, no two of one name, with values that tell each other apart.
fn curves(
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

/// Puts curves into the tables as one snapshot, packed and not; their keys.
async fn store(
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
                block_type, cost_group, cost_component, sub_cost_component, details)
            select $1, gen_random_uuid(), $2[1], $2[2], $2[3], $2[4], $2[5], $2[6], $2[7], $2[8], $2[9], $3
            returning id",
        )
        .bind(series_id)
        .bind(&curve.labels[..])
        .bind(&curve.details)
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

/// A rule that is likely to meet something.
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
    // Some name all labels, as the rules of the old system; most a few.
    let exact = dice.once_in(4);
    for place in 0..9 {
        if !exact && !dice.once_in(4) {
            continue;
        }
        let label = super::reference::plain(&model.labels[place]);
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
        0 => rule.balanced = Some(i32::try_from(*dice.pick(&[1, 2, 3, 6, 12, 13, 60])).unwrap()),
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

/// As the product reads it.
pub fn read(rules: &[RefRule]) -> Vec<Rule> {
    let mut wrong = vec![];
    let list = rules.iter().map(RefRule::json).collect();
    let rules = Rule::read_all(&list, "rules", &mut wrong);
    assert_eq!(wrong, [], "{list:#}");
    rules
}

/// The delivery month of a slot, where there is one.
fn month_of(grid: Grid, slot: i64) -> Option<YearMonth> {
    let date = match grid {
        Grid::Month | Grid::DayHour | Grid::Offer => grid.day(slot),
        Grid::MonthHour | Grid::Always => return None,
    };
    Some((date.year(), i32::try_from(date.month()).unwrap()))
}

#[derive(Default)]
struct Count {
    pairs: usize,
    reads: usize,
    cells: usize,
    denied: usize,
    leaks: usize,
    missing: usize,
    duplicates: usize,
}

struct Request {
    months: (Option<YearMonth>, Option<YearMonth>),
    filter: Option<(usize, Vec<String>)>,
}

impl Request {
    fn random(dice: &mut Dice) -> Self {
        let month = |dice: &mut Dice| {
            (2023 + i32::try_from(dice.roll(3)).unwrap(), 1 + i32::try_from(dice.roll(12)).unwrap())
        };
        let months = match dice.roll(4) {
            0 => (Some(month(dice)), None),
            1 => (None, Some(month(dice))),
            2 => {
                let (a, b) = (month(dice), month(dice));
                (Some(a.min(b)), Some(a.max(b)))
            }
            _ => (None, None),
        };
        let filter = dice.once_in(2).then(|| {
            let place = dice.roll(9);
            let patterns = (0..=dice.roll(2)).map(|_| {
                let label = *dice.pick(WORDS[place]);
                if label.contains('*') || dice.once_in(3) {
                    format!("{}*", &label[..1])
                } else {
                    respelt(label, dice)
                }
            });
            (place, patterns.collect())
        });
        Self { months, filter }
    }

    fn wanted(&self, data_type: DataType, market: Market) -> Wanted {
        let month = |month: Option<YearMonth>| {
            month.map(|(year, month)| Month::new(year, u32::try_from(month).unwrap()).unwrap())
        };
        let mut filter = Filter::default();
        if let Some((place, patterns)) = &self.filter {
            let field = Label::ALL.get(*place).map_or(Field::SubComponent, |label| Field::Label(*label));
            for pattern in patterns {
                filter.add(field, pattern.parse().unwrap());
            }
        }
        Wanted {
            data_type,
            market,
            when: When::Newest,
            marks: Marks::Latest,
            known_at: None,
            history: false,
            months: (month(self.months.0), month(self.months.1)),
            filter,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_pairs_of_rules_and_requests_leak_nothing_miss_nothing_and_repeat_nothing() {
    let begun = Instant::now();
    let running = Running::start_with(Clock::fixed("2024-01-15T12:00:00Z".parse().unwrap()), |_| {}).await;
    let (mut dice, mut sql) = (Dice(20_240_105), running.sql().await);
    let mut series = Vec::new();
    for kind in SERIES {
        let curves = curves(&mut dice, kind);
        let keys = store(&mut sql, (kind.0, kind.1), &curves).await;
        let curves: Vec<Stored> = curves.into_iter().map(|(stored, _)| stored).collect();
        series.push((kind.0, kind.1, keys, curves));
    }
    let all: Vec<RefCurve> =
        series.iter().flat_map(|s| s.3.iter().map(|stored| stored.curve.clone())).collect();
    let models: Vec<&RefCurve> = all.iter().collect();
    let now: DateTime<Utc> = "2024-01-15T12:00:00Z".parse().unwrap();

    let mut tx = running.ctx().db().begin("make packages").await.unwrap();
    let mut shelf: Vec<(i32, Vec<RefRule>)> = Vec::new();
    for number in 0..30 {
        let rules: Vec<RefRule> = (0..dice.roll(7)).map(|_| random_rule(&mut dice, &models)).collect();
        let made =
            packages::create(&mut tx, (&format!("package {number}"), ""), &read(&rules), now).await.unwrap();
        shelf.push((made.unwrap().0, rules));
    }
    tx.commit().await.unwrap();
    let mut count = Count::default();
    for number in 0..USERS {
        let role =
            if number % 40 == 0 { "admin" } else { *dice.pick(&["read_only_user", "read_write_user"]) };
        let user: i32 = sqlx::query_scalar(
            "insert into trueprice.user_account (email, role, password_hash, created_at, password_changed_at)
            values ($1, $2, '', now(), now()) returning id",
        )
        .bind(format!("u{number}@example.com"))
        .bind(role)
        .fetch_one(&mut sql)
        .await
        .unwrap();
        // Some have no rule at all, some many that overlap.
        let mut rules: Vec<RefRule> = if number % 20 == 1 {
            vec![]
        } else {
            (0..=dice.roll(6)).map(|_| random_rule(&mut dice, &models)).collect()
        };
        let mut tx = running.ctx().db().begin("grant").await.unwrap();
        rules_store::replace(&mut tx, Owner::User(user), &read(&rules), now).await.unwrap();
        for _ in 0..dice.roll(3) {
            let (package, more) = dice.pick(&shelf);
            packages::give(&mut tx, *package, user, now).await.unwrap();
            rules.extend(more.iter().cloned());
        }
        tx.commit().await.unwrap();

        let (moment, current) = *dice.pick(&MOMENTS);
        let mut tx = running.ctx().db().begin("read").await.unwrap();
        let grants = Grants::of_user(&mut tx, user, moment.parse().unwrap()).await.unwrap().unwrap();
        // Which rules are about a curve does not change with the month, and is asked once.
        let about: HashMap<i32, Vec<&RefRule>> = series
            .iter()
            .flat_map(|(_, _, keys, curves)| keys.iter().zip(curves))
            .map(|(key, stored)| {
                (*key, rules.iter().filter(|rule| is_about(rule, &stored.curve, &all)).collect())
            })
            .collect();
        let sees = |key: i32, month: Option<YearMonth>| {
            role == "admin"
                || about[&key].iter().any(|rule| month.is_none_or(|month| is_in(rule, month, current)))
        };
        for (data_type, market, keys, curves) in &series {
            let request = Request::random(&mut dice);
            let found =
                reading::read(&mut tx, &request.wanted(*data_type, *market), &grants).await.unwrap().unwrap();
            judge(&mut count, Layout::of(*data_type).grid, (keys, curves), &request, &found, &sees);
        }
        judge_visible(&mut tx, &grants, &series, &sees).await;
        tx.commit().await.unwrap();
    }
    println!(
        "{} pairs of rules and requests in {} reads, {} cells seen, {} not: {} leaks, {} missing, {} duplicates ({:.1} s)",
        count.pairs,
        count.reads,
        count.cells,
        count.denied,
        count.leaks,
        count.missing,
        count.duplicates,
        begun.elapsed().as_secs_f64()
    );
    assert_eq!((count.leaks, count.missing, count.duplicates), (0, 0, 0));
    assert!(count.pairs >= 100_000 && count.cells > 50_000 && count.denied > 500_000, "too little was tried");
}

fn judge(
    count: &mut Count,
    grid: Grid,
    (keys, curves): (&[i32], &[Stored]),
    request: &Request,
    found: &reading::Found,
    sees: &impl Fn(i32, Option<YearMonth>) -> bool,
) {
    count.reads += 1;
    let mut shown: HashMap<(i32, i64), f64> = HashMap::new();
    let mut named = HashSet::new();
    for part in &found.stored {
        named.insert(part.curve_id);
        for (slot, value) in (part.first..).zip(&part.values).filter(|(_, value)| !value.is_nan()) {
            count.duplicates += usize::from(shown.insert((part.curve_id, slot), *value).is_some());
        }
    }
    for (key, Stored { curve, vectors }) in keys.iter().zip(curves) {
        count.pairs += 1;
        let asked = request
            .filter
            .as_ref()
            .is_none_or(|(place, patterns)| patterns.iter().any(|p| is(p, &curve.labels[*place])));
        let mut known: HashMap<Option<YearMonth>, bool> = HashMap::new();
        let mut may_be_named = false;
        for (slot, value) in vectors.iter().flat_map(|(first, values)| (*first..).zip(values)) {
            let month = month_of(grid, slot);
            // Offers are asked for by their beginning, which months do not cut.
            let cut = matches!(grid, Grid::Month | Grid::DayHour);
            let in_range = !cut
                || month.is_none_or(|month| {
                    request.months.0.is_none_or(|from| month >= from)
                        && request.months.1.is_none_or(|to| month <= to)
                });
            let granted = asked && in_range && *known.entry(month).or_insert_with(|| sees(*key, month));
            may_be_named |= granted;
            match (granted && !value.is_nan(), shown.remove(&(*key, slot))) {
                (true, Some(shown)) if shown.to_bits() == value.to_bits() => count.cells += 1,
                (true, _) => count.missing += 1,
                (false, Some(_)) => count.leaks += 1,
                (false, None) => count.denied += 1,
            }
        }
        count.leaks += usize::from(named.contains(key) && !may_be_named);
    }
    count.leaks += shown.len();
}

type Series = (DataType, Market, Vec<i32>, Vec<Stored>);

/// What an admin is shown of a user is what the user is shown, month by month.
async fn judge_visible(
    tx: &mut trueprice::db::Tx,
    grants: &Grants,
    series: &[Series],
    sees: &impl Fn(i32, Option<YearMonth>) -> bool,
) {
    let shown = Shown { limit: 10_000, ..Shown::default() };
    let visible = visible::curves(tx, &shown, grants).await.unwrap();
    let visible: HashMap<i32, _> =
        visible.into_iter().map(|(_, curve)| (curve.curve.id, curve.months)).collect();
    for (data_type, _, keys, curves) in series {
        let timeless = matches!(Layout::of(*data_type).grid, Grid::MonthHour | Grid::Always);
        for (key, stored) in keys.iter().zip(curves) {
            let months = visible.get(key);
            if timeless {
                assert_eq!(months.is_some(), sees(*key, None), "{:?}", stored.curve);
                continue;
            }
            for number in 2023 * 12..2026 * 12 {
                let month = (number / 12, number % 12 + 1);
                let text = format!("{:04}-{:02}", month.0, month.1);
                let shown = months.is_some_and(|months| {
                    months.iter().any(|range| {
                        range.from.as_ref().is_none_or(|from| *from <= text)
                            && range.to.as_ref().is_none_or(|to| text < *to)
                    })
                });
                assert_eq!(shown, sees(*key, Some(month)), "{text} {:?}", stored.curve);
            }
        }
    }
}
