//! One POST to addresses that were checked. No name is looked up here, no redirect followed, no proxy asked and no answer read.

use std::{net::SocketAddr, sync::Arc};

use http_body_util::Full;
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider, pki_types::ServerName},
};
use url::{Host, Position, Url};

/// Sends requests, over TLS with the certificate authorities that browsers trust.
#[derive(Clone)]
pub(super) struct Poster {
    tls: TlsConnector,
}

impl Poster {
    /// One without connections: each request makes its own.
    pub(super) fn new() -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.to_vec();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows the versions")
            .with_root_certificates(RootCertStore { roots })
            .with_no_client_auth();
        Self {
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// Sends `body` to the first of `addresses` that takes a connection. Returns the status of the answer, or in words for the owner
    /// why there is none; they never repeat the address, which may hold a password.
    pub(super) async fn post(
        &self,
        url: &Url,
        addresses: &[SocketAddr],
        headers: [(&'static str, String); 3],
        body: &str,
    ) -> Result<u16, String> {
        let request = request(url, headers, body).ok_or("The address cannot be used")?;
        let stream = TcpStream::connect(addresses)
            .await
            .map_err(|_| "The connection was refused or could not be made")?;
        if url.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let name = server_name(url).ok_or("The address cannot be used")?;
        let secured = self.tls.connect(name, stream).await.map_err(
            |_| "No secure connection: its certificate is not valid, or it does not speak TLS",
        )?;
        exchange(secured, request).await
    }
}

fn request(
    url: &Url,
    headers: [(&'static str, String); 3],
    body: &str,
) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("Exitpoll/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Full::from(body.to_owned())).ok()
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    Some(match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok()?,
        Host::Ipv4(ip) => ServerName::IpAddress(ip.into()),
        Host::Ipv6(ip) => ServerName::IpAddress(ip.into()),
    })
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<u16, String> {
    let broke_off = |_| "The connection broke off before there was an answer".to_owned();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broke_off)?;
    let answer = sender.send_request(request);
    tokio::pin!(answer);
    let answer = tokio::select! {
        biased;
        answer = &mut answer => answer,
        // The connection may end together with the answer.
        _ = connection => answer.await,
    };
    Ok(answer.map_err(broke_off)?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Otherwise a name could lead elsewhere than when it was checked.
    #[tokio::test]
    async fn the_request_goes_to_the_address_that_was_checked_whatever_its_name_leads_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let checked = listener.local_addr().unwrap();
        let receiver = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = vec![0; 10_000];
            let mut n = 0;
            while !read[..n].ends_with(b"{}") {
                n += stream.read(&mut read[n..]).await.unwrap();
            }
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .await
                .unwrap();
            String::from_utf8(read[..n].to_vec()).unwrap()
        });
        let url = Url::parse("http://nowhere.invalid:8000/hook?key=1").unwrap();
        let headers = ["a", "b", "c"].map(|name| (name, name.to_owned()));

        let status = Poster::new().post(&url, &[checked], headers, "{}").await;

        assert_eq!(status, Ok(204));
        let request = receiver.await.unwrap().to_lowercase();
        assert!(
            request.starts_with("post /hook?key=1 http/1.1\r\n"),
            "{request}"
        );
        assert!(
            request.contains("host: nowhere.invalid:8000\r\n"),
            "{request}"
        );
    }
}
