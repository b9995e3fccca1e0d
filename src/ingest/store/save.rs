//! What a group came to, one statement a table.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{cube, rows};
use crate::{
    answer::{self, record::Recorded},
    db::entity::{
        OfSite, drop, impression, refused_origin, seen_form, seen_path, visit, visit_goal,
    },
    ingest::{
        group::Group,
        reply::DropReason,
        visit::{Change, Impression, Visit},
    },
    types::SiteId,
    webhook,
};

/// Pages and forms kept of one site: enough to choose from, too few to be filled up by a hostile visitor for ever.
const MAX_SEEN: u64 = 500;
/// Refused origins kept of one site.
const MAX_REFUSED: u64 = 50;

pub(in crate::ingest) async fn save(
    tx: &impl ConnectionTrait,
    group: &mut Group,
) -> Result<(), DbErr> {
    // First, while what is in the cube of the visits still stands in their rows.
    cube::unsettle_changed(tx, group).await?;
    cube::save_signatures(tx, group).await?;
    rows::insert(tx, &mut group.batches, &[]).await?;
    save_visits(tx, group).await?;
    save_impressions(tx, group).await?;
    save_answers(tx, group).await?;
    save_counts(tx, group).await?;
    save_seen(tx, group).await
}

/// What a visit's later events change. None of it is in an index: SQLite rewrites the entry of every index that has a column
/// named here, changed or not.
const GROWING: [visit::Column; 26] = [
    visit::Column::LastAt,
    visit::Column::LastViewId,
    visit::Column::LastSeq,
    visit::Column::ClosedAt,
    visit::Column::LastPath,
    visit::Column::Properties,
    visit::Column::Variant,
    visit::Column::LoadMs,
    visit::Column::Pages,
    visit::Column::ActiveMs,
    visit::Column::MaskAll,
    visit::Column::MaskBefore,
    visit::Column::MacroAt,
    visit::Column::ValueMinor,
    visit::Column::FunnelStep,
    visit::Column::Views,
    visit::Column::IsTest,
    visit::Column::IsAmbiguous,
    visit::Column::IsTold,
    visit::Column::Exits,
    visit::Column::ExitsStayed,
    visit::Column::MaskLandmark,
    visit::Column::Landmark,
    visit::Column::Path,
    visit::Column::SignatureId,
    visit::Column::PathId,
];

async fn save_visits(tx: &impl ConnectionTrait, group: &mut Group) -> Result<(), DbErr> {
    let mut rows = vec![];
    let mut goals = vec![];
    for key in &group.changed {
        let Some(visit) = group.visits.get_mut(key) else {
            continue;
        };
        visit.change = Change::None;
        rows.push(visit.row());
        if group.goals_changed.contains(key) {
            goals.extend(visit.goal_rows());
        }
    }
    rows::insert(tx, &mut rows, &GROWING).await?;
    for key in &group.rewritten {
        if let Some(visit) = group.visits.get(key) {
            delete_other_goals(tx, visit).await?;
        }
    }
    // A late batch may have moved the beginning of a visit too, and consent its visitor.
    for key in std::mem::take(&mut group.rewritten) {
        if let Some(visit) = group.visits.get(&key) {
            visit::Entity::update(visit.row()).exec(tx).await?;
        }
    }
    let others = [
        visit_goal::Column::FirstAt,
        visit_goal::Column::N,
        visit_goal::Column::ValueMinor,
    ];
    rows::insert(tx, &mut goals, &others).await
}

/// Goals that a visit reached by older definitions only.
async fn delete_other_goals(tx: &impl ConnectionTrait, visit: &Visit) -> Result<(), DbErr> {
    let reached = visit.facts.goals.keys().map(|bit| i32::from(*bit));
    visit_goal::Entity::delete_many()
        .filter(visit_goal::Column::SiteId.eq(visit.site_id))
        .filter(visit_goal::Column::VisitId.eq(visit.id))
        .filter(visit_goal::Column::Bit.is_not_in(reached))
        .exec(tx)
        .await?;
    Ok(())
}

async fn save_impressions(tx: &impl ConnectionTrait, group: &mut Group) -> Result<(), DbErr> {
    let mut new = vec![];
    for key @ (site, visit_id) in &group.changed {
        let impressions = group
            .visits
            .get_mut(key)
            .into_iter()
            .flat_map(|visit| &mut visit.impressions);
        for made in impressions {
            match std::mem::take(&mut made.change) {
                Change::None => {}
                Change::New => new.push(made.row(*site, *visit_id)),
                Change::Updated => follow_card(tx, *site, made).await?,
            }
        }
    }
    rows::insert(tx, &mut new, &[]).await
}

/// Writes what became of a card. `answered_at` is left alone: another node may record the answer at the same time.
async fn follow_card(
    tx: &impl ConnectionTrait,
    site: SiteId,
    made: &Impression,
) -> Result<(), DbErr> {
    use impression::Column;
    impression::Entity::update_many()
        .filter(Column::SiteId.eq(site))
        .filter(Column::Id.eq(made.id))
        .col_expr(Column::ShownAt, Expr::value(made.shown_at))
        .col_expr(Column::SeenAt, Expr::value(made.seen_at))
        .col_expr(Column::StartedAt, Expr::value(made.started_at))
        .col_expr(Column::DismissedAt, Expr::value(made.dismissed_at))
        .col_expr(Column::Ending, Expr::value(made.ending.clone()))
        .exec(tx)
        .await?;
    follow_fields(tx, site, made).await
}

