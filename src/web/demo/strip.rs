//! The live strip: what Exitpoll sees of the visitor who looks at it, and nothing of anybody else.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    clock,
    delivery::Snapshot,
    demo::{
        self, Explained, State,
        watch::{self, Watch},
    },
    error::AppResult,
    report::funnel::{DropOff, FunnelReport},
    state::AppState,
    types::{Millis, SiteKey},
    web::{
        error::PageError,
        extract::{NoFields, OpenForm, visitors_of},
        view::{
            chart::funnel::{Band, layout},
            number,
            page::{Html, see_other},
            when::When,
        },
    },
};

#[derive(Template)]
#[template(path = "demo/strip.html")]
struct StripPage {
    live: Live,
}

#[derive(Template)]
#[template(path = "demo/strip_live.html")]
struct LivePart {
    live: Live,
}

/// What changes while one looks.
struct Live {
    is_there: bool,
    watch: Watch,
    steps: Vec<StepRow>,
    when: When,
}

/// A band of the small funnel.
struct StepRow {
    band: Band,
    name: String,
    count: String,
    because: Option<String>,
}

/// What the script asks for.
#[derive(Deserialize)]
pub struct StripQuery {
    #[serde(default)]
    part: String,
}

/// GET `/demo/strip`; with `?part=live` only what changes.
pub async fn show(
    request: HttpRequest,
    query: Query<StripQuery>,
    state: Data<AppState>,
) -> Result<HttpResponse, PageError> {
    let now = clock::now();
    let live = Live::load(&request, &state, now).await?;
    Ok(if query.part == "live" {
        Html::ok(LivePart { live }).respond_to(&request)
    } else {
        Html::ok(StripPage { live }).respond_to(&request)
    })
}

/// POST `/demo/new-visitor`: whoever comes next from this browser is somebody else.
pub async fn begin_again(
    request: HttpRequest,
    state: Data<AppState>,
    _: OpenForm<NoFields>,
) -> Result<HttpResponse, PageError> {
    let now = clock::now();
    if let Some(snapshot) = demo_site(&state).await? {
        let visitors = visitors_of(&request, &state, snapshot.site.id, now).await?;
        state.writer.close_visits(snapshot, visitors, now).await?;
    }
    Ok(see_other("/demo"))
}

async fn demo_site(state: &AppState) -> AppResult<Option<std::sync::Arc<Snapshot>>> {
    state.snapshots.get(&SiteKey(demo::KEY.into())).await
}

impl Live {
    async fn load(request: &HttpRequest, state: &AppState, now: Millis) -> AppResult<Self> {
        let Some(snapshot) = demo_site(state).await? else {
            return Ok(Self::missing(now));
        };
        let visitors = visitors_of(request, state, snapshot.site.id, now).await?;
        let watch = watch::look(&state.db, &snapshot, &visitors, now).await?;
        Ok(Self {
            is_there: true,
            steps: steps(&watch.funnel),
            when: When::new(&snapshot.site.time_zone, now),
            watch,
        })
    }

    /// The owner removed the demo site.
    fn missing(now: Millis) -> Self {
        Self {
            is_there: false,
            watch: Watch {
                is_seen: false,
                questions: vec![],
                events: vec![],
                funnel: FunnelReport::default(),
            },
            steps: vec![],
            when: When::new("UTC", now),
        }
    }
}

fn steps(funnel: &FunnelReport) -> Vec<StepRow> {
    let counts: Vec<i64> = funnel.steps.iter().map(|step| step.of_all.k).collect();
    let bands = layout(&counts);
    let because = |place: usize| {
        let drop = funnel.drops.iter().find(|drop| drop.step == place)?;
        reason_line(drop)
    };
    let rows = funnel.steps.iter().zip(bands).enumerate();
    rows.map(|(place, (step, band))| StepRow {
        band,
        name: step.name.clone(),
        count: number::count(step.of_all.k),
        because: because(place),
    })
    .collect()
}

/// How many left there, and what they say.
fn reason_line(drop: &DropOff) -> Option<String> {
    if drop.left.k == 0 {
        return None;
    }
    let stayed = format!("{} went no further", number::count(drop.left.k));
    if drop.reasons.is_empty() {
        return Some(stayed);
    }
    let reasons: Vec<String> = drop
        .reasons
        .iter()
        .take(3)
        .map(|reason| format!("{} ({})", reason.name, reason.rate.k))
        .collect();
    Some(format!("{stayed}: {}", reasons.join(", ")))
}

impl Explained {
    /// Class of the badge.
    fn badge(&self) -> &'static str {
        match self.state {
            State::Waiting => "wait",
            State::Open | State::Answered => "on",
            State::Silent => "off",
        }
    }
}
