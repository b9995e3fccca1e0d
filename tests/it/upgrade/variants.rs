//! Variants of experiments: no visit that is in the sums was told of any.

use exitpoll::clock;
use migrations::Migrator;
use sea_orm::{Database, FromQueryResult};
use sea_orm_migration::MigratorTrait;

use super::{all, migrate};
use crate::{
    reports::filters::{Held, with_only},
    support::app::TestApp,
};

const MIGRATION: &str = "m20261123_000400_tell_variants";
/// Sums that are kept by every dimension.
const TABLES: [&str; 9] = [
    "cube_day",
    "visit_day",
    "goal_day",
    "reach_day",
    "asked_day",
    "kind_day",
    "answer_day",
    "named_day",
    "word_day",
];

#[derive(Debug, PartialEq, FromQueryResult)]
struct Rows {
    whole: i64,
    by_variant: i64,
}

#[actix_web::test]
async fn what_is_summed_up_is_summed_up_under_no_variant_too() {
    let mut app = TestApp::spawn().await;
    with_only(&app, clock::now(), (60, Held::Summed), |_| true).await;
    app.stop().await;
    let connection = Database::connect(&app.database.url).await.unwrap();
    let migrations = Migrator::migrations();
    let since = migrations.iter().rev();
    let since = since.take_while(|it| it.name() != MIGRATION).count() + 1;
    let since = u32::try_from(since).unwrap();

    Migrator::down(&connection, Some(since)).await.unwrap();
    for table in TABLES {
        assert_eq!(rows(&connection, table).await.by_variant, 0, "{table}");
    }
    migrate(&connection).await;

    for table in TABLES {
        let rows = rows(&connection, table).await;
        assert!(
            rows.whole > 0 && rows.whole == rows.by_variant,
            "{table}: {rows:?}"
        );
    }
}

async fn rows(connection: &sea_orm::DatabaseConnection, table: &str) -> Rows {
    let sql = format!(
        "SELECT COUNT(CASE WHEN dim = 0 THEN 1 END) AS whole, COUNT(CASE WHEN dim = 8 THEN 1 END) AS by_variant FROM {table}"
    );
    all::<Rows>(connection, &sql).await.remove(0)
}
