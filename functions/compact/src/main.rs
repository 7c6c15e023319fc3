//! Keeps the database small: packs, archives and drops data that is not needed, every night and on request.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::compact().await
}
