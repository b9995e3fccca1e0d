//! What the query string of the list asks for, and how the page says it: each filter a part that can be taken away.

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    answer::{
        filter::{AnswerFilter, AnswerState, Converted, Device},
        store::marks,
        tag::Tag,
        words::fold,
    },
    clock,
    error::{AppError, AppResult},
    ingest::cube::Dimension,
    prompt::{
        self,
        types::{AskAt, Prompt},
    },
    reason::{self, types::Reason},
    report::{
        funnel::drop_answers,
        overview::Choice,
        period::{Period, PeriodQuery},
        segment::Segment,
    },
    site::types::Site,
    types::SiteId,
    web::view::{chosen::told, dimension::value_words, when::days_long},
};

/// What has a field in the form.
const FIELDS: [&str; 12] = [
    "q",
    "words",
    "prompt",
    "reason",
    "tag",
    "starred",
    "converted",
    "moment",
    "device",
    "from",
    "to",
    "state",
];

/// Characters that are searched for at most.
const LONGEST_SEARCH: usize = 200;

/// What stands in the query string.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AnswersQuery {
    q: String,
    words: String,
    prompt: String,
    reason: String,
    tag: String,
    starred: String,
    days: String,
    from: String,
    to: String,
    converted: String,
    moment: String,
    device: String,
    state: String,
    step: String,
    automated: String,
    source: Option<String>,
    campaign: Option<String>,
    landing: Option<String>,
    language: Option<String>,
    country: Option<String>,
    visitor: Option<String>,
    variant: Option<String>,
    load: Option<String>,
    did: String,
    not: String,
    pub(super) before: String,
    pub(super) fragment: String,
}

impl AnswersQuery {
    /// By what the report was narrowed that led here. The device is a filter of the list itself.
    fn filters(&self) -> Vec<(Dimension, String)> {
        let set = [
            (Dimension::Source, &self.source),
            (Dimension::Campaign, &self.campaign),
            (Dimension::Landing, &self.landing),
            (Dimension::Language, &self.language),
            (Dimension::Country, &self.country),
            (Dimension::Visitor, &self.visitor),
            (Dimension::Variant, &self.variant),
            (Dimension::Load, &self.load),
        ];
        // PostgreSQL takes no NUL.
        let clean = |text: &String| text.replace('\0', "");
        let set = set.into_iter();
        set.filter_map(|(dimension, text)| Some((dimension, text.as_ref().map(clean)?)))
            .collect()
    }
}

/// What the site has to choose from.
pub(super) struct Names {
    pub(super) prompts: Vec<Prompt>,
    pub(super) reasons: Vec<Reason>,
    pub(super) tags: Vec<Tag>,
}

