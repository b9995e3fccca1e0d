//! Where a visit came from. Pure.

use serde::{Deserialize, Serialize};

use crate::{goal::types::matches_pattern, text_enum};

text_enum!(
    /// What of a visit's source is compared.
    SourceKind {
        /// No other site, no campaign: typed, from a bookmark, or from an app that does not say.
        Direct = "direct", "came directly";
        /// The host of the page that led here; its subdomains too.
        Referrer = "referrer", "came from the site";
        /// `utm_source` of the first page.
        UtmSource = "utm_source", "have the campaign source";
        /// `utm_medium` of the first page.
        UtmMedium = "utm_medium", "have the campaign medium";
        /// `utm_campaign` of the first page.
        UtmCampaign = "utm_campaign", "have the campaign";
    }
);

/// A rule over the source of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRule {
    /// What is compared.
    pub kind: SourceKind,
    /// With what, whatever its case; `*` stands for any characters. Empty for direct visits.
    pub text: String,
}

/// Parameters of the first page's address with which a campaign names itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// `utm_source`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// `utm_medium`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub medium: String,
    /// `utm_campaign`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub campaign: String,
}

impl Campaign {
    /// The values, each with the parameter that it came from.
    pub fn parameters(&mut self) -> [(&'static str, &mut String); 3] {
        [
            ("utm_source", &mut self.source),
            ("utm_medium", &mut self.medium),
            ("utm_campaign", &mut self.campaign),
        ]
    }

    /// Reads the query of an address; `None` when it names no campaign.
    pub fn of_query(query: &str) -> Option<Self> {
        let mut campaign = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "utm_source" => campaign.source = value.into_owned(),
                "utm_medium" => campaign.medium = value.into_owned(),
                "utm_campaign" => campaign.campaign = value.into_owned(),
                _ => {}
            }
        }
        (campaign != Self::default()).then_some(campaign)
    }
}

impl SourceRule {
    /// Whether it holds for a visit from another site's `host` and of a campaign, if any.
    pub fn holds(&self, host: Option<&str>, campaign: Option<&Campaign>) -> bool {
        let wanted = self.text.to_lowercase();
        let is = |text: &str| !text.is_empty() && matches_pattern(&wanted, &text.to_lowercase());
        match self.kind {
            SourceKind::Direct => host.is_none() && campaign.is_none(),
            SourceKind::Referrer => host.is_some_and(|host| {
                let below = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
                is(host) || below.into_iter().any(is)
            }),
            SourceKind::UtmSource => campaign.is_some_and(|campaign| is(&campaign.source)),
            SourceKind::UtmMedium => campaign.is_some_and(|campaign| is(&campaign.medium)),
            SourceKind::UtmCampaign => campaign.is_some_and(|campaign| is(&campaign.campaign)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_is_told_from_the_others() {
        use SourceKind::{Direct, Referrer, UtmCampaign, UtmMedium, UtmSource};
        let query = "utm_source=News&utm_medium=email&utm_campaign=spring+sale&plan=pro";
        let cases = [
            (Direct, "", None, "", true),
            (Direct, "", Some("google.com"), "", false),
            (Direct, "", None, query, false),
            (Referrer, "google.com", Some("www.google.com"), "", true),
            (Referrer, "Google.com", Some("google.com"), "", true),
            (Referrer, "google.*", Some("www.google.co.uk"), "", true),
            (Referrer, "google.com", Some("mygoogle.com"), "", false),
            (Referrer, "google.com", None, "", false),
            (UtmSource, "news", None, query, true),
            (UtmSource, "news", None, "utm_source=", false),
            (UtmMedium, "*mail", None, query, true),
            (UtmMedium, "cpc", None, query, false),
            (UtmCampaign, "spring sale", None, query, true),
            (UtmCampaign, "*", None, "", false),
        ];
        for (kind, text, host, query, holds) in cases {
            let rule = SourceRule {
                kind,
                text: text.into(),
            };
            let campaign = Campaign::of_query(query);
            assert_eq!(
                rule.holds(host, campaign.as_ref()),
                holds,
                "{rule:?} from {host:?} with {query}"
            );
        }
    }
}
