//! What an admin does by hand: status, reading again, export, import, seeding, purging.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::maintain().await
}
