//! Compares retail offers with the price to compare: what was published since, and what a schedule finds undone.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::headroom().await
}
