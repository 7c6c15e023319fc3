//! The sample sheets shipped with the project: generated, realistic, at least one per layout.

use crate::options::BUCKET;
use std::collections::HashMap;
use trueprice::ctx::Ctx;
use trueprice::fault::Fault;
use trueprice::objects::Fetched;

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        /// Name and bytes of each sample.
        pub const SAMPLES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../../shared/samples/", $name)))),*];
    };
}

samples![
    "Energy_ERCOT_20240105_103000.csv",
    "Energy_ERCOT_20240105_170200_cob.csv",
    "Energy_PJM_20240105_170200_cob.csv",
    "NonEnergy_MISO_20240131_093600.csv",
    "REC_NYISO_20240131_083900.csv",
    "PTC_ISONE_20240115_120300.csv",
    "Matrix_ERCOT_20240102_110000.csv",
    "LoadProfile_PJM_20240102_080000.csv",
    "Shaping_ERCOT_20240102_080000.csv",
    "VLR_NYISO_20240102_080000.csv",
    "LineLoss_PJM_20240102_080000.csv",
    "PTC_PJM_20240104_120000.csv",
    "Matrix_PJM_20240105_110000.csv",
    // Needed for a quote in Texas, besides energy.
    "Shaping_ERCOT_20240104_080000.csv",
    "LoadProfile_ERCOT_20240104_080000.csv",
    "VLR_ERCOT_20240104_080000.csv",
    "LineLoss_ERCOT_20240104_080000.csv",
    "NonEnergy_ERCOT_20240104_111500.csv",
    "REC_ERCOT_20240104_142300.csv",
];

/// A sheet that is not loaded, for trying out an upload.
pub const TO_TRY: &str = "Energy_ERCOT_20240108_103000.csv";

/// Puts missing samples into the bucket, where they are ingested like any other sheet. Returns how many were put.
///
/// # Errors
/// A fault if the store rejects them.
pub async fn load(ctx: &Ctx) -> Result<usize, Fault> {
    let mut put = 0;
    for (name, bytes) in SAMPLES {
        if matches!(ctx.objects().get(BUCKET, name, None, 0).await?, Fetched::Gone) {
            ctx.objects().put(BUCKET, name, bytes.to_vec(), "text/csv", HashMap::new()).await?;
            put += 1;
        }
    }
    Ok(put)
}
