//! What the formulas do in the long run: simulated visits, of which the truth is known. Every run has its seed.

use proptest::{
    prelude::Rng as _,
    test_runner::{RngAlgorithm, TestRng},
};

use super::*;

const ALPHA: f64 = 1.0 - LEVEL;

struct Chance(TestRng);

impl Chance {
    fn new(seed: u8) -> Self {
        Self(TestRng::from_seed(RngAlgorithm::XorShift, &[seed; 16]))
    }

    /// Above 0, up to 1.
    fn part(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn is(&mut self, chance: f64) -> bool {
        self.part() <= chance
    }

    /// Waiting time with a hazard of one.
    fn wait(&mut self) -> f64 {
        -self.part().ln()
    }

    /// How many of `n` happen, by the gaps between those that do.
    fn of(&mut self, n: i64, chance: f64) -> Rate {
        let gap = (1.0 - chance).ln();
        let (mut at, mut k) = (0, 0);
        loop {
            at += 1 + (self.part().ln() / gap) as i64;
            if at > n {
                return Rate::new(k, n);
            }
            k += 1;
        }
    }
}

fn add(to: &mut Rate, more: Rate) {
    *to = Rate::new(to.k + more.k, to.n + more.n);
}

/// 400 boards of 20 predictors without any effect: some predictor stands out in 3 to 5 of 100 by q, in more than half by p.
#[test]
fn predictors_without_effect_are_discovered_in_at_most_one_of_twenty_boards() {
    let mut chance = Chance::new(1);
    let (mut by_q, mut by_p) = (0, 0);
    for _ in 0..400 {
        let chances: Vec<_> = (0..20)
            .map(|_| p_value(chance.of(300, 0.1), chance.of(900, 0.1)))
            .collect();
        let found = benjamini_hochberg(&chances);
        by_q += i32::from(found.iter().flatten().any(|q| *q < ALPHA));
        by_p += i32::from(chances.iter().flatten().any(|p| *p < ALPHA));
    }
    assert!(by_q <= 20, "{by_q} of 400");
    assert!(by_p > 200, "{by_p} of 400");
}

/// 200 boards of which 5 of 20 predictors have an effect: at most 5 % of what is discovered has none, and most of what has one is found.
#[test]
fn among_discoveries_at_most_one_of_twenty_is_false() {
    let mut chance = Chance::new(2);
    let (mut false_part, mut found_true) = (0.0, 0);
    for _ in 0..200 {
        let chances: Vec<_> = (0..20)
            .map(|predictor| {
                let share = if predictor < 5 { 0.2 } else { 0.1 };
                p_value(chance.of(300, share), chance.of(900, 0.1))
            })
            .collect();
        let found = benjamini_hochberg(&chances);
        let held = |predictors: &[Option<f64>]| {
            predictors.iter().flatten().filter(|q| **q < ALPHA).count()
        };
        let (with, without) = found.split_at(5);
        found_true += held(with);
        false_part += held(without) as f64 / held(&found).max(1) as f64;
    }
    assert!(false_part / 200.0 <= ALPHA, "{false_part} of 200");
    assert!(found_true > 900, "{found_true} of 1000");
}

/// 1,000 experiments without effect at 5 %, 200 visits a day in each arm, looked at on 30 days: a fixed interval raises a false alarm in
/// more than a fifth, the confidence sequence in 1 to 2 of 100.
#[test]
fn thirty_looks_raise_a_false_alarm_in_at_most_one_of_twenty() {
    let mut chance = Chance::new(3);
    let (mut sequence, mut fixed) = (0, 0);
    for _ in 0..1_000 {
        let (mut left, mut right) = (Rate::default(), Rate::default());
        let (mut is_sequence, mut is_fixed) = (false, false);
        for _ in 0..30 {
            add(&mut left, chance.of(200, 0.05));
            add(&mut right, chance.of(200, 0.05));
            let found = confidence_sequence(left, right, ALPHA, TIGHT_AT).unwrap();
            is_sequence |= !found.interval.contains_zero();
            is_fixed |= p_value(left, right).unwrap() < ALPHA;
        }
        sequence += i32::from(is_sequence);
        fixed += i32::from(is_fixed);
    }
    assert!(sequence <= 50, "{sequence} of 1000");
    assert!(fixed > 200, "{fixed} of 1000");
}

/// The width against a fixed interval: 1.5 to 1.8 times, from 5,000 to 50,000 visits.
#[test]
fn holding_at_every_look_costs_little_more_than_half_the_width() {
    for n in [2_500, 5_000, 10_000, 25_000] {
        let rate = Rate::new(n / 20, n);
        let found = confidence_sequence(rate, rate, ALPHA, TIGHT_AT).unwrap();
        let (_, fixed) = rate.difference(rate).unwrap();
        let wider = (found.interval.high - found.interval.low) / (fixed.high - fixed.low);
        assert!((1.5..1.8).contains(&wider), "{wider} at {n}");
    }
}

/// 1,000 splits as planned, 90 to 10, looked at on 30 days: less than 5 % below p 0.05 at any look.
#[test]
fn a_split_as_planned_looks_odd_in_at_most_one_of_twenty() {
    let mut chance = Chance::new(4);
    let mut odd = 0;
    for _ in 0..1_000 {
        let mut held_out = Rate::default();
        odd += i32::from((0..30).any(|_| {
            add(&mut held_out, chance.of(500, 0.1));
            let arms = [(held_out.n - held_out.k, 0.9), (held_out.k, 0.1)];
            split_chance_at_any_look(&arms).unwrap() < ALPHA
        }));
    }
    assert!(odd <= 50, "{odd} of 1000");
}

/// How a prompt does over 30 days with 1,000 eligible visits a day in each arm: the last verdict, or harm as soon as it is found.
fn watched(chance: &mut Chance, shown_share: f64, held_out_share: f64) -> Verdict {
    let (mut shown, mut held_out) = (Rate::default(), Rate::default());
    let mut last = Verdict::NotYet { more: None };
    for _ in 0..30 {
        add(&mut shown, chance.of(1_000, shown_share));
        add(&mut held_out, chance.of(1_000, held_out_share));
        last = verdict(shown, held_out, 0.05, ALPHA, TIGHT_AT).unwrap();
        if last == Verdict::Harm {
            break;
        }
    }
    last
}

/// 200 prompts each. One that costs a fifth of the conversions (5 % to 4 %) is found out in more than 95 of 100, one that costs nothing
/// in at most 5; at 50 % conversion the latter is cleared in more than 90, and one that costs a fifth never.
#[test]
fn a_harmful_prompt_raises_the_alarm_and_a_harmless_one_does_not() {
    let mut chance = Chance::new(5);
    let mut of = |shown, held_out, wanted| {
        let verdicts = (0..200).map(|_| watched(&mut chance, shown, held_out));
        verdicts.filter(|verdict| *verdict == wanted).count()
    };
    let harmful = of(0.04, 0.05, Verdict::Harm);
    assert!(harmful > 190, "{harmful} of 200");
    let harmless = of(0.05, 0.05, Verdict::Harm);
    assert!(harmless <= 10, "{harmless} of 200");
    let cleared = of(0.5, 0.5, Verdict::NoMaterialHarm);
    assert!(cleared > 180, "{cleared} of 200");
    assert_eq!(of(0.4, 0.5, Verdict::NoMaterialHarm), 0);
}

/// Who answers differs by step, and so does the reason: the raw share never covers the truth, the weighted one in at least 93 of 100.
#[test]
fn post_stratification_finds_the_share_that_the_answers_alone_miss() {
    let mut chance = Chance::new(6);
    // Of each step: people, how many of them answer, how many have the reason.
    let steps = [
        (4_000, 0.02, 0.40),
        (3_000, 0.05, 0.20),
        (2_000, 0.15, 0.10),
        (1_000, 0.30, 0.05),
    ];
    let people: i64 = steps.iter().map(|step| step.0).sum();
    let truth: f64 = steps
        .iter()
        .map(|(n, _, reason)| *n as f64 * reason)
        .sum::<f64>()
        / people as f64;
    let (mut raw_covers, mut covers, mut sum) = (0, 0, 0.0);
    for _ in 0..200 {
        let answered = steps.map(|(n, response, reason)| {
            let answers = chance.of(n, response).k;
            chance.of(answers, reason)
        });
        let cells: Vec<_> = (0..)
            .zip(steps)
            .zip(answered)
            .map(|((step, (people, ..)), answered)| Cell {
                step,
                group: 0,
                people,
                answers: answered.n,
            })
            .collect();
        let weights = post_stratify(&cells).unwrap();
        let answers: Vec<(f64, bool)> = weights
            .iter()
            .zip(answered)
            .flat_map(|(weight, rate)| (0..rate.n).map(move |answer| (*weight, answer < rate.k)))
            .collect();
        let found = weighted_share(&answers, LEVEL).unwrap();
        let holds = |interval: Interval| interval.low <= truth && truth <= interval.high;
        covers += i32::from(holds(found.interval));
        sum += found.share;
        let raw = answered.iter().fold(Rate::default(), |mut all, rate| {
            add(&mut all, *rate);
            all
        });
        raw_covers += i32::from(holds(raw.wilson().unwrap()));
    }
    assert!(
        (sum / 200.0 - truth).abs() < 0.005,
        "{} is not {truth}",
        sum / 200.0
    );
    assert!(covers >= 186, "{covers} of 200");
    assert_eq!(raw_covers, 0);
}

/// When a visit converts, from a waiting time with a hazard of one.
type Hazard = fn(f64) -> f64;

/// The hazard 0.15 · t^1.4, by its inverted sum.
const RISING: Hazard = |wait| (wait / 0.15 * 2.4).powf(1.0 / 2.4);

/// Visits in which the exposure has no effect, over exponential lengths; one unit of time is ten million milliseconds, as a
/// coarse clock would make ties. `eager`: the part of visits with a hidden intent, and how many times as often they do and convert.
fn visits(
    chance: &mut Chance,
    n: usize,
    exposure: f64,
    converting: Hazard,
    eager: (f64, f64),
) -> Vec<Followed> {
    let ms = |units: f64| (units * 1e7).min(1e12) as i64;
    let simulated = (0..n).map(|_| {
        let factor = if chance.is(eager.0) { eager.1 } else { 1.0 };
        let ended_at = ms(chance.wait());
        let within = |at: i64| (at < ended_at).then_some(at);
        Followed {
            exposed_at: within(ms(chance.wait() / factor / exposure)),
            converted_at: within(ms(converting(chance.wait() / factor))),
            ended_at,
        }
    });
    simulated.collect()
}

/// Risk sets in the bins of reports, of visits that last five minutes on average.
fn sets(visits: &[Followed]) -> Vec<Stratum> {
    let bin = |at: i64| match at * 3 / 100 {
        ms @ ..300_000 => ms / 15_000,
        ms @ ..900_000 => 10 + ms / 30_000,
        ms @ ..1_800_000 => 25 + ms / 60_000,
        ms @ ..7_200_000 => 49 + ms / 300_000,
        _ => 73,
    };
    let (all, exposed) = turnovers(visits, |at| i32::try_from(bin(at)).unwrap());
    risk_sets(all, exposed)
}

/// What four ways of counting find where the exposure has no effect (any time, before only, landmark, risk sets), within a tenth.
///
/// Any time is always wrong; before only is right for a constant hazard alone; nothing but chance assignment undoes a hidden intent.
#[test]
fn only_cutting_time_finds_no_effect_where_there_is_none() {
    let mut chance = Chance::new(7);
    let constant: Hazard = |wait| wait / 0.6;
    // The hazard 2 · exp(−2.3 t), by its inverted sum.
    let falling: Hazard = |wait| {
        let left = 1.0 - wait * 2.3 / 2.0;
        if left > 0.0 {
            -left.ln() / 2.3
        } else {
            f64::INFINITY
        }
    };
    let slow: Hazard = |wait| wait / 0.06;
    let measured = [
        (0.5, constant, (0.0, 1.0), [1.94, 0.99, 1.02, 1.00]),
        (0.3, RISING, (0.0, 1.0), [3.44, 2.13, 1.01, 1.01]),
        (0.2, falling, (0.0, 1.0), [1.28, 0.46, 0.98, 0.97]),
        (0.1, slow, (0.25, 8.0), [4.00, 1.88, 2.11, 2.48]),
    ];
    for (exposure, converting, eager, expected) in measured {
        let visits = visits(&mut chance, 60_000, exposure, converting, eager);
        let mut any_time = Stratum::default();
        for visit in &visits {
            let one = Rate::new(i64::from(visit.converted_at.is_some()), 1);
            match visit.exposed_at {
                Some(_) => add(&mut any_time.exposed, one),
                None => add(&mut any_time.unexposed, one),
            }
        }
        let of = |strata: &[Stratum]| mantel_haenszel(strata, LEVEL).unwrap().value;
        let found = [
            of(&[any_time]),
            of(&[before_only(&visits)]),
            of(&[landmark(&visits, 3_000_000)]),
            of(&sets(&visits)),
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found / expected - 1.0).abs() < 0.1,
                "{found} is not {expected}"
            );
        }
    }
}

