//! Who is who without anything on the device: a keyed hash under a salt that lives two days.

use std::sync::{Arc, Mutex};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use super::visit::VisitorHash;
use crate::{
    clock::DAY,
    db::{Db, entity::salt},
    secret,
    types::{Millis, SiteId},
};

/// What tells visitors apart; never stored.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// The client's address.
    pub address: std::net::IpAddr,
    /// Its full user agent.
    pub user_agent: &'a str,
    /// Its language.
    pub language: &'a str,
}

/// Who a visitor is who agreed to be known again: a hash of the browser's own id under the site's key, for as long as both last.
pub fn known(signing_key: &[u8], id: &str) -> VisitorHash {
    secret::keyed_hash(signing_key, &[b"visitor", id.as_bytes()])
}

/// The salts of today and yesterday, shared by all nodes through the database.
#[derive(Clone, Debug)]
pub struct Salts {
    db: Db,
    held: Arc<Mutex<Option<Held>>>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    day: i32,
    today: [u8; 32],
    yesterday: Option<[u8; 32]>,
}

impl Salts {
    /// Salts are read from `db` when first needed, and made there each day.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            held: Arc::default(),
        }
    }

    /// The visitor's hash under today's salt and, for visits still open, under yesterday's.
    pub async fn hashes(
        &self,
        site: SiteId,
        traits: Traits<'_>,
        now: Millis,
    ) -> Result<Vec<VisitorHash>, DbErr> {
        let held = self.of_day(day_number(now), now).await?;
        let address = traits.address.to_canonical().to_string();
        let site = site.0.to_le_bytes();
        let parts: [&[u8]; 4] = [
            &site,
            address.as_bytes(),
            traits.user_agent.as_bytes(),
            traits.language.as_bytes(),
        ];
        let salts = std::iter::once(held.today).chain(held.yesterday);
        Ok(salts
            .map(|salt| secret::keyed_hash(&salt, &parts))
            .collect())
    }

    /// Forgets salts whose time is over, also while nobody comes; to be called now and then.
    pub async fn tidy(&self, now: Millis) -> Result<(), DbErr> {
        self.of_day(day_number(now), now).await.map(drop)
    }

    async fn of_day(&self, day: i32, now: Millis) -> Result<Held, DbErr> {
        let held = *self.held.lock().expect("no holder panics");
        if let Some(held) = held.filter(|held| held.day == day) {
            return Ok(held);
        }
        let held = self.load(day, now).await?;
        *self.held.lock().expect("no holder panics") = Some(held);
        Ok(held)
    }

    /// Makes today's salt unless another node has, and forgets the ones older than 48 h.
    async fn load(&self, day: i32, now: Millis) -> Result<Held, DbErr> {
        let tx = self.db.begin().await?;
        let fresh = salt::ActiveModel {
            day: Set(day),
            salt: Set(secret::random_bytes::<32>().to_vec()),
            created_at: Set(now),
        };
        salt::Entity::insert(fresh)
            .on_conflict(
                OnConflict::column(salt::Column::Day)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&tx)
            .await?;
        salt::Entity::delete_many()
            .filter(salt::Column::Day.lt(day - 1))
            .exec(&tx)
            .await?;
        let rows = salt::Entity::find()
            .filter(salt::Column::Day.gte(day - 1))
            .all(&tx)
            .await?;
        tx.commit().await?;
        let of = |day: i32| {
            rows.iter()
                .find(|row| row.day == day)
                .and_then(|row| row.salt.as_slice().try_into().ok())
        };
        let today = of(day).ok_or_else(|| DbErr::RecordNotFound("the salt of today".into()))?;
        Ok(Held {
            day,
            today,
            yesterday: of(day - 1),
        })
    }
}

/// Days since the epoch, UTC.
fn day_number(now: Millis) -> i32 {
    i32::try_from(now.div_euclid(DAY)).unwrap_or(i32::MAX)
}
