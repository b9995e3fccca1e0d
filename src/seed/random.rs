//! Chance that can be repeated: PCG-XSH-RR 64/32 (O'Neill 2014).

/// One stream of chance.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;

impl Random {
    /// Stream number `stream` of `seed`; streams do not depend on each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self {
            state: seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        random.next();
        random.next();
        random
    }

    fn next(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the generator folds 64 bits to 32"
        )]
        let folded = (((old >> 18) ^ old) >> 27) as u32;
        folded.rotate_right((old >> 59) as u32)
    }

    /// Uniform in `0..1`.
    pub fn share(&mut self) -> f64 {
        f64::from(self.next()) / 4_294_967_296.0
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// Uniform from `low` to `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "spans are minutes at most, in ms"
        )]
        let offset = (self.share() * (high - low + 1) as f64) as i64;
        low + offset
    }

    /// Index drawn by weight.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.share() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[(T, f64)]) -> Option<T> {
        let weights: Vec<f64> = of.iter().map(|(_, weight)| *weight).collect();
        of.get(self.weighted(&weights)).map(|(value, _)| *value)
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_be_bytes()[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_streams_differ() {
        let draw = |seed, stream| {
            let mut random = Random::new(seed, stream);
            [random.next(), random.next(), random.next()]
        };

        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }

    #[test]
    fn draws_follow_their_weights() {
        let mut random = Random::new(7, 0);
        let hits = (0..10_000)
            .filter(|_| random.weighted(&[1.0, 3.0]) == 1)
            .count();

        assert!((7_300..7_700).contains(&hits), "{hits}");
        assert!((0..1_000).all(|_| (3..=5).contains(&random.between(3, 5))));
    }
}
