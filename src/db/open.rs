//! Opening and migrating. Every failure names the cause and what to do about it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use migrations::Migrator;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
    sqlx::Executor,
};
use sea_orm_migration::MigratorTrait;

use super::Db;

/// Why the database could not be opened; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of no engine that is served.
    #[error("DATABASE_URL must begin with sqlite: or postgres:// (it begins with {0:?})")]
    Scheme(String),
    /// The folder of the file cannot be made or written.
    #[error("the folder {} cannot be written ({cause}); give this user write access or set DATABASE_URL to another place", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another process has the file.
    #[error("{} is in use by another exitpoll process (pid {owner}); stop it, or set DATABASE_URL to another file", path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
        /// Who holds it.
        owner: String,
    },
    /// A command that needs a database found no file, and makes none.
    #[error("there is no database at {}; run this in the server's folder, or with its DATABASE_URL", path.display())]
    Missing {
        /// Where it looked.
        path: PathBuf,
    },
    /// The file is not a healthy SQLite database.
    #[error(
        "{path} is not a usable SQLite database ({cause}); nothing was changed: restore a backup, or move the file away to start afresh"
    )]
    Corrupt {
        /// The file.
        path: String,
        /// What SQLite said.
        cause: String,
    },
    /// The schema was written by a later release.
    #[error(
        "the database was written by a newer exitpoll (it has the change {0:?}); start that release or a later one; nothing was changed"
    )]
    Newer(String),
    /// A bundled library that is too old.
    #[error(
        "SQLite {0} is older than 3.51.3 and can corrupt its file; build with the bundled library"
    )]
    OldLibrary(String),
    /// Migration failed; it was rolled back.
    #[error("the schema could not be brought up to date ({0}); it was left as it was")]
    Migration(DbErr),
    /// The server did not answer.
    #[error("the database does not answer ({0}); check DATABASE_URL and that the server runs")]
    Connect(DbErr),
}

/// Opens the database at `url` and applies what migrations it lacks.
///
/// `sqlite:` addresses name a file, which is created with its folder when missing. The lock is held as long as the process lives.
pub async fn open(url: &str) -> Result<Db, OpenError> {
    open_as(url, Among::Alone).await
}

/// Opens the database for one short command, also while a server of the same release has it open.
///
/// A file that is missing stays missing: the command was run in another folder than the server.
pub async fn open_beside(url: &str) -> Result<Db, OpenError> {
    open_as(url, Among::Others).await
}

/// Whether another process may have the file.
#[derive(Clone, Copy, PartialEq)]
enum Among {
    Alone,
    Others,
}

async fn open_as(url: &str, among: Among) -> Result<Db, OpenError> {
    match url.split_once(':') {
        Some(("sqlite", rest)) => open_sqlite(rest.trim_start_matches("//"), among).await,
        Some(("postgres" | "postgresql", _)) => open_postgres(url).await,
        _ => Err(OpenError::Scheme(
            url.chars().take_while(|c| *c != '/').collect(),
        )),
    }
}

async fn open_postgres(url: &str) -> Result<Db, OpenError> {
    let connect = async |connections: u32| {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(5))
            .sqlx_logging(false)
            // Reports ask with long statements about few rows: their plans took longer to compile than to run. By a statement and no
            // start-up parameter, which poolers like PgBouncer refuse.
            .map_sqlx_postgres_pool_opts(|pool| {
                pool.after_connect(|connection, _| {
                    Box::pin(async move {
                        connection.execute("SET jit = off").await?;
                        Ok(())
                    })
                })
            });
        Database::connect(options).await.map_err(OpenError::Connect)
    };
    let write = connect(6).await?;
    migrate(&write).await?;
    Ok(Db {
        read: connect(6).await?,
        write,
    })
}

