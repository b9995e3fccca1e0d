//! Queries about stars and tags: what the people of a site put on answers.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};

use crate::{
    answer::{
        record,
        tag::{MOST_TAGS, Tag},
        words::fold,
    },
    db::entity::{OfSite, answer_star, answer_tag, impression, tag},
    error::{AppError, AppResult, FieldErrors},
    types::{ImpressionId, Millis, SiteId, TagId},
};

/// Holds the answer until the commit, so that nothing is put on one that is being deleted.
async fn hold(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> AppResult<()> {
    impression::Entity::of_site(site_id)
        .filter(impression::Column::Id.eq(impression_id))
        .lock_exclusive()
        .one(tx)
        .await?;
    if !record::is_answered(tx, site_id, impression_id).await? {
        return Err(AppError::NotFound("answer"));
    }
    Ok(())
}

/// Gives the answer a star, or takes it away.
pub async fn set_star(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
    starred_at: Option<Millis>,
) -> AppResult<()> {
    hold(tx, site_id, impression_id).await?;
    let Some(starred_at) = starred_at else {
        return Ok(forget_star(tx, site_id, impression_id).await?);
    };
    answer_star::Entity::insert(answer_star::ActiveModel {
        site_id: Set(site_id),
        impression_id: Set(impression_id),
        starred_at: Set(starred_at),
    })
    .on_conflict(OnConflict::new().do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Puts tags on the answer, making those that the site does not have yet.
pub async fn add_tags(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
    names: &[String],
    at: Millis,
) -> AppResult<()> {
    hold(tx, site_id, impression_id).await?;
    for name in names {
        let tag_id = ensure_tag(tx, site_id, name, at).await?;
        answer_tag::Entity::insert(answer_tag::ActiveModel {
            site_id: Set(site_id),
            impression_id: Set(impression_id),
            tag_id: Set(tag_id),
        })
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    }
    let count = answer_tag::Entity::of_site(site_id)
        .filter(answer_tag::Column::ImpressionId.eq(impression_id))
        .count(tx)
        .await?;
    if count > MOST_TAGS as u64 {
        let message =
            format!("An answer has at most {MOST_TAGS} tags. Nothing was added; remove one first.");
        return Err(FieldErrors::one("tag", message).into());
    }
    Ok(())
}

/// Takes a tag off the answer. One that is on no answer stays, as a suggestion, until it is deleted.
pub async fn remove_tag(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
    tag_id: TagId,
) -> AppResult<()> {
    hold(tx, site_id, impression_id).await?;
    answer_tag::Entity::delete_many()
        .filter(answer_tag::Column::SiteId.eq(site_id))
        .filter(answer_tag::Column::ImpressionId.eq(impression_id))
        .filter(answer_tag::Column::TagId.eq(tag_id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn ensure_tag(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    name: &str,
    at: Millis,
) -> AppResult<TagId> {
    let folded = fold(name);
    // Two people may write the same new tag at once: the first row holds.
    tag::Entity::insert(tag::ActiveModel {
        site_id: Set(site_id),
        id: Set(TagId::new(at)),
        name: Set(name.to_owned()),
        folded: Set(folded.clone()),
        created_at: Set(at),
    })
    .on_conflict(OnConflict::new().do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    let known = tag::Entity::of_site(site_id)
        .filter(tag::Column::Folded.eq(folded))
        .one(tx)
        .await?;
    known.map(|tag| tag.id).ok_or(AppError::NotFound("tag"))
}

/// The site's tags, by name.
pub async fn list_tags(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<Tag>> {
    let rows = tag::Entity::of_site(site_id)
        .order_by_asc(tag::Column::Folded)
        .all(db)
        .await?;
    let tags = rows.into_iter().map(|row| Tag {
        id: row.id,
        name: row.name,
    });
    Ok(tags.collect())
}

/// On how many answers each tag is.
pub async fn count_by_tag(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<HashMap<TagId, i64>> {
    let rows: Vec<(TagId, i64)> = answer_tag::Entity::of_site(site_id)
        .select_only()
        .column(answer_tag::Column::TagId)
        .column_as(answer_tag::Column::ImpressionId.count(), "n")
        .group_by(answer_tag::Column::TagId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Writes a tag another way.
pub async fn rename_tag(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: TagId,
    name: &str,
) -> AppResult<()> {
    let folded = fold(name);
    let known = tag::Entity::of_site(site_id)
        .filter(tag::Column::Folded.eq(&folded))
        .filter(tag::Column::Id.ne(id))
        .one(tx)
        .await?;
    if known.is_some() {
        let message = "Another tag has this name. Merge the two instead.";
        return Err(FieldErrors::one("name", message).into());
    }
    let changed = tag::Entity::update_many()
        .col_expr(tag::Column::Name, Expr::value(name))
        .col_expr(tag::Column::Folded, Expr::value(folded))
        .filter(tag::Column::SiteId.eq(site_id))
        .filter(tag::Column::Id.eq(id))
        .exec(tx)
        .await?;
    found(changed.rows_affected)
}

/// Puts `into` on every answer that has `from`, which is deleted.
pub async fn merge_tags(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    from: TagId,
    into: TagId,
) -> AppResult<()> {
    if from == into {
        let message = "a tag cannot be merged with itself; choose another one";
        return Err(AppError::Conflict(message.into()));
    }
    let is_there = tag::Entity::of_site(site_id).filter(tag::Column::Id.eq(into));
    found(is_there.count(tx).await?)?;
    let with_both = answer_tag::Entity::of_site(site_id)
        .filter(answer_tag::Column::TagId.eq(into))
        .select_only()
        .column(answer_tag::Column::ImpressionId)
        .into_query();
    answer_tag::Entity::update_many()
        .col_expr(answer_tag::Column::TagId, Expr::value(into))
        .filter(answer_tag::Column::SiteId.eq(site_id))
        .filter(answer_tag::Column::TagId.eq(from))
        .filter(answer_tag::Column::ImpressionId.not_in_subquery(with_both))
        .exec(tx)
        .await?;
    delete_tag(tx, site_id, from).await
}

/// Deletes a tag, and takes it off every answer.
pub async fn delete_tag(tx: &impl ConnectionTrait, site_id: SiteId, id: TagId) -> AppResult<()> {
    answer_tag::Entity::delete_many()
        .filter(answer_tag::Column::SiteId.eq(site_id))
        .filter(answer_tag::Column::TagId.eq(id))
        .exec(tx)
        .await?;
    let deleted = tag::Entity::delete_many()
        .filter(tag::Column::SiteId.eq(site_id))
        .filter(tag::Column::Id.eq(id))
        .exec(tx)
        .await?;
    found(deleted.rows_affected)
}

fn found(rows: u64) -> AppResult<()> {
    if rows == 0 {
        return Err(AppError::NotFound("tag"));
    }
    Ok(())
}

/// Takes everything off an answer.
pub(in crate::answer) async fn forget(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<(), DbErr> {
    forget_star(tx, site_id, impression_id).await?;
    answer_tag::Entity::delete_many()
        .filter(answer_tag::Column::SiteId.eq(site_id))
        .filter(answer_tag::Column::ImpressionId.eq(impression_id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn forget_star(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<(), DbErr> {
    answer_star::Entity::delete_many()
        .filter(answer_star::Column::SiteId.eq(site_id))
        .filter(answer_star::Column::ImpressionId.eq(impression_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which of the answers have a star.
pub(super) async fn starred(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    answers: impl Iterator<Item = ImpressionId>,
) -> AppResult<HashSet<ImpressionId>> {
    let rows = answer_star::Entity::of_site(site_id)
        .filter(answer_star::Column::ImpressionId.is_in(answers))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.impression_id).collect())
}

/// The tags of the answers, by name.
pub(super) async fn tags_of(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    answers: impl Iterator<Item = ImpressionId>,
) -> AppResult<HashMap<ImpressionId, Vec<Tag>>> {
    let rows = answer_tag::Entity::of_site(site_id)
        .filter(answer_tag::Column::ImpressionId.is_in(answers))
        .all(db)
        .await?;
    let mut of: HashMap<ImpressionId, Vec<Tag>> = HashMap::new();
    if rows.is_empty() {
        return Ok(of);
    }
    for tag in list_tags(db, site_id).await? {
        for row in rows.iter().filter(|row| row.tag_id == tag.id) {
            of.entry(row.impression_id).or_default().push(tag.clone());
        }
    }
    Ok(of)
}
