//! What asking costs, in words and figures. Pure.

use super::{number, when::When};
use crate::{
    report::prompt::{
        Effect, PromptReport,
        effect::{Judged, MARGIN},
    },
    stats::{ENOUGH, Rate, Schedule, Split, Verdict},
};

/// Beyond so many days nobody plans.
const LONGEST_DAYS: i64 = 730;

/// The section of the report.
pub struct EffectView {
    /// What may be said, in one line.
    pub verdict: String,
    /// Class of the line: `good`, `bad` or none.
    pub class: &'static str,
    /// What follows from it, or what to do for more.
    pub then: String,
    /// The two groups; none without a comparison.
    pub groups: Vec<GroupView>,
    /// The figures of the difference; empty of few.
    pub figures: Vec<(&'static str, String)>,
    /// How it was counted.
    pub notes: Vec<String>,
    /// What leads on: words, and the path behind that of the site.
    pub action: Option<(&'static str, String)>,
}

/// A group.
pub struct GroupView {
    /// Its name.
    pub name: &'static str,
    /// How many visits.
    pub n: String,
    /// How many of them reached the main goal.
    pub reached: String,
    /// `4.0 % ±0.4`; empty of few.
    pub share: String,
}

/// The section; `None` for questions that visitors come to by themselves.
pub(super) fn view(report: &PromptReport, when: &When) -> Option<EffectView> {
    let percent = report.design().fairness.held_out_percent;
    match (&report.main_goal, report.effect) {
        _ if !report.waits => None,
        (None, _) => Some(without_goal()),
        (Some(_), None) if percent == 0 => Some(without_comparison(report)),
        (Some(goal), None) => Some(without_visits(goal, percent)),
        (Some(goal), Some(effect)) => Some(compared(&effect, goal, percent, when)),
    }
}

/// The alarm: what is so, and by how much; `None` unless asking does harm.
pub fn found(effect: &Effect, goal: &str) -> Option<String> {
    let judged = effect.judged().filter(|_| effect.is_harmful())?;
    Some(format!(
        "Visits that are asked reach “{goal}” less often than those left unasked: {}.",
        difference(&judged)
    ))
}

/// `2.0 points fewer (−3.5 to −0.5)`.
fn difference(judged: &Judged) -> String {
    let found = judged.difference;
    let range = number::points_range(found.interval);
    match number::points_more(found.difference) {
        none if none.starts_with("0.0 ") => format!("0.0 points ({range})"),
        points => format!("{points} ({range})"),
    }
}

fn plain(verdict: &str, then: String) -> EffectView {
    EffectView {
        verdict: verdict.into(),
        class: "",
        then,
        groups: vec![],
        figures: vec![],
        notes: vec![],
        action: None,
    }
}

fn without_goal() -> EffectView {
    let then = "It is told by how many visits reach the main goal, and there is none yet.";
    EffectView {
        action: Some(("Choose a main goal", "/goals".into())),
        ..plain("Not known: there is no main goal.", then.into())
    }
}

fn without_comparison(report: &PromptReport) -> EffectView {
    let askable = number::counted(report.counts.askable, "visit", "visits");
    let then = format!(
        "Set “Left unasked for comparison” to 10 in the editor, under “How often”, and publish. Chance then leaves every tenth visit unasked that could be asked, and here both groups are compared. It is worth it from about 5,000 moments a month; in the days above {askable} could be asked."
    );
    EffectView {
        action: Some((
            "Leave some unasked",
            format!("/prompts/{}#often", report.prompt.id),
        )),
        ..plain("Not known: nobody is left unasked.", then)
    }
}

fn without_visits(goal: &str, percent: u8) -> EffectView {
    let then = format!(
        "Chance leaves {percent} % of the visits unasked that could be asked. Half an hour after a visit came to the moment it counts here, with whether it reached “{goal}”."
    );
    plain("No visits to compare yet.", then)
}

fn compared(effect: &Effect, goal: &str, percent: u8, when: &When) -> EffectView {
    let told = match effect.judged() {
        Some(judged) => judged_view(effect, &judged, goal),
        None => few(effect),
    };
    EffectView {
        groups: vec![
            group("Asked", effect.asked, effect.is_enough()),
            group("Left unasked", effect.unasked, effect.is_enough()),
        ],
        notes: notes(effect, goal, percent, when),
        ..told
    }
}

fn group(name: &'static str, rate: Rate, is_enough: bool) -> GroupView {
    GroupView {
        name,
        n: number::count(rate.n),
        reached: number::count(rate.k),
        share: if is_enough {
            format!("{} {}", number::percent(rate), number::spread(rate))
        } else {
            String::new()
        },
    }
}

/// Counts only, and what more traffic would tell.
fn few(effect: &Effect) -> EffectView {
    let share = |percent: u8| f64::from(percent.max(1)) / 100.0;
    let missing = |rate: Rate, share: f64| (ENOUGH - rate.n).max(0) as f64 / share;
    let asked = missing(effect.asked, share(100_u8.saturating_sub(effect.percent)));
    let more = asked.max(missing(effect.unasked, share(effect.percent)));
    let then = format!(
        "From {ENOUGH} visits in each group on, after about {} more that could be asked, the difference stands here with its range, and about how many visits a verdict takes.",
        number::about(more.ceil() as i64)
    );
    plain("Not yet known: too few visits to compare.", then)
}

fn judged_view(effect: &Effect, judged: &Judged, goal: &str) -> EffectView {
    let (verdict, class, then) = verdict(effect, judged, goal);
    let mut figures = vec![("Difference", difference(judged))];
    figures.extend(judged.ratio.map(|it| ("Ratio", number::times(it))));
    EffectView {
        class,
        figures,
        ..plain(&verdict, then)
    }
}

/// The line, its class, and what follows.
fn verdict(effect: &Effect, judged: &Judged, goal: &str) -> (String, &'static str, String) {
    let most = format!("{:.0} %", MARGIN * 100.0);
    if judged.split == Split::Wrong {
        let then = format!(
            "Chance was to leave {} % unasked, and would hardly ever make groups of these sizes. Something loses visits of one group, so their difference tells nothing.",
            effect.percent
        );
        let verdict = "No verdict: the groups are not as large as they should be.";
        return (verdict.into(), "", then);
    }
    match judged.verdict {
        Verdict::Harm => (
            "Harm: asking costs conversions.".into(),
            "bad",
            format!(
                "Visits that are asked reach “{goal}” less often, beyond what chance allows. Pause the question, or ask later, on fewer pages, or fewer visitors."
            ),
        ),
        Verdict::NoMaterialHarm => (
            "No material harm.".into(),
            "good",
            match judged.difference.interval.low > 0.0 {
                true => format!(
                    "Visits that are asked even reach “{goal}” more often, beyond what chance allows."
                ),
                false => format!(
                    "If asking costs conversions at all, it is less than {most} of them{}.",
                    in_points(effect)
                ),
            },
        ),
        Verdict::NotYet { more: Some(more) } => (
            format!("Not yet known: about {} more visits.", number::about(more)),
            "",
            format!(
                "{}So many more that could be asked would show, if asking changes nothing, that it costs less than {most} of them{}.{}",
                at_worst(judged),
                in_points(effect),
                wait(judged.wait, effect.percent)
            ),
        ),
        Verdict::NotYet { more: None } => (
            "Not yet known.".into(),
            "",
            format!(
                "Nobody who was left unasked has reached “{goal}” yet, so that it cannot be told how many more visits it takes."
            ),
        ),
    }
}

/// The bound that holds already.
fn at_worst(judged: &Judged) -> String {
    let low = judged.ratio.map(|ratio| ratio.interval.low);
    let most = low.map_or(1.0, |low| 1.0 - low);
    format!(
        "So far asking may cost up to {:.0} % of the conversions, or none. ",
        most.max(0.0) * 100.0
    )
}

/// ` (0.25 points)`: the margin on the scale of the difference.
fn in_points(effect: &Effect) -> String {
    let share = effect.unasked.share().unwrap_or_default();
    let points = share * MARGIN * 100.0;
    match points {
        0.005..1.0 => format!(" ({points:.2} points)"),
        1.0.. => format!(" ({points:.1} points)"),
        _ => String::new(),
    }
}

fn wait(wait: Option<Schedule>, percent: u8) -> String {
    let Some(wait) = wait else {
        return String::new();
    };
    let time = match wait.days {
        ..=LONGEST_DAYS => format!("about {}", number::counted(wait.days / 7, "week", "weeks")),
        _ => "more than two years".into(),
    };
    let sooner = match wait.is_long && percent < 50 {
        true => " The more are left unasked, the sooner it is known: soonest with 50 %.",
        false => "",
    };
    format!(" At the pace so far that takes {time}.{sooner}")
}

fn notes(effect: &Effect, goal: &str, percent: u8, when: &When) -> Vec<String> {
    let since = when.day(effect.since);
    let mut notes = vec![format!(
        "Counted since {since} with {} % left unasked, whatever days are chosen above: from a fixed beginning on, the range holds however often it is looked at.",
        effect.percent
    )];
    if percent == 0 {
        notes.push("The question leaves nobody unasked any more: nothing is added.".into());
    }
    if effect.judged().is_some_and(|it| it.split == Split::Odd) {
        notes.push("The groups are of an odd size for chance; look again in some days.".into());
    }
    if effect.reached_before > 0 {
        notes.push(format!(
            "{} reached “{goal}” before the moment, and stand in neither group.",
            number::counted(effect.reached_before, "visit", "visits")
        ));
    }
    if effect.others > 0 {
        notes.push(format!(
            "Left out: {} decided while another share was left unasked, or counted by another main goal.",
            number::counted(effect.others, "visit", "visits")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DAY;

    /// 20 November 2026.
    const NOW: i64 = 1_795_217_400_000;

    fn told(asked: (i64, i64), unasked: (i64, i64), percent: u8) -> (String, String) {
        let effect = Effect {
            percent,
            since: NOW - 14 * DAY,
            until: NOW,
            asked: Rate::new(asked.0, asked.1),
            unasked: Rate::new(unasked.0, unasked.1),
            reached_before: 0,
            others: 0,
        };
        let when = When::new("UTC", NOW);
        let view = compared(&effect, "Signed up", percent, &when);
        let figures: Vec<String> = view.figures.into_iter().map(|(_, text)| text).collect();
        let all = format!("{} {} {}", view.verdict, view.then, figures.join("; "));
        (view.class.into(), all.replace('\u{a0}', " "))
    }

    #[test]
    fn a_verdict_is_plain_and_names_its_margin() {
        let (class, harm) = told((180, 9_000), (40, 1_000), 10);
        assert_eq!(class, "bad");
        assert!(
            harm.starts_with("Harm: asking costs conversions."),
            "{harm}"
        );
        assert!(harm.contains("2.0 points fewer (") && harm.contains("0.50 times ("));

        let (class, fine) = told((200_000, 400_000), (200_000, 400_000), 50);
        assert_eq!(class, "good");
        assert!(fine.starts_with("No material harm. If asking costs conversions at all, it is less than 5 % of them (2.5 points)."), "{fine}");

        let (class, open) = told((450, 9_000), (50, 1_000), 10);
        assert_eq!(class, "");
        // These figures and the next are those of the README.
        assert!(
            open.starts_with("Not yet known: about 1,200,000 more visits."),
            "{open}"
        );
        assert_eq!(told((225, 9_000), (50, 1_000), 10).0, "bad");
        assert!(
            open.contains("So far asking may cost up to 32 % of the conversions, or none."),
            "{open}"
        );
        assert!(open.contains("that takes more than two years."), "{open}");
        assert!(
            open.contains("less than 5 % of them (0.25 points)"),
            "{open}"
        );
        assert!(open.contains("0.0 points (") && open.contains("1.00 times ("));
        assert!(open.contains("soonest with 50 %"), "{open}");
    }

    #[test]
    fn groups_of_the_wrong_size_have_no_verdict() {
        let (class, told) = told((180, 9_000), (80, 2_000), 10);
        assert_eq!(class, "");
        assert!(
            told.starts_with("No verdict: the groups are not as large"),
            "{told}"
        );
    }

    #[test]
    fn few_are_counts_and_nobody_gives_no_prophecy() {
        let (_, few) = told((9, 180), (3, 20), 10);
        assert_eq!(
            few,
            "Not yet known: too few visits to compare. From 30 visits in each group on, after about 100 more that could be asked, the difference stands here with its range, and about how many visits a verdict takes. "
        );
        let (_, none) = told((0, 900), (0, 100), 10);
        assert!(
            none.starts_with("Not yet known. Nobody who was left unasked has reached"),
            "{none}"
        );
    }
}
