//! What visits have in common that could be asked, as one text: grouped by one column, rows are summed up several times as fast.

use std::collections::BTreeSet;

use sea_orm::{ColIdx, DbErr, QueryResult, TryGetError, TryGetable};

use crate::ingest::cube::visitor;

/// Numbers and words, joined by `/`.
macro_rules! joined {
    ($first:expr, $($next:expr),+ $(,)?) => {
        concat!("CAST(", $first, " AS TEXT)", $(" || '/' || CAST(", $next, " AS TEXT)"),+)
    };
}

/// Bits of the steps of the funnel of the visit `v`.
macro_rules! step_bits {
    () => {
        "COALESCE((SELECT f.step_bits FROM funnels f WHERE f.site_id = v.site_id AND f.version = v.funnel_version), 0)"
    };
}

/// Decisions `e` about the visit `v` whether to ask, with other tables.
macro_rules! decisions {
    ($joined:expr) => {
        concat!(
            "FROM impressions e ",
            $joined,
            " WHERE e.site_id = v.site_id AND e.visit_id = v.id AND NOT e.is_test AND e.arm IS NOT NULL"
        )
    };
}

/// Whether the question that offers `o` is among those of a column.
macro_rules! led {
    ($column:expr) => {
        concat!($column, " LIKE '%,' || o.question_id || ',%'")
    };
}

