//! What goes with converting, in words and figures. Pure.

use super::{
    board::Cell,
    chosen::{Chosen, FilterView},
    number,
    recount::{nothing_counted, recount_line, uncounted},
    values::ValuesView,
    when::When,
};
use crate::{
    goal::types::GoalRule,
    ingest::cube::Dimension,
    prompt::types::PromptTemplate,
    report::{
        overview::Choice,
        pace::Timed,
        period::Period,
        predictors::{Predictor, Predictors},
    },
    stats::{Plan, Rate, Standing, schedule},
    types::GoalId,
};

/// What a page is about, by its address, and the question that fits there.
const ABOUT: [(&str, PromptTemplate); 5] = [
    ("pric", PromptTemplate::PricingViewed),
    ("plan", PromptTemplate::PricingViewed),
    ("cart", PromptTemplate::CartLeft),
    ("basket", PromptTemplate::CartLeft),
    ("checkout", PromptTemplate::CheckoutStopped),
];

/// The page.
pub struct PredictorsView {
    /// The finding.
    pub heading: String,
    /// Filters that are set.
    pub filters: Vec<FilterView>,
    /// By what one dimension says.
    pub values: Option<ValuesView>,
    /// What the owner calls the main goal; empty without one.
    pub main: String,
    /// Who is compared.
    pub compared: String,
    /// Whether there is a goal beside the main one.
    pub has_micros: bool,
    /// What was tested; nothing when nobody came to the landmark.
    pub rows: Vec<PredictorView>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
}

