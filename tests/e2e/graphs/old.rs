//! Graphs under the old paths.

use super::{READER, begin, old_line, send};
use crate::questions::{Sheet, blocks};
use reqwest::{Method, StatusCode, redirect};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_old_paths_answer_as_they_did() {
    let (running, admin, reader, _) = begin().await;
    let filters = json!([old_line("NORTH ZONE")]);
    let post =
        async |token: &str, path: &str, body: Value| send(&running, token, (Method::POST, path), body).await;
    assert_eq!(post(&admin, "/save_graph", filters.clone()).await, (200, json!("graph saved successfully")));
    let available = async |token: &str| {
        let (status, listed) = send(&running, token, (Method::GET, "/available_graphs"), Value::Null).await;
        assert_eq!((status, &listed), (200, &post(token, "/available_graphs", Value::Null).await.1));
        let keys = listed.as_array().unwrap().iter().map(|graph| graph.as_object().unwrap().len());
        assert!(keys.into_iter().all(|keys| keys == 4), "{listed}");
        listed
    };
    let mine = available(&admin).await;
    assert_eq!(
        (&mine[0]["graph_id"], &mine[0]["user_id"], &mine[0]["status"]),
        (&json!(1), &json!(1), &json!("self"))
    );
    let text = mine[0]["filters"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), filters, "JSON text");
    let form = running.request(Method::POST, "/share_graphs?graph_id=1").bearer_auth(&admin);
    let shared: Value = form.form(&[("email", READER)]).send().await.unwrap().json().await.unwrap();
    assert_eq!(shared, "graph shared successfully");
    let theirs = available(&reader).await;
    assert_eq!(
        (&theirs[0]["graph_id"], &theirs[0]["user_id"], &theirs[0]["status"]),
        (&json!(1), &json!(2), &json!("shared"))
    );
    let west = json!([old_line("WEST ZONE")]);
    let put = async |token: &str| {
        send(&running, token, (Method::PUT, "/update_graph_filters/1"), west.clone()).await
    };
    assert_eq!(put(&admin).await, (200, json!("graph saved successfully")));
    let (status, problem) = put(&reader).await;
    assert_eq!(
        (status, &problem["message"]),
        (403, &json!("unable to save graph")),
        "it is shared only for viewing"
    );
    assert!(
        available(&reader).await[0]["filters"].as_str().unwrap().contains("WEST ZONE"),
        "a reference, not a copy"
    );
    // A user who removes a shared graph loses access; the graph stays.
    assert_eq!(
        post(&reader, "/remove_graph?graph_id=1", Value::Null).await,
        (200, json!("graph removed successfully"))
    );
    assert_eq!(
        (available(&reader).await, available(&admin).await[0]["graph_id"].clone()),
        (json!([]), json!(1))
    );
    assert_eq!(
        post(&admin, "/remove_graph?graph_id=1", Value::Null).await,
        (200, json!("graph removed successfully"))
    );
    for (path, body, status, message) in [
        ("/remove_graph?graph_id=1", Value::Null, 404, "unable to remove graph"),
        ("/remove_graph", Value::Null, 400, "unable to remove graph"),
        ("/share_graphs?graph_id=1&email=a@b.c", Value::Null, 404, "unable to share graph"),
        ("/share_graphs?graph_id=1", Value::Null, 400, "unable to share graph"),
        ("/save_graph", json!({}), 400, "unable to save graph"),
        ("/save_graph", json!(["x"]), 400, "unable to save graph"),
    ] {
        let (found, problem) = post(&admin, path, body).await;
        assert_eq!((found, &problem["message"]), (status, &json!(message)), "{path}");
    }
    for path in [
        "/save_graph",
        "/remove_graph?graph_id=1",
        "/share_graphs?graph_id=1&email=a@b.c",
        "/update_graph_filters/1",
    ] {
        assert_eq!(running.get(&admin, path).await.0, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    let client = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    for (path, to) in [("/graph", "/v1/graphs"), ("/graph/7", "/v1/graphs/7/values?calendar=legacy")] {
        let request = client.get(format!("http://{}{path}", running.system.http)).bearer_auth(&admin);
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["location"]),
            (StatusCode::SEE_OTHER, &to.parse().unwrap())
        );
    }
    assert_eq!(running.get(&admin, "/graph/..%2f").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_draws_the_market_that_moved_most_on_its_own_days() {
    let (running, admin, reader, _) = begin().await;
    // ERCOT moved by a third; PJM, on other days, fell by half.
    for (stamp, price) in [("20240102_170200_cob", 50.0), ("20240103_093000", 25.0)] {
        let sheet = Sheet {
            market: "PJM",
            columns: &blocks(&["AD HUB", "BGE"]),
            first: "2024-02",
            price: &|month, column| Some(if column < 3 && month < 2 { price } else { 60.0 }),
            months: 3,
        };
        running.put(&format!("Energy_PJM_{stamp}.csv"), sheet.text().as_bytes()).await;
    }
    let (status, home) = send(&running, &admin, (Method::GET, "/get_graphview"), Value::Null).await;
    assert_eq!(status, 200, "{home}");
    assert_eq!(home, send(&running, &admin, (Method::POST, "/get_graphview"), Value::Null).await.1);
    let payload = |day: &str, stamp: &str, cob: &str| {
        json!({ "data_type": "Energy", "control_table": "pjm_energy", "loadZone": "AD HUB", "operating_day": day,
            "operatin_day_timestamps": stamp, "history": "false", "cob": cob, "start": "2024-01-02", "end": "2029-02-02" })
    };
    assert_eq!(
        home["payload"],
        json!([
            payload("2024-01-03", "2024-01-03 09:30", "false"),
            payload("2024-01-02", "2024-01-02", "true")
        ])
    );
    let chart: Value = serde_json::from_str(home["graph"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&chart["data"][0]["y"], &chart["data"][1]["y"]),
        (&json!([25.0, 25.0, 60.0]), &json!([50.0, 50.0, 60.0]))
    );
    assert_eq!(chart, send(&running, &admin, (Method::POST, "/graphs"), home["payload"].clone()).await.1);
    // Only visible markets count: first none, then only ERCOT.
    assert_eq!(send(&running, &reader, (Method::GET, "/get_graphview"), Value::Null).await.0, 404);
    running
        .users(json!({ "command": "grant", "email": READER, "data_type": "energy", "market": "ERCOT" }))
        .await;
    let (status, home) = send(&running, &reader, (Method::GET, "/get_graphview"), Value::Null).await;
    assert_eq!((status, &home["payload"][0]["control_table"]), (200, &json!("ercot_energy")));
    assert_eq!(home["payload"][1]["operating_day"], "2024-01-04");
}
