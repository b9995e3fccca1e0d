//! Acts a visit out, page by page, and reacts to what the server replies as the widget and a person would.

use super::{
    view::{ORIGIN, Stage, View},
    visitor::{Aim, FIELDS, Leave, Visitor},
};
use crate::{
    clock::SECOND,
    demo::furnish::FORM,
    error::AppResult,
    ingest::{
        event::{EventKind, Props},
        reply::Reply,
    },
    types::{Millis, PromptId, Scalar},
};

/// Plays one visit to its end.
pub(super) async fn play(stage: &Stage, visitor: Visitor) -> AppResult<()> {
    let at = visitor.start;
    let actor = Actor {
        stage,
        visitor,
        at,
        view: None,
        path: "",
        is_pricing_seen: false,
        form: None,
        is_asked: false,
    };
    actor.act().await
}

/// A visitor on stage.
pub(super) struct Actor<'a> {
    pub(super) stage: &'a Stage,
    pub(super) visitor: Visitor,
    pub(super) at: Millis,
    pub(super) view: Option<View>,
    pub(super) path: &'static str,
    pub(super) is_pricing_seen: bool,
    /// The last field touched, while the form is under way.
    pub(super) form: Option<usize>,
    pub(super) is_asked: bool,
}

fn form_props(field: Option<usize>) -> Props {
    Props {
        f: Some(FORM.into()),
        n: field
            .and_then(|field| FIELDS.get(field))
            .map(|name| (*name).into()),
        ..Props::default()
    }
}

pub(super) fn text(text: &str) -> Option<String> {
    Some(text.into())
}

