//! The made-up site: a plain site of several pages, as a customer's may be. It keeps nothing of what is typed.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data, web::Payload};
use askama::Template;
use futures_util::StreamExt;

use crate::{
    demo,
    state::AppState,
    web::{
        extract::own_origin,
        view::page::{Html, see_other},
    },
};

/// More than this is not read of a sent form.
const FORM_LIMIT: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "demo/home.html")]
struct HomePage {
    snippet: Snippet,
}

#[derive(Template)]
#[template(path = "demo/pricing.html")]
struct PricingPage {
    snippet: Snippet,
}

#[derive(Template)]
#[template(path = "demo/signup.html")]
struct SignupPage {
    snippet: Snippet,
}

#[derive(Template)]
#[template(path = "demo/thanks.html")]
struct ThanksPage {
    snippet: Snippet,
}

/// What a customer pastes.
struct Snippet {
    base: String,
    key: &'static str,
}

impl Snippet {
    fn new(request: &HttpRequest, state: &AppState) -> Self {
        Self {
            base: own_origin(request, &state.config),
            key: demo::KEY,
        }
    }
}

/// GET `/demo`
pub async fn home(request: HttpRequest, state: Data<AppState>) -> impl Responder {
    Html::ok(HomePage {
        snippet: Snippet::new(&request, &state),
    })
}

/// GET `/demo/pricing`
pub async fn pricing(request: HttpRequest, state: Data<AppState>) -> impl Responder {
    Html::ok(PricingPage {
        snippet: Snippet::new(&request, &state),
    })
}

/// GET `/demo/signup`
pub async fn signup(request: HttpRequest, state: Data<AppState>) -> impl Responder {
    Html::ok(SignupPage {
        snippet: Snippet::new(&request, &state),
    })
}

/// POST `/demo/signup`: lets what was typed run past, unread, and says thank you.
pub async fn sign_up(mut body: Payload) -> HttpResponse {
    let mut length = 0;
    while let Some(Ok(chunk)) = body.next().await {
        length += chunk.len();
        if length > FORM_LIMIT {
            break;
        }
    }
    see_other("/demo/thanks")
}

/// GET `/demo/thanks`
pub async fn thanks(request: HttpRequest, state: Data<AppState>) -> impl Responder {
    Html::ok(ThanksPage {
        snippet: Snippet::new(&request, &state),
    })
}
