//! A column of one row group. Guarantees: it has a cell, or a list of cells, for each row of the group; anything else is a fault.

use super::cell::{Cell, Stored};
use crate::fault::{During, Fault};
use parquet::column::reader::get_typed_column_reader;
use parquet::file::reader::RowGroupReader;

/// A column as Parquet stores it.
pub(super) struct Column<C: Cell> {
    rows: usize,
    /// The values, without missing ones.
    values: Vec<Stored<C>>,
    /// A level for each value: the greatest if it is present, one less if it is missing, 0 for an empty list. Without levels if no
    /// value of the column can be missing.
    levels: Vec<i16>,
    /// A number for each element of a list: 0 if it starts the list, 1 if it continues it.
    repeats: Vec<i16>,
    greatest: i16,
}

impl<C: Cell> Column<C> {
    /// Reads the column of this name.
    pub(super) fn read(group: &dyn RowGroupReader, name: &str) -> Result<Self, Fault> {
        let rows = usize::try_from(group.metadata().num_rows()).during("counting rows")?;
        let columns = group.metadata().schema_descr().columns();
        let place = columns.iter().position(|column| column.path().parts()[0] == name);
        let place = place.ok_or_else(|| Fault::new("the column does not exist"))?;
        let greatest = columns[place].max_def_level();
        let reader = group.get_column_reader(place).during("finding it")?;
        let mut reader = get_typed_column_reader::<C::Column>(reader);
        let (mut values, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
        let (found, ..) = reader
            .read_records(rows, Some(&mut levels), Some(&mut repeats), &mut values)
            .during("decoding it")?;
        if found != rows {
            return Err(Fault::new(format!("it has {found} rows where the snapshot has {rows}")));
        }
        Ok(Self { rows, values, levels, repeats, greatest })
    }

    /// The cell of each row.
    pub(super) fn each(self) -> Result<Vec<C>, Fault> {
        if self.values.len() == self.rows {
            self.values.into_iter().map(C::take).collect()
        } else {
            Err(Fault::new("a value is missing"))
        }
    }

    /// The cell of each row; `None` if it is missing.
    pub(super) fn each_or_none(self) -> Result<Vec<Option<C>>, Fault> {
        let mut values = self.values.into_iter();
        let cell = |level| if level == self.greatest { next(&mut values).map(Some) } else { Ok(None) };
        self.levels.into_iter().map(cell).collect()
    }

    /// The value that all rows share.
    pub(super) fn same(self) -> Result<C, Fault> {
        self.same_or_none()?.ok_or_else(|| Fault::new("it is empty"))
    }

    /// The value that all rows share; `None` if it is missing in all of them.
    pub(super) fn same_or_none(mut self) -> Result<Option<C>, Fault> {
        let full = self.values.len() == self.rows;
        self.values.dedup();
        match (self.values.pop(), self.values.is_empty()) {
            (None, _) => Ok(None),
            (Some(value), true) if full => C::take(value).map(Some),
            (Some(_), _) => Err(Fault::new("it differs between the rows of a snapshot")),
        }
    }

    /// The list of each row, each element converted by `of`.
    pub(super) fn lists<V>(self, of: impl Fn(Option<C>) -> Result<V, Fault>) -> Result<Vec<Vec<V>>, Fault> {
        let mut values = self.values.into_iter();
        let mut lists: Vec<Vec<V>> = Vec::new();
        for (level, repeat) in self.levels.into_iter().zip(self.repeats) {
            if repeat == 0 {
                lists.push(Vec::new());
            }
            let list = lists.last_mut().ok_or_else(|| Fault::new("a list continues before it starts"))?;
            if level == self.greatest {
                list.push(of(Some(next(&mut values)?))?);
            } else if level > 0 {
                list.push(of(None)?);
            } else if repeat != 0 {
                return Err(Fault::new("an empty list continues"));
            }
        }
        Ok(lists)
    }
}

fn next<C: Cell>(values: &mut impl Iterator<Item = Stored<C>>) -> Result<C, Fault> {
    values.next().map_or_else(|| Err(Fault::new("there are too few values")), C::take)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[i32], levels: &[i16], repeats: &[i16], greatest: i16) -> Column<i32> {
        let [levels, repeats] = [levels, repeats].map(<[i16]>::to_vec);
        Column { rows: 3, values: values.to_vec(), levels, repeats, greatest }
    }

    #[test]
    fn values_of_a_snapshot_are_the_same_in_every_row() {
        assert_eq!(column(&[5, 5, 5], &[1, 1, 1], &[], 1).same_or_none().unwrap(), Some(5));
        assert_eq!(column(&[], &[0, 0, 0], &[], 1).same_or_none().unwrap(), None);
        for (values, levels) in [(&[5, 5, 6][..], [1, 1, 1]), (&[5, 5], [1, 0, 1])] {
            let fault = column(values, &levels, &[], 1).same_or_none().unwrap_err();
            assert_eq!(fault.to_string(), "it differs between the rows of a snapshot");
        }
        assert!(column(&[], &[0, 0, 0], &[], 1).same().is_err());
        assert!(column(&[5, 5], &[1, 0, 1], &[], 1).each().is_err());
    }

    #[test]
    fn lists_begin_where_the_numbers_say() {
        let lists = |levels: &[i16], repeats: &[i16]| column(&[5, 6], levels, repeats, 2).lists(Ok);
        assert_eq!(
            lists(&[2, 1, 0, 2], &[0, 1, 0, 0]).unwrap(),
            [vec![Some(5), None], vec![], vec![Some(6)]]
        );
        assert!(lists(&[2, 2], &[1, 0]).is_err(), "continues before it starts");
        assert!(lists(&[2, 0], &[0, 1]).is_err(), "an empty list continues");
        assert!(lists(&[2, 2, 2], &[0, 0, 0]).is_err(), "more places than values");
    }
}
