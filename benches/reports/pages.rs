//! Reads pages of the real server, signed in: ranges of days and filters that were never asked for, and a new event before each.

use std::{
    collections::BTreeSet,
    io::Write,
    time::{Duration, Instant},
};

use exitpoll::{clock, seed::random::Random, site::calendar, types::ViewId};
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, USER_AGENT};

use crate::{
    server::{Ours, Process},
    site,
};

/// A page, and what is asked of it at the 95th percentile.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    /// Behind the site's address.
    path: String,
    /// More of its query, of which one is drawn each time.
    queries: Vec<String>,
    pub(crate) warm_ms: f64,
    pub(crate) cold_ms: f64,
}

/// Those that are measured, of a site with this prompt and this small step.
pub(crate) fn pages(prompt: &str, goal: &str) -> Vec<Page> {
    let page = |name, path: &str, queries: &[&str], warm_ms, cold_ms| Page {
        name,
        path: path.to_owned(),
        queries: queries.iter().map(|it| it.replace("GOAL", goal)).collect(),
        warm_ms,
        cold_ms,
    };
    let usual = |name, path: &str, queries: &[&str]| page(name, path, queries, 60.0, 200.0);
    let ad_hoc = |name, path: &str, queries: &[&str]| page(name, path, queries, 400.0, 400.0);
    let report = format!("/prompts/{prompt}/report");
    let filters: &[&str] = &[
        "device=touch",
        "country=US",
        "source=google",
        "campaign=spring",
        "language=de",
        "visitor=new",
    ];
    let two: &[&str] = &[
        "device=touch&country=US",
        "source=google&language=de",
        "device=desktop&campaign=spring",
    ];
    let landing: &[&str] = &["landing=%2Fproducts%2F1", "landing=%2F", "by=landing"];
    let segments: &[&str] = &["did=GOAL", "not=GOAL", "did=GOAL&device=touch"];
    let beside: &[&str] = &[
        "did=GOAL&beside=others",
        "device=touch&beside=device%3Ddesktop",
        "source=google&beside=all",
    ];
    vec![
        usual("overview", "/reports/overview", &[""]),
        usual("overview, filter", "/reports/overview", filters),
        usual(
            "overview, by",
            "/reports/overview",
            &["by=device", "by=source", "by=country", "by=campaign"],
        ),
        usual("small steps", "/reports/steps", &[""]),
        usual("funnel", "", &[""]),
        usual("funnel, filter", "", filters),
        usual("question", &report, &[""]),
        usual("questions", "/prompts", &[""]),
        usual("scores", "/reports/scores", &[""]),
        usual("reasons by step", "/reports/reasons", &[""]),
        usual("what can be known", "/reports/knowable", &[""]),
        usual("revenue", "/reports/revenue", &[""]),
        usual("blueprint", "/reports/blueprint", &[""]),
        ad_hoc("predictors", "/reports/predictors", &[""]),
        ad_hoc("predictors, filter", "/reports/predictors", filters),
        ad_hoc("predictors, two", "/reports/predictors", two),
        ad_hoc("overview, two", "/reports/overview", two),
        ad_hoc("overview, landing", "/reports/overview", landing),
        ad_hoc("overview, segment", "/reports/overview", segments),
        ad_hoc("small steps, two", "/reports/steps", two),
        ad_hoc("small steps, landing", "/reports/steps", landing),
        ad_hoc("small steps, segment", "/reports/steps", segments),
        ad_hoc("funnel, two", "", two),
        ad_hoc("funnel, landing", "", landing),
        ad_hoc("funnel, segment", "", segments),
        ad_hoc("funnel, beside", "", beside),
        ad_hoc("funnel, within a time", "", &["within=5", "within=30"]),
        ad_hoc("question, two", &report, two),
        ad_hoc("scores, two", "/reports/scores", two),
        ad_hoc("reasons by step, two", "/reports/reasons", two),
        ad_hoc("funnel, strict", "", &["order=strict", "order=any"]),
        ad_hoc("why not asked", &format!("/prompts/{prompt}/why"), &[""]),
    ]
}

/// How long the pages took, shortest first.
pub(crate) struct Took(Vec<f64>);

