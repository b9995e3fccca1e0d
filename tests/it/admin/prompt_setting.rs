//! A site with a draft, and the editor's form as its buttons send it.

use exitpoll::{
    prompt::{store, types::Prompt},
    site::types::Site,
};

use crate::support::{
    app::TestApp,
    client::{Client, Reply},
};

pub(super) struct Setting {
    pub(super) app: TestApp,
    pub(super) client: Client,
    pub(super) site: Site,
    pub(super) prompt: Prompt,
}

impl Setting {
    /// A site with a draft about its form.
    pub(super) async fn new() -> Self {
        let app = TestApp::spawn().await;
        let client = app.owner().await;
        let site = app.insert_site("Shop").await;
        let path = format!("/sites/{}/prompts", site.key);
        let reply = client
            .post_form(&path, &[("template", "form_abandoned")])
            .await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        let prompt = store::list_prompts(&app.state.db.read, site.id)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(reply.location(), format!("{path}/{}", prompt.id));
        Self {
            app,
            client,
            site,
            prompt,
        }
    }

    pub(super) fn path(&self) -> String {
        format!("/sites/{}/prompts/{}", self.site.key, self.prompt.id)
    }

    pub(super) async fn stored(&self) -> Prompt {
        store::find_prompt(&self.app.state.db.read, self.site.id, self.prompt.id)
            .await
            .unwrap()
    }

    /// Presses a button of the editor with these changes to the form.
    pub(super) async fn press(&self, button: &str, changes: &[(&str, &str)]) -> Reply {
        let mut fields = vec![
            ("name", "Sign-up not finished"),
            ("question", "q1"),
            ("q1-title", "What stopped you?"),
            ("q1-kind", "single"),
            ("q1-choice_label", "Far too long"),
            ("q1-choice_reason", "Effort"),
            ("q1-choice_id", "c1"),
            ("q1-choice_label", "The price"),
            ("q1-choice_reason", "price"),
            ("q1-choice_id", ""),
            ("q1-other", "1"),
            ("q1-comment", "1"),
            ("after", "form_started"),
            ("after_subject", "signup"),
            ("expect", "form_completed"),
            ("expect_subject", "signup"),
            ("ask_at", "exit"),
            ("ask_at", "next_page"),
            ("sensitivity", "medium"),
            ("min_active_seconds", "5"),
            ("within_minutes", "10"),
            ("thanks", "Thank you."),
            ("lang", "en"),
            ("held_out_percent", "10"),
            ("address_part", "path"),
            ("address_test", "equals"),
            ("address_text", "/signup"),
            ("address_part", "path"),
            ("address_test", "starts_with"),
            ("address_text", "/pricing"),
        ];
        fields.retain(|(name, _)| changes.iter().all(|(key, _)| key != name));
        fields.extend(changes);
        fields.push(("do", button));
        self.client.post_form(&self.path(), &fields).await
    }

    pub(super) async fn version_text(&self, version: i32) -> String {
        let prompt = store::load_version(
            &self.app.state.db.read,
            self.site.id,
            self.prompt.id,
            version,
        );
        serde_json::to_string(&prompt.await.unwrap().design).unwrap()
    }
}
