//! What a visit did with each field of its forms, as a pure fold over its events: any arrival order, any duplication, same figures.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{
    event::{Event, EventKind, Placed},
    fold::{StoredBatch, in_order},
};
use crate::types::{Millis, ViewId};

/// Fields of a visit at most; those that come later are left out.
const MOST_FIELDS: usize = 64;
/// Characters kept of the key of a form and of the name of a field.
const MAX_KEY: usize = 64;
/// One stay in a field counts as no longer than this, ms.
const LONGEST: Millis = 600_000;
/// How often a stay counts as having begun to delete. The widget tells no more: else the number of deletions would come near to
/// that of the characters.
const MOST_DELETES: i64 = 20;

/// A form and a field of it, by their names; an empty one stands for all fields that are never named.
pub(super) type FieldKey = (String, String);

/// What a visit did with a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldFacts {
    /// The how-manieth of the form's fields in which the visitor was, from 1; 0 of one in which nobody was.
    pub(super) position: i32,
    /// Stays in it.
    pub(super) focuses: i32,
    /// Of these, those after another field of the form.
    pub(super) returns: i32,
    /// Attention, ms.
    pub(super) active_ms: Millis,
    /// From the focus to the first change, in the first stay that changed it, ms.
    pub(super) hesitation_ms: Option<Millis>,
    /// Stays that changed it.
    pub(super) changes: i32,
    /// Times that the visitor began to delete.
    pub(super) deletes: i32,
    /// Something was pasted into it.
    pub(super) is_pasted: bool,
    /// The browser filled it in.
    pub(super) is_autofilled: bool,
    /// Times that the form called it wrong.
    pub(super) errors: i32,
    /// It was not empty when it was left last.
    pub(super) is_filled: bool,
    /// It is the last in which the visitor was, of a form that was started and not completed.
    pub(super) is_last: bool,
}

/// A stay that goes on once the page is visible again.
struct Open {
    key: FieldKey,
    is_changed: bool,
}

#[derive(Default)]
struct Fold {
    fields: BTreeMap<FieldKey, FieldFacts>,
    /// The field of each form in which the visitor was last.
    last: BTreeMap<String, String>,
    started: BTreeSet<String>,
    completed: BTreeSet<String>,
    /// By page load.
    open: BTreeMap<ViewId, Open>,
}

/// Folds the batches of a visit, given in any order and any number of times.
pub(super) fn fold_fields(batches: &[StoredBatch]) -> BTreeMap<FieldKey, FieldFacts> {
    let mut fold = Fold::default();
    for placed in in_order(batches) {
        fold.apply(&placed);
    }
    for (form, field) in fold.last {
        let is_abandoned = fold.started.contains(&form) && !fold.completed.contains(&form);
        if let Some(facts) = fold.fields.get_mut(&(form, field)) {
            facts.is_last = is_abandoned;
        }
    }
    fold.fields
}

impl Fold {
    fn apply(&mut self, placed: &Placed<'_>) {
        let event = placed.event;
        let Some(form) = event.props.f.as_deref().map(short) else {
            return;
        };
        let field = event.props.n.as_deref().map(short);
        match (event.kind, field) {
            (Some(EventKind::FormStarted), _) => drop(self.started.insert(form)),
            (Some(EventKind::FormCompleted), _) => drop(self.completed.insert(form)),
            (Some(EventKind::FormFailed), Some(field)) => {
                if let Some(facts) = self.facts(&(form, field)) {
                    facts.errors = facts.errors.saturating_add(1);
                }
            }
            (Some(EventKind::FieldLeft), field) if field.is_some() || event.props.ms.is_some() => {
                self.leave(placed.order.1, (form, field.unwrap_or_default()), event);
            }
            _ => {}
        }
    }

    fn facts(&mut self, key: &FieldKey) -> Option<&mut FieldFacts> {
        let has_room = self.fields.len() < MOST_FIELDS;
        match self.fields.entry(key.clone()) {
            Entry::Occupied(entry) => Some(entry.into_mut()),
            Entry::Vacant(entry) => has_room.then(|| entry.insert(FieldFacts::default())),
        }
    }

