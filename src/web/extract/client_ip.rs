//! From where a request comes. Used for limits and the visitor's hash; never stored, never logged.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::state;
use crate::{config::Config, error::AppError, web::error::PageError};

/// Address of the client: the peer, or what a trusted proxy says about it.
#[derive(Clone, Copy)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Reads it. `X-Forwarded-For` counts from its end, as far as the proxies named in the settings reach.
    pub fn of(request: &HttpRequest, config: &Config) -> Result<Self, AppError> {
        let is_trusted = |ip: IpAddr| is_trusted(ip, config);
        let peer = peer_of(request)
            .ok_or_else(|| AppError::Internal(anyhow::anyhow!("a connection without a peer")))?;
        if !is_trusted(peer) {
            return Ok(Self(peer));
        }
        let mut client = peer;
        let values: Vec<_> = request.headers().get_all("x-forwarded-for").collect();
        let hops = values
            .iter()
            .rev()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.rsplit(','));
        for hop in hops {
            let Some(ip) = read_hop(hop) else { break };
            client = ip;
            if !is_trusted(ip) {
                break;
            }
        }
        Ok(Self(client))
    }
}

fn is_trusted(ip: IpAddr, config: &Config) -> bool {
    config.trusted_proxies.iter().any(|net| net.contains(&ip))
}

fn peer_of(request: &HttpRequest) -> Option<IpAddr> {
    Some(request.peer_addr()?.ip().to_canonical())
}

/// The visitor's country as two capital letters, when a trusted proxy tells it; else empty.
pub fn country_of(request: &HttpRequest, config: &Config) -> String {
    let name = config.country_header.as_deref();
    let name = name.filter(|_| peer_of(request).is_some_and(|peer| is_trusted(peer, config)));
    let told = name.and_then(|name| request.headers().get(name)?.to_str().ok());
    let country = told.unwrap_or_default().trim().to_ascii_uppercase();
    // CDNs say XX where they do not know.
    let is_country =
        country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase()) && country != "XX";
    if is_country { country } else { String::new() }
}

/// `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1` or `[2001:db8::1]:1234`.
fn read_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| {
            text.parse::<std::net::SocketAddr>()
                .ok()
                .map(|address| address.ip())
        })
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|ip| ip.to_canonical())
}

impl FromRequest for ClientIp {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            state(request)
                .and_then(|state| Self::of(request, &state.config))
                .map_err(PageError),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::read_hop;

    #[test]
    fn reads_the_forms_that_proxies_write() {
        for (text, ip) in [
            (" 192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:5000", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]:5000", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("unknown", None),
        ] {
            assert_eq!(read_hop(text), ip.map(|ip| ip.parse().unwrap()), "{text}");
        }
    }
}
