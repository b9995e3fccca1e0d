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
        let is_trusted = |ip: IpAddr| config.trusted_proxies.iter().any(|net| net.contains(&ip));
        let peer = request
            .peer_addr()
            .map(|peer| peer.ip().to_canonical())
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
