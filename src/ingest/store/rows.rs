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
pub(super) async fn insert<A: ActiveModelTrait>(
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
