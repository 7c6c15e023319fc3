//! Notifies users about what they subscribed to: evaluates publications and sends mails and webhooks.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::notify().await
}
