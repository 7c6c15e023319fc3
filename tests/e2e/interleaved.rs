//! Objects arrive under one key in different ways, and are read in every order, twice, and concurrently: in the end the known
//! snapshot is what the bucket holds, each arrival has one journal row, and nothing is published twice.

use crate::versions::sheet;
use futures_util::future::join_all;
use local::options::{ACCESS_KEY, BUCKET, SECRET_KEY};
use local::system::free_port;
use machine::Store;
use sha2::{Digest, Sha256};
use sqlx::Row as _;
use std::collections::HashMap;
use tests::Running;
use tokio::sync::mpsc::UnboundedReceiver;
use trueprice::ctx::Ctx;
use trueprice::intake::submit::{self, Submitted};
use trueprice::intake::{self, event};

/// How an object arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Through the API: its request judges it, and its notification finds the row.
    Api,
    /// Put into the bucket.
    Bucket,
    /// Copied with the metadata of its source: the name of a row that the API wrote.
    Copy,
}

const WAYS: [Way; 3] = [Way::Api, Way::Bucket, Way::Copy];

/// The history of one key: the ways and contents of its objects, in order, and the order in which they arrive (`Ok`) and are read
/// (`Err`), each twice.
#[derive(Clone, Debug)]
struct Case {
    key: String,
    ways: Vec<Way>,
    contents: Vec<u32>,
    steps: Vec<Result<usize, usize>>,
}

/// All orders in which this many objects arrive, one after the other, and are each read twice at any later time.
fn interleavings(objects: usize) -> Vec<Vec<Result<usize, usize>>> {
    let mut all = Vec::new();
    let mut open = vec![(Vec::new(), 0, vec![2; objects])];
    while let Some((steps, arrived, left)) = open.pop() {
        if steps.len() == 3 * objects {
            all.push(steps);
            continue;
        }
        if arrived < objects {
            open.push(([steps.clone(), vec![Ok(arrived)]].concat(), arrived + 1, left.clone()));
        }
        for object in (0..arrived).filter(|object| left[*object] > 0) {
            let mut left = left.clone();
            left[object] -= 1;
            open.push(([steps.clone(), vec![Err(object)]].concat(), arrived, left));
        }
    }
    all
}

/// An object that has arrived but has not been read completely.
struct Arrived {
    submitted: Option<Submitted>,
    notification: event::ObjectRef,
    version: String,
}

/// A system on a store whose events only the test receives.
struct World {
    ctx: Ctx,
    client: aws_sdk_s3::Client,
    events: UnboundedReceiver<serde_json::Value>,
    _store: Store,
}

impl World {
    async fn new(running: &Running, name: &str) -> Self {
        let (sender, events) = tokio::sync::mpsc::unbounded_channel();
        let root = running.home.join(name);
        let store =
            Store::start(&root, free_port(), ACCESS_KEY, SECRET_KEY, &[BUCKET], sender).await.unwrap();
        let config = local::connect::service(store.address).await;
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let ctx = running.ctx_with_objects_at(store.address).await;
        Self { ctx, client: aws_sdk_s3::Client::from_conf(config), events, _store: store }
    }

    /// The notification of the latest object under a key; those for other keys are discarded.
    fn notification(&mut self, key: &str) -> event::ObjectRef {
        let heard: Vec<_> = std::iter::from_fn(|| self.events.try_recv().ok()).collect();
        let mut objects = heard.iter().flat_map(|event| event::objects(event).unwrap());
        objects.rfind(|object| object.key == key).expect("the store sends a notification")
    }

