//! What can be known by this traffic, and when, in words. Pure.

use super::{
    number,
    recount::{main_counted_from, recount_line, uncounted},
    when::When,
};
use crate::{
    report::knowable::{ByAnswers, ByVisits, Knowable, LONGEST_WEEKS, Reach, Traffic},
    stats::ENOUGH,
};

/// The page.
pub struct KnowableView {
    /// The finding.
    pub heading: String,
    /// What it follows from.
    pub traffic: Vec<(&'static str, String)>,
    /// What the last days tell already.
    pub today: Vec<Today>,
    /// What takes more.
    pub later: Vec<Later>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
}

/// Something that is known already.
pub struct Today {
    /// What.
    pub words: String,
    /// Where it stands, from the address of the site on.
    pub href: &'static str,
    /// What that page is called.
    pub page: &'static str,
}

/// Something that takes some traffic.
pub struct Later {
    /// What there is to know.
    pub what: &'static str,
    /// What it takes.
    pub needs: String,
    /// When it is known.
    pub when: String,
    /// Whether it is known now.
    pub is_now: bool,
}

impl KnowableView {
    /// Puts it into words.
    pub fn new(traffic: &Traffic, when: &When) -> Self {
        let known = traffic.knowable();
        Self {
            heading: heading(traffic, &known),
            traffic: figures(traffic),
            today: today(traffic),
            later: later(traffic, &known),
            notes: notes(traffic, when),
        }
    }
}

fn notes(traffic: &Traffic, when: &When) -> Vec<String> {
    let (main, recount) = (traffic.main.as_deref(), traffic.recount.as_ref());
    let older = main.map_or(0, |_| traffic.other_goals);
    recount_line(recount, when)
        .into_iter()
        .chain(uncounted(older, recount, "the present main goal"))
        .chain(main_counted_from(main, traffic.told_from, when.today()))
        .collect()
}

fn heading(traffic: &Traffic, known: &Knowable) -> String {
    match (traffic.visits, traffic.answers, known.roughly.reach) {
        (0, 0, _) => "With the first visit, its journey; with the first answer, a reason".into(),
        (_, 0, _) => "What visits do is told now; why they do it, from the first answer on".into(),
        _ if known.closely.reach == Reach::Now => {
            "The top reason given is known to ±5 points now".into()
        }
        (_, _, Reach::Now) => "The top reason given is known to ±12 points now".into(),
        (_, _, Reach::Weeks(weeks)) => format!(
            "In about {} the top reason given is known to ±12 points",
            number::counted(weeks, "week", "weeks")
        ),
        _ if matches!(known.shares.reach, Reach::Weeks(_)) => {
            "Each answer tells something now; the top reason to ±12 points not with this traffic"
                .into()
        }
        (_, _, Reach::Unknown) => "Each answer tells something now; none names a reason yet".into(),
        _ => "Each answer tells something now; shares of reasons not with this traffic".into(),
    }
}

fn figures(traffic: &Traffic) -> Vec<(&'static str, String)> {
    let week = |n: i64| match n {
        0 => number::count(n),
        _ => format!(
            "{} ({} a week)",
            number::count(n),
            per_week(traffic.per_week(n))
        ),
    };
    let mut figures = vec![("Visits", week(traffic.visits))];
    if let Some(main) = &traffic.main {
        let rate = traffic.rate;
        let share = match rate.is_enough() {
            true => format!("{} {}, ", number::percent(rate), number::spread(rate)),
            false => String::new(),
        };
        figures.push((
            "Main goal",
            format!("“{main}”: {share}{}", number::of(rate)),
        ));
    }
    figures.push(("Could be asked", week(traffic.eligible)));
    figures.push(("Answers", week(traffic.answers)));
    figures.push((
        "Of these, could name the top reason",
        week(traffic.could_name),
    ));
    figures
}

/// `3.8`, from ten on `38`.
fn per_week(n: f64) -> String {
    match n {
        n if n < 9.95 => format!("{n:.1}"),
        n => number::count(n.round() as i64),
    }
}

fn today(traffic: &Traffic) -> Vec<Today> {
    let mut today = vec![];
    let mut tell = |is_so: bool, words: String, href, page| {
        if is_so {
            today.push(Today { words, href, page });
        }
    };
    let answers = number::counted(traffic.answers, "answer", "answers");
    let visits = number::counted(traffic.visits, "visit", "visits");
    let each = match traffic.answers {
        1 => format!("{answers}: what it says, and what that visit did before and after."),
        _ => format!(
            "{answers}: what each says, and what its visit did before and after. Read them all."
        ),
    };
    tell(traffic.answers > 0, each, "/answers", "Answers");
    let counts = format!("{visits}: how many came to each step, and how many left there.");
    tell(traffic.visits > 0, counts, "", "Funnel");
    let main = traffic.main.as_deref().filter(|_| traffic.rate.is_enough());
    let share = format!(
        "The share that reaches “{}”: {}.",
        main.unwrap_or_default(),
        number::range(traffic.rate)
    );
    tell(main.is_some(), share, "/reports/overview", "Overview");
    let ask = "No question asks now. Nothing is told about why until one does.".into();
    tell(traffic.live_prompts == 0, ask, "/prompts", "Prompts");
    let goal = "There is no main goal. With one, it is told how many visits reach it.".into();
    tell(traffic.main.is_none(), goal, "/goals", "Goals");
    today
}

fn later(traffic: &Traffic, known: &Knowable) -> Vec<Later> {
    let answers = |what, by: ByAnswers| Later {
        what,
        needs: format!(
            "{} to a question that offers it",
            number::counted(by.needed, "answer", "answers")
        ),
        when: when(
            by.reach,
            "Cannot be told before the first answer that names a reason",
            |weeks| format!("In about {weeks}"),
        ),
        is_now: by.reach == Reach::Now,
    };
    let visits = |what, by: ByVisits, of: &str| Later {
        what,
        needs: match by.needed {
            Some(needed) => format!("About {} visits {of}", number::about(needed)),
            None => needs_a_rate(traffic),
        },
        when: when(by.reach, "Cannot be told yet", |weeks| {
            format!("{weeks} from its beginning")
        }),
        is_now: false,
    };
    vec![
        answers("Shares of reasons, with their range", known.shares),
        answers("The top reason to ±12 points", known.roughly),
        answers("The top reason to ±5 points", known.closely),
        visits(
            "Whether the main goal changed by a fifth",
            known.change,
            "in all, half before and half after",
        ),
        visits(
            "Whether asking costs 5 % of the main goal, with half left unasked",
            known.cost_by_half,
            "that could be asked",
        ),
        visits(
            "The same with a tenth left unasked",
            known.cost_by_tenth,
            "that could be asked",
        ),
    ]
}

fn when(reach: Reach, unknown: &str, told: impl Fn(&str) -> String) -> String {
    match reach {
        Reach::Now => "Now".into(),
        Reach::Weeks(weeks) => told(&number::counted(weeks, "week", "weeks")),
        Reach::Never => format!("Not with this traffic: more than {LONGEST_WEEKS} weeks"),
        Reach::Unknown => unknown.into(),
    }
}

fn needs_a_rate(traffic: &Traffic) -> String {
    if traffic.main.is_none() {
        return "A main goal first".into();
    }
    match (traffic.rate.is_enough(), traffic.rate.k) {
        (false, _) => format!("{ENOUGH} visits, to plan by their share with the main goal"),
        (true, 0) => "Visits that reach the main goal".into(),
        (true, _) => "Visits that do not reach the main goal".into(),
    }
}
