//! Which reasons stand for a loss: all, but for what was found.

use sea_orm::{FromQueryResult, Value};

use super::{all, before, insert, migrate, random_id};

#[derive(Debug, PartialEq, FromQueryResult)]
struct Told {
    name: String,
    is_loss: bool,
}

#[actix_web::test]
async fn only_who_found_what_they_came_for_is_no_loss() {
    let (_database, connection) = before("m20261123_000710_mark_no_loss").await;
    let columns = ["site_id", "id", "name", "created_at"];
    let names = ["Found part of it", "Found what they came for"];
    let rows = names.map(|name| -> [Value; 4] {
        [7_i64.into(), random_id().into(), name.into(), 1_i64.into()]
    });
    insert(&connection, "reasons", columns, rows.into_iter()).await;

    migrate(&connection).await;

    let sql = "SELECT name, is_loss FROM reasons ORDER BY name";
    let told: Vec<Told> = all(&connection, sql).await;
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.name.as_str(), it.is_loss))
        .collect();
    assert_eq!(told, [(names[0], true), (names[1], false)]);
}
