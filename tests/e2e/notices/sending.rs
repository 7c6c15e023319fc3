//! Mails: sent once, only to users who may still see the content, and with an unsubscribe link.

use super::{at, publish, run, set, subscribe, watch};
use crate::gate::send;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use tests::{ADMIN, PASSWORD, Running};
use trueprice::upkeep::compact;

fn mails(running: &Running) -> Vec<String> {
    running.system.mails.all().unwrap()
}

fn to(mails: &[String]) -> Vec<&str> {
    let mut to: Vec<&str> =
        mails.iter().map(|mail| mail.lines().find_map(|line| line.strip_prefix("To: ")).unwrap()).collect();
    to.sort_unstable();
    to
}

async fn two_sheets(running: &Running) {
    publish(running, "PJM", "20240105_080000", &[("WEST HUB", 40.0), ("AD HUB", 40.0)]).await;
    publish(running, "PJM", "20240108_080000", &[("WEST HUB", 45.0), ("AD HUB", 34.0)]).await;
}

fn by_mail(name: &str, more: &Value) -> Value {
    let mut body = json!({ "name": name, "channel": "email", "rule": { "on": "change", "by": 2, "what": watch("PJM", "*") } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_once_to_users_who_may_still_see_it() {
    let running = at("2024-01-08T22:00:00Z").await;
    let admin = running.admin().await;
    let names = ["stays", "disabled", "lost", "unsubscribed", "never"];
    for name in names {
        let email = format!("{name}@example.com");
        let token = running.user(&email, "read_only_user").await;
        if name != "never" {
            running
                .users(json!({ "command": "grant", "email": email, "data_type": "energy", "market": "PJM" }))
                .await;
        }
        let made = subscribe(&running, &token, by_mail("Moves", &json!({}))).await;
        assert!(made.get("secret").is_none());
    }
    subscribe(&running, &admin, by_mail("Moves", &json!({}))).await;
    two_sheets(&running).await;
    // Found for everyone who may see it, before some lose access.
    hold_sending(&running, true).await;
    assert_eq!(run(&running).await["found"], 5);
    assert_eq!(mails(&running).len(), 0);
    running.users(json!({ "command": "disable", "email": "disabled@example.com" })).await;
    running.users(json!({ "command": "revoke", "email": "lost@example.com", "data_type": "energy", "market": "PJM" })).await;
    let token = running.token("unsubscribed@example.com", PASSWORD).await;
    let (_, list) = send(&running, &token, Method::GET, "/v1/me/subscriptions", None).await;
    let path = format!("/v1/me/subscriptions/{}", list["subscriptions"][0]["id"]);
    assert_eq!(send(&running, &token, Method::DELETE, &path, None).await.0, StatusCode::OK);
    hold_sending(&running, false).await;
    // Many concurrent runs, and another one: still once.
    let running = Arc::new(running);
    let many = (0..6).map(|_| {
        let running = Arc::clone(&running);
        tokio::spawn(async move { run(&running).await })
    });
    for done in many.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    run(&running).await;
    let all = mails(&running);
    assert_eq!(to(&all), [ADMIN, "stays@example.com"]);
    let mail = all.iter().find(|mail| mail.contains("To: stays@")).unwrap();
    assert!(
        mail.contains("PJM, WEST HUB (5x16), 2024-02: up 5.00 from 40.00 to 45.00 $/MWh (+12.50 %)"),
        "{mail}"
    );
    assert!(
        mail.contains("PJM, AD HUB (5x16), 2024-02: down 6.00 from 40.00 to 34.00 $/MWh (-15.00 %)"),
        "{mail}"
    );
    assert!(mail.contains("Subject: TRUEPrice: PJM energy of 2024-01-08 08:00:00"), "{mail}");
    assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{mail}");
    let (_, outbox) = send(&running, &admin, Method::GET, "/v1/outbox", None).await;
    let states = outbox["sendings"].as_array().unwrap().iter().map(|one| {
        format!("{} {} {}", one["user"].as_str().unwrap(), one["state"].as_str().unwrap(), one["attempts"])
    });
    let mut states: Vec<String> = states.collect();
    states.sort();
    assert_eq!(
        states,
        [
            "admin@localhost delivered 1",
            "disabled@example.com withheld 1",
            "lost@example.com withheld 1",
            "stays@example.com delivered 1",
            "unsubscribed@example.com withheld 1",
        ]
    );
    let sent =
        outbox["sendings"].as_array().unwrap().iter().find(|one| one["user"] == "stays@example.com").unwrap();
    assert!(sent["content"]["text"].as_str().unwrap().contains("down 6.00"), "{sent}");
}

/// Makes everything that waits due later, or now.
async fn hold_sending(running: &Running, hold: bool) {
    let mut sql = running.sql().await;
    let statement = if hold {
        "create function trueprice.later() returns trigger language plpgsql as
            'begin new.next_at := new.next_at + interval ''1 day''; return new; end';
        create trigger later before insert on trueprice.notice for each row execute function trueprice.later()"
    } else {
        "drop trigger later on trueprice.notice; update trueprice.notice set next_at = next_at - interval '1 day'"
    };
    sqlx::raw_sql(statement).execute(&mut sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_link_of_a_mail_changes_nothing_and_its_button_ends_the_subscription() {
    let running = at("2024-01-08T22:00:00Z").await;
    let admin = running.admin().await;
    let made = subscribe(&running, &admin, by_mail("Moves & <more>", &json!({}))).await;
    two_sheets(&running).await;
    run(&running).await;
    let mail = mails(&running).remove(0);
    let link = mail.lines().find_map(|line| line.strip_prefix("To end it: ")).unwrap();
    let path = &link[link.find("/unsubscribe").unwrap()..];
    let on = format!("/v1/me/subscriptions/{}", made["id"]);
    // All pages have the same headers: none can be framed, sniffed, or leaked through a referrer.
    for page in [path, "/apidocs", "/set-password", "/maintainance"] {
        for method in [Method::GET, Method::HEAD] {
            let answer = running.request(method, page).send().await.unwrap();
            let said = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            let policy = said("content-security-policy");
            for part in ["default-src 'none'", "base-uri 'none'", "form-action ", "frame-ancestors 'none'"] {
                assert!(policy.contains(part), "{part} in the policy of {page}: {policy}");
            }
            assert_eq!(
                [said("x-content-type-options"), said("referrer-policy"), said("x-frame-options")],
                ["nosniff", "no-referrer", "DENY"],
                "{page}"
            );
            assert!(said("cache-control").starts_with("no-"), "{page}");
        }
    }
    for _ in 0..2 {
        let page = running.request(Method::GET, path).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let page = page.text().await.unwrap();
        assert!(
            page.contains("Moves &amp; &lt;more&gt;") && page.contains("<form method=\"post\""),
            "{page}"
        );
        assert_eq!(send(&running, &admin, Method::GET, &on, None).await.0, StatusCode::OK);
    }
    let forged = path.replace("token=uns_AAAAA", "token=uns_AAAAB");
    assert_ne!(forged, path);
    let twice = format!("{path}&token=uns_AAAAB");
    for refused in [&twice, &path.replace("token=", "tokne=")] {
        let answer = running.request(Method::POST, refused).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{refused}");
        assert!(!answer.text().await.unwrap().contains("uns_"), "the token is not echoed");
    }
    for wrong in ["/unsubscribe", "/unsubscribe?token=AAAA", &forged] {
        let answer = running.request(Method::POST, wrong).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    for _ in 0..2 {
        let ended =
            running.request(Method::POST, path).body("List-Unsubscribe=One-Click").send().await.unwrap();
        assert_eq!(ended.status(), StatusCode::OK);
    }
    assert_eq!(send(&running, &admin, Method::GET, &on, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_reports_everything_at_its_time_in_the_users_zone() {
    let running = at("2024-01-05T22:00:00Z").await;
    let admin = running.admin().await;
    let schedule = json!({ "cron": "0 8 * * MON-FRI", "zone": "America/Chicago" });
    subscribe(&running, &admin, by_mail("Daily", &schedule)).await;
    let inbox =
        json!({ "name": "Inbox", "channel": "inbox", "cron": "0 8 * * MON-FRI", "zone": "America/Chicago" });
    subscribe(&running, &admin, by_mail("x", &inbox)).await;
    publish(&running, "PJM", "20240105_080000", &[("WEST HUB", 40.0)]).await;
    publish(&running, "PJM", "20240105_120000", &[("WEST HUB", 45.0)]).await;
    publish(&running, "PJM", "20240105_140000", &[("WEST HUB", 34.0)]).await;
    assert_eq!(run(&running).await["found"], 4);
    for (now, digests) in [
        ("2024-01-06T14:00:00Z", 0),
        ("2024-01-08T13:59:59Z", 0),
        ("2024-01-08T14:00:00Z", 2),
        ("2024-01-08T14:05:00Z", 0),
    ] {
        set(&running, now);
        assert_eq!(run(&running).await["digests"], digests, "{now}");
    }
    let all = mails(&running);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].contains("Subject: TRUEPrice: Daily (2 notices)"), "{}", all[0]);
    assert!(all[0].contains("up 5.00") && all[0].contains("down 11.00"), "{}", all[0]);
    let admin = running.admin().await;
    let (_, inbox) = send(&running, &admin, Method::GET, "/v1/me/inbox", None).await;
    let notices = inbox["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 1, "{inbox:#}");
    assert_eq!(
        (notices[0]["found"].as_array().unwrap().len(), &notices[0]["event"]),
        (2, &json!("digest:2024-01-08T14:00Z"))
    );
    let read = format!("/v1/me/notices/{}/read", notices[0]["id"].as_str().unwrap());
    assert_eq!(send(&running, &admin, Method::POST, &read, None).await.0, StatusCode::OK);
    let (_, unread) = send(&running, &admin, Method::GET, "/v1/me/inbox?unread=true", None).await;
    assert_eq!(unread["notices"], json!([]));
    // Nothing found, nothing sent.
    set(&running, "2024-01-09T14:05:00Z");
    run(&running).await;
    assert_eq!(mails(&running).len(), 1);

    // A year later they are deleted, digests together with their notices.
    for (now, left) in [("2025-02-11T13:00:00Z", 6), ("2025-02-12T15:00:00Z", 0)] {
        set(&running, now);
        compact::handle(running.ctx(), json!({})).await.unwrap();
        let count = sqlx::query_scalar::<_, i64>("select count(*) from trueprice.notice");
        assert_eq!(count.fetch_one(&mut running.sql().await).await.unwrap(), left, "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_on_hold_are_sent_later_or_skipped() {
    let running = at("2024-01-08T22:00:00Z").await;
    let admin = running.admin().await;
    subscribe(&running, &admin, by_mail("Moves", &json!({}))).await;
    let command = async |event: Value| trueprice::notices::handle(running.ctx(), event).await.unwrap();
    command(json!({ "command": "hold" })).await;
    two_sheets(&running).await;
    assert_eq!(run(&running).await["changes"], 0);
    let status = command(json!({ "command": "status" })).await;
    assert_eq!((&status["held"], &status["changes_to_look_at"]), (&json!(true), &json!(2)));
    command(json!({ "command": "resume", "skip": true })).await;
    assert_eq!(run(&running).await["changes"], 0);
    publish(&running, "PJM", "20240108_090000", &[("WEST HUB", 48.0), ("AD HUB", 34.0)]).await;
    assert_eq!(run(&running).await["sent"]["delivered"], 1);
    assert_eq!(mails(&running).len(), 1);
}
