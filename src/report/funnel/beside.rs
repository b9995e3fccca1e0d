//! Other visits, or those of other days, set beside those that the funnel is about: step by step, counted in the same way.

use sea_orm::DatabaseTransaction;

use super::{
    Reached,
    assemble::{Facts, left_out, reached},
    counts::{self, Counts, VisitRow},
    queries::Scope,
};
use crate::{
    error::AppResult,
    report::{overview::Choice, period::Period, signatures::Deeds},
    site::{calendar, types::Site},
    types::Millis,
};

/// Which visits stand beside those that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// What says so in the query string; empty of the same visits on other days.
    pub text: String,
    /// Those of which this holds; `None` for all others that can tell what is asked for.
    pub visits: Option<Choice>,
    /// On these days; `None` for the same ones.
    pub days: Option<Period>,
}

/// What was counted of them, in the period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherVisits {
    /// At each step, all visits first.
    pub steps: Vec<Reached>,
    /// Those that may still move on; they count.
    pub open: i64,
    /// Those that were counted by other steps and are left out.
    pub other_steps: i64,
    /// Those of which the order of goals, or their times, would have to be known, and are not; they are left out.
    pub unknown_order: i64,
    /// Those that came to fewer steps for what came between, where such visits are left out.
    pub left_out: i64,
}

impl Beside {
    /// The parts of the query string that say so.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let text = Some(("beside", self.text.clone())).filter(|(_, text)| !text.is_empty());
        let days = self.days.iter();
        let days = days.flat_map(|days| [("beside_from", days.from), ("beside_to", days.to)]);
        let days = days.map(|(name, day)| (name, day.to_string()));
        text.into_iter().chain(days)
    }

    /// Whether they can tell what they did on fewer of their days than those of the period that are asked for.
    pub fn is_told_later(&self, asked: &Choice, period: &Period) -> bool {
        let theirs = self.visits.as_ref().map(|it| it.segment.deeds());
        // The first of these days that tells what they did.
        let told = |deeds: Deeds, days: &Period| deeds.from.max(calendar::number(days.from));
        let is_cut = |deeds: Deeds, days: &Period| deeds.from > calendar::number(days.from);
        let ours = asked.segment.deeds();
        theirs.is_some_and(|it| match &self.days {
            Some(days) => is_cut(it, days) && !is_cut(ours, period),
            None => told(it, period) > told(ours, period),
        })
    }

    /// Whether a visit may be one of these and of those of the period that are asked for.
    pub fn may_share(&self, asked: &Choice, period: &Period) -> bool {
        let Some(visits) = &self.visits else {
            return false;
        };
        let is_apart = |days: &Period| days.to < period.from || days.from > period.to;
        if self.days.as_ref().is_some_and(is_apart) {
            return false;
        }
        let says_other = |(dimension, value): &(_, String)| {
            let mut theirs = visits.filters.iter();
            theirs.any(|(by, other)| by == dimension && other != value)
        };
        let (ours, theirs) = (asked.segment.deeds(), visits.segment.deeds());
        let is_against = ours.with & theirs.without != 0 || ours.without & theirs.with != 0;
        !is_against && !asked.filters.iter().any(says_other)
    }
}

/// Counts them, when `asked` are those that the funnel is about.
pub(super) async fn load(
    db: &DatabaseTransaction,
    (site, period): (&Site, &Period),
    scope: Scope<'_>,
    (facts, beside): (&Facts, &Beside),
    open_after: Millis,
) -> AppResult<Counts> {
    let all = match &beside.visits {
        Some(choice) => {
            let theirs = Scope::new(site, beside.days.as_ref().unwrap_or(period), choice);
            match beside.days {
                Some(_) => theirs,
                // What is told of the one side from later on is not set beside days before.
                None => Scope {
                    deeds: Deeds {
                        since: theirs.deeds.since.max(scope.deeds.since),
                        from: theirs.deeds.from.max(scope.deeds.from),
                        ..theirs.deeds
                    },
                    ..theirs
                },
            }
        }
        None => Scope {
            filters: &[],
            // All that can tell, whatever they did.
            deeds: Deeds {
                with: 0,
                without: 0,
                ..scope.deeds
            },
            ..scope
        },
    };
    let all = Scope {
        first: all.from,
        packed: None,
        ..all
    };
    let packed = all.packs(db, facts.counting.tables()).await?;
    let all = Scope {
        packed: Some(&packed),
        ..all
    };
    let mut counts = counts::reached(db, all, &facts.counting, None, open_after).await?;
    if beside.visits.is_none() {
        take_out(&mut counts.rows, &facts.visits);
        take_out(&mut counts.unknown, &facts.unknown);
        take_out(&mut counts.voided, &facts.voided);
    }
    Ok(counts)
}

/// Takes visits of the period out of a sum.
fn take_out(from: &mut Vec<VisitRow>, visits: &[VisitRow]) {
    let present = visits.iter().filter(|row| row.present == 1);
    from.extend(present.map(|row| VisitRow {
        n: -row.n,
        open: -row.open,
        answers: -row.answers,
        ..row.clone()
    }));
}

impl Facts {
    /// They at each of so many steps.
    pub(super) fn others(&self, steps: usize) -> Option<OtherVisits> {
        let Counts {
            rows,
            unknown,
            voided,
        } = self.beside.as_ref()?;
        Some(OtherVisits {
            steps: reached(steps, self.counted_of(rows, true)),
            open: self.counted_of(rows, true).map(|row| row.open).sum(),
            other_steps: left_out(rows, |row| {
                !self.is_of_these_steps(row.funnel_version) && self.is_wanted(row.automated)
            }),
            unknown_order: self.sum_of(unknown, true, |_| true),
            left_out: self.sum_of(voided, true, |_| true),
        })
    }
}
