//! How SQLite goes about a query, for the tests that hold the writer to its indexes.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryTrait, Select, Statement};

use crate::db::Db;

/// The steps of the plan, in order.
pub(super) async fn plan_of<E: EntityTrait>(db: &Db, query: Select<E>) -> String {
    plan_of_statement(db, query.build(DbBackend::Sqlite)).await
}

/// The same of any statement.
pub(super) async fn plan_of_statement(db: &Db, mut statement: Statement) -> String {
    statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
    let rows = db.read.query_all_raw(statement).await.unwrap();
    let steps = rows.iter().map(|row| row.try_get("", "detail").unwrap());
    steps.collect::<Vec<String>>().join("; ")
}
