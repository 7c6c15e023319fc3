//! Only the visible part of a text counts: labels with invisible characters, letters that the database does not fold, and rows
//! written before the program normalised them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use tests::{PASSWORD, Running};
use trueprice::catalog::Market;
use trueprice::catalog::place::PlaceKind;
use trueprice::catalog::text::normalised_before;
use trueprice::discovery::place_aliases::add_alias;
use trueprice::upkeep::migrate;
use uuid::Uuid;

/// A sheet of one curve, 10 in May and 11 in June 2024.
fn sheet(zone: &str) -> String {
    sheet_of(&[zone])
}

fn sheet_of(zones: &[&str]) -> String {
    let titles = [
        "Control Area",
        "State",
        "Load Zone",
        "Capacity Zone",
        "Utility",
        "Block Type",
        "Cost Group",
        "Cost Component",
    ];
    let row = |title: &str, cell: &dyn Fn(&str) -> String| {
        let cells: Vec<String> = zones.iter().map(|zone| format!(",\"{}\"", cell(zone))).collect();
        format!("{title}{}\n", cells.concat())
    };
    let labels =
        |zone: &str| ["ISONE", "MA", zone, zone, "ALL", "5x16", "Energy", "Energy"].map(str::to_owned);
    let rows: String =
        titles.iter().enumerate().map(|(at, title)| row(title, &|zone| labels(zone)[at].clone())).collect();
    let blank = ",".repeat(zones.len());
    let month = row("Month", &str::to_owned);
    let values = [("5/1/2024", "10"), ("6/1/2024", "11")]
        .map(|(day, price)| format!("{day}{}\n", format!(",{price}").repeat(zones.len())));
    format!("{rows}{blank}\n{month}{}", values.concat())
}

async fn values(running: &Running, token: &str, zone: &str, as_of: &str) -> (StatusCode, Vec<f64>) {
    let request = running.request(Method::GET, "/v1/values").bearer_auth(token);
    let query = [("market", "ISONE"), ("load_zone", zone), ("as_of", as_of), ("granularity", "month")];
    let answer = request.query(&query).send().await.unwrap();
    let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
    let rows = body["rows"].as_array().cloned().unwrap_or_default();
    (status, rows.iter().map(|row| row["value"].as_f64().unwrap()).collect())
}

async fn search(running: &Running, token: &str, name: &str, value: &str) -> Vec<Value> {
    let request = running.request(Method::GET, "/v1/curves").bearer_auth(token).query(&[(name, value)]);
    let body: Value = request.send().await.unwrap().json().await.unwrap();
    body["rows"].as_array().unwrap_or_else(|| panic!("{body}")).clone()
}

async fn count(sql: &mut PgConnection) -> i64 {
    sqlx::query_scalar("select count(*) from trueprice.curve").fetch_one(sql).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_with_invisible_characters_is_the_same_zone() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let spellings = [
        "Hub X",
        "HUB\u{a0}X",
        "HUB  X",
        "HUB X\u{200b}",
        "HU\u{ad}B X",
        "\u{200e}HUB X",
        "\u{202a}HUB X\u{202c}",
        "HUB X\u{2060}",
        "\u{feff}HUB X",
        "HUB\u{2009}X",
        "HUB\u{3000}X",
        "HUB\nX",
        "ＨＵＢ Ｘ",
    ];
    for (hour, zone) in spellings.into_iter().enumerate() {
        let (name, stamp) =
            (format!("Energy_ISONE_20240105_{hour:02}0000.csv"), format!("2024-01-05T{hour:02}:00:00"));
        let row = running.put(&name, sheet(zone).as_bytes()).await;
        assert_eq!((&row["status"], &row["warnings"]), (&json!("published"), &json!([])), "{zone:?}: {row}");
        // Queried by the visible name and by the original one.
        for asked in ["hub x", zone] {
            let found = values(&running, &admin, asked, &stamp).await;
            assert_eq!(found, (StatusCode::OK, vec![10.0, 11.0]), "{zone:?} queried as {asked:?}");
        }
    }
    assert_eq!(count(&mut running.sql().await).await, 1);
    // The same content in another spelling changes nothing.
    let row = running.put("again/Energy_ISONE_20240105_000000.csv", sheet("HUB\u{200b} X").as_bytes()).await;
    assert_eq!(row["status"], "unchanged", "{row}");
}

