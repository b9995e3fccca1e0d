//! One-time links that are printed: for the first sign-in, and for a forgotten password.

use anyhow::{Context, bail};

use super::{
    store,
    types::{LINK_LIFE, LinkPurpose, normal_email},
};
use crate::{clock, config::Config, db, db::Db};

/// How long a link works, in minutes.
pub const LIFE_MINUTES: i64 = LINK_LIFE / clock::MINUTE;

/// The link for the first sign-in, as long as no member exists.
pub async fn first_link(db: &Db, base: &str) -> anyhow::Result<Option<String>> {
    if store::has_members(&db.read).await? {
        return Ok(None);
    }
    let tx = db.begin().await?;
    let token = store::insert_link(&tx, LinkPurpose::Setup, None, clock::now() + LINK_LIFE).await?;
    tx.commit().await?;
    Ok(Some(format!("{base}/setup?link={token}")))
}

/// `exitpoll setup-link`; works beside a running server.
pub async fn setup_link(config: &Config) -> anyhow::Result<String> {
    let db = db::open_beside(&config.database_url).await?;
    let link = first_link(&db, &config.link_base()).await?;
    link.context("someone can sign in already; use `exitpoll reset-password <email>` for a forgotten password")
}

/// `exitpoll reset-password <email>`; works beside a running server.
pub async fn reset_link(config: &Config, email: &str) -> anyhow::Result<String> {
    let db = db::open_beside(&config.database_url).await?;
    let member = match normal_email(email) {
        Some(email) => store::find_by_email(&db.read, &email).await?,
        None => bail!("{email:?} is not an e-mail address"),
    };
    let member = member
        .with_context(|| format!("nobody signs in as {email:?}"))?
        .member;
    let tx = db.begin().await?;
    let token = store::insert_link(
        &tx,
        LinkPurpose::Reset,
        Some(member.id),
        clock::now() + LINK_LIFE,
    )
    .await?;
    tx.commit().await?;
    Ok(format!("{}/reset?link={token}", config.link_base()))
}
