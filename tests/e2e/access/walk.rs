//! Every route, tried by everyone: without a login, as each role, and with every kind of token and key.

use super::claims;
use crate::gate;
use jsonwebtoken::{EncodingKey, Header};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};
use trueprice::access::Role;
use trueprice::http::Audience;
use utoipa::openapi::PathItem;

/// Signs claims like ours with a key chosen by the test.
fn forge(token: &str, kid: &str, key: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims(token);
    change(&mut claims);
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some(kid.to_owned());

    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.as_bytes())).unwrap()
}

/// The real key, from the secret store.
fn signing_key(running: &Running) -> (String, String) {
    let secret = running.system.secrets.get(local::connect::SIGNING_SECRET).unwrap();
    let keyring: Value = serde_json::from_str(&secret).unwrap();
    let id = keyring["current"].as_str().unwrap();
    (id.to_owned(), keyring[id].as_str().unwrap().to_owned())
}

/// The methods of a path.
fn methods(item: &PathItem) -> impl Iterator<Item = Method> {
    let methods = [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    methods.into_iter().filter(|(operation, _)| operation.is_some()).map(|(_, method)| method)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_everyone_outside_its_audience() {
    let running = Running::start().await;
    let other = Running::start().await;
    let (kid, key) = signing_key(&running);
    let mut tokens = vec![];
    for role in Role::ALL {
        tokens.push((Some(role), running.user(&email(role), role.name()).await));
    }
    let admin = tokens[0].1.clone();
    let revoked = running.token(ADMIN, PASSWORD).await;
    let out = running.request(Method::POST, "/logout").bearer_auth(&revoked).send().await.unwrap();
    assert_eq!(out.status(), StatusCode::OK);
    let unsigned = format!("{}.", admin.rsplit_once('.').unwrap().0);
    for (what, token) in [
        ("nothing", String::new()),
        ("rubbish", "rubbish".to_owned()),
        ("expired", forge(&admin, &kid, &key, |claims| claims["exp"] = json!(1_000_000))),
        ("of another issuer", forge(&admin, &kid, &key, |claims| claims["iss"] = json!("somebody"))),
        (
            "of an unknown session",
            forge(&admin, &kid, &key, |claims| {
                claims["sid"] = json!("00000000-0000-0000-0000-000000000000");
            }),
        ),
        ("of another user's session", forge(&admin, &kid, &key, |claims| claims["sub"] = json!("999"))),
        (
            "with a role that the user does not have",
            forge(&tokens[2].1, &kid, &key, |claims| claims["role"] = json!("admin")),
        ),
        ("forged", forge(&admin, &kid, "another key", |_| {})),
        ("with an unknown key", forge(&admin, "nobody", &key, |_| {})),
        ("unsigned", unsigned),
        ("revoked", revoked),
        ("foreign", other.admin().await),
    ] {
        tokens.push((None, token.clone()));
        let (status, body) = running.get(&token, "/v1/uploads").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}: {body}");
    }
    let keys = keys(&running, &other, &admin).await;
    let (mut tried, mut sql) = (0, running.sql().await);
    for route in trueprice::api::routes() {
        let personal = route.is_personal();
        let documented = route.handlers.documents.iter().flat_map(|of_handler| of_handler().1.paths);
        for (path, item) in &documented.collect::<Vec<_>>() {
            for method in methods(item) {
                let place = filled(path);
                for (role, token) in &tokens {
                    // A request that changes something may end sessions, so each has its own.
                    let token = match role {
                        Some(role) => running.token(&email(*role), PASSWORD).await,
                        None => token.clone(),
                    };
                    let gate = match (route.audience, role) {
                        (Audience::Public, _) => None,
                        (_, None) => Some(StatusCode::UNAUTHORIZED),
                        (audience, Some(role)) if !role.is_in(audience) => Some(StatusCode::FORBIDDEN),
                        _ => None,
                    };
                    // One of the requests switches the API off.
                    let on =
                        "update trueprice.site_switch set enabled = true, reason = null where not enabled";
                    sqlx::raw_sql(on).execute(&mut sql).await.unwrap();
                    let who = format!("{method} {place} as {role:?}");
                    check(running.request(method.clone(), &place).bearer_auth(token), gate, &who).await;
                    tried += 1;
                }
                sqlx::raw_sql("update trueprice.site_switch set enabled = true, reason = null")
                    .execute(&mut sql)
                    .await
                    .unwrap();
                for (owner, key) in &keys {
                    let gate = match (route.audience, owner) {
                        (Audience::Public, _)
                        | (Audience::Uploader, Some((Role::Admin | Role::ReadWrite, "upload"))) => None,
                        (_, None) => Some(StatusCode::UNAUTHORIZED),
                        (Audience::Reader, Some(_)) if method == Method::GET && !personal => None,
                        _ => Some(StatusCode::FORBIDDEN),
                    };
                    let who = format!("{method} {place} with the key of {owner:?}");
                    let request = running.request(method.clone(), &place);
                    // Basic authentication works for GET only.
                    let request = match method {
                        Method::GET => request.basic_auth("anybody", Some(key)),
                        _ => request.header("x-api-key", key),
                    };
                    check(request, gate, &who).await;
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried} requests");
}

/// Keys of each role and scope, and keys that must not work.
async fn keys(
    running: &Running,
    other: &Running,
    admin: &str,
) -> Vec<(Option<(Role, &'static str)>, String)> {
    let mut keys = vec![];
    for (role, scope) in [
        (Role::Admin, "read"),
        (Role::Admin, "upload"),
        (Role::ReadWrite, "read"),
        (Role::ReadWrite, "upload"),
        (Role::ReadOnly, "read"),
    ] {
        let token = running.token(&email(role), PASSWORD).await;
        keys.push((Some((role, scope)), gate::key(running, &token, scope, scope).await.0));
    }
    let (gone, id) = gate::key(running, admin, "revoked", "upload").await;
    let path = format!("/v1/me/keys/{id}");
    assert_eq!(gate::send(running, admin, Method::DELETE, &path, None).await.0, StatusCode::OK);
    let (expired, id) = gate::key(running, admin, "expired", "upload").await;
    let end = format!(
        "update trueprice.api_key set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
        where id = {id}"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(end)).execute(&mut running.sql().await).await.unwrap();
    let foreign = gate::key(other, &other.admin().await, "foreign", "upload").await.0;
    keys.extend([gone, expired, foreign].map(|key| (None, key)));

    keys
}

pub(super) fn email(role: Role) -> String {
    format!("{role}@example.com")
}

/// A path with ids that do not exist in place of its parameters, whatever their names.
pub(super) fn filled(path: &str) -> String {
    let filled = path.split('/').map(|part| if part.starts_with('{') { "999999" } else { part });
    filled.collect::<Vec<_>>().join("/")
}

async fn check(request: reqwest::RequestBuilder, gate: Option<StatusCode>, who: &str) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    match gate {
        Some(expected) => assert_eq!(status, expected, "{who}"),
        None => assert!(!status.is_server_error() && status != StatusCode::FORBIDDEN, "{who}: {status}"),
    }
}