/// Writes what was told along with a card, unless the owner has deleted its answer: a visit in memory knows nothing of that.
async fn follow_fields(
    tx: &impl ConnectionTrait,
    site: SiteId,
    made: &Impression,
) -> Result<(), DbErr> {
    use impression::Column;
    if made.fields.is_empty() {
        return Ok(());
    }
    let is_answered = answer::record::is_answered(tx, site, made.id).await?;
    let mut update = impression::Entity::update_many()
        .filter(Column::SiteId.eq(site))
        .filter(Column::Id.eq(made.id))
        .col_expr(Column::Fields, Expr::value(made.fields_json()));
    if !is_answered {
        update = update.filter(Column::AnsweredAt.is_null());
    }
    update.exec(tx).await?;
    Ok(())
}

async fn save_answers(tx: &impl ConnectionTrait, group: &mut Group) -> Result<(), DbErr> {
    let mut answers = std::mem::take(&mut group.answers);
    for (nth, (site, answer)) in answers.iter_mut().enumerate() {
        match answer::record::record(tx, *site, answer).await? {
            Recorded::Now => {
                // Taken back by a step before it in the same group, perhaps.
                group.mark_answered(*site, answer, Some(answer.answered_at));
                if !answer.is_imported {
                    webhook::store::enqueue(tx, *site, answer).await?;
                }
            }
            Recorded::TakenBack => {
                group.mark_answered(*site, answer, None);
                let id = answer.token.impression_id;
                webhook::store::forget_answer(tx, *site, id).await?;
            }
            // A widget repeats what it never heard to have come: only who sees the next page is told.
            Recorded::Over if answer.step.is_some() => {
                group.over.push(nth);
                group.drop_counted(*site, DropReason::AnswerOver, 1, answer.received_at);
            }
            Recorded::Over | Recorded::Before => {}
        }
    }
    group.answers = answers;
    Ok(())
}

async fn save_counts(tx: &impl ConnectionTrait, group: &Group) -> Result<(), DbErr> {
    for ((site_id, day, reason), n) in &group.drops {
        let row = drop::ActiveModel {
            site_id: Set(*site_id),
            day: Set(*day),
            reason: Set(reason.as_str().into()),
            n: Set(*n),
        };
        let key = [
            drop::Column::SiteId,
            drop::Column::Day,
            drop::Column::Reason,
        ];
        // Qualified: a bare `n` is ambiguous on PostgreSQL.
        let sum = Expr::col((drop::Entity, drop::Column::N)).add(*n);
        let add = OnConflict::columns(key)
            .value(drop::Column::N, sum)
            .to_owned();
        drop::Entity::insert(row)
            .on_conflict(add)
            .exec_without_returning(tx)
            .await?;
    }
    for ((site, origin), (at, n)) in &group.refused {
        save_refused(tx, *site, origin, *at, *n).await?;
    }
    Ok(())
}

async fn save_refused(
    tx: &impl ConnectionTrait,
    site: SiteId,
    origin: &str,
    at: i64,
    n: i64,
) -> Result<(), DbErr> {
    use refused_origin::{Column, Entity};
    use sea_orm::PaginatorTrait;
    let again = Entity::update_many()
        .filter(Column::SiteId.eq(site))
        .filter(Column::Origin.eq(origin))
        .col_expr(Column::LastAt, Expr::value(at))
        .col_expr(Column::N, Expr::col(Column::N).add(n))
        .exec(tx)
        .await?;
    if again.rows_affected > 0 || Entity::of_site(site).count(tx).await? >= MAX_REFUSED {
        return Ok(());
    }
    let row = refused_origin::ActiveModel {
        site_id: Set(site),
        origin: Set(origin.to_owned()),
        first_at: Set(at),
        last_at: Set(at),
        n: Set(n),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

async fn save_seen(tx: &impl ConnectionTrait, group: &Group) -> Result<(), DbErr> {
    use sea_orm::PaginatorTrait;
    for (site_id, path) in &group.paths {
        if seen_path::Entity::of_site(*site_id).count(tx).await? >= MAX_SEEN {
            continue;
        }
        let row = seen_path::ActiveModel {
            site_id: Set(*site_id),
            path: Set(path.clone()),
            first_at: Set(group.at),
        };
        seen_path::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    for ((site_id, form, path), label) in &group.forms {
        if seen_form::Entity::of_site(*site_id).count(tx).await? >= MAX_SEEN {
            continue;
        }
        let row = seen_form::ActiveModel {
            site_id: Set(*site_id),
            form: Set(form.clone()),
            path: Set(path.clone()),
            label: Set(label.clone()),
            first_at: Set(group.at),
        };
        seen_form::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