    async fn arrive(&mut self, case: &Case, object: usize, before: &[Arrived]) -> Arrived {
        let (key, bytes) = (case.key.as_str(), text(&case.key, case.contents[object]).into_bytes());
        let mut submitted = None;
        match case.ways[object] {
            Way::Api => submitted = Some(submit::store(&self.ctx, "a@b.c", key, bytes).await.unwrap()),
            Way::Bucket => {
                self.ctx.objects().put(BUCKET, key, bytes, "text/csv", HashMap::new()).await.unwrap();
            }
            Way::Copy => {
                // A copy of the earlier object with this content, or of one under another key whose name has the
                // form used by the API.
                let same = (0..object).find(|at| case.contents[*at] == case.contents[object]);
                let source = if let Some(at) = same {
                    format!("{BUCKET}/{key}?versionId={}", before[at].version)
                } else {
                    let named = HashMap::from([(
                        trueprice::intake::keys::ANNOUNCED.to_owned(),
                        "api-of-another".to_owned(),
                    )]);
                    let aside = format!("aside/{key}.txt");
                    self.ctx.objects().put(BUCKET, &aside, bytes, "text/csv", named).await.unwrap();
                    format!("{BUCKET}/{aside}")
                };
                self.client.copy_object().copy_source(source).bucket(BUCKET).key(key).send().await.unwrap();
            }
        }
        let notification = self.notification(key);
        let version = notification.version.clone().expect("the bucket is versioned");
        Arrived { submitted, notification, version }
    }
}

/// Reads an object as its request does, if it has a request that has not read it yet, and otherwise as its notification does.
async fn read(ctx: &Ctx, arrived: &mut Arrived, by_request: bool) {
    match arrived.submitted.take().filter(|_| by_request) {
        Some(submitted) => assert!(submit::judge(ctx, submitted).await.unwrap().is_final()),
        None => assert!(intake::receive(ctx, &arrived.notification).await.unwrap().unwrap().1.is_final()),
    }
}

/// A sheet of the market named in the key.
fn text(key: &str, content: u32) -> String {
    sheet(&content.to_string()).replace("ERCOT", key.split('_').nth(1).unwrap())
}

/// A separate key for each case.
fn key(market: &str, number: usize) -> String {
    let (hour, minute, second) = (number / 3600, number / 60 % 60, number % 60);
    format!("Energy_{market}_20240105_{hour:02}{minute:02}{second:02}.csv")
}

/// Fails if the known snapshot is not what the bucket holds, was published twice, or has too many journal rows.
async fn check(running: &Running, cases: &[Case]) {
    let mut sql = running.sql().await;
    let rows = sqlx::query(
        "select u.key, count(*) as rows, count(*) filter (where u.status in ('published', 'corrected')) as made,
            count(*) filter (where u.status in ('received', 'failed', 'abandoned')) as open,
            (select by.sha256
            from trueprice.snapshot s
            join trueprice.upload by on by.id = s.upload_id
            where upper_inf(s.known) and by.key = u.key) as standing,
            (select max(s.revision)
            from trueprice.snapshot s
            join trueprice.upload by on by.id = s.upload_id
            where by.key = u.key) as revisions
        from trueprice.upload u
        group by u.key",
    );
    let rows = rows.fetch_all(&mut sql).await.unwrap();
    let found: HashMap<String, _> = rows.into_iter().map(|row| (row.get::<String, _>("key"), row)).collect();
    for case in cases {
        let row = &found[&case.key];
        let last = text(&case.key, *case.contents.last().unwrap());
        let holds = Sha256::digest(last.as_bytes()).to_vec();
        assert_eq!(row.get::<Option<Vec<u8>>, _>("standing"), Some(holds), "what the bucket holds: {case:?}");
        let objects = i64::try_from(case.ways.len()).unwrap();
        assert_eq!((row.get("rows"), row.get("open")), (objects, 0_i64), "one row each: {case:?}");
        let mut in_order = case.contents.clone();
        in_order.dedup();
        let (made, revisions): (i64, i32) = (row.get("made"), row.get("revisions"));
        assert_eq!(made, i64::from(revisions), "each is published once: {case:?}");
        assert!(usize::try_from(revisions).unwrap() <= in_order.len(), "{revisions} revisions: {case:?}");
    }
}

