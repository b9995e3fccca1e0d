//! Whether the steps of the funnel stand in the order in which visitors take them, from what visits did.
//!
//! Told from when each goal was first reached, not from the funnel: so it holds for an order that was chosen just now. A goal that
//! was saved just now is not judged before visits that were counted with both have reached one of the two. The funnel judges the
//! visits that it counts by the same rule.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::period::{Period, known_within};
use crate::{
    error::AppResult,
    goal::{
        self,
        types::{Definitions, Goal},
    },
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::Rate,
    types::{GoalId, VisitId},
};

/// Visits read at most, the newest, so that a large site takes no longer than a small one.
const MOST_VISITS: i64 = 10_000;
/// More than this share of the visits, beyond chance, make something usual.
const USUAL: f64 = 0.5;

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
    /// Visits of these days that were not counted with both are left out.
    pub is_partial: bool,
}

/// What the visits did that were counted with both of two neighbours.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Pair {
    /// Which neighbours, from 0 on.
    pub(super) place: i32,
    /// Reached the earlier one.
    pub(super) earlier: i64,
    /// Reached the later one.
    pub(super) later: i64,
    /// Reached both.
    pub(super) both: i64,
    /// Of these, how many reached the later one first.
    pub(super) reversed: i64,
}

/// The first two neighbours among the steps, the main goal included, that visits of a period take in another order.
pub async fn first_misplaced(
    db: &impl ConnectionTrait,
    site: &Site,
    goals: &[Goal],
    period: &Period,
) -> AppResult<Option<Misplaced>> {
    let definitions = goal::store::load_definitions(db, site.id).await?;
    let neighbours = neighbours(goals, &definitions);
    let pairs = load_pairs(db, site, &neighbours, period).await?;
    let found = neighbours.iter().zip(0..).find_map(|(both, place)| {
        let pair = pairs.iter().find(|pair| pair.place == place)?;
        Some((both, oddity(*pair)?))
    });
    let Some((both, oddity)) = found else {
        return Ok(None);
    };
    Ok(Some(Misplaced {
        earlier: both.earlier.id,
        later: both.later.id,
        oddity,
        is_partial: has_older(db, site, both.version, period).await?,
    }))
}

/// Two goals that stand one after the other.
struct Neighbours<'a> {
    earlier: &'a Goal,
    later: &'a Goal,
    /// Visits of older definitions were not counted with both as they are now.
    version: i32,
}

fn neighbours<'a>(goals: &'a [Goal], definitions: &Definitions) -> Vec<Neighbours<'a>> {
    let steps: Vec<&Goal> = goals
        .iter()
        .filter(|goal| goal.funnel_position.is_some())
        .chain(goals.iter().filter(|goal| goal.is_primary))
        .collect();
    let later = steps.iter().copied().skip(1);
    let pairs = steps.iter().copied().zip(later);
    pairs
        .map(|(earlier, later)| Neighbours {
            earlier,
            later,
            version: definitions.first_with(1 << earlier.current.bit | 1 << later.current.bit),
        })
        .collect()
}

/// Whether visits of the period were counted by definitions before `version`.
async fn has_older(
    db: &impl ConnectionTrait,
    site: &Site,
    version: i32,
    period: &Period,
) -> AppResult<bool> {
    let sql = "SELECT 1 FROM visits WHERE site_id = $1 AND day BETWEEN $2 AND $3 AND funnel_version < $4 LIMIT 1";
    let values = [
        site.id.into(),
        calendar::number(period.from).into(),
        calendar::number(period.to).into(),
        version.into(),
    ];
    let older = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.query_one_raw(older).await?.is_some())
}