/// A small step.
pub struct PredictorView {
    /// Names it.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// What may be said, in a word or two.
    pub verdict: String,
    /// What speaks against reading it plainly.
    pub flags: Vec<String>,
    /// Of those who had taken it, those who converted.
    pub with: Cell,
    /// Of those who had not.
    pub without: Cell,
    /// `2.10 times (1.40 to 3.10)`.
    pub times: String,
    /// `3.1 points more (0.4 to 5.8)`; empty when nothing may be said.
    pub points: String,
    /// Of the visits with the main goal, those that had taken it before.
    pub coverage: Cell,
    /// Whether it says what testing it would take.
    pub can_be_tested: bool,
    /// Terms and figures that tell how sure it is; empty when nothing may be said.
    pub facts: Vec<(&'static str, String)>,
    /// The query string with which the funnel is of the visits that took it.
    pub look: String,
    /// The query string with which a question begins for whoever took it and did not convert.
    pub ask: String,
}

impl PredictorsView {
    /// Puts a report into words.
    pub fn new(report: &Predictors, choice: &Choice, period: &Period, when: &When) -> Self {
        let chosen = Chosen::new(period, choice);
        let main = report.main.clone().unwrap_or_default();
        let is_seen = report.compared.n > 0;
        let tested = report.tested.iter().filter(|_| is_seen);
        Self {
            heading: heading(report, &main),
            filters: chosen.filters(),
            values: choice.by.map(|by| values(report, by, &chosen)),
            compared: if is_seen {
                compared(report, &main)
            } else {
                String::new()
            },
            has_micros: !report.tested.is_empty(),
            rows: tested
                .map(|it| PredictorView::new(it, &main, report, &chosen, period.length()))
                .collect(),
            notes: notes(report, when),
            automated: (report.automated > 0).then(|| {
                let visits = number::counted(report.automated, "visit", "visits");
                let are = if report.automated == 1 { "is" } else { "are" };
                format!("{visits} of automated browsers {are} not counted.")
            }),
            main,
        }
    }
}

fn values(report: &Predictors, by: Dimension, chosen: &Chosen<'_>) -> ValuesView {
    let columns = ["Visits", "Converted, of those compared"].map(String::from);
    let values = report.values.iter().map(|it| {
        let cells = vec![Cell::of_count(it.visits), Cell::new(it.compared)];
        (it.value.clone(), cells)
    });
    ValuesView::new(by, chosen, columns.into(), values)
}

fn heading(report: &Predictors, main: &str) -> String {
    if report.visits == 0 {
        return match report.other_goals {
            0 => "No visits in these days".into(),
            _ => nothing_counted(report.recount.as_ref(), "the present goals"),
        };
    }
    if main.is_empty() || report.tested.is_empty() {
        return "What goes with converting".into();
    }
    if report.compared.n == 0 {
        return "No visit stayed long enough to compare".into();
    }
    let is_strong = |it: &&Predictor| it.standing == Standing::Strong && !it.is_on_the_way();
    let first = report.tested.iter().find(is_strong);
    let times = first.and_then(|it| it.ratio).map(|ratio| ratio.value);
    match first.zip(times) {
        Some((it, times)) if times > 1.0 => format!(
            "“{}” goes with “{main}”: {times:.1} times as often",
            it.name
        ),
        Some((it, _)) => format!("“{}” goes with fewer “{main}”", it.name),
        None if report.tested.iter().any(Predictor::is_enough) => {
            format!("Nothing stands out yet that goes with “{main}”")
        }
        None => format!("Not enough data yet to say what goes with “{main}”"),
    }
}

fn compared(report: &Predictors, main: &str) -> String {
    let stayed = Rate::new(report.compared.n, report.visits);
    let share = match report.compared.is_enough() {
        true => format!(
            "{} {}, {},",
            number::percent(report.compared),
            number::spread(report.compared),
            number::of(report.compared)
        ),
        false => number::of(report.compared),
    };
    format!(
        "Compared are {} visits: those that came to their second page, or half a minute of attention, and had not reached “{main}” by then. Of these {share} reached it afterwards. Of the others {} ended before and {} had reached it already.",
        number::of(stayed),
        number::count(report.short),
        number::count(report.early),
    )
}

fn notes(report: &Predictors, when: &When) -> Vec<String> {
    let mut notes: Vec<String> = recount_line(report.recount.as_ref(), when)
        .into_iter()
        .collect();
    let recount = report.recount.as_ref();
    notes.extend(uncounted(report.other_goals, recount, "the present goals"));
    if report.open > 0 {
        let visits = number::counted(report.open, "visit", "visits");
        notes.push(format!(
            "{visits} may still move on, and may still convert."
        ));
    }
    notes
}

impl PredictorView {
    fn new(
        found: &Predictor,
        main: &str,
        report: &Predictors,
        chosen: &Chosen<'_>,
        days: i32,
    ) -> Self {
        let tested = report.tested.len();
        let enough = found.is_enough();
        let told = |text: Option<String>| text.filter(|_| enough);
        let points = found.difference().map(|(points, interval)| {
            let range = number::points_range(interval);
            format!("{} ({range})", number::points_more(points))
        });
        Self {
            id: found.id.to_string(),
            name: found.name.clone(),
            verdict: verdict(found, main),
            flags: if enough && !found.is_on_the_way() {
                flags(found)
            } else {
                vec![]
            },
            with: Cell::new(found.compared.exposed),
            without: Cell::new(found.compared.unexposed),
            times: told(found.ratio.map(number::times)).unwrap_or_else(|| "–".into()),
            points: told(points).unwrap_or_default(),
            coverage: Cell::new(found.coverage),
            can_be_tested: found.to_test().is_some(),
            facts: facts(found, tested, days),
            look: chosen.of_those_who(found.id),
            ask: ask(found, report.main_id),
        }
    }
}

fn verdict(found: &Predictor, main: &str) -> String {
    let is_more = found.ratio.is_some_and(|ratio| ratio.value > 1.0);
    match found.standing {
        _ if found.is_on_the_way() => format!("On the way: nobody reaches “{main}” without it"),
        Standing::TooFew { more: Some(more) } => format!(
            "Not enough data: about {} more {}",
            number::about(more),
            if more == 1 { "visit" } else { "visits" }
        ),
        Standing::TooFew { more: None } => not_comparable(found, main),
        Standing::Strong if is_more => format!("Goes with more “{main}”"),
        Standing::Strong => format!("Goes with fewer “{main}”"),
        Standing::Shown if is_beyond_chance(found) && is_more => {
            format!("Leans towards more “{main}”")
        }
        Standing::Shown if is_beyond_chance(found) => format!("Leans towards fewer “{main}”"),
        Standing::Shown => "Chance may explain it".into(),
    }
}

/// Whether its range leaves out 1.
fn is_beyond_chance(found: &Predictor) -> bool {
    let range = found.ratio.map(|ratio| ratio.interval);
    range.is_some_and(|range| range.low > 1.0 || range.high < 1.0)
}

fn not_comparable(found: &Predictor, main: &str) -> String {
    let (with, without) = (found.compared.exposed, found.compared.unexposed);
    let nobody = |rate: Rate| rate.n == 0;
    match (nobody(with), nobody(without)) {
        (true, _) if found.timed.ratio.is_some() => "Taken later: see “How sure it is”".into(),
        (true, _) => "Not enough data: nobody had taken it by then".into(),
        (_, true) => "Nothing to compare: everybody had taken it by then".into(),
        _ if with.k + without.k == 0 => {
            format!("Not enough data: nobody reached “{main}” afterwards")
        }
        _ => format!("Nothing to compare: everybody reached “{main}” afterwards"),
    }
}

fn flags(found: &Predictor) -> Vec<String> {
    let mut flags: Vec<String> = found.turned.iter().map(|by| turned(*by)).collect();
    if is_beyond_chance(found) && found.is_told_otherwise() {
        flags.push("Counted without regard to time it looks different".into());
    }
    flags
}

/// Simpson's paradox, in words.
fn turned(by: Dimension) -> String {
    let alike = match by {
        Dimension::Device => "with the same kind of device",
        Dimension::Source => "from the same source",
        Dimension::Visitor => "of new, or of returning, visitors",
        Dimension::Campaign => "of the same campaign",
        Dimension::Language => "in the same language",
        Dimension::Country => "from the same country",
        Dimension::Landing => "with the same first page",
        Dimension::Variant => "of the same variant",
        Dimension::Load => "whose pages load about as fast",
    };
    format!("Turns around among visits {alike}")
}

fn facts(found: &Predictor, tested: usize, days: i32) -> Vec<(&'static str, String)> {
    let two = |value: f64| format!("{value:.2}");
    let of = number::counted(i64::try_from(tested).unwrap_or(i64::MAX), "step", "steps");
    let timed = ("At the same point of a visit", timed(found.timed));
    if !found.is_enough() {
        // Of a step that nobody takes before the landmark it is all there is.
        let is_told = found.timed.ratio.is_some();
        return is_told.then_some(timed).into_iter().collect();
    }
    let mut facts = vec![];
    if let Some((p, q)) = found.chance.zip(found.q) {
        let text = format!("p {} → q {} of {of} tested", small(p), small(q));
        facts.push(("By chance", text));
    }
    if let Some((value, limit)) = found.e_value.zip(found.e_limit) {
        let text = format!("{}, at the end of the range {}", two(value), two(limit));
        facts.push(("E-value", text));
    }
    facts.push(timed);
    let plain = found.plain.map(number::times);
    facts.extend(plain.map(|it| ("Without regard to time", it)));
    facts.extend(
        found
            .before
            .map(|it| ("In the days before", number::times(it))),
    );
    let plan = found.to_test().map(|plan| to_test(found, plan, days));
    facts.extend(plan.map(|it| ("To test it", it)));
    facts
}

/// What it takes to find the difference where chance, and not visitors, decides who takes the step.
fn to_test(found: &Predictor, plan: Plan, days: i32) -> String {
    let visits = number::counted(plan.total(), "visit", "visits");
    let came = (found.compared.exposed.n + found.compared.unexposed.n) as f64;
    let schedule = schedule(plan.total(), came / f64::from(days.max(1)));
    let time = schedule.map_or_else(String::new, |it| {
        let weeks = number::counted(it.days / 7, "week", "weeks");
        let long = if it.is_long {
            ", too long for most tests"
        } else {
            ""
        };
        format!(", {weeks} as they come now{long}")
    });
    format!(
        "Lead half of them to the step by chance, and tell by “experiment_viewed” which half a visit is of: {visits}{time}, find a difference as large as this in four of five cases. Then break this page down by variant."
    )
}

/// `2.61 times (1.39 to 4.93), of 38 conversions after it and 12 without it`.
fn timed(found: Timed) -> String {
    let times = found.ratio.map(number::times);
    let after = number::counted(found.with, "conversion", "conversions");
    format!(
        "{}, of {after} after it and {} without it",
        times.unwrap_or_else(|| "not enough to tell".into()),
        number::count(found.without)
    )
}

/// A chance with three decimals; `<0.001` of less.
fn small(chance: f64) -> String {
    if chance < 0.0005 {
        "<0.001".into()
    } else {
        format!("{chance:.3}")
    }
}

/// After the step, not after the main goal, with the question that fits there.
fn ask(found: &Predictor, main: Option<GoalId>) -> String {
    let not = main.map(|id| format!("&not={id}")).unwrap_or_default();
    let template = template(&found.rule);
    format!("template={template}&after={}{not}", found.id)
}

/// The question to begin with where a step is taken and the main goal is not reached.
fn template(rule: &GoalRule) -> PromptTemplate {
    match rule {
        GoalRule::FormViewed { .. }
        | GoalRule::FormStarted { .. }
        | GoalRule::FieldReached { .. } => PromptTemplate::FormAbandoned,
        GoalRule::Url { path } => {
            let path = path.to_lowercase();
            let about = ABOUT.iter().find(|(part, _)| path.contains(part));
            about.map_or(PromptTemplate::ExitIntent, |(_, template)| *template)
        }
        _ => PromptTemplate::ExitIntent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_fits_where_the_step_is_taken() {
        let page = |path: &str| template(&GoalRule::Url { path: path.into() });
        assert_eq!(page("/Pricing*"), PromptTemplate::PricingViewed);
        assert_eq!(page("/checkout"), PromptTemplate::CheckoutStopped);
        assert_eq!(page("/about"), PromptTemplate::ExitIntent);
        let form = GoalRule::FormStarted { form: "*".into() };
        assert_eq!(template(&form), PromptTemplate::FormAbandoned);
    }

    #[test]
    fn a_small_chance_is_never_none() {
        assert_eq!(small(0.000_01), "<0.001");
        assert_eq!(small(0.034_2), "0.034");
    }
}
