//! A filter as conditions on the list of answers.

use sea_orm::{
    ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, LikeExpr, Query, SelectStatement},
};

use crate::{
    answer::{
        filter::{AnswerFilter, AnswerState, Converted},
        types::LeftAt,
        words::pattern,
    },
    db::entity::{OfSite, answer, answer_choice, answer_star, answer_tag, impression, visit},
    goal::types::Told,
    types::SiteId,
};

/// The answers that meet all of the filter. Only visits that are `told` can say whether they reached the main goal.
pub(super) fn filtered(
    site_id: SiteId,
    filter: &AnswerFilter,
    told: Told,
) -> Select<answer::Entity> {
    let list = Narrowed {
        site_id,
        told,
        query: answer::Entity::of_site(site_id),
    };
    list.by_words(filter)
        .by_answer(filter)
        .by_marks(filter)
        .by_visit(filter)
        .query
}

struct Narrowed {
    site_id: SiteId,
    told: Told,
    query: Select<answer::Entity>,
}

impl Narrowed {
    fn only(self, condition: Expr) -> Self {
        Self {
            query: self.query.filter(condition),
            ..self
        }
    }

    /// Only answers about whose card, or visit, there is a row in another table.
    fn with<E: OfSite>(
        self,
        key: E::Column,
        here: answer::Column,
        narrow: impl FnOnce(Select<E>) -> Select<E>,
    ) -> Self {
        let is_about = Expr::col(key.as_column_ref()).equals(here.as_column_ref());
        let rows = narrow(E::of_site(self.site_id).filter(is_about));
        let rows = rows.select_only().expr(Expr::value(1)).into_query();
        self.only(Expr::exists(rows))
    }

    fn by_words(mut self, filter: &AnswerFilter) -> Self {
        if !filter.words.is_empty() {
            let like = LikeExpr::new(pattern(&filter.words)).escape('\\');
            self = self.with_some(answer::Column::Folded.like(like));
        }
        if filter.is_worded {
            self = self.with_some(answer::Column::Comment.ne(""));
        }
        self
    }

    /// Only answers of which some question meets this: it may be another one than stands for the card.
    fn with_some(self, condition: Expr) -> Self {
        let rows = answer::Entity::of_site(self.site_id)
            .filter(condition)
            .select_only()
            .column(answer::Column::ImpressionId);
        self.only(answer::Column::ImpressionId.in_subquery(rows.into_query()))
    }

    fn by_answer(mut self, filter: &AnswerFilter) -> Self {
        if let Some(prompt_id) = filter.prompt_id {
            self = self.only(answer::Column::PromptId.eq(prompt_id));
        }
        if let Some((from, until)) = filter.given {
            self = self
                .only(answer::Column::AnsweredAt.gte(from))
                .only(answer::Column::AnsweredAt.lt(until));
        }
        if let Some(asked_at) = filter.asked_at {
            use impression::Column;
            self =
                self.with::<impression::Entity>(Column::Id, answer::Column::ImpressionId, |rows| {
                    rows.filter(Column::AskedAtMoment.eq(asked_at.as_str()))
                });
        }
        match filter.state {
            None | Some(AnswerState::Automated) => self,
            Some(AnswerState::Partly) => self.only(answer::Column::IsComplete.eq(false)),
            Some(AnswerState::Late) => self.only(answer::Column::IsLate.eq(true)),
            Some(AnswerState::Test) => self.only(answer::Column::IsTest.eq(true)),
        }
    }

    fn by_marks(mut self, filter: &AnswerFilter) -> Self {
        let here = answer::Column::ImpressionId;
        if let Some(reason_id) = filter.reason_id {
            use answer_choice::Column;
            self = self.with::<answer_choice::Entity>(Column::ImpressionId, here, |rows| {
                rows.filter(Column::ReasonId.eq(reason_id))
            });
        }
        if let Some(tag_id) = filter.tag_id {
            use answer_tag::Column;
            self = self.with::<answer_tag::Entity>(Column::ImpressionId, here, |rows| {
                rows.filter(Column::TagId.eq(tag_id))
            });
        }
        if filter.is_starred {
            let key = answer_star::Column::ImpressionId;
            self = self.with::<answer_star::Entity>(key, here, |rows| rows);
        }
        self
    }

