//! Shares of reasons, corrected to everybody who could have been asked for them: answers are weighted by how rarely their like answered.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{Correction, assemble::Facts, kinds::KindRow};
use crate::{
    ingest::sums::Kind,
    stats::{
        Cell, ENOUGH, LEVEL, Rate, WeightedShare, effective_answers, post_stratify,
        representativity, trim, weighted_share,
    },
    types::ReasonId,
};

/// What visits of one cell have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    /// Which questions that offer the reason they could be asked, as sets of reasons: answers to one speak for nobody else.
    could: Vec<i32>,
    /// Where they stopped: one step, unless all are asked for.
    stopped: i32,
    place: u32,
    device: String,
    visitor: String,
}

/// Answers of equal weight: of one cell, one chance of being asked, percent, and asked or led past it.
type Class = (Alike, i32, bool);

/// How many had answered before, came to the question then, and answered it or did not, by what they could be asked.
type Led = BTreeMap<Vec<i32>, (i64, i64)>;

#[derive(Clone, Copy, Default)]
struct Tally {
    people: i64,
    answers: i64,
    /// Weights of its answers by the chance of being asked alone, summed up.
    base: f64,
}

/// Visits that left at a step and could have been asked.
pub(super) struct Asked<'a> {
    all: Vec<&'a KindRow>,
    /// Those that named a reason, by reason.
    named: Vec<&'a KindRow>,
}

/// The weights of answers at a step.
pub(super) struct Weights<'a> {
    classes: BTreeMap<Class, (i64, f64)>,
    asked: &'a Asked<'a>,
    sets: BTreeSet<i32>,
    /// What they come to.
    pub(super) correction: Correction,
}

impl Facts {
    /// Those that count.
    pub(super) fn asked(&self, step: usize) -> Asked<'_> {
        self.asked_where(|row| usize::try_from(row.kind.step) == Ok(step))
    }

    /// Those that count, wherever they left.
    pub(super) fn asked_anywhere(&self) -> Asked<'_> {
        self.asked_where(|_| true)
    }

    fn asked_where(&self, is_there: impl Fn(&KindRow) -> bool) -> Asked<'_> {
        let counted = self.kinds.iter();
        let counted =
            counted.filter(|row| is_there(row) && self.counts(row.kind.version, row.automated));
        let (named, all) = counted.partition(|row| row.reason_id.is_some());
        Asked { all, named }
    }
}

impl Asked<'_> {
    /// How many answered a question that offers reasons.
    pub(super) fn offered(&self) -> i64 {
        self.sum(|kind| !kind.answered.is_empty())
    }

    /// How many answered the same question, of those that meet a condition, where these are most.
    pub(super) fn most_answered(&self, condition: impl Fn(&Kind) -> bool) -> i64 {
        let of_set = |set| self.sum(|kind| condition(kind) && kind.chance(&[set].into()).is_some());
        self.sets()
            .into_iter()
            .map(of_set)
            .max()
            .unwrap_or_default()
    }

    /// How many of them meet a condition.
    pub(super) fn sum(&self, condition: impl Fn(&Kind) -> bool) -> i64 {
        let rows = self.all.iter().filter(|row| condition(&row.kind));
        rows.map(|row| row.n).sum()
    }

    /// The sets of reasons that they could be asked for.
    pub(super) fn sets(&self) -> BTreeSet<i32> {
        let sets = self.all.iter().flat_map(|row| &row.kind.could);
        sets.copied().collect()
    }

    /// Weights for the answers to what offers one of these sets, which stand for those who could be asked that: nobody else is spoken
    /// for. `None` when answers are too few for shares.
    pub(super) fn weights(&self, sets: BTreeSet<i32>) -> Option<Weights<'_>> {
        let (cells, classes, led) = tally(&self.all, &sets);
        let answers: i64 = classes.values().sum();
        if answers < ENOUGH {
            return None;
        }
        let response: Vec<Rate> = cells
            .values()
            .map(|cell| Rate::new(cell.answers, cell.people))
            .collect();
        let classes = weigh(&cells, classes, &led)?;
        let each = classes
            .values()
            .flat_map(|(n, weight)| repeated(*weight, *n));
        Some(Weights {
            correction: Correction {
                answers: effective_answers(&each.collect::<Vec<_>>())?,
                // One kind of visit is like itself, which says nothing.
                representativity: representativity(&response).filter(|_| response.len() > 1),
            },
            classes,
            asked: self,
            sets,
        })
    }
}

