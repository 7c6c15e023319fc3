//! The graph of the old home page: the node whose prompt month moved furthest between the newest mark and the one before.
//!
//! The old system used the days of ERCOT for every market, so that its graph was often empty.

use crate::analytics::query_context::QueryContext;
use crate::catalog::{Block, Calendar, DataType, Label, Market, Month, PlaceKind};
use crate::curves::read::marks::{self, Choice, Mark};
use crate::discovery::places;
use crate::fault::During as _;
use crate::http::Problem;
use crate::parameters::filter::{Field, Filter};
use crate::parameters::snapshots::Marks;
use crate::saved_graphs::lines::definition::LineDefinition;
use chrono::Months;
use serde::Serialize;
use utoipa::ToSchema;

/// The nine nodes that the old system watched (reference: its notifications), by normalised zone.
const NODES: [(Market, &[&str]); 4] = [
    (Market::Ercot, &["NORTH ZONE"]),
    (Market::Isone, &["MASS HUB"]),
    (Market::Nyiso, &["ZONE A", "ZONE G", "ZONE J"]),
    (Market::Pjm, &["AD HUB", "EAST HUB", "NI HUB", "WEST HUB"]),
];
/// How many months the graph has after its first.
const MONTHS: u32 = 61;

/// What moved most.
#[derive(Serialize, ToSchema)]
pub(super) struct HomeGraph {
    /// The chart of the lines, as JSON text: what `/graphs` answers.
    #[schema(example = "{\"data\":[]}")]
    graph: String,
    /// The newest mark and the one before, as `/graphs` reads them.
    payload: Vec<LineDefinition>,
}

/// A node that moved.
struct Moved {
    /// The relative move, without its sign.
    share: f64,
    market: Market,
    zone: String,
    marks: [Mark; 2],
}

/// Draws the graph.
///
/// # Errors
/// 404 if no node has two marks and a visible price; 422 if its zone has several curves; a fault.
pub(super) async fn draw(context: &mut QueryContext<'_>) -> Result<HomeGraph, Problem> {
    let mut moved = Vec::new();
    for (market, zones) in NODES {
        moved.extend(of_market(context, market, zones).await?);
    }
    moved.sort_by(|one, other| other.share.total_cmp(&one.share));
    // A user who sees only peak prices has no 7x24 line for this node; then the next node is shown.
    for node in &moved {
        let payload = lines(node);
        let chart = crate::legacy::graphs::chart::sketch(context, &payload, Calendar::Legacy).await?;
        if !chart.is_empty() {
            let graph = serde_json::to_string(&chart).during("writing a chart as JSON")?;
            return Ok(HomeGraph { graph, payload });
        }
    }
    let detail = "None of the nodes that this graph watches has a price that you may see in the two newest marks of its market.";
    Err(Problem::not_found(detail, "Unable to Fetch Data"))
}

/// The visible nodes of a market, and how the prompt month of their 5x16 moved since the mark before.
async fn of_market(
    context: &mut QueryContext<'_>,
    market: Market,
    zones: &[&str],
) -> Result<Vec<Moved>, Problem> {
    let choice = Choice {
        data_type: DataType::Energy,
        market,
        marks: Marks::Latest,
        known_at: None,
        as_of: None,
        days: (None, None),
        only: None,
        most: 2,
    };
    let found = marks::choose(context.tx, &choice, &context.grants).await?;
    let Ok([newest, before]) = <[Mark; 2]>::try_from(found) else { return Ok(vec![]) };
    let prompt = Month::of(newest.day).plus(1);
    let slot = i64::from(prompt.ordinal());
    let mut filter = Filter::default();
    for place in places::places(context.tx, Some(PlaceKind::Zone), Some(market)).await? {
        if zones.contains(&place.key()) {
            for pattern in place.spellings().iter().filter_map(|spelling| spelling.parse().ok()) {
                filter.add(Field::Label(Label::LoadZone), pattern);
            }
        }
    }
    if let Ok(block) = Block::Peak5x16.name().parse() {
        filter.add(Field::Label(Label::BlockType), block);
    }
    let marks = vec![newest.clone(), before.clone()];
    let matrix = context.matrix((DataType::Energy, market), &filter, marks, &|_| (slot, slot)).await?;
    let price = |curve, mark| matrix.series(curve, mark).map_or(f64::NAN, |series| series.at(prompt));
    let moved = matrix.curves.iter().enumerate().filter_map(|(place, curve)| {
        let (new, old) = (price(place, 0), price(place, 1));
        let share = ((new - old) / old).abs();
        let zone = curve.name.sub_component.clone();
        share.is_finite().then(|| Moved { share, market, zone, marks: [newest.clone(), before.clone()] })
    });
    Ok(moved.collect())
}

/// The lines of a node: the newest mark and the one before, over the same months.
fn lines(node: &Moved) -> Vec<LineDefinition> {
    let first = node.marks[0].day.pred_opt().unwrap_or(node.marks[0].day);
    let last = first.checked_add_months(Months::new(MONTHS)).unwrap_or(first);
    let line = |mark: &Mark| LineDefinition {
        data_type: Some("Energy".to_owned()),
        control_table: format!("{}_energy", node.market.code().to_lowercase()),
        load_zone: node.zone.clone(),
        operating_day: Some(mark.day.to_string()),
        operatin_day_timestamps: Some(if mark.key.cob {
            mark.day.to_string()
        } else {
            mark.key.stamp.format("%Y-%m-%d %H:%M").to_string()
        }),
        history: Some("false".to_owned()),
        cob: Some(mark.key.cob.to_string()),
        start: first.to_string(),
        end: last.to_string(),
        label: None,
    };
    node.marks.iter().map(line).collect()
}
