//! Queries about sites.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    form::BasicsForm,
    theme::Theme,
    types::{LastSeen, NewSite, Origin, PageSettings, RefusedOrigin, Site, SiteKind},
};
use crate::{
    db::entity::{OfSite, batch, refused_origin, site, visit},
    secret,
    types::{Millis, SiteId, SiteKey, VisitId},
};

fn from_row(row: site::Model) -> Result<Site, DbErr> {
    let kind = SiteKind::parse(&row.kind)
        .ok_or_else(|| DbErr::Type(format!("sites.kind {:?}", row.kind)))?;
    let origins =
        serde_json::from_str(&row.origins).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(Site {
        id: row.id,
        key: row.key,
        name: row.name,
        time_zone: row.time_zone,
        currency: row.currency,
        kind,
        origins,
        allow_localhost: row.allow_localhost,
        questions_per_visit: u8::try_from(row.questions_per_visit).unwrap_or(1),
        cool_down_days: row.cool_down_days,
        config_version: row.config_version,
        signing_key: row.signing_key,
        page: PageSettings {
            honours_dnt: row.honours_dnt,
            follows_banner: row.follows_banner,
            tells_data_layer: row.tells_data_layer,
            offers_never: row.offers_never,
        },
        theme: theme_of(&row.theme)?,
        keep_days: row.keep_days,
        measures_fields: row.measures_fields,
        api_secret_at: row.api_secret_at,
        created_at: row.created_at,
    })
}

/// Nothing is the usual look.
fn theme_of(json: &str) -> Result<Theme, DbErr> {
    if json.is_empty() {
        return Ok(Theme::default());
    }
    serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
}

