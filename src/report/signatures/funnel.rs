//! How far visits came in a funnel of any steps, told from the order in which they reached goals. Pure.
//!
//! The contract: an event serves one step; each step is met by the first event behind that of the step before which reaches it. An
//! attempt begins at every event that meets the first step, and the best one counts. What is excluded between two steps ends an attempt
//! that is between them; what it had come to stays. Where steps count only within a time, it runs from the event of the first one and
//! includes its end. Steps of a funnel differ from each other.

use crate::{text_enum, types::Millis};

text_enum!(
    /// In which order the steps are to be met.
    #[derive(Default)]
    Order {
        /// One after the other, whatever else is reached between them.
        #[default]
        Sequential = "sequential", "In this order";
        /// In whichever.
        Any = "any", "In any order";
        /// One right after the other, with no other goal between them; a repeat of the same is none.
        Strict = "strict", "Directly one after the other";
    }
);

/// Goals that end an attempt between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Bits of the goals.
    pub bits: i64,
    /// Behind the event of this step, from 0.
    pub after: usize,
    /// Before the event of this one.
    pub before: usize,
}

/// A funnel over goals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Bits of the goals that meet each step.
    pub steps: Vec<i64>,
    /// Their order.
    pub order: Order,
    /// What ends an attempt. In any order there is no between: a visit with what is excluded comes to no step.
    pub exclusions: Vec<Exclusion>,
}

impl Funnel {
    /// How many steps the visit came to; its events are the bits that each reached, in order.
    pub fn reached(&self, events: &[i64]) -> usize {
        if self.order == Order::Any {
            return self.reached_in_any_order(events);
        }
        (0..events.len())
            .filter_map(|start| events.get(start..))
            .map(|rest| self.attempt(rest))
            .max()
            .unwrap_or_default()
    }

    /// How many steps the visit came to within so long (ms) of the first, one after the other; its events are given with their times,
    /// and none that reached a goal is left out.
    pub fn reached_within(&self, window: Millis, events: &[(Millis, i64)]) -> usize {
        // Of the attempts that stand at a step, from 1, when the latest began: it goes as far as the others do, and has more time left.
        let mut begun: Vec<Option<Millis>> = vec![None; self.steps.len() + 1];
        let mut furthest = 0;
        for (at, event) in events {
            for (reached, step) in self.steps.iter().enumerate().rev() {
                let attempt = match reached {
                    0 => Some(*at),
                    _ => begun.get(reached).copied().flatten(),
                };
                let attempt = attempt.filter(|begun| at - begun <= window);
                let is_met = event & step != 0;
                if is_met && attempt.is_some() {
                    furthest = furthest.max(reached + 1);
                }
                if let Some(next) = begun.get_mut(reached + 1).filter(|_| is_met) {
                    *next = attempt.max(*next);
                }
                if let Some(here) = begun.get_mut(reached) {
                    let ends = is_met || self.ends(reached, *event);
                    *here = attempt.filter(|_| !ends);
                }
            }
        }
        furthest
    }

    /// How many steps a visit came to of which the goals are known, and not their order.
    pub fn reached_by_mask(&self, mask: i64) -> usize {
        let is_excluded = self.exclusions.iter().any(|it| mask & it.bits != 0);
        let met = self.steps.iter().filter(|step| mask & **step != 0);
        if is_excluded { 0 } else { met.count() }
    }

    fn reached_in_any_order(&self, events: &[i64]) -> usize {
        self.reached_by_mask(events.iter().fold(0, |mask, event| mask | event))
    }

    /// How far the attempt comes that begins with the first event.
    fn attempt(&self, events: &[i64]) -> usize {
        let mut reached = 0;
        for event in events {
            let Some(step) = self.steps.get(reached) else {
                break;
            };
            if event & step != 0 {
                reached += 1;
            } else if reached == 0 || self.order == Order::Strict || self.ends(reached, *event) {
                break;
            }
        }
        reached
    }

