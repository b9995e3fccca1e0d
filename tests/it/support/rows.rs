//! What lies in the database.

use exitpoll::{
    db::entity::{OfSite, answer, answer_choice, batch, drop, impression, refused_origin, visit},
    site::types::Site,
};
use sea_orm::QueryOrder;

use super::app::TestApp;

impl TestApp {
    /// Visits, oldest first.
    pub(crate) async fn visits(&self, site: &Site) -> Vec<visit::Model> {
        visit::Entity::of_site(site.id)
            .order_by_asc(visit::Column::Id)
            .all(&self.state.db.read)
            .await
            .unwrap()
    }

    /// Batches, by page load and number.
    pub(crate) async fn batches(&self, site: &Site) -> Vec<batch::Model> {
        batch::Entity::of_site(site.id)
            .order_by_asc(batch::Column::ViewId)
            .order_by_asc(batch::Column::FirstSeq)
            .all(&self.state.db.read)
            .await
            .unwrap()
    }

    /// Decisions, oldest first.
    pub(crate) async fn impressions(&self, site: &Site) -> Vec<impression::Model> {
        impression::Entity::of_site(site.id)
            .order_by_asc(impression::Column::Id)
            .all(&self.state.db.read)
            .await
            .unwrap()
    }

    /// Answers.
    pub(crate) async fn answers(&self, site: &Site) -> Vec<answer::Model> {
        answer::Entity::of_site(site.id)
            .order_by_asc(answer::Column::ImpressionId)
            .order_by_asc(answer::Column::QuestionId)
            .all(&self.state.db.read)
            .await
            .unwrap()
    }

    /// Ids of the choices made, in all answers.
    pub(crate) async fn chosen(&self, site: &Site) -> Vec<String> {
        let rows = answer_choice::Entity::of_site(site.id)
            .order_by_asc(answer_choice::Column::ChoiceId)
            .all(&self.state.db.read)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.choice_id).collect()
    }

    /// How much was not kept, and why.
    pub(crate) async fn drops(&self, site: &Site) -> Vec<(String, i64)> {
        let rows = drop::Entity::of_site(site.id)
            .order_by_asc(drop::Column::Reason)
            .all(&self.state.db.read)
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.reason, row.n)).collect()
    }

    /// Origins that were refused, and how often.
    pub(crate) async fn refused(&self, site: &Site) -> Vec<(String, i64)> {
        let rows = refused_origin::Entity::of_site(site.id)
            .order_by_asc(refused_origin::Column::Origin)
            .all(&self.state.db.read)
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.origin, row.n)).collect()
    }
}