    fn by_visit(mut self, filter: &AnswerFilter) -> Self {
        if let Some(left_at) = &filter.left_at {
            let visits = visits_of(self.site_id, left_at);
            self = self
                .only(answer::Column::IsTest.eq(false))
                .only(answer::Column::VisitId.in_subquery(visits));
        }
        if !filter.visits.is_empty() || !filter.deeds.is_empty() {
            let id = Expr::col((Alias::new("v"), visit::Column::Id));
            let is_its = id.equals(answer::Column::VisitId.as_column_ref());
            let visits = visits_that(self.site_id, &filter.visits, &filter.deeds)
                .and_where(is_its)
                .take();
            self = self.only(Expr::exists(visits));
        }
        if let Some(converted) = filter.converted {
            self = self.by_conversion(converted);
        }
        if let Some(device) = filter.device {
            self = self.of_visit(visit::Column::Device.eq(device.as_str()));
        }
        if filter.state == Some(AnswerState::Automated) {
            self = self.of_visit(visit::Column::IsAutomated.eq(true));
        }
        self
    }

    fn of_visit(self, condition: Expr) -> Self {
        self.with::<visit::Entity>(visit::Column::Id, answer::Column::VisitId, |rows| {
            rows.filter(condition)
        })
    }

    fn by_conversion(self, converted: Converted) -> Self {
        let at = || Expr::col(visit::Column::MacroAt.as_column_ref());
        let answered_at = || Expr::col(answer::Column::AnsweredAt.as_column_ref());
        let Told { since, from } = self.told;
        let version = Expr::col(visit::Column::FunnelVersion.as_column_ref());
        let day = Expr::col(visit::Column::Day.as_column_ref());
        let is_told = version.gte(since).and(day.gte(from));
        self.of_visit(match converted {
            Converted::Later => is_told.and(at().gt(answered_at())),
            Converted::Before => is_told.and(at().lte(answered_at())),
            Converted::Not => is_told.and(at().is_null()),
            Converted::Unknown => is_told.not(),
        })
    }
}

/// Of the questions of a card the first by its id stands for all: they share time, state and flags.
pub(super) fn one_a_card(query: Select<answer::Entity>) -> Select<answer::Entity> {
    let earlier = Alias::new("earlier");
    let of = |column: answer::Column| Expr::col((earlier.clone(), column));
    let same = |column: answer::Column| of(column).equals((answer::Entity, column));
    let has_earlier = Query::select()
        .expr(Expr::value(1))
        .from_as(answer::Entity, earlier.clone())
        .and_where(same(answer::Column::SiteId))
        .and_where(same(answer::Column::ImpressionId))
        .and_where(
            of(answer::Column::QuestionId)
                .lt(Expr::col((answer::Entity, answer::Column::QuestionId))),
        )
        .take();
    query.filter(Expr::exists(has_earlier).not())
}

/// Visits `v` of which each of these is so, and which did this.
fn visits_that(site_id: SiteId, only: &[(&'static str, String)], deeds: &str) -> SelectStatement {
    use visit::Column;
    let visits = Alias::new("v");
    let of = |column: Column| Expr::col((visits.clone(), column));
    let mut query = Query::select()
        .expr(of(Column::Id))
        .from_as(visit::Entity, visits.clone())
        .and_where(of(Column::SiteId).eq(site_id))
        .take();
    for (what, is) in only {
        query.and_where(Expr::cust(*what).eq(is.as_str()));
    }
    if !deeds.is_empty() {
        query.and_where(Expr::cust(format!("TRUE{deeds}")));
    }
    query
}

fn visits_of(site_id: SiteId, left_at: &LeftAt) -> SelectStatement {
    use visit::Column;
    let of = |column: Column| Expr::col((Alias::new("v"), column));
    let versions = left_at.funnel_versions.iter().copied();
    let mut query = visits_that(site_id, &left_at.only, &left_at.deeds)
        .and_where(of(Column::Day).between(left_at.from, left_at.to))
        .and_where(of(Column::FunnelVersion).is_in(versions))
        .and_where(of(Column::FunnelStep).eq(left_at.step))
        // Whoever only opened a link was never in the funnel.
        .and_where(of(Column::Pages).gt(0))
        .and_where(of(Column::IsTest).eq(false))
        .take();
    if !left_at.with_automated {
        query.and_where(of(Column::IsAutomated).eq(false));
    }
    query
}
