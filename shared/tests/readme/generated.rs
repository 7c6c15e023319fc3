//! Tables between `<!-- generated: name -->` and `<!-- end -->`. A generator makes the rows and their first cells; columns
//! that it leaves open are written by hand, and are kept when the table is written again.
//! `TRUEPRICE_ACCEPT=1 cargo test --workspace --test readme` writes the tables; without it they are compared.

use crate::pages::{self, cells, top};
use crate::tables::{Cell, Table};
use std::collections::BTreeMap;
use std::fs;

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// The texts written by hand in the rows of a table, by the first cell of the row.
fn by_hand(block: &str) -> BTreeMap<String, Vec<String>> {
    let rows = block.lines().filter(|line| line.starts_with('|')).skip(2).map(cells);
    rows.map(|mut row| (row.remove(0), row)).collect()
}

/// The table, with what is written by hand in the block that it replaces.
fn render(table: &Table, block: &str) -> String {
    let kept = by_hand(block);
    let mut text = format!("| {} |\n|{}\n", table.head.join(" | "), "---|".repeat(table.head.len()));
    for row in &table.rows {
        let Some(Cell::Made(key)) = row.first() else { panic!("a row begins with a generated cell") };
        text.push('|');
        for (index, cell) in row.iter().enumerate() {
            let hand = kept.get(key).and_then(|row| row.get(index.checked_sub(1)?));
            let cell = match cell {
                Cell::Made(text) => text,
                Cell::ByHand(first) => hand.filter(|text| !text.is_empty()).unwrap_or(first),
            };
            text.extend([" ", cell, " |"]);
        }
        text.push('\n');
    }
    text
}

/// The page with its tables written anew, and the names of those that were out of date.
fn renewed(text: &str) -> (String, Vec<String>) {
    let (mut fresh, mut stale, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n").expect("a block names its generator");
        let (block, after) = after.split_once(END).expect("a block ends");
        let table = render(&Table::named(name), block);
        if table != block {
            stale.push(name.to_owned());
        }
        fresh.extend([before, BEGIN, name, " -->\n", &table, END]);
        rest = after;
    }
    (fresh + rest, stale)
}

#[test]
fn every_generated_table_is_up_to_date() {
    let accept = std::env::var_os("TRUEPRICE_ACCEPT").is_some();
    let (mut stale, mut blocks) = (Vec::new(), 0);
    for page in pages::all() {
        let (fresh, names) = renewed(&page.text);
        blocks += page.text.matches(BEGIN).count();
        if accept && fresh != page.text {
            fs::write(top().join(&page.path), &fresh).unwrap();
        }
        if !accept {
            stale.extend(names.into_iter().map(|name| format!("{}: {name}", page.path)));
        }
    }
    assert!(stale.is_empty(), "run it with TRUEPRICE_ACCEPT=1 and read the difference: {stale:#?}");
    assert!(blocks > 20, "{blocks} generated tables");
}

#[test]
fn no_cell_of_a_generated_table_is_empty() {
    for page in pages::all() {
        for block in page.text.split(BEGIN).skip(1) {
            let block = block.split(END).next().unwrap();
            for row in block.lines().filter(|line| line.starts_with('|')) {
                let empty = cells(row).iter().any(String::is_empty);
                assert!(!empty, "{}: describe what this row is: {row}", page.path);
            }
        }
    }
}

#[test]
fn a_table_keeps_what_was_written_by_hand() {
    let made = |text: &str| Cell::Made(text.to_owned());
    let table = Table {
        head: vec!["A", "B", "C"],
        rows: vec![
            vec![made("`x`"), made("new"), Cell::ByHand("first".to_owned())],
            vec![made("`y`"), made("2"), Cell::ByHand("first".to_owned())],
        ],
    };
    let block = "| A | B | C |\n|---|---|---|\n| `x` | old | my words |\n| `gone` | 1 | lost |\n";
    let expected = "| A | B | C |\n|---|---|---|\n| `x` | new | my words |\n| `y` | 2 | first |\n";
    assert_eq!(render(&table, block), expected);
}
