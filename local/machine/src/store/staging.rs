//! Incoming bytes: written to a temporary file, counted, hashed and checked before they become an object.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Result, TrailingHeaders, s3_error};
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::errors::fault;
use super::record::Sums;

/// A temporary file that is removed unless it is moved to its destination.
#[derive(Debug)]
pub(super) struct Staged {
    path: Option<PathBuf>,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    pub(super) sums: Sums,
}

/// The sender's claims about the bytes.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) size: Option<i64>,
    /// In Base64.
    pub(super) md5: Option<String>,
    pub(super) sums: Sums,
    /// The name of a checksum that the sender requests, or sends only after the bytes.
    pub(super) algorithm: Option<String>,
}

impl Staged {
    /// Reads `body` completely into a new file in `folder`, and rejects it if it does not match the claims. The bytes are not yet
    /// durable: see [`settle`](Self::settle).
    pub(super) async fn receive(
        folder: &Path,
        body: Option<StreamingBlob>,
        claims: Claims,
        trailers: Option<&TrailingHeaders>,
    ) -> S3Result<Self> {
        let path = folder.join(crate::random::token());
        let file = tokio::fs::File::create(&path).await.map_err(fault)?;
        let mut staged = Self { path: Some(path), size: 0, md5: [0; 16], sums: Sums::default() };
        let mut writer = BufWriter::with_capacity(1 << 17, file);
        let (mut md5, mut sums) = (Md5::new(), claims.hasher()?);
        let mut body = body.unwrap_or_else(|| s3s::Body::empty().into());
        while let Some(chunk) = body.next().await {
            // The sender disconnected, or the signature does not match the bytes.
            let chunk =
                chunk.map_err(|error| s3s::S3Error::with_source(s3s::S3ErrorCode::IncompleteBody, error))?;
            md5.update(&chunk);
            sums.update(&chunk);
            staged.size += chunk.len() as u64;
            writer.write_all(&chunk).await.map_err(fault)?;
        }
        writer.flush().await.map_err(fault)?;
        staged.md5 = md5.finalize();
        staged.sums = sums.finalize().into();
        claims.check(&staged, trailers)?;
        Ok(staged)
    }

    /// Waits until the bytes are durable. Parts of an upload need not be, because the upload does not survive a crash; only the
    /// object made from them is.
    pub(super) async fn settle(&self) -> io::Result<()> {
        tokio::fs::File::open(self.path()).await?.sync_data().await
    }

    /// Concatenates the bytes of `parts`. Blocks on disk access.
    pub(super) fn join(folder: &Path, parts: &[PathBuf]) -> io::Result<Self> {
        let path = folder.join(crate::random::token());
        let mut staged = Self { path: Some(path.clone()), size: 0, md5: [0; 16], sums: Sums::default() };
        let mut whole = File::create(&path)?;
        for part in parts {
            staged.size += io::copy(&mut File::open(part)?, &mut whole)?;
        }
        whole.sync_data()?;
        Ok(staged)
    }

    pub(super) fn move_to(mut self, target: &Path) -> io::Result<()> {
        fs::rename(self.path(), target)?;
        self.path = None;
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().expect("it is taken only by move_to, which takes the whole")
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // A file that stays behind is removed at the next start.
            let _ = fs::remove_file(path);
        }
    }
}

impl Claims {
    fn hasher(&self) -> S3Result<ChecksumHasher> {
        let mut hasher = ChecksumHasher::default();
        let asked = self.algorithm.as_deref().unwrap_or_default();
        if !["", "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"].contains(&asked) {
            return Err(s3_error!(InvalidRequest, "this checksum algorithm is not known"));
        }
        if self.sums.crc32.is_some() || asked == "CRC32" {
            hasher.crc32 = Some(s3s::crypto::Crc32::new());
        }
        if self.sums.crc32c.is_some() || asked == "CRC32C" {
            hasher.crc32c = Some(s3s::crypto::Crc32c::new());
        }
        if self.sums.crc64nvme.is_some() || asked == "CRC64NVME" {
            hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new());
        }
        if self.sums.sha1.is_some() || asked == "SHA1" {
            hasher.sha1 = Some(s3s::crypto::Sha1::new());
        }
        if self.sums.sha256.is_some() || asked == "SHA256" {
            hasher.sha256 = Some(s3s::crypto::Sha256::new());
        }
        Ok(hasher)
    }

    fn check(mut self, staged: &Staged, trailers: Option<&TrailingHeaders>) -> S3Result<()> {
        if self.size.is_some_and(|size| u64::try_from(size).ok() != Some(staged.size)) {
            return Err(s3_error!(IncompleteBody));
        }
        if self.md5.is_some_and(|md5| md5 != base64(&staged.md5)) {
            return Err(s3_error!(BadDigest, "the Content-MD5 is not that of the bytes"));
        }
        if let Some(trailers) = trailers.and_then(TrailingHeaders::take) {
            let given =
                |name: &str| trailers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let sums = &mut self.sums;
            sums.crc32 = sums.crc32.take().or_else(|| given("x-amz-checksum-crc32"));
            sums.crc32c = sums.crc32c.take().or_else(|| given("x-amz-checksum-crc32c"));
            sums.crc64nvme = sums.crc64nvme.take().or_else(|| given("x-amz-checksum-crc64nvme"));
            sums.sha1 = sums.sha1.take().or_else(|| given("x-amz-checksum-sha1"));
            sums.sha256 = sums.sha256.take().or_else(|| given("x-amz-checksum-sha256"));
        }
        let (claimed, found) = (&self.sums, &staged.sums);
        let pairs = [
            (&claimed.crc32, &found.crc32),
            (&claimed.crc32c, &found.crc32c),
            (&claimed.crc64nvme, &found.crc64nvme),
            (&claimed.sha1, &found.sha1),
            (&claimed.sha256, &found.sha256),
        ];
        if pairs.iter().all(|(claimed, found)| claimed.is_none() || claimed == found) {
            return Ok(());
        }
        Err(s3_error!(BadDigest, "the checksum is not that of the bytes"))
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