    fn leave(&mut self, view: ViewId, key: FieldKey, event: &Event) {
        let props = &event.props;
        let entered = self
            .fields
            .iter()
            .filter(|((form, _), facts)| *form == key.0 && facts.focuses > 0);
        let position = i32::try_from(entered.count() + 1).unwrap_or(i32::MAX);
        let is_back = self.last.get(&key.0).is_some_and(|last| *last != key.1);
        let continued = match props.ms {
            Some(_) => self.open.remove(&view).filter(|open| open.key == key),
            None => None,
        };
        let Some(facts) = self.facts(&key) else {
            return;
        };
        facts.is_pasted |= props.v.unwrap_or_default();
        facts.is_autofilled |= props.auto.unwrap_or_default();
        facts.is_filled = props.y.unwrap_or_default();
        let Some(ms) = props.ms else {
            // Filled by the browser; nobody was there.
            return;
        };
        if continued.is_none() {
            if facts.focuses == 0 {
                facts.position = position;
            } else if is_back {
                facts.returns = facts.returns.saturating_add(1);
            }
            facts.focuses = facts.focuses.saturating_add(1);
        }
        let was_changed = continued.is_some_and(|open| open.is_changed);
        let is_changed = props.c.unwrap_or_default() || was_changed;
        facts.changes = facts
            .changes
            .saturating_add(i32::from(is_changed && !was_changed));
        facts.active_ms = facts.active_ms.saturating_add(ms.clamp(0, LONGEST));
        facts.hesitation_ms = facts.hesitation_ms.or(props.w.map(|w| w.clamp(0, LONGEST)));
        let deletes = props.d.unwrap_or_default().clamp(0, MOST_DELETES);
        facts.deletes = facts
            .deletes
            .saturating_add(i32::try_from(deletes).unwrap_or_default());
        self.last.insert(key.0.clone(), key.1.clone());
        if props.why.as_deref() == Some("hidden") {
            self.open.insert(view, Open { key, is_changed });
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_KEY).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn batch(view: i64, first_seq: i32, events: &str) -> StoredBatch {
        StoredBatch {
            view_id: ViewId::new(view),
            first_seq,
            view_started_at: view * 1_000,
            events: serde_json::from_str(events).unwrap(),
        }
    }

    fn field<'a>(all: &'a BTreeMap<FieldKey, FieldFacts>, name: &str) -> &'a FieldFacts {
        &all[&("signup".to_owned(), name.to_owned())]
    }

    #[test]
    fn a_form_is_told_field_by_field() {
        let all = fold_fields(&[batch(
            1,
            0,
            r#"[[1,"form_started",{"f":"signup","n":"mail"}],
                [2,"field_left",{"f":"signup","n":"mail","ms":2000,"w":700,"c":true,"d":2,"y":true}],
                [3,"field_left",{"f":"signup","n":"phone","ms":500}],
                [4,"field_left",{"f":"signup","n":"phone","ms":100}],
                [5,"field_left",{"f":"signup","n":"mail","ms":1000,"w":300,"c":true,"v":true}],
                [6,"field_left",{"f":"signup","n":"phone","ms":400,"c":true,"w":90,"y":true}],
                [7,"field_left",{"f":"signup","n":"city","auto":true,"y":true}],
                [8,"form_failed",{"f":"signup","n":"zip"}],[9,"form_failed",{"f":"signup","n":"phone"}],
                [10,"field_left",{"f":"signup","auto":true}]]"#,
        )]);

        assert_eq!(all.len(), 4);
        assert_eq!(
            *field(&all, "mail"),
            FieldFacts {
                position: 1,
                focuses: 2,
                returns: 1,
                active_ms: 3_000,
                hesitation_ms: Some(700),
                changes: 2,
                deletes: 2,
                is_pasted: true,
                ..FieldFacts::default()
            }
        );
        assert_eq!(
            *field(&all, "phone"),
            FieldFacts {
                position: 2,
                focuses: 3,
                // The second stay came right after the first.
                returns: 1,
                active_ms: 1_000,
                hesitation_ms: Some(90),
                changes: 1,
                errors: 1,
                is_filled: true,
                is_last: true,
                ..FieldFacts::default()
            }
        );
        assert_eq!(
            *field(&all, "city"),
            FieldFacts {
                is_autofilled: true,
                is_filled: true,
                ..FieldFacts::default()
            }
        );
        assert_eq!(field(&all, "zip").errors, 1);
    }

    #[test]
    fn who_stops_at_a_password_stops_there_and_not_at_the_field_before() {
        let all = fold_fields(&[batch(
            1,
            0,
            r#"[[1,"form_started",{"f":"signup","n":"mail"}],[2,"field_left",{"f":"signup","n":"mail","ms":2000,"y":true}],
                [3,"field_left",{"f":"signup","ms":0,"c":true}],[4,"field_left",{"f":"signup","n":"mail","ms":1000,"y":true}],
                [5,"field_left",{"f":"signup","ms":0}]]"#,
        )]);

        assert_eq!(
            (field(&all, "mail").is_last, field(&all, "mail").returns),
            (false, 1)
        );
        let unnamed = field(&all, "");
        assert_eq!(
            (unnamed.is_last, unnamed.focuses, unnamed.returns),
            (true, 2, 1)
        );
        assert_eq!((unnamed.position, unnamed.active_ms), (2, 0));
    }

    #[test]
    fn stays_in_two_tabs_are_told_apart() {
        let hidden = r#"[[1,"field_left",{"f":"signup","n":"mail","ms":10,"why":"hidden"}],[9,"field_left",{"f":"signup","n":"mail","ms":5}]]"#;
        let other = r#"[[5,"field_left",{"f":"signup","n":"city","ms":7}]]"#;
        let all = fold_fields(&[
            batch(1, 0, hidden),
            StoredBatch {
                view_id: ViewId::new(2),
                ..batch(1, 0, other)
            },
        ]);

        assert_eq!(
            (field(&all, "mail").focuses, field(&all, "mail").active_ms),
            (1, 15)
        );
    }

    #[test]
    fn a_stay_in_which_the_page_was_hidden_is_one() {
        let all = fold_fields(&[batch(
            1,
            0,
            r#"[[1,"field_left",{"f":"signup","n":"mail","ms":10,"c":true,"y":true,"why":"hidden"}],
                [2,"field_left",{"f":"signup","n":"mail","ms":20,"c":true}],
                [3,"field_left",{"f":"signup","n":"mail","ms":30}]]"#,
        )]);

        let mail = field(&all, "mail");
        assert_eq!((mail.focuses, mail.changes, mail.returns), (2, 1, 0));
        assert_eq!((mail.active_ms, mail.is_filled), (60, false));
    }

    #[test]
    fn the_last_field_counts_only_of_forms_that_were_started_and_not_completed() {
        for (more, is_last) in [
            (r#"[2,"form_started",{"f":"signup"}]"#, true),
            (r#"[2,"form_viewed",{"f":"signup"}]"#, false),
            (r#"[2,"form_started",{"f":"other"}]"#, false),
            (
                r#"[2,"form_started",{"f":"signup"}],[3,"form_completed",{"f":"signup"}]"#,
                false,
            ),
        ] {
            let left = r#"[1,"field_left",{"f":"signup","n":"mail","ms":1}]"#;
            let all = fold_fields(&[batch(1, 0, &format!("[{left},{more}]"))]);
            assert_eq!(field(&all, "mail").is_last, is_last, "{more}");
        }
    }

    #[test]
    fn what_a_program_sends_is_bounded() {
        let many = (0..200).map(|n| {
            let long = "x".repeat(500);
            format!(r#"[{n},"field_left",{{"f":"f","n":"{n}{long}","ms":9e18,"w":-5,"d":99999999999,"c":true}}]"#)
        });
        let many: Vec<_> = many.collect();
        let all = fold_fields(&[batch(1, 0, &format!("[{}]", many.join(",")))]);

        assert_eq!(all.len(), MOST_FIELDS);
        for ((_, name), facts) in all {
            assert_eq!(name.chars().count(), MAX_KEY);
            assert_eq!((facts.active_ms, facts.hesitation_ms), (LONGEST, Some(0)));
            assert_eq!(i64::from(facts.deletes), MOST_DELETES);
        }
    }

    fn drawn() -> impl Strategy<Value = Vec<StoredBatch>> {
        let kind = prop_oneof![
            4 => Just("field_left"),
            1 => Just("form_started"),
            1 => Just("form_completed"),
            1 => Just("form_failed"),
        ];
        let event = (0_i64..50, kind, 0..2, 0..3, any::<[bool; 4]>()).prop_map(
            |(t, kind, form, field, [c, y, is_hidden, has_ms])| {
                let ms = if has_ms { r#","ms":7,"w":3,"d":1"# } else { "" };
                let why = if is_hidden { r#","why":"hidden""# } else { "" };
                format!(
                    r#"[{t},"{kind}",{{"f":"f{form}","n":"n{field}","c":{c},"y":{y}{ms}{why}}}]"#
                )
            },
        );
        let events = prop::collection::vec(event, 0..6);
        prop::collection::vec((0_i64..3, events), 1..6).prop_map(|batches| {
            let batches = batches.into_iter().zip((0..).step_by(10));
            let batch = |((view, events), seq): ((i64, Vec<String>), i32)| {
                batch(view, seq, &format!("[{}]", events.join(",")))
            };
            batches.map(batch).collect()
        })
    }

    proptest! {
        #[test]
        fn any_arrival_order_and_any_duplication_give_the_same_figures(
            (batches, arrived) in drawn().prop_flat_map(|batches| {
                let twice: Vec<_> = batches.iter().chain(&batches).cloned().collect();
                (Just(batches), Just(twice).prop_shuffle())
            })
        ) {
            prop_assert_eq!(fold_fields(&arrived), fold_fields(&batches));
        }

        #[test]
        fn figures_agree_with_each_other(batches in drawn()) {
            for (_, facts) in fold_fields(&batches) {
                prop_assert!(facts.returns < facts.focuses.max(1));
                prop_assert!(facts.changes <= facts.focuses);
                prop_assert_eq!(facts.position > 0, facts.focuses > 0);
            }
        }
    }
}
