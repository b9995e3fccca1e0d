//! Queries about members, sessions and one-time links.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, sea_query::Expr,
};

use super::types::{LinkPurpose, Member, Role, SESSION_IDLE, SESSION_LIFE};
use crate::{
    clock::MINUTE,
    db::entity::{member, one_time_link, session},
    error::AppResult,
    secret,
    types::{MemberId, Millis},
};

/// A member and the hash of the password.
pub struct Credentials {
    /// The member.
    pub member: Member,
    /// As made by [`super::password`].
    pub password_hash: String,
}

fn credentials(row: member::Model) -> Credentials {
    // One role exists; a text from a later release must not lock everybody out.
    let role = Role::parse(&row.role).unwrap_or(Role::Owner);
    Credentials {
        member: Member {
            id: row.id,
            email: row.email,
            role,
        },
        password_hash: row.password_hash,
    }
}

/// Whether anyone can sign in yet.
pub async fn has_members(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(member::Entity::find().count(db).await? > 0)
}

/// The member with this address, which must be in lower case.
pub async fn find_by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<Credentials>, DbErr> {
    let row = member::Entity::find()
        .filter(member::Column::Email.eq(email))
        .one(db)
        .await?;
    Ok(row.map(credentials))
}

/// The member with this id.
pub async fn find_member(db: &impl ConnectionTrait, id: MemberId) -> Result<Option<Member>, DbErr> {
    Ok(member::Entity::find_by_id(id)
        .one(db)
        .await?
        .map(|row| credentials(row).member))
}

/// Adds a member.
pub async fn insert_member(
    db: &impl ConnectionTrait,
    email: &str,
    password_hash: String,
    now: Millis,
) -> AppResult<MemberId> {
    let id = MemberId::new(now);
    let row = member::ActiveModel {
        id: Set(id),
        email: Set(email.to_owned()),
        password_hash: Set(password_hash),
        role: Set(Role::Owner.as_str().to_owned()),
        created_at: Set(now),
    };
    member::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(id)
}

/// Replaces the password and ends all sessions of the member.
pub async fn save_password(
    db: &impl ConnectionTrait,
    id: MemberId,
    password_hash: String,
) -> Result<(), DbErr> {
    member::Entity::update_many()
        .col_expr(member::Column::PasswordHash, Expr::value(password_hash))
        .filter(member::Column::Id.eq(id))
        .exec(db)
        .await?;
    session::Entity::delete_many()
        .filter(session::Column::MemberId.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Opens a session and returns its token, of which only the hash is stored.
pub async fn insert_session(
    db: &impl ConnectionTrait,
    member_id: MemberId,
    now: Millis,
) -> Result<String, DbErr> {
    let token = secret::random_text();
    session::Entity::delete_many()
        .filter(session::Column::CreatedAt.lt(now - SESSION_LIFE))
        .exec(db)
        .await?;
    let row = session::ActiveModel {
        token_hash: Set(secret::sha256(&token)),
        member_id: Set(member_id),
        created_at: Set(now),
        seen_at: Set(now),
    };
    session::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(token)
}

/// The member of a living session, and whether its use should be noted.
pub async fn find_session(
    db: &impl ConnectionTrait,
    token: &str,
    now: Millis,
) -> Result<Option<(Member, bool)>, DbErr> {
    let Some(row) = session::Entity::find_by_id(secret::sha256(token))
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    if now - row.seen_at > SESSION_IDLE || now - row.created_at > SESSION_LIFE {
        return Ok(None);
    }
    // Noted every ten minutes at most: a write for every page would queue behind the events.
    let is_stale = now - row.seen_at > 10 * MINUTE;
    Ok(find_member(db, row.member_id)
        .await?
        .map(|member| (member, is_stale)))
}

/// Notes that a session is in use.
pub async fn touch_session(
    db: &impl ConnectionTrait,
    token: &str,
    now: Millis,
) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::SeenAt, Expr::value(now))
        .filter(session::Column::TokenHash.eq(secret::sha256(token)))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session.
pub async fn delete_session(db: &impl ConnectionTrait, token: &str) -> Result<(), DbErr> {
    session::Entity::delete_by_id(secret::sha256(token))
        .exec(db)
        .await?;
    Ok(())
}

/// Makes a one-time link and returns its token. Earlier links of the same purpose and member stop working.
pub async fn insert_link(
    db: &impl ConnectionTrait,
    purpose: LinkPurpose,
    member_id: Option<MemberId>,
    expires_at: Millis,
) -> Result<String, DbErr> {
    let token = secret::random_text();
    let same_member = match member_id {
        Some(id) => one_time_link::Column::MemberId.eq(id),
        None => one_time_link::Column::MemberId.is_null(),
    };
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::Purpose.eq(purpose.as_str()))
        .filter(same_member)
        .exec(db)
        .await?;
    let row = one_time_link::ActiveModel {
        token_hash: Set(secret::sha256(&token)),
        purpose: Set(purpose.as_str().to_owned()),
        member_id: Set(member_id),
        expires_at: Set(expires_at),
    };
    one_time_link::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(token)
}

/// Whom a link is for, if it still works: `None` it does not, `Some(None)` it is for nobody in particular.
pub async fn find_link(
    db: &impl ConnectionTrait,
    purpose: LinkPurpose,
    token: &str,
    now: Millis,
) -> Result<Option<Option<MemberId>>, DbErr> {
    let row = one_time_link::Entity::find_by_id(secret::sha256(token))
        .filter(one_time_link::Column::Purpose.eq(purpose.as_str()))
        .filter(one_time_link::Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    Ok(row.map(|row| row.member_id))
}

/// Uses a link up; false when it was used or had expired meanwhile.
pub async fn consume_link(
    db: &impl ConnectionTrait,
    purpose: LinkPurpose,
    token: &str,
    now: Millis,
) -> Result<bool, DbErr> {
    let outcome = one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::TokenHash.eq(secret::sha256(token)))
        .filter(one_time_link::Column::Purpose.eq(purpose.as_str()))
        .filter(one_time_link::Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(outcome.rows_affected == 1)
}

/// Forgets all links of a purpose: after the first sign-in no set-up link may work.
pub async fn delete_links(db: &impl ConnectionTrait, purpose: LinkPurpose) -> Result<(), DbErr> {
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::Purpose.eq(purpose.as_str()))
        .exec(db)
        .await?;
    Ok(())
}

/// Makes other transactions that would add the first member wait for this one. SQLite has one writer anyway.
pub async fn lock_members(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE members IN SHARE ROW EXCLUSIVE MODE")
            .await?;
    }
    Ok(())
}