    /// Whether an event that meets no step ends an attempt that has come to so many.
    fn ends(&self, reached: usize, event: i64) -> bool {
        self.exclusions.iter().any(|exclusion| {
            let is_between = exclusion.after < reached && reached <= exclusion.before;
            is_between && event & exclusion.bits != 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether these places in the path are an attempt as the contract says, word for word.
    fn is_attempt(funnel: &Funnel, events: &[i64], places: &[usize]) -> bool {
        let meets = |step: usize, place: usize| events[place] & funnel.steps[step] != 0;
        let is_met = places
            .iter()
            .enumerate()
            .all(|(step, place)| meets(step, *place));
        let is_first = places.windows(2).zip(1..).all(|(pair, step)| {
            pair[0] < pair[1]
                && (pair[0] + 1..pair[1]).all(|between| !meets(step, between))
                && (funnel.order != Order::Strict || pair[0] + 1 == pair[1])
        });
        let is_free = funnel.exclusions.iter().all(|exclusion| {
            let ends = places.get(exclusion.before).or(places.last());
            match (places.get(exclusion.after), ends) {
                (Some(from), Some(to)) => (from + 1..*to)
                    .filter(|place| !places.contains(place))
                    .all(|place| events[place] & exclusion.bits == 0),
                _ => true,
            }
        });
        is_met && is_first && is_free
    }

    /// Tries all choices of events.
    fn by_force(funnel: &Funnel, events: &[i64]) -> usize {
        by_force_where(funnel, events, |_| true)
    }

    /// Tries those choices that are allowed besides.
    fn by_force_where(
        funnel: &Funnel,
        events: &[i64],
        is_allowed: impl Fn(&[usize]) -> bool,
    ) -> usize {
        let choices = (0_u32..1 << events.len()).map(|chosen| {
            let places = 0..events.len();
            let places: Vec<usize> = places.filter(|place| chosen >> place & 1 == 1).collect();
            let fits = places.len() <= funnel.steps.len()
                && is_allowed(&places)
                && is_attempt(funnel, events, &places);
            if fits { places.len() } else { 0 }
        });
        choices.max().unwrap_or_default()
    }

    /// Every path of at most `length` events, each out of `alphabet`.
    fn paths(alphabet: &[i64], length: usize) -> Vec<Vec<i64>> {
        let mut all = vec![vec![]];
        let mut newest = all.clone();
        for _ in 0..length {
            let longer = newest.iter().flat_map(|path: &Vec<i64>| {
                alphabet.iter().map(move |event| {
                    let mut path = path.clone();
                    path.push(*event);
                    path
                })
            });
            newest = longer.collect();
            all.extend(newest.clone());
        }
        all
    }

    fn excluded(bits: i64, after: usize, before: usize) -> Vec<Exclusion> {
        vec![Exclusion {
            bits,
            after,
            before,
        }]
    }

    #[test]
    fn it_comes_as_far_as_the_best_choice_of_events_on_every_path_of_up_to_eight() {
        let steps = vec![0b001, 0b010, 0b100];
        let two = vec![0b001, 0b010];
        let funnel = |steps: &Vec<i64>, order, exclusions| Funnel {
            steps: steps.clone(),
            order,
            exclusions,
        };
        let funnels = [
            funnel(&steps, Order::Sequential, vec![]),
            funnel(&steps, Order::Strict, vec![]),
            funnel(&two, Order::Sequential, excluded(0b100, 0, 1)),
        ];
        for path in paths(&[0b001, 0b010, 0b100], 8) {
            for funnel in &funnels {
                assert_eq!(
                    funnel.reached(&path),
                    by_force(funnel, &path),
                    "{funnel:?} on {path:?}"
                );
            }
        }
        let more = [
            funnel(&steps, Order::Sequential, vec![]),
            funnel(&steps, Order::Sequential, excluded(0b1000, 0, 2)),
            funnel(&steps, Order::Sequential, excluded(0b1000, 0, 1)),
            funnel(&steps, Order::Sequential, excluded(0b1000, 1, 2)),
            funnel(&steps, Order::Strict, vec![]),
        ];
        for path in paths(&[0b001, 0b011, 0b010, 0b100, 0b1000], 6) {
            for funnel in &more {
                assert_eq!(
                    funnel.reached(&path),
                    by_force(funnel, &path),
                    "{funnel:?} on {path:?}"
                );
            }
        }
    }

    #[test]
    fn in_any_order_the_goals_count_and_nothing_else() {
        let funnel = Funnel {
            steps: vec![0b001, 0b010, 0b100],
            order: Order::Any,
            exclusions: vec![],
        };
        for path in paths(&[0b001, 0b010, 0b100, 0b1000], 5) {
            let met = funnel
                .steps
                .iter()
                .filter(|step| path.iter().any(|event| event & **step != 0));
            assert_eq!(funnel.reached(&path), met.count());
        }
        let without = Funnel {
            exclusions: excluded(0b1000, 0, 2),
            ..funnel
        };
        assert_eq!(without.reached(&[0b001, 0b1000]), 0);
    }

    /// The events with times so far apart, over and over.
    fn timed(events: &[i64], apart: &[Millis]) -> Vec<(Millis, i64)> {
        let mut at = 0;
        let times = apart.iter().cycle().map(|apart| {
            at += apart;
            at
        });
        times.zip(events.iter().copied()).collect()
    }

    fn assert_in_time(funnel: &Funnel, events: &[(Millis, i64)], window: Millis) {
        let bits: Vec<i64> = events.iter().map(|(_, bits)| *bits).collect();
        let in_time = |places: &[usize]| match places {
            [first, .., last] => events[*last].0 - events[*first].0 <= window,
            _ => true,
        };
        assert_eq!(
            funnel.reached_within(window, events),
            by_force_where(funnel, &bits, in_time),
            "{funnel:?} within {window} on {events:?}"
        );
    }

    #[test]
    fn within_a_time_it_comes_as_far_as_the_best_choice_of_events_on_every_path_of_up_to_eight() {
        let three = Funnel {
            steps: vec![0b001, 0b010, 0b100],
            ..Funnel::default()
        };
        let two_without = Funnel {
            steps: vec![0b001, 0b010],
            exclusions: excluded(0b100, 0, 1),
            ..Funnel::default()
        };
        for path in paths(&[0b001, 0b010, 0b100], 8) {
            assert_in_time(&three, &timed(&path, &[1, 0, 2, 1, 3]), 3);
            assert_in_time(&two_without, &timed(&path, &[2, 1, 0]), 2);
        }
        let without = [(0, 2), (0, 1), (1, 2)].map(|(after, before)| Funnel {
            exclusions: excluded(0b1000, after, before),
            ..three.clone()
        });
        for path in paths(&[0b001, 0b011, 0b010, 0b100, 0b1000], 5) {
            for window in 0..5 {
                for funnel in without.iter().chain([&three]) {
                    assert_in_time(funnel, &timed(&path, &[1, 0, 2, 1, 3]), window);
                }
            }
            // Where there is time enough it decides nothing.
            let all = timed(&path, &[1]);
            for funnel in &without {
                assert_eq!(funnel.reached_within(100, &all), funnel.reached(&path));
            }
        }
    }

    /// As `PostHog` has it: the time runs from the first step and includes its end, and every new first step begins it anew.
    #[test]
    fn every_new_first_step_begins_the_time_anew() {
        const S: Millis = 1_000;
        let funnel = Funnel {
            steps: vec![0b001, 0b010, 0b100],
            ..Funnel::default()
        };
        let within = |events: &[(Millis, i64)]| funnel.reached_within(30 * S, events);
        assert_eq!(within(&[(0, 0b001), (30 * S, 0b010)]), 2);
        assert_eq!(within(&[(0, 0b001), (30 * S + 1, 0b010)]), 1);
        assert_eq!(
            within(&[(0, 0b001), (60 * S, 0b001), (90 * S, 0b010)]),
            2,
            "from the second beginning"
        );
        assert_eq!(
            within(&[(0, 0b001), (20 * S, 0b010), (40 * S, 0b100)]),
            2,
            "from the first step, not from the one before"
        );
        assert_eq!(
            within(&[
                (0, 0b001),
                (10 * S, 0b010),
                (20 * S, 0b001),
                (50 * S, 0b100)
            ]),
            2,
            "the best attempt stays"
        );
    }

    #[test]
    fn a_second_beginning_may_come_further_than_the_first() {
        let funnel = Funnel {
            steps: vec![0b001, 0b010],
            order: Order::Sequential,
            exclusions: excluded(0b100, 0, 1),
        };
        assert_eq!(funnel.reached(&[0b001, 0b100, 0b010]), 1);
        assert_eq!(funnel.reached(&[0b001, 0b100, 0b001, 0b010]), 2);
    }
}