/// The test database has the locale C, whose `lower()` leaves É unchanged.
#[tokio::test(flavor = "multi_thread")]
async fn letters_are_folded_by_the_program_and_not_by_the_database() {
    let running = Running::start().await;
    let admin = running.admin().await;
    running.put("Energy_ISONE_20240105_080000.csv", sheet("MONTRÉAL").as_bytes()).await;
    let row = running.put("Energy_ISONE_20240105_090000.csv", sheet("Montréal").as_bytes()).await;
    assert_eq!(row["warnings"], json!([]), "{row}");
    assert_eq!(count(&mut running.sql().await).await, 1);
    for (name, value) in [
        ("q", "montréal"),
        ("q", "MONTRÉ"),
        ("q", "montre\u{301}al"),
        ("load_zone", "montréal"),
        ("load_zone", "MONTRÉ*"),
    ] {
        assert_eq!(search(&running, &admin, name, value).await.len(), 1, "{name}={value}");
    }
    let reader = running.user("reader@example.com", "read_only_user").await;
    assert!(search(&running, &reader, "q", "montréal").await.is_empty());
    running
        .users(json!({ "command": "grant", "email": "reader@example.com", "load_zone": "mOntréAL\u{200b}" }))
        .await;
    assert_eq!(search(&running, &reader, "q", "Montréal").await.len(), 1);
    // Old paths compare in the same way.
    let (_, days) =
        running.get(&reader, "/get_operating_days?table=isone_energy&load_zone=MONTR%C3%89AL").await;
    assert!(days.contains("2024-01-05"), "{days}");
    // Users' addresses are compared by their visible form.
    running
        .users(json!({ "command": "create", "email": " RENE@Example.com\u{200b}", "role": "admin", "password": PASSWORD }))
        .await;
    assert_eq!(running.log_in("rene@example.com", PASSWORD).await.status(), StatusCode::OK);
    assert_eq!(running.log_in("Rene@EXAMPLE.com\u{feff}", PASSWORD).await.status(), StatusCode::OK);
}

