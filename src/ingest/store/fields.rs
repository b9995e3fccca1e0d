//! Writes what visits did with each field of their forms, once they have ended.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};

use super::{is_refoldable, load_batches, rows};
use crate::{
    db::entity::{OfSite, batch, site, visit_field},
    ingest::{
        event::EventKind,
        fields::{FieldFacts, FieldKey, fold_fields},
    },
    types::{SiteId, VisitId},
};

/// Puts the figures of these visits in the place of those that are there, on sites that have them measured. Of visits whose
/// journal is gone they stay.
pub(in crate::ingest) async fn save_fields(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<(), DbErr> {
    let row = site::Entity::find_by_id(site).one(tx).await?;
    if !row.is_some_and(|site| site.measures_fields) {
        return Ok(());
    }
    let (mut folded, mut figures) = (vec![], vec![]);
    for visit in measured(tx, site, visits).await? {
        if is_refoldable(tx, site, visit).await? {
            let batches = load_batches(tx, site, visit).await?;
            let fields = fold_fields(&batches).into_iter();
            figures.extend(fields.map(|(key, facts)| row_of(site, visit, key, &facts)));
            folded.push(visit);
        }
    }
    visit_field::Entity::delete_many()
        .filter(visit_field::Column::SiteId.eq(site))
        .filter(visit_field::Column::VisitId.is_in(folded))
        .exec(tx)
        .await?;
    rows::insert(tx, &mut figures, &[]).await
}

/// Those of the visits in whose journal a field was left.
async fn measured(
    tx: &impl ConnectionTrait,
    site: SiteId,
    visits: &[VisitId],
) -> Result<Vec<VisitId>, DbErr> {
    let kind = format!("\"{}\"", EventKind::FieldLeft);
    batch::Entity::of_site(site)
        .select_only()
        .column(batch::Column::VisitId)
        .distinct()
        .filter(batch::Column::VisitId.is_in(visits.iter().copied()))
        .filter(batch::Column::Body.contains(kind))
        .into_tuple()
        .all(tx)
        .await
}

fn row_of(
    site: SiteId,
    visit: VisitId,
    (form, field): FieldKey,
    facts: &FieldFacts,
) -> visit_field::ActiveModel {
    visit_field::ActiveModel {
        site_id: Set(site),
        visit_id: Set(visit),
        form: Set(form),
        field: Set(field),
        position: Set(facts.position),
        focuses: Set(facts.focuses),
        returns: Set(facts.returns),
        active_ms: Set(facts.active_ms),
        hesitation_ms: Set(facts.hesitation_ms),
        changes: Set(facts.changes),
        deletes: Set(facts.deletes),
        is_pasted: Set(facts.is_pasted),
        is_autofilled: Set(facts.is_autofilled),
        errors: Set(facts.errors),
        is_filled: Set(facts.is_filled),
        is_last: Set(facts.is_last),
    }
}
