//! Where messages may be sent: nothing inside the network that the service stands in, whatever a name leads to.

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use ipnet::IpNet;
use url::{Host, Url};

/// How far messages may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whether loopback and private networks are allowed, and plain http to them.
    pub is_private_allowed: bool,
}

/// What kind of network an address is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Network {
    Public,
    /// This machine, or a network of the owner's.
    Private,
    /// Nothing that a webhook can be at: metadata services, multicast, addresses that stand for others.
    Never,
}

/// Loopback, RFC 1918, shared address space and unique local.
const PRIVATE: &[&str] = &[
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
];

/// What the registries of special-purpose addresses hold beside those. Of IPv6 only `2000::/3` is given out, so link-local, multicast,
/// mapped and translated addresses need no line.
const NEVER: &[&str] = &[
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
];

static NETWORKS: LazyLock<Vec<(IpNet, Network)>> = LazyLock::new(|| {
    let read = |text: &&str| -> IpNet { text.parse().expect("a network as it is written") };
    let private = PRIVATE.iter().map(|text| (read(text), Network::Private));
    let never = NEVER.iter().map(|text| (read(text), Network::Never));
    private.chain(never).collect()
});

fn network_of(ip: IpAddr) -> Network {
    if let Some((_, network)) = NETWORKS.iter().find(|(net, _)| net.contains(&ip)) {
        return *network;
    }
    match ip {
        IpAddr::V6(ip) if ip.segments()[0] & 0xe000 != 0x2000 => Network::Never,
        _ => Network::Public,
    }
}

impl Reach {
    /// Reads an address as an owner typed it, or says what would be right.
    pub fn read(self, text: &str) -> Result<Url, String> {
        let example = "write it like https://example.com/exitpoll";
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| format!("This is no address; {example}"))?;
        let is_scheme_right = match url.scheme() {
            "https" => true,
            "http" => self.is_private_allowed,
            _ => false,
        };
        if !is_scheme_right {
            let here = match url.scheme() {
                "http" => {
                    ". To try it with a receiver on this machine or in your own network, start with EXITPOLL_WEBHOOK_ALLOW_PRIVATE=true"
                }
                _ => "",
            };
            return Err(format!(
                "The address must begin with https://; {example}{here}"
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "Leave out the name and password: messages are signed, so check the signature"
                    .into(),
            );
        }
        // A name is looked up whenever a message is sent; what is written as a number is known now.
        if let Some(ip) = ip_of(&url) {
            self.check(&url, ip)?;
        }
        Ok(url)
    }

    /// The addresses that `url` leads to now, all of them allowed. The connection must go to one of these, not look the name up again.
    pub(super) async fn resolve(self, url: &Url) -> Result<Vec<SocketAddr>, String> {
        let port = url.port_or_known_default().unwrap_or(443);
        let found: Vec<SocketAddr> = match (ip_of(url), url.domain()) {
            (Some(ip), _) => vec![SocketAddr::new(ip, port)],
            (None, Some(name)) => tokio::net::lookup_host((name, port))
                .await
                .map_err(|_| format!("No address is known for {name}"))?
                .collect(),
            (None, None) => vec![],
        };
        if found.is_empty() {
            return Err("No address is known for its name".into());
        }
        for address in &found {
            self.check(url, address.ip())?;
        }
        Ok(found)
    }

    fn check(self, url: &Url, ip: IpAddr) -> Result<(), String> {
        match network_of(ip) {
            Network::Public if url.scheme() != "https" => Err(format!(
                "Plain http is for private networks only, and this leads to {ip}: use https"
            )),
            Network::Private if !self.is_private_allowed => Err(format!(
                "This leads to {ip}, inside a private network: use an address that is reached over the internet"
            )),
            Network::Never => Err(format!(
                "This leads to {ip}, where no webhook can be: use an address that is reached over the internet"
            )),
            Network::Public | Network::Private => Ok(()),
        }
    }
}

fn ip_of(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC_ONLY: Reach = Reach {
        is_private_allowed: false,
    };
    const ANY: Reach = Reach {
        is_private_allowed: true,
    };

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for (ip, network) in [
            ("93.184.215.14", Network::Public),
            ("100.63.255.255", Network::Public),
            ("172.32.0.1", Network::Public),
            ("2606:2800:21f:cb07::1", Network::Public),
            ("127.0.0.1", Network::Private),
            ("127.8.8.8", Network::Private),
            ("10.1.2.3", Network::Private),
            ("172.31.255.255", Network::Private),
            ("192.168.1.1", Network::Private),
            ("100.64.0.1", Network::Private),
            ("::1", Network::Private),
            ("fd12:3456::1", Network::Private),
            ("0.0.0.0", Network::Never),
            ("169.254.169.254", Network::Never),
            ("192.0.0.192", Network::Never),
            ("198.18.0.1", Network::Never),
            ("224.0.0.1", Network::Never),
            ("240.0.0.1", Network::Never),
            ("255.255.255.255", Network::Never),
            ("::", Network::Never),
            ("::ffff:93.184.215.14", Network::Never),
            ("::ffff:127.0.0.1", Network::Never),
            ("::127.0.0.1", Network::Never),
            ("64:ff9b::7f00:1", Network::Never),
            ("2002:7f00:1::", Network::Never),
            ("2001::1", Network::Never),
            ("2001:db8::1", Network::Never),
            ("fe80::1", Network::Never),
            ("fec0::1", Network::Never),
            ("ff02::1", Network::Never),
        ] {
            assert_eq!(network_of(ip.parse().unwrap()), network, "{ip}");
        }
    }

    #[test]
    fn an_address_is_refused_however_it_is_written() {
        for (text, is_public_right, is_private_right) in [
            ("https://example.com/hook?token=1", true, true),
            ("https://example.com:8443/", true, true),
            ("https://93.184.215.14/", true, true),
            ("http://example.com/", false, true),
            ("http://93.184.215.14/", false, false),
            ("http://127.0.0.1:8000/", false, true),
            ("https://127.0.0.1/", false, true),
            ("https://127.1/", false, true),
            ("https://2130706433/", false, true),
            ("https://0x7f.0.0.1/", false, true),
            ("https://[::1]/", false, true),
            ("https://[::ffff:127.0.0.1]/", false, false),
            ("https://169.254.169.254/latest", false, false),
            ("https://user:secret@example.com/", false, false),
            ("ftp://example.com/", false, false),
            ("javascript:alert(1)", false, false),
            ("example.com", false, false),
            ("", false, false),
        ] {
            assert_eq!(PUBLIC_ONLY.read(text).is_ok(), is_public_right, "{text}");
            assert_eq!(ANY.read(text).is_ok(), is_private_right, "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_where_it_leads() {
        let url = Url::parse("https://localhost:8443/").unwrap();

        let refused = PUBLIC_ONLY.resolve(&url).await.unwrap_err();
        let allowed = ANY.resolve(&url).await.unwrap();

        assert!(refused.contains("inside a private network"), "{refused}");
        assert!(
            allowed
                .iter()
                .all(|address| address.ip().is_loopback() && address.port() == 8443)
        );
    }
}
