//! The proof: random rules against random requests, judged by a simple reference evaluator. Nothing leaks, nothing is missing,
//! nothing is repeated.

use super::reference::{Dice, MOMENTS, RefCurve, RefRule, YearMonth, is, is_about, is_in, respelt};
use super::world::{Stored, WORDS, curves, random_rule, read, store};
use chrono::{DateTime, Datelike as _, Utc};
use std::collections::{HashMap, HashSet};
use std::time::Instant;
use tests::Running;
use trueprice::access::Grants;
use trueprice::access::packages;
use trueprice::access::rules::store::{self, Owner};
use trueprice::catalog::{DataType, Grid, Label, Layout, Market, Month};
use trueprice::clock::Clock;
use trueprice::curves::read;
use trueprice::discovery::visible;
use trueprice::discovery::visible::Shown;
use trueprice::parameters::filter::{Field, Filter};
use trueprice::parameters::snapshots::{Marks, Wanted, When};

const SERIES: [(DataType, Market, usize); 6] = [
    (DataType::Energy, Market::Ercot, 140),
    (DataType::NonEnergy, Market::Pjm, 140),
    (DataType::Matrix, Market::Pjm, 60),
    (DataType::Vlr, Market::Isone, 10),
    (DataType::LineLoss, Market::Nyiso, 50),
    (DataType::LoadProfile, Market::Miso, 4),
];
const USERS: usize = 250;

/// The delivery month of a slot, if it has one.
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
        // Some users have no rules, some have many that overlap.
        let mut rules: Vec<RefRule> = if number % 20 == 1 {
            vec![]
        } else {
            (0..=dice.roll(6)).map(|_| random_rule(&mut dice, &models)).collect()
        };
        let mut tx = running.ctx().db().begin("grant").await.unwrap();
        store::replace(&mut tx, Owner::User(user), &read(&rules), now).await.unwrap();
        for _ in 0..dice.roll(3) {
            let (package, more) = dice.pick(&shelf);
            packages::give(&mut tx, *package, user, now).await.unwrap();
            rules.extend(more.iter().cloned());
        }
        tx.commit().await.unwrap();

        let (moment, current) = *dice.pick(&MOMENTS);
        let mut tx = running.ctx().db().begin("read").await.unwrap();
        let grants = Grants::of_user(&mut tx, user, moment.parse().unwrap()).await.unwrap().unwrap();
        // Which rules match a curve does not depend on the month and is determined once.
        let about: HashMap<i32, Vec<&RefRule>> = series
            .iter()
            .flat_map(|(_, _, keys, curves)| keys.iter().zip(curves))
            .map(|(key, stored)| (*key, rules.iter().filter(|rule| is_about(rule, &stored.curve)).collect()))
            .collect();
        // Data without delivery months count from the month of their sheet for twenty years.
        let holds = |rule: &RefRule| {
            (2024..2044).any(|year| (1..=12).any(|month| is_in(rule, (year, month), current)))
        };
        let timeless: HashMap<*const RefRule, bool> =
            rules.iter().map(|rule| (std::ptr::from_ref(rule), holds(rule))).collect();
        let sees = |key: i32, month: Option<YearMonth>| {
            role == "admin"
                || about[&key].iter().any(|rule| match month {
                    Some(month) => is_in(rule, month, current),
                    None => timeless[&std::ptr::from_ref(*rule)],
                })
        };
        for (data_type, market, keys, curves) in &series {
            let request = Request::random(&mut dice);
            let found =
                read::read(&mut tx, &request.wanted(*data_type, *market), &grants).await.unwrap().unwrap();
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
    assert!(count.pairs >= 100_000 && count.cells > 50_000 && count.denied > 500_000, "too few were tested");
}

fn judge(
    count: &mut Count,
    grid: Grid,
    (keys, curves): (&[i32], &[Stored]),
    request: &Request,
    found: &read::Found,
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
            // Offers are selected by their beginning, which months do not cut.
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

/// Admins see of a user exactly what the user sees, month by month.
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
        let grid = Layout::of(*data_type).grid;
        let timeless = matches!(grid, Grid::MonthHour | Grid::Always);
        for (key, stored) in keys.iter().zip(curves) {
            let months = visible.get(key);
            // A curve is visible if it has one of the months, with or without a number.
            let slots = stored.vectors.iter().flat_map(|(first, values)| (*first..).take(values.len()));
            let has_one = || slots.clone().any(|slot| sees(*key, month_of(grid, slot)));
            if !timeless && !has_one() {
                assert!(months.is_none(), "{:?}", stored.curve);
                continue;
            }
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
