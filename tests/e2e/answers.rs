//! Sending answers: in every format, cached by clients, and through the object store if they are too large.

mod head;

use axum::body::{Body, to_bytes};
use axum::routing::get;
use axum::{Router, middleware};
use chrono::{Days, NaiveDate};
use local::options::{BUCKET, EXPORT_BUCKET};
use reqwest::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH,
    LOCATION, VARY,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tests::function::{Functions, http_event};
use tests::{Running, generate, python};
use trueprice::clock::Clock;
use trueprice::http::{Answer, Cells, Column, Format, Problem, Table, delivery, out};

const LARGE: &str = "/get_data?curve_type=nonenergy&iso=pjm&type=json";

/// A system with a sheet as large as the largest real one, 28 MB as JSON.
async fn with_large_sheet() -> Running {
    let running = Running::start().await;
    let sheet = generate::sheet("PJM", 283, 252);
    assert_eq!(running.put("NonEnergy_PJM_20240105_101010.csv", &sheet).await["status"], "published");
    running
}

/// A client that does not follow redirects.
fn staying() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn text<'h>(headers: &'h HeaderMap, name: &reqwest::header::HeaderName) -> &'h str {
    headers.get(name).unwrap_or_else(|| panic!("no {name} in {headers:?}")).to_str().unwrap()
}

