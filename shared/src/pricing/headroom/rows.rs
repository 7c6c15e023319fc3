//! Reads the known offers of markets, as far as the caller may see them.

use super::counts::Counts;
use super::method::LEGACY_METHOD;
use crate::analytics::native;
use crate::analytics::query_context::{AnswerMetadata, QueryContext};
use crate::catalog::headroom::Method;
use crate::catalog::{DataType, Grid, Layout, Market};
use crate::curves::read::headroom::Compared;
use crate::curves::read::marks::Mark;
use crate::fault::{During, Fault};
use crate::http::Problem;
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;
use serde::Serialize;
use utoipa::ToSchema;

/// An offer and its source snapshot.
pub struct Offer {
    /// The market of the offer.
    pub market: Market,
    /// Index of its snapshot among those read.
    pub mark: usize,
    /// The comparison of the offer.
    pub compared: Compared,
}

/// The result of reading headroom.
#[derive(Default)]
pub struct Read {
    /// The snapshots that were read.
    pub marks: Vec<Mark>,
    /// The offers, by market and labels.
    pub offers: Vec<Offer>,
    /// What each snapshot was computed from.
    pub sources: Vec<Source>,
}

/// What a headroom snapshot was computed from, and what became of its offers. Snapshots that you may not see are null. Counts are null
/// unless you may see all headroom of the market; counts of offers without a headroom, unless you may see all its offers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Source {
    /// Market of the offers.
    #[schema(example = "PJM")]
    market: String,
    /// The snapshot of offers.
    matrix_snapshot: Option<i32>,
    /// The snapshot of prices to compare.
    ptc_snapshot: Option<i32>,
    /// The snapshot of loads; null if the market had none by that day, or you may not see it.
    loadprofile_snapshot: Option<i32>,
    /// How headroom was computed, depending on `method`.
    #[schema(example = "months of the term, load or hours, of units and values that are known")]
    method: Option<String>,
    /// Offers in the matrix.
    offers: Option<i32>,
    /// Pairs of an offer and a matching price to compare.
    joined: Option<i32>,
    /// Pairs with a headroom.
    computed: Option<i32>,
    /// Pairs without a published price to compare in any month of the offer.
    unpublished: Option<i32>,
    /// Pairs without a published price to compare in some months of the offer.
    months_missing: Option<i32>,
    /// Offers that match no price to compare.
    without_partner: Option<i32>,
    /// Offers without a total price.
    without_price: Option<i32>,
    /// Offers left out because they match two prices to compare with the same name.
    ambiguous: Option<i32>,
    /// Offers left out because the unit of the offer, the price to compare or the load profile is unknown or does not
    /// fit the quantity.
    unit_unknown: Option<i32>,
    /// Offers left out because the price, the price to compare or a load is impossible.
    impossible: Option<i32>,
    /// The same in a sentence, for a note.
    #[serde(skip)]
    said: Option<String>,
}

impl Source {
    /// The same, describing the numbers of this method.
    #[must_use]
    pub fn by(mut self, method: Method) -> Self {
        if method == Method::Legacy {
            self.method = self.method.map(|_| LEGACY_METHOD.to_owned());
        }
        self
    }

    /// Sentences about offers left out because of units or values.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let said = [
            (
                self.unit_unknown,
                "unit_unknown",
                "because the unit of the offer, its price to compare or its load profile is not recognised",
            ),
            (
                self.impossible,
                "impossible_value",
                "because the price, the price to compare or a load is impossible",
            ),
        ];
        let told = said
            .into_iter()
            .filter_map(|(count, code, why)| Some((count.filter(|count| *count > 0)?, code, why)));
        told.map(|(count, code, why)| format!("{code}: {}: {count} offers are left out, {why}", self.market))
            .collect()
    }
}

