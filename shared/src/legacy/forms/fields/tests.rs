//! Fields, read from every place they may come from.

use super::*;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;

async fn read(request: Request) -> Result<Fields, Problem> {
    Fields::from_request(request, &()).await
}

fn request(query: &str, kind: &str, body: &str) -> Request {
    let request = Request::post(format!("/x{query}")).header(CONTENT_TYPE, kind);
    request.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn a_field_is_found_in_a_form_in_json_and_in_the_query() {
    const FORM: &str = "application/x-www-form-urlencoded";
    for (query, kind, body) in [
        ("?email=a%2Bb%40c.de&user_id=7", "text/plain", ""),
        ("?user_id=7", "application/json; charset=utf-8", r#"{"email":" a+b@c.de ","user_id":7,"x":null}"#),
        ("?user_id=7", FORM, "email=a%2Bb%40c.de&user_id=7"),
    ] {
        let mut fields = read(request(query, kind, body)).await.unwrap();
        fields.take(&["x"]);
        assert_eq!((fields.text("email").as_str(), fields.id("user_id")), ("a+b@c.de", 7), "{body}");
        assert!(fields.end().is_ok());
    }
}

#[tokio::test]
async fn an_unknown_or_contradictory_field_is_refused() {
    const FORM: &str = "application/x-www-form-urlencoded";
    for (query, kind, body, said) in [
        ("?emial=x&email=a", "text/plain", "", "no field `emial`; did you mean `email`?"),
        ("", "application/json", r#"{"email":"a","email_":"x"}"#, "no field `email_`; did you mean `email`?"),
        ("?email=a&email=b", "text/plain", "", "`email` is given several times"),
        ("", FORM, "email=a&email=b", "`email` is given several times"),
        ("?email=a", FORM, "email=b", "`email` is given several times"),
        ("?email=a", "application/json", r#"{"email":"b"}"#, "`email` is given several times"),
    ] {
        let problem = match read(request(query, kind, body)).await {
            Ok(mut fields) => {
                fields.text("email");
                fields.end().unwrap_err()
            }
            Err(problem) => problem,
        };
        let problem = serde_json::to_value(problem).unwrap();
        assert!(problem["detail"].as_str().unwrap().starts_with(said), "{problem}");
    }
    for (query, kind, body) in [("?email=a&email=a&email=", "text/plain", ""), ("", FORM, "email=a&email=a")]
    {
        let mut fields = read(request(query, kind, body)).await.unwrap();
        assert_eq!(fields.text("email"), "a");
        assert!(fields.end().is_ok(), "repeating the same value is no contradiction: {body}");
    }
}

#[tokio::test]
async fn all_missing_fields_are_reported_and_a_secret_in_the_url_is_refused() {
    let mut fields = read(request("?password=x&user_id=-1", "", "")).await.unwrap();
    fields.text("email");
    fields.secret("password", false);
    fields.id("user_id");
    let problem = serde_json::to_value(fields.end().unwrap_err()).unwrap();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    assert_eq!(
        (&problem["message"], &problem["error"]),
        (&"Incorrect Params".into(), &"Incorrect Params".into())
    );
    let mut fields = read(request("?password=%20x", "", "")).await.unwrap();
    assert_eq!(fields.secret("password", true), " x", "a space is part of a password");
}

#[tokio::test]
async fn a_body_that_is_not_an_object_of_texts_is_refused() {
    for body in ["", "[]", "{", "\"x\"", "{\"email\":{}}", "{\"email\":true}", "{\"email\":[\"a\"]}"] {
        assert!(read(request("", "application/json", body)).await.is_err(), "{body}");
    }
    for body in ["{\"email\":null}", "{\"email\":\" \"}"] {
        let mut fields = read(request("", "application/json", body)).await.unwrap();
        assert_eq!(fields.text("email"), "");
        assert!(fields.end().is_err(), "{body}");
    }
    assert!(read(request("", "text/plain", "x")).await.is_err());
    for body in ["\u{1}", "a=%00&b=%ff", "=&&=", "%"] {
        // Whatever it is, it is read or refused, without a panic.
        drop(read(request("", "application/x-www-form-urlencoded", body)).await);
    }
}
