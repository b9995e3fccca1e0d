//! Whether what a moment is about stands in the record: the widget tells the event itself before it says that the moment came.

use sea_orm::{ConnectionTrait, DbErr};

use super::{
    event::{Event, EventKind},
    fold::StoredBatch,
    group::Group,
    store,
    visit::Visit,
    writer::Job,
};
use crate::prompt::types::{AskAt, Details, Filter};

/// Kinds of moments that the record bears out. Of the others, only the page knows.
pub const BORNE_OUT: [AskAt; 5] = [
    AskAt::Event,
    AskAt::NotFound,
    AskAt::RageClick,
    AskAt::Copy,
    AskAt::WidgetClosed,
];

/// Events of one page load; `None` where nothing is looked for, or where the journal has grown too long to look.
pub(super) type Record = Option<Vec<Event>>;

/// Whether the record would tell of the moment and does not.
pub(super) fn is_missing(record: &Record, ask_at: AskAt, about: &Details) -> bool {
    let Some(events) = record.as_ref().filter(|_| BORNE_OUT.contains(&ask_at)) else {
        return false;
    };
    !events.iter().any(|event| tells(event, ask_at, about))
}

/// Whether the event is what the moment is about.
pub fn tells(event: &Event, ask_at: AskAt, about: &Details) -> bool {
    let props = &event.props;
    match (ask_at, event.kind) {
        (AskAt::Event, Some(EventKind::Track)) => {
            let holds = |filter: &Filter| {
                let set = props
                    .props
                    .as_ref()
                    .and_then(|props| props.get(&filter.property));
                set.is_some_and(|set| filter.holds(set))
            };
            props.name.as_deref() == Some(about.event.as_str()) && about.filters.iter().all(holds)
        }
        (AskAt::NotFound, Some(EventKind::NotFound))
        | (AskAt::RageClick, Some(EventKind::RageClick))
        | (AskAt::Copy, Some(EventKind::Copy)) => true,
        // What it is called is tidied in the page, by rules that only the page has.
        (AskAt::WidgetClosed, Some(EventKind::WidgetClosed)) => {
            props.s.as_ref().is_none_or(|gone| *gone == about.gone)
        }
        _ => false,
    }
}

impl Group {
    /// The record of the page load, where a moment of this batch is to be borne out. Most batches have none.
    pub(super) async fn record(
        &self,
        tx: &impl ConnectionTrait,
        job: &Job,
        visit: &Visit,
        batch: &StoredBatch,
    ) -> Result<Record, DbErr> {
        let is_borne_out = |event: &Event| {
            let moment = event.props.m.as_deref().and_then(AskAt::parse);
            event.kind == Some(EventKind::Eligible)
                && moment.is_some_and(|ask_at| BORNE_OUT.contains(&ask_at))
        };
        if !batch.events.iter().any(is_borne_out) {
            return Ok(None);
        }
        if !store::is_refoldable(tx, visit.site_id, visit.id).await? {
            return Ok(None);
        }
        let mut batches = store::load_batches(tx, visit.site_id, visit.id).await?;
        batches.extend(self.unsaved_batches(visit));
        let of_view = |batch: &StoredBatch| batch.view_id == job.payload.view();
        let batches = batches.into_iter().filter(of_view);
        Ok(Some(batches.flat_map(|batch| batch.events).collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::prompt::types::Comparison;

    #[test]
    fn what_has_disappeared_bears_out_only_the_questions_about_it() {
        let about = |gone: &str| Details {
            gone: gone.into(),
            ..Details::default()
        };
        for (props, gone, is_told) in [
            (json!({"s": "#chat"}), "#chat", true),
            (json!({"s": "#chat"}), "#panel", false),
            (json!({"s": "#chat"}), "", false),
            (json!({"n": "Intercom"}), "", true),
            (json!({"n": "Intercom"}), "#chat", true),
        ] {
            let event = serde_json::from_value(json!([0, "widget_closed", props])).unwrap();
            assert_eq!(tells(&event, AskAt::WidgetClosed, &about(gone)), is_told);
        }
    }

    #[test]
    fn an_event_is_borne_out_by_its_name_and_all_of_what_it_must_say() {
        let event = |props| -> Event {
            serde_json::from_value(json!([0, "track", {"name": "compared", "props": props}]))
                .unwrap()
        };
        let filter = |property: &str, is, value: &str| Filter {
            property: property.into(),
            is,
            value: value.into(),
        };
        let about = Details {
            event: "compared".into(),
            filters: vec![
                filter("plans", Comparison::Greater, "2"),
                filter("plan", Comparison::Contains, "pro"),
            ],
            ..Details::default()
        };
        for (props, is_told) in [
            (json!({"plans": 3, "plan": "pro-yearly"}), true),
            (json!({"plans": "3", "plan": "pro"}), true),
            (json!({"plans": 2, "plan": "pro"}), false),
            (json!({"plans": 3}), false),
            (json!({}), false),
        ] {
            let record = Some(vec![event(props.clone())]);
            assert_eq!(
                !is_missing(&record, AskAt::Event, &about),
                is_told,
                "{props}"
            );
        }
        let other = Details {
            event: "bought".into(),
            ..Details::default()
        };
        assert!(is_missing(
            &Some(vec![event(json!({}))]),
            AskAt::Event,
            &other
        ));
        assert!(!is_missing(&None, AskAt::Event, &other), "too long to look");
        assert!(
            !is_missing(&Some(vec![]), AskAt::Dwell, &other),
            "only the page knows"
        );
    }
}
