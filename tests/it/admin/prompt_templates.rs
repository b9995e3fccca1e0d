//! The bank of situations on the page of a new question.

use exitpoll::prompt::{templates::Group, types::PromptTemplate};

use crate::{
    reports::world::{assert_reads, words},
    support::{app::TestApp, client::Client},
};

async fn offered(client: &Client, path: &str) -> String {
    let page = client.get(path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    words(&page.body)
}

#[actix_web::test]
async fn every_situation_says_when_it_asks_and_why() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let path = format!("/sites/{}/prompts/new", site.key);

    let text = offered(&client, &path).await;

    for template in PromptTemplate::ALL {
        assert!(text.contains(template.label()), "{template}");
    }
    for group in Group::ALL {
        assert!(text.contains(group.label()), "{group}");
    }
    assert_reads(
        &text,
        &[
            "Form started, not finished “What stopped you from completing this?” It takes too long · ",
            "Asks: Visitors who started the form “signup” in the last 10 minutes and did not finish it, as they move to leave the page",
            "Best first question: it names what stands in the way.",
            "Asks: Every visitor, at the end of the text or as they move to leave the page, on /help*",
            "after 30 seconds of attention, when they come back, as far as that is known",
            "when a search finds nothing",
            "“How likely are you to recommend us?” (+1 more) Recommendation (NPS, 0 to 10) Asks:",
            "(+1 more) Satisfaction (CSAT, 1 to 5) Asks:",
            "(+1 more) Effort (CES, 1 to 7) Asks:",
            "(+1 more) Answered with thumbs down and up Asks:",
        ],
    );
}

#[actix_web::test]
async fn situations_are_found_by_words_and_by_group() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let path = format!("/sites/{}/prompts/new", site.key);

    let cart = offered(&client, &format!("{path}?q=shipping+COSTS")).await;
    assert!(
        cart.contains("Cart left") && !cart.contains("Form started, not finished"),
        "{cart}"
    );
    let scores = offered(&client, &format!("{path}?group=scores")).await;
    assert!(
        scores.contains("Effort (CES)") && !scores.contains("Cart left"),
        "{scores}"
    );
    let nothing = offered(&client, &format!("{path}?q=zeppelin")).await;
    assert_reads(
        &nothing,
        &["No situation with these words", "Show all situations"],
    );
    let page = client.get(&format!("{path}?template=exit_intent")).await;
    assert!(
        page.body.contains("value=\"exit_intent\" checked"),
        "{}",
        page.body
    );
}
