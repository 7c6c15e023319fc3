//! E-mail through SES. Guarantees: it uses one operation of the API, signed as the SDKs sign; each mail carries the id of its
//! notice in a header, so that a repeated mail can be recognised.
//!
//! The SES SDK would add minutes to a build, and much to every binary, for this one request. On one machine, a server that speaks
//! the same protocol writes the mails to a folder.

use crate::env;
use crate::fault::{During, Fault};
use crate::http_client::{Egress, HttpClient};
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::http::Request;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// SES, or any service that speaks its protocol at `AWS_ENDPOINT_URL_SESV2`.
#[derive(Clone, Debug)]
pub struct Mails {
    config: SdkConfig,
    http: HttpClient,
}

/// A mail.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// Id of the notice, sent in the header `X-Trueprice-Id`.
    pub id: &'a str,
    /// Sender address.
    pub from: &'a str,
    /// Recipient address.
    pub to: &'a str,
    /// Subject line.
    pub subject: &'a str,
    /// Body as plain text.
    pub text: &'a str,
    /// Body as HTML.
    pub html: &'a str,
    /// URL for one-click unsubscribing (RFC 8058), if there is one.
    pub unsubscribe: Option<&'a str>,
}

impl Mail<'_> {
    fn body(&self) -> Value {
        let utf8 = |text: &str| json!({ "Data": text, "Charset": "UTF-8" });
        let mut headers = vec![json!({ "Name": "X-Trueprice-Id", "Value": self.id })];
        if let Some(link) = self.unsubscribe {
            headers.push(json!({ "Name": "List-Unsubscribe", "Value": format!("<{link}>") }));
            headers.push(json!({ "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" }));
        }
        json!({
            "FromEmailAddress": self.from,
            "Destination": { "ToAddresses": [self.to] },
            "Content": { "Simple": {
                "Subject": utf8(self.subject),
                "Body": { "Text": utf8(self.text), "Html": utf8(self.html) },
                "Headers": headers,
            } },
        })
    }
}

impl Mails {
    /// A client for the service that the AWS configuration names.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone(), http: HttpClient::new(Egress::Anywhere) }
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// A fault if SES does not accept the mail. If no response arrived, it may have been accepted.
    pub async fn send(&self, mail: &Mail<'_>, now: DateTime<Utc>) -> Result<(), Fault> {
        let region = self.config.region().map_or("us-east-1", |region| region.as_ref());
        let endpoint = env::optional("AWS_ENDPOINT_URL_SESV2")
            .or_else(|| self.config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| format!("https://email.{region}.amazonaws.com"));
        let uri = format!("{}/v2/email/outbound-emails", endpoint.trim_end_matches('/'));
        let body = mail.body().to_string().into_bytes();
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| Fault::new("no AWS credentials to send mails with"))?;
        let identity = provider.provide_credentials().await.during("getting AWS credentials")?.into();
        let doing = "signing a request to SES";
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("ses")
            .time(now.into())
            .settings(SigningSettings::default())
            .build()
            .during(doing)?
            .into();
        let json = ("content-type", "application/json");
        let signable = SignableRequest::new("POST", &uri, [json].into_iter(), SignableBody::Bytes(&body));
        let (instructions, _) = sign(signable.during(doing)?, &parameters).during(doing)?.into_parts();
        let mut request = Request::post(&uri).header(json.0, json.1).body(body).during(doing)?;
        instructions.apply_to_request_http1x(&mut request);
        let answer = self.http.send(request).await.during("sending a mail with SES")?;
        if answer.is_success() {
            return Ok(());
        }
        // SES's error message is about the address and the account and contains no secret.
        let said: String = answer.body.chars().filter(|c| !c.is_control()).take(200).collect();
        Err(Fault::new(format!("SES returned status {}: {said}", answer.status)))
    }
}
