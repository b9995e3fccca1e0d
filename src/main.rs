//! The program: reads the settings, does what was asked for, and says in one line when it cannot.

use std::{io::IsTerminal, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches};
use exitpoll::{
    account, clock,
    config::{Cli, Command, Config},
    db::{self, Db, OpenError},
    demo,
    error::AppResult,
    import::{self, Kind, Say, Summary},
    seed::{self, Means, Progress, Request, world::World},
    server::Server,
    telemetry,
};

#[actix_web::main]
async fn main() -> ExitCode {
    let commands = Cli::command().mut_subcommand("import", |import| {
        import.after_help(import::columns::help())
    });
    let cli = match Cli::from_arg_matches(&commands.get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let config = match Config::try_from(cli.settings) {
        Ok(config) => config,
        Err(error) => return fail(&error, 2),
    };
    match run(cli.command.unwrap_or(Command::Serve), config).await {
        Ok(code) => code,
        Err(error) => fail(&format_args!("{error:#}"), 1),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the one line that says why the program ends"
)]
fn fail(error: &dyn std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("exitpoll: {error}");
    ExitCode::from(code)
}

async fn run(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => serve(config).await?,
        Command::Import { what, file, site } => {
            let kind = Kind::parse(&what).context("events, visits or answers can be imported")?;
            let request = import::Request { kind, file, site };
            return bring_in(config, &request).await;
        }
        Command::Seed {
            visits,
            days,
            site,
            seed,
            world,
        } => {
            let seed = world.unwrap_or(seed);
            let request = Request { visits, days, seed };
            match world {
                Some(_) => make_world(config, request).await?,
                None => fill_sample(config, site, request).await?,
            }
        }
        Command::SetupLink => {
            let link = account::links::setup_link(&config).await?;
            print_link(&config, &link);
        }
        Command::ResetPassword { email } => {
            let link = account::links::reset_link(&config, &email).await?;
            print_link(&config, &link);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The link alone on standard output; beside it what it takes for granted.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "links are asked for on the command line"
)]
fn print_link(config: &Config, link: &str) {
    println!("{link}");
    eprintln!(
        "(works once, within an hour; its address is that of {}: if the server has another, use that one)",
        config.link_source()
    );
}

#[expect(
    clippy::print_stdout,
    reason = "says where to go, also when the log is off"
)]
async fn serve(mut config: Config) -> anyhow::Result<()> {
    telemetry::start(&config.log)?;
    let db = db::open(&config.database_url).await?;
    demo::provision::ensure(&db, clock::now())
        .await
        .context("the demo could not be made ready")?;
    let server = Server::bind(config.clone(), db.clone())?;
    config.bind.set_port(server.port);
    println!(
        "Exitpoll {} listens on http://{}",
        env!("CARGO_PKG_VERSION"),
        config.bind
    );
    if let Some(link) = account::links::first_link(&db, &config.link_base()).await? {
        println!("First sign-in: open {link}");
        let here = match config.is_public() {
            true => String::new(),
            false => format!(
                "; on this machine http://localhost:{} does too",
                server.port
            ),
        };
        println!("(works once, within an hour{here})");
    }
    server.run().await
}

#[expect(clippy::print_stdout, reason = "says where the sample lies")]
async fn fill_sample(config: Config, key: Option<String>, request: Request) -> anyhow::Result<()> {
    let (db, now) = (open_for_seed(&config).await?, clock::now());
    let site = match key {
        Some(key) => seed::site::find(&db, &key, request.days, now).await?,
        None => seed::site::create(&db, request.days, now).await?,
    };
    let (means, progress) = (Means::new(&db), Progress::of(request.visits));
    let filling = seed::fill(&means, &site, request, &progress, now);
    watch(filling, &progress).await?;
    db.close().await?;
    println!("{} is ready: /sites/{}", site.name, site.key);
    Ok(())
}

