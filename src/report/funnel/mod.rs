//! The funnel with reasons: who is still there at each step, who left, and what those who left say.
//!
//! Counted per visit (reports of one period never mix visits that were counted by other steps: those of a version of the
//! definitions with the same steps as the newest count, whatever else changed). For every drop-off
//! answered + silent + left unasked + could not be asked = all who left there.

mod answers;
mod assemble;
mod beside;
mod between;
mod choice;
mod corrected;
mod counting;
mod counts;
mod first;
mod kinds;
mod loads;
mod matrix;
mod offered;
mod price;
mod queries;
mod reasons;
mod times;
mod within;

pub use self::{
    answers::{DropAnswers, drop_answers},
    beside::{Beside, OtherVisits},
    between::Without,
    choice::FunnelChoice,
    first::{Cause, Fix},
    loads::Loads,
    matrix::{Matrix, MatrixCell, ReasonLine, Stop, load_matrix},
    times::Timing,
};
use sea_orm::DatabaseTransaction;

use self::{assemble::Facts, counting::Counting, queries::Scope};
use super::{order::Oddity, period::Period, signatures::funnel::Order, sums};
use crate::{
    db::Db,
    error::AppResult,
    goal::{self, types::Recount},
    ingest::{
        VISIT_GAP,
        sums::{KINDS, NAMED, Sums, WORDS},
    },
    prompt,
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::{Rate, WeightedShare},
    types::{GoalId, ImpressionId, Millis, ReasonId},
};

/// The funnel of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelReport {
    /// In which order the steps count.
    pub order: Order,
    /// What must not have come between them.
    pub without: Option<Without>,
    /// How long after the first step the others count, ms; `None` where it may take however long.
    pub within: Option<Millis>,
    /// Goals that could be asked for to be that.
    pub between: Vec<(GoalId, String)>,
    /// What the owner calls the goals of the steps.
    pub goals: Vec<String>,
    /// Whether those who left are told by what became of asking, and by what they said: these are joined to the steps as they are
    /// counted in order, with anything between them.
    pub has_reasons: bool,
    /// All visits, then the steps in order.
    pub steps: Vec<Step>,
    /// By what the dimension says that visits are broken down by, most visits first; empty when there is none.
    pub groups: Vec<Group>,
    /// Other visits, when some were asked for to stand beside these.
    pub beside: Option<OtherVisits>,
    /// What happens after each step but the last.
    pub drops: Vec<DropOff>,
    /// All that is lost, by where and why, the largest possible gain first.
    pub fixes: Vec<Fix>,
    /// The main goal, when there is one.
    pub conversion: Option<Conversion>,
    /// Visits that may still move on; they count.
    pub open: i64,
    /// Visits of automated browsers that do not count.
    pub automated: i64,
    /// Visits of the period that were counted by other steps and are left out.
    pub other_steps: i64,
    /// Visits of the period before that were counted by other steps: with any, nothing is told of that period.
    pub uncounted_before: i64,
    /// Visits of the period of which the order of goals, or their times, would have to be known, and are not; they are left out.
    pub unknown_order: i64,
    /// The first day (YYYYMMDD) all of whose visits are counted by the present steps, when on days before it not all are.
    pub counts_from: Option<i32>,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// Whether the site was ever visited.
    pub is_visited: bool,
    /// How many prompts ask now.
    pub live_prompts: i64,
    /// Worth of the main goal, minor units; `None` when the owner gave none.
    pub value_minor: Option<i64>,
}

/// Visits that came to a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Of all.
    pub of_all: Rate,
    /// Of those at the step before.
    pub of_before: Rate,
}

/// Visits of which a dimension says the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What it says.
    pub value: String,
    /// At each step, all visits first.
    pub now: Vec<Reached>,
    /// The same in the period before.
    pub earlier: Vec<Reached>,
}

/// A band of the funnel.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What the owner calls the goal.
    pub name: String,
    /// The goal; `None` for all visits.
    pub goal: Option<GoalId>,
    /// Visits still there, of all.
    pub of_all: Rate,
    /// Visits still there, of those at the step before.
    pub of_before: Rate,
    /// The same in the period before.
    pub earlier: Reached,
    /// How long it took from the step before, or from the start of the visit; `None` when it was not asked for.
    pub time: Option<Timing>,
    /// What is odd about its place behind the step before.
    pub oddity: Option<Oddity>,
}

