//! How figures are written: thousands separators, one decimal, an interval beside every rate. Pure.

use crate::{
    site::types::currency_exponent,
    stats::{ENOUGH, Interval, Rate, Ratio, WeightedShare},
};

/// Between a number and its unit, so that they stay on one line.
const GLUE: char = '\u{a0}';

/// `12,614`.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `21,000`: an estimate, rounded up to the two digits that it can bear.
pub fn about(n: i64) -> String {
    let digits = n.unsigned_abs().max(1).ilog10();
    let unit = 10_i64.pow(digits.saturating_sub(1));
    count(n.saturating_add(unit - 1) / unit * unit)
}

/// `1,204 of 3,152`.
pub fn of(rate: Rate) -> String {
    format!("{} of {}", count(rate.k), count(rate.n))
}

/// `1 visit`, `2 visits`.
pub fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{}{GLUE}{}", count(n), if n == 1 { one } else { many })
}

/// `25 more visits would bear a share with its range.`
pub fn not_enough(n: i64, one: &str, many: &str) -> String {
    format!(
        "{} more {} would bear a share with its range.",
        ENOUGH - n,
        if ENOUGH - n == 1 { one } else { many }
    )
}

/// `38.2 %`; never 0 when somebody did, never 100 when somebody did not; a dash of nothing.
pub fn percent(rate: Rate) -> String {
    share_text(rate, 1)
}

/// `38.2 %`; of few, `3 of 5`.
pub fn share(rate: Rate) -> String {
    if rate.is_enough() {
        percent(rate)
    } else {
        of(rate)
    }
}

/// `41 %`, for reasons: their intervals do not bear a decimal.
pub fn whole_percent(rate: Rate) -> String {
    share_text(rate, 0)
}

/// `41 % (35–48)`: a share of weighted answers with its interval.
pub fn weighted(share: &WeightedShare) -> String {
    format!(
        "{} ({})",
        weighted_percent(share),
        whole_interval(share.interval)
    )
}

/// `41 %`: a share of weighted answers.
pub fn weighted_percent(share: &WeightedShare) -> String {
    fraction_text(share.share, 0)
}

/// `38.2 %`: a fraction of one.
pub fn fraction(share: f64) -> String {
    fraction_text(share, 1)
}

fn share_text(rate: Rate, decimals: usize) -> String {
    rate.share()
        .map_or_else(|| "–".into(), |share| fraction_text(share, decimals))
}

fn fraction_text(share: f64, decimals: usize) -> String {
    let least = if decimals == 0 { 1.0 } else { 0.1 };
    let percent = share * 100.0;
    if share > 0.0 && percent < least / 2.0 {
        return format!("<{least}{GLUE}%");
    }
    if share < 1.0 && percent > 100.0 - least / 2.0 {
        return format!(">{:.decimals$}{GLUE}%", 100.0 - least);
    }
    if share == 1.0 {
        return format!("100{GLUE}%");
    }
    format!("{percent:.decimals$}{GLUE}%")
}

/// What chance alone allows, beside the rate: `±1.7` where both sides are alike, `(1.2 to 6.7)` where they are not.
pub fn spread(rate: Rate) -> String {
    let (Some(share), Some(interval)) = (rate.share(), rate.wilson()) else {
        return String::new();
    };
    let (below, above) = (
        (share - interval.low) * 100.0,
        (interval.high - share) * 100.0,
    );
    if (above - below).abs() <= (above + below) / 20.0 {
        return format!("±{:.1}", (above + below) / 2.0);
    }
    format!(
        "({:.1} to {:.1})",
        interval.low * 100.0,
        interval.high * 100.0
    )
}

/// `35–48`: the interval of a whole percentage.
pub fn whole_range(rate: Rate) -> String {
    rate.wilson().map(whole_interval).unwrap_or_default()
}

/// `35–48`.
pub fn whole_interval(interval: Interval) -> String {
    format!("{:.0}–{:.0}", interval.low * 100.0, interval.high * 100.0)
}

/// `7.3 to 13.2 %`.
pub fn range(rate: Rate) -> String {
    rate.wilson()
        .map(|interval| {
            format!(
                "{:.1} to {:.1}{GLUE}%",
                interval.low * 100.0,
                interval.high * 100.0
            )
        })
        .unwrap_or_default()
}

/// `1.2 points more` or `fewer`, for a difference of shares.
pub fn points_more(difference: f64) -> String {
    let word = if difference < 0.0 { "fewer" } else { "more" };
    format!("{:.1} points {word}", difference.abs() * 100.0)
}

/// `0.5 to 1.9`, in points; with as many decimals as tell an end that is not nought from nought, three at most.
pub fn points_range(interval: Interval) -> String {
    let ends = [interval.low, interval.high].map(|end| end * 100.0);
    let is_told = |places: &usize| {
        let least = 0.5 / 10_f64.powi(i32::try_from(*places).unwrap_or(1));
        ends.iter().all(|end| *end == 0.0 || end.abs() >= least)
    };
    let places = (1..3).find(is_told).unwrap_or(3);
    let [low, high] = ends.map(|end| decimals(end, places));
    format!("{low} to {high}")
}

/// `−1.2`: with so many decimals; what rounds to nothing has no sign.
pub fn decimals(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let is_nothing = text.chars().all(|c| matches!(c, '0' | '.'));
    if value < 0.0 && !is_nothing {
        format!("−{text}")
    } else {
        text
    }
}

