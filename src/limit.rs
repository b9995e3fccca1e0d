//! Rate limits. Addresses are known here only as keyed hashes whose key lives and dies with the process.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

use crate::{
    config::{Config, Rate},
    error::AppError,
    secret,
    types::SiteId,
};

/// Who is counted: a hash of the address (IPv4) or of its network (IPv6 /64).
pub type ClientKey = [u8; 16];

/// Somebody who points and clicks does not come to more.
const OWNER_TOOL: Quota =
    Quota::per_second(NonZeroU32::MIN).allow_burst(NonZeroU32::new(20).unwrap());

/// The limits of one process.
#[derive(Debug)]
pub struct Limits {
    key: [u8; 32],
    clients: DefaultKeyedRateLimiter<ClientKey>,
    sites: DefaultKeyedRateLimiter<SiteId>,
    owner_tools: DefaultKeyedRateLimiter<SiteId>,
    site_burst: NonZeroU32,
}

impl Limits {
    /// Limits as configured.
    pub fn new(config: &Config) -> Self {
        Self {
            key: secret::random_bytes(),
            clients: RateLimiter::keyed(quota(config.client_rate)),
            sites: RateLimiter::keyed(quota(config.site_rate)),
            owner_tools: RateLimiter::keyed(OWNER_TOOL),
            site_burst: config.site_rate.burst,
        }
    }

    /// Under which key an address is counted.
    pub fn client_key(&self, ip: IpAddr) -> ClientKey {
        match ip.to_canonical() {
            IpAddr::V4(ip) => secret::keyed_hash(&self.key, &[&ip.octets()]),
            IpAddr::V6(ip) => {
                secret::keyed_hash(&self.key, &[&(u128::from(ip) >> 64).to_be_bytes()])
            }
        }
    }

    /// Counts one request of a client.
    pub fn check_client(&self, client: &ClientKey) -> Result<(), AppError> {
        self.clients
            .check_key(client)
            .map_err(|early| too_many(early.wait_time_from(self.clients.clock().now())))
    }

    /// Counts `events` of a site. More than the burst at once count as the burst, for which waiting can help.
    pub fn check_site(&self, site: SiteId, events: NonZeroU32) -> Result<(), AppError> {
        match self.sites.check_key_n(&site, events.min(self.site_burst)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(early)) => Err(too_many(early.wait_time_from(self.sites.clock().now()))),
            Err(_) => Err(too_many(Duration::from_secs(1))),
        }
    }

    /// Counts one request of a tool that an owner opened on the live site: each reads up to a week of a site.
    pub fn check_owner_tool(&self, site: SiteId) -> Result<(), AppError> {
        self.owner_tools
            .check_key(&site)
            .map_err(|early| too_many(early.wait_time_from(self.owner_tools.clock().now())))
    }

    /// Forgets clients and sites that have been quiet; to be called now and then.
    pub fn tidy(&self) {
        self.clients.retain_recent();
        self.clients.shrink_to_fit();
        self.sites.retain_recent();
        self.owner_tools.retain_recent();
    }
}

fn quota(rate: Rate) -> Quota {
    Quota::per_second(rate.per_second).allow_burst(rate.burst)
}

fn too_many(wait: Duration) -> AppError {
    AppError::TooManyRequests {
        retry_after_s: wait.as_secs() + 1,
    }
}