/// Those who reached a step and not the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DropOff {
    /// Place of the step that they reached; 0 is all visits.
    pub step: usize,
    /// Of all who reached the step.
    pub left: Rate,
    /// Answered.
    pub answered: i64,
    /// Of these, those that answered a question that offers reasons.
    pub offered: i64,
    /// Were asked and said nothing.
    pub silent: i64,
    /// Were left unasked for comparison.
    pub unasked: i64,
    /// Gave no occasion to ask, or a rule forbade it.
    pub unreachable: i64,
    /// Reached the main goal all the same, in another order.
    pub converted: i64,
    /// Answers that they gave.
    pub answers: i64,
    /// Of the visits that went on here, those that reached the main goal.
    pub onward: Rate,
    /// Could be asked a question that offers reasons.
    pub could: i64,
    /// Of these, those that could be asked for a reason that has a share: nobody else is spoken for.
    pub spoken_for: i64,
    /// Of these, those that did not reach the main goal: the reasons share what they come to.
    pub lost: Part,
    /// How many answered the same question, where these are most, of those that could be asked why and are not spoken for.
    pub answered_few: i64,
    /// These, of those that did not reach the main goal. What they come to is no reason's.
    pub lost_few: Part,
    /// Answered, and could be asked only questions that offer no reasons.
    pub answered_else: i64,
    /// Could be asked only such, and did not reach the main goal. What they come to is no reason's.
    pub lost_else: Part,
    /// Could not be asked and did not reach the main goal. What they come to is no reason's.
    pub lost_unreached: Part,
    /// How long pages took to load, where visits told it; of narrowed visits it is not read.
    pub loads: Option<Loads>,
    /// How answers to questions that offer reasons were weighted; `None` when they are too few for shares.
    pub correction: Option<Correction>,
    /// Most named first.
    pub reasons: Vec<ReasonShare>,
    /// The newest words.
    pub verbatim: Option<Verbatim>,
    /// Who was asked at this step and stands at an earlier one, by that one.
    pub elsewhere: Vec<Elsewhere>,
}

impl DropOff {
    /// Whether answers are enough for the share of a reason.
    pub fn has_shares(&self) -> bool {
        self.reasons.iter().any(|reason| reason.corrected.is_some())
    }

    /// Whether some of the reasons could be asked for of fewer visits than others.
    pub fn is_asked_apart(&self) -> bool {
        self.reasons.iter().any(|reason| reason.could < self.could)
    }

    /// How many of those who left could be asked a question that offers reasons.
    pub fn reach(&self) -> Rate {
        Rate::new(self.could, self.left.k)
    }
}

/// How answers were weighted to stand for everybody who could have been asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// How many equally weighted answers would be as good.
    pub answers: f64,
    /// The R-indicator: 1 when all kinds of visits answered alike.
    pub representativity: Option<f64>,
}

/// What visits would come to at the very most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpTo {
    /// Visits with the main goal.
    pub conversions: f64,
    /// Their worth, minor units; `None` when the owner gave the main goal none.
    pub minor: Option<f64>,
}

/// Visits that are lost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// How many.
    pub visits: i64,
    /// What they would come to at the very most; `None` when too little is known for it.
    pub up_to: Option<UpTo>,
}

/// Visits that came to a step without the one after an earlier step, and stand at that earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Place of the step at which they stand.
    pub step: usize,
    /// How many were asked.
    pub visits: i64,
    /// How many of them answered.
    pub answered: i64,
}

/// How often a reason was given.
#[derive(Clone, Debug, PartialEq)]
pub struct ReasonShare {
    /// The reason.
    pub reason_id: ReasonId,
    /// Its name.
    pub name: String,
    /// Whether who names it is lost; else it has no price and is nothing to fix.
    pub is_loss: bool,
    /// Visits that named it, of those that answered a question there which offers it.
    pub rate: Rate,
    /// The share of everybody who could have been asked for it there; `None` of too few answers.
    pub corrected: Option<WeightedShare>,
    /// How many these are: left, and could be asked a question that offers it.
    pub could: i64,
    /// Those of them that did not reach the main goal.
    pub lost: i64,
    /// What these would come to, whatever their reason.
    pub all_up_to: Option<UpTo>,
    /// What it would come to, at the very most, if all who could be asked for it and have it came back. All reasons of a drop-off
    /// together never come to more than the drop-off.
    pub up_to: Option<UpTo>,
    /// As given in the period before; of nothing when other choices stood beside it then.
    pub before: Rate,
    /// Its way since then, of shares as given, when these are of enough answers and chance alone does not explain it.
    pub trend: Option<Way>,
    /// How many of these visits were asked at a later step, by the place of that step.
    pub later: Vec<(usize, i64)>,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Named more often.
    Up,
    /// Named less often.
    Down,
}

