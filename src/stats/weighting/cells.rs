//! Post-stratification: every answer stands for its part of the people of its cell.

/// Cells with fewer answers are joined with a neighbour.
const ENOUGH_ANSWERS: i64 = 10;

/// People who were alike when a moment fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Deepest step of the funnel by then: cells of neighbouring steps are joined first.
    pub step: u32,
    /// All else that the cell says (device, new or returning, pages seen), as any number.
    pub group: u32,
    /// How many could have been asked.
    pub people: i64,
    /// How many of them answered.
    pub answers: i64,
}

/// Cells that share a weight.
struct Joined {
    steps: (u32, u32),
    groups: Vec<u32>,
    people: i64,
    answers: i64,
    members: Vec<usize>,
}

impl Joined {
    fn distance(&self, other: &Self) -> u32 {
        let (one, two) = (self.steps, other.steps);
        one.0.saturating_sub(two.1).max(two.0.saturating_sub(one.1))
    }

    fn shares_group(&self, other: &Self) -> bool {
        self.groups.iter().any(|group| other.groups.contains(group))
    }

    fn join(&mut self, other: Self) {
        self.steps = (
            self.steps.0.min(other.steps.0),
            self.steps.1.max(other.steps.1),
        );
        self.groups.extend(other.groups);
        self.people += other.people;
        self.answers += other.answers;
        self.members.extend(other.members);
    }
}

/// The weight of each answer of each cell, in people: N / n of the cell, or of the cells it was joined with.
///
/// Cells with fewer than 10 answers are joined with the nearest step of the same group, the one with fewer answers if two are as near;
/// a group that has too few as a whole with the nearest step of another one. The weights of all answers add up to all people.
/// Holt & Smith 1979; joining as in Little 1986. `None` without any answer, or if a count makes no sense.
pub fn post_stratify(cells: &[Cell]) -> Option<Vec<f64>> {
    let is_sound = |cell: &Cell| 0 <= cell.answers && cell.answers <= cell.people;
    if !cells.iter().all(is_sound) {
        return None;
    }
    let mut joined: Vec<Joined> = cells
        .iter()
        .enumerate()
        .map(|(member, cell)| alone(member, cell))
        .collect();
    while let Some(least) = least(&joined) {
        let small = joined.swap_remove(least);
        let nearest = joined.iter_mut().min_by_key(|other| {
            (
                !other.shares_group(&small),
                other.distance(&small),
                other.answers,
            )
        });
        let Some(nearest) = nearest else {
            joined.push(small);
            break;
        };
        nearest.join(small);
    }
    let mut weights = vec![0.0; cells.len()];
    for cell in joined {
        if cell.answers == 0 {
            return None;
        }
        let weight = cell.people as f64 / cell.answers as f64;
        for member in cell.members {
            if let Some(found) = weights.get_mut(member) {
                *found = weight;
            }
        }
    }
    (!weights.is_empty()).then_some(weights)
}

fn alone(member: usize, cell: &Cell) -> Joined {
    Joined {
        steps: (cell.step, cell.step),
        groups: vec![cell.group],
        people: cell.people,
        answers: cell.answers,
        members: vec![member],
    }
}

/// The cell with the fewest answers, if these are too few.
fn least(joined: &[Joined]) -> Option<usize> {
    let (place, cell) = joined
        .iter()
        .enumerate()
        .min_by_key(|(_, cell)| cell.answers)?;
    (cell.answers < ENOUGH_ANSWERS).then_some(place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(step: u32, group: u32, people: i64, answers: i64) -> Cell {
        Cell {
            step,
            group,
            people,
            answers,
        }
    }

    /// Kalton & Flores-Cervantes 2003, table 2.A (cell weighting): N / n of a 4 × 3 table.
    #[test]
    fn cells_give_the_figures_of_kalton_and_flores_cervantes_2003() {
        let answers = [20, 40, 40, 50, 140, 310, 100, 50, 50, 30, 100, 70];
        let people = [80, 40, 55, 60, 150, 340, 170, 60, 200, 55, 165, 125];
        let published = [
            4.0, 1.0, 1.38, 1.2, 1.07, 1.1, 1.7, 1.2, 4.0, 1.83, 1.65, 1.79,
        ];
        let cells: Vec<_> = answers
            .iter()
            .zip(people)
            .map(|(n, people)| cell(0, 0, people, *n))
            .collect();

        for (actual, expected) in post_stratify(&cells).unwrap().iter().zip(published) {
            assert!(
                (actual - expected).abs() < 0.005_1,
                "{actual} is not {expected}"
            );
        }
    }

    #[test]
    fn a_small_cell_joins_the_nearest_step_of_its_group() {
        let cells = [
            cell(1, 0, 100, 20),
            cell(2, 0, 90, 9),
            cell(3, 0, 100, 10),
            cell(2, 1, 100, 50),
        ];
        // Steps 1 and 3 are as near; 3 has fewer answers.
        assert_eq!(post_stratify(&cells), Some(vec![5.0, 10.0, 10.0, 2.0]));
    }

    #[test]
    fn a_small_group_joins_another_one_at_the_nearest_step() {
        let cells = [cell(1, 0, 100, 20), cell(2, 0, 100, 50), cell(2, 1, 75, 0)];
        assert_eq!(post_stratify(&cells), Some(vec![5.0, 3.5, 3.5]));
    }

    #[test]
    fn without_answers_there_are_no_weights() {
        assert_eq!(post_stratify(&[]), None);
        assert_eq!(post_stratify(&[cell(1, 0, 100, 0)]), None);
        assert_eq!(post_stratify(&[cell(1, 0, 100, 101)]), None);
        assert_eq!(
            post_stratify(&[cell(1, 0, 4, 2), cell(9, 7, 4, 1)]),
            Some(vec![8.0 / 3.0; 2])
        );
    }

    proptest! {
        #[test]
        fn the_answers_stand_for_everybody(
            cells in proptest::collection::vec((0_u32..6, 0_u32..4, 0_i64..60, 0_i64..60), 1..40),
        ) {
            let cells: Vec<_> = cells.into_iter().map(|(step, group, more, answers)| cell(step, group, answers + more, answers)).collect();
            let people: i64 = cells.iter().map(|cell| cell.people).sum();
            if let Some(weights) = post_stratify(&cells) {
                let sum: f64 = weights.iter().zip(&cells).map(|(weight, cell)| weight * cell.answers as f64).sum();
                prop_assert!((sum - people as f64).abs() < 1e-6);
            } else {
                prop_assert_eq!(cells.iter().map(|cell| cell.answers).sum::<i64>(), 0);
            }
        }
    }
}