/// All sites, oldest first.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Site>, DbErr> {
    let rows = site::Entity::find()
        .order_by_asc(site::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The site with this public key.
pub async fn find_by_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<Site>, DbErr> {
    // PostgreSQL takes no NUL, and nobody who sends one may see a fault of ours.
    if key.contains('\0') {
        return Ok(None);
    }
    let row = site::Entity::find()
        .filter(site::Column::Key.eq(SiteKey(key.to_owned())))
        .one(db)
        .await?;
    row.map(from_row).transpose()
}

/// The site with this number.
pub async fn find(db: &impl ConnectionTrait, id: SiteId) -> Result<Option<Site>, DbErr> {
    site::Entity::find_by_id(id)
        .one(db)
        .await?
        .map(from_row)
        .transpose()
}

/// Notes a change that widgets must learn of; they fetch the configuration when they see a higher version.
pub async fn touch_config(db: &impl ConnectionTrait, id: SiteId) -> Result<(), DbErr> {
    site::Entity::update_many()
        .col_expr(
            site::Column::ConfigVersion,
            Expr::col(site::Column::ConfigVersion).add(1),
        )
        .filter(site::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

fn json_of(origins: &[String]) -> String {
    serde_json::Value::from(origins).to_string()
}

/// Adds a site with a key and a signing key of its own. Its first funnel is `goal::store::start_funnel`'s.
pub async fn insert_site(
    tx: &impl ConnectionTrait,
    new: NewSite,
    now: Millis,
) -> Result<Site, DbErr> {
    insert_site_as(tx, SiteKey::random(), new, now).await
}

/// The ms since 2026 began, or one more than the last: a number is never given twice, also after its site was removed.
fn next_id(last: Option<SiteId>, now: Millis) -> i64 {
    const BEGINNING: Millis = 1_767_225_600_000;
    let elapsed = Ord::max(now - BEGINNING, 1);
    last.map_or(elapsed, |last| Ord::max(elapsed, last.0 + 1))
}

/// As [`insert_site`], under a key that is known beforehand: the demo's stands in its pages.
pub async fn insert_site_as(
    tx: &impl ConnectionTrait,
    key: SiteKey,
    new: NewSite,
    now: Millis,
) -> Result<Site, DbErr> {
    let last = site::Entity::find()
        .order_by_desc(site::Column::Id)
        .one(tx)
        .await?;
    let site = Site {
        id: SiteId(next_id(last.map(|row| row.id), crate::clock::now())),
        key,
        name: new.name,
        time_zone: new.time_zone,
        currency: new.currency,
        kind: new.kind,
        origins: new.origins,
        allow_localhost: new.allow_localhost,
        questions_per_visit: 1,
        cool_down_days: 30,
        config_version: 1,
        signing_key: secret::random_bytes::<32>().to_vec(),
        theme: Theme::default(),
        page: PageSettings {
            // Whoever clicked it there could try the demo no more.
            offers_never: new.kind != SiteKind::Demo,
            ..PageSettings::default()
        },
        keep_days: None,
        measures_fields: false,
        api_secret_at: None,
        created_at: now,
    };
    let row = site::ActiveModel {
        id: Set(site.id),
        key: Set(site.key.clone()),
        name: Set(site.name.clone()),
        time_zone: Set(site.time_zone.clone()),
        currency: Set(site.currency.clone()),
        kind: Set(site.kind.as_str().to_owned()),
        origins: Set(json_of(&site.origins)),
        allow_localhost: Set(site.allow_localhost),
        questions_per_visit: Set(site.questions_per_visit.into()),
        cool_down_days: Set(site.cool_down_days),
        config_version: Set(site.config_version),
        signing_key: Set(site.signing_key.clone()),
        created_at: Set(now),
        honours_dnt: Set(site.page.honours_dnt),
        follows_banner: Set(site.page.follows_banner),
        tells_data_layer: Set(site.page.tells_data_layer),
        theme: Set(String::new()),
        offers_never: Set(site.page.offers_never),
        api_secret_hash: Set(None),
        api_secret_at: Set(None),
        keep_days: Set(None),
        measures_fields: Set(site.measures_fields),
    };
    site::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(site)
}

/// Its currency, which nobody else changes until the transaction ends.
pub async fn lock_currency(tx: &impl ConnectionTrait, id: SiteId) -> Result<String, DbErr> {
    let row = site::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("site".into()))?;
    Ok(row.currency)
}

/// Changes name, time zone and currency.
pub async fn save_basics(
    tx: &impl ConnectionTrait,
    id: SiteId,
    basics: BasicsForm,
) -> Result<(), DbErr> {
    site::Entity::update_many()
        .col_expr(site::Column::Name, Expr::value(basics.name))
        .col_expr(site::Column::TimeZone, Expr::value(basics.time_zone))
        .col_expr(site::Column::Currency, Expr::value(basics.currency))
        .filter(site::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Changes what the owner decides about its pages.
pub async fn save_page(
    tx: &impl ConnectionTrait,
    id: SiteId,
    page: PageSettings,
) -> Result<(), DbErr> {
    use site::Column;
    site::Entity::update_many()
        .col_expr(Column::HonoursDnt, Expr::value(page.honours_dnt))
        .col_expr(Column::FollowsBanner, Expr::value(page.follows_banner))
        .col_expr(Column::TellsDataLayer, Expr::value(page.tells_data_layer))
        .col_expr(Column::OffersNever, Expr::value(page.offers_never))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Changes for how many days events are kept; `None` for as long as the site is there.
pub async fn save_keep(
    tx: &impl ConnectionTrait,
    id: SiteId,
    keep_days: Option<i32>,
) -> Result<(), DbErr> {
    site::Entity::update_many()
        .col_expr(site::Column::KeepDays, Expr::value(keep_days))
        .filter(site::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Changes whether it is measured what visitors do with each field of a form.
pub async fn save_fields(
    tx: &impl ConnectionTrait,
    id: SiteId,
    measures_fields: bool,
) -> Result<(), DbErr> {
    site::Entity::update_many()
        .col_expr(site::Column::MeasuresFields, Expr::value(measures_fields))
        .filter(site::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Changes how the cards look.
pub async fn save_theme(tx: &impl ConnectionTrait, id: SiteId, theme: &Theme) -> Result<(), DbErr> {
    let json = serde_json::to_string(theme).expect("a look is plain data");
    site::Entity::update_many()
        .col_expr(site::Column::Theme, Expr::value(json))
        .filter(site::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Puts a new API secret in the place of the old one, which stops working. Only its hash is stored.
pub async fn replace_secret(
    tx: &impl ConnectionTrait,
    id: SiteId,
    now: Millis,
) -> Result<String, DbErr> {
    use site::Column;
    let text = format!("eps_{}", secret::random_text());
    site::Entity::update_many()
        .col_expr(Column::ApiSecretHash, Expr::value(secret::sha256(&text)))
        .col_expr(Column::ApiSecretAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(text)
}

/// The site whose API secret this is.
pub async fn find_by_secret(db: &impl ConnectionTrait, text: &str) -> Result<Option<Site>, DbErr> {
    let row = site::Entity::find()
        .filter(site::Column::ApiSecretHash.eq(secret::sha256(text)))
        .one(db)
        .await?;
    row.map(from_row).transpose()
}

/// Changes how many questions a visit gets, and how long those are left alone who closed one.
pub async fn save_asking(
    tx: &impl ConnectionTrait,
    id: SiteId,
    questions_per_visit: u8,
    cool_down_days: i32,
) -> Result<(), DbErr> {
    site::Entity::update_many()
        .col_expr(
            site::Column::QuestionsPerVisit,
            Expr::value(i32::from(questions_per_visit)),
        )
        .col_expr(site::Column::CoolDownDays, Expr::value(cool_down_days))
        .filter(site::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Changes from where events are taken, and forgets refusals that no longer hold.
pub async fn save_origins(
    tx: &impl ConnectionTrait,
    site: &Site,
    origins: &[String],
    allow_localhost: bool,
) -> Result<(), DbErr> {
    site::Entity::update_many()
        .col_expr(site::Column::Origins, Expr::value(json_of(origins)))
        .col_expr(site::Column::AllowLocalhost, Expr::value(allow_localhost))
        .filter(site::Column::Id.eq(site.id))
        .exec(tx)
        .await?;
    let changed = Site {
        origins: origins.to_vec(),
        allow_localhost,
        ..site.clone()
    };
    for refused in list_refused(tx, site.id).await? {
        if changed.allows_text(&refused.origin) {
            forget_refused(tx, site.id, &refused.origin).await?;
        }
    }
    Ok(())
}

/// Origins whose events were refused, the newest first.
pub async fn list_refused(
    db: &impl ConnectionTrait,
    id: SiteId,
) -> Result<Vec<RefusedOrigin>, DbErr> {
    let rows = refused_origin::Entity::of_site(id)
        .order_by_desc(refused_origin::Column::LastAt)
        .limit(20)
        .all(db)
        .await?;
    let refused = |row: refused_origin::Model| RefusedOrigin {
        origin: row.origin,
        first_at: row.first_at,
        last_at: row.last_at,
        n: row.n,
    };
    Ok(rows.into_iter().map(refused).collect())
}

/// Whether events from there were refused.
pub async fn is_refused(
    db: &impl ConnectionTrait,
    id: SiteId,
    origin: &str,
) -> Result<bool, DbErr> {
    let row = refused_origin::Entity::of_site(id)
        .filter(refused_origin::Column::Origin.eq(origin))
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Takes an origin off the list of refused ones; it comes back when it is refused again.
pub async fn forget_refused(
    tx: &impl ConnectionTrait,
    id: SiteId,
    origin: &str,
) -> Result<(), DbErr> {
    refused_origin::Entity::delete_many()
        .filter(refused_origin::Column::SiteId.eq(id))
        .filter(refused_origin::Column::Origin.eq(origin))
        .exec(tx)
        .await?;
    Ok(())
}

/// Origins that the newest pages of the site's visitors were reached from, newest first; others' among them.
pub async fn newest_referrers(db: &impl ConnectionTrait, id: SiteId) -> Result<Vec<Origin>, DbErr> {
    let bodies: Vec<String> = batch::Entity::of_site(id)
        .filter(batch::Column::FirstSeq.eq(0))
        .select_only()
        .column(batch::Column::Body)
        .order_by_desc(batch::Column::ViewId)
        .limit(50)
        .into_tuple()
        .all(db)
        .await?;
    let referrer = |body: &String| {
        let events: Vec<serde_json::Value> = serde_json::from_str(body).ok()?;
        let first = events.iter().find_map(|event| event.get(2)?.get("r"))?;
        Origin::parse(first.as_str()?)
    };
    Ok(bodies.iter().filter_map(referrer).collect())
}

/// Whether visits of the site came from a file.
pub async fn has_imported(db: &impl ConnectionTrait, id: SiteId) -> Result<bool, DbErr> {
    let first = visit::Entity::of_site(id)
        .select_only()
        .column(visit::Column::Id)
        .filter(visit::Column::IsImported.eq(true))
        .limit(1)
        .into_tuple::<VisitId>()
        .one(db)
        .await?;
    Ok(first.is_some())
}

/// The newest event of the site's newest visits; `None` before the first. What came from a file says nothing of the script.
pub async fn last_seen(db: &impl ConnectionTrait, id: SiteId) -> Result<Option<LastSeen>, DbErr> {
    // Visits lie in the order of their start; one that started earlier but is still going on is among the last ones.
    let newest = visit::Entity::of_site(id)
        .select_only()
        .columns([visit::Column::LastAt, visit::Column::LastPath])
        .filter(visit::Column::IsImported.eq(false))
        .order_by_desc(visit::Column::Id)
        .limit(50)
        .into_tuple::<(Millis, String)>()
        .all(db)
        .await?;
    Ok(newest
        .into_iter()
        .max_by_key(|(at, _)| *at)
        .map(|(at, path)| LastSeen { at, path }))
}
