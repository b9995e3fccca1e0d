//! A scripted visitor before a question: moments, the card, and what becomes of it.

use super::{
    comments,
    play::{Actor, text},
    view::Given,
    visitor::Aim,
};
use crate::{
    error::AppResult,
    ingest::{
        event::{EventKind, Props},
        reply::{Outcome, Reply},
    },
    prompt::types::{AskAt, OTHER_CHOICE, PromptTemplate, PublishedPrompt},
    types::PromptId,
};

impl Actor<'_> {
    /// The exit moment of every question that is ready for it.
    pub(super) async fn leave_over_the_top(&mut self) -> AppResult<()> {
        self.note(EventKind::ExitIntent, Props::default());
        if self.is_asked {
            return self.send().await.map(drop);
        }
        let prompts = &self.stage.snapshot.prompts;
        let ready: Vec<PromptId> = prompts
            .iter()
            .filter(|prompt| prompt.design.moment.ask_at.contains(&AskAt::Exit))
            .filter(|prompt| self.is_ready(prompt))
            .map(|prompt| prompt.id)
            .collect();
        self.ask(ready, AskAt::Exit).await
    }

    fn is_ready(&self, prompt: &PublishedPrompt) -> bool {
        match prompt.design.template {
            PromptTemplate::FormAbandoned => self.form.is_some(),
            PromptTemplate::PricingViewed => self.is_pricing_seen,
            _ => true,
        }
    }

    /// Questions put off to this page are asked for three seconds later, if the visitor is still there.
    pub(super) async fn ask_put_off(&mut self, reply: &Reply) -> AppResult<()> {
        let ready: Vec<PromptId> = reply.armed.iter().flatten().copied().collect();
        // Only whoever has given up comes here: the others are on the way, and the server arms nothing.
        if ready.is_empty() || self.is_asked {
            return Ok(());
        }
        self.wait(3_000, 3_100);
        self.ask(ready, AskAt::NextPage).await
    }

    async fn ask(&mut self, ready: Vec<PromptId>, ask_at: AskAt) -> AppResult<()> {
        for prompt in ready {
            let m = text(ask_at.as_str());
            self.note_prompt(
                EventKind::Eligible,
                prompt,
                Props {
                    m,
                    ..Props::default()
                },
            );
        }
        let reply = self.send().await?;
        for ask in reply.ask {
            match ask.outcome {
                Outcome::Show(card) => {
                    self.is_asked = true;
                    let prompts = &self.stage.snapshot.prompts;
                    let prompt = prompts.iter().find(|prompt| prompt.id.to_string() == ask.p);
                    if let Some(prompt) = prompt {
                        self.meet_card(prompt, card.token).await?;
                    }
                }
                Outcome::HeldOut(_) => self.is_asked = true,
                Outcome::No(_) => {}
            }
        }
        Ok(())
    }

    /// Answers, closes or ignores the card.
    async fn meet_card(&mut self, prompt: &PublishedPrompt, token: String) -> AppResult<()> {
        self.wait(90, 350);
        self.note_prompt(EventKind::PromptShown, prompt.id, Props::default());
        self.send().await?;
        if self.visitor.person.random.happens(0.09) {
            self.wait(150, 800);
            return Ok(());
        }
        self.wait(1_000, 1_050);
        self.note_prompt(EventKind::PromptSeen, prompt.id, Props::default());
        let answers = match prompt.design.template {
            PromptTemplate::FormAbandoned => 0.38,
            PromptTemplate::PricingViewed => 0.27,
            _ => 0.22,
        };
        let draw =
            self.visitor.person.random.share() * if self.visitor.is_touch() { 1.15 } else { 1.0 };
        if draw < answers {
            self.answer(prompt, token);
        } else if draw < answers + 0.3 {
            self.wait(400, 4_000);
            let why = text(if self.visitor.person.random.happens(0.7) {
                "close"
            } else {
                "later"
            });
            self.note_prompt(
                EventKind::PromptDismissed,
                prompt.id,
                Props {
                    why,
                    ..Props::default()
                },
            );
        } else {
            self.wait(800, 7_000);
        }
        self.send().await.map(drop)
    }

    fn answer(&mut self, prompt: &PublishedPrompt, token: String) {
        self.wait(1_200, 6_000);
        self.note_prompt(EventKind::PromptStarted, prompt.id, Props::default());
        let Some(question) = prompt.design.questions.first() else {
            return;
        };
        let template = prompt.design.template;
        let number = self.visitor.person.random.weighted(self.reasons(template));
        let choice = question.choices.get(number);
        let choice = choice.map_or_else(|| OTHER_CHOICE.to_owned(), |choice| choice.id.clone());
        let is_done = !self.visitor.person.random.happens(0.05);
        let comment = comments::draw(&mut self.visitor.person.random, template, number);
        self.wait(900, if comment.is_empty() { 3_000 } else { 22_000 });
        let given = Given {
            token,
            question: question.id.clone(),
            choices: vec![choice],
            comment: if is_done { comment } else { String::new() },
            is_done,
        };
        let at = self.at;
        if let Some(view) = &mut self.view {
            view.answer(at, &given);
        }
    }

    /// How likely each choice of the template is, for what this visitor went through; the last is "something else".
    fn reasons(&self, template: PromptTemplate) -> &'static [f64] {
        match (template, self.visitor.aim) {
            (
                PromptTemplate::FormAbandoned,
                Aim::GiveUp {
                    after_error: true, ..
                },
            ) => &[5.0, 12.0, 60.0, 3.0, 3.0, 10.0, 7.0],
            (PromptTemplate::FormAbandoned, Aim::GiveUp { field: 4, .. }) => {
                &[9.0, 58.0, 1.0, 6.0, 5.0, 14.0, 7.0]
            }
            (PromptTemplate::FormAbandoned, _) => &[24.0, 11.0, 5.0, 18.0, 14.0, 22.0, 6.0],
            (PromptTemplate::PricingViewed, _) => &[33.0, 19.0, 12.0, 18.0, 8.0, 10.0, 5.0],
            (_, Aim::Glance) => &[18.0, 34.0, 48.0],
            _ => &[38.0, 38.0, 24.0],
        }
    }
}
