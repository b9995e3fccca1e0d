//! Raking: weights that meet the totals of several properties at once, where their cells together would be too many.

/// Margins are met when each differs by less than this part of everybody.
const NEAR: f64 = 1e-6;

/// Rounds after which it is given up.
const MOST_ROUNDS: usize = 100;

/// Answers that are alike in all properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Level of each property, in the order of the margins.
    pub levels: Vec<usize>,
    /// Weight to begin with: their number, or the sum of their base weights.
    pub weight: f64,
}

/// Weights after raking.
#[derive(Clone, Debug, PartialEq)]
pub struct Raked {
    /// Of each row, in people.
    pub weights: Vec<f64>,
    /// How many rounds it took.
    pub rounds: usize,
    /// Whether all margins are met.
    pub is_settled: bool,
}

/// Weights of the rows whose sums by each level of each property are the `margins` (iterative proportional fitting).
///
/// Deming & Stephan 1940; Deville & Särndal 1992. `margins`: for each property the people of each of its levels; each property is
/// scaled to the people of the first. To a millionth of everybody, or 100 rounds. `None` if a level with people has no rows (join it
/// with another first), if a row has a level without a margin, or if a number makes no sense.
pub fn rake(rows: &[Row], margins: &[Vec<f64>]) -> Option<Raked> {
    let everybody = margins.first()?.iter().sum::<f64>();
    let targets = margins
        .iter()
        .map(|margin| scaled(margin, everybody))
        .collect::<Option<Vec<_>>>()?;
    if !rows.iter().all(|row| is_sound(row, &targets)) {
        return None;
    }
    let mut weights: Vec<f64> = rows.iter().map(|row| row.weight).collect();
    for (property, target) in targets.iter().enumerate() {
        let sums = sums(rows, &weights, property, target.len());
        if target
            .iter()
            .zip(&sums)
            .any(|(target, sum)| *target > 0.0 && *sum <= 0.0)
        {
            return None;
        }
    }
    for round in 1..=MOST_ROUNDS {
        for (property, target) in targets.iter().enumerate() {
            let sums = sums(rows, &weights, property, target.len());
            for (row, weight) in rows.iter().zip(&mut weights) {
                let level = row.levels.get(property)?;
                let (target, sum) = (target.get(*level)?, sums.get(*level)?);
                if *sum > 0.0 {
                    *weight *= target / sum;
                }
            }
        }
        let is_settled = targets.iter().enumerate().all(|(property, target)| {
            let sums = sums(rows, &weights, property, target.len());
            let mut pairs = target.iter().zip(sums);
            pairs.all(|(target, sum)| (target - sum).abs() <= NEAR * everybody)
        });
        if is_settled || round == MOST_ROUNDS {
            return Some(Raked {
                weights,
                rounds: round,
                is_settled,
            });
        }
    }
    None
}

fn scaled(margin: &[f64], everybody: f64) -> Option<Vec<f64>> {
    let all: f64 = margin.iter().sum();
    let is_sound = margin.iter().all(|people| *people >= 0.0)
        && all > 0.0
        && everybody.is_finite()
        && all.is_finite();
    is_sound.then(|| {
        margin
            .iter()
            .map(|people| people * everybody / all)
            .collect()
    })
}

fn is_sound(row: &Row, targets: &[Vec<f64>]) -> bool {
    row.weight > 0.0
        && row.weight.is_finite()
        && row.levels.len() == targets.len()
        && row
            .levels
            .iter()
            .zip(targets)
            .all(|(level, target)| *level < target.len())
}

fn sums(rows: &[Row], weights: &[f64], property: usize, levels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; levels];
    for (row, weight) in rows.iter().zip(weights) {
        let level = row
            .levels
            .get(property)
            .and_then(|level| sums.get_mut(*level));
        if let Some(sum) = level {
            *sum += weight;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(counts: &[[f64; 3]]) -> Vec<Row> {
        let rows = counts.iter().enumerate().flat_map(|(a, row)| {
            row.iter().enumerate().map(move |(b, weight)| Row {
                levels: vec![a, b],
                weight: *weight,
            })
        });
        rows.collect()
    }

    /// Kalton & Flores-Cervantes 2003, table 2.B (raking): 4 × 3 answers to the margins of the people.
    #[test]
    fn raking_gives_the_figures_of_kalton_and_flores_cervantes_2003() {
        let rows = table(&[
            [20.0, 40.0, 40.0],
            [50.0, 140.0, 310.0],
            [100.0, 50.0, 50.0],
            [30.0, 100.0, 70.0],
        ]);
        let published = [
            1.81, 1.45, 2.02, 1.08, 0.87, 1.21, 2.20, 1.76, 2.45, 1.83, 1.47, 2.04,
        ];

        let found = rake(
            &rows,
            &[vec![175.0, 550.0, 430.0, 345.0], vec![365.0, 415.0, 720.0]],
        )
        .unwrap();

        assert!(found.is_settled);
        for ((weight, row), expected) in found.weights.iter().zip(&rows).zip(published) {
            let actual = weight / row.weight;
            assert!(
                (actual - expected).abs() < 0.006,
                "{actual} is not {expected}"
            );
        }
    }

    #[test]
    fn what_cannot_be_met_is_not_raked() {
        let rows = table(&[[1.0, 1.0, 1.0]]);
        let thirds = vec![1.0, 1.0, 1.0];
        assert_eq!(rake(&[], &[vec![1.0]]), None);
        assert_eq!(rake(&rows, &[]), None);
        assert_eq!(rake(&rows, &[vec![1.0, 1.0], thirds.clone()]), None);
        assert_eq!(rake(&rows, &[vec![3.0]]), None);
        assert_eq!(rake(&rows, &[vec![3.0], vec![1.0, 1.0]]), None);
        assert_eq!(rake(&rows, &[vec![3.0], vec![1.0, f64::NAN, 1.0]]), None);
        assert_eq!(rake(&rows, &[vec![0.0], thirds.clone()]), None);
        // The properties say the same of nobody: two diagonals that no weights meet.
        let crossed = [(0, 0), (1, 1)].map(|(a, b)| Row {
            levels: vec![a, b],
            weight: 1.0,
        });
        let found = rake(&crossed, &[vec![1.0, 3.0], vec![3.0, 1.0]]).unwrap();
        assert!(!found.is_settled);
        assert_eq!(found.rounds, 100);
    }

    proptest! {
        #[test]
        fn margins_are_met_to_a_millionth(
            counts in proptest::collection::vec(proptest::array::uniform3(1_u32..200), 2..5),
            people in proptest::collection::vec(50_u32..1_000, 8),
        ) {
            let counts: Vec<[f64; 3]> = counts.iter().map(|row| row.map(f64::from)).collect();
            let people: Vec<f64> = people.into_iter().map(f64::from).collect();
            let rows = table(&counts);
            let margins = [people[..counts.len()].to_vec(), people[5..].to_vec()];
            let found = rake(&rows, &margins).unwrap();
            prop_assert!(found.is_settled);
            let everybody: f64 = margins[0].iter().sum();
            for (property, margin) in margins.iter().enumerate() {
                let scale = everybody / margin.iter().sum::<f64>();
                for (target, sum) in margin.iter().zip(sums(&rows, &found.weights, property, margin.len())) {
                    prop_assert!((target * scale - sum).abs() <= 1e-6 * everybody);
                }
            }
        }
    }
}
