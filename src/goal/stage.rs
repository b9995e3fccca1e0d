//! The stages of the way to a decision, as the owner of a site calls and orders them. Pure.

use serde::Deserialize;

use super::types::GoalStage;
use crate::error::FieldErrors;

/// Characters of a name.
const LONGEST_NAME: usize = 40;
/// Stages of a site.
const MOST: usize = 12;

/// Names a stage for good, whatever it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StageId(pub String);

impl From<GoalStage> for StageId {
    fn from(stage: GoalStage) -> Self {
        Self(stage.to_string())
    }
}

impl std::fmt::Display for StageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Names it for good.
    pub id: StageId,
    /// What the owner calls it.
    pub name: String,
    /// Of one that was removed: where its goals went. It is kept, so that what still names it finds the way.
    pub merged_into: Option<StageId>,
}

/// The stages of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stages(pub Vec<Stage>);

impl Default for Stages {
    /// What every site begins with.
    fn default() -> Self {
        let stages = GoalStage::ALL.iter().map(|stage| Stage {
            id: StageId::from(*stage),
            name: stage.label().into(),
            merged_into: None,
        });
        Self(stages.collect())
    }
}

impl Stages {
    /// Those of now, in the owner's order.
    pub fn list(&self) -> impl Iterator<Item = &Stage> {
        self.0.iter().filter(|stage| stage.merged_into.is_none())
    }

    /// The stage of now that this one is or went into; `None` when the site never had it.
    pub fn find(&self, id: &StageId) -> Option<&Stage> {
        let mut id = id;
        // A stage went into one that was there then, so that no way is longer than the list.
        for _ in &self.0 {
            let stage = self.0.iter().find(|stage| stage.id == *id)?;
            match &stage.merged_into {
                None => return Some(stage),
                Some(next) => id = next,
            }
        }
        None
    }

    /// What a stage that every site begins with is called here.
    pub fn name_of(&self, stage: GoalStage) -> &str {
        let found = self.find(&stage.into());
        found.map_or(stage.label(), |found| &found.name)
    }

    /// These stages as the form says, or of each field what would be right.
    pub fn edited(&self, form: &StagesForm) -> Result<Self, FieldErrors> {
        let mut stages = self.clone();
        let mut errors = FieldErrors::default();
        for stage in stages.0.iter_mut().filter(|it| it.merged_into.is_none()) {
            if let Some(name) = form.name_of(&stage.id) {
                stage.name = name.trim().into();
            }
        }
        match form.action.split_once(':') {
            Some(("up", id)) => stages.raise(id),
            Some(("remove", id)) => stages.remove(id, &mut errors),
            _ => {}
        }
        stages.add(form.added.trim(), &mut errors);
        stages.check_names(&mut errors);
        errors.or(stages)
    }

    fn place(&self, id: &str) -> Option<usize> {
        let is_it = |stage: &Stage| stage.id.0 == id && stage.merged_into.is_none();
        self.0.iter().position(is_it)
    }

    /// The nearest stage of now before this place, or else behind it.
    fn neighbour(&self, place: usize) -> Option<usize> {
        let is_now = |(_, stage): &(usize, &Stage)| stage.merged_into.is_none();
        let now = || self.0.iter().enumerate().filter(is_now);
        let before = now().take_while(|(at, _)| *at < place).last();
        let found = before.or_else(|| now().find(|(at, _)| *at > place));
        found.map(|(at, _)| at)
    }

    fn raise(&mut self, id: &str) {
        let Some(place) = self.place(id) else {
            return;
        };
        if let Some(before) = self.neighbour(place).filter(|before| *before < place) {
            self.0.swap(before, place);
        }
    }

    fn remove(&mut self, id: &str, errors: &mut FieldErrors) {
        let Some(place) = self.place(id) else {
            return;
        };
        let into = self.neighbour(place).and_then(|into| self.0.get(into));
        let into = into.map(|into| into.id.clone());
        match (into, self.0.get_mut(place)) {
            (Some(into), Some(stage)) => stage.merged_into = Some(into),
            _ => errors.add(field_of(id), "Keep one stage: every goal stands in one."),
        }
    }

    /// A name that was typed for a new one; ids of removed ones are not used again.
    fn add(&mut self, name: &str, errors: &mut FieldErrors) {
        if name.is_empty() {
            return;
        }
        if self.list().count() >= MOST {
            errors.add("added", format!("Use at most {MOST} stages."));
            return;
        }
        let numbers = self.0.iter().filter_map(|stage| number_of(&stage.id));
        let id = StageId(format!("own-{}", numbers.max().unwrap_or(0) + 1));
        self.0.push(Stage {
            id,
            name: name.into(),
            merged_into: None,
        });
    }