/// Words of a visitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Verbatim {
    /// Leads to the answer with its journey.
    pub impression_id: ImpressionId,
    /// When they were written.
    pub answered_at: Millis,
    /// The words.
    pub comment: String,
    /// A reason given with them.
    pub reason: Option<String>,
    /// Place of the step at which they were asked, where that is a later one.
    pub later: Option<usize>,
}

/// The main goal, reached in whatever way.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// What the owner calls it.
    pub name: String,
    /// In the period.
    pub rate: Rate,
    /// In the period before; of nothing when some of it was counted by other steps.
    pub before: Rate,
    /// Each day (YYYYMMDD), oldest first.
    pub days: Vec<(i32, Rate)>,
}

/// Loads the report.
pub async fn load(
    db: &Db,
    site: &Site,
    period: &Period,
    choice: &FunnelChoice,
    now: Millis,
) -> AppResult<FunnelReport> {
    let scope = Scope::new(site, period, &choice.visits);
    let tx = db.snapshot().await?;
    let definitions = goal::store::load_definitions(&tx, site.id).await?;
    let counting = Counting::new(choice, &definitions);
    let asked: &[&'static Sums] = match counting.is_plain() {
        true => &[&KINDS, &NAMED, &WORDS],
        false => &[],
    };
    let tables = [counting.tables(), asked].concat();
    let packed = scope.packs(&tx, &tables).await?;
    let scope = Scope {
        packed: Some(&packed),
        ..scope
    };
    let mut facts = Facts {
        goals: goal::store::list_goals(&tx, site.id).await?,
        names: goal::store::list_goal_names(&tx, site.id).await?,
        state: queries::state(&tx, site.id).await?,
        recount: goal::store::recount::find(&tx, site.id).await?,
        by_day: sums::visits(&tx, &scope.query(scope.first)).await?,
        with_automated: site.kind == SiteKind::Demo || period.automated,
        days: period.days().map(calendar::number).collect(),
        definitions,
        counting,
        ..Facts::default()
    };
    facts
        .load_counts(&tx, scope, choice, now - VISIT_GAP)
        .await?;
    if let Some(beside) = &choice.beside {
        let of = (&facts, beside);
        let others = beside::load(&tx, (site, period), scope, of, now - VISIT_GAP).await?;
        facts.beside = Some(others);
    }
    if facts.counting.is_plain() {
        facts.load_reasons(&tx, scope).await?;
        facts.loads = loads::load(&tx, scope).await?;
        if choice.is_timed {
            facts.times = Some(times::load(&tx, scope, &facts).await?);
        }
    }
    tx.commit().await?;
    Ok(facts.assemble())
}

impl Facts {
    async fn load_counts(
        &mut self,
        tx: &DatabaseTransaction,
        scope: Scope<'_>,
        choice: &FunnelChoice,
        open_after: Millis,
    ) -> AppResult<()> {
        let counting = &self.counting;
        let counts = match counting.is_plain() {
            true => {
                self.kinds = kinds::kinds(tx, scope).await?;
                counts::reached_and_asked(tx, scope, counting, &self.kinds, open_after).await?
            }
            false => counts::reached(tx, scope, counting, None, open_after).await?,
        };
        (self.visits, self.unknown, self.voided) = (counts.rows, counts.unknown, counts.voided);
        if let Some(by) = choice.visits.by {
            let counts = counts::reached(tx, scope, counting, Some(by), open_after).await?;
            self.groups = Some(counts.rows);
        }
        Ok(())
    }

    /// What those say who left: by the steps as the fold has counted them.
    async fn load_reasons(&mut self, tx: &DatabaseTransaction, scope: Scope<'_>) -> AppResult<()> {
        let funnel = self.definitions.funnels.last();
        let steps = funnel.map(|it| it.steps.as_slice()).unwrap_or_default();
        self.reasons = queries::reasons(tx, scope).await?;
        self.verbatims = queries::verbatims(tx, scope, steps).await?;
        self.answered = counts::answered(tx, scope).await?;
        self.offers = prompt::store::list_offers(tx, scope.site_id).await?;
        Ok(())
    }
}