/// Every order, with alternating ways and contents; for two objects, each order with each pair of ways.
fn cases(market: &str, first: usize, step: usize) -> Vec<Case> {
    const CONTENTS: [[u32; 3]; 4] = [[1, 2, 3], [1, 2, 1], [1, 2, 2], [1, 1, 2]];
    let pairs = interleavings(2).into_iter().flat_map(|steps| {
        (0..9).map(move |ways| (steps.clone(), vec![WAYS[ways / 3], WAYS[ways % 3]], [1, 2, 0]))
    });
    let triples = interleavings(3).into_iter().enumerate().map(|(at, steps)| {
        let ways = (at * 7 + at / 27) % 27;
        (steps, vec![WAYS[ways / 9], WAYS[ways / 3 % 3], WAYS[ways % 3]], CONTENTS[at % 4])
    });
    let all = pairs.chain(triples).enumerate().skip(first).step_by(step);
    let cases = all.map(|(at, (steps, ways, contents))| {
        let contents = contents[..ways.len()].to_vec();
        Case { key: key(market, at), ways, contents, steps }
    });
    cases.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_every_order_of_arrivals_and_reads_the_newest_object_wins() {
    let running = Running::start().await;
    assert_eq!((interleavings(2).len(), interleavings(3).len()), (10, 280));
    // Two halves concurrently, in different markets: writers of one series wait for each other.
    let halves = [("ERCOT", 0), ("PJM", 1)].map(|(market, first)| {
        let running = &running;
        async move {
            let mut world = World::new(running, market).await;
            let cases = cases(market, first, 2);
            for (number, case) in cases.iter().enumerate() {
                let mut arrived: Vec<Arrived> = Vec::new();
                let mut readings = vec![0; case.ways.len()];
                for step in &case.steps {
                    match *step {
                        Ok(object) => {
                            let next = world.arrive(case, object, &arrived).await;
                            arrived.push(next);
                        }
                        Err(object) => {
                            // The request and the notification alternate as the first reader.
                            let by_request = (number + readings[object]) % 2 == 0;
                            readings[object] += 1;
                            read(&world.ctx, &mut arrived[object], by_request).await;
                        }
                    }
                }
            }
            cases
        }
    });
    let cases = join_all(halves).await.concat();
    assert_eq!(cases.len(), 370);
    check(&running, &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_concurrent_reads_the_newest_object_wins() {
    let running = Running::start().await;
    let mut world = World::new(&running, "at-once").await;
    let mut cases = Vec::new();
    for round in 0..27 {
        let ways = vec![WAYS[round / 9], WAYS[round / 3 % 3], WAYS[round % 3]];
        let contents = [vec![1, 2, 3], vec![1, 2, 1]][round % 2].clone();
        let case = Case { key: key("ERCOT", round), ways, contents, steps: vec![] };
        let mut arrived = Vec::new();
        for object in 0..3 {
            let next = world.arrive(&case, object, &arrived).await;
            arrived.push(next);
        }
        arrived.rotate_left(round % 3);
        let ctx = &world.ctx;
        let readers = arrived.into_iter().flat_map(|arrived| {
            let Arrived { submitted, notification, .. } = arrived;
            let told = notification.clone();
            let request = async move {
                if let Some(submitted) = submitted {
                    assert!(submit::judge(ctx, submitted).await.unwrap().is_final());
                }
            };
            let first = async move { assert!(intake::receive(ctx, &told).await.unwrap().is_some()) };
            let second = async move { assert!(intake::receive(ctx, &notification).await.unwrap().is_some()) };
            let readers: [std::pin::Pin<Box<dyn Future<Output = ()> + Send>>; 3] =
                [Box::pin(request), Box::pin(first), Box::pin(second)];
            readers
        });
        join_all(readers).await;
        cases.push(case);
    }
    check(&running, &cases).await;
}