/// 100 boards of six small steps without effect, 2,000 visits each, whose chance to convert rises: some step is claimed strongly in at
/// most 5 by the landmark, and in more than 95 if whatever was done before converting counts.
#[test]
fn no_step_without_effect_is_claimed_strongly_once_time_is_cut() {
    let mut chance = Chance::new(8);
    let (mut by_landmark, mut by_before) = (0, 0);
    for _ in 0..100 {
        let steps: Vec<_> = (0..6)
            .map(|_| visits(&mut chance, 2_000, 0.3, RISING, (0.0, 1.0)))
            .collect();
        let is_claimed = |cut: &dyn Fn(&[Followed]) -> Stratum| {
            let compared: Vec<Stratum> = steps.iter().map(|visits| cut(visits)).collect();
            let chances: Vec<_> = compared
                .iter()
                .map(|it| p_value(it.exposed, it.unexposed))
                .collect();
            let q = benjamini_hochberg(&chances);
            compared.iter().zip(q).any(|(it, q)| {
                let found = ratio(it.exposed, it.unexposed, LEVEL).map(|it| it.interval);
                standing(*it, found, q) == Standing::Strong
            })
        };
        by_landmark += i32::from(is_claimed(&|visits| landmark(visits, 3_000_000)));
        by_before += i32::from(is_claimed(&before_only));
    }
    assert!(by_landmark <= 5, "{by_landmark} of 100");
    assert!(by_before > 95, "{by_before} of 100");
}

