//! The home page of a site: the funnel with reasons, the trend on top.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data};
use askama::Template;

use super::{choice, is_fragment, period};
use crate::{
    answer::filter::AnswerFilter,
    clock,
    error::AppResult,
    goal, harm,
    ingest::cube::Dimension,
    prompt,
    report::{
        funnel::{self, FunnelChoice, FunnelReport},
        journey::{self, Journey},
        period::Period,
        signatures::funnel::Order,
        sums,
    },
    site::{calendar, types::Site},
    state::AppState,
    stats::Rate,
    types::{GoalId, Millis},
    web::{
        error::PageError,
        extract::{SiteScope, base_url},
        view::{
            few::{FEW_VISITS, FewView},
            funnel::{BesideOptions, FunnelView, beside_options, time_words},
            harm::HarmView,
            page::{Html, Nav, Page},
            range::Range,
            when::When,
        },
    },
};

/// Answers that are told with their ways, where there are few.
const NEWEST: usize = 5;
#[derive(Template)]
#[template(path = "reports/funnel.html")]
struct FunnelPage {
    page: Page,
    range: Range,
    base: String,
    service: String,
    snippet: String,
    choice: FunnelChoice,
    few: Option<FewView>,
    /// What can be set beside the visits that are asked for.
    besides: Vec<BesideOptions>,
    view: FunnelView,
    /// Questions that do harm, or did until they were paused by themselves.
    harms: Vec<HarmView>,
}

impl FunnelPage {
    /// Whether the steps count in it.
    fn is_order(&self, order: &Order) -> bool {
        self.choice.order == *order
    }

    /// Whether the goal must not come between them.
    fn is_without(&self, goal: &GoalId) -> bool {
        self.choice.without == Some(*goal)
    }

    /// Steps behind which it must not come, by what says so, their names, and whether it is that one; the first goes without saying.
    fn afters(&self) -> Vec<(String, &String, bool)> {
        let asked = self.choice.after.unwrap_or(1);
        self.places(1..self.view.goals.len(), (1, asked))
    }

    /// Likewise, those up to which; the last goes without saying.
    fn befores(&self) -> Vec<(String, &String, bool)> {
        let last = self.view.goals.len();
        let asked = self.choice.before.unwrap_or(last);
        self.places(2..last + 1, (last, asked))
    }

    fn places(
        &self,
        places: std::ops::Range<usize>,
        (unsaid, asked): (usize, usize),
    ) -> Vec<(String, &String, bool)> {
        let goals = (1..).zip(&self.view.goals);
        let goals = goals.filter(|(place, _)| places.contains(place));
        let option = |(place, name): (usize, _)| {
            let said = (place != unsaid).then(|| place.to_string());
            (said.unwrap_or_default(), name, place == asked)
        };
        goals.map(option).collect()
    }

    /// Times within which steps may be asked to count, in minutes, with the one that is.
    fn minutes(&self) -> BTreeSet<u16> {
        let chosen = self.choice.within;
        [1, 5, 15, 30, 60, 240].into_iter().chain(chosen).collect()
    }

    fn minutes_words(&self, minutes: &u16) -> String {
        time_words(Millis::from(*minutes) * clock::MINUTE)
    }

    /// Whether steps count within so many minutes.
    fn is_within(&self, minutes: &u16) -> bool {
        self.choice.within == Some(*minutes)
    }

    /// Whether it says what stands beside the visits.
    fn is_beside(&self, text: &str) -> bool {
        let beside = self.choice.beside.as_ref();
        beside.map_or("", |it| it.text.as_str()) == text
    }

    /// First and last day of what stands beside them, where these are other days.
    fn beside_days(&self) -> Option<(String, String)> {
        let days = self.choice.beside.as_ref()?.days.as_ref()?;
        Some((days.from.to_string(), days.to.to_string()))
    }
}

#[derive(Template)]
#[template(path = "reports/funnel_live.html")]
struct FunnelLive {
    range: Range,
    base: String,
    service: String,
    snippet: String,
    few: Option<FewView>,
    view: FunnelView,
}

/// GET `/sites/{key}`.
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
) -> Result<HttpResponse, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let period = period(&request, site, now)?;
    let choice = choice::load_funnel(&request, &state.db, site, &period).await?;
    let report = funnel::load(&state.db, site, &period, &choice, now).await?;
    let when = When::new(&site.time_zone, now);
    let view = FunnelView::new(&report, &choice, &period, &when, &site.currency);
    let few = few(&state, site, &period, (&choice, &report), &when).await?;
    let goals = goal::store::list_goals(&state.db.read, site.id).await?;
    let range = Range::keeping(&period, choice::funnel_pairs(&choice)).with_goals(&goals);
    let base = format!("/sites/{}", site.key);
    let service = base_url(&request, &state.config);
    let snippet = format!(
        "<script async src=\"{service}/x/{}.js\"></script>",
        site.key
    );
    Ok(if is_fragment(&request) {
        Html::ok(FunnelLive {
            range,
            base,
            service,
            snippet,
            few,
            view,
        })
        .respond_to(&request)
    } else {
        let page = scope.page(Nav::Funnel);
        let prompts = prompt::store::list_prompts(&state.db.read, site.id).await?;
        let harms = harm::load(&state.db.read, site, &prompts, now).await?;
        Html::ok(FunnelPage {
            besides: beside_options(&report, &choice, &range.goals),
            harms: harms.iter().map(|it| HarmView::new(it, &when)).collect(),
            page,
            range,
            base,
            service,
            snippet,
            choice,
            few,
            view,
        })
        .respond_to(&request)
    })
}

/// What there is to read, where visits are too few for shares.
async fn few(
    state: &AppState,
    site: &Site,
    period: &Period,
    (choice, report): (&FunnelChoice, &FunnelReport),
    when: &When,
) -> AppResult<Option<FewView>> {
    let visits = report
        .steps
        .first()
        .map_or_else(Rate::default, |step| step.of_all);
    if visits.n == 0 || visits.n >= FEW_VISITS {
        return Ok(None);
    }
    let filter = AnswerFilter {
        given: Some(period.times(&site.time_zone)),
        visits: choice.visits.conditions(),
        deeds: choice.visits.segment.deeds().of_visits(),
        ..AnswerFilter::default()
    };
    let with_automated = sums::counts_automated(site, period);
    let days = calendar::number(period.from)..=calendar::number(period.to);
    let counts = |it: &Journey| {
        let is_test = it.answer.is_test || it.visit.is_test;
        !is_test && days.contains(&it.visit.day) && (with_automated || !it.visit.is_automated)
    };
    let newest = journey::newest(&state.db, site.id, &filter, clock::now()).await?;
    let newest: Vec<Journey> = newest.into_iter().filter(counts).take(NEWEST).collect();
    Ok(Some(FewView::new(visits, period.length(), &newest, when)))
}
