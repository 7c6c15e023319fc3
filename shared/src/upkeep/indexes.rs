//! Indexes that have become half empty are built anew. Values arrive in the order of their curves and not of the index,
//! so that its pages split and stay as they are: after two years the one that finds equal values was a third larger than
//! need be (measured 2026-11-21: 2.6 MB for 44,787 vectors, 1.8 MB anew). Promises: nobody waits for the table to become
//! free; who comes meanwhile waits for as long as it takes, a second for ten million values; a table that would take
//! longer is left to `reindex concurrently`, by hand.

use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};

/// The tables whose indexes are looked after.
#[derive(Clone, Copy, Debug)]
enum Table {
    Values,
    Manifest,
    Journal,
}

impl Table {
    const ALL: [Self; 3] = [Self::Values, Self::Manifest, Self::Journal];

    const fn name(self) -> &'static str {
        match self {
            Self::Values => "curve_values",
            Self::Manifest => "snapshot_curve",
            Self::Journal => "upload",
        }
    }

    /// Takes the table if nobody has it. To wait in line would make everybody behind us wait too.
    async fn lock(self, tx: &mut Tx) -> Result<bool, Fault> {
        let lock = match self {
            Self::Values => sqlx::query!("lock table trueprice.curve_values in access exclusive mode nowait"),
            Self::Manifest => {
                sqlx::query!("lock table trueprice.snapshot_curve in access exclusive mode nowait")
            }
            Self::Journal => sqlx::query!("lock table trueprice.upload in access exclusive mode nowait"),
        };
        match lock.execute(tx).await {
            Err(sqlx::Error::Database(busy)) if busy.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
                Ok(false)
            }
            locked => locked.during("locking a table to rebuild its indexes").map(|_| true),
        }
    }

    async fn reindex(self, tx: &mut Tx) -> Result<(), Fault> {
        let rebuild = match self {
            Self::Values => sqlx::query!("reindex table trueprice.curve_values"),
            Self::Manifest => sqlx::query!("reindex table trueprice.snapshot_curve"),
            Self::Journal => sqlx::query!("reindex table trueprice.upload"),
        };
        rebuild.execute(tx).await.during("rebuilding indexes").map(|_| ())
    }
}

/// `SQLSTATE` of a lock that somebody else holds (PostgreSQL, appendix A).
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Rebuilds the indexes of tables where one of them is much larger than its rows need; of how many tables. A table that
/// is in use is left for the next run. The planner's statistics must be fresh.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn rebuild(ctx: &Ctx) -> Result<u32, Fault> {
    let mut rebuilt = 0;
    for table in Table::ALL {
        let mut tx = ctx.db().begin("rebuild indexes").await?;
        if is_sparse(&mut tx, table).await? && table.lock(&mut tx).await? {
            table.reindex(&mut tx).await?;
            tx.commit().await?;
            rebuilt += 1;
        } else {
            tx.rollback().await?;
        }
    }
    Ok(rebuilt)
}

/// Whether an index of a table takes a quarter more than its entries in pages that are nine tenths full, as a new one
/// has them: eight bytes of head and four of pointer to each, and its columns in steps of eight. Small ones do not matter.
async fn is_sparse(tx: &mut Tx, table: Table) -> Result<bool, Fault> {
    let sparse = sqlx::query_scalar!(
        r#"select exists (
            select
            from pg_index i
            join pg_class c on c.oid = i.indexrelid
            join pg_attribute a on a.attrelid = i.indexrelid
            join pg_stats s on s.schemaname = 'trueprice' and s.tablename = $1
                and s.attname = (
                    select t.attname from pg_attribute t
                    where t.attrelid = i.indrelid and t.attnum = i.indkey[a.attnum - 1]
                )
            where i.indrelid = ('trueprice.' || $1)::regclass
              and i.indpred is null
              and c.reltuples > 0
              and pg_relation_size(i.indexrelid) > 262144
              and pg_indexes_size(i.indrelid) < 1073741824
            group by i.indexrelid, c.reltuples
            having pg_relation_size(i.indexrelid)
                > 1.25 * c.reltuples * (12 + ceil(sum(s.avg_width) / 8.0) * 8) / 0.9
        ) as "sparse!""#,
        table.name()
    );
    sparse.fetch_one(tx).await.during("looking at indexes")
}
