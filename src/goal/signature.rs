//! What visits that are alike in all that is counted have in common. Pure.

use super::path;
use crate::secret;

/// Whether a visit came to the moment from which on it is asked who converts: 30 s of attention, or its second page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Landmark {
    /// It ended before.
    #[default]
    NotReached,
    /// It did, and had not converted.
    Open,
    /// It had converted by then.
    Over,
}

impl Landmark {
    /// The stored number.
    pub fn code(self) -> i32 {
        match self {
            Self::NotReached => 0,
            Self::Open => 1,
            Self::Over => 2,
        }
    }

    /// Reads the stored number.
    pub fn of_code(code: i32) -> Self {
        match code {
            1 => Self::Open,
            2 => Self::Over,
            _ => Self::NotReached,
        }
    }
}

/// What visits that are alike in all that is counted have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signature {
    /// Version of the definitions that they were counted by.
    pub version: i32,
    /// Bits of the goals reached.
    pub mask_all: i64,
    /// Those reached before the primary macro.
    pub mask_before: i64,
    /// Those reached by the landmark.
    pub mask_landmark: i64,
    /// Whether they came to the landmark.
    pub landmark: Landmark,
    /// Steps of the site's funnel reached in order.
    pub funnel_step: i32,
    /// The order in which goals were reached, as [`path`] writes it; `None` where it was not asked for, or is not known.
    pub path: Option<String>,
}

impl Signature {
    /// The number under which it is stored: the same for the same signature, so that nobody has to look whether it is there.
    pub fn id(&self) -> i64 {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend(self.version.to_le_bytes());
        for mask in [self.mask_all, self.mask_before, self.mask_landmark] {
            bytes.extend(mask.to_le_bytes());
        }
        bytes.extend(self.landmark.code().to_le_bytes());
        bytes.extend(self.funnel_step.to_le_bytes());
        if let Some(path) = &self.path {
            bytes.push(b'>');
            bytes.extend(path.as_bytes());
        }
        secret::short_hash(&bytes)
    }

    /// The same with the order, unless it was never noted: in visits from before it was kept, whose events are gone.
    pub fn with_path(&self, path: &str) -> Self {
        let is_known = self.mask_all == 0 || !path.is_empty();
        Self {
            path: is_known.then(|| path.to_owned()),
            ..self.clone()
        }
    }

    /// The events in order, each as the bits that it reached; `None` where the order is not known.
    pub fn events(&self) -> Option<Vec<i64>> {
        self.path.as_deref().map(path::events)
    }
}
