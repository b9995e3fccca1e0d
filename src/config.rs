//! Settings: the only place that reads the environment.
//!
//! Every setting is a variable and a flag of the same name. A wrong value ends the start with one line that names the
//! variable and says what would be right.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use url::Url;

/// What was asked for on the command line.
#[derive(Parser)]
#[command(name = "exitpoll", version, about)]
pub struct Cli {
    /// What to do; `serve` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to do it.
    #[command(flatten)]
    pub settings: Settings,
}

/// What the program can do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the admin pages and the widget (the default)
    Serve,
    /// Fill a sample site with made-up history
    Seed {
        /// Visits to make
        #[arg(long, default_value_t = 8_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        visits: u64,
        /// Days up to today that they spread over
        #[arg(long, default_value_t = 56, value_parser = clap::value_parser!(u32).range(1..=730))]
        days: u32,
        /// Key of a sample site to add to; a new one is made when left out
        #[arg(long)]
        site: Option<String>,
        /// Another number gives other visitors
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Make a world of this number instead, in a sample site of its own, and print what is true in it
        #[arg(long, conflicts_with_all = ["site", "seed"])]
        world: Option<u64>,
    },
    /// Bring in history from another tool, out of a CSV file
    Import {
        /// What the file holds
        #[arg(value_parser = ["events", "visits", "answers"])]
        what: String,
        /// The file
        file: PathBuf,
        /// Key of the site that it goes to
        #[arg(long)]
        site: String,
    },
    /// Print a one-time link for the first sign-in
    SetupLink,
    /// Print a one-time link for choosing a new password
    ResetPassword {
        /// E-mail address of the member
        email: String,
    },
}

/// Settings as they were written, not yet checked.
#[derive(Args)]
pub struct Settings {
    /// Address and port to listen on
    #[arg(
        long,
        env = "EXITPOLL_BIND",
        default_value = "127.0.0.1:8080",
        global = true
    )]
    bind: String,
    /// `sqlite:<file>` or `postgres://user:password@host/database`
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite:data/exitpoll.db",
        hide_env_values = true,
        global = true
    )]
    database_url: String,
    /// How browsers reach this service, for example `https://poll.example.com`
    #[arg(long, env = "EXITPOLL_PUBLIC_URL", global = true)]
    public_url: Option<String>,
    /// Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas
    #[arg(
        long,
        env = "EXITPOLL_TRUSTED_PROXIES",
        default_value = "",
        global = true
    )]
    trusted_proxies: String,
    /// Header in which a trusted proxy tells the visitor's country as two letters, for example CF-IPCountry
    #[arg(long, env = "EXITPOLL_COUNTRY_HEADER", global = true)]
    country_header: Option<String>,
    /// Requests per second from one address
    #[arg(
        long,
        env = "EXITPOLL_RATE_CLIENT_PER_S",
        default_value = "20",
        global = true
    )]
    rate_client_per_s: String,
    /// Requests that one address may send at once
    #[arg(
        long,
        env = "EXITPOLL_RATE_CLIENT_BURST",
        default_value = "100",
        global = true
    )]
    rate_client_burst: String,
    /// Events per second for one site
    #[arg(
        long,
        env = "EXITPOLL_RATE_SITE_PER_S",
        default_value = "500",
        global = true
    )]
    rate_site_per_s: String,
    /// Events that one site may send at once
    #[arg(
        long,
        env = "EXITPOLL_RATE_SITE_BURST",
        default_value = "2000",
        global = true
    )]
    rate_site_burst: String,
    /// Whether webhooks may lead to this machine and to private networks: true or false
    #[arg(
        long,
        env = "EXITPOLL_WEBHOOK_ALLOW_PRIVATE",
        default_value = "false",
        global = true
    )]
    webhook_allow_private: String,
    /// What to log: error, warn, info, debug, or a filter such as info,exitpoll=debug
    #[arg(
        long,
        env = "EXITPOLL_LOG",
        default_value = "warn,exitpoll=info",
        global = true
    )]
    log: String,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{variable} is {value:?}; it must be {right}")]
pub struct ConfigError {
    variable: &'static str,
    value: String,
    right: &'static str,
}

/// A steady rate and what may come at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Cells per second.
    pub per_second: NonZeroU32,
    /// Cells at once.
    pub burst: NonZeroU32,
}

/// Checked settings.
#[derive(Clone)]
pub struct Config {
    /// Address and port to listen on.
    pub bind: SocketAddr,
    /// Address of the database; may hold a password, so it is never shown.
    pub database_url: String,
    /// Scheme, host and port under which browsers reach the service, without a trailing slash.
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Header in which such a proxy tells the visitor's country.
    pub country_header: Option<String>,
    /// Limit of requests for one address (IPv4) or network (IPv6 /64).
    pub client_rate: Rate,
    /// Limit of events for one site.
    pub site_rate: Rate,
    /// Whether webhooks may lead to this machine and to private networks, over plain http too.
    pub webhook_allow_private: bool,
    /// Filter of the log.
    pub log: String,
}

