//! Lines for each mark: the blocks of a sheet may differ from one day to the next, and so may the way a block is derived.

use super::block_series::{self, Line, Lines};
use crate::catalog::Calendar;
use crate::curves::read::vectors::PriceMatrix;
use crate::parameters::views::{Units, View};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The lines made from each mark's own curves, by mark index.
#[must_use]
pub fn by_mark(matrix: &PriceMatrix, view: View, units: Units, calendar: Calendar) -> Vec<Arc<Lines>> {
    let mut known: HashMap<Vec<usize>, Arc<Lines>> = HashMap::new();
    let made = (0..matrix.marks.len()).map(|mark| {
        let curves = 0..matrix.curves.len();
        let there: Vec<usize> = curves.filter(|curve| matrix.series(*curve, mark).is_some()).collect();
        let made = known.entry(there).or_insert_with_key(|there| {
            let curves = there.iter().map(|place| &matrix.curves[*place]);
            let names: Vec<(i32, &_)> = curves.map(|curve| (curve.id, &*curve.name)).collect();
            let mut made = block_series::lines(&names, &[view], units, calendar);
            for (place, _) in made.lines.iter_mut().flat_map(|line| &mut line.recipe.parts) {
                *place = there[*place];
            }
            Arc::new(made)
        });
        Arc::clone(made)
    });
    made.collect()
}

/// The lines of a view by their identity.
#[must_use]
pub fn by_name(lines: &Lines) -> HashMap<Uuid, &Line> {
    lines.lines.iter().map(|line| (line.name.identity(), line)).collect()
}
