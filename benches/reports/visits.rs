//! Draws visits: what the widget would have told, folded as the writer folds it.

use std::collections::BTreeMap;

use exitpoll::{
    answer::{
        payload::{AnswerPayload, ValuePayload},
        record::NewAnswer,
        token::ImpressionToken,
    },
    delivery::Snapshot,
    ingest::{
        decide::{Arm, Refusal},
        event::{Event, EventKind, Props},
        fold::{Rules, StoredBatch},
        hidden::Fields,
        visit::{Browser, Change, Impression, Visit},
    },
    prompt::types::{FIRST_WORDING, PublishedPrompt},
    secret,
    seed::random::Random,
    site::calendar,
    types::{ImpressionId, Millis, Scalar, ViewId, VisitId},
};

use crate::site::{FORM, HELD_OUT, ORIGIN, PLAN, PRICING, PRODUCTS, STEPS};

/// Pages of the site beside its own few, each drawn less often than the one before it.
const PAGES: f64 = 5_000.0;

/// A visit that is over, with its journal.
pub(crate) struct Drawn {
    pub(crate) visit: Visit,
    pub(crate) batches: Vec<StoredBatch>,
    pub(crate) answer: Option<NewAnswer>,
}

/// What chance there is of what; the same for all visits of a run.
pub(crate) struct Maker<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// Of somebody who is asked to answer.
    pub(crate) answers: f64,
}

impl Maker<'_> {
    /// Visit number `number`, which begins at `start`.
    pub(crate) fn draw(&self, number: u64, start: Millis) -> Drawn {
        let mut random = Random::new(1, number);
        let site = &self.snapshot.site;
        let id = VisitId(secret::uuid_of(start, &random.bytes()));
        let browser = draw_browser(&mut random);
        let mut visit = Visit::begin(id, site.id, random.bytes(), browser);
        visit.day = calendar::day_of(start, &site.time_zone);
        if random.happens(0.3) {
            visit.visitor_id = Some(random.bytes());
            visit.number = Some(1 + i32::from(random.happens(0.4)));
            visit.facts.number = visit.number;
        }
        let mut walk = Walk {
            maker: self,
            random,
            at: start,
            view: ViewId(secret::uuid_of(start, visit.id.0.as_bytes())),
            view_started_at: start,
            seq: 0,
            pending: vec![],
            drawn: Drawn {
                visit,
                batches: vec![],
                answer: None,
            },
        };
        walk.go();
        walk.drawn
    }
}

/// A visit under way.
struct Walk<'a> {
    maker: &'a Maker<'a>,
    random: Random,
    at: Millis,
    view: ViewId,
    view_started_at: Millis,
    seq: i32,
    pending: Vec<Event>,
    drawn: Drawn,
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

