use std::fs;
use std::os::unix::fs::PermissionsExt;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;

use super::*;
use crate::testing::Folder;

async fn start(home: &Path) -> Secrets {
    Secrets::start(&home.join("secrets.json"), ([127, 0, 0, 1], 0).into(), "key").await.unwrap()
}

fn client(secrets: &Secrets, access_key: &str) -> Client {
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(access_key, "secret", None, None, "test"))
        .endpoint_url(format!("http://{}", secrets.address))
        .build();
    Client::from_conf(config)
}

async fn value(client: &Client, stage: &str) -> Option<String> {
    let answer = client.get_secret_value().secret_id("db").version_stage(stage).send().await;
    answer.ok()?.secret_string
}

#[tokio::test]
async fn a_secret_survives_a_restart_and_only_the_owner_can_read_the_file() {
    let home = Folder::new();
    let secrets = start(&home).await;
    client(&secrets, "key").create_secret().name("db").secret_string("one").send().await.unwrap();
    secrets.stop().await;
    let secrets = start(&home).await;
    assert_eq!(value(&client(&secrets, "key"), "AWSCURRENT").await.as_deref(), Some("one"));
    assert_eq!(secrets.get("db").as_deref(), Some("one"));
    let mode = fs::metadata(home.join("secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn errors_have_the_names_that_clients_expect() {
    let home = Folder::new();
    let secrets = start(&home).await;
    let known = client(&secrets, "key");
    let error = known.get_secret_value().secret_id("db").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception());
    assert_eq!(error.message(), Some("Secrets Manager can't find the specified secret."));
    secrets.set("db", "one").unwrap();
    let error =
        known.create_secret().name("db").secret_string("x").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_exists_exception());
    let pending = known.get_secret_value().secret_id("db").version_stage("AWSPENDING").send().await;
    assert!(pending.unwrap_err().into_service_error().is_resource_not_found_exception());
    let stranger = client(&secrets, "other").get_secret_value().secret_id("db").send().await;
    assert_eq!(stranger.unwrap_err().code(), Some("UnrecognizedClientException"));
}

#[tokio::test]
async fn a_rotation_moves_the_labels_in_four_steps() {
    let home = Folder::new();
    let secrets = start(&home).await;
    let client = client(&secrets, "key");
    secrets.set("db", "one").unwrap();
    let token = secrets.begin_rotation("db").unwrap();
    let described = client.describe_secret().secret_id("db").send().await.unwrap();
    assert_eq!(described.version_ids_to_stages.unwrap()[&token], ["AWSPENDING"]);
    assert_eq!(value(&client, "AWSPENDING").await, None);
    // Every step may be repeated.
    for _ in 0..2 {
        let put = client.put_secret_value().secret_id("db").client_request_token(&token);
        put.secret_string("two").version_stages("AWSPENDING").send().await.unwrap();
    }
    let other = client.put_secret_value().secret_id("db").client_request_token(&token);
    let error = other.secret_string("three").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_exists_exception());
    assert_eq!(value(&client, "AWSPENDING").await.as_deref(), Some("two"));
    assert_eq!(value(&client, "AWSCURRENT").await.as_deref(), Some("one"));

    let current = client.get_secret_value().secret_id("db").send().await.unwrap().version_id.unwrap();
    let finish = || {
        let update = client.update_secret_version_stage().secret_id("db").version_stage("AWSCURRENT");
        update.move_to_version_id(&token)
    };
    assert!(finish().send().await.unwrap_err().into_service_error().is_invalid_parameter_exception());
    for _ in 0..2 {
        finish().remove_from_version_id(&current).send().await.unwrap();
    }
    assert_eq!(value(&client, "AWSCURRENT").await.as_deref(), Some("two"));
    assert_eq!(value(&client, "AWSPREVIOUS").await.as_deref(), Some("one"));
    let done = client.update_secret_version_stage().secret_id("db").version_stage("AWSPENDING");
    done.remove_from_version_id(&token).send().await.unwrap();
    assert_eq!(value(&client, "AWSPENDING").await, None);

    let by_id = client.get_secret_value().secret_id("db").version_id(&current).send().await.unwrap();
    assert_eq!(by_id.secret_string.as_deref(), Some("one"));
    secrets.set("db", "two").unwrap();
    let described = client.describe_secret().secret_id("db").send().await.unwrap();
    assert_eq!(described.version_ids_to_stages.unwrap().len(), 2);
}
