//! What a goal is: a role and a rule over events. Pure.

pub use super::rule::{GoalRule, Subject, matches_pattern, normal_path};
pub use super::stage::StageId;
use crate::{
    site::calendar,
    types::{GoalId, Millis, VisitId},
};

/// A text enum that is stored, posted by forms and shown: one list of names for all three.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the screen.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored and posted name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The words on the screen.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// Reads the stored and posted name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

text_enum!(
    /// What reaching the goal means for the site.
    GoalRole {
        /// The conversion that the site exists for, or another of its kind.
        Macro = "macro", "Main goal";
        /// A step on the way to the main goal.
        Milestone = "milestone", "Step";
        /// A sign of interest.
        Engagement = "engagement", "Signal";
    }
);

impl GoalRole {
    /// Whether a goal with it is a key small step as long as its owner says nothing else.
    pub fn is_key_by_itself(self) -> bool {
        self == Self::Milestone
    }
}

text_enum!(
    /// Where on the way to a decision a goal stands: the stages that every site begins with.
    GoalStage {
        /// Learns that the offer exists.
        Awareness = "awareness", "Awareness";
        /// Compares.
        Consideration = "consideration", "Consideration";
        /// Means to act.
        Intent = "intent", "Intent";
        /// Acts.
        Decision = "decision", "Decision";
    }
);

/// What a goal meant from `since_at` until `until_at`. Within a site a bit never stands for another rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalVersion {
    /// 0 to 61.
    pub bit: u8,
    /// The goal.
    pub goal_id: GoalId,
    /// What had to happen.
    pub rule: GoalRule,
    /// Worth of reaching it once, in minor units of the site's currency.
    pub value_minor: Option<i64>,
    /// The first version of the definitions that counts it with this worth, in this unit: visits of earlier ones hold others.
    pub worth_since: i32,
    /// When it was saved.
    pub since_at: Millis,
    /// When it was changed or put away; `None` for the current version.
    pub until_at: Option<Millis>,
}

impl GoalVersion {
    /// The first day (YYYYMMDD) of which it is known which visits reached it, 0 for all: what is recorded only for a goal is known
    /// from the day behind its saving on, however far back visits were counted again.
    pub fn told_from(&self, time_zone: &str) -> i32 {
        match self.rule.is_told_from_saving_on() {
            true => calendar::day_of(self.since_at, time_zone) + 1,
            false => 0,
        }
    }
}

/// What the site counted, from `since_at` until the next version: each visit is counted wholly by one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelVersion {
    /// Rises by one with every change of a goal's bit or worth, the steps, the primary macro, or the site's time zone or currency.
    pub version: i32,
    /// Bits of the milestones in the owner's order, then that of the primary macro.
    pub steps: Vec<u8>,
    /// Bit of the primary macro.
    pub primary_bit: Option<u8>,
    /// Bits of all goals that it counts.
    pub bits: i64,
    /// When it was saved.
    pub since_at: Millis,
}

impl FunnelVersion {
    /// Whether it counts the goal with this bit.
    pub fn has(&self, bit: u8) -> bool {
        self.bits & (1 << bit) != 0
    }

    /// Whether its visits are counted by it from their beginning: in versions from before there were recounts, goals counted
    /// from their saving on, and which ones was not noted.
    pub fn is_whole(&self) -> bool {
        self.steps.iter().all(|bit| self.has(*bit))
    }
}

/// Visits that can tell whether they reached a goal as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// They were counted by this version of the definitions, or a later one.
    pub since: i32,
    /// And began on this day (YYYYMMDD), or later.
    pub from: i32,
}

impl Told {
    /// Whether a visit can that was counted by this version, and began on this day.
    pub fn is_by(self, version: i32, day: i32) -> bool {
        version >= self.since && day >= self.from
    }
}

/// How far the visits of a site were counted again by its newest definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The definitions.
    pub version: i32,
    /// When they were saved.
    pub since_at: Millis,
    /// Visits that were counted by older ones when it began; `None` before that.
    pub total: Option<i64>,
    /// Of these, how many were counted again.
    pub recounted: i64,
    /// All visits from here on were looked at.
    pub reached: Option<VisitId>,
    /// The day on which that one began, YYYYMMDD.
    pub reached_day: Option<i32>,
    /// All were looked at; those that began when not everybody knew of the change yet are looked at again.
    pub is_tail: bool,
    /// Whether nothing is left to do.
    pub is_finished: bool,
}

impl Recount {
    /// Whether visits still wait to be counted again.
    pub fn is_running(&self) -> bool {
        !self.is_tail && !self.is_finished && self.total.is_some_and(|total| total > 0)
    }
}

/// Everything that a site has ever counted, so that a visit folds to the same facts at any later time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// All goal versions, superseded ones too.
    pub goals: Vec<GoalVersion>,
    /// All versions, oldest first; the last one is in force.
    pub funnels: Vec<FunnelVersion>,
}

