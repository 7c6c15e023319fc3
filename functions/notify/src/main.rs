//! Tells users what they asked to be told: looks at what was published, and sends mails and webhooks.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::notify().await
}
