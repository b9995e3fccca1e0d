//! Whether the steps of the funnel stand in the order in which visitors take them, from what visits did.
//!
//! Told from when each goal was first reached, not from the funnel: so it holds for an order that was chosen just now.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{
    error::AppResult,
    goal::types::Goal,
    site::types::{Site, SiteKind},
    types::GoalId,
};

/// Visits read at most, the newest, so that a large site takes no longer than a small one.
const MOST_VISITS: i64 = 10_000;
/// Visits at least: what fewer did is chance.
pub const LEAST_VISITS: i64 = 3;

/// What is odd about two neighbours of the funnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The later one comes first, in `reversed` of the `both` visits that reached the two.
    Reversed {
        /// The later one was reached first.
        reversed: i64,
        /// Both were reached.
        both: i64,
    },
    /// Nobody reaches the earlier one, so the funnel has nobody at the later one either.
    Unreached {
        /// Visits that reached the later one.
        later: i64,
    },
    /// Each is reached, by different visits: the funnel has nobody at the later one.
    Apart {
        /// Visits that reached the earlier one.
        earlier: i64,
        /// Visits that reached the later one.
        later: i64,
    },
}

/// Two neighbours of the funnel that look wrong in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misplaced {
    /// Stands before the other.
    pub earlier: GoalId,
    /// Stands right after it.
    pub later: GoalId,
    /// What is odd about it.
    pub oddity: Oddity,
}

/// Visits that reached two goal versions; both may be the same.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
struct PairRow {
    a: i32,
    b: i32,
    n: i64,
    /// Of these, how many reached `b` before `a`.
    reversed: i64,
}

/// The first two neighbours among the steps, the main goal included, that visits from day `from` to day `to` (YYYYMMDD) take in another order.
pub async fn first_misplaced(
    db: &impl ConnectionTrait,
    site: &Site,
    goals: &[Goal],
    (from, to): (i32, i32),
) -> AppResult<Option<Misplaced>> {
    let rows = PairRow::find_by_statement(Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT a.bit AS a, b.bit AS b, COUNT(*) AS n, \
                CAST(SUM(CASE WHEN b.first_at < a.first_at THEN 1 ELSE 0 END) AS BIGINT) AS reversed \
         FROM (SELECT id FROM visits WHERE site_id = $1 AND day BETWEEN $2 AND $3 AND NOT is_test \
                 AND (NOT is_automated OR $4) ORDER BY id DESC LIMIT $5) AS v \
         JOIN visit_goals a ON a.site_id = $1 AND a.visit_id = v.id \
         JOIN visit_goals b ON b.site_id = $1 AND b.visit_id = v.id \
         GROUP BY a.bit, b.bit",
        [
            site.id.into(),
            from.into(),
            to.into(),
            (site.kind == SiteKind::Demo).into(),
            MOST_VISITS.into(),
        ],
    ))
    .all(db)
    .await?;
    let pairs = rows.into_iter().map(|row| ((row.a, row.b), row)).collect();
    Ok(judge(goals, &pairs))
}

fn judge(goals: &[Goal], pairs: &HashMap<(i32, i32), PairRow>) -> Option<Misplaced> {
    let steps: Vec<&Goal> = goals
        .iter()
        .filter(|goal| goal.funnel_position.is_some())
        .chain(goals.iter().filter(|goal| goal.is_primary))
        .collect();
    let neighbours = steps.iter().zip(steps.iter().skip(1));
    neighbours
        .filter_map(|(earlier, later)| {
            let (a, b) = (earlier.current.bit.into(), later.current.bit.into());
            let pair = |a, b| pairs.get(&(a, b)).copied().unwrap_or_default();
            let oddity = oddity(pair(a, b), pair(a, a).n, pair(b, b).n)?;
            Some(Misplaced {
                earlier: earlier.id,
                later: later.id,
                oddity,
            })
        })
        .next()
}

fn oddity(pair: PairRow, earlier: i64, later: i64) -> Option<Oddity> {
    let PairRow {
        n: both, reversed, ..
    } = pair;
    if reversed >= LEAST_VISITS && reversed > both - reversed {
        return Some(Oddity::Reversed { reversed, both });
    }
    match (both, earlier) {
        _ if later < LEAST_VISITS => None,
        (0, 0) => Some(Oddity::Unreached { later }),
        (0, LEAST_VISITS..) => Some(Oddity::Apart { earlier, later }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(both: i64, reversed: i64, earlier: i64, later: i64) -> Option<Oddity> {
        let pair = PairRow {
            n: both,
            reversed,
            ..PairRow::default()
        };
        oddity(pair, earlier, later)
    }

    #[test]
    fn only_what_is_usual_and_no_chance_is_odd() {
        assert_eq!(of(10, 5, 10, 10), None, "half of them is not usual");
        assert_eq!(of(2, 2, 2, 2), None, "two visits are chance");
        let reversed = Oddity::Reversed {
            reversed: 6,
            both: 10,
        };
        assert_eq!(of(10, 6, 10, 10), Some(reversed));
        assert_eq!(of(0, 0, 0, 3), Some(Oddity::Unreached { later: 3 }));
        let apart = Oddity::Apart {
            earlier: 4,
            later: 5,
        };
        assert_eq!(of(0, 0, 4, 5), Some(apart));
        assert_eq!(of(1, 0, 4, 5), None, "some take them in this order");
        assert_eq!(of(0, 0, 1, 5), None, "too few to say so");
    }
}