impl Definitions {
    /// Number of the version in force; 0 before the first.
    pub fn version(&self) -> i32 {
        self.funnels.last().map_or(0, |funnel| funnel.version)
    }

    /// The funnel with this version. Looked for from the end: it is the newest nearly always.
    pub fn funnel(&self, version: i32) -> Option<&FunnelVersion> {
        let mut newest_first = self.funnels.iter().rev();
        newest_first.find(|funnel| funnel.version == version)
    }

    /// All bits that the goal ever had.
    pub fn mask_of(&self, goal_id: GoalId) -> i64 {
        self.goals
            .iter()
            .filter(|goal| goal.goal_id == goal_id)
            .fold(0, |mask, goal| mask | 1 << goal.bit)
    }

    /// Pattern of the forms whose start reaches the goal, when that is what it is about.
    pub fn started_form(&self, goal_id: GoalId) -> Option<&str> {
        let versions = self.goals.iter().filter(|goal| goal.goal_id == goal_id);
        let newest = versions.max_by_key(|goal| (goal.until_at.is_none(), goal.since_at))?;
        match &newest.rule {
            GoalRule::FormStarted { form } => Some(form),
            _ => None,
        }
    }

    /// The goals that a version counts.
    pub fn counted_by<'a>(
        &'a self,
        funnel: Option<&'a FunnelVersion>,
    ) -> impl Iterator<Item = &'a GoalVersion> {
        let is_counted = move |bit| funnel.is_some_and(|funnel| funnel.has(bit));
        self.goals.iter().filter(move |goal| is_counted(goal.bit))
    }

    /// The first version from which on visits are counted with the main goal as it is now, and `beside` too; the next one when now
    /// they are not.
    pub fn first_with_main(&self, beside: Option<u8>) -> i32 {
        let main = self.funnels.last().and_then(|now| now.primary_bit);
        let newest_first = self.funnels.iter().rev();
        let with_both = newest_first.take_while(|funnel| {
            let has = |bit: Option<u8>| bit.is_none_or(|bit| funnel.has(bit));
            funnel.primary_bit == main && has(main) && has(beside)
        });
        let first = with_both.last().map(|funnel| funnel.version);
        let next = self.funnels.last().map_or(0, |now| now.version + 1);
        first.unwrap_or(next)
    }

    /// Of which visits it is known whether they reached the main goal as it is now.
    pub fn main_told(&self, time_zone: &str) -> Told {
        let main = self.funnels.last().and_then(|now| now.primary_bit);
        let main = self.goals.iter().find(|goal| Some(goal.bit) == main);
        Told {
            since: self.first_with_main(None),
            from: main.map_or(0, |goal| goal.told_from(time_zone)),
        }
    }

    /// The first version from which on all these bits count; the next one when not all do now.
    pub fn first_with(&self, bits: i64) -> i32 {
        let newest_first = self.funnels.iter().rev();
        let with = newest_first.take_while(|funnel| funnel.bits & bits == bits);
        with.last()
            .map_or(self.version() + 1, |funnel| funnel.version)
    }
}

/// A goal as the owner sees it, with its current version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The goal.
    pub id: GoalId,
    /// What the owner calls it.
    pub name: String,
    /// What reaching it means.
    pub role: GoalRole,
    /// The stage of its site in which it stands.
    pub stage: StageId,
    /// False for goals that the prompt editor made for a moment.
    pub is_listed: bool,
    /// Place among the milestones of the funnel, from 0; `None` when it is no step.
    pub funnel_position: Option<i32>,
    /// The one macro that masks, conversion and value refer to.
    pub is_primary: bool,
    /// Whether it is one of the small steps that the owner looks at first; never of a main goal, nor of one that is not listed.
    pub is_key: bool,
    /// The listed main goal that it leads to; `None` for the one that figures refer to.
    pub serves: Option<GoalId>,
    /// The current version.
    pub current: GoalVersion,
}

impl Goal {
    /// Whether other goals can lead to it.
    pub fn is_listed_main(&self) -> bool {
        self.is_listed && self.role == GoalRole::Macro
    }
}

/// What is planned of a goal; no part of what is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Who looks after it; empty for nobody.
    pub owner: String,
    /// First and last day (YYYYMMDD) that its figures are held against.
    pub baseline: Option<(i32, i32)>,
}

/// A goal that was checked and is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGoal {
    /// What the owner calls it.
    pub name: String,
    /// What reaching it means.
    pub role: GoalRole,
    /// The stage of its site in which it stands.
    pub stage: StageId,
    /// What has to happen.
    pub rule: GoalRule,
    /// Worth of reaching it once, in minor units of the site's currency.
    pub value_minor: Option<i64>,
    /// False for goals that the prompt editor makes for a moment.
    pub is_listed: bool,
    /// Whether it is one of the small steps that the owner looks at first; a main goal, or one that is not listed, becomes none.
    pub is_key: bool,
    /// The listed main goal that it leads to; `None` for the one that figures refer to. Nothing of a main goal.
    pub serves: Option<GoalId>,
}