/// The [`Kind`] of the visit `v`, in the order of its parts.
pub(super) const KIND: &[(&str, &str)] = &[(
    "kind",
    joined!(
        concat!(
            "(SELECT MAX(CASE WHEN EXISTS (SELECT 1 FROM answers w WHERE w.site_id = e.site_id AND w.impression_id = e.id AND NOT w.is_test)
             THEN 3 WHEN e.arm = 'shown' THEN 2 WHEN e.arm = 'held_out' THEN 1 ELSE 0 END) ",
            decisions!(""),
            ")"
        ),
        "v.funnel_version",
        "v.funnel_step",
        concat!("v.mask_all & ", step_bits!()),
        "CASE WHEN v.macro_at IS NULL THEN 0 ELSE 1 END",
        concat!(
            "COALESCE((SELECT CAST(SUM(CAST(1 AS BIGINT) << g.bit) AS BIGINT) FROM visit_goals g
               WHERE g.site_id = v.site_id AND g.visit_id = v.id AND g.first_at <= (SELECT MIN(e.decided_at) ",
            decisions!(""),
            ")), 0) & ",
            step_bits!()
        ),
        concat!("(SELECT MIN(e.funnel_step) ", decisions!(""), ")"),
        visitor!(),
        concat!(
            "COALESCE((SELECT string_agg(CAST(s.number AS TEXT), ',' ORDER BY s.number) FROM (SELECT DISTINCT o.number ",
            decisions!("CROSS JOIN offers o"),
            " AND o.site_id = e.site_id AND o.prompt_id = e.prompt_id AND o.version = e.prompt_version) s), '')"
        ),
        concat!(
            "COALESCE((SELECT string_agg(CAST(s.number AS TEXT) || ':' || CAST(s.chance AS TEXT) || s.way, ',' ORDER BY s.number)
               FROM (SELECT o.number, CAST(ROUND(100 * MAX(COALESCE(e.probability, 1))) AS INTEGER) AS chance,
                 MIN(CASE WHEN o.question_id = w.question_id THEN 'a' WHEN ",
            led!("w.led_past"),
            " THEN 'p' ELSE 's' END) AS way ",
            decisions!("CROSS JOIN answers w CROSS JOIN offers o"),
            " AND w.site_id = e.site_id AND w.impression_id = e.id AND NOT w.is_test
                AND o.site_id = w.site_id AND o.prompt_id = w.prompt_id AND o.version = w.prompt_version
                AND (o.question_id = w.question_id OR ",
            led!("w.led_past"),
            " OR ",
            led!("w.led_to"),
            ") GROUP BY o.number) s), '')"
        ),
        "v.device",
    ),
)];

/// What visits have in common that could be asked: where they stand in the funnel, what became of asking, and what weights their
/// answers.
///
/// As text its parts are joined by `/`, in the order in which they stand here: `3/2/1/5/0/1/1/new/4,7,9/4:100a,7:100p,9:100s/desktop`, where `a` is
/// answered, `p` led past, and `s` silent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// What became of asking: 3 answered, 2 silent, 1 left unasked, 0 neither: an answer from a file was deleted.
    pub asked: i32,
    /// The funnel they were counted by.
    pub version: i32,
    /// Steps reached one after the other, in the end.
    pub step: i32,
    /// Bits of the steps that they took, in whatever order.
    pub mask: i64,
    /// 1 when the main goal was reached in any way.
    pub converted: i32,
    /// Those of the steps that they had taken, in whatever order, by the first decision whether to ask.
    pub reached: i64,
    /// Steps reached one after the other by then.
    pub place: i32,
    /// `new`, `returning` or `unknown`.
    pub visitor: String,
    /// Which sets of reasons the questions offer that they could be asked, by number, in order: a question that offers none adds none.
    pub could: Vec<i32>,
    /// Those of the questions that they answered, each with the chance, percent, with which they were asked it. Whoever an earlier answer
    /// led past a question has ruled its choices out: that is an answer.
    pub answered: Vec<(i32, i32)>,
    /// Those of these that they were led past, and never asked.
    pub past: Vec<i32>,
    /// Those to which the way of what they answered led, and that they left without an answer.
    pub silent: Vec<i32>,
    /// `desktop` or `touch`, as pages say: the last part, since one may say anything.
    pub device: String,
}

/// What the text of those who answered is like: of all rows few are of these.
pub const ANSWERED: &str = "3/%";

impl Kind {
    /// From its text; `None` of what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(11, '/');
        let mut kind = Self {
            asked: parts.next()?.parse().ok()?,
            version: parts.next()?.parse().ok()?,
            step: parts.next()?.parse().ok()?,
            mask: parts.next()?.parse().ok()?,
            converted: parts.next()?.parse().ok()?,
            reached: parts.next()?.parse().ok()?,
            place: parts.next()?.parse().ok()?,
            visitor: parts.next()?.to_owned(),
            could: each(parts.next()?, |number| number.parse().ok())?,
            ..Self::default()
        };
        for (number, chance, way) in each(parts.next()?, way_of)? {
            match way {
                "s" => kind.silent.push(number),
                _ => kind.answered.push((number, chance)),
            }
            if way == "p" {
                kind.past.push(number);
            }
        }
        parts.next()?.clone_into(&mut kind.device);
        Some(kind)
    }

    /// Whether they could be asked a question that offers one of these sets.
    pub fn could_be_asked(&self, sets: &BTreeSet<i32>) -> bool {
        self.could.iter().any(|set| sets.contains(set))
    }

    /// The chance, percent, with which they were asked what they answered of these sets; `None` when they answered nothing of them.
    pub fn chance(&self, sets: &BTreeSet<i32>) -> Option<i32> {
        let of_these = self.answered.iter().filter(|(set, _)| sets.contains(set));
        of_these.map(|(_, chance)| *chance).max()
    }

    /// Whether what they answered of these sets is that they were led past them.
    pub fn is_led_past(&self, sets: &BTreeSet<i32>) -> bool {
        let mut of_these = self.answered.iter().filter(|(set, _)| sets.contains(set));
        of_these.all(|(set, _)| self.past.contains(set))
    }

    /// Whether the way of what they answered led to one of these sets, and they answered none of them.
    pub fn is_silent(&self, sets: &BTreeSet<i32>) -> bool {
        self.chance(sets).is_none() && self.silent.iter().any(|set| sets.contains(set))
    }
}

/// `7:50a` as a number, a chance, and `a`, `p` or `s`.
fn way_of(text: &str) -> Option<(i32, i32, &str)> {
    let (number, rest) = text.split_once(':')?;
    let (chance, way) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let is_known = ["a", "p", "s"].contains(&way);
    Some((number.parse().ok()?, chance.parse().ok()?, way)).filter(|_| is_known)
}

/// What stands between commas; `None` when one is none.
fn each<'a, T>(text: &'a str, parse: impl FnMut(&'a str) -> Option<T>) -> Option<Vec<T>> {
    let parts = text.split(',').filter(|_| !text.is_empty());
    parts.map(parse).collect()
}

impl TryGetable for Kind {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        Self::parse(&text).ok_or_else(|| DbErr::Type(format!("no kind of visit: {text}")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_kind_gives_all_its_parts_back() {
        let kind = Kind {
            asked: 3,
            version: 2,
            step: 1,
            mask: i64::MIN,
            converted: 0,
            reached: 5,
            place: 4,
            visitor: "returning".into(),
            could: vec![4, 9, 17],
            answered: vec![(4, 50), (17, 100)],
            past: vec![17],
            silent: vec![9],
            device: "desktop".into(),
        };
        let said = "3/2/1/-9223372036854775808/0/5/4/returning/4,9,17/4:50a,9:50s,17:100p/";
        assert_eq!(Kind::parse(&format!("{said}desktop")), Some(kind.clone()));
        for device in ["", "smart/TV/", "a \"b\" ü"] {
            let device = device.to_owned();
            assert_eq!(
                Kind::parse(&format!("{said}{device}")),
                Some(Kind {
                    device,
                    ..kind.clone()
                })
            );
        }
        let none = Kind::parse("3/2/1/5/0/5/4/returning///desktop");
        let none = none.unwrap();
        assert_eq!((none.could.len(), none.answered.len()), (0, 0));
    }

    #[test]
    fn what_is_no_kind_is_none() {
        for text in [
            "",
            "desktop",
            "3/2/1/5/0/5/3/new/4/4:50a",
            "3/2/1/x/0/5/3/new/4/4:50a/touch",
            "3/2/1/5/0/5/3/new/4/4:50/touch",
            "3/2/1/5/0/5/3/new/4/4:50x/touch",
            "3/2/1/5/0/5/3/new/4/4:/touch",
            "3/2/1/5/0/5/3/new/4/4:50.5a/touch",
            "3/2//5/0/5/3/new/4/4:50a/touch",
            "3/2/1/5/0/5/3/new/4,/4:50a/touch",
            "3/2/1/5/0/5/3/new/4/4:50a,/touch",
            "3/2/1/5/0/5/3/new/4/4/touch",
            "3/2/1/5/0/5/3/new/4/desktop",
        ] {
            assert_eq!(Kind::parse(text), None, "{text}");
        }
    }

    #[test]
    fn of_several_questions_that_offer_a_reason_the_likeliest_counts() {
        let kind = Kind::parse("3/2/1/5/0/5/3/new/4,7,9/4:50a,7:60s,9:80p/touch").unwrap();
        let chance = |sets: &[i32]| kind.chance(&sets.iter().copied().collect());
        assert_eq!((chance(&[4]), chance(&[4, 7, 9])), (Some(50), Some(80)));
        assert_eq!(
            (chance(&[7]), chance(&[5]), chance(&[])),
            (None, None, None)
        );
        let led = |sets: &[i32]| {
            let sets = sets.iter().copied().collect();
            (kind.is_led_past(&sets), kind.is_silent(&sets))
        };
        assert_eq!((led(&[9]), led(&[4, 9])), ((true, false), (false, false)));
        assert!(led(&[7]).1 && !led(&[5]).1);
        let could = |sets: &[i32]| kind.could_be_asked(&sets.iter().copied().collect());
        assert!(could(&[7]) && could(&[1, 4]) && !could(&[5]) && !could(&[]));
    }
}