async fn load_pairs(
    db: &impl ConnectionTrait,
    site: &Site,
    neighbours: &[Neighbours<'_>],
    period: &Period,
) -> AppResult<Vec<Pair>> {
    if neighbours.is_empty() {
        return Ok(vec![]);
    }
    let asked = neighbours.iter().enumerate().map(|(place, both)| {
        let (a, b) = (both.earlier.current.bit, both.later.current.bit);
        let version = both.version;
        format!("SELECT {place} AS place, {a} AS a, {b} AS b, {version} AS version")
    });
    let asked: Vec<String> = asked.collect();
    let sql = format!(
        "SELECT r.place, COUNT(r.a_at) AS earlier, COUNT(r.b_at) AS later, COUNT(r.a_at + r.b_at) AS both, \
                COUNT(CASE WHEN r.b_at < r.a_at THEN 1 END) AS reversed \
         FROM (SELECT p.place, MIN(CASE WHEN g.bit = p.a THEN g.first_at END) AS a_at, \
                 MIN(CASE WHEN g.bit = p.b THEN g.first_at END) AS b_at \
               FROM (SELECT id, funnel_version FROM visits WHERE site_id = $1 AND day BETWEEN $2 AND $3 \
                       AND id BETWEEN $4 AND $5 AND NOT is_test AND (NOT is_automated OR $6) \
                     ORDER BY id DESC LIMIT $7) v \
               JOIN visit_goals g ON g.site_id = $1 AND g.visit_id = v.id \
               JOIN ({}) p ON g.bit IN (p.a, p.b) AND v.funnel_version >= p.version \
               GROUP BY p.place, v.id) r \
         GROUP BY r.place",
        asked.join(" UNION ALL ")
    );
    let (earliest, latest) = known_within(period.from, period.to, &site.time_zone);
    let values = [
        site.id.into(),
        calendar::number(period.from).into(),
        calendar::number(period.to).into(),
        VisitId::first_of(earliest).into(),
        VisitId::first_of(latest).into(),
        (site.kind == SiteKind::Demo).into(),
        MOST_VISITS.into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Pair::find_by_statement(statement).all(db).await?)
}

/// What is odd about two neighbours: only what is clear, since of a rare goal a few visits are chance.
pub(super) fn oddity(pair: Pair) -> Option<Oddity> {
    let Pair {
        earlier,
        later,
        both,
        reversed,
        ..
    } = pair;
    if is_usual(Rate::new(reversed, both)) {
        return Some(Oddity::Reversed { reversed, both });
    }
    if both > 0 || !is_usual(Rate::new(later, later)) {
        return None;
    }
    match earlier {
        0 => Some(Oddity::Unreached { later }),
        _ if is_usual(Rate::new(earlier, earlier)) => Some(Oddity::Apart { earlier, later }),
        _ => None,
    }
}

/// Whether more than half do it, so that chance does not explain it: all of four, but not all of three.
fn is_usual(rate: Rate) -> bool {
    rate.wilson().is_some_and(|interval| interval.low > USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(both: i64, reversed: i64, earlier: i64, later: i64) -> Option<Oddity> {
        oddity(Pair {
            place: 0,
            earlier,
            later,
            both,
            reversed,
        })
    }

    #[test]
    fn only_what_is_usual_and_no_chance_is_odd() {
        assert_eq!(of(10, 5, 10, 10), None, "half of them is not usual");
        assert_eq!(of(3, 3, 3, 3), None, "three visits are chance");
        // The lower bounds by Wilson: 0.434 for 8 of 11, 0.523 for 9 of 11.
        assert_eq!(of(11, 8, 11, 11), None, "chance explains it");
        let reversed = |reversed, both| Some(Oddity::Reversed { reversed, both });
        assert_eq!(of(11, 9, 11, 11), reversed(9, 11));
        assert_eq!(of(4, 4, 4, 4), reversed(4, 4));
        assert_eq!(of(400, 230, 400, 400), reversed(230, 400));
        assert_eq!(of(0, 0, 0, 3), None, "three visits are chance");
        assert_eq!(of(0, 0, 0, 4), Some(Oddity::Unreached { later: 4 }));
        let apart = Oddity::Apart {
            earlier: 4,
            later: 5,
        };
        assert_eq!(of(0, 0, 4, 5), Some(apart));
        assert_eq!(of(1, 0, 4, 5), None, "some take them in this order");
        assert_eq!(of(0, 0, 1, 5), None, "too few to say so");
    }
}
