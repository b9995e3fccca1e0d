//! POST `/x/why`: what the debug panel asks while an owner looks, on the live site, why questions do or do not show.
//!
//! Nothing is decided and nothing is written.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload as Body},
};
use serde::Deserialize;
use uuid::Uuid;

use super::owner_tool::{Admitted, Served, serve};
use crate::{
    clock,
    error::AppResult,
    goal,
    ingest::{payload::Payload, visit::Browser, writer::Job},
    prompt,
    site::tool::Tool,
    state::AppState,
    types::ViewId,
    web::{
        extract::visitors_of,
        view::look::{Names, Told},
    },
};

const PANEL: Served = Served {
    tool: Tool::Debug,
    max_bytes: 4 * 1024,
    malformed: "it is not what the panel sends",
    expired: "This link has expired or is of another site. Open it again from “Why did it not show?”.",
};

/// What the panel asks.
#[derive(Deserialize)]
struct Asked {
    /// The page load.
    w: Uuid,
}

/// Tells how the rules of all questions stand in the visit of the page load.
pub async fn create(request: HttpRequest, body: Body, state: Data<AppState>) -> HttpResponse {
    let act = async |admitted| look(&request, &state, admitted).await;
    serve(&request, body, &state, &PANEL, act).await
}

async fn look(
    request: &HttpRequest,
    state: &AppState,
    admitted: Admitted<Asked>,
) -> AppResult<Told> {
    let snapshot = admitted.snapshot;
    let (site, view, now) = (&snapshot.site, ViewId(admitted.asked.w), clock::now());
    let prompts = prompt::store::list_prompts(&state.db.read, site.id).await?;
    let names = Names {
        prompts: prompts.into_iter().map(|row| (row.id, row)).collect(),
        goals: goal::store::list_goal_names(&state.db.read, site.id).await?,
    };
    let job = Job {
        payload: Payload::of_look(site, view, admitted.token),
        visitors: visitors_of(request, state, site.id, now).await?,
        told: None,
        languages: vec![],
        origin: None,
        browser: Browser::default(),
        received_at: now,
        snapshot: Arc::clone(&snapshot),
    };
    let reply = state.writer.write(job).await?;
    Ok(Told::new(
        &snapshot,
        &names,
        reply.look.as_deref(),
        view,
        now,
    ))
}
