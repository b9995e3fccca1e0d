//! Which variant of another tool's experiment a visit saw, as its page tells it. Pure.

use super::{Facts, short};
use crate::{
    ingest::event::{Event, EventKind},
    types::Scalar,
};

/// The event, as `GrowthBook` writes its name, and as Segment does.
const VIEWED: [&str; 2] = ["experiment_viewed", "Experiment Viewed"];
const EXPERIMENT: &str = "experiment_id";
const VARIATION: &str = "variation_id";

impl Facts {
    /// The first that is told stays: of several experiments there is no telling which of them it was.
    pub(super) fn see_variant(&mut self, event: &Event) {
        if self.variant.is_empty() && event.kind == Some(EventKind::Track) {
            self.variant = told(event).unwrap_or_default();
        }
    }
}

/// `price: B`; `None` of any other event, and of one that does not say it.
fn told(event: &Event) -> Option<String> {
    let name = event.props.name.as_deref()?;
    let props = event
        .props
        .props
        .as_ref()
        .filter(|_| VIEWED.contains(&name))?;
    let said = |name| {
        let text = props.get(name).map(Scalar::to_string)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let (experiment, variation) = (said(EXPERIMENT)?, said(VARIATION)?);
    Some(short(&format!("{experiment}: {variation}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(events: &[&str]) -> String {
        let mut facts = Facts::default();
        for event in events {
            facts.see_variant(&serde_json::from_str(event).unwrap());
        }
        facts.variant
    }

    #[test]
    fn the_first_that_is_told_stays() {
        let growthbook = r#"[5,"track",{"name":"experiment_viewed","props":{"experiment_id":"price","variation_id":1}}]"#;
        let segment = r#"[9,"track",{"name":"Experiment Viewed","props":{"experiment_id":"hero","variation_id":" B "}}]"#;
        assert_eq!(variant(&[growthbook, segment]), "price: 1");
        assert_eq!(variant(&[segment, growthbook]), "hero: B");
    }

    #[test]
    fn what_does_not_say_it_tells_nothing_and_long_names_are_cut() {
        let other = r#"[5,"track",{"name":"signed_up","props":{"experiment_id":"price","variation_id":1}}]"#;
        let half = r#"[5,"track",{"name":"experiment_viewed","props":{"experiment_id":"price","variation_id":" "}}]"#;
        let set = r#"[5,"set",{"name":"experiment_viewed","props":{"experiment_id":"price","variation_id":1}}]"#;
        assert_eq!(variant(&[other, half, set]), "");
        let long = format!(
            r#"[5,"track",{{"name":"experiment_viewed","props":{{"experiment_id":"{}","variation_id":"B"}}}}]"#,
            "é".repeat(150)
        );
        assert_eq!(variant(&[&long]).chars().count(), 100);
    }
}