impl Walk<'_> {
    fn go(&mut self) {
        let source = draw_source(&mut self.random);
        let (query, referrer) = source;
        let entry = self.page();
        self.open(
            &format!("{entry}{query}"),
            text(referrer).filter(|it| !it.is_empty()),
        );
        if self.random.happens(0.8) {
            let ms = Some(self.random.between(300, 5_000));
            self.note(
                EventKind::PageLoad,
                Props {
                    ms,
                    ..Props::default()
                },
            );
        }
        self.look_around();
        let mut pages = 1;
        while pages < 12 && self.random.happens(0.42) {
            pages += 1;
            let page = self.page();
            self.turn_to(&page);
        }
        if self.random.happens(0.22) {
            self.turn_to(PRICING);
            self.decide_there();
        }
        self.leave();
    }

    fn page(&mut self) -> String {
        let share = self.random.share();
        match self.random.weighted(&[2.0, 0.5, 0.5, 7.0]) {
            0 => "/".into(),
            1 => "/about".into(),
            2 => "/blog".into(),
            _ => format!("{PRODUCTS}{:.0}", (share.powi(3) * PAGES).floor()),
        }
    }

    fn decide_there(&mut self) {
        if self.random.happens(0.4) {
            self.note(
                EventKind::Track,
                Props {
                    name: text(PLAN),
                    ..Props::default()
                },
            );
        }
        let is_starting = self.random.happens(0.35);
        if is_starting {
            self.note(
                EventKind::FormStarted,
                Props {
                    f: text(FORM),
                    n: text("email"),
                    ..Props::default()
                },
            );
        }
        let is_asked = self.random.happens(0.6) && self.meet_questions();
        if is_starting && self.random.happens(if is_asked { 0.36 } else { 0.4 }) {
            self.note(
                EventKind::FormCompleted,
                Props {
                    f: text(FORM),
                    ..Props::default()
                },
            );
        }
    }

    /// Both questions come up; the first that is drawn has the visit. Says whether one was asked.
    fn meet_questions(&mut self) -> bool {
        let snapshot = self.maker.snapshot;
        let mut holder = None;
        let mut is_asked = false;
        for (place, prompt) in snapshot.prompts.iter().enumerate() {
            if place == 0 || self.random.happens(0.4) {
                let p = Some(Scalar::Text(prompt.id.to_string()));
                let moment = prompt
                    .design
                    .moment
                    .ask_at
                    .first()
                    .map_or("exit", |at| at.as_str());
                self.note(
                    EventKind::Eligible,
                    Props {
                        p,
                        m: text(moment),
                        ..Props::default()
                    },
                );
                self.send();
                let arm = match holder {
                    None if self.random.happens(f64::from(HELD_OUT) / 100.0) => Some(Arm::HeldOut),
                    None => Some(Arm::Shown),
                    Some(_) => None,
                };
                self.decide(prompt, moment, arm, holder);
                holder = holder.or(Some(prompt.id));
                if arm == Some(Arm::Shown) {
                    is_asked = true;
                    self.meet_card(prompt);
                }
            }
        }
        is_asked
    }

    fn decide(
        &mut self,
        prompt: &PublishedPrompt,
        moment: &str,
        arm: Option<Arm>,
        holder: Option<exitpoll::types::PromptId>,
    ) {
        let held_out = f64::from(HELD_OUT) / 100.0;
        let visit = &mut self.drawn.visit;
        visit.impressions.push(Impression {
            id: ImpressionId(secret::uuid_of(self.at, &self.random.bytes())),
            view_id: self.view,
            seq: self.seq - 1,
            prompt_id: prompt.id,
            prompt_version: prompt.version,
            moment: moment.to_owned(),
            decided_at: self.at,
            arm,
            probability: arm.map(|arm| {
                if arm == Arm::Shown {
                    1.0 - held_out
                } else {
                    held_out
                }
            }),
            refusal: arm.is_none().then_some(Refusal::SlotUsed),
            lost_to: holder,
            funnel_step: visit.facts.funnel_step,
            is_test: false,
            is_automatic: true,
            shown_at: None,
            seen_at: None,
            started_at: None,
            answered_at: None,
            dismissed_at: None,
            ending: None,
            language: arm.map(|_| prompt.design.speaks("en", FIRST_WORDING).to_owned()),
            wording: arm.map(|_| FIRST_WORDING.to_owned()),
            fields: Fields::new(),
            change: Change::New,
        });
    }

    fn meet_card(&mut self, prompt: &PublishedPrompt) {
        self.card(EventKind::PromptShown, prompt, None);
        if !self.random.happens(0.85) {
            return;
        }
        self.card(EventKind::PromptSeen, prompt, None);
        if self.random.happens(self.maker.answers) {
            self.card(EventKind::PromptStarted, prompt, None);
            self.answer(prompt);
        } else if self.random.happens(0.5) {
            self.card(EventKind::PromptDismissed, prompt, Some("close"));
        }
    }

    fn card(&mut self, kind: EventKind, prompt: &PublishedPrompt, why: Option<&str>) {
        let p = Some(Scalar::Text(prompt.id.to_string()));
        self.note(
            kind,
            Props {
                p,
                why: why.map(str::to_owned),
                ..Props::default()
            },
        );
        let at = self.at;
        self.drawn.visit.follow_card(kind, prompt.id, why, at);
    }

    fn answer(&mut self, prompt: &PublishedPrompt) {
        let visit = &self.drawn.visit;
        let (Some(shown), Some(question)) =
            (visit.impressions.last(), prompt.design.questions.first())
        else {
            return;
        };
        let token = ImpressionToken {
            impression_id: shown.id,
            visit_id: visit.id,
            prompt_id: prompt.id,
            prompt_version: prompt.version,
            issued_at: shown.decided_at,
            is_test: false,
        };
        let weights: Vec<f64> = (1..=question.choices.len())
            .map(|place| 1.0 / place as f64)
            .collect();
        let chosen = question.choices.get(self.random.weighted(&weights));
        let value = ValuePayload {
            c: chosen.iter().map(|choice| choice.id.clone()).collect(),
            x: if self.random.happens(0.2) {
                "It took me too long to find out what it costs".into()
            } else {
                String::new()
            },
            n: None,
        };
        let payload = AnswerPayload {
            i: String::new(),
            n: 1,
            t: self.at - self.view_started_at,
            done: true,
            v: BTreeMap::from([(question.id.clone(), value)]),
            step: None,
        };
        (self.drawn.answer, _) =
            NewAnswer::parse(token, &payload, &prompt.design, self.at, self.at + 100);
    }

    fn look_around(&mut self) {
        if self.random.happens(0.35) {
            let p = Some(Scalar::Whole(
                [25, 50, 75, 100][self.random.weighted(&[4.0, 3.0, 2.0, 1.0])],
            ));
            self.note(
                EventKind::Scroll,
                Props {
                    p,
                    ..Props::default()
                },
            );
        }
        if self.random.happens(0.2) {
            let l = text("Compare plans");
            self.note(
                EventKind::Click,
                Props {
                    l,
                    h: text("/plans"),
                    ..Props::default()
                },
            );
        }
        for (step, chance) in STEPS.into_iter().zip([0.04, 0.03, 0.02, 0.01]) {
            if self.random.happens(chance) {
                self.note(
                    EventKind::Track,
                    Props {
                        name: text(step),
                        ..Props::default()
                    },
                );
            }
        }
        if self.random.happens(0.01) {
            self.note(EventKind::Search, Props::default());
        }
    }

    fn open(&mut self, address: &str, referrer: Option<String>) {
        self.note(
            EventKind::PageView,
            Props {
                u: text(address),
                r: referrer,
                ..Props::default()
            },
        );
        self.send();
    }

    fn turn_to(&mut self, path: &str) {
        self.leave();
        self.at += self.random.between(100, 400);
        self.view = ViewId(secret::uuid_of(self.at, &self.random.bytes()));
        (self.view_started_at, self.seq) = (self.at, 0);
        self.open(path, Some(format!("{ORIGIN}/")));
        self.look_around();
    }

    fn leave(&mut self) {
        let ms = self.random.between(500, 25_000);
        self.at += ms;
        self.note(
            EventKind::Active,
            Props {
                ms: Some(ms),
                ..Props::default()
            },
        );
        self.send();
    }

    fn note(&mut self, kind: EventKind, props: Props) {
        self.at += self.random.between(50, 2_000);
        self.pending.push(Event {
            t: self.at - self.view_started_at,
            kind: Some(kind),
            props,
        });
    }

    /// Journals what waits, and folds it in.
    fn send(&mut self) {
        let batch = StoredBatch {
            view_id: self.view,
            first_seq: self.seq,
            view_started_at: self.view_started_at,
            events: std::mem::take(&mut self.pending),
        };
        let rules = Rules {
            definitions: &self.maker.snapshot.definitions,
            currency: &self.maker.snapshot.site.currency,
        };
        for placed in batch.placed() {
            self.drawn.visit.facts.apply(rules, &placed);
        }
        self.seq += i32::try_from(batch.events.len()).unwrap();
        self.drawn.batches.push(batch);
    }
}