/// 200 sites with 2,000 visits each, whose chance to convert rises: without any effect counting whatever was done before converting
/// never allows for none, and the range of risk sets does in 93 to 97 of 100.
#[test]
fn the_range_of_risk_sets_holds_no_effect_where_there_is_none() {
    let mut chance = Chance::new(9);
    let (mut by_before, mut by_sets) = (0, 0);
    for _ in 0..200 {
        let visits = visits(&mut chance, 2_000, 0.3, RISING, (0.0, 1.0));
        let holds = |found: Ratio| (found.interval.low..=found.interval.high).contains(&1.0);
        let before = before_only(&visits);
        by_before += i32::from(holds(
            ratio(before.exposed, before.unexposed, LEVEL).unwrap(),
        ));
        by_sets += i32::from(holds(mantel_haenszel(&sets(&visits), LEVEL).unwrap()));
    }
    assert_eq!(by_before, 0);
    assert!((186..=194).contains(&by_sets), "{by_sets} of 200");
}

/// Where whoever did it converts at twice the rate from then on, risk sets find two; the landmark finds less, for those who do it after
/// it stand with those who do not.
#[test]
fn risk_sets_find_how_many_times_the_rate_is() {
    let mut chance = Chance::new(10);
    let ms = |units: f64| (units * 1e7) as i64;
    let mut visits: Vec<Followed> = vec![];
    for _ in 0..60_000 {
        let (does, ends) = (chance.wait() / 0.8, chance.wait());
        let left = chance.wait() / 0.4;
        let converts = if left <= does {
            left
        } else {
            does + (left - does) / 2.0
        };
        visits.push(Followed {
            exposed_at: (does < ends).then_some(ms(does)),
            converted_at: (converts < ends).then_some(ms(converts)),
            ended_at: ms(ends),
        });
    }
    let found = mantel_haenszel(&sets(&visits), LEVEL).unwrap();
    let at_landmark = mantel_haenszel(&[landmark(&visits, 3_000_000)], LEVEL).unwrap();
    assert!((found.value / 2.0 - 1.0).abs() < 0.05, "{found:?}");
    assert!(at_landmark.interval.high < 1.8, "{at_landmark:?}");
}

