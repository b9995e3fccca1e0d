//! The made-up site: a plain site of several pages, as a customer's may be. It keeps nothing of what is typed.

use actix_web::{HttpRequest, HttpResponse, Responder, web::Data, web::Payload};
use askama::Template;

use crate::{
    demo,
    state::AppState,
    web::{
        extract::{FORM_LIMIT, own_origin, read_body},
        view::page::{Html, see_other},
    },
};

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

/// POST `/demo/signup`: reads what was typed, forgets it, and says thank you.
pub async fn sign_up(request: HttpRequest, body: Payload) -> HttpResponse {
    drop(read_body(&request, body, FORM_LIMIT).await);
    see_other("/demo/thanks")
}

/// GET `/demo/thanks`
pub async fn thanks(request: HttpRequest, state: Data<AppState>) -> impl Responder {
    Html::ok(ThanksPage {
        snippet: Snippet::new(&request, &state),
    })
}
