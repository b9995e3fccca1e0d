//! What was given on a scale, as one line: the score with the range that chance alone allows. Pure.

use super::number;
use crate::{
    prompt::types::{Question, QuestionKind},
    report::prompt::Scale,
    stats::{Interval, LEVEL, Rate, Recommending, ces, csat, nps},
};

/// What a scale comes to; `None` without answers.
pub(super) fn score(question: &Question, scale: &Scale) -> Option<String> {
    match question.kind {
        _ if question.is_thumbs() => thumbs(scale),
        QuestionKind::Nps => recommending(scale),
        QuestionKind::Csat => satisfaction(scale),
        QuestionKind::Ces => {
            let (_, easy) = ces(&scale.given)?;
            let (share, from) = (number::share(easy), scale.top - 2);
            Some(format!(
                "{}; {share} gave {from} to {}",
                mean(scale)?,
                scale.top
            ))
        }
        _ => mean(scale),
    }
}

fn recommending(scale: &Scale) -> Option<String> {
    let answers = Recommending::of(&scale.given);
    let score = nps(answers, LEVEL)?;
    let n = number::count(answers.answers as i64);
    let range = range(score.interval, number::signed);
    let (high, low) = (answers.promoters as i64, answers.detractors as i64);
    Some(format!(
        "NPS {} ({range}n = {n}): {} gave 9 or 10, {} gave 0 to 6",
        number::signed(score.value),
        number::count(high),
        number::count(low)
    ))
}

/// `66.0 % thumbs up (52.2 to 77.6 %, 33 of 50)`; the mean of two thumbs says nothing.
fn thumbs(scale: &Scale) -> Option<String> {
    let all: i64 = scale.given.iter().sum();
    let up = Rate::new(scale.given.last().copied()?, all);
    let of = number::of(up);
    match all {
        0 => None,
        _ if up.is_enough() => Some(format!(
            "{} thumbs up ({}, {of})",
            number::percent(up),
            number::range(up)
        )),
        _ => Some(format!("{of} thumbs up ({})", number::range(up))),
    }
}

fn satisfaction(scale: &Scale) -> Option<String> {
    let satisfied = csat(&scale.given);
    let (mean, _) = ces(&scale.given)?;
    let (mean, n) = (mean.value, number::count(satisfied.n));
    Some(if satisfied.is_enough() {
        let (share, range) = (number::percent(satisfied), number::range(satisfied));
        let of = number::of(satisfied);
        format!("{share} gave 4 or 5 ({range}, {of}); mean {mean:.1}")
    } else {
        let of = number::of(satisfied);
        format!("{of} gave 4 or 5; mean {mean:.1} (n = {n})")
    })
}

/// `Mean 4.6 of 7 (3.1 to 6.1, n = 10)`.
fn mean(scale: &Scale) -> Option<String> {
    let (mean, all) = ces(&scale.given)?;
    let range = range(mean.interval, |value| format!("{value:.1}"));
    let n = number::count(all.n);
    Some(format!(
        "Mean {:.1} of {} ({range}n = {n})",
        mean.value, scale.top
    ))
}

/// `3.1 to 6.1, `; empty where answers that are all alike allow no range.
fn range(interval: Option<Interval>, write: impl Fn(f64) -> String) -> String {
    let told = interval.filter(|interval| interval.low < interval.high);
    told.map_or(String::new(), |interval| {
        format!("{} to {}, ", write(interval.low), write(interval.high))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::types::ScaleLook;

    fn told(kind: QuestionKind, top: i64, given: &[i64]) -> Option<String> {
        let given = given.to_vec();
        let question = Question {
            kind,
            ..Question::default()
        };
        score(&question, &Scale { top, given }).map(|text| text.replace('\u{a0}', " "))
    }

    #[test]
    fn thumbs_are_a_share_and_no_mean() {
        let question = Question {
            kind: QuestionKind::Rating,
            look: ScaleLook::Thumbs,
            top: 2,
            ..Question::default()
        };
        let told = |given: [i64; 2]| {
            let given = given.to_vec();
            let told = score(&question, &Scale { top: 2, given });
            told.map(|text| text.replace('\u{a0}', " "))
        };

        assert_eq!(
            told([17, 33]).unwrap(),
            "66.0 % thumbs up (52.2 to 77.6 %, 33 of 50)"
        );
        // Wilson: 2 of 4 is 15.0 to 85.0 %.
        assert_eq!(told([2, 2]).unwrap(), "2 of 4 thumbs up (15.0 to 85.0 %)");
        assert_eq!(told([0, 0]), None);
    }

    #[test]
    fn scores_have_their_ranges() {
        // 50, 30 and 20 of 100, as published: 30, 14.05 to 44.20.
        let nps = [1, 0, 4, 0, 5, 0, 10, 20, 10, 20, 30];
        assert_eq!(
            told(QuestionKind::Nps, 10, &nps).unwrap(),
            "NPS +30 (+14 to +44, n = 100): 50 gave 9 or 10, 20 gave 0 to 6"
        );
        assert_eq!(
            told(QuestionKind::Csat, 5, &[3, 4, 10, 20, 13]).unwrap(),
            "66.0 % gave 4 or 5 (52.2 to 77.6 %, 33 of 50); mean 3.7"
        );
        assert_eq!(
            told(QuestionKind::Ces, 7, &[0, 1, 0, 2, 2, 0, 1]).unwrap(),
            "Mean 4.5 of 7 (2.8 to 6.2, n = 6); 3 of 6 gave 5 to 7"
        );
    }

    #[test]
    fn one_answer_has_no_range_and_none_has_no_score() {
        let only = |place: usize, top: usize| {
            let mut given = vec![0; top];
            given[place] = 1;
            given
        };
        assert_eq!(
            told(QuestionKind::Rating, 5, &only(3, 5)).unwrap(),
            "Mean 4.0 of 5 (n = 1)"
        );
        let alike = told(QuestionKind::Rating, 5, &[0, 0, 0, 7, 0]).unwrap();
        assert_eq!(alike, "Mean 4.0 of 5 (n = 7)");
        for kind in [QuestionKind::Nps, QuestionKind::Csat, QuestionKind::Ces] {
            assert_eq!(told(kind, 7, &[0; 7]), None);
        }
    }
}
