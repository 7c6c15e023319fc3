use super::{Sheet, blocks};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Running, reference};

async fn draw(running: &Running, token: &str, lines: &Value) -> (StatusCode, Value) {
    let answer =
        running.request(Method::POST, "/graphs").bearer_auth(token).json(lines).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

fn line(stamp: &str, cob: &str) -> Value {
    json!({ "data_type": "Energy", "control_table": "ercot_energy", "loadZone": "NORTH ZONE", "operating_day": &stamp[..10],
        "operatin_day_timestamps": stamp, "history": "false", "cob": cob, "start": "2023-06-01", "end": "2023-09-01" })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_graph_of_the_old_system_is_drawn() {
    let Some(folder) = reference::folder("inputs/accepted") else { return };
    let running = Running::start().await;
    let token = running.admin().await;
    for name in ["Energy_ERCOT_20230522_082540.csv", "Energy_ERCOT_20230522_082542_cob.csv"] {
        running.put(name, &std::fs::read(folder.join(name)).unwrap()).await;
    }
    let (status, chart) = draw(&running, &token, &json!([line("2023-05-22", "true")])).await;
    assert_eq!(status, StatusCode::OK, "{chart:#}");
    let golden = json!({ "data": [{
        "x": ["2023-06-01", "2023-07-01", "2023-08-01", "2023-09-01"],
        "y": [37.86, 50.85, 63.25, 38.41],
        "hours": [720, 744, 744, 720],
        "season": ["Spring", "Summer", "Summer", "Fall"],
        "name": "ERCOT NORTH ZONE: 2023-05-22 COB",
    }] });
    assert_eq!(chart, golden);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_find_their_sheet_by_the_minute_and_name_it() {
    let running = Running::start().await;
    let token = running.admin().await;
    for (stamp, price) in [("103000", 30.0), ("103100", 31.0), ("170200_cob", 40.0)] {
        let sheet = Sheet {
            market: "ERCOT",
            columns: &blocks(&["NORTH ZONE", "LATE ZONE"]),
            first: "2023-05",
            price: &|month, column| (column != 3 || month != 2).then_some(price),
            months: 4,
        };
        running.put(&format!("Energy_ERCOT_20230522_{stamp}.csv"), sheet.text().as_bytes()).await;
    }
    let mut late = line("2023-05-22", "true");
    late["loadZone"] = json!("late_zone");
    late["label"] = json!("Mine");
    let mut other_day = line("2023-05-23", "true");
    other_day["label"] = json!("");
    let lines = json!([
        line("2023-05-22 10:30", "false"),
        line("2023-05-22 10:31", "false"),
        line("2023-05-22", "false"),
        line("2023-05-22", "true"),
        late,
        other_day
    ]);
    let (status, chart) = draw(&running, &token, &lines).await;
    assert_eq!(status, StatusCode::OK, "{chart:#}");
    let told: Vec<String> = chart["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {}", line["name"], line["y"]))
        .collect();
    assert_eq!(
        told,
        [
            "\"ERCOT NORTH ZONE: 2023-05-22 ID\" [30.0,30.0,30.0]",
            "\"ERCOT NORTH ZONE: 2023-05-22 ID\" [31.0,31.0,31.0]",
            "\"ERCOT NORTH ZONE: 2023-05-22 ID\" [31.0,31.0,31.0]",
            "\"ERCOT NORTH ZONE: 2023-05-22 COB\" [40.0,40.0,40.0]",
            "\"Mine COB\" [40.0,40.0]",
            "\"ERCOT NORTH ZONE: 2023-05-23 COB\" []",
        ]
    );
    assert_eq!(
        chart["data"][4]["x"],
        json!(["2023-06-01", "2023-08-01"]),
        "July lacks a block and is absent"
    );
    for (lines, status) in [
        (json!([line("2023-05-23", "true")]), StatusCode::NOT_FOUND),
        (json!([]), StatusCode::BAD_REQUEST),
        (json!({ "data": 1 }), StatusCode::BAD_REQUEST),
        (json!([{ "control_table": "ercot_energy" }]), StatusCode::BAD_REQUEST),
        (json!([line("5/22/2023.", "true")]), StatusCode::BAD_REQUEST),
    ] {
        let (found, problem) = draw(&running, &token, &lines).await;
        assert_eq!(found, status, "{lines}: {problem:#}");
    }
    let text = running.request(Method::POST, "/graphs").bearer_auth(&token).body("[]").send().await.unwrap();
    assert_eq!(text.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(running.get(&token, "/graphs").await.0, StatusCode::METHOD_NOT_ALLOWED);
    let stranger = running.user("stranger@example.com", "read_only_user").await;
    assert_eq!(
        draw(&running, &stranger, &json!([line("2023-05-22", "true")])).await.0,
        StatusCode::NOT_FOUND
    );
}
