//! Prices what is too much for a request: the jobs of the pricing desk, as they come and on a schedule.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::quotes().await
}