/// What is true in the world stands on standard output alone, for programs.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "says what is true, and where its site lies"
)]
async fn make_world(config: Config, request: Request) -> anyhow::Result<()> {
    let (db, now) = (open_for_seed(&config).await?, clock::now());
    let world = World::draw(request.seed);
    let site = seed::world::create(&db, &world, request.days, now).await?;
    let (means, progress) = (Means::new(&db), Progress::of(request.visits));
    let filling = seed::world::fill(&means, &site, request, &progress, now);
    watch(filling, &progress).await?;
    db.close().await?;
    println!("{}", serde_json::to_string_pretty(&world.truths())?);
    eprintln!("{} is ready: /sites/{}", site.name, site.key);
    Ok(())
}

async fn open_for_seed(config: &Config) -> anyhow::Result<Db> {
    telemetry::start(&config.log)?;
    Ok(match db::open(&config.database_url).await {
        Err(error @ OpenError::InUse { .. }) => anyhow::bail!(
            "{error}; while the server runs, make the sample there: Sites, Make a sample site"
        ),
        opened => opened?,
    })
}

/// What is said on standard error of something that takes its time. On a terminal the line that says how far it is changes in place;
/// elsewhere each is a line of its own, one for each tenth.
#[derive(Default)]
struct Told {
    /// What stands on the terminal in a line that is not over.
    open: String,
    /// The tenth of a stage that was told last.
    tenth: Option<(&'static str, u64)>,
}

#[expect(clippy::print_stderr, reason = "says how far it is, and what is wrong")]
impl Told {
    fn progress(&mut self, stage: &'static str, percent: u64, line: &str) {
        let tenth = (stage, percent / 10);
        if std::io::stderr().is_terminal() {
            // A shorter line would leave the end of the last one.
            let width = self.open.chars().count();
            eprint!("\r{line:width$}");
            self.open = line.to_owned();
        } else if self.tenth.replace(tenth) != Some(tenth) {
            eprintln!("{line}");
        }
    }

    /// A line of its own.
    fn line(&mut self, line: &str) {
        self.end();
        eprintln!("{line}");
    }

    fn end(&mut self) {
        if !std::mem::take(&mut self.open).is_empty() {
            eprintln!();
        }
    }
}

/// Says how far it is until it is done.
async fn watch(
    filling: impl Future<Output = AppResult<()>>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let mut every = tokio::time::interval(Duration::from_millis(500));
    tokio::pin!(filling);
    let mut told = Told::default();
    let outcome = loop {
        tokio::select! {
            outcome = &mut filling => break outcome,
            _ = every.tick() => told.progress("seeding", progress.percent(), &progress.line()),
        }
    };
    told.progress("seeding", progress.percent(), &progress.line());
    told.end();
    Ok(outcome?)
}

/// Exit code of an import that has left rows out.
const SOME_REJECTED: u8 = 3;

/// Imports a file; what happens meanwhile is said on standard error, what came of it on standard output.
async fn bring_in(config: Config, request: &import::Request) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log)?;
    let db = open_for_import(&config).await?;
    let mut told = Told::default();
    let outcome = import::run(&db, request, &mut |say| match say {
        Say::Progress(progress) => {
            told.progress(progress.stage(), progress.percent(), &progress.line());
        }
        Say::Rejected(why) => told.line(&why),
    })
    .await;
    told.end();
    db.close().await?;
    let summary = outcome?;
    print_summary(request.kind, &summary);
    Ok(match summary.rejected {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(SOME_REJECTED),
    })
}

async fn open_for_import(config: &Config) -> anyhow::Result<Db> {
    match db::open(&config.database_url).await {
        Err(error @ OpenError::InUse { .. }) => anyhow::bail!(
            "{error}. One process writes a SQLite file: stop the server, import, and start it again; with PostgreSQL it may run meanwhile"
        ),
        opened => Ok(opened?),
    }
}

#[expect(clippy::print_stdout, reason = "what an import came to")]
fn print_summary(kind: Kind, summary: &Summary) {
    let new = match kind {
        Kind::Events | Kind::Visits => format!("{} visits", summary.visits),
        Kind::Answers => format!("{} answers", summary.answers),
    };
    println!(
        "{} rows imported ({new}), {} there already, {} rejected",
        summary.imported, summary.before, summary.rejected
    );
    if let Some(path) = &summary.rejects {
        println!("Rejected rows and reasons: {}", path.display());
    }
}