/// 400 shops with 2,000 visitors each, of whom 2 in 100 buy, for amounts whose logarithm has a spread of one: the range of what a visitor
/// brings holds the truth in 92 to 97 of 100, and misses it on both sides; a symmetric one is too low in more than 5.
#[test]
fn the_range_of_a_skewed_mean_holds_the_truth() {
    let mut chance = Chance::new(11);
    let truth = 0.02 * 0.5_f64.exp();
    let (mut above, mut below, mut symmetric_below) = (0, 0, 0);
    for _ in 0..400 {
        let buyers = chance.of(2_000, 0.02).k;
        let amounts: Vec<f64> = (0..buyers)
            .map(|_| {
                // Box & Muller 1958.
                let radius = (-2.0 * chance.part().ln()).sqrt();
                (radius * (std::f64::consts::TAU * chance.part()).cos()).exp()
            })
            .collect();
        let found = Amounts::of(amounts, 2_000);
        let interval = found.interval(LEVEL).unwrap();
        above += i32::from(interval.low > truth);
        below += i32::from(interval.high < truth);
        let mean = found.mean().unwrap();
        let error = ((found.sums[1] / 2_000.0 - mean * mean) / 2_000.0).sqrt();
        symmetric_below += i32::from(mean + 1.96 * error < truth);
    }
    assert!(
        (12..=32).contains(&(above + below)),
        "{above} + {below} of 400"
    );
    assert!(
        above >= 2 && below < symmetric_below,
        "{above}, {below} of 400"
    );
    assert!(symmetric_below > 20, "{symmetric_below} of 400");
}
