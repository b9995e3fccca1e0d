//! What is shown otherwise than as a card at a moment, in the plain sentence. Pure.

use super::{fairness, target};
use crate::{
    goal::types::Goal,
    prompt::{
        draft::NewDesign,
        types::{Look, ShownAs},
    },
};

/// Who meets it, and where: nobody waits for a moment.
pub(super) fn sentence(design: &NewDesign, goals: &[Goal]) -> String {
    let look = &design.look;
    if look.shown_as == ShownAs::Link {
        let mut text = opening(look);
        for part in fairness::limits_of_all(&design.fairness) {
            text.push_str(&format!(", {part}"));
        }
        text.push_str(". It stands on no page of your site.");
        return text;
    }
    let mut text = format!("{}, {}", opening(look), target::place(&design.target));
    if look.shown_as == ShownAs::Inline {
        for part in target::audience(&design.target, goals) {
            text.push_str(&format!(", {part}"));
        }
        for part in fairness::limits(&design.fairness) {
            text.push_str(&format!(", {part}"));
        }
        text.push_str(
            ", until they have answered or closed it in this visit. It is in nobody's way: it waits for no moment and \
             uses up no question of the visit.",
        );
    } else {
        text.push_str(
            ". They ask for it themselves: it waits for no moment, uses up no question of the visit, and nobody is \
             left unasked for comparison.",
        );
    }
    text
}

/// How visitors come to it, for a list too.
pub fn opening(look: &Look) -> String {
    let Look {
        selector, label, ..
    } = look;
    match look.shown_as {
        ShownAs::Card => "Opens at a moment".into(),
        ShownAs::Tab => format!("Visitors who click the tab “{label}”"),
        ShownAs::Button if selector.is_empty() => {
            "Visitors who click a button of your page that is marked with it".into()
        }
        ShownAs::Button => format!("Visitors who click “{selector}” or what is marked with it"),
        ShownAs::Link => "Whoever opens its link".into(),
        ShownAs::Inline => format!("Every visitor who comes to “{selector}” in the page"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        goal::types::GoalRule,
        prompt::{
            draft::GoalChoice,
            types::{AddressRule, PromptTemplate},
        },
    };

    fn told(look: Look) -> String {
        let mut design = NewDesign::plain(PromptTemplate::PageHelpful);
        let goal = GoalRule::event("e");
        design.moment.after = Some(GoalChoice::Rule(goal));
        design.target.addresses = vec![AddressRule::pattern("/docs/*")];
        design.fairness.response_limit = Some(50);
        design.fairness.held_out_percent = 10;
        design.look = look;
        super::super::sentence(&design, &[])
    }

    #[test]
    fn what_visitors_open_says_nothing_of_moments() {
        let tab = Look {
            shown_as: ShownAs::Tab,
            label: "Help us".into(),
            ..Look::default()
        };
        assert_eq!(
            told(tab),
            "Visitors who click the tab “Help us”, on /docs/*. They ask for it themselves: it waits for no moment, \
             uses up no question of the visit, and nobody is left unasked for comparison."
        );
    }

    #[test]
    fn what_stands_in_the_page_says_how_often() {
        let inline = Look {
            shown_as: ShownAs::Inline,
            selector: "#vote".into(),
            ..Look::default()
        };
        assert_eq!(
            told(inline),
            "Every visitor who comes to “#vote” in the page, on /docs/*, until 50 answers have come, until they have \
             answered or closed it in this visit. It is in nobody's way: it waits for no moment and uses up no question \
             of the visit."
        );
    }
}
