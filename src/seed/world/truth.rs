//! What the reports of a world should find: worked out from its chances alone, without a visit.

use serde::Serialize;

use super::{Kind, NO_REASON, REASONS, STEPS, USEFUL, World};

/// What is true in a world. Shares are fractions of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truths {
    /// The number of the world.
    pub world: u64,
    /// Nothing has an effect in it.
    pub is_null: bool,
    /// Visits that sign up.
    pub conversion: f64,
    /// Of those on a computer.
    pub conversion_desktop: f64,
    /// Of those on a phone or tablet.
    pub conversion_touch: f64,
    /// Visits that see the prices.
    pub viewed_pricing: f64,
    /// Of each small step: how many times as often they sign up who took it by the landmark.
    pub steps: Vec<Named>,
    /// What asking costs.
    pub asking: Asking,
    /// Of each reason: how many have it of those who could be asked at the prices and did not sign up.
    pub reasons: Vec<Named>,
    /// The same of those who answer: what is found without a correction.
    pub reasons_of_answers: Vec<Named>,
}

/// A figure of something that has a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    /// As the reports call it.
    pub name: &'static str,
    /// The figure.
    pub value: f64,
}

/// Those to be asked against those left unasked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Asking {
    /// Share left unasked, percent.
    pub left_unasked_percent: u8,
    /// The share that signs up after the moment, less that of those left unasked.
    pub difference: f64,
    /// The one divided by the other.
    pub ratio: f64,
}

impl World {
    /// What the reports should find.
    pub fn truths(&self) -> Truths {
        let [mouse, touch] = self.kinds();
        let all = |of: &dyn Fn(&Kind) -> f64| mouse.share * of(mouse) + touch.share * of(touch);
        let could_be_asked = |kind: &Kind| self.sees_prices(kind) * kind.hesitates;
        let unasked = all(&|kind| could_be_asked(kind) * self.signs_up_there(kind, 1.0));
        let lost =
            |kind: &Kind| could_be_asked(kind) * (1.0 - self.signs_up_there(kind, self.kept()));
        Truths {
            world: self.seed,
            is_null: self.is_null,
            conversion: all(&|kind| self.conversion(kind)),
            conversion_desktop: self.conversion(mouse),
            conversion_touch: self.conversion(touch),
            viewed_pricing: all(&|kind| self.sees_prices(kind)),
            steps: self.steps(),
            asking: Asking {
                left_unasked_percent: self.unasked,
                difference: -self.cost() * unasked / all(&could_be_asked),
                ratio: 1.0 - self.cost(),
            },
            reasons: self.reasons(lost),
            reasons_of_answers: self.reasons(|kind| lost(kind) * kind.answers),
        }
    }

    fn steps(&self) -> Vec<Named> {
        let steps = STEPS.iter().enumerate();
        let ratio = |place| if place == USEFUL { self.lift } else { 1.0 };
        steps
            .map(|(place, (name, _))| Named {
                name,
                value: ratio(place),
            })
            .collect()
    }

    /// How many have each reason, of visits that are of each kind as often as this says.
    fn reasons(&self, weight: impl Fn(&Kind) -> f64) -> Vec<Named> {
        let [mouse, touch] = self.kinds().map(|kind| kind.share * weight(kind));
        let [of_mouse, of_touch] = self.kinds().map(|kind| {
            let none: f64 = kind.reasons.iter().map(|has| 1.0 - has).product();
            kind.reasons.into_iter().chain([none])
        });
        let names = REASONS.into_iter().chain([NO_REASON]);
        names
            .zip(of_mouse.zip(of_touch))
            .map(|(name, (of_mouse, of_touch))| Named {
                name,
                value: (mouse * of_mouse + touch * of_touch) / (mouse + touch),
            })
            .collect()
    }

    fn sees_prices(&self, kind: &Kind) -> f64 {
        (1.0 - self.at_once) * kind.goes_on
    }

    /// Part of the conversions that are left of those who could be asked, most of whom are.
    fn kept(&self) -> f64 {
        1.0 - (1.0 - f64::from(self.unasked) / 100.0) * self.cost()
    }

    /// Chance to sign up at the prices, whether or not the useful step was taken.
    fn signs_up_there(&self, kind: &Kind, kept: f64) -> f64 {
        kind.signs_up * (1.0 + self.first[USEFUL] * (self.lift - 1.0)) * kept
    }

    fn conversion(&self, kind: &Kind) -> f64 {
        let kept = 1.0 - kind.hesitates * (1.0 - self.kept());
        self.at_once + self.sees_prices(kind) * self.signs_up_there(kind, kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_repeat_and_every_second_one_is_null() {
        let worlds: Vec<World> = (0..400).map(World::draw).collect();
        assert_eq!(worlds[7], World::draw(7));
        assert_ne!(worlds[7], World::draw(8));
        let null = worlds.iter().filter(|world| world.is_null).count();
        assert!((160..240).contains(&null), "{null}");
        for world in worlds {
            let truths = world.truths();
            let has_effect = truths.asking.ratio < 1.0 && truths.steps[USEFUL].value > 1.2;
            let has_none = truths.asking.difference == 0.0 && truths.steps[USEFUL].value == 1.0;
            assert!(if world.is_null { has_none } else { has_effect });
            assert!(truths.steps.iter().skip(1).all(|step| step.value == 1.0));
        }
    }

    /// A world of round figures, by hand.
    #[test]
    fn truths_are_those_counted_by_hand() {
        let kind = |share, goes_on, signs_up, answers, phone| Kind {
            share,
            goes_on,
            hesitates: 0.5,
            signs_up,
            answers,
            reasons: [phone, 0.5, 0.0, 0.0],
        };
        let world = World {
            is_null: false,
            at_once: 0.0,
            first: [0.5, 0.0, 0.0, 0.0],
            lift: 1.5,
            unasked: 50,
            mouse: kind(0.5, 0.8, 0.4, 0.5, 0.0),
            touch: kind(0.5, 0.4, 0.2, 0.1, 0.6),
            ..World::draw(1)
        };

        let truths = world.truths();

        // With the step, half of whom raise the chance by half: 0.4 · 1.25 = 0.5, and 0.25. Half of the half that hesitates is asked
        // and loses a twentieth: an eightieth of all.
        let close = |found: f64, counted: f64| {
            assert!((found - counted).abs() < 1e-12, "{found} is not {counted}");
        };
        close(truths.conversion_desktop, 0.8 * 0.5 * (1.0 - 1.0 / 80.0));
        close(truths.conversion_touch, 0.4 * 0.25 * (1.0 - 1.0 / 80.0));
        close(truths.viewed_pricing, 0.6);
        // Two with a mouse to one on a phone: (2 · 0.5 + 0.25) / 3.
        close(truths.asking.difference, -0.05 * 1.25 / 3.0);
        // Lost: two to one, by 1 − 0.5 · 0.975 and 1 − 0.25 · 0.975.
        let (mouse, touch) = (2.0 * 0.5125, 0.756_25);
        close(truths.reasons[0].value, 0.6 * touch / (mouse + touch));
        let answered = 0.6 * touch * 0.1 / (mouse * 0.5 + touch * 0.1);
        close(truths.reasons_of_answers[0].value, answered);
        close(truths.reasons[1].value, 0.5);
        close(
            truths.reasons[4].value,
            (0.5 * mouse + 0.2 * touch) / (mouse + touch),
        );
    }
}