async fn exports(running: &Running) -> usize {
    running.ctx().objects().list(EXPORT_BUCKET, "exports/", None).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_too_large_for_the_gateway_is_fetched_from_the_store_unnoticed_by_clients_that_redirect() {
    let running = with_large_sheet().await;
    let token = running.admin().await;
    let address = format!("http://{}{LARGE}", running.system.http);

    // A client that follows sends its token only to us: the store refuses requests with two kinds of authentication.
    let followed = running.request(reqwest::Method::GET, LARGE).bearer_auth(&token).send().await.unwrap();
    assert_eq!(followed.status(), StatusCode::OK);
    assert_eq!(text(followed.headers(), &CONTENT_TYPE), "application/json");
    let name = "attachment; filename=nonenergy_pjm_unstandardized_2024-01-05.json";
    assert_eq!(text(followed.headers(), &CONTENT_DISPOSITION), name);
    let body = followed.bytes().await.unwrap();
    assert!(body.len() > 25_000_000, "{}", body.len());
    let records: Vec<Value> = serde_json::from_slice(&body).unwrap();
    assert_eq!(records.len(), 283 * 252);
    assert_eq!(records[0]["Control Area"], "PJM");

    let sent = staying().get(&address).bearer_auth(&token).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    assert_eq!(text(sent.headers(), &CACHE_CONTROL), "no-store");
    assert!(!sent.headers().contains_key(ETAG) && !sent.headers().contains_key(CONTENT_DISPOSITION));
    let location = text(sent.headers(), &LOCATION).to_owned();
    let said: Value = sent.json().await.unwrap();
    assert_eq!((&said["location"], &said["expires_in"]), (&json!(location), &json!(900)));
    assert_eq!((&said["bytes"], &said["content_type"]), (&json!(body.len()), &json!("application/json")));
    assert!(!location.contains("admin"), "the URL does not reveal its owner");
    let fetched = Client::new().get(&location).send().await.unwrap();
    assert_eq!(fetched.status(), StatusCode::OK);
    assert!(fetched.bytes().await.unwrap() == body, "it is the same file");
    assert_eq!(exports(&running).await, 2, "each answer has its own URL");

    with_curl(&address, &token, &body);
    refused(&running, &location).await;

    // Answers that fit are not redirected: one month of it, and all of it as CSV.
    let month = format!("{address}&start=2010-01-01&end=2010-01-01");
    for smaller in [month, address.replace("type=json", "type=csv")] {
        let here = staying().get(&smaller).bearer_auth(&token).send().await.unwrap();
        assert_eq!(here.status(), StatusCode::OK, "{smaller}");
        assert!(here.headers().contains_key(ETAG), "{smaller}");
    }
}

/// Checks with curl, the client that everyone has.
fn with_curl(address: &str, token: &str, body: &[u8]) {
    let bearer = format!("Authorization: Bearer {token}");
    let Ok(output) = Command::new("curl").args(["-sSL", "--fail", "-H", &bearer, address]).output() else {
        println!("skipped: there is no curl");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == body, "curl -L has {} bytes", output.stdout.len());
}

/// Almost valid and expired URLs.
async fn refused(running: &Running, location: &str) {
    let (address, query) = location.split_once('?').unwrap();
    let signature = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Signature=")).unwrap();
    let other = signature.replace(|c: char| c == signature.chars().next().unwrap(), "0");
    let forged = if other == signature { signature.replace('0', "1") } else { other };
    let objects = running.ctx().objects();
    let key = address.split_once(EXPORT_BUCKET).unwrap().1.trim_start_matches('/');
    let brief = objects.presigned(EXPORT_BUCKET, key, Duration::from_secs(1)).await.unwrap();
    assert_eq!(Client::new().get(&brief).send().await.unwrap().status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    for (what, wrong) in [
        ("forged", location.replace(signature, &forged)),
        ("without a signature", address.to_owned()),
        ("for longer", location.replace("X-Amz-Expires=900", "X-Amz-Expires=90000")),
        ("of another object", location.replace(EXPORT_BUCKET, BUCKET)),
        ("expired", brief),
    ] {
        let status = Client::new().get(&wrong).send().await.unwrap().status();
        assert!(status == StatusCode::FORBIDDEN || status == StatusCode::BAD_REQUEST, "{what}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deployed_function_redirects_to_the_store_and_stays_small() {
    let functions = Functions::new(with_large_sheet().await, tests::postgres().port).await;
    let token = functions.running.admin().await;
    let api = functions.function("api").await;
    let answer = api.answer(http_event("GET", LARGE, Some(&token), None)).await;
    assert_eq!(answer["statusCode"], 303, "{answer}");
    let location = answer["headers"]["location"].as_str().unwrap();
    let body = Client::new().get(location).send().await.unwrap().bytes().await.unwrap();
    assert!(body.len() > 25_000_000 && body.ends_with(b"}]"));
    let peak = api.peak_kib();
    println!("api: {peak} KiB at its peak, for an answer of {} bytes", body.len());
    // An unoptimised binary takes 40 MB before it answers anything; `make bench` checks the deployed one.
    assert!(peak < 96 << 10, "the whole answer was in memory: {peak} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_answer_is_a_problem_and_leaves_nothing_behind() {
    let running = Running::start().await;
    let broken = |bytes: usize| {
        get(async move || -> Body {
            out::stream(move |out| {
                out.write_all(&vec![b'x'; bytes])?;
                Err(Problem::too_large("on purpose").into())
            })
        })
    };
    let layer = middleware::from_fn_with_state(running.ctx().clone(), delivery::deliver);
    let router = Router::new().route("/small", broken(10)).route("/large", broken(20 << 20)).layer(layer);
    let listener = tokio::net::TcpListener::bind(local::system::free_port()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    for path in ["small", "large"] {
        let answer = staying().get(format!("http://{address}/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(text(answer.headers(), &CONTENT_TYPE), "application/problem+json");
    }
    assert_eq!(exports(&running).await, 0);
    let staged = running.home.join("objects");
    let large = walk(&staged).into_iter().filter(|size| *size > 1 << 20).count();
    assert_eq!(large, 0, "the parts of the interrupted upload are gone");
    server.abort();

    // Without a store there is no answer, but there is a problem document.
    let nowhere = running.ctx_with_objects_at(local::system::free_port()).await;
    let layer = middleware::from_fn_with_state(nowhere, delivery::deliver);
    let endless = get(async || out::stream(|out| Ok(out.write_all(&vec![b'x'; 20 << 20])?)));
    let listener = tokio::net::TcpListener::bind(local::system::free_port()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server =
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/", endless).layer(layer)).await },
        );
    let answer = staying().get(format!("http://{address}/")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.text().await.unwrap().contains("127.0.0.1"), "no internals are shown");
    server.abort();
}

/// The sizes of all files in a folder.
fn walk(folder: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let sizes = entries.map(|entry| match entry.metadata().unwrap() {
        metadata if metadata.is_dir() => walk(&entry.path()),
        metadata => vec![metadata.len()],
    });
    sizes.flatten().collect()
}

async fn conditional(running: &Running, token: &str, path: &str, tags: &[&str]) -> Response {
    let request = running.request(reqwest::Method::GET, path).bearer_auth(token);
    let request = tags.iter().fold(request, |request, tag| request.header(IF_NONE_MATCH, *tag));
    request.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_an_answer_does_not_get_it_again() {
    let now = "2024-02-10T12:00:00Z".parse().unwrap();
    let running = Running::start_with(Clock::fixed(now), |_| {}).await;
    let token = running.admin().await;
    running.put("NonEnergy_PJM_20240105_101010.csv", &generate::sheet("PJM", 2, 3)).await;
    let path = "/get_data?curve_type=nonenergy&iso=pjm";
    for kind in ["csv", "json", "xlsx"] {
        let path = format!("{path}&type={kind}");
        let first = conditional(&running, &token, &path, &[]).await;
        assert_eq!(
            (first.status(), text(first.headers(), &CACHE_CONTROL)),
            (StatusCode::OK, "private, no-cache")
        );
        assert_eq!(text(first.headers(), &VARY), "Authorization, X-Api-Key");
        let tag = text(first.headers(), &ETAG).to_owned();
        assert!(tag.len() == 34 && tag.starts_with('"'), "{tag}");
        let weak = format!("W/{tag}");
        for known in [&[&*tag][..], &["*"], &[&*weak], &["\"a\", \"b\"", &*tag]] {
            let again = conditional(&running, &token, &path, known).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known:?}");
            assert_eq!(text(again.headers(), &ETAG), tag);
            assert_eq!(text(again.headers(), &CACHE_CONTROL), "private, no-cache");
            assert_eq!(text(again.headers(), &VARY), "Authorization, X-Api-Key");
            assert_eq!(again.bytes().await.unwrap().len(), 0);
        }
        let other = conditional(&running, &token, &path, &["\"00000000000000000000000000000000\""]).await;
        assert_eq!((other.status(), text(other.headers(), &ETAG)), (StatusCode::OK, &*tag));
        assert!(text(other.headers(), &CONTENT_LENGTH).parse::<usize>().unwrap() > 100);
    }
    // Another day has another tag; for a user who sees nothing, nothing can be unchanged.
    let tag = text(conditional(&running, &token, path, &[]).await.headers(), &ETAG).to_owned();
    let client = running.user("client@localhost", "read_only_user").await;
    assert_eq!(conditional(&running, &client, path, &["*"]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(conditional(&running, "none", path, &["*"]).await.status(), StatusCode::UNAUTHORIZED);
    running.put("NonEnergy_PJM_20240106_101010.csv", &generate::sheet("PJM", 2, 3)).await;
    let changed = conditional(&running, &token, path, &[&tag]).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(text(changed.headers(), &ETAG), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_answers_pinned_to_a_day_and_a_past_known_at_are_immutable() {
    let now = "2024-02-10T12:00:00Z".parse().unwrap();
    let running = Running::start_with(Clock::fixed(now), |_| {}).await;
    running.put("NonEnergy_PJM_20240105_101010.csv", &generate::sheet("PJM", 2, 3)).await;
    running.clock.set("2024-02-11T12:00:00Z".parse().unwrap());
    let token = running.admin().await;
    let (known, day) = ("&known_at=2024-02-10T13:00:00Z", "&operating_day=2024-01-05");
    for (more, pinned) in [
        (String::new(), false),
        (day.to_owned(), false),
        (known.to_owned(), false),
        (format!("{known}{day}"), true),
        (format!("{known}&as_of=2024-01-06"), true),
        (format!("&known_at=2024-02-11T11:59:30Z{day}"), false),
        (format!("&known_at=2024-02-12T00:00:00Z{day}"), false),
    ] {
        let path = format!("/get_data?curve_type=nonenergy&iso=pjm{more}");
        let answer = conditional(&running, &token, &path, &[]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let said = text(answer.headers(), &CACHE_CONTROL);
        let expected = if pinned { "private, max-age=31536000, immutable" } else { "private, no-cache" };
        assert_eq!(said, expected, "{path}");
        let tag = text(answer.headers(), &ETAG).to_owned();
        let again = conditional(&running, &token, &path, &[&tag]).await;
        assert_eq!(
            (again.status(), text(again.headers(), &CACHE_CONTROL)),
            (StatusCode::NOT_MODIFIED, expected)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_files_become_a_zip_with_the_same_bytes_each_time() {
    let running = Running::start().await;
    let token = running.admin().await;
    for (name, bytes) in local::samples::SAMPLES {
        running.put(name, bytes).await;
    }
    for kind in ["csv", "json", "xlsx"] {
        let path = format!("/get_data?type={kind}");
        let zip = conditional(&running, &token, &path, &[]).await;
        assert_eq!(text(zip.headers(), &CONTENT_TYPE), "application/zip");
        assert_eq!(text(zip.headers(), &CONTENT_DISPOSITION), "attachment; filename=data.zip");
        let tag = text(zip.headers(), &ETAG).to_owned();
        let again = conditional(&running, &token, &path, &[&tag]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{kind}");
        let mut archive = zip::ZipArchive::new(Cursor::new(zip.bytes().await.unwrap().to_vec())).unwrap();
        assert!(archive.len() >= 9, "{}", archive.len());
        // Each entry equals the file answered for its series only.
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let name = entry.name().unwrap().into_owned();
            let (curve_type, iso) = {
                let mut words = name.split('_');
                (words.next().unwrap(), words.next().unwrap())
            };
            let single = format!("/get_data?type={kind}&curve_type={curve_type}&iso={iso}");
            let single = conditional(&running, &token, &single, &[]).await;
            assert!(text(single.headers(), &CONTENT_DISPOSITION).ends_with(&name), "{name}");
            assert!(single.bytes().await.unwrap() == bytes, "{name}");
        }
    }
}

/// 70,000 rows: more than one row group and one batch.
fn prices() -> Answer {
    const ROWS: u32 = 70_000;
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let places: Arc<[u32]> = (0..ROWS).map(|row| row % 7).collect();
    let words = (0..7).map(|zone| (zone > 0).then(|| format!("ZONE {zone}, \"W\""))).collect();
    let rows = || 0..ROWS;
    let stamp = first.and_hms_opt(17, 2, 1).unwrap();
    let table = Table::new(vec![
        Column::shared("zone", Cells::Text(words), &places),
        Column::new(
            "month",
            Cells::Day(rows().map(|row| first.checked_add_days(Days::new((row % 900).into()))).collect()),
        ),
        Column::new("stamp", Cells::Stamp(rows().map(|_| Some(stamp)).collect())),
        Column::new(
            "known_at",
            Cells::Moment(rows().map(|row| (row > 0).then(|| stamp.and_utc())).collect()),
        ),
        Column::new(
            "price",
            Cells::Number(
                rows().map(|row| if row % 11 == 0 { f64::NAN } else { f64::from(row) * 0.1 }).collect(),
            ),
        ),
        Column::new("hours", Cells::Integer(rows().map(|row| Some(i64::from(row))).collect())),
        Column::new("cob", Cells::Flag(rows().map(|row| Some(row % 2 == 0)).collect())),
    ]);
    let metadata = json!({ "calendar": "nerc" }).as_object().unwrap().clone();
    Answer { name: "prices".to_owned(), metadata, table, ..Answer::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_read_by_its_intended_tools() {
    let Some(python) = python::python() else { return };
    let folder = tests::scratch().join(format!("answers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut files = Vec::new();
    for format in [Format::Csv, Format::Ndjson, Format::Parquet, Format::Arrow] {
        let response = prices().into_response(format, false).unwrap_or_else(|_| panic!("{format:?}"));
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let file = folder.join(format!("prices.{}", format.extension()));
        std::fs::write(&file, bytes).unwrap();
        files.push(file);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/read_answer.py");
    let output = Command::new(python).arg(script).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_dir_all(&folder).unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();

    let zones: Vec<String> = (1..7).map(|zone| format!("ZONE {zone}, \"W\"")).collect();
    for reader in ["csv", "ndjson", "parquet", "arrow"] {
        let facts = &found[reader];
        assert_eq!(facts["rows"], 70_000, "{reader}");
        assert_eq!(facts["sum"], found["parquet"]["sum"], "{reader}");
        assert_eq!(facts["months"], "2024-01-01", "{reader}");
        let read: Vec<_> = facts["zones"].as_array().unwrap().iter().filter(|zone| **zone != "").collect();
        assert!(read.iter().copied().eq(zones.iter()), "{reader}: {read:?}");
    }
    let types = |dictionary: &str| {
        json!({ "zone": dictionary, "month": "date32[day]", "stamp": "timestamp[us]", "known_at": "timestamp[us, tz=UTC]",
            "price": "double", "hours": "int64", "cob": "bool" })
    };
    assert_eq!(found["parquet"]["types"], types("string"));
    assert_eq!(found["arrow"]["types"], types("dictionary<values=string, indices=int32, ordered=0>"));
    for reader in ["parquet", "arrow"] {
        assert_eq!(found[reader]["calendar"], "nerc", "{reader}");
    }
    assert_eq!(
        found["csv"]["types"]["month"], "date32[day]",
        "even untyped formats are read with the right types"
    );
    for reader in ["duckdb_csv", "duckdb_ndjson", "duckdb_parquet"] {
        let facts = &found[reader];
        assert_eq!((&facts["rows"], &facts["zones"]), (&json!(70_000), &json!(6)), "{reader}");
        assert_eq!((&facts["months"], &facts["month"]), (&json!("2024-01-01"), &json!("DATE")), "{reader}");
    }
}
