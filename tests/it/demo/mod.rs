//! The built-in demo.

mod pages;
mod provision;
mod strip;

use exitpoll::{
    clock::{self, HOUR},
    demo,
    site::{self, types::Site},
};

use crate::support::{app::TestApp, client::Reply, widget::FIREFOX};

/// The demo site, as if the service had started an hour ago.
async fn provide(app: &TestApp) -> Site {
    demo::provision::ensure(&app.state.db, clock::now() - HOUR)
        .await
        .unwrap();
    site::store::find_by_key(&app.state.db.read, demo::KEY)
        .await
        .unwrap()
        .unwrap()
}

/// What the strip says to the visitor that the test widget is.
async fn live(app: &TestApp) -> Reply {
    let client = app.anonymous();
    let request = client
        .request("GET", "/demo/strip?part=live")
        .header("user-agent", FIREFOX)
        .header("accept-language", "en-GB,en");
    let reply = client.send(request).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}