async fn open_sqlite(path: &str, among: Among) -> Result<Db, OpenError> {
    let file = path.split('?').next().unwrap_or(path).to_owned();
    if among == Among::Others && !Path::new(&file).exists() {
        let path = std::path::absolute(&file).unwrap_or_else(|_| PathBuf::from(&file));
        return Err(OpenError::Missing { path });
    }
    prepare_folder(Path::new(&file))?;
    match take_lock(Path::new(&file)) {
        // SQLite itself lets two processes write in turn; the server that holds the lock has migrated already.
        Err(OpenError::InUse { .. }) if among == Among::Others => {}
        taken => taken?,
    }
    let connect = async |connections: u32, cache: &'static str| {
        let mut options = ConnectOptions::new(format!("sqlite://{file}?mode=rwc"));
        options
            .max_connections(connections)
            .min_connections(1)
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            .acquire_timeout(Duration::from_secs(10))
            // A file does not go away as a server does; the test costs every transaction a way to the connection's thread and back.
            .test_before_acquire(false)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |options| {
                options
                    // The writer's statements have as many rows as requests came together: each number is a text of its own.
                    .statement_cache_capacity(1_000)
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("busy_timeout", "5000")
                    .pragma("secure_delete", "ON")
                    .pragma("cache_size", cache)
                    .pragma("wal_autocheckpoint", "4000")
                    .pragma("foreign_keys", "OFF")
                    // What a report has to sort: of a million visitors it is two hundred megabytes.
                    .pragma("temp_store", "FILE")
            });
        Database::connect(options).await
    };
    let corrupt = |cause: DbErr| OpenError::Corrupt {
        path: file.clone(),
        cause: cause.to_string(),
    };
    let write = connect(1, "-65536").await.map_err(corrupt)?;
    check_sqlite(&write, &file).await?;
    migrate(&write).await?;
    // What a statement of the writer may have to undo stays in memory, else a file is made for each large one. A migration may change
    // every row of the largest table.
    let in_memory = write.execute_unprepared("PRAGMA temp_store = MEMORY");
    in_memory.await.map_err(corrupt)?;
    // What several of them read is in the system's memory anyway, and that counts once.
    let read = connect(4, "-8192").await.map_err(corrupt)?;
    Ok(Db { read, write })
}

fn prepare_folder(file: &Path) -> Result<(), OpenError> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let fail = |cause| OpenError::Folder {
        path: folder.to_owned(),
        cause,
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let probe = folder.join(".exitpoll-write-test");
    std::fs::write(&probe, b"")
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(fail)
}

/// Holds an advisory lock on `<file>.lock` until the process ends: two writers on one file would corrupt every count.
fn take_lock(file: &Path) -> Result<(), OpenError> {
    let path = file.with_added_extension("lock");
    let fail = |cause| OpenError::Folder {
        path: path.clone(),
        cause,
    };
    let mut lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(fail)?;
    if lock.try_lock().is_err() {
        let owner = std::fs::read_to_string(&path).unwrap_or_default();
        return Err(OpenError::InUse {
            path,
            owner: owner.trim().to_owned(),
        });
    }
    lock.set_len(0).map_err(fail)?;
    std::io::Write::write_all(&mut lock, std::process::id().to_string().as_bytes())
        .map_err(fail)?;
    // The lock belongs to the open file: it must stay open as long as the process may write.
    std::mem::forget(lock);
    Ok(())
}

async fn check_sqlite(connection: &DatabaseConnection, file: &str) -> Result<(), OpenError> {
    let corrupt = |cause: String| OpenError::Corrupt {
        path: file.to_owned(),
        cause,
    };
    let version = one_text(connection, "SELECT sqlite_version()")
        .await
        .map_err(|error| corrupt(error.to_string()))?;
    let number: Vec<u32> = version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect();
    if number < vec![3, 51, 3] {
        return Err(OpenError::OldLibrary(version));
    }
    match one_text(connection, "PRAGMA quick_check(1)").await {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(corrupt(verdict)),
        Err(error) => Err(corrupt(error.to_string())),
    }
}

async fn one_text(connection: &DatabaseConnection, sql: &str) -> Result<String, DbErr> {
    let row = connection
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await?;
    row.map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))
}

/// Applies missing migrations, one process at a time.
async fn migrate(connection: &DatabaseConnection) -> Result<(), OpenError> {
    refuse_newer(connection).await?;
    if connection.get_database_backend() == DbBackend::Postgres {
        return migrate_under_lock(connection).await;
    }
    Migrator::up(connection, None)
        .await
        .map_err(OpenError::Migration)
}

/// sea-orm-migration takes no lock on PostgreSQL, so two nodes starting together would both create the tables.
async fn migrate_under_lock(connection: &DatabaseConnection) -> Result<(), OpenError> {
    use sea_orm::TransactionTrait;
    let guard = connection.begin().await.map_err(OpenError::Connect)?;
    guard
        .execute_unprepared("SELECT pg_advisory_xact_lock(7305804402)")
        .await
        .map_err(OpenError::Connect)?;
    Migrator::up(connection, None)
        .await
        .map_err(OpenError::Migration)?;
    guard.commit().await.map_err(OpenError::Connect)
}

/// sea-orm-migration would say "migration file is missing"; we say which release is needed.
async fn refuse_newer(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let applied = match Migrator::get_migration_models(connection).await {
        Ok(applied) => applied,
        // The table of applied migrations does not exist before the first one.
        Err(_) => return Ok(()),
    };
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    match applied
        .into_iter()
        .find(|model| !known.contains(&model.version))
    {
        Some(model) => Err(OpenError::Newer(model.version)),
        None => Ok(()),
    }
}
