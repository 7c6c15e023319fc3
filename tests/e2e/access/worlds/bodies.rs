//! Requests with a body.

use super::people::zone;
use super::request::{Body, SentRequest};
use crate::quotes;
use serde_json::json;

/// Requests with a body that change nothing.
pub fn bodies() -> Vec<SentRequest> {
    let mut asked = vec![];
    let all = json!({ "data_type": "energy", "market": "all", "load_zone": "*", "period": "2024-04" });
    for rule in [
        json!("default"),
        json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "all" } }),
        json!({ "on": "correction", "what": { "data_type": "energy", "market": "all" } }),
        json!({ "on": "change", "by": 0.1, "what": all }),
        json!({ "on": "movers", "top": 3, "against": "previous_day", "what": all }),
        json!({ "on": "level", "at": 40, "what": all }),
        json!({ "on": "late", "by": "18:00", "zone": "UTC", "days": "all", "what": { "data_type": "energy", "market": "all" } }),
        json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "MISO" } }),
    ] {
        let body = json!({ "rule": rule, "from_day": "2024-01-01", "to_day": "2024-01-06" });
        asked.push(SentRequest::post("/v1/alerts/backtest", Body::Json(body)));
    }
    for market in ["ercot", "pjm", "nyiso", "miso"] {
        for (day, cob) in [("2024-01-04", "true"), ("2024-01-05", "false"), ("2024-01-05 12:00", "false")] {
            let line = json!({ "control_table": format!("{market}_energy"), "loadZone": zone(market), "operatin_day_timestamps": day,
                "cob": cob, "start": "2024-02-01", "end": "2025-01-01" });
            asked.push(SentRequest::post("/graphs", Body::Json(json!([line]))));
            asked.push(SentRequest::post("/generate_garph_view", Body::Json(line)));
        }
    }
    for (form, path) in [
        ("curve_type=energy&iso=ERCOT", "/download_data"),
        ("curve_type=energy&iso=MISO&operating_day=2024-01-04", "/download_data"),
    ] {
        asked.push(SentRequest::post(path, Body::Fields(form)));
    }
    for path in [
        "/get_notifications",
        "/get_heatmap",
        "/upload_status",
        "/allcomponents",
        "/available_graphs",
        "/get_graphview",
        "/curves_catalog",
        "/generate_headroom_heatmap",
    ] {
        asked.push(SentRequest::post(path, Body::None));
    }
    for (path, form) in [
        ("/get_options", "curve=energy"),
        ("/get_options_for_strips", "curve=energy"),
        ("/get_operating_day", "curve=energy&iso=ERCOT"),
        ("/get_operating_days", "table=ercot_energy"),
        ("/intraday_timestamps_download", "curve=energy&iso=ERCOT"),
        ("/get_locations", "control_table=ercot_energy"),
    ] {
        asked.push(SentRequest::post(path, Body::Fields(form)));
    }
    for body in [
        json!({ "curve": "energy", "iso": "all" }),
        json!({ "curve": "energy", "iso": "ERCOT", "operating_day": "2024-01-05" }),
    ] {
        asked.push(SentRequest::post("/cob_check", Body::Json(body)));
    }
    let request = quotes::request(&[quotes::account("one")]);
    asked.push(SentRequest::post("/v1/jobs", Body::Json(request)));
    let desk = "Lookup ID4,Load Zone,Capacity Zone,Utility,Voltage,Load Profile,Curve Date,Start Date,End Date,Margin ($/MWh),Sleeve Fee ($/MWh),Utility Billing Surcharge ($/MWh),Other 1 ($/MWh),Other 2 ($/MWh)\nx,NORTH ZONE,NORTH ZONE,ONCOR,Secondary,BUSMEDLF_NCENT,1/5/2024,3/1/2024,3/31/2024,1,1,0,0,0\n";
    for path in ["/pricedesk", "/pricedeskdata?method=legacy"] {
        asked.push(SentRequest::post(path, Body::File("PriceRequest_ERCOT.csv".to_owned(), desk.to_owned())));
    }
    for id in [1, 3, 9, 27] {
        asked.push(SentRequest::post(format!("/v1/me/notices/{id}/read"), Body::None));
    }
    asked.push(SentRequest::post("/v1/grants/preview", Body::Json(json!({ "user": 1, "rules": [] }))));
    for day in ["2024-01-04", "2024-01-05"] {
        let mut request = quotes::request(&[quotes::account("one")]);
        request["curve_date"] = json!(day);
        asked.push(SentRequest::post("/v1/quotes", Body::Json(request.clone())));
        request["accounts"][0]["load_zone"] = json!("SOUTH ZONE");
        asked.push(SentRequest::post("/v1/quotes", Body::Json(request.clone())));
        request["market"] = json!("MISO");
        asked.push(SentRequest::post("/v1/quotes", Body::Json(request)));
    }
    // Validated but not published.
    for (name, market, zones, round) in [
        ("Energy_MISO_20240104_100000.csv", "MISO", &["INDY HUB"][..], 2),
        ("Energy_MISO_20240103_170000_cob.csv", "MISO", &["INDY HUB", "AMIL"], 12),
        ("Energy_ISONE_20240104_100000.csv", "ISONE", &["MASS HUB"], 7),
        ("Energy_ERCOT_20240105_170000_cob.csv", "ERCOT", &["SOUTH ZONE"], 26),
        ("Energy_PJM_20240104_120000.csv", "PJM", &["WEST HUB"], 3),
    ] {
        let sheet = super::sheets::energy(market, zones, ("2024-02", 7), round);
        asked.push(SentRequest::post("/upload_csv?dry_run=true", Body::File(name.to_owned(), sheet.clone())));
        asked.push(SentRequest::post("/upload_zip?dry_run=true", Body::File(name.to_owned(), sheet)));
    }
    asked
}
