//! Prices jobs that are too large for a request, as they arrive and on a schedule.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::quotes().await
}
