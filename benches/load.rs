//! The load: visitors whose page loads send several batches over connections that stay open.
//!
//! It speaks HTTP by itself: a client library would take more of the machine than the servers that are measured.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use exitpoll::types::ViewId;

use crate::server::Process;

/// Where the pages are.
pub(crate) const ORIGIN: &str = "https://shop.example";
/// Batches of one page load.
const BATCHES: usize = 4;

/// What is sent.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) key: String,
    /// Events in a request.
    pub(crate) events: usize,
    /// Connections.
    pub(crate) clients: usize,
    /// How long.
    pub(crate) seconds: u64,
}

/// What came of it.
pub(crate) struct Figures {
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    pub(crate) latencies_us: Vec<u32>,
    cpu_us: f64,
}

impl Figures {
    /// CPU time of the server for one event, µs.
    pub(crate) fn cpu_us(&self) -> f64 {
        self.cpu_us / self.events as f64
    }

    /// A quantile of the time from sending to the acknowledgement.
    pub(crate) fn latency_ms(&self, quantile: f64) -> f64 {
        let last = self.latencies_us.len() - 1;
        let index = (last as f64 * quantile) as usize;
        f64::from(self.latencies_us[index]) / 1_000.0
    }
}

impl Load {
    /// Half a second that is not counted.
    pub(crate) async fn warm(&self, server: &impl Process) {
        self.send(server.address(), Duration::from_millis(500))
            .await;
    }

    /// Sends for as long as asked and reads what the server used.
    pub(crate) async fn run(&self, server: &impl Process) -> Figures {
        let before = server.cpu_us();
        let begun = Instant::now();
        let mut latencies_us = self
            .send(server.address(), Duration::from_secs(self.seconds))
            .await;
        let seconds = begun.elapsed().as_secs_f64();
        let cpu_us = server.cpu_us() - before;
        latencies_us.sort_unstable();
        Figures {
            events: (latencies_us.len() * self.events) as u64,
            seconds,
            latencies_us,
            cpu_us,
        }
    }

    async fn send(&self, address: &str, time: Duration) -> Vec<u32> {
        let until = Instant::now() + time;
        let clients: Vec<_> = (0..self.clients)
            .map(|client| {
                let (load, address) = (self.clone(), address.to_owned());
                std::thread::Builder::new()
                    .stack_size(256 * 1024)
                    .spawn(move || load.visit(client, &address, until))
                    .unwrap()
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap())
            .collect()
    }

    /// One page load after another on one connection.
    fn visit(&self, client: usize, address: &str, until: Instant) -> Vec<u32> {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut latencies = vec![];
        let (mut request, mut reply) = (String::new(), vec![0; 64 * 1024]);
        for visit in 0.. {
            let view = ViewId::new(exitpoll::clock::now()).0.to_string();
            let opened = Instant::now();
            for batch in 0..BATCHES {
                if Instant::now() >= until {
                    return latencies;
                }
                // The page's clock is the real one: batches that claim more time than has passed would come out of order.
                let t = opened.elapsed().as_millis();
                self.write_request(&mut request, client, visit, &view, batch, t);
                let begun = Instant::now();
                stream.write_all(request.as_bytes()).unwrap();
                read_reply(&mut stream, &mut reply);
                latencies.push(u32::try_from(begun.elapsed().as_micros()).unwrap());
            }
        }
        latencies
    }

    fn write_request(
        &self,
        request: &mut String,
        client: usize,
        visit: usize,
        view: &str,
        batch: usize,
        t: u128,
    ) {
        let s = batch * self.events;
        let mut body = format!(
            r#"{{"v":1,"k":"{}","c":1,"w":"{view}","s":{s},"t":{t}"#,
            self.key
        );
        if batch == 0 {
            body.push_str(r#","n":"navigate","d":"""#);
        }
        body.push_str(r#","e":["#);
        for n in 0..self.events {
            let comma = if n == 0 { "" } else { "," };
            write!(body, "{comma}{}", event(s + n, t)).unwrap();
        }
        body.push_str("]}");
        request.clear();
        write!(
            request,
            "POST /x/i HTTP/1.1\r\nHost: poll.example\r\nOrigin: {ORIGIN}\r\nContent-Type: text/plain;charset=UTF-8\r\n\
             User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0 b{client}-{visit}\r\n\
             Accept: */*\r\nAccept-Language: en-GB,en;q=0.5\r\nReferer: {ORIGIN}/\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
    }
}

/// The n-th event of a page load, in the mix that a page with a form sends.
fn event(n: usize, at: u128) -> String {
    match n {
        0 => format!(
            r#"[{at},"page_view",{{"u":"/pricing?utm_source=mail","r":"https://search.example/"}}]"#
        ),
        n => match n % 10 {
            1 => format!(r#"[{at},"page_load",{{"ms":412}}]"#),
            2 => format!(r#"[{at},"scroll",{{"p":25}}]"#),
            3 => format!(r#"[{at},"form_viewed",{{"f":"signup","l":"Sign up"}}]"#),
            4 => format!(r#"[{at},"form_started",{{"f":"signup","n":"email"}}]"#),
            5 => format!(r#"[{at},"click",{{"l":"Compare plans","h":"/plans"}}]"#),
            6 => format!(
                r#"[{at},"track",{{"name":"plan_chosen","props":{{"plan":"pro","seats":3}}}}]"#
            ),
            7 => format!(r#"[{at},"active",{{"ms":4200}}]"#),
            8 => format!(r#"[{at},"page_view",{{"u":"/signup"}}]"#),
            n => format!(r#"[{at},"field_focused",{{"f":"signup","n":"phone{n}"}}]"#),
        },
    }
}

/// Reads one reply to its end; anything but success ends the run.
fn read_reply(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = std::str::from_utf8(&buffer[..filled]).unwrap_or_default();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        assert!(
            head.starts_with("HTTP/1.1 20"),
            "a request was refused:\n{text}"
        );
        let length = head
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse().unwrap())
            })
            .unwrap_or(0);
        if body.len() >= length {
            return;
        }
    }
}
