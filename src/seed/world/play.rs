//! Acts out one visit to a world.

use super::{
    Kind, STEPS, USEFUL, World,
    site::{HESITATED, PRICING, SIGNED_UP, choice_id},
};
use crate::{
    error::AppResult,
    ingest::{
        event::{EventKind, Props},
        reply::{Outcome, Reply},
    },
    prompt::types::{AskAt, OTHER_CHOICE},
    seed::{
        random::Random,
        view::{Given, ORIGIN, Stage, View},
        visitor::Person,
    },
    types::{Millis, PromptId},
};

/// How long visitors stay at the prices, by how likely each number of parts is: whoever signs up stays longer.
const PARTS_OF_BUYERS: [f64; 3] = [0.2, 0.3, 0.5];
const PARTS_OF_OTHERS: [f64; 3] = [0.5, 0.3, 0.2];

/// A visitor on the way.
struct Walk<'a> {
    stage: &'a Stage,
    world: &'a World,
    kind: &'a Kind,
    person: Person,
    at: Millis,
    view: View,
    taken: [bool; STEPS.len()],
}

/// Plays visit number `number`, which begins at `start`, to its end.
pub(super) async fn play(
    stage: &Stage,
    world: &World,
    number: u64,
    start: Millis,
) -> AppResult<()> {
    let mut random = Random::new(world.seed, number);
    let is_touch = random.happens(world.touch.share);
    let mut person = Person::draw(random, is_touch);
    let walk = Walk {
        stage,
        world,
        kind: if is_touch { &world.touch } else { &world.mouse },
        view: View::new(&mut person, start),
        person,
        at: start,
        taken: [false; STEPS.len()],
    };
    walk.go().await
}

fn text(text: &str) -> Option<String> {
    Some(text.into())
}

impl Walk<'_> {
    async fn go(mut self) -> AppResult<()> {
        self.open("/", None).await?;
        // Less than half a minute in all: the second page is the landmark.
        self.take_steps(self.world.first);
        if self.person.random.happens(self.world.at_once) {
            self.track(SIGNED_UP);
            self.turn_to("/thanks").await?;
        } else if self.person.random.happens(self.kind.goes_on) {
            self.turn_to(PRICING).await?;
            self.look_at_prices().await?;
        }
        self.leave().await
    }

    async fn look_at_prices(&mut self) -> AppResult<()> {
        let is_watched = self.taken[USEFUL];
        self.wait(2_000, 6_000);
        let is_asked = self.person.random.happens(self.kind.hesitates) && self.hesitate().await?;
        let chance = self.world.signs_up(self.kind, is_watched, is_asked);
        let buys = self.person.random.happens(chance);
        let parts = if buys {
            PARTS_OF_BUYERS
        } else {
            PARTS_OF_OTHERS
        };
        for _ in 0..=self.person.random.weighted(&parts) {
            self.wait(4_000, 15_000);
            self.take_steps(self.world.later);
        }
        if buys {
            self.track(SIGNED_UP);
        }
        Ok(())
    }

    /// Each step that was not taken yet, by its chance.
    fn take_steps(&mut self, chances: [f64; STEPS.len()]) {
        let mut taken = self.taken;
        for ((is_taken, chance), (_, event)) in taken.iter_mut().zip(chances).zip(STEPS) {
            self.wait(300, 2_000);
            if !*is_taken && self.person.random.happens(chance) {
                *is_taken = true;
                self.track(event);
            }
        }
        self.taken = taken;
    }

    /// The moment of the question; says whether it was asked.
    async fn hesitate(&mut self) -> AppResult<bool> {
        self.track(HESITATED);
        for prompt in &self.stage.snapshot.prompts {
            let m = text(AskAt::Event.as_str());
            let props = Props {
                m,
                ..Props::default()
            };
            self.view
                .note_prompt(self.at, EventKind::Eligible, prompt.id, props);
        }
        let reply = self.send().await?;
        for ask in reply.ask {
            let prompts = &self.stage.snapshot.prompts;
            let prompt = prompts.iter().find(|prompt| prompt.id.to_string() == ask.p);
            if let (Outcome::Show(card), Some(prompt)) = (ask.outcome, prompt) {
                self.meet(prompt.id, card.token).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Sees the card, and answers it or lets it be: by the device alone, whatever the reason is.
    async fn meet(&mut self, prompt: PromptId, token: String) -> AppResult<()> {
        self.wait(100, 300);
        self.note_prompt(EventKind::PromptShown, prompt);
        self.wait(1_000, 1_050);
        self.note_prompt(EventKind::PromptSeen, prompt);
        self.wait(1_000, 6_000);
        if self.person.random.happens(self.kind.answers) {
            self.note_prompt(EventKind::PromptStarted, prompt);
            let given = Given {
                token,
                question: "q1".into(),
                choices: self.reasons(),
                comment: String::new(),
                is_done: true,
            };
            self.view.answer(self.at, &given);
        }
        self.send().await.map(drop)
    }

    fn reasons(&mut self) -> Vec<String> {
        let mut choices = vec![];
        for (place, chance) in self.kind.reasons.into_iter().enumerate() {
            if self.person.random.happens(chance) {
                choices.push(choice_id(place));
            }
        }
        if choices.is_empty() {
            choices.push(OTHER_CHOICE.into());
        }
        choices
    }

    async fn open(&mut self, path: &str, referrer: Option<String>) -> AppResult<()> {
        let props = Props {
            u: text(path),
            r: referrer,
            ..Props::default()
        };
        self.view.note(self.at, EventKind::PageView, props);
        self.send().await.map(drop)
    }

    async fn turn_to(&mut self, path: &str) -> AppResult<()> {
        self.leave().await?;
        self.wait(100, 400);
        self.view = View::new(&mut self.person, self.at);
        self.open(path, Some(format!("{ORIGIN}/"))).await
    }

    async fn leave(&mut self) -> AppResult<()> {
        self.wait(500, 3_000);
        self.view
            .note(self.at, EventKind::PageHidden, Props::default());
        self.send().await.map(drop)
    }

    fn wait(&mut self, low: Millis, high: Millis) {
        self.at += self.person.random.between(low, high);
    }

    fn track(&mut self, event: &str) {
        let props = Props {
            name: text(event),
            ..Props::default()
        };
        self.view.note(self.at, EventKind::Track, props);
    }

    fn note_prompt(&mut self, kind: EventKind, prompt: PromptId) {
        self.view
            .note_prompt(self.at, kind, prompt, Props::default());
    }

    async fn send(&mut self) -> AppResult<Reply> {
        self.view.send(self.stage, &mut self.person, self.at).await
    }
}
