//! A link of two questions, and how its pages are answered.

use exitpoll::{
    prompt::{
        draft::{NewDesign, NewQuestion},
        types::{Ending, EndingKind, Jump, JumpWhen, QuestionKind, ShownAs},
    },
    site::types::Site,
    types::PromptId,
};

use crate::support::{
    app::TestApp,
    client::{Client, Reply},
    prompt::pricing,
};

/// A link of a site, and somebody who opens it.
pub(super) struct Survey {
    pub(super) app: TestApp,
    pub(super) site: Site,
    pub(super) prompt: PromptId,
    pub(super) path: String,
    pub(super) client: Client,
}

impl Survey {
    /// Publishes it.
    pub(super) async fn open(design: &NewDesign) -> Self {
        let app = TestApp::spawn().await;
        let site = app.insert_site("Shop").await;
        let prompt = app.publish(&site, "Survey", design).await;
        Self {
            path: path(&site, prompt),
            client: app.anonymous(),
            app,
            site,
            prompt,
        }
    }
}

/// A choice, then words about it; the second choice ends at once.
pub(super) fn survey() -> NewDesign {
    let mut design = pricing();
    design.look.shown_as = ShownAs::Link;
    design.questions[0].id = "q1".into();
    design.questions[0].is_required = true;
    design.questions[0].jumps = vec![Jump {
        when: JumpWhen::Is,
        value: "c2".into(),
        to: "e1".into(),
    }];
    design.questions.push(NewQuestion {
        id: "q2".into(),
        kind: QuestionKind::Text,
        title: "Why “{{q1|that}}”?".into(),
        is_required: true,
        message: "Say a word or two.".into(),
        ..NewQuestion::default()
    });
    design.endings = vec![Ending {
        id: "e1".into(),
        kind: EndingKind::Redirect,
        text: "Here is how long it takes.".into(),
        url: "https://example.com/how-long".into(),
        label: "Read on".into(),
        chat: String::new(),
        after_s: 0,
    }];
    design
}

pub(super) fn path(site: &Site, prompt: PromptId) -> String {
    format!("/p/{}/{prompt}", site.key)
}

fn has(page: &Reply, name: &str) -> bool {
    page.body.contains(&format!("name=\"{name}\" value=\""))
}

/// Value of a hidden field.
pub(super) fn hidden(page: &Reply, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page
        .body
        .find(&mark)
        .unwrap_or_else(|| panic!("no {name}: {}", page.body))
        + mark.len();
    let rest = &page.body[start..];
    let text = &rest[..rest.find('"').unwrap()];
    let escaped = [
        ("&#34;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    escaped.iter().fold(text.to_owned(), |text, (from, into)| {
        text.replace(from, into)
    })
}

/// Sends the form of a page with more fields.
pub(super) async fn send(
    client: &Client,
    path: &str,
    page: &Reply,
    more: &[(&str, &str)],
) -> Reply {
    let names = ["view", "lang", "test", "q", "given"];
    let kept = names.iter().filter(|name| has(page, name));
    let kept: Vec<(&str, String)> = kept.map(|name| (*name, hidden(page, name))).collect();
    let fields: Vec<(&str, &str)> = kept
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(more.iter().copied())
        .collect();
    client.post_form(path, &fields).await
}
