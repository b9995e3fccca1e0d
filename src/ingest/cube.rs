//! The cube: visits of a day that are alike, summed up. All of them, and again by what each dimension says of them.
//!
//! A visit is settled, that is put into the cube, when nothing was heard of it for as long as it may be continued; whatever changes
//! a settled visit takes it out first, in the same transaction. So visits that are in the cube and those that are not are always all.

use crate::text_enum;

text_enum!(
    /// What visits are broken down by.
    Dimension {
        /// `desktop` or `touch`.
        Device = "device", "Device";
        /// What the campaign says, the other site's host, or `direct`.
        Source = "source", "Source";
        /// The campaign's name; empty for visits of none.
        Campaign = "campaign", "Campaign";
        /// The first page. Of too many values for the cube: it is read from the visits.
        Landing = "landing", "First page";
        /// The language that the browser asks for first.
        Language = "language", "Language";
        /// Two letters, when a proxy tells it; else empty.
        Country = "country", "Country";
        /// `new`, `returning`, or `unknown` without consent.
        Visitor = "visitor", "New or returning";
        /// Which variant of another tool's experiment the visit saw first, as `experiment: variation`; empty when none was told.
        Variant = "variant", "Variant";
        /// A [`LoadBand`]; empty when no page told how long it took.
        Load = "load", "Page load";
    }
);

text_enum!(
    /// How long the first page of a visit took to load that told it, by the steps of the Web Vitals and a quick one.
    LoadBand {
        /// At most a second.
        Quick = "up_to_1s", "Up to 1 s";
        /// At most two and a half.
        Good = "up_to_2.5s", "1 to 2.5 s";
        /// At most four.
        Slow = "up_to_4s", "2.5 to 4 s";
        /// Longer.
        VerySlow = "over_4s", "Over 4 s";
    }
);

impl LoadBand {
    /// Whether it took over two and a half seconds.
    pub fn is_slow(self) -> bool {
        self > Self::Good
    }
}

/// What [`Dimension::Visitor`] says of the visit `v`.
macro_rules! visitor {
    () => {
        "CASE WHEN v.visit_number IS NULL THEN 'unknown' WHEN v.visit_number = 1 THEN 'new' ELSE 'returning' END"
    };
}
pub(super) use visitor;

/// Under this number the cube holds all visits, not broken down.
pub const ALL: i32 = 0;
/// Under this one too, by signatures with the order of goals.
pub const BY_PATH: i32 = 7;

impl Dimension {
    /// Its number in the cube; `None` when it is not there.
    pub fn code(self) -> Option<i32> {
        match self {
            Self::Device => Some(1),
            Self::Source => Some(2),
            Self::Campaign => Some(3),
            Self::Language => Some(4),
            Self::Country => Some(5),
            Self::Visitor => Some(6),
            Self::Variant => Some(8),
            Self::Load => Some(9),
            Self::Landing => None,
        }
    }

    /// All that it can say of visits where it is known; `None` where they bring it themselves.
    pub fn values(self) -> Option<Vec<&'static str>> {
        match self {
            Self::Visitor => Some(vec!["new", "returning", "unknown"]),
            Self::Load => Some(LoadBand::ALL.iter().map(|band| band.as_str()).collect()),
            Self::Device
            | Self::Source
            | Self::Campaign
            | Self::Landing
            | Self::Language
            | Self::Country
            | Self::Variant => None,
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
            Self::Visitor => visitor!(),
            Self::Variant => "v.variant",
            Self::Load => {
                "CASE WHEN v.load_ms IS NULL THEN '' WHEN v.load_ms <= 1000 THEN 'up_to_1s' WHEN v.load_ms <= 2500 THEN 'up_to_2.5s'
                 WHEN v.load_ms <= 4000 THEN 'up_to_4s' ELSE 'over_4s' END"
            }
            Self::Landing => "v.entry_path",
        }
    }
}
