//! Questions that cost conversions: told where their owner looks, and paused by themselves where he chose so.
//!
//! What is harm is said by the report of the question (`report::prompt::effect`), here and there by the same function. A comparison
//! pauses a question once: whoever lets it ask again has seen the figures, and the same figures must not overrule him. With another
//! share left unasked a new comparison begins.

mod store;

use std::time::Duration;

use sea_orm::ConnectionTrait;
use tokio::{sync::oneshot, time::interval};

use crate::{
    clock,
    db::Db,
    delivery::Snapshots,
    error::AppResult,
    goal, prompt,
    prompt::types::{Prompt, PromptStatus, PublishedPrompt},
    report::prompt::{Effect, effect},
    site::{self, types::Site},
    types::{Millis, PromptId, SiteId},
};

/// How often to look.
const EVERY: Duration = Duration::from_secs(3_600);

/// A question that costs conversions, or did when it was paused.
#[derive(Clone, Debug, PartialEq)]
pub struct Harm {
    /// The question.
    pub prompt_id: PromptId,
    /// What the owner calls it.
    pub name: String,
    /// What the main goal is called, or was by then.
    pub goal: String,
    /// The figures.
    pub effect: Effect,
    /// What became of it.
    pub state: HarmState,
}

/// What became of a question that costs conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HarmState {
    /// It asks.
    Asking,
    /// It was paused by itself at this time, and still is.
    Paused(Millis),
    /// It was paused by itself at this time, and asks again.
    Resumed(Millis),
}

/// A question that was paused by itself.
#[derive(Clone, Debug, PartialEq)]
struct Pause {
    at: Millis,
    /// What the main goal was called.
    goal: String,
    /// The figures that led to it.
    effect: Effect,
}

impl Pause {
    /// Whether the figures are further ones of the same comparison.
    fn is_of(&self, effect: &Effect) -> bool {
        self.effect.percent == effect.percent && self.at >= effect.since
    }
}

/// Which of the prompts cost conversions, in their order.
pub async fn load(
    db: &impl ConnectionTrait,
    site: &Site,
    prompts: &[Prompt],
    now: Millis,
) -> AppResult<Vec<Harm>> {
    let asking = prompts
        .iter()
        .filter(|prompt| prompt.status == PromptStatus::Published);
    let ids: Vec<PromptId> = asking.map(|prompt| prompt.id).collect();
    let main = main_goal(db, site.id).await?;
    let effects = match (&main, ids.is_empty()) {
        (Some(_), false) => effect::load(db, site, &ids, false, now).await?,
        _ => Default::default(),
    };
    let mut harms = vec![];
    for prompt in prompts {
        let effect = effects.get(&prompt.id).copied();
        harms.extend(told(db, site.id, prompt, effect.zip(main.clone())).await?);
    }
    Ok(harms)
}

/// What is to be told of a question with this effect on the main goal.
pub async fn told(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    prompt: &Prompt,
    found: Option<(Effect, String)>,
) -> AppResult<Option<Harm>> {
    let harm = |effect, goal, state| Harm {
        prompt_id: prompt.id,
        name: prompt.name.clone(),
        goal,
        effect,
        state,
    };
    match prompt.status {
        PromptStatus::Published => {
            let Some((effect, goal)) = found.filter(|(effect, _)| effect.is_harmful()) else {
                return Ok(None);
            };
            let before = store::newest(db, site_id, prompt.id, Some(effect.percent)).await?;
            let state = match before.filter(|before| before.is_of(&effect)) {
                Some(before) => HarmState::Resumed(before.at),
                None => HarmState::Asking,
            };
            Ok(Some(harm(effect, goal, state)))
        }
        PromptStatus::Paused => {
            let Some(pause) = store::newest(db, site_id, prompt.id, None).await? else {
                return Ok(None);
            };
            let states = prompt::store::list_states(db, site_id, prompt.id).await?;
            let is_this = states.last().is_some_and(|(at, _)| *at == pause.at);
            Ok(is_this.then(|| harm(pause.effect, pause.goal, HarmState::Paused(pause.at))))
        }
        PromptStatus::Draft | PromptStatus::Archived => Ok(None),
    }
}

