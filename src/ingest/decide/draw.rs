//! Chances that are the same whenever they are looked at: a keyed hash stands in for dice.
//!
//! The key is the site's own, so that nobody outside can tell a draw beforehand; prompt and purpose are part of what is hashed,
//! so that draws are independent of each other.

use crate::{
    secret,
    types::{PromptId, VisitId},
};

use crate::ingest::visit::VisitorHash;

/// Whether a visitor is among those that a prompt is for at all: uniform in `0..1`, the same in all visits of a visitor as far as
/// they can be recognised, which is for a day without consent.
pub(super) fn sample(key: &[u8], prompt: PromptId, visitor: VisitorHash) -> f64 {
    share(key, b"sample", prompt, &visitor)
}

/// Which arm an eligible visit gets: uniform in `0..1`, the same whenever the visit comes to the prompt.
pub(super) fn hold_out(key: &[u8], prompt: PromptId, visit: VisitId) -> f64 {
    share(key, b"hold_out", prompt, visit.0.as_bytes())
}

/// Which of so many wordings a visit gets, counted from 0: each as often as the others, the same whenever the visit comes to the prompt.
pub(super) fn wording(key: &[u8], prompt: PromptId, visit: VisitId, of: usize) -> usize {
    let share = share(key, b"wording", prompt, visit.0.as_bytes());
    ((share * of as f64) as usize).min(of.saturating_sub(1))
}

fn share(key: &[u8], purpose: &[u8], prompt: PromptId, unit: &[u8]) -> f64 {
    let hash = secret::keyed_hash(key, &[purpose, prompt.0.as_bytes(), unit]);
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    // As many bits as the fraction of an f64 holds.
    (u64::from_le_bytes(head) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: i64 = 20_000;

    fn visitor(n: i64) -> VisitorHash {
        let mut hash = [7; 16];
        hash[..8].copy_from_slice(&n.to_le_bytes());
        hash
    }

    /// Chi-square of a table of counts against independence, both ways drawn with these shares.
    fn chi_square(pairs: impl Iterator<Item = (f64, f64)>, left: f64, right: f64) -> f64 {
        let mut counts = [[0.0; 2]; 2];
        let mut n = 0.0;
        for (one, other) in pairs {
            counts[usize::from(one < left)][usize::from(other < right)] += 1.0;
            n += 1.0;
        }
        let expected = |is_left: usize, is_right: usize| {
            let share = |is: usize, share: f64| if is == 1 { share } else { 1.0 - share };
            n * share(is_left, left) * share(is_right, right)
        };
        let mut sum = 0.0;
        for (is_left, row) in counts.iter().enumerate() {
            for (is_right, count) in row.iter().enumerate() {
                let expected = expected(is_left, is_right);
                sum += (count - expected) * (count - expected) / expected;
            }
        }
        sum
    }

    #[test]
    fn draws_are_sticky_and_independent() {
        let (one, other) = (PromptId::new(1), PromptId::new(2));
        let visits: Vec<VisitId> = (0..PAIRS).map(VisitId::new).collect();
        let all = || (0..PAIRS).map(visitor);
        let sampled = |prompt| all().map(move |visitor| sample(b"key", prompt, visitor));
        let held = |prompt| {
            visits
                .iter()
                .map(move |visit| hold_out(b"key", prompt, *visit))
        };

        assert!(sampled(one).eq(sampled(one)), "the same at each look");
        assert!(held(one).eq(held(one)), "the same at each look");
        // With three degrees of freedom, 27.9 is exceeded by chance in fewer than four of a million keys; this key is fixed.
        for (name, chi) in [
            (
                "sample and hold-out of a prompt",
                chi_square(sampled(one).zip(held(one)), 0.25, 0.1),
            ),
            (
                "samples of two prompts",
                chi_square(sampled(one).zip(sampled(other)), 0.25, 0.25),
            ),
            (
                "hold-outs of two prompts",
                chi_square(held(one).zip(held(other)), 0.1, 0.1),
            ),
            (
                "neighbouring visitors",
                chi_square(sampled(one).zip(sampled(one).skip(1)), 0.5, 0.5),
            ),
        ] {
            assert!(chi < 27.9, "{name}: {chi}");
        }
    }

    #[test]
    fn wordings_are_drawn_evenly_and_by_themselves() {
        let (one, other) = (PromptId::new(1), PromptId::new(2));
        let visits: Vec<VisitId> = (0..PAIRS).map(VisitId::new).collect();
        let drawn = |prompt, of| {
            let visits = visits.iter();
            visits.map(move |visit| wording(b"key", prompt, *visit, of))
        };
        let half = |prompt| drawn(prompt, 2).map(|drawn| drawn as f64);
        let held = visits.iter().map(|visit| hold_out(b"key", one, *visit));
        let sampled = (0..PAIRS).map(|n| sample(b"key", one, visitor(n)));

        assert!(drawn(one, 3).eq(drawn(one, 3)), "the same at each look");
        assert!(drawn(one, 1).all(|drawn| drawn == 0));
        let mut counts = [0_i64; 3];
        drawn(one, 3).for_each(|drawn| counts[drawn] += 1);
        let expected = PAIRS as f64 / 3.0;
        let chi: f64 = counts
            .iter()
            .map(|n| (*n as f64 - expected).powi(2) / expected)
            .sum();
        // Two degrees of freedom; exceeded by chance in fewer than two of a million keys, and this key is fixed.
        assert!(chi < 26.6, "{counts:?}");
        for (name, chi) in [
            ("hold-out", chi_square(half(one).zip(held), 0.5, 0.1)),
            ("sample", chi_square(half(one).zip(sampled), 0.5, 0.25)),
            (
                "another prompt",
                chi_square(half(one).zip(half(other)), 0.5, 0.5),
            ),
        ] {
            assert!(chi < 27.9, "wording and {name}: {chi}");
        }
    }

    #[test]
    fn draws_fill_their_range_evenly() {
        let mut tenths = [0_i64; 10];
        for n in 0..PAIRS {
            let share = sample(b"key", PromptId::new(1), visitor(n));
            tenths[(share * 10.0) as usize] += 1;
        }
        let expected = PAIRS / 10;
        let chi: f64 = tenths
            .iter()
            .map(|n| ((n - expected) * (n - expected)) as f64 / expected as f64)
            .sum();
        // Nine degrees of freedom.
        assert!(chi < 40.0, "{tenths:?}");
    }
}