impl Config {
    /// Whether browsers reach the service over TLS, so that cookies may be bound to it.
    pub fn is_https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// Whether the service is known under a name that leads here from other machines.
    pub fn is_public(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| {
            let host = url::Url::parse(url).ok().and_then(|url| {
                Some(match url.host()? {
                    url::Host::Domain(name) => name == "localhost",
                    url::Host::Ipv4(ip) => ip.is_loopback(),
                    url::Host::Ipv6(ip) => ip.is_loopback(),
                })
            });
            host != Some(true)
        })
    }

    /// The setting that [`Self::link_base`] comes from, and its value.
    pub fn link_source(&self) -> String {
        match &self.public_url {
            Some(url) => format!("EXITPOLL_PUBLIC_URL, {url}"),
            None => format!("EXITPOLL_BIND, {}", self.bind),
        }
    }

    /// Address for links that are printed, where no request says under which name the service is known.
    pub fn link_base(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            let ip = self.bind.ip();
            if ip.is_unspecified() || ip.is_loopback() {
                format!("http://localhost:{}", self.bind.port())
            } else {
                format!("http://{}", self.bind)
            }
        })
    }
}

impl TryFrom<Settings> for Config {
    type Error = ConfigError;

    fn try_from(settings: Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            bind: read(
                "EXITPOLL_BIND",
                settings.bind,
                "an address and a port, for example 127.0.0.1:8080",
            )?,
            database_url: check_database_url(settings.database_url)?,
            public_url: settings
                .public_url
                .as_deref()
                .filter(|url| !url.is_empty())
                .map(check_public_url)
                .transpose()?,
            trusted_proxies: read_proxies(&settings.trusted_proxies)?,
            country_header: settings
                .country_header
                .as_deref()
                .filter(|name| !name.trim().is_empty())
                .map(check_header)
                .transpose()?,
            client_rate: Rate {
                per_second: read_count("EXITPOLL_RATE_CLIENT_PER_S", settings.rate_client_per_s)?,
                burst: read_count("EXITPOLL_RATE_CLIENT_BURST", settings.rate_client_burst)?,
            },
            site_rate: Rate {
                per_second: read_count("EXITPOLL_RATE_SITE_PER_S", settings.rate_site_per_s)?,
                burst: read_count("EXITPOLL_RATE_SITE_BURST", settings.rate_site_burst)?,
            },
            webhook_allow_private: read(
                "EXITPOLL_WEBHOOK_ALLOW_PRIVATE",
                settings.webhook_allow_private,
                "true or false",
            )?,
            log: check_log(settings.log)?,
        })
    }
}

fn read<T: FromStr>(
    variable: &'static str,
    value: String,
    right: &'static str,
) -> Result<T, ConfigError> {
    value.trim().parse().map_err(|_| ConfigError {
        variable,
        value,
        right,
    })
}

fn read_count(variable: &'static str, value: String) -> Result<NonZeroU32, ConfigError> {
    read(variable, value, "a whole number from 1 to 4294967295")
}

fn check_header(name: &str) -> Result<String, ConfigError> {
    let name = name.trim().to_ascii_lowercase();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match name.chars().all(is_name) {
        true => Ok(name),
        false => Err(ConfigError {
            variable: "EXITPOLL_COUNTRY_HEADER",
            value: name,
            right: "the name of a header, for example CF-IPCountry",
        }),
    }
}

fn check_log(filter: String) -> Result<String, ConfigError> {
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(_) => Err(ConfigError {
            variable: "EXITPOLL_LOG",
            value: filter,
            right: "error, warn, info, debug, or a filter such as info,exitpoll=debug",
        }),
    }
}

/// The value is not repeated: it may hold a password.
fn check_database_url(url: String) -> Result<String, ConfigError> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if known
        .iter()
        .any(|scheme| url.starts_with(scheme) && url.len() > scheme.len())
    {
        return Ok(url);
    }
    Err(ConfigError {
        variable: "DATABASE_URL",
        value: url.split(':').next().unwrap_or_default().to_owned() + ":…",
        right: "sqlite:<file> or postgres://user:password@host/database",
    })
}

fn check_public_url(text: &str) -> Result<String, ConfigError> {
    let wrong = || ConfigError {
        variable: "EXITPOLL_PUBLIC_URL",
        value: text.to_owned(),
        right: "a scheme and a host without a path, for example https://poll.example.com",
    };
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_bare {
        return Err(wrong());
    }
    Ok(url.origin().ascii_serialization())
}

fn read_proxies(text: &str) -> Result<Vec<IpNet>, ConfigError> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<IpNet>().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
                ConfigError {
                    variable: "EXITPOLL_TRUSTED_PROXIES",
                    value: part.to_owned(),
                    right: "addresses or networks separated by commas, for example 127.0.0.1, 10.0.0.0/8",
                }
            })
        })
        .collect()
}