impl Names {
    pub(super) async fn load(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Self> {
        Ok(Self {
            prompts: prompt::store::list_prompts(db, site_id).await?,
            reasons: reason::store::list_reasons(db, site_id).await?,
            tags: marks::list_tags(db, site_id).await?,
        })
    }
}

/// One filter that is set.
pub(super) struct Part {
    /// As it is said.
    pub(super) words: String,
    pairs: Vec<(&'static str, String)>,
}

/// The list that was asked for.
#[derive(Default)]
pub(super) struct Search {
    pub(super) filter: AnswerFilter,
    /// What is set, in the order of the form.
    pub(super) parts: Vec<Part>,
    /// As it was written.
    pub(super) q: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl Search {
    /// Reads the query. What is not among the choices of the form is left out; days that are none are refused.
    pub(super) async fn parse(
        query: &AnswersQuery,
        db: &DatabaseTransaction,
        site: &Site,
        names: &Names,
    ) -> AppResult<Self> {
        let mut search = Self::default();
        search.by_words(query);
        search.by_names(query, names);
        search.by_days(query, db, site).await?;
        search.by_choices(query);
        if query.step.is_empty() {
            search.by_visits(query);
        }
        Ok(search)
    }

    fn add(&mut self, words: impl Into<String>, name: &'static str, value: impl ToString + Copy) {
        self.parts.push(Part {
            words: words.into(),
            pairs: vec![(name, value.to_string())],
        });
    }

    fn by_words(&mut self, query: &AnswersQuery) {
        // PostgreSQL takes no NUL.
        let q = query.q.chars().filter(|c| *c != '\0');
        let q: String = q.take(LONGEST_SEARCH).collect();
        self.filter.words = fold(&q);
        q.trim().clone_into(&mut self.q);
        if !self.filter.words.is_empty() {
            let words = self.q.clone();
            self.add(format!("Words “{words}”"), "q", words.as_str());
        }
        self.filter.is_worded = query.words == "1";
        if self.filter.is_worded {
            self.add("In their own words", "words", 1);
        }
    }

    fn by_names(&mut self, query: &AnswersQuery, names: &Names) {
        if let Ok(id) = query.prompt.parse() {
            self.filter.prompt_id = Some(id);
            let known = names.prompts.iter().find(|prompt| prompt.id == id);
            let name = known.map_or("not of this site", |prompt| &prompt.name);
            self.add(format!("Question: {name}"), "prompt", id);
        }
        if let Ok(id) = query.reason.parse() {
            self.filter.reason_id = Some(id);
            let known = names.reasons.iter().find(|reason| reason.id == id);
            let name = known.map_or("not of this site", |reason| &reason.name);
            self.add(format!("Reason: {name}"), "reason", id);
        }
        if let Ok(id) = query.tag.parse() {
            self.filter.tag_id = Some(id);
            let known = names.tags.iter().find(|tag| tag.id == id);
            let name = known.map_or("deleted", |tag| &tag.name);
            self.add(format!("Tag: {name}"), "tag", id);
        }
        self.filter.is_starred = query.starred == "1";
        if self.filter.is_starred {
            self.add("Starred", "starred", 1);
        }
    }

    fn by_choices(&mut self, query: &AnswersQuery) {
        if let Some(converted) = Converted::parse(&query.converted) {
            self.filter.converted = Some(converted);
            self.add(converted.label(), "converted", converted);
        }
        if let Some(moment) = AskAt::parse(&query.moment) {
            self.filter.asked_at = Some(moment);
            self.add(moment.label(), "moment", moment);
        }
        if let Some(device) = Device::parse(&query.device) {
            self.filter.device = Some(device);
            self.add(device.label(), "device", device);
        }
        if let Some(state) = AnswerState::parse(&query.state) {
            self.filter.state = Some(state);
            self.add(state.label(), "state", state);
        }
    }

    /// What the visit says; of a drop-off that is part of it.
    fn by_visits(&mut self, query: &AnswersQuery) {
        let choice = Choice {
            filters: query.filters(),
            ..Choice::default()
        };
        self.filter.visits = choice.conditions();
        for (dimension, value) in choice.filters {
            let words = value_words(dimension, &value);
            self.parts.push(Part {
                words: format!("{}: {words}", dimension.label()),
                pairs: vec![(dimension.as_str(), value)],
            });
        }
    }

    /// Days are those of the answers; of a drop-off those on which its visits began, as the funnel counts them.
    async fn by_days(
        &mut self,
        query: &AnswersQuery,
        db: &DatabaseTransaction,
        site: &Site,
    ) -> AppResult<()> {
        let is_dated = [&query.days, &query.from, &query.to]
            .iter()
            .any(|text| !text.trim().is_empty());
        if !is_dated && query.step.is_empty() {
            return Ok(());
        }
        let some = |text: &String| Some(text.clone());
        let asked = PeriodQuery {
            days: some(&query.days),
            from: some(&query.from),
            to: some(&query.to),
            automated: some(&query.automated),
        };
        let period = Period::parse(&asked, &site.time_zone, clock::now())?;
        (self.from, self.to) = (period.from.to_string(), period.to.to_string());
        let days = days_long(period.from, period.to, period.today);
        if !query.step.is_empty() {
            return self.by_step(query, db, site, &period, &days).await;
        }
        self.filter.given = Some(period.times(&site.time_zone));
        self.parts.push(Part {
            words: days,
            pairs: vec![("from", self.from.clone()), ("to", self.to.clone())],
        });
        Ok(())
    }

    async fn by_step(
        &mut self,
        query: &AnswersQuery,
        db: &DatabaseTransaction,
        site: &Site,
        period: &Period,
        days: &str,
    ) -> AppResult<()> {
        let step = query.step.parse().map_err(|_| AppError::NotFound("step"))?;
        let choice = Choice {
            by: None,
            filters: query.filters(),
            segment: Segment::load(db, site, (query.did.parse().ok(), query.not.parse().ok()))
                .await?,
        };
        let answers = drop_answers(db, site, step, period, &choice).await?;
        let mut place = match &answers.next {
            Some(next) if step == 0 => format!("Left before “{next}”"),
            Some(_) => format!("Left at “{}”", answers.here),
            None => format!("Came to “{}”", answers.here),
        };
        let mut pairs = vec![
            ("step", step.to_string()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
        ];
        if period.automated {
            pairs.push(("automated", "1".into()));
        }
        for (dimension, value) in choice.filters {
            let words = value_words(dimension, &value);
            place = format!("{place} · {}: {words}", dimension.label());
            pairs.push((dimension.as_str(), value));
        }
        for (name, words, deed) in told(&choice.segment) {
            place = format!("{place} · {words}");
            pairs.push((name, deed.id.to_string()));
        }
        self.filter.left_at = Some(answers.left_at);
        self.parts.push(Part {
            words: format!("{place} · {days}"),
            pairs,
        });
        Ok(())
    }

    /// The part of the query string that narrows the list, ready to be followed by more.
    pub(super) fn query(&self) -> String {
        written(self.parts.iter())
    }

    /// The same without one filter.
    pub(super) fn without(&self, index: &usize) -> String {
        let left = self.parts.iter().enumerate();
        written(left.filter(|(at, _)| at != index).map(|(_, part)| part))
    }

    /// Whether the filter of this name is set to this value.
    pub(super) fn is(&self, name: &str, value: impl ToString + Copy) -> bool {
        let value = value.to_string();
        let mut pairs = self.parts.iter().flat_map(|part| &part.pairs);
        pairs.any(|(set, to)| *set == name && *to == value)
    }

    /// What is set and has no field in the form.
    pub(super) fn beside(&self) -> impl Iterator<Item = &(&'static str, String)> {
        let set = self.parts.iter().flat_map(|part| &part.pairs);
        set.filter(|(name, _)| !FIELDS.contains(name))
    }

    /// Filters that are set besides the words.
    pub(super) fn folded(&self) -> usize {
        self.parts.len() - usize::from(!self.filter.words.is_empty())
    }
}

fn written<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parts.flat_map(|part| &part.pairs) {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() {
        query
    } else {
        format!("{query}&")
    }
}

/// Back in the list, as the query string said that led there.
pub(super) fn list_again(back: &str) -> String {
    let pairs = form_urlencoded::parse(back.as_bytes());
    let kept = pairs.filter(|(name, _)| name != "done" && name != "fragment");
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish()
}
