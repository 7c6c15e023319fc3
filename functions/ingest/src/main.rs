//! Reads the sheets that S3 events tell of.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::ingest().await
}
