//! Compares retail offers with the price to compare, after each publication and on a schedule.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::headroom().await
}