impl Took {
    pub(crate) fn of(mut each: Vec<f64>) -> Self {
        each.sort_by(f64::total_cmp);
        Self(each)
    }

    /// A quantile, ms.
    pub(crate) fn ms(&self, quantile: f64) -> f64 {
        let last = self.0.len() - 1;
        self.0[(last as f64 * quantile).round() as usize]
    }
}

/// Somebody who is signed in, and the visitors meanwhile.
pub(crate) struct Reader {
    http: reqwest::Client,
    site: String,
    session: String,
    days: Vec<i32>,
    random: Random,
    asked: BTreeSet<String>,
    visitors: u64,
}

impl Reader {
    pub(crate) fn new(site: &str, session: &str, days: &[i32]) -> Self {
        Self {
            http: reqwest::Client::new(),
            site: site.to_owned(),
            session: session.to_owned(),
            days: days.to_vec(),
            random: Random::new(3, 0),
            asked: BTreeSet::new(),
            visitors: 0,
        }
    }

    /// Reads the page once, with days that it was never asked for; ms to the last byte.
    pub(crate) async fn read(&mut self, server: &Ours, page: &Page) -> f64 {
        self.visit(server).await;
        let url = self.new_url(page);
        let begun = Instant::now();
        let reply = self
            .http
            .get(format!("http://{}{url}", server.address()))
            .header(COOKIE, format!("exitpoll_session={}", self.session))
            .timeout(Duration::from_secs(600))
            .send()
            .await
            .unwrap();
        let status = reply.status();
        let body = reply.text().await.unwrap();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        assert!(status == 200 && body.contains("</html>"), "{url}: {status}");
        took
    }

    /// Days and filters that were not asked for together; of the longest ranges there are few, so the ends are drawn apart.
    fn new_url(&mut self, page: &Page) -> String {
        loop {
            let days = i64::try_from(self.days.len()).unwrap();
            let mut ends = [0; 2].map(|_| self.random.between(0, days - 1));
            ends.sort_unstable();
            let [from, to] = ends
                .map(|end| calendar::date_of(self.days[usize::try_from(end).unwrap()]).unwrap());
            let query = &page.queries[self.random.weighted(&vec![1.0; page.queries.len()])];
            let url = format!(
                "/sites/{}{}?from={from}&to={to}&{query}",
                self.site, page.path
            );
            if self.asked.insert(url.clone()) {
                return url;
            }
        }
    }

    /// One visitor opens one page.
    async fn visit(&mut self, server: &Ours) {
        self.visitors += 1;
        let view = ViewId::new(clock::now()).0;
        let body = format!(
            r#"{{"v":1,"k":"{}","c":1,"w":"{view}","s":0,"t":5,"n":"navigate","d":"desktop","e":[[0,"page_view",{{"u":"/products/{}"}}]]}}"#,
            self.site, self.visitors
        );
        let agent = format!(
            "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0 b{}",
            self.visitors
        );
        let reply = self
            .http
            .post(format!("http://{}/x/i", server.address()))
            .header(ORIGIN, site::ORIGIN)
            .header(USER_AGENT, agent)
            .header(CONTENT_TYPE, "text/plain")
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(reply.status().is_success(), "an event was refused");
    }
}

/// Forgets what the system keeps in memory of the file: only its clean pages, which after a checkpoint are all. Needs no rights but
/// to read it. Of PostgreSQL nothing is forgotten: its memory is not ours.
pub(crate) fn forget_file(url: &str) {
    let Some(path) = url.strip_prefix("sqlite:") else {
        return;
    };
    for path in [path.to_owned(), format!("{path}-wal")] {
        let _ = std::process::Command::new("dd")
            .args([
                &format!("if={path}"),
                "iflag=nocache",
                "count=0",
                "status=none",
            ])
            .status();
    }
}

/// Has the process' highest resident memory count from now on, and tells what it is now, KiB.
pub(crate) fn begin_peak(server: &Ours) -> u64 {
    let file = format!("/proc/{}/clear_refs", server.child().id());
    std::fs::OpenOptions::new()
        .write(true)
        .open(file)
        .unwrap()
        .write_all(b"5")
        .unwrap();
    server.status_kib("VmRSS:")
}
