//! The sample sheets that the project ships: generated, real in shape, one per layout and more.

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
    // What a quote in Texas needs beside energy.
    "Shaping_ERCOT_20240104_080000.csv",
    "LoadProfile_ERCOT_20240104_080000.csv",
    "VLR_ERCOT_20240104_080000.csv",
    "LineLoss_ERCOT_20240104_080000.csv",
    "NonEnergy_ERCOT_20240104_111500.csv",
    "REC_ERCOT_20240104_142300.csv",
];

/// A sheet that is not loaded: the one to try an upload with.
pub const TO_TRY: &str = "Energy_ERCOT_20240108_103000.csv";

/// Puts the samples that are not there yet into the bucket, from where they are read like any other sheet.
///
/// # Errors
/// A fault if the store does not take them.
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
