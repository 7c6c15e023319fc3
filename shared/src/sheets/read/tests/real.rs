//! Real sheets, if the shared folder exists next to the project.

use super::name;
use crate::catalog::{DataType, Layout};
use crate::env::shared_path;
use crate::sheets::filename;
use crate::sheets::flaw::code::Code;
use crate::sheets::read::{read, starts_the_numbers};
use crate::sheets::row_reader::SheetRow;
use crate::sheets::text::Text;
use std::collections::BTreeSet;

/// Rows, sums, extremes and zeros as the old system stored them. Two of its rules differ from ours, and are undone for the
/// comparison: a percent lost its sign (12% was 12), and a blank was 0, except for 12 cells of PJM nonenergy that were null.
#[test]
fn real_sheets_have_their_golden_numbers() {
    let Some(folder) = shared_path("data/inputs/accepted") else { return };
    // File, rows, sum, least, most, zeros and nulls.
    let golden = [
        ("Energy_ERCOT_20230522_082540.csv", 732, 31_720.56, 15.1, 112.82, 0),
        ("Energy_ERCOT_20230522_082542_cob.csv", 732, 31_811.91, 15.1, 112.82, 0),
        ("Energy_ISONE_20230522_082540.csv", 1647, 100_637.04, 19.45, 157.21, 0),
        ("Energy_ISONE_20230522_082542_cob.csv", 1647, 100_839.11, 19.45, 222.22, 0),
        ("Energy_NYISO_20230522_082540.csv", 2013, 104_092.94, 11.76, 168.1, 0),
        ("Energy_NYISO_20230522_082542_cob.csv", 2013, 104_517.52, 11.76, 444.44, 0),
        ("Energy_PJM_20230503_083250.csv", 4209, 209_396.81, 13.9, 102.04, 0),
        ("Energy_PJM_20230503_083252_cob.csv", 4209, 209_932.73, 13.9, 555.55, 0),
        ("NonEnergy_ERCOT_20230419_101010.csv", 6048, 4_161.23, -7.16, 238.43, 3314),
        ("NonEnergy_MISO_20230430_101010.csv", 7308, 559_352.52, -0.89, 4161.0, 3735),
        ("NonEnergy_NYISO_20230430_101010.csv", 2520, 1_745.256_68, -1.91, 18.58, 807),
        (
            "NonEnergy_PJM_20230410_101010.csv",
            71_316,
            14_530_939_168.466_71,
            -778_872.63,
            23_143_895.82,
            18_018 + 12,
        ),
        ("REC_ERCOT_20230506_142300.csv", 1596, 17_617_808_173.616_974, 0.0, 1_714_935_900.0, 870),
        ("REC_ERCOT_20230507_142300.csv", 684, 433.5876, 0.0158, 3.15, 0),
        ("REC_ISONE_20230507_142300.csv", 12_540, 247_624.43, 0.0, 480.0, 1476),
        ("REC_NYISO_20230506_142700.csv", 1824, 30_603.78, 0.0, 100.0, 705),
        ("REC_PJM_20230506_142900.csv", 11_172, 329_118.49, 0.0, 500.0, 875),
    ];
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        golden.len(),
        "every accepted sheet has its golden numbers"
    );
    for (file, cells, sum, least, most, zeros) in golden {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let reading =
            read(&bytes, name(file)).unwrap_or_else(|flaws| panic!("{file}: {:#?}", flaws.listed()));
        assert_eq!(reading.cells, cells, "{file}");
        let percents = percents(&bytes);
        let mut old = Vec::new();
        for (place, curve) in reading.sheet.curves.iter().enumerate() {
            for (row, value) in curve.parts[0].values.iter().enumerate() {
                let value = if value.is_nan() { 0.0 } else { *value };
                old.push(if percents.contains(&(row, place)) { value * 100.0 } else { value });
            }
        }
        let near = |found: f64, golden: f64| (found - golden).abs() <= golden.abs() * 1e-12 + 1e-6;
        assert!(near(old.iter().sum(), sum), "{file}: the sum is {}", old.iter().sum::<f64>());
        assert!(near(old.iter().copied().fold(f64::MAX, f64::min), least), "{file}: the least value");
        assert!(near(old.iter().copied().fold(f64::MIN, f64::max), most), "{file}: the largest value");
        assert_eq!(
            old.iter().filter(|value| value.abs() < 1e-12).count(),
            zeros,
            "{file}: zeros and missing ones"
        );
    }
}

/// Row and index among the labelled columns of every cell that is written as a percent.
fn percents(bytes: &[u8]) -> BTreeSet<(usize, usize)> {
    let text = Text::new(bytes).unwrap();
    let rows: Vec<SheetRow> = text.rows().collect();
    let labelled = rows.iter().find(|row| row.cell(0) == b"Control Area").unwrap();
    let columns: Vec<usize> =
        (1..labelled.width()).filter(|column| !labelled.cell(*column).is_empty()).collect();
    let layout = Layout::of(DataType::Rec);
    let rows = rows.iter().filter(|row| starts_the_numbers(&text, row, layout)).enumerate();
    let cells = rows.flat_map(|(at, row)| {
        columns.iter().enumerate().map(move |(curve, column)| (at, curve, row.cell(*column)))
    });
    cells
        .filter(|(_, _, cell)| cell.trim_ascii_end().ends_with(b"%"))
        .map(|(at, curve, _)| (at, curve))
        .collect()
}

/// Each refused sheet names the flaws that are in it.
#[test]
fn real_refused_sheets_name_their_flaws() {
    let Some(folder) = shared_path("data/inputs/refused") else { return };
    for (file, expected, sentence) in [
        ("Energy_ERCOT_20230330_083040.csv", vec![Code::OldGeneration], "April and May 2023"),
        (
            "ForwardCurve_NYISO_5X16_20230109_084700.csv",
            vec![Code::OldGeneration, Code::FileType, Code::FileDate, Code::FileTime, Code::FileSuffix],
            "a file per strip",
        ),
        ("REC_ISONE_20230506_142500.csv", vec![Code::DuplicateColumn], "a curve other than that of column"),
        ("REC_NYISO_20230405_083100.csv", vec![Code::OldGeneration], "the strip in the second column"),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let flaws = filename::parse(file).and_then(|name| read(&bytes, name).map(drop)).expect_err(file);
        let codes: Vec<Code> = flaws.listed().iter().map(|flaw| flaw.code).collect();
        assert_eq!(codes, expected, "{file}: {:#?}", flaws.listed());
        assert!(flaws.listed()[0].expected.contains(sentence), "{file}: {}", flaws.listed()[0]);
    }
    // With a current name, the content gives it away.
    let bytes = std::fs::read(folder.join("ForwardCurve_NYISO_5X16_20230109_084700.csv")).unwrap();
    let flaws = read(&bytes, name("Energy_NYISO_20230109_084700.csv")).unwrap_err();
    assert_eq!((flaws.count(), flaws.listed()[0].code), (1, Code::OldGeneration));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4, "every refused sheet has its flaws");
}
