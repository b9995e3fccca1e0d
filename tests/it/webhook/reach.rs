//! Nothing goes into the network that the service stands in, and what went wrong is told in plain words.

use std::net::TcpListener;

use super::{answer, insert_webhook, spawn};
use crate::support::{app::TestApp, prompt::pricing};

#[actix_web::test]
async fn private_addresses_are_refused_before_anything_is_sent() {
    let app = TestApp::spawn().await;
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    for url in [
        // Refused when saved already; here as if the setting had been another then.
        format!("https://127.0.0.1:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        // A name that leads there.
        format!("https://localhost:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let site = app.insert_site("Shop").await;
        let prompt = app.publish(&site, "Pricing", &pricing()).await;
        insert_webhook(&app.state.db, &site, &url).await;
        answer(&app, &site, prompt, "inside").await;

        let refused = app
            .message_when(&site, |row| row.last_error.is_some())
            .await;

        assert_eq!((refused.attempts, refused.last_status), (1, None), "{url}");
        let why = refused.last_error.unwrap();
        let is_plain = [
            "private network",
            "no webhook can be",
            "must begin with https",
        ]
        .iter()
        .any(|words| why.contains(words));
        assert!(is_plain, "{url}: {why}");
    }
    let connection = inside.accept().map(|_| ());
    assert_eq!(
        connection.unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock,
        "nobody connected"
    );
}

#[actix_web::test]
async fn what_went_wrong_is_told_without_the_address() {
    let app = spawn().await;
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = plain.local_addr().unwrap().port();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // Speaks no TLS: it hangs up.
    std::thread::spawn(move || plain.incoming().for_each(drop));
    for (url, words) in [
        (
            format!("https://127.0.0.1:{port}/hook?key=opensesame"),
            "No secure connection",
        ),
        (
            format!("http://127.0.0.1:{closed}/hook?key=opensesame"),
            "connection was refused",
        ),
        (
            "https://nowhere.invalid/hook?key=opensesame".to_owned(),
            "No address is known for nowhere.invalid",
        ),
    ] {
        let site = app.insert_site("Shop").await;
        insert_webhook(&app.state.db, &site, &url).await;

        let test = app.state.webhooks.send_test(&site).await.unwrap();

        let why = test.last_error.unwrap();
        assert!(why.contains(words), "{url}: {why}");
        assert!(!why.contains("opensesame"), "{why}");
        assert_eq!(test.attempts, 1);
        assert_eq!(test.next_attempt_at, None, "a test is sent once");
    }
}
