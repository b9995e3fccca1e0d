//! The end of every change that widgets must learn of.

use sea_orm::DatabaseTransaction;

use crate::{error::AppResult, site, state::AppState, types::SiteId};

/// Commits, with a new version of the configuration in the same transaction.
pub(in crate::web) async fn commit_change(
    state: &AppState,
    tx: DatabaseTransaction,
    site_id: SiteId,
) -> AppResult<()> {
    site::store::touch_config(&tx, site_id).await?;
    tx.commit().await?;
    state.snapshots.forget(site_id);
    Ok(())
}