/// Reads the newest snapshots that match the query.
///
/// # Errors
/// 413 if that is too much; a fault if the database or the archive does not respond.
pub async fn read(
    context: &mut QueryContext<'_>,
    question: &Selection,
    filter: &Filter,
    metadata: &mut AnswerMetadata,
) -> Result<Read, Problem> {
    let mut read = Read::default();
    for market in &question.markets {
        let Some(mark) = context.newest(question, *market).await? else {
            metadata.nothing_of(*market);
            continue;
        };
        let stored = native::of_mark(context, &mark, (None, None), filter).await?;
        if stored.is_empty() {
            if context.is_empty(&mark).await? {
                let source = source(context, &mark).await?;
                metadata.empty(&mark, source.said.as_deref());
                read.sources.push(source);
                read.marks.push(mark);
            } else {
                metadata.nothing_of(*market);
            }
            continue;
        }
        metadata.read(&mark);
        let numbers = stored.iter().flat_map(|curve| {
            let slots = (curve.first..).zip(&curve.values).filter(|(_, number)| !number.is_nan());
            slots.map(|(slot, number)| (curve.snapshot, &*curve.name, Grid::Offer.day(slot), *number))
        });
        let offers = crate::curves::read::headroom::offers(numbers).into_iter();
        let at = read.marks.len();
        read.offers.extend(offers.map(|compared| Offer { market: *market, mark: at, compared }));
        read.sources.push(source(context, &mark).await?);
        read.marks.push(mark);
    }
    Ok(read)
}

/// What a snapshot was computed from. A snapshot that was imported and not recomputed here has no source.
///
/// Only snapshots that the caller may see are named.
async fn source(context: &mut QueryContext<'_>, mark: &Mark) -> Result<Source, Fault> {
    let row = sqlx::query!(
        "select matrix_id, ptc_id, loadprofile_id, method, offers, joined, computed, unpublished, months_missing,
            without_partner, without_price, ambiguous, unit_unknown, impossible
        from trueprice.headroom_pair
        where snapshot_id = $1
        order by current desc, computed_at desc
        limit 1",
        mark.id
    );
    let row = row.fetch_optional(&mut *context.tx).await.during("looking for the inputs of headroom")?;
    let row = row.as_ref();
    let ids = [
        row.map(|row| row.matrix_id),
        row.and_then(|row| row.ptc_id),
        row.and_then(|row| row.loadprofile_id),
    ];
    let there: Vec<i32> = ids.into_iter().flatten().collect();
    let seen = context.grants.see_snapshots(context.tx, &there).await?;
    let seen: Vec<i32> = there.into_iter().zip(seen).filter_map(|(id, seen)| seen.then_some(id)).collect();
    let [matrix, ptc, loads] = ids.map(|id| id.filter(|id| seen.contains(id)));
    let all = context.grants.see_all(context.tx, DataType::Headroom, mark.market).await?;
    let all_offers = all && context.grants.see_all(context.tx, DataType::Matrix, mark.market).await?;
    let (counted, offers) = (row.filter(|_| all), row.filter(|_| all_offers));
    Ok(Source {
        market: mark.market.code().to_owned(),
        matrix_snapshot: matrix,
        ptc_snapshot: ptc,
        loadprofile_snapshot: loads,
        method: row.map(|row| row.method.clone()),
        offers: offers.map(|row| row.offers),
        joined: counted.map(|row| row.joined),
        computed: counted.map(|row| row.computed),
        unpublished: counted.map(|row| row.unpublished),
        months_missing: counted.map(|row| row.months_missing),
        without_partner: offers.map(|row| row.without_partner),
        without_price: offers.map(|row| row.without_price),
        ambiguous: offers.map(|row| row.ambiguous),
        unit_unknown: offers.map(|row| row.unit_unknown),
        impossible: offers.map(|row| row.impossible),
        said: offers.map(|row| {
            let counts = Counts {
                offers: row.offers,
                joined: row.joined,
                computed: row.computed,
                unpublished: row.unpublished,
                months_missing: row.months_missing,
                without_partner: row.without_partner,
                without_price: row.without_price,
                ambiguous: row.ambiguous,
                unit_unknown: row.unit_unknown,
                impossible: row.impossible,
            };
            counts.said()
        }),
    })
}

/// The layout of headroom.
pub fn layout() -> &'static Layout {
    Layout::of(DataType::Headroom)
}
