//! What some visitors add in their own words.

use super::random::Random;
use crate::prompt::types::PromptTemplate;

/// Share of answers with words.
const TALKATIVE: f64 = 0.36;

/// Words for a choice of a template; empty for most.
pub(super) fn draw(random: &mut Random, template: PromptTemplate, choice: usize) -> String {
    let words = match template {
        PromptTemplate::FormAbandoned => FORM_ABANDONED,
        PromptTemplate::PricingViewed => PRICING_VIEWED,
        _ => EXIT_INTENT,
    };
    let words = words.get(choice).copied().unwrap_or_default();
    if words.is_empty() || !random.happens(TALKATIVE) {
        return String::new();
    }
    let last = i64::try_from(words.len() - 1).unwrap_or_default();
    let place = usize::try_from(random.between(0, last)).unwrap_or_default();
    words.get(place).copied().unwrap_or_default().to_owned()
}

/// By choice, as the template orders them; the last is "something else".
type Words = &'static [&'static [&'static str]];

const FORM_ABANDONED: Words = &[
    &[
        "Six fields for a trial is a lot.",
        "I only wanted to see the screen first.",
        "Too many questions before I have seen anything.",
        "Do you need all of this now?",
        "on my phone this takes for ever",
        "I'll do it later at my desk.",
    ],
    &[
        "Why do you need my phone number?",
        "I don't want to be called.",
        "Phone number is a no for me. E-mail should be enough.",
        "We are not allowed to give out mobile numbers.",
        "please no sales calls",
        "I gave a phone number once and it never stopped ringing.",
        "Make the phone number optional and I am in.",
        "Don't have an office phone any more.",
        "Not giving my number for a trial.",
    ],
    &[
        "It did not accept my phone number with +49.",
        "The form says my number is wrong, but it isn't.",
        "Button did nothing the first time.",
        "Red field, no idea what it wants.",
        "password rules only shown afterwards",
    ],
    &[
        "My manager has to agree first.",
        "IT needs to look at this before I sign up.",
        "I would need a data processing agreement.",
        "Purchasing decides here, not me.",
    ],
    &[
        "I could not see what happens after the 14 days.",
        "Bit much for two people.",
        "Is there something for non-profits?",
        "We pay less today.",
    ],
    &[
        "Just comparing a few tools.",
        "Nothing wrong, only looking.",
        "Writing a list for my team.",
        "Came from an article.",
    ],
    &[
        "Is my data kept in the EU?",
        "I wanted to sign in with Google.",
        "Have an account already, I think.",
        "Need to move 4,000 old tickets first. Possible?",
    ],
];

const PRICING_VIEWED: Words = &[
    &[
        "19 a person is too much for a team of six.",
        "We pay about half of that now.",
        "Would take it at 12.",
        "Too expensive for people who only read along.",
        "No yearly discount?",
        "as a small shop I can't justify this",
    ],
    &[
        "What counts as a person?",
        "Is chat in Small or only in Team?",
        "I don't get the difference between Team and Large.",
        "What happens if a fourth person joins on Small?",
    ],
    &[
        "WhatsApp is missing.",
        "We need single sign-on but not the rest of Large.",
        "No phone channel?",
        "Do you have an API? Could not find it.",
        "Shopify integration?",
    ],
    &[
        "Looking at two others this week.",
        "I compare with what we have.",
        "You are on my list, will be back.",
        "Need the numbers side by side first.",
    ],
    &[
        "My boss decides about money.",
        "Will show it to the team on Monday.",
    ],
    &[
        "Our contract runs until March.",
        "Not this quarter.",
        "We are only three people, maybe later.",
    ],
    &[
        "Do you take invoices?",
        "Prices in pounds please.",
        "Is there a free plan for schools?",
    ],
];

const EXIT_INTENT: Words = &[
    &["Yes thanks, clear page.", "Good overview.", "All there."],
    &[
        "A short video would help.",
        "Would like to see the inbox itself.",
        "Screenshots please.",
        "What about mobile?",
    ],
    &[
        "Looking for your opening hours for support.",
        "I was looking for the login.",
        "Wanted the API docs.",
        "I searched for a WhatsApp inbox.",
        "Jobs page?",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_add_words_and_most_do_not() {
        let mut random = Random::new(1, 1);
        let words: Vec<String> = (0..1_000)
            .map(|_| draw(&mut random, PromptTemplate::FormAbandoned, 1))
            .filter(|words| !words.is_empty())
            .collect();

        assert!((300..420).contains(&words.len()), "{}", words.len());
        assert!(words.iter().any(|text| text != &words[0]));
        assert_eq!(draw(&mut random, PromptTemplate::ExitIntent, 9), "");
    }
}
