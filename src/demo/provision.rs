//! Makes sure that the demo site is there. What its owner has changed since stays changed.

use super::{
    KEY,
    furnish::{Furnishing, furnish},
};
use crate::{
    db::Db,
    error::{AppError, AppResult},
    prompt::types::Place,
    site::{
        self,
        types::{NewSite, SiteKind},
    },
    types::{Millis, SiteKey},
};

/// Adds the demo site unless it exists.
pub async fn ensure(db: &Db, now: Millis) -> AppResult<()> {
    if site::store::find_by_key(&db.read, KEY).await?.is_some() {
        return Ok(());
    }
    match create(db, now).await {
        // Another node was faster.
        Err(AppError::Conflict(_)) => Ok(()),
        outcome => outcome,
    }
}

async fn create(db: &Db, now: Millis) -> AppResult<()> {
    let new = NewSite {
        name: "Northwind Desk (demo)".into(),
        time_zone: "UTC".into(),
        currency: "EUR".into(),
        kind: SiteKind::Demo,
        origins: vec![],
        allow_localhost: true,
    };
    let with = Furnishing {
        pricing_path: "/demo/pricing",
        // Sign-up can be opened without pricing: a step that only pricing reaches would lose those visits.
        first_step: ("Opened pricing or sign-up", "/demo/*"),
        // Whoever tries the demo is always asked.
        held_out_percent: 0,
        // The live strip stands at the right.
        place: Place::BottomLeft,
    };
    let tx = db.begin().await?;
    let site = site::store::insert_site_as(&tx, SiteKey(KEY.into()), new, now).await?;
    furnish(&tx, site.id, with, now).await?;
    tx.commit().await?;
    Ok(())
}
