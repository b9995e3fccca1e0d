//! Why a question did not show, in words and figures. Pure.

use super::{
    number,
    prompt_report::status,
    stages::{StageView, is_told, terms},
    when::When,
};
use crate::{
    clock::{DAY, HOUR, MINUTE},
    ingest::decide::Refusal,
    report::{
        prompt::Stage,
        why::{Closed, HeldBack, NotOpened, Pauses, Way, Ways, Why},
    },
    stats::{ENOUGH, Rate},
    types::Millis,
};

/// Pauses that are told one by one, the newest.
const SHOWN_PAUSES: usize = 5;

/// The page.
pub struct WhyView {
    /// Names the prompt.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// Class and words of its state.
    pub status: (&'static str, &'static str),
    /// The finding.
    pub heading: String,
    /// Whether there is a way to a moment: some questions wait for none.
    pub has_moments: bool,
    /// From the visit to the answer.
    pub stages: Vec<StageView>,
    /// What the stages from the moment on mean.
    pub terms: Vec<(&'static str, &'static str)>,
    /// How these are counted.
    pub notes: Vec<String>,
    /// Where each visit went that came to a moment.
    pub ways: Vec<WayView>,
    /// How many there are.
    pub fired: String,
    /// How often “Don't ask me again” was clicked.
    pub never: Option<String>,
}

/// A way out.
pub struct WayView {
    /// Its name.
    pub name: &'static str,
    /// How many.
    pub n: String,
    /// Why, with how many.
    pub reasons: Vec<(String, String)>,
}

impl WhyView {
    /// Puts a report into words.
    pub fn new(why: &Why, when: &When) -> Self {
        Self {
            id: why.prompt.id.to_string(),
            name: why.prompt.name.clone(),
            status: status(why.prompt.status),
            heading: heading(why),
            has_moments: waits(why) || why.ways.fired() > 0,
            stages: stages(why),
            terms: terms(true),
            notes: notes(why, when),
            ways: Way::ALL
                .iter()
                .filter_map(|way| way_view(&why.ways, *way))
                .collect(),
            fired: number::count(why.ways.fired()),
            never: never(why.ways.never()),
        }
    }
}

/// What a refusal means.
pub fn refusal(code: &str) -> String {
    let known = Refusal::parse(code).map(|refusal| refusal.label().to_owned());
    known.unwrap_or_else(|| code.replace('_', " "))
}

