//! Sheets that broke off on their way.

use super::{Mini, energy, flat, hours, matrix, ptc, text, told};
use crate::sheets::flaw::code::Code;
use crate::sheets::read::read;

#[test]
fn a_sheet_that_broke_off_inside_a_row_is_refused_wherever_it_was_cut() {
    let kinds = [
        Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() },
        ptc::ptc(),
        matrix::matrix(),
        hours::loadprofile(&[("1/1/2024", &[1, 2])]),
        hours::shaping(),
        hours::vlr(),
        flat::lineloss(),
    ];
    for sheet in kinds {
        let whole = text(&sheet.rows);
        let begin = whole[..whole.len() - 1].rfind('\n').unwrap() + 1;
        let line = whole.lines().count();
        let wanted = whole[begin..].matches(',').count() + 1;
        for end in begin + 1..whole.len() - 1 {
            let has = whole[begin..end].matches(',').count() + 1;
            // Behind its last comma the row has all of its cells.
            if has == wanted {
                break;
            }
            for (last, more) in [("", ""), ("\r", ""), ("\n", ",,,\n")] {
                // With a line end the first cells are read, and may be wrong for themselves.
                let cut = format!("{}{last}{more}", &whole[..end]);
                let flaws = read(cut.as_bytes(), super::name(sheet.file)).expect_err(sheet.file);
                let flaw = flaws.listed().iter().find(|flaw| flaw.code == Code::RowShort);
                let place = format!("{}: {:?}", sheet.file, &whole[begin..end]);
                let Some(flaw) = flaw else {
                    assert!(!last.is_empty(), "{place}: {:?}", flaws.listed());
                    continue;
                };
                assert_eq!(flaw.line, u64::try_from(line).ok(), "{place}");
                assert_eq!(flaw.found, format!("{has} of {wanted} cells"), "{place}");
                if last.is_empty() {
                    assert_eq!(flaws.count(), 1, "{place}: {:?}", flaws.listed());
                }
            }
        }
    }
}

#[test]
fn rows_that_lack_the_same_cells_are_one_flaw_with_its_remedy() {
    let mut sheet = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
    sheet.rows[11].truncate(3);
    sheet.rows[13].truncate(3);
    let flaws = sheet.read().unwrap_err();
    assert_eq!((flaws.count(), flaws.listed()[0].more), (1, 1));
    assert_eq!(
        flaws.listed()[0].message,
        "Cell D12: The row ends early: it has 3 of 4 cells. Upload the complete sheet; if nothing is missing, enter #N/A in the \
            last column where it has no value. One more cell is like it."
    );
    // Blank cells are cells, and columns without labels are not wanted.
    let blank = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
    assert_eq!(blank.flaws(|rows| rows[12][2..].iter_mut().for_each(String::clear)), [""; 0]);
    let wide = Mini { file: "Energy_ERCOT_20230522_082540.csv", rows: energy() };
    assert_eq!(wide.flaws(|rows| rows[..11].iter_mut().for_each(|row| row.push(String::new()))), [""; 0]);
}

#[test]
fn a_sample_that_was_cut_is_refused() {
    let sample = include_bytes!("../../../../samples/Energy_ERCOT_20240108_103000.csv");
    let cut = read(&sample[..3900], super::name("Energy_ERCOT_20240408_170200_cob.csv"));
    let flaws = cut.as_ref().unwrap_err();
    assert_eq!(flaws.listed()[0].found, "3 of 13 cells");
    assert_eq!(told(cut).len(), 1);
}
