//! What another tool has recorded. A visit is told whole by a file, then journaled and folded as one that the widget told in pieces.

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr};

use super::{
    event::EventKind,
    fold::{Rules, StoredBatch, fold_numbered},
    group::Group,
    imported_answer::ImportedAnswer,
    store,
    visit::{Browser, Change, Visit, VisitorHash},
};
use crate::{
    db::entity::batch,
    delivery::snapshot::Snapshot,
    goal::types::normal_path,
    secret,
    site::calendar,
    types::{Millis, SiteId, ViewId, VisitId},
};

/// A visit with everything that is known of it.
#[derive(Clone, Debug)]
pub struct ImportedVisit {
    /// The site, as it was when the visit was read.
    pub snapshot: Arc<Snapshot>,
    /// Stands for the other tool's name of the visit; the same for the same name.
    pub visitor: VisitorHash,
    /// With what.
    pub browser: Browser,
    /// The how-manieth of its visitor, where the file says it.
    pub number: Option<i32>,
    /// All that happened, in order; at least one event.
    pub batches: Vec<StoredBatch>,
    /// When it was read.
    pub received_at: Millis,
}

/// Something that another tool has recorded.
#[derive(Clone, Debug)]
pub enum Imported {
    /// A visit.
    Visit(ImportedVisit),
    /// What was answered in one that is stored.
    Answer(ImportedAnswer),
}

/// What became of something imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is stored now.
    Added,
    /// The very same was stored before.
    Before,
    /// Something else is stored under its name, and stays.
    Different,
    /// No visit of this name is stored.
    NoVisit,
    /// It lies before its visit, or too long after it.
    OutOfTime,
    /// The owner has deleted it.
    Deleted,
}

impl Imported {
    /// Whose visit it is.
    pub(super) fn visitor(&self) -> (SiteId, VisitorHash) {
        match self {
            Self::Visit(visit) => (visit.snapshot.site.id, visit.visitor),
            Self::Answer(answer) => (answer.snapshot.site.id, answer.visitor),
        }
    }
}

impl ImportedVisit {
    fn started_at(&self) -> Millis {
        let first = self.batches.iter().flat_map(StoredBatch::placed).next();
        first.map_or(self.received_at, |placed| placed.order.0)
    }
}

impl Group {
    /// Adds what a file tells, unless it is there.
    pub(super) async fn take_import(
        &mut self,
        tx: &impl ConnectionTrait,
        new: &Imported,
    ) -> Result<Taken, DbErr> {
        match new {
            Imported::Visit(visit) => self.take_visit(tx, visit).await,
            Imported::Answer(answer) => self.take_imported_answer(tx, answer).await,
        }
    }

    async fn take_visit(
        &mut self,
        tx: &impl ConnectionTrait,
        new: &ImportedVisit,
    ) -> Result<Taken, DbErr> {
        let site = &new.snapshot.site;
        self.at = self.at.max(new.received_at);
        if let Some(&known) = self.visits_of(site.id, &[new.visitor]).first() {
            return self.compare(tx, site.id, known, &new.batches).await;
        }
        let id = VisitId(secret::uuid_of(new.started_at(), &new.visitor));
        let rules = Rules {
            definitions: &new.snapshot.definitions,
            currency: &site.currency,
        };
        let mut visit = Visit::begin(id, site.id, new.visitor, new.browser.clone());
        visit.is_imported = true;
        visit.number = new.number;
        visit.facts = fold_numbered(rules, new.number, &new.batches);
        visit.day = calendar::day_of(visit.facts.started_at, &site.time_zone);
        visit.change = Change::New;
        self.batches
            .extend(new.batches.iter().map(|batch| batch::ActiveModel {
                site_id: Set(site.id),
                view_id: Set(batch.view_id),
                first_seq: Set(batch.first_seq),
                visit_id: Set(id),
                view_started_at: Set(batch.view_started_at),
                received_at: Set(new.received_at),
                body: Set(serde_json::to_string(&batch.events).expect("events are plain data")),
            }));
        for batch in &new.batches {
            self.count_other_currencies(site, batch, new.received_at);
        }
        self.note_places(site.id, &new.batches);
        self.changed.insert((site.id, id));
        self.goals_changed.insert((site.id, id));
        self.visitors
            .entry((site.id, new.visitor))
            .or_default()
            .push(id);
        self.visits.insert((site.id, id), visit);
        Ok(Taken::Added)
    }

    async fn compare(
        &self,
        tx: &impl ConnectionTrait,
        site: SiteId,
        known: VisitId,
        new: &[StoredBatch],
    ) -> Result<Taken, DbErr> {
        let mut stored = store::load_batches(tx, site, known).await?;
        if let Some(visit) = self.visits.get(&(site, known)) {
            stored.extend(self.unsaved_batches(visit));
        }
        Ok(if by_place(&stored) == by_place(new) {
            Taken::Before
        } else {
            Taken::Different
        })
    }

    /// Pages and forms that the visit shows the site to have.
    fn note_places(&mut self, site: SiteId, batches: &[StoredBatch]) {
        let mut path = "/".to_owned();
        for event in batches.iter().flat_map(|batch| &batch.events) {
            let props = &event.props;
            match event.kind {
                Some(EventKind::PageView) => {
                    normal_path(props.u.as_deref().unwrap_or("/")).clone_into(&mut path);
                    self.note_seen(site, String::new(), path.clone(), "");
                }
                Some(EventKind::FormViewed | EventKind::FormStarted) => {
                    let (form, label) = (props.f.clone(), props.l.as_deref());
                    self.note_seen(
                        site,
                        form.unwrap_or_default(),
                        path.clone(),
                        label.unwrap_or_default(),
                    );
                }
                _ => {}
            }
        }
    }
}

fn by_place(batches: &[StoredBatch]) -> BTreeMap<(ViewId, i32), &StoredBatch> {
    let keyed = batches.iter();
    keyed
        .map(|batch| ((batch.view_id, batch.first_seq), batch))
        .collect()
}
