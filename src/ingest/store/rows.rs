//! Many rows in few statements, as text and values.
//!
//! The query builder would make an expression of every value, which costs more than storing it. The text depends on the number of
//! rows only, so that the connection finds it prepared.

use std::fmt::Write;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic,
    Iterable, PrimaryKeyToColumn, Statement,
};

/// Values in one statement. SQLite takes 32,766, PostgreSQL twice as many.
const MAX_VALUES: usize = 32_000;

/// Inserts the rows, all of whose columns are set. Where a key is taken, the columns `growing` are overwritten.
pub async fn insert<A: ActiveModelTrait>(
    tx: &impl ConnectionTrait,
    rows: &mut [A],
    growing: &[<A::Entity as EntityTrait>::Column],
) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().collect();
    for rows in rows.chunks_mut(MAX_VALUES / columns.len()) {
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for row in &mut *rows {
            let taken = columns.iter().map(|column| row.take(*column));
            values.extend(taken.filter_map(ActiveValue::into_value));
        }
        let sql = text::<A::Entity>(backend, &columns, rows.len(), growing);
        let statement = Statement::from_sql_and_values(backend, sql, values);
        tx.execute_raw(statement).await?;
    }
    Ok(())
}

fn text<E: EntityTrait>(
    backend: DbBackend,
    columns: &[E::Column],
    rows: usize,
    growing: &[E::Column],
) -> String {
    // SQLite would copy every page that it changes, to undo the statement alone should a row fail: the transaction is undone then.
    let or_fail = match backend {
        DbBackend::Sqlite => " OR FAIL",
        _ => "",
    };
    let mut sql = format!("INSERT{or_fail} INTO {}", E::default().table_name());
    list(&mut sql, " (", columns.iter().map(IdenStatic::as_str));
    sql.push_str(") VALUES");
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { " " } else { ", " });
        for column in 0..columns.len() {
            sql.push(if column == 0 { '(' } else { ',' });
            number += 1;
            match backend {
                // Numbers would be looked up one by one.
                DbBackend::Sqlite => sql.push('?'),
                _ => write!(sql, "${number}").expect("writing to memory does not fail"),
            }
        }
        sql.push(')');
    }
    if !growing.is_empty() {
        let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        list(&mut sql, " ON CONFLICT (", key.map(|key| key.as_str()));
        let names = growing.iter().map(IdenStatic::as_str);
        let set = names.map(|name| format!("{name} = excluded.{name}"));
        list(&mut sql, ") DO UPDATE SET ", set);
    }
    sql
}

fn list(sql: &mut String, before: &str, parts: impl Iterator<Item = impl AsRef<str>>) {
    let mut between = before;
    for part in parts {
        sql.push_str(between);
        sql.push_str(part.as_ref());
        between = ", ";
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};

    use super::*;
    use crate::{
        db::{self, entity::visit_goal},
        types::{SiteId, VisitId},
    };

    #[tokio::test]
    async fn any_number_of_rows_is_written_and_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("rows.db").display());
        let db = db::open(&url).await.unwrap();
        let rows = |n| {
            let goal = move |at| visit_goal::ActiveModel {
                site_id: Set(SiteId(1)),
                visit_id: Set(VisitId(uuid::Uuid::from_u128(at))),
                bit: Set(0),
                first_at: Set(0),
                n: Set(n),
                value_minor: Set(0),
            };
            (0..6_000).map(goal).collect::<Vec<_>>()
        };
        let growing = [visit_goal::Column::N];

        let tx = db.begin().await.unwrap();
        insert(&tx, &mut rows(1), &growing).await.unwrap();
        insert(&tx, &mut rows(2), &growing).await.unwrap();
        let taken = insert(&tx, &mut rows(3), &[]).await;
        tx.commit().await.unwrap();

        assert!(taken.is_err(), "a key is taken");
        let stored = visit_goal::Entity::find();
        assert_eq!(stored.clone().count(&db.read).await.unwrap(), 6_000);
        assert_eq!(stored.one(&db.read).await.unwrap().unwrap().n, 2);
    }
}
