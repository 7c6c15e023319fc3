use super::*;

fn place(key: &str, version: Option<&str>, sequencer: Option<&str>, second: Option<i64>) -> Place {
    Place {
        bucket: "b".to_owned(),
        key: key.to_owned(),
        version: version.map(str::to_owned),
        sequencer: sequencer.map(str::to_owned),
        modified: second.map(|second| DateTime::from_timestamp(second, 0).unwrap()),
    }
}

fn listed(versions: &[&str]) -> Vec<String> {
    versions.iter().map(|version| (*version).to_owned()).collect()
}

#[test]
fn of_one_key_the_list_of_the_store_decides_before_anything_else() {
    // The names of versions do not reveal their order, and an upload in parts has the time and position of its start.
    let (old, new) = (place("k", Some("z"), Some("9"), Some(9)), place("k", Some("a"), Some("1"), Some(1)));
    let versions = listed(&["a", "z"]);
    assert!(new.is_newer(&old, &versions) && !old.is_newer(&new, &versions));
    assert!(!new.is_newer(&new, &versions), "what is read twice is not newer than itself");
    // The API knows no sequencer.
    let api = place("k", Some("a"), None, None);
    assert!(api.is_newer(&old, &versions) && !old.is_newer(&api, &versions));
}

#[test]
fn of_versions_that_are_gone_the_sequencer_decides_and_then_the_second() {
    let (one, other) = (place("k", Some("a"), Some("0a"), None), place("k", Some("b"), Some("0B00"), None));
    assert!(other.is_newer(&one, &listed(&["a"])) && !one.is_newer(&other, &[]));
    // The shorter is padded with zeros (S3, event message structure).
    let short = place("k", None, Some("0b"), None);
    assert!(!other.is_newer(&short, &[]) && !short.is_newer(&other, &[]), "they are equal");
    let (early, late) = (place("k", Some("a"), None, Some(1)), place("k", Some("b"), Some("1"), Some(2)));
    assert!(late.is_newer(&early, &[]) && !early.is_newer(&late, &[]));
    let unknown = place("k", None, None, None);
    assert!(!unknown.is_newer(&late, &[]) && !late.is_newer(&unknown, &[]));
}

#[test]
fn under_different_keys_only_whole_seconds_tell_what_is_newer() {
    let (one, other) =
        (place("in/k", Some("b"), Some("9"), Some(1)), place("out/k", Some("a"), Some("1"), Some(2)));
    assert!(other.is_newer(&one, &listed(&["b", "a"])) && !one.is_newer(&other, &listed(&["b", "a"])));
    let mut same_second = one.clone();
    same_second.modified = DateTime::from_timestamp_millis(2_900);
    assert!(!same_second.is_newer(&other, &[]) && !other.is_newer(&same_second, &[]));
    let elsewhere = Place { bucket: "c".to_owned(), ..place("in/k", Some("a"), Some("99"), None) };
    assert!(!elsewhere.is_newer(&one, &[]), "sequencers of two buckets are not compared");
}

/// All orders in which a number of objects arrive, one after the other, and are each read twice, at any moment after that: `Ok` is the
/// arrival of one, `Err` a reading.
fn interleavings(objects: usize) -> Vec<Vec<Result<usize, usize>>> {
    fn go_on(
        arrived: usize,
        left: &[usize],
        so_far: &mut Vec<Result<usize, usize>>,
        all: &mut Vec<Vec<Result<usize, usize>>>,
    ) {
        if arrived == left.len() && left.iter().all(|left| *left == 0) {
            all.push(so_far.clone());
            return;
        }
        if arrived < left.len() {
            so_far.push(Ok(arrived));
            go_on(arrived + 1, left, so_far, all);
            so_far.pop();
        }
        for object in (0..arrived).filter(|object| left[*object] > 0) {
            let mut left = left.to_vec();
            left[object] -= 1;
            so_far.push(Err(object));
            go_on(arrived, &left, so_far, all);
            so_far.pop();
        }
    }
    let mut all = Vec::new();
    go_on(0, &vec![2; objects], &mut Vec::new(), &mut all);
    all
}

/// What is known after each reading: the model of the journal and of the history of one stamp.
#[derive(Default)]
struct Model {
    /// Versions that are in the store, the newest first.
    versions: Vec<String>,
    /// What was read to its end, and whether it is in the history.
    done: Vec<(usize, Place, bool)>,
    standing: Option<u8>,
    revisions: usize,
}

impl Model {
    fn read(&mut self, object: usize, place: &Place, content: Option<u8>) {
        if self.done.iter().any(|(other, ..)| *other == object) {
            return;
        }
        let taken =
            |(_, other, stands): &(usize, Place, bool)| *stands && other.is_newer(place, &self.versions);
        let stands = content.is_some() && !self.done.iter().any(taken);
        if stands && self.standing != content {
            self.standing = content;
            self.revisions += 1;
        }
        self.done.push((object, place.clone(), stands));
    }
}

#[test]
fn in_every_order_of_three_arrivals_and_their_readings_the_newest_wins() {
    let (two, three) = (interleavings(2), interleavings(3));
    assert_eq!((two.len(), three.len()), (10, 280));
    let mut tried = 0;
    for order in two.iter().chain(&three) {
        let objects = order.len() / 3;
        // Each through the API (no sequencer) or not, all within a second or not, each with flaws or not, and with contents that
        // come back or do not.
        for kinds in 0..1_usize << (2 * objects + 1) {
            let bit = |at: usize| (kinds >> at) & 1 == 1;
            for contents in [[1, 2, 3], [1, 2, 1], [1, 1, 2], [1, 2, 2], [1, 1, 1]] {
                let content = |object: usize| (!bit(objects + object)).then_some(contents[object]);
                let second =
                    |object: usize| if bit(2 * objects) { 0 } else { i64::try_from(object).unwrap() };
                let places: Vec<Place> = (0..objects)
                    .map(|object| {
                        let sequencer = format!("{object:04}");
                        let sequencer = (!bit(object)).then_some(sequencer.as_str());
                        // Names of versions fall as they come.
                        place("k", Some(&format!("v{}", 9 - object)), sequencer, Some(second(object)))
                    })
                    .collect();
                let mut model = Model::default();
                for step in order {
                    match *step {
                        Ok(object) => model.versions.insert(0, places[object].version.clone().unwrap()),
                        Err(object) => model.read(object, &places[object], content(object)),
                    }
                    let newest =
                        model.done.iter().map(|done| done.0).filter(|object| content(*object).is_some());
                    assert_eq!(model.standing, newest.max().and_then(content), "{order:?} {kinds:b}");
                }
                let mut in_order: Vec<u8> = (0..objects).filter_map(content).collect();
                in_order.dedup();
                assert!(model.revisions <= in_order.len(), "{order:?} {kinds:b}");
                tried += 1;
            }
        }
    }
    assert!(tried > 150_000, "{tried}");
}
