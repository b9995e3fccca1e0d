//! The site that made-up visits go to: of its own, and labelled.

use sea_orm::ConnectionTrait;

use super::{run::Means, store, view::ORIGIN, visitor::Span};
use crate::{
    clock,
    db::Db,
    demo::furnish::{Furnishing, furnish},
    error::{AppError, AppResult},
    prompt::types::Place,
    site::{
        self,
        types::{NewSite, Site, SiteKind},
    },
    types::Millis,
};

/// Name of the first sample; later ones have a number behind it.
const NAME: &str = "Northwind Desk (sample)";

/// Adds a sample site that has counted since the first of so many days.
pub async fn create(db: &Db, days: u32, now: Millis) -> AppResult<Site> {
    let since = Span::new(days, now).from;
    let with = Furnishing {
        pricing_path: "/pricing",
        first_step: ("Viewed pricing", "/pricing"),
        held_out_percent: 10,
        place: Place::BottomRight,
    };
    let tx = db.begin().await?;
    let samples = site::store::list(&tx).await?;
    let number = samples
        .iter()
        .filter(|site| site.name.starts_with(NAME))
        .count();
    let name = match number {
        0 => NAME.into(),
        others => format!("{NAME} {}", others + 1),
    };
    let site = insert(&tx, name, since).await?;
    furnish(&tx, site.id, with, since).await?;
    tx.commit().await?;
    Ok(site)
}

/// Adds an empty sample site.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    name: String,
    since: Millis,
) -> AppResult<Site> {
    let new = NewSite {
        name,
        time_zone: "UTC".into(),
        currency: "EUR".into(),
        kind: SiteKind::Sample,
        origins: vec![ORIGIN.into()],
        allow_localhost: false,
    };
    Ok(site::store::insert_site(tx, new, since).await?)
}

/// The sample site with this key, if it has counted for that long.
pub async fn find(db: &Db, key: &str, days: u32, now: Millis) -> AppResult<Site> {
    let site = site::store::find_by_key(&db.read, key)
        .await?
        .ok_or(AppError::NotFound("site with this key"))?;
    if site.kind != SiteKind::Sample {
        return Err(AppError::Conflict(format!(
            "{key} is not a sample site, and made-up visits would spoil its figures; leave --site out to make a sample site"
        )));
    }
    if site.created_at > Span::new(days, now).from {
        let most = (now - site.created_at) / clock::DAY;
        return Err(AppError::Conflict(format!(
            "{key} counts since {most} days ago; use --days {most} or less, or leave --site out to make a new sample site"
        )));
    }
    Ok(site)
}

/// Other sites are never removed this way.
pub fn check_removable(site: &Site) -> AppResult<()> {
    if site.kind != SiteKind::Sample {
        return Err(AppError::Conflict(
            "only a sample site can be removed; this one holds what real visitors did".into(),
        ));
    }
    Ok(())
}

/// How many visits and answers it has.
pub async fn count(db: &Db, site: &Site) -> AppResult<(u64, u64)> {
    Ok(store::count(&db.read, site.id).await?)
}

/// Removes a sample site with everything in it.
pub async fn remove(means: &Means, site: &Site) -> AppResult<()> {
    check_removable(site)?;
    store::remove_contents(&means.db, site.id).await?;
    // The number of the site may be given again: nothing may remember it.
    means.writer.forget().await?;
    store::remove_site(&means.db, site.id).await?;
    means.snapshots.forget(site.id);
    Ok(())
}