    fn check_names(&self, errors: &mut FieldErrors) {
        let mut taken: Vec<String> = Vec::new();
        for stage in self.list() {
            let field = field_of(&stage.id.0);
            let lower = stage.name.to_lowercase();
            if stage.name.is_empty() || stage.name.chars().count() > LONGEST_NAME {
                let message = format!("Give it a name of at most {LONGEST_NAME} characters.");
                errors.add(field, message);
            } else if taken.contains(&lower) {
                let message = "Another stage has this name. Choose one that tells them apart.";
                errors.add(field, message);
            }
            taken.push(lower);
        }
    }
}

fn field_of(id: &str) -> String {
    format!("stage-{id}")
}

fn number_of(id: &StageId) -> Option<u32> {
    id.0.strip_prefix("own-")?.parse().ok()
}

/// The form of the stages, as it was posted: a line for each, in order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct StagesForm {
    /// The stage and what it is to be called.
    pub names: Vec<(StageId, String)>,
    /// What a new one is to be called; empty for none.
    pub added: String,
    /// `up:ID` or `remove:ID`; what was typed is saved in any case.
    pub action: String,
}

impl From<Vec<(String, String)>> for StagesForm {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (key, value) in pairs {
            match key.as_str() {
                "added" => form.added = value,
                "do" => form.action = value,
                key => {
                    if let Some(id) = key.strip_prefix("stage-") {
                        form.names.push((StageId(id.into()), value));
                    }
                }
            }
        }
        form
    }
}

impl StagesForm {
    /// What was typed as the name of a stage.
    pub fn name_of(&self, id: &StageId) -> Option<&str> {
        let typed = self.names.iter().find(|(typed, _)| typed == id);
        typed.map(|(_, name)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(pairs: &[(&str, &str)]) -> StagesForm {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()));
        StagesForm::from(pairs.collect::<Vec<(String, String)>>())
    }

    fn names(stages: &Stages) -> Vec<&str> {
        stages.list().map(|stage| stage.name.as_str()).collect()
    }

    #[test]
    fn a_removed_stage_is_found_where_its_goals_went_even_when_that_went_too() {
        let intent = GoalStage::Intent.into();
        let gone = Stages::default()
            .edited(&posted(&[("do", "remove:intent")]))
            .unwrap();
        assert_eq!(gone.find(&intent).unwrap().name, "Consideration");

        let gone = gone
            .edited(&posted(&[("do", "remove:consideration")]))
            .unwrap();
        assert_eq!(gone.find(&intent).unwrap().name, "Awareness");

        let gone = gone.edited(&posted(&[("do", "remove:awareness")])).unwrap();
        assert_eq!(gone.find(&intent).unwrap().name, "Decision");
        assert_eq!(gone.name_of(GoalStage::Intent), "Decision");
        assert_eq!(gone.find(&StageId("other".into())), None);

        let errors = gone
            .edited(&posted(&[("do", "remove:decision")]))
            .unwrap_err();
        assert!(
            errors
                .of("stage-decision")
                .unwrap()
                .starts_with("Keep one stage")
        );
    }

    #[test]
    fn stages_move_over_removed_ones_and_a_new_one_never_takes_an_old_id() {
        let stages = Stages::default();
        let stages = stages
            .edited(&posted(&[("do", "remove:consideration")]))
            .unwrap();
        let stages = stages.edited(&posted(&[("do", "up:intent")])).unwrap();
        assert_eq!(names(&stages), ["Intent", "Awareness", "Decision"]);
        assert_eq!(
            stages.edited(&posted(&[("do", "up:intent")])),
            Ok(stages.clone())
        );

        let stages = stages.edited(&posted(&[("added", " Loyalty ")])).unwrap();
        let stages = stages.edited(&posted(&[("do", "remove:own-1")])).unwrap();
        let stages = stages.edited(&posted(&[("added", "Advocacy")])).unwrap();
        let last = stages.list().last().unwrap();
        assert_eq!(
            (last.id.0.as_str(), last.name.as_str()),
            ("own-2", "Advocacy")
        );
    }

    #[test]
    fn every_wrong_name_is_told_by_its_field() {
        let long = "x".repeat(LONGEST_NAME + 1);
        let form = posted(&[
            ("stage-awareness", " "),
            ("stage-consideration", &long),
            ("stage-intent", "decision"),
        ]);

        let errors = Stages::default().edited(&form).unwrap_err();

        assert!(errors.of("stage-awareness").unwrap().contains("at most 40"));
        assert!(
            errors
                .of("stage-consideration")
                .unwrap()
                .contains("at most 40")
        );
        assert!(
            errors
                .of("stage-decision")
                .unwrap()
                .starts_with("Another stage")
        );
        let mut full = Stages::default();
        for n in 0..MOST - 4 {
            full = full
                .edited(&posted(&[("added", &format!("more {n}"))]))
                .unwrap();
        }
        let errors = full.edited(&posted(&[("added", "one more")])).unwrap_err();
        assert_eq!(errors.of("added"), Some("Use at most 12 stages."));
    }
}
