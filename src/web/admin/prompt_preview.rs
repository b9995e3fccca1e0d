//! The preview of the editor: the card, or the page of a link, as visitors get it, from the form as it stands, in frames that can do
//! nothing else.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::header::{CONTENT_SECURITY_POLICY, HeaderValue},
    web::{Data, Path},
};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::prompts::prompt_id;
use crate::{
    delivery::script::lazy_name,
    error::{AppError, AppResult},
    goal,
    ingest::content::Content,
    prompt::{
        form::{FormContext, PromptForm},
        store,
        types::{FIRST_WORDING, ShownAs},
    },
    state::AppState,
    types::VisitId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        link::screens::StepPage,
        view::page::Html,
    },
};

/// The frame has an origin of its own, whatever it is opened in, and no way to any address but those of its files. Forms: the card's button
/// sends one, to nobody.
const POLICY: &str = "sandbox allow-scripts allow-forms; default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

#[derive(Template)]
#[template(path = "admin/prompt/frame.html")]
struct Frame {
    /// Address of the file that draws the card.
    view: String,
}

/// The editor's form, and in which language and wording it is looked at.
#[derive(Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct PreviewPost {
    language: String,
    wording: String,
    form: PromptForm,
}

impl From<Vec<(String, String)>> for PreviewPost {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let value = |name: &str| {
            let mut named = pairs.iter().filter(|(key, _)| key == name);
            named.next().map_or("", |(_, value)| value.as_str())
        };
        Self {
            language: value("preview_language").to_owned(),
            wording: match value("preview_wording") {
                "" => FIRST_WORDING.to_owned(),
                wording => wording.to_owned(),
            },
            form: pairs.into(),
        }
    }
}

/// GET `/sites/{key}/prompts/{id}/preview`: the page inside the frame. It knows nothing: the editor hands the words over.
pub async fn show(request: HttpRequest, _scope: SiteScope) -> Result<HttpResponse, PageError> {
    let view = format!("/x/{}", lazy_name("u"));
    let mut response = Html::ok(Frame { view }).respond_to(&request);
    let policy = HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// What the editor shows.
#[derive(Serialize)]
#[serde(untagged)]
enum Preview {
    /// The words of a card, which draws itself.
    Card(Box<Content>),
    /// A page of its own, and the colours that it would fetch.
    Page { page: String, css: String },
}

/// POST `/sites/{key}/prompts/{id}/preview`: what visitors would see, as JSON. Stores nothing.
pub async fn update(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(post): Form<PreviewPost>,
) -> Result<HttpResponse, PageError> {
    let preview = preview(&state, &scope, &path.1, &post).await?;
    Ok(HttpResponse::Ok().json(preview))
}

async fn preview(
    state: &AppState,
    scope: &SiteScope,
    id: &str,
    post: &PreviewPost,
) -> AppResult<Preview> {
    let (db, site) = (&state.db.read, &scope.site);
    let prompt = store::find_prompt(db, site.id, prompt_id(id)?).await?;
    let design = post.form.draft(FormContext {
        template: prompt.draft.template,
        goals: &goal::store::list_goals(db, site.id).await?,
        part_ids: &store::list_part_ids(db, site.id, prompt.id).await?,
    });
    let mut questions = design.questions.iter();
    let shown = questions.position(|question| question.id == post.form.shown);
    let shown = shown.unwrap_or_default();
    let said = design.said(&post.language, &post.wording);
    // Shuffled choices keep their order while one types.
    let mut content = Content::of(&said, &site.theme, VisitId(prompt.id.0));
    if let (ShownAs::Link, Some(question)) = (design.look.shown_as, design.questions.get(shown)) {
        let page = StepPage::preview(&content, &question.id, shown, design.questions.len());
        let page = page
            .render()
            .map_err(|error| AppError::Internal(error.into()))?;
        let theme = design.look.theme.as_ref().unwrap_or(&site.theme);
        let css = theme.page_css();
        return Ok(Preview::Page { page, css });
    }
    content.begin_at(shown);
    Ok(Preview::Card(Box::new(content)))
}