/// What a refusal means, inside a sentence.
fn refusal_within(code: &str) -> String {
    let words = refusal(code);
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// `Mostly held back: already asked in this visit (312)`; `Held back` where there was no other reason.
pub fn mostly(held: &HeldBack) -> String {
    let how = if held.is_only {
        "Held back"
    } else {
        "Mostly held back"
    };
    let (why, n) = (refusal_within(&held.code), number::count(held.n));
    format!("{how}: {why} ({n})")
}

fn waits(why: &Why) -> bool {
    why.prompt.draft.look.shown_as.waits_for_a_moment()
}

fn heading(why: &Why) -> String {
    let ways = &why.ways;
    let (fired, held) = (ways.fired(), ways.count(Way::HeldBack));
    let opened = ways.opened();
    if fired == 0 && !waits(why) {
        return "This question waits for no moment: visitors open it, or it is there".into();
    }
    let off = why.pauses.length();
    if fired == 0 && off > 0 && off == why.pauses.of {
        return "This question was off all the time in these days".into();
    }
    if fired == 0 {
        return "No visit came to the moment in these days".into();
    }
    let visits = number::counted(fired, "visit", "visits");
    if opened * 2 >= fired {
        let opened = number::count(opened);
        return format!("{visits} came to the moment, and it opened in {opened}");
    }
    match ways.reasons(Way::HeldBack).as_slice() {
        [(code, n), others @ ..] if held * 2 >= fired => {
            let was = match (fired, held) {
                (1, 1) => "and was held back".into(),
                (_, 1) => "1 was held back".into(),
                _ => format!("{} were held back", number::count(held)),
            };
            let joint = if fired == 1 { "" } else { "," };
            let why = refusal_within(code);
            let why = match others {
                [] => format!(": {why}"),
                _ => format!("; mostly: {why} ({})", number::count(*n)),
            };
            format!("{visits} came to the moment{joint} {was}{why}")
        }
        _ => format!(
            "{visits} came to the moment, and it opened in {}",
            number::count(opened)
        ),
    }
}

fn stages(why: &Why) -> Vec<StageView> {
    let (pages, fired) = (&why.pages, why.ways.fired());
    let on = pages.matched - pages.paused;
    let stage = |name, n, of| StageView::new(name, n, of, pages.visits);
    let mut matched = stage(
        "Opened a page it may ask on",
        pages.matched,
        Some(pages.visits),
    );
    if pages.is_scaled {
        matched.n = format!("about {}", matched.n);
    }
    let mut stages = vec![stage("Visits", pages.visits, None), matched];
    if !why.pauses.spans.is_empty() {
        stages.push(stage("While it was on", on, Some(pages.matched)));
    }
    stages.push(stage("Came to the moment", fired, Some(on)));
    let reached = why.ways.counts().stages(true).into_iter();
    // How it was closed or left alone stands beside it.
    let told = reached.filter(|it| is_told(it) && it.stage <= Stage::Answered);
    stages.extend(told.map(|it| stage(it.stage.label(), it.n, it.of.or(Some(fired)))));
    stages
}

fn way_view(ways: &Ways, way: Way) -> Option<WayView> {
    let n = ways.count(way);
    let words = |code: &str| match way {
        Way::HeldBack => refusal(code),
        Way::Closed => Closed::parse(code)
            .map_or("In a way that was not told", Closed::label)
            .to_owned(),
        _ => NotOpened::parse(code).map_or_else(
            || "Nothing more was heard of them".to_owned(),
            |why| why.label().to_owned(),
        ),
    };
    let reasons = match way {
        Way::HeldBack | Way::NotOpened | Way::Closed => ways.reasons(way),
        _ => vec![],
    };
    (n > 0).then(|| WayView {
        name: way.label(),
        n: number::count(n),
        reasons: reasons
            .iter()
            .map(|(code, n)| (words(code), number::count(*n)))
            .collect(),
    })
}

fn notes(why: &Why, when: &When) -> Vec<String> {
    let mut notes = vec![
        "Visits since the question was first published. Pages are matched by its rules as they are now, as far as they are kept of a visit; a visit that came to the moment counts in any case.".to_owned(),
    ];
    notes.extend(off(&why.pauses, when));
    if why.pages.is_scaled {
        notes.push("There were too many visits to look at the pages of each: the newest 20,000 stand for all.".into());
    }
    if why.others_first > 0 {
        notes.push(format!(
            "In {} another question was asked and this one came to no moment. Up to so many more may have come to it: once a visit has had its questions, the script looks for no more.",
            number::counted(why.others_first, "visit", "visits")
        ));
    }
    if let Some((version, ways)) = &why.current {
        notes.push(format!(
            "With the present version ({version}): {} came to the moment, {} could be asked, {} opened, {} answered.",
            number::count(ways.fired()),
            number::count(ways.askable()),
            number::count(ways.opened()),
            number::count(ways.answered()),
        ));
    }
    if let Some(left) = why.left {
        notes.push(exits(left));
    }
    notes
}

/// `In 5 visits “Don't ask me again” was clicked, in 2 of them after an answer.`
fn never(rate: Rate) -> Option<String> {
    let visits = number::counted(rate.n, "visit", "visits");
    let clicked = format!("In {visits} “Don't ask me again” was clicked");
    match (rate.k, rate.n) {
        (_, 0) => None,
        (0, _) => Some(format!("{clicked}, in none of them after an answer.")),
        (k, _) => Some(format!(
            "{clicked}, in {} of them after an answer.",
            number::count(k)
        )),
    }
}

/// How long the question was off, and since when that is known.
fn off(pauses: &Pauses, when: &When) -> Vec<String> {
    let mut notes = vec![];
    if !pauses.spans.is_empty() {
        let newest = pauses.spans.iter().rev().take(SHOWN_PAUSES);
        let spans: Vec<String> = newest
            .enumerate()
            .map(|(place, (off, on))| match place == 0 && pauses.lasts {
                true => format!("from {} on", when.moment(*off)),
                false => format!("from {} to {}", when.moment(*off), when.moment(*on)),
            })
            .collect();
        let more = pauses.spans.len().saturating_sub(SHOWN_PAUSES);
        let more = match more {
            0 => String::new(),
            n => format!("; and {n} times before"),
        };
        notes.push(format!(
            "The question was off (paused or archived) for {} of these days: {}{more}. Visits that began and ended in that time, and came to no moment, are left out of the line “While it was on”.",
            length(pauses.length()),
            spans.join("; "),
        ));
    }
    if let Some(from) = pauses.known_from {
        notes.push(format!(
            "Whether it was paused before is not known: pauses are noted since {}.",
            when.moment(from)
        ));
    }
    notes
}

/// `2 days 3 hours`, `3 hours 20 minutes`, `1 minute`.
fn length(ms: Millis) -> String {
    let minutes = (ms / MINUTE).max(1) * MINUTE;
    let units = [
        (minutes / DAY, "day", "days"),
        (minutes % DAY / HOUR, "hour", "hours"),
        (minutes % HOUR / MINUTE, "minute", "minutes"),
    ];
    let first = units.iter().position(|(n, ..)| *n > 0).unwrap_or_default();
    let told = units.iter().skip(first).take(2).filter(|(n, ..)| *n > 0);
    let told: Vec<String> = told
        .map(|(n, one, many)| number::counted(*n, one, many))
        .collect();
    told.join(" ")
}

/// How often visitors who moved to leave were gone.
pub(super) fn exits(left: Rate) -> String {
    let rule = "Counted on all pages, for every move that the script records, also slower ones than this question asks at; those at which a question opened are left out. Whoever does nothing from one minute to five minutes later has left.";
    let moves = number::counted(left.n, "move", "moves");
    match left.n {
        0 => "No move to leave in these days so far; one is judged after five minutes.".into(),
        1..ENOUGH => format!(
            "Of {moves} to leave, after {} they were gone within a minute. {rule}",
            number::count(left.k)
        ),
        _ => format!(
            "Of {moves} to leave, {} ({}) really left within a minute. {rule}",
            number::whole_percent(left),
            number::whole_range(left)
        ),
    }
}