/// In Turkish the small form of `I` has no dot, and German folds `ß` otherwise than the program: were a label folded in SQL, what
/// is found would depend on the collation of the database.
#[tokio::test(flavor = "multi_thread")]
async fn labels_are_compared_alike_whatever_the_collation_of_the_database() {
    let running = Running::start_in_locale("tr").await;
    let mut sql = running.sql().await;
    let small: String = sqlx::query_scalar("select lower('I')").fetch_one(&mut sql).await.unwrap();
    assert_eq!(small, "ı", "the database folds letters as Turkish does");
    let admin = running.admin().await;
    let zones = ["MIAMI", "İZMİR", "STRAßE", "Cafe\u{301}"];
    let again = ["miami", "İzmİr", "Straße", "CAFÉ"];
    running.put("Energy_ISONE_20240105_080000.csv", sheet_of(&zones).as_bytes()).await;
    let row = running.put("Energy_ISONE_20240105_090000.csv", sheet_of(&again).as_bytes()).await;
    assert_eq!((&row["status"], &row["warnings"]), (&json!("published"), &json!([])), "{row}");
    assert_eq!(count(&mut sql).await, 4, "each spelling is the curve that it was before");
    let asked = ["Miami", "i\u{307}zmi\u{307}r", "sTRAß*", "cafe\u{301}"];
    for (zone, asked) in zones.into_iter().zip(asked) {
        let found = search(&running, &admin, "load_zone", asked).await;
        assert_eq!(found.len(), 1, "{asked}");
        assert_eq!(found[0]["load_zone"], zone, "{asked}");
        assert_eq!(search(&running, &admin, "q", asked.trim_end_matches('*')).await.len(), 1, "{asked}");
    }
    // Who sees what, and the places of what is seen.
    let reader = running.user("reader@example.com", "read_only_user").await;
    let now = "2024-01-05T12:00:00Z".parse().unwrap();
    let mut tx = running.ctx().db().begin("add places").await.unwrap();
    for (zone, asked) in zones.into_iter().zip(asked) {
        let grant = json!({ "command": "grant", "email": "reader@example.com", "load_zone": asked });
        running.users(grant).await;
        let key = format!("{} (ISONE)", asked.trim_end_matches('*'));
        add_alias(&mut tx, PlaceKind::Zone, Market::Isone, &key, zone, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(search(&running, &reader, "market", "ISONE").await.len(), 4);
    assert_eq!(
        values(&running, &reader, "miami", "2024-01-05T10:00:00").await,
        (StatusCode::OK, vec![10.0, 11.0])
    );
    let (_, body) = running.get(&reader, "/v1/places?kind=zone&market=ISONE").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let keys: Vec<&str> =
        body["places"].as_array().unwrap().iter().filter_map(|place| place["key"].as_str()).collect();
    let own: Vec<&&str> = keys.iter().filter(|key| key.ends_with("(ISONE)")).collect();
    assert_eq!(own.len(), 4, "{keys:?}");
}

/// The identity that a curve of a zone had before version 19.
fn identity_before(zone: &str) -> Uuid {
    let mut hash = Sha256::new();
    for text in ["ISONE", "MA", zone, zone, "ALL", "5x16", "Energy", "Energy", zone, "$/MWh"] {
        hash.update(normalised_before(text));
        hash.update([0]);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    Uuid::from_slice(&bytes[..16]).unwrap()
}

/// Gives a zone's curve the state it had when published in this spelling before version 19.
async fn age(sql: &mut PgConnection, zone: &str, spelling: &str) -> i32 {
    sqlx::query_scalar(
        "update trueprice.curve c
        set load_zone = $2, capacity_zone = $2, sub_cost_component = $2, identity = $3,
            normal = normal[1:2] || array[$4, $4] || normal[5:8] || array[$4]
        where load_zone = $1
        returning id",
    )
    .bind(zone)
    .bind(spelling)
    .bind(identity_before(spelling))
    // As a database with the locale C folded it.
    .bind(spelling.to_ascii_lowercase())
    .fetch_one(sql)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_normalises_stored_texts_and_merges_no_curves() {
    let running = Running::start().await;
    let (admin, mut sql) = (running.admin().await, running.sql().await);
    for (hour, zone) in ["Alone", "First", "Second", "ÉTÉ"].iter().enumerate() {
        running.put(&format!("Energy_ISONE_20240105_{hour:02}0000.csv"), sheet(zone).as_bytes()).await;
    }
    // As published earlier: one with a zero-width space, one that looks like another, one in capitals.
    let alone = age(&mut sql, "Alone", "Alone\u{200b}").await;
    let second = age(&mut sql, "Second", "First\u{200b}").await;
    let folded = age(&mut sql, "ÉTÉ", "ÉTÉ").await;
    let first: i32 = sqlx::query_scalar("select id from trueprice.curve where load_zone = 'First'")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    let reader = running.user("reader@example.com", "read_only_user").await;
    for statement in [
        "insert into trueprice.access_grant (user_id, labels, patterns, granted_at)
        select id, l.labels, l.labels, now()
        from trueprice.user_account, (select array[null, null, 'al' || chr(173) || 'one'] as labels) l
        where email like 'reader%'",
        "insert into trueprice.place_alias (kind, market, key, spelling, normalised)
        values ('zone', 'ISONE', 'MAINE', 'Main' || chr(8203), 'main' || chr(8203))",
    ] {
        sqlx::raw_sql(statement).execute(&mut sql).await.unwrap();
    }
    assert!(search(&running, &reader, "q", "alone").await.is_empty(), "the rule is not found yet");

    let answer = migrate::handle(running.ctx(), json!({ "command": "up" })).await.unwrap();
    let done = json!({ "curves": 3, "rules": 1, "spellings": 1, "same_labels": 1 });
    assert_eq!(answer["recomputed"], done, "{answer}");
    let again = migrate::handle(running.ctx(), json!({ "command": "up" })).await.unwrap();
    assert_eq!(again.get("recomputed"), None, "{again}");

    // The curve continues under its visible labels: no new one appears.
    let before = count(&mut sql).await;
    for (hour, zone) in ["Alone", "alone\u{200b}", "First", "First\u{200b}", "été"].iter().enumerate() {
        let row =
            running.put(&format!("Energy_ISONE_20240106_{hour:02}0000.csv"), sheet(zone).as_bytes()).await;
        assert_eq!(row["status"], "published", "{row}");
    }
    assert_eq!(count(&mut sql).await, before);
    for (value, id) in [("alone", alone), ("été", folded), ("first", first)] {
        let found = search(&running, &admin, "load_zone", value).await;
        assert_eq!(found.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), [json!(id)], "{value}");
    }
    // Of two that look the same, each keeps its history, and the one that no sheet refers to any more shows the reason.
    let shown = search(&running, &admin, "load_zone", "First<U+200B>").await;
    assert_eq!(
        (&shown[0]["id"], &shown[0]["load_zone"]),
        (&json!(second), &json!("First<U+200B>")),
        "{shown:?}"
    );
    assert_eq!(
        values(&running, &admin, "first<U+200B>", "2024-01-05").await,
        (StatusCode::NOT_FOUND, vec![]),
        "it is in its own snapshot only"
    );
    assert_eq!(values(&running, &admin, "First<U+200B>", "2024-01-05T02:00:00").await.1, [10.0, 11.0]);
    let (_, audit) = running.get(&admin, "/v1/audit?action=curve.").await;
    let audit: Value = serde_json::from_str(&audit).unwrap();
    assert_eq!(audit["entries"][0]["detail"], json!({ "curve": second, "other": first }), "{audit}");
    // Rules and spellings refer to the visible form.
    assert_eq!(search(&running, &reader, "q", "alone").await.len(), 1);
    let (_, places) = running.get(&admin, "/v1/places?kind=zone&market=ISONE").await;
    assert!(places.contains("Main\u{200b}"), "{places}");
    let normal: String = sqlx::query_scalar(
        "select normalised from trueprice.place_alias where spelling = 'Main' || chr(8203)",
    )
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert_eq!(normal, "main");
}

/// Archived curves are identified by their labels at the time.
#[tokio::test(flavor = "multi_thread")]
async fn a_curve_archived_earlier_is_found_by_its_normalised_labels() {
    let running = Running::start().await;
    let (admin, mut sql) = (running.admin().await, running.sql().await);
    for (name, zone) in [
        ("Energy_ISONE_20240105_080000.csv", "Plain"),
        ("Energy_ISONE_20240105_090000.csv", "Odd"),
        ("Energy_ISONE_20240105_100000.csv", "Alone"),
    ] {
        running.put(name, sheet(zone).as_bytes()).await;
    }
    // The close has all their curves: a curve it lacks would keep the snapshot out of the archive.
    let close = sheet_of(&["Plain", "Odd", "Alone"]);
    running.put("Energy_ISONE_20240105_170000_cob.csv", close.as_bytes()).await;
    age(&mut sql, "Odd", "Plain\u{200b}").await;
    age(&mut sql, "Alone", "Alone\u{200b}").await;
    for event in
        [json!({ "command": "keep", "data_type": "energy", "intraday_days": 1 }), json!({ "command": "run" })]
    {
        let answer = trueprice::upkeep::compact::handle(running.ctx(), event).await.unwrap();
        assert_eq!(answer["done"], true, "{answer}");
    }
    let archived: i64 =
        sqlx::query_scalar("select count(*) from trueprice.snapshot where archive_id is not null")
            .fetch_one(&mut sql)
            .await
            .unwrap();
    assert_eq!(archived, 3);
    migrate::handle(running.ctx(), json!({ "command": "up" })).await.unwrap();
    for (zone, stamp, found) in [
        ("plain", "08:00:00", 2),
        ("plain", "09:00:00", 0),
        ("plain<U+200B>", "09:00:00", 2),
        ("alone", "10:00:00", 2),
    ] {
        let (_, values) = values(&running, &admin, zone, &format!("2024-01-05T{stamp}")).await;
        assert_eq!(values.len(), found, "{zone} at {stamp}");
    }
}
