//! The callers: with all kinds of grants, and without any.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{PASSWORD, Running};

use crate::gate::send;

/// A caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Caller {
    /// Has no grant.
    Nobody,
    /// Has rules about months that ended before the first sheet.
    Ended,
    /// Has rules about months that no sheet reaches.
    Future,
    /// Sees one zone of a market.
    Label,
    /// Sees some months of a market, and for hourly data one other market.
    Months,
    /// Sees some months of one zone.
    Both,
    /// Sees the offers of one state, and their prices to compare.
    Offers,
    /// Sees all of another data type, through a package.
    Series,
    /// Uploads, but reads nothing.
    Uploader,
    /// Makes quotes for one zone.
    Desk,
}

impl Caller {
    /// All callers.
    pub const ALL: [Self; 10] = [
        Self::Nobody,
        Self::Ended,
        Self::Future,
        Self::Label,
        Self::Months,
        Self::Both,
        Self::Offers,
        Self::Series,
        Self::Uploader,
        Self::Desk,
    ];

    /// Its address; all addresses have the same length.
    pub fn email(self) -> String {
        format!("caller{}@example.com", self as usize)
    }

    const fn role(self) -> &'static str {
        match self {
            Self::Uploader | Self::Desk => "read_write_user",
            _ => "read_only_user",
        }
    }

    fn rules(self) -> Value {
        match self {
            Self::Nobody | Self::Uploader | Self::Series => json!([]),
            Self::Ended => {
                json!([{ "from": "2010-01", "to": "2012-01" }, { "data_type": "energy", "market": "ERCOT", "to": "2020-01" }])
            }
            Self::Future => {
                json!([{ "from": "2150-01" }, { "market": "PJM", "load_zone": "WEST HUB", "from": "2190-01" }])
            }
            Self::Label => json!([{ "data_type": "energy", "market": "ERCOT", "load_zone": "NORTH*" }]),
            Self::Months => json!([
                { "data_type": "energy", "market": "PJM", "from": "2024-03", "to": "2024-06" },
                { "data_type": "loadprofile", "market": "MISO", "from": "2024-02", "to": "2024-03" },
                // A series in which no sheet reaches these months.
                { "data_type": "energy", "market": "MISO", "from": "2030-01", "to": "2031-01" },
            ]),
            Self::Both => {
                json!([{ "data_type": "energy", "market": "NYISO", "load_zone": "ZONE A", "from": "2024-03", "to": "2024-06" }])
            }
            Self::Offers => json!([
                { "data_type": "headroom", "market": "PJM", "state": "NJ" },
                { "data_type": "matrix", "market": "PJM", "state": "NJ" },
                { "data_type": "ptc", "market": "PJM", "state": "NJ", "from": "2024-02", "to": "2024-09" },
            ]),
            Self::Desk => json!([
                { "data_type": "energy", "market": "ERCOT", "load_zone": "NORTH ZONE" },
                { "data_type": "nonenergy", "market": "ERCOT" },
                { "data_type": "rec", "market": "ERCOT" },
                { "data_type": "loadprofile", "market": "ERCOT" },
                { "data_type": "shaping", "market": "ERCOT" },
                { "data_type": "vlr", "market": "ERCOT" },
                { "data_type": "lineloss", "market": "ERCOT" },
            ]),
        }
    }

    /// The markets of which it sees something, in capitals; it sends most requests about them.
    pub const fn concerns(self) -> &'static [&'static str] {
        match self {
            Self::Nobody | Self::Ended | Self::Future => &[],
            Self::Uploader => &["/UPLOAD"],
            Self::Label | Self::Series | Self::Desk => &["ERCOT"],
            Self::Months => &["PJM", "MISO"],
            Self::Both => &["NYISO"],
            Self::Offers => &["PJM"],
        }
    }

    /// Whether it has no grant, or only grants for months without curves.
    pub const fn sees_nothing(self) -> bool {
        matches!(self, Self::Nobody | Self::Ended | Self::Future)
    }

    /// A token of it.
    pub async fn token(self, world: &Running) -> String {
        world.token(&self.email(), PASSWORD).await
    }
}

/// Creates the callers and their own data: grants, a graph, subscriptions, an upload key.
pub async fn arrive(world: &Running) {
    let admin = world.admin().await;
    for caller in Caller::ALL {
        let email = caller.email();
        world
            .users(
                json!({ "command": "create", "email": email, "role": caller.role(), "password": PASSWORD }),
            )
            .await;
        let id = key_of(world, &email).await;
        let body = json!({ "rules": caller.rules() });
        let (status, answer) =
            send(world, &admin, Method::PUT, &format!("/v1/users/{id}/grants"), Some(body)).await;
        assert!(status.is_success(), "{answer}");
    }
    let package =
        json!({ "name": "Texas charges", "rules": [{ "data_type": "nonenergy", "market": "ERCOT" }] });
    let (_, package) = send(world, &admin, Method::POST, "/v1/packages", Some(package)).await;
    let holder = key_of(world, &Caller::Series.email()).await;
    let path = format!("/v1/users/{holder}/packages/{}", package["id"]);
    assert!(send(world, &admin, Method::PUT, &path, None).await.0.is_success());
    for caller in [Caller::Nobody, Caller::Ended, Caller::Label, Caller::Months, Caller::Both, Caller::Series]
    {
        let token = caller.token(world).await;
        for (name, rule) in subscriptions() {
            let body = json!({ "name": name, "rule": rule, "channel": "inbox", "zone": "UTC" });
            let (status, made) = send(world, &token, Method::POST, "/v1/me/subscriptions", Some(body)).await;
            assert!(status.is_success(), "{made}");
        }
        let lines = ["ercot", "pjm", "nyiso"].map(|market| {
            json!({ "market": market, "load_zone": zone(market), "operating_day": "2024-01-04", "mark": "cob",
                "from": "2024-02", "to": "2025-03" })
        });
        let graph = json!({ "name": "mine", "lines": lines });
        let (status, made) = send(world, &token, Method::POST, "/v1/graphs", Some(graph)).await;
        assert!(status.is_success(), "{made}");
    }
}

/// The zone of a market of which some caller sees something.
pub const fn zone(market: &str) -> &'static str {
    match market.as_bytes() {
        b"ercot" | b"ERCOT" => "NORTH ZONE",
        b"pjm" | b"PJM" => "WEST HUB",
        _ => "ZONE A",
    }
}

/// Rules that every caller subscribes to, whatever it may see.
fn subscriptions() -> Vec<(&'static str, Value)> {
    let all = json!({ "data_type": "energy", "market": "all", "load_zone": "*", "period": "2024-04" });
    vec![
        ("moves", json!({ "on": "change", "by": 0.1, "what": all })),
        ("movers", json!({ "on": "movers", "top": 5, "against": "previous_day", "what": all })),
        ("sheets", json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "all" } })),
        ("corrections", json!({ "on": "correction", "what": { "data_type": "energy", "market": "all" } })),
        (
            "late",
            json!({ "on": "late", "by": "18:00", "zone": "UTC", "days": "all", "what": { "data_type": "energy", "market": "all" } }),
        ),
    ]
}

pub async fn key_of(world: &Running, email: &str) -> i32 {
    let id = sqlx::query_scalar("select id from trueprice.user_account where email = $1").bind(email);
    id.fetch_one(&mut world.sql().await).await.unwrap()
}
