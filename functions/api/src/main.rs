//! Answers HTTP requests that API Gateway passes on.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::api().await
}
