//! Accounts and grants for admins, and rotation of the signing keys.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), trueprice::boot::Error> {
    trueprice::boot::users().await
}