async fn main_goal(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Option<String>> {
    let mut goals = goal::store::list_goals(db, site_id).await?.into_iter();
    Ok(goals.find(|goal| goal.is_primary).map(|goal| goal.name))
}

/// Pauses questions that cost conversions, where their owners chose so.
#[derive(Clone)]
pub struct Guard {
    db: Db,
    snapshots: Snapshots,
}

impl Guard {
    /// One that does nothing by itself before [`Self::run`].
    pub fn new(db: Db, snapshots: Snapshots) -> Self {
        Self { db, snapshots }
    }

    /// Looks every hour until `stop` is dropped.
    pub async fn run(self, mut stop: oneshot::Receiver<()>) {
        let mut every = interval(EVERY);
        loop {
            tokio::select! {
                _ = &mut stop => return,
                _ = every.tick() => {}
            }
            tokio::select! {
                _ = &mut stop => return,
                outcome = self.look(clock::now()) => if let Err(error) = outcome {
                    tracing::warn!(error = %error.for_log(), "what asking costs could not be looked at");
                }
            }
        }
    }

    /// Pauses what does harm at `now`; tells how many questions.
    pub async fn look(&self, now: Millis) -> AppResult<usize> {
        let mut n = 0;
        for site in site::store::list(&self.db.read).await? {
            match self.look_at(&site, now).await {
                Ok(paused) => n += paused,
                // Of one site: the others go on.
                Err(error) => {
                    tracing::warn!(error = %error.for_log(), "what asking costs could not be looked at on a site");
                }
            }
        }
        Ok(n)
    }

    async fn look_at(&self, site: &Site, now: Millis) -> AppResult<usize> {
        let published = prompt::store::list_published(&self.db.read, site.id).await?;
        let guarded: Vec<PromptId> = published
            .iter()
            .filter(|prompt| is_guarded(prompt))
            .map(|prompt| prompt.id)
            .collect();
        let main = main_goal(&self.db.read, site.id).await?;
        let (Some(goal), false) = (main, guarded.is_empty()) else {
            return Ok(0);
        };
        let effects = effect::load(&self.db.read, site, &guarded, false, now).await?;
        let mut n = 0;
        for (id, effect) in effects.into_iter().filter(|(_, it)| it.is_harmful()) {
            let pause = Pause {
                at: now,
                goal: goal.clone(),
                effect,
            };
            n += usize::from(self.pause(site.id, id, &pause).await?);
        }
        Ok(n)
    }

    /// Pauses the question, unless that was done in this comparison before, by whichever node.
    async fn pause(&self, site_id: SiteId, id: PromptId, pause: &Pause) -> AppResult<bool> {
        let tx = self.db.begin().await?;
        // First, so that other nodes and the owner wait at the row of the site, and then see what was done.
        site::store::touch_config(&tx, site_id).await?;
        let published = prompt::store::list_published(&tx, site_id).await?;
        let is_asking = published.iter().any(|it| it.id == id && is_guarded(it));
        let before = store::newest(&tx, site_id, id, Some(pause.effect.percent)).await?;
        if !is_asking || before.is_some_and(|before| before.is_of(&pause.effect)) {
            return Ok(false);
        }
        prompt::store::pause(&tx, site_id, id, pause.at).await?;
        store::note(&tx, site_id, id, pause).await?;
        tx.commit().await?;
        self.snapshots.forget(site_id);
        tracing::info!(prompt = %id, "a question that costs conversions was paused");
        Ok(true)
    }
}

fn is_guarded(prompt: &PublishedPrompt) -> bool {
    let design = &prompt.design;
    design.look.shown_as.waits_for_a_moment() && design.fairness.is_guarded()
}