impl Weights<'_> {
    /// The share of everybody who could have been asked for it that has this reason, as far as answers tell.
    pub(super) fn share(&self, reason: ReasonId) -> Option<WeightedShare> {
        let mut with: BTreeMap<Class, i64> = BTreeMap::new();
        for row in &self.asked.named {
            let chance = row.kind.chance(&self.sets);
            if let Some(chance) = chance.filter(|_| row.reason_id == Some(reason)) {
                let class = (alike(row, &self.sets), chance, false);
                *with.entry(class).or_default() += row.n;
            }
        }
        let answers: Vec<(f64, bool)> = self
            .classes
            .iter()
            .flat_map(|(class, (n, weight))| {
                let did = with.get(class).copied().unwrap_or_default().min(*n);
                let is = |did| move |weight| (weight, did);
                let rest = repeated(*weight, n - did).map(is(false));
                repeated(*weight, did).map(is(true)).chain(rest)
            })
            .collect();
        weighted_share(&answers, LEVEL)
    }
}

/// For how many of those whose way led to the question an answer stands: who was led past it has answered for certain, and who came to
/// it may have gone away.
fn came_to(led: &Led, (alike, _, is_past): &Class) -> f64 {
    match led.get(&alike.could) {
        Some((answered, silent)) if !is_past && *answered > 0 => {
            (answered + silent) as f64 / *answered as f64
        }
        _ => 1.0,
    }
}

fn repeated(weight: f64, n: i64) -> std::iter::RepeatN<f64> {
    std::iter::repeat_n(weight, usize::try_from(n).unwrap_or_default())
}

fn alike(row: &KindRow, sets: &BTreeSet<i32>) -> Alike {
    let could = row.kind.could.iter().filter(|set| sets.contains(set));
    Alike {
        could: could.copied().collect(),
        stopped: row.kind.step,
        place: u32::try_from(row.kind.place).unwrap_or_default(),
        device: row.kind.device.clone(),
        visitor: row.kind.visitor.clone(),
    }
}

/// The weight of an answer by the chance, percent, that it had of being asked for.
fn base(chance: i32) -> f64 {
    if (1..=100).contains(&chance) {
        100.0 / f64::from(chance)
    } else {
        1.0
    }
}

fn tally(
    rows: &[&KindRow],
    sets: &BTreeSet<i32>,
) -> (BTreeMap<Alike, Tally>, BTreeMap<Class, i64>, Led) {
    let mut cells: BTreeMap<Alike, Tally> = BTreeMap::new();
    let mut classes: BTreeMap<Class, i64> = BTreeMap::new();
    let mut led = Led::new();
    for row in rows.iter().filter(|row| row.kind.could_be_asked(sets)) {
        let alike = alike(row, sets);
        let cell = cells.entry(alike.clone()).or_default();
        cell.people += row.n;
        if let Some(chance) = row.kind.chance(sets) {
            cell.answers += row.n;
            cell.base += row.n as f64 * base(chance);
            let is_past = row.kind.is_led_past(sets);
            if !is_past {
                led.entry(alike.could.clone()).or_default().0 += row.n;
            }
            *classes.entry((alike, chance, is_past)).or_default() += row.n;
        } else if row.kind.is_silent(sets) {
            led.entry(alike.could).or_default().1 += row.n;
        }
    }
    (cells, classes, led)
}