/// `+20`, `−5`, `0`: a score that can lie on either side of nothing.
pub fn signed(score: f64) -> String {
    let text = decimals(score, 0);
    if score >= 0.5 {
        format!("+{text}")
    } else {
        text
    }
}

/// `0.52 times (0.41 to 0.65)`.
pub fn times(ratio: Ratio) -> String {
    let Interval { low, high } = ratio.interval;
    match (ratio.value.is_finite(), high.is_finite()) {
        (true, true) => format!("{:.2} times ({low:.2} to {high:.2})", ratio.value),
        (true, false) => format!("{:.2} times ({low:.2} or more)", ratio.value),
        (false, _) => format!("{low:.2} times or more"),
    }
}

/// `€4,900`: an estimate in minor units, rounded to the two digits that it can bear; `<€1`.
pub fn money_estimate(minor: f64, currency: &str) -> String {
    let whole = minor / 10_f64.powf(f64::from(currency_exponent(currency)));
    if whole < 1.0 {
        return format!("<{}", money_text("1", currency));
    }
    money_text(&estimate(whole), currency)
}

/// `4,900`: an estimate, rounded to the two digits that it can bear; `<1`.
pub fn estimate(number: f64) -> String {
    if number < 1.0 {
        return "<1".into();
    }
    let unit = 10_f64.powf((number.log10().floor() - 1.0).max(0.0));
    count(((number / unit).round() * unit) as i64)
}

/// `€2.10`: an amount in minor units, exactly.
pub fn money(minor: i64, currency: &str) -> String {
    let exponent = currency_exponent(currency);
    let unit = 10_i64.pow(exponent);
    let whole = count(minor / unit);
    let rest = (minor % unit).abs();
    let digits = exponent as usize;
    match rest {
        0 => money_text(&whole, currency),
        rest => money_text(&format!("{whole}.{rest:0digits$}"), currency),
    }
}

fn money_text(amount: &str, currency: &str) -> String {
    match currency {
        "EUR" => format!("€{amount}"),
        "USD" => format!("${amount}"),
        "GBP" => format!("£{amount}"),
        "JPY" => format!("¥{amount}"),
        other => format!("{other}{GLUE}{amount}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(GLUE, " ")
    }

    #[test]
    fn counts_have_thousands_separators() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_614, "12,614"),
            (1_234_567, "1,234,567"),
            (-1_000, "−1,000"),
        ];
        for (n, text) in cases {
            assert_eq!(count(n), text);
        }
        assert_eq!(of(Rate::new(1_204, 3_152)), "1,204 of 3,152");
        for (n, text) in [
            (0, "0"),
            (7, "7"),
            (42, "42"),
            (101, "110"),
            (20_043, "21,000"),
        ] {
            assert_eq!(about(n), text);
        }
        assert_eq!(plain(&counted(1, "visit", "visits")), "1 visit");
    }

    #[test]
    fn shares_never_round_to_nothing_or_all() {
        let cases = [
            (1_204, 3_152, "38.2 %"),
            (0, 10, "0.0 %"),
            (1, 10_000, "<0.1 %"),
            (9_999, 10_000, ">99.9 %"),
            (10, 10, "100 %"),
            (0, 0, "–"),
        ];
        for (k, n, text) in cases {
            assert_eq!(plain(&percent(Rate::new(k, n))), text, "{k} of {n}");
        }
        assert_eq!(plain(&whole_percent(Rate::new(88, 214))), "41 %");
        assert_eq!(plain(&whole_percent(Rate::new(1, 1_000))), "<1 %");
        assert_eq!(plain(&whole_percent(Rate::new(999, 1_000))), ">99 %");
    }

    #[test]
    fn intervals_stand_beside_rates() {
        assert_eq!(spread(Rate::new(1_204, 3_152)), "±1.7");
        assert_eq!(spread(Rate::new(1, 29)), "(0.6 to 17.2)");
        assert_eq!(whole_range(Rate::new(88, 214)), "35–48");
        assert_eq!(plain(&range(Rate::new(15, 148))), "6.2 to 16.0 %");
        assert_eq!(
            points_range(Interval {
                low: -0.0001,
                high: 0.019
            }),
            "−0.01 to 1.90"
        );
        assert_eq!(points_more(-0.012), "1.2 points fewer");
        let range = |low, high| points_range(Interval { low, high });
        assert_eq!(
            range(0.000_3, 0.056),
            "0.03 to 5.60",
            "it leaves out nought"
        );
        assert_eq!(range(0.0, 0.056), "0.0 to 5.6");
    }

    #[test]
    fn money_is_written_to_the_last_digit() {
        let cases = [
            (210, "EUR", "€2.10"),
            (205, "USD", "$2.05"),
            (491_200, "GBP", "£4,912"),
            (4_912, "JPY", "¥4,912"),
            (1_234_567, "CHF", "CHF 12,345.67"),
        ];
        for (minor, currency, text) in cases {
            assert_eq!(plain(&money(minor, currency)), text);
        }
    }

    #[test]
    fn money_is_rounded_to_what_it_can_bear() {
        let cases = [
            (491_234.0, "EUR", "€4,900"),
            (1_234.0, "USD", "$12"),
            (550.0, "GBP", "£6"),
            (30.0, "EUR", "<€1"),
            (491_234.0, "JPY", "¥490,000"),
            (491_234.0, "CHF", "CHF 4,900"),
        ];
        for (minor, currency, text) in cases {
            assert_eq!(plain(&money_estimate(minor, currency)), text);
        }
    }
}
