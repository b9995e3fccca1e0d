//! The cube: visits of a day that are alike, summed up. All of them, and again by what each dimension says of them.
//!
//! A visit is settled, that is put into the cube, when nothing was heard of it for as long as it may be continued; whatever changes
//! a settled visit takes it out first, in the same transaction. So visits that are in the cube and those that are not are always all.

/// What visits are broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// `desktop` or `touch`.
    Device,
    /// What the campaign says, the other site's host, or `direct`.
    Source,
    /// The campaign's name; empty for visits of none.
    Campaign,
    /// The language that the browser asks for first.
    Language,
    /// Two letters, when a proxy tells it; else empty.
    Country,
    /// `new`, `returning`, or `unknown` without consent.
    Visitor,
    /// The first page. Of too many values for the cube: it is read from the visits.
    Landing,
}

/// Under this number the cube holds all visits, not broken down.
pub const ALL: i32 = 0;
/// Under this one too, by signatures with the order of goals.
pub const BY_PATH: i32 = 7;

impl Dimension {
    /// All, in the order of the screen.
    pub const EVERY: [Self; 7] = [
        Self::Device,
        Self::Source,
        Self::Campaign,
        Self::Landing,
        Self::Language,
        Self::Country,
        Self::Visitor,
    ];

    /// Its number in the cube; `None` when it is not there.
    pub fn code(self) -> Option<i32> {
        match self {
            Self::Device => Some(1),
            Self::Source => Some(2),
            Self::Campaign => Some(3),
            Self::Language => Some(4),
            Self::Country => Some(5),
            Self::Visitor => Some(6),
            Self::Landing => None,
        }
    }

    /// As files call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Source => "source",
            Self::Campaign => "campaign",
            Self::Language => "language",
            Self::Country => "country",
            Self::Visitor => "visitor",
            Self::Landing => "landing",
        }
    }

    /// What it says of the visit `v`, in SQL.
    pub fn of_visit(self) -> &'static str {
        match self {
            Self::Device => "v.device",
            Self::Source => "v.source",
            Self::Campaign => "v.campaign_name",
            Self::Language => "v.language",
            Self::Country => "v.country",
            Self::Visitor => {
                "CASE WHEN v.visit_number IS NULL THEN 'unknown' WHEN v.visit_number = 1 THEN 'new' ELSE 'returning' END"
            }
            Self::Landing => "v.entry_path",
        }
    }
}