fn draw_browser(random: &mut Random) -> Browser {
    let is_touch = random.happens(0.45);
    let browsers = ["Chrome", "Safari", "Firefox", "Edge"];
    let languages = ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "ja"];
    Browser {
        device: if is_touch { "touch" } else { "desktop" }.into(),
        browser: rarer(random, &browsers).into(),
        language: rarer(random, &languages).into(),
        country: rarer(random, &COUNTRIES).into(),
        is_automated: random.happens(0.02),
    }
}

const COUNTRIES: [&str; 24] = [
    "DE", "US", "GB", "FR", "ES", "IT", "NL", "PL", "PT", "SE", "JP", "AT", "CH", "BE", "DK", "NO",
    "FI", "IE", "CZ", "CA", "AU", "IN", "BR", "MX",
];

/// The query of the first page, and the page before it.
fn draw_source(random: &mut Random) -> (String, &'static str) {
    let hosts = [
        "https://www.google.com/",
        "https://duckduckgo.com/",
        "https://news.example/",
        "https://t.example/",
        "https://reviews.example/",
        "https://partner.example/",
        "https://forum.example/",
        "https://www.bing.com/",
    ];
    let campaigns = [
        "spring", "summer", "launch", "brand", "retarget", "sale", "webinar", "partner",
    ];
    match random.weighted(&[4.0, 4.0, 2.0]) {
        0 => (String::new(), ""),
        1 => (String::new(), rarer(random, &hosts)),
        _ => {
            let source = rarer(random, &["google", "newsletter", "facebook", "linkedin"]);
            let campaign = rarer(random, &campaigns);
            (format!("?utm_source={source}&utm_campaign={campaign}"), "")
        }
    }
}

/// One of these: the n-th as often as the first, divided by n.
fn rarer<'a>(random: &mut Random, of: &[&'a str]) -> &'a str {
    let weights: Vec<f64> = (1..=of.len()).map(|place| 1.0 / place as f64).collect();
    of[random.weighted(&weights)]
}