impl Actor<'_> {
    async fn act(mut self) -> AppResult<()> {
        let entry = self.visitor.entry;
        self.open(entry).await?;
        match self.visitor.aim {
            Aim::Glance => self.stay(2, 45),
            Aim::LookAround => {
                self.stay(8, 60);
                self.go("/features").await?;
                self.stay(10, 70);
            }
            Aim::Price => {
                self.reach_pricing().await?;
            }
            Aim::SeeForm => {
                self.reach_form().await?;
            }
            Aim::GiveUp { field, after_error } => {
                self.reach_form().await?;
                self.fill(0, field).await?;
                if after_error {
                    self.fail(field);
                }
            }
            Aim::SignUp => {
                self.reach_form().await?;
                self.fill(0, FIELDS.len() - 1).await?;
                return self.sign_up().await;
            }
        }
        self.depart().await
    }

    async fn reach_pricing(&mut self) -> AppResult<()> {
        if self.path != "/pricing" {
            self.stay(6, 50);
            self.go("/pricing").await?;
        }
        self.stay(9, 80);
        Ok(())
    }

    async fn reach_form(&mut self) -> AppResult<()> {
        self.reach_pricing().await?;
        self.go("/signup").await?;
        self.wait(1_300, 1_900);
        self.note(EventKind::FormViewed, form_props(None));
        self.wait(1_500, 9_000);
        Ok(())
    }

    /// Begins a page.
    async fn open(&mut self, path: &'static str) -> AppResult<()> {
        let referrer = match self.view {
            Some(_) => Some(format!("{ORIGIN}{}", self.path)),
            None => self.visitor.referrer.map(str::to_owned),
        };
        let mut view = View::new(&mut self.visitor.person, self.at);
        let props = Props {
            u: text(path),
            r: referrer,
            ..Props::default()
        };
        view.note(self.at, EventKind::PageView, props);
        self.view = Some(view);
        self.path = path;
        self.is_pricing_seen |= path == "/pricing";
        let reply = self.send().await?;
        let load = self.visitor.person.random.between(280, 2_400);
        self.at += load;
        self.note(
            EventKind::PageLoad,
            Props {
                ms: Some(load),
                ..Props::default()
            },
        );
        self.ask_put_off(&reply).await
    }

    /// Follows a link.
    async fn go(&mut self, path: &'static str) -> AppResult<()> {
        let label = match path {
            "/pricing" => "Pricing",
            "/signup" => "Start free",
            "/features" => "Features",
            _ => "Northwind Desk",
        };
        let props = Props {
            l: text(label),
            h: text(path),
            ..Props::default()
        };
        self.note(EventKind::Click, props);
        self.hide("navigated").await?;
        self.wait(60, 400);
        self.open(path).await
    }

    /// Leaves the page.
    async fn hide(&mut self, why: &str) -> AppResult<()> {
        if let Some(field) = self.form.take() {
            let props = form_props(Some(field));
            self.note(
                EventKind::FormAbandoned,
                Props {
                    why: text(why),
                    ..props
                },
            );
        }
        self.note(EventKind::PageHidden, Props::default());
        self.send().await.map(drop)
    }

    pub(super) fn wait(&mut self, low: Millis, high: Millis) {
        self.at += self.visitor.person.random.between(low, high);
    }

    /// Reads for some seconds.
    fn stay(&mut self, low: Millis, high: Millis) {
        self.wait(low * SECOND, high * SECOND);
        let mark = self
            .visitor
            .person
            .random
            .pick(&[(25, 2.0), (50, 3.0), (75, 3.0), (100, 2.0)]);
        let p = mark.map(Scalar::Whole);
        self.note(
            EventKind::Scroll,
            Props {
                p,
                ..Props::default()
            },
        );
    }

    pub(super) fn note(&mut self, kind: EventKind, props: Props) {
        let at = self.at;
        if let Some(view) = &mut self.view {
            view.note(at, kind, props);
        }
    }

    pub(super) fn note_prompt(&mut self, kind: EventKind, prompt: PromptId, props: Props) {
        let at = self.at;
        if let Some(view) = &mut self.view {
            view.note_prompt(at, kind, prompt, props);
        }
    }

    pub(super) async fn send(&mut self) -> AppResult<Reply> {
        let at = self.at;
        match &mut self.view {
            Some(view) => view.send(self.stage, &mut self.visitor.person, at).await,
            None => Ok(Reply::default()),
        }
    }

    /// Fills in the fields from one to another.
    async fn fill(&mut self, from: usize, to: usize) -> AppResult<()> {
        for field in from..=to {
            self.note(EventKind::FieldFocused, form_props(Some(field)));
            self.wait(700, 2_000);
            if field == 0 {
                self.note(EventKind::FormStarted, form_props(Some(field)));
                self.send().await?;
            }
            self.form = Some(field);
            self.wait(1_500, 11_000);
        }
        Ok(())
    }

    fn fail(&mut self, field: usize) {
        self.note(EventKind::FormAttempted, form_props(None));
        self.note(EventKind::FormFailed, form_props(Some(field)));
        self.wait(2_000, 12_000);
    }

    async fn sign_up(mut self) -> AppResult<()> {
        if self.visitor.person.random.happens(0.12) {
            self.fail(FIELDS.len() - 1);
        }
        self.note(EventKind::FormAttempted, form_props(None));
        let props = Props {
            by: text("weak"),
            ..form_props(None)
        };
        self.note(EventKind::FormCompleted, props);
        self.form = None;
        self.send().await?;
        self.hide("navigated").await?;
        self.wait(200, 700);
        self.open("/thanks").await?;
        self.stay(2, 20);
        self.hide("closed").await
    }

    /// Gives up, in this visitor's way.
    async fn depart(mut self) -> AppResult<()> {
        match self.visitor.leave {
            Leave::OverTheTop if self.time_on_page() >= 5 * SECOND => {
                self.leave_over_the_top().await?;
                let is_won_back = self.form.is_some() && self.visitor.person.random.happens(0.06);
                if let Some(field) = self.form.filter(|_| is_won_back) {
                    self.fill(field, FIELDS.len() - 1).await?;
                    return self.sign_up().await;
                }
                self.hide("exit_mouse").await
            }
            Leave::OtherPage => {
                let other = if self.path == "/" { "/features" } else { "/" };
                self.go(other).await?;
                self.stay(4, 30);
                self.hide("closed").await
            }
            Leave::OverTheTop | Leave::Silently => self.hide("closed").await,
        }
    }

    fn time_on_page(&self) -> Millis {
        self.view.as_ref().map_or(0, |view| self.at - view.started)
    }
}