/// How many answers there are of each class, and what each of them weighs: its part of the people of its cell, then trimmed.
fn weigh(
    cells: &BTreeMap<Alike, Tally>,
    classes: BTreeMap<Class, i64>,
    led: &Led,
) -> Option<BTreeMap<Class, (i64, f64)>> {
    let of = |it: &Alike| {
        let (device, visitor) = (it.device.clone(), it.visitor.clone());
        (it.could.clone(), it.stopped, device, visitor)
    };
    let groups: BTreeSet<_> = cells.keys().map(of).collect();
    let group = |alike: &Alike| {
        let place = groups.iter().position(|it| *it == of(alike));
        place.and_then(|place| u32::try_from(place).ok())
    };
    let counted: Vec<Cell> = cells
        .iter()
        .map(|(alike, tally)| Cell {
            step: alike.place,
            group: group(alike).unwrap_or_default(),
            people: tally.people,
            answers: tally.answers,
        })
        .collect();
    let per_answer = post_stratify(&counted)?;
    let of_cell: BTreeMap<&Alike, f64> = cells.keys().zip(per_answer).collect();
    let weight = |(alike, chance, _): &Class| -> Option<f64> {
        let tally = cells.get(alike)?;
        let mean = tally.base / tally.answers as f64;
        Some(of_cell.get(alike)? * base(*chance) / mean)
    };
    let weighed = classes.into_iter().map(|(class, n)| {
        let weight = weight(&class)?;
        Some((class, n, weight))
    });
    let weighed: Vec<(Class, i64, f64)> = weighed.collect::<Option<_>>()?;
    // Of another question many more, or fewer, may be silent: that is no reason to cut.
    let alike =
        |one: &(Class, i64, f64), other: &(Class, i64, f64)| one.0.0.could == other.0.0.could;
    let trimmed = weighed.chunk_by(alike).flat_map(|classes| {
        let sum = |weight: &dyn Fn(&Class, f64) -> f64| -> f64 {
            let each = classes.iter();
            each.map(|(class, n, it)| *n as f64 * weight(class, *it))
                .sum()
        };
        // However many went away at the question, all together stand for as many people.
        let part = sum(&|_, it| it) / sum(&|class, it| it * came_to(led, class));
        let each = classes.iter();
        let each = each.flat_map(|(class, n, it)| repeated(it * came_to(led, class) * part, *n));
        trim(&each.collect::<Vec<_>>())
    });
    let trimmed: Vec<f64> = trimmed.collect();
    let mut first = 0;
    let mut cut = BTreeMap::new();
    for (class, n, _) in weighed {
        cut.insert(class, (n, *trimmed.get(first)?));
        first += usize::try_from(n).ok()?;
    }
    Some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::funnel::assemble::Facts;

    fn cell(place: i32, device: &str, asked: i32, n: i64) -> KindRow {
        KindRow {
            kind: Kind {
                place,
                device: device.into(),
                visitor: "new".into(),
                asked,
                could: vec![1],
                answered: if asked == 3 { vec![(1, 100)] } else { vec![] },
                ..Kind::default()
            },
            n,
            ..KindRow::default()
        }
    }

    /// No reason of a site: ids that are made are never alike.
    const REASON: ReasonId = ReasonId(uuid::Uuid::nil());

    fn named(row: KindRow) -> KindRow {
        KindRow {
            reason_id: Some(REASON),
            ..row
        }
    }

    fn share(kinds: Vec<KindRow>) -> Option<WeightedShare> {
        let facts = Facts {
            kinds,
            ..Facts::default()
        };
        facts.asked(0).weights([1].into())?.share(REASON)
    }

    #[test]
    fn of_one_kind_of_visit_nothing_says_that_all_kinds_answered_alike() {
        let representativity = |kinds: Vec<KindRow>| {
            let facts = Facts {
                kinds,
                ..Facts::default()
            };
            let weights = facts.asked(0).weights([1].into()).map(|it| it.correction);
            weights.unwrap().representativity
        };
        let of_one = vec![cell(0, "desktop", 3, 40), cell(0, "desktop", 2, 60)];
        assert_eq!(representativity(of_one.clone()), None);
        let of_two = [
            of_one,
            vec![cell(0, "touch", 3, 40), cell(0, "touch", 2, 60)],
        ]
        .concat();
        assert_eq!(representativity(of_two), Some(1.0));
    }

    #[test]
    fn answers_stand_for_those_who_went_away_at_the_question_and_for_nobody_led_past_it() {
        let led_past = |n| {
            let mut row = cell(0, "desktop", 3, n);
            row.kind.past = vec![1];
            row
        };
        let silent = |n| {
            let mut row = cell(0, "desktop", 3, n);
            (row.kind.answered, row.kind.silent) = (vec![], vec![1]);
            row
        };
        // 40 of 100 came to the question, of whom half answered; a half of these name it.
        let known = || {
            vec![
                led_past(60),
                cell(0, "desktop", 3, 20),
                silent(20),
                named(cell(0, "desktop", 3, 10)),
            ]
        };
        let close = |found: WeightedShare, share: f64| (found.share - share).abs() < 1e-9;
        assert!(close(share(known()).unwrap(), 0.2));
        // Of a hundred who said nothing at all it is the same part, and of others it is told by themselves.
        let mut with_silent = known();
        with_silent.push(cell(0, "desktop", 2, 100));
        assert!(close(share(with_silent).unwrap(), 0.2));
        let mut with_others = known();
        with_others.push(cell(0, "touch", 3, 100));
        with_others.push(named(cell(0, "touch", 3, 80)));
        let of_both = share(with_others).unwrap();
        assert!(of_both.share > 0.45 && of_both.share < 0.52, "{of_both:?}");
    }

    #[test]
    fn answers_stand_for_their_like() {
        // Half of the people are on phones; they answer a fourth as often, and all of them name it.
        let found = share(vec![
            cell(0, "desktop", 3, 40),
            cell(0, "desktop", 2, 60),
            cell(0, "touch", 3, 10),
            cell(0, "touch", 2, 90),
            named(cell(0, "touch", 3, 10)),
        ])
        .unwrap();

        assert!((found.share - 0.5).abs() < 1e-9, "{found:?}");
        assert!(found.answers < 50.0, "unequal weights are worth less");
    }

    #[test]
    fn who_was_asked_with_half_the_chance_weighs_twice() {
        let half = |mut row: KindRow| {
            row.kind.answered = vec![(1, 50)];
            row
        };
        let found = share(vec![
            cell(0, "desktop", 3, 20),
            half(cell(0, "desktop", 3, 20)),
            named(half(cell(0, "desktop", 3, 20))),
        ])
        .unwrap();

        assert!((found.share - 2.0 / 3.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn who_could_not_be_asked_for_it_is_not_spoken_for() {
        let of = |mut row: KindRow, could: &[i32], answered: &[i32]| {
            row.kind.could = could.to_vec();
            row.kind.answered = answered.iter().map(|set| (*set, 100)).collect();
            row
        };
        let facts = Facts {
            kinds: vec![
                of(cell(0, "desktop", 3, 40), &[1], &[1]),
                of(cell(0, "desktop", 3, 20), &[1, 3], &[3]),
                of(cell(0, "desktop", 2, 40), &[1], &[]),
                of(cell(0, "touch", 3, 20), &[1, 2], &[1, 2]),
                of(cell(0, "touch", 3, 30), &[1, 2], &[2]),
                // Nobody asked these for it, most of the visits.
                of(cell(0, "touch", 3, 80), &[2], &[2]),
                of(cell(0, "touch", 2, 800), &[], &[]),
                named(of(cell(0, "desktop", 3, 10), &[1], &[1])),
                named(of(cell(0, "touch", 3, 10), &[1, 2], &[1, 2])),
            ],
            ..Facts::default()
        };
        let asked = facts.asked(0);
        let weights = asked.weights([1].into()).unwrap();

        // A quarter of two thirds of the visits, and a half of the rest.
        let found = weights.share(REASON).unwrap();
        assert!((found.share - 1.0 / 3.0).abs() < 1e-9, "{found:?}");
        assert!(found.answers <= 60.0, "{found:?}");
        assert_eq!(asked.offered(), 190);
        assert_eq!(asked.sets(), [1, 2, 3].into());
    }

    #[test]
    fn answers_to_one_question_speak_for_nobody_who_could_only_be_asked_another() {
        let of = |mut row: KindRow, set: i32| {
            row.kind.could = vec![set];
            row.kind.answered.iter_mut().for_each(|it| it.0 = set);
            row
        };
        let facts = Facts {
            kinds: vec![
                of(cell(0, "desktop", 3, 90), 1),
                of(cell(0, "desktop", 2, 10), 1),
                of(cell(0, "desktop", 3, 30), 2),
                of(cell(0, "desktop", 2, 870), 2),
                named(of(cell(0, "desktop", 3, 81), 1)),
                named(of(cell(0, "desktop", 3, 3), 2)),
            ],
            ..Facts::default()
        };
        let asked = facts.asked(0);
        let found = asked.weights([1, 2].into()).unwrap().share(REASON).unwrap();

        // Nine of ten of 100, and one of ten of 900.
        assert!((found.share - 0.18).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn anywhere_each_step_counts_as_much_as_it_has_visits() {
        // 1,000 stopped at the first step, of whom a tenth of 40 names it, and 100 at the third, of whom a half of 60 does.
        let at = |step, mut row: KindRow| {
            row.kind.step = step;
            row
        };
        let facts = Facts {
            kinds: vec![
                at(1, cell(1, "desktop", 3, 40)),
                at(1, cell(1, "desktop", 2, 960)),
                at(1, named(cell(1, "desktop", 3, 4))),
                at(3, cell(1, "desktop", 3, 60)),
                at(3, cell(1, "desktop", 2, 40)),
                at(3, named(cell(1, "desktop", 3, 30))),
            ],
            ..Facts::default()
        };

        let asked = facts.asked_anywhere();
        let found = asked.weights([1].into()).unwrap().share(REASON).unwrap();
        // Weights are cut to five times their median.
        let expected = (4.0 * 25.0_f64.min(5.0 * 5.0 / 3.0) + 30.0 * 5.0 / 3.0)
            / (40.0 * 25.0_f64.min(5.0 * 5.0 / 3.0) + 60.0 * 5.0 / 3.0);
        assert!((found.share - expected).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn of_few_answers_nothing_is_corrected() {
        assert_eq!(share(vec![cell(0, "desktop", 3, 29)]), None);
        assert_eq!(share(vec![cell(0, "desktop", 2, 90)]), None);
        assert!(share(vec![cell(0, "desktop", 3, 30)]).is_some());
    }
}
