//! Answers HTTP requests from API Gateway.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::api().await
}
