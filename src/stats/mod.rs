//! Statistics: pure formulas, tested against published figures. Nothing here reads, writes, asks for the time or knows the project.
//!
//! Shares are fractions of one, times are milliseconds, levels are the part of cases that an interval is meant to cover (0.95).
//! Every function is total: `None` where a figure is not defined, as of no visits at all.

mod amounts;
mod compare;
mod credit;
mod distribution;
mod many;
mod planner;
mod predictors;
mod rate;
mod residual;
mod risk_sets;
mod scores;
mod sequential;
#[cfg(test)]
mod simulate;
mod standard;
mod stratified;
mod weighting;

pub use self::{
    amounts::Amounts,
    compare::{Ratio, katz, p_value, ratio},
    credit::{Credit, split_credit},
    many::{benjamini_hochberg, benjamini_yekutieli, differences_from, shown_level},
    planner::{POWER, Plan, Schedule, answers_for, plan, schedule},
    predictors::{Followed, Standing, before_only, disagree, landmark, standing},
    rate::{ENOUGH, Interval, LEVEL, Rate, wilson_weighted},
    residual::{Residual, Share, residual},
    risk_sets::{Turnover, risk_sets, turnovers},
    scores::{Recommending, Score, ces, csat, mean_difference, nps, nps_difference},
    sequential::{
        Sequence, Split, TIGHT_AT, Verdict, confidence_sequence, ratio_sequence, split_chance,
        split_chance_at_any_look, verdict,
    },
    standard::{Change, split_change, standardised},
    stratified::{
        Homogeneity, Stratum, breslow_day, crude, e_value, e_value_of_limit, mantel_haenszel,
        turns_around,
    },
    weighting::{
        Cell, Raked, Representative, Row, WeightedShare, effective_answers, is_apart,
        post_stratify, rake, representativity, trim, weighted_share, worst_case,
    },
};
