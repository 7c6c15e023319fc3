//! Maintenance commands for admins: status, re-ingest, export, import, seed and purge.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::maintain().await
}
