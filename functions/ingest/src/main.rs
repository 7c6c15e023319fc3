//! Ingests the sheets that S3 events announce.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::ingest().await
}
