//! How far visits came where steps count only within a time of the first one.
//!
//! It is told from when goals were first reached, where these times decide: they stand in the order of the steps, and the first step was
//! reached once, or all came in time. Of the other visits the events are folded once more, which takes its time. Where these are gone, or
//! too many, or tell something else than what was counted, it is not known.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DatabaseTransaction, FromQueryResult, QueryFilter};

use super::{
    counting::{Came, Counting},
    counts::{Counted, Counts},
    queries::{Scope, rows},
};
use crate::{
    db::entity::{OfSite, batch},
    error::AppResult,
    goal::{self, path, types::Definitions},
    ingest::{
        cube::Dimension,
        fold::{Rules, StoredBatch, fold_timed},
        store,
    },
    types::{Millis, SiteId, VisitId},
};

/// Visits whose events are read at once.
const AT_ONCE: usize = 50;
/// Visits whose events are read at all, in a report: some seconds' worth.
const MOST: usize = 10_000;

/// Visits that are alike, of which it is told, or one whose events decide.
#[derive(Debug, FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    counted: Counted,
    /// The visit whose events decide.
    id: Option<VisitId>,
    /// The how-manieth of its visitor's.
    visit_number: Option<i32>,
}

/// Adds those that came to a second step, in whatever time.
pub(super) async fn add_others(
    counts: &mut Counts,
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    counting: &Counting,
    (by, open_after): (Option<Dimension>, Millis),
) -> AppResult<()> {
    let definitions = goal::store::load_definitions(db, scope.site_id).await?;
    let sql = Sql {
        counting,
        definitions: &definitions,
    };
    let values = vec![
        scope.site_id.into(),
        scope.first.into(),
        scope.last.into(),
        open_after.into(),
    ];
    let (only, values) = scope.narrowed(values);
    let value = by.map_or("CAST('' AS TEXT)", Dimension::of_visit);
    let sql = sql.whole(value, &only, &scope.is_present());
    let found: Vec<Found> = rows(db, &sql, values).await?;
    let (mut open, told): (Vec<Found>, _) = found.into_iter().partition(|it| it.id.is_some());
    for it in told {
        counts.count(&it.counted, Came::To(it.counted.alike.step), counting);
    }
    // The newest first: their ids rise with time.
    open.sort_unstable_by_key(|it| std::cmp::Reverse(it.id));
    for (nth, portion) in open.chunks(AT_ONCE).enumerate() {
        let ids = portion.iter().filter_map(|it| it.id);
        let journals = match nth * AT_ONCE < MOST {
            true => journals(db, scope.site_id, ids.collect()).await?,
            false => HashMap::new(),
        };
        for it in portion {
            let batches = it.id.and_then(|id| journals.get(&id));
            let batches = batches.map(Vec::as_slice).unwrap_or_default();
            let came = it.reached(counting, &definitions, batches);
            counts.count(&it.counted, came, counting);
        }
    }
    Ok(())
}

async fn journals(
    db: &DatabaseTransaction,
    site: SiteId,
    visits: Vec<VisitId>,
) -> AppResult<HashMap<VisitId, Vec<StoredBatch>>> {
    let visits = store::list_refoldable(db, site, visits).await?;
    let rows = batch::Entity::of_site(site).filter(batch::Column::VisitId.is_in(visits));
    let mut journals: HashMap<VisitId, Vec<StoredBatch>> = HashMap::new();
    for row in rows.all(db).await? {
        let batch = StoredBatch {
            view_id: row.view_id,
            first_seq: row.first_seq,
            view_started_at: row.view_started_at,
            events: serde_json::from_str(&row.body).unwrap_or_default(),
        };
        journals.entry(row.visit_id).or_default().push(batch);
    }
    Ok(journals)
}

impl Found {
    /// How far the visit came, by its events.
    fn reached(
        &self,
        counting: &Counting,
        definitions: &Definitions,
        batches: &[StoredBatch],
    ) -> Came {
        let alike = &self.counted.alike;
        let events = alike.path.as_deref().and_then(path::all_events);
        let in_any_time = counting.reached(alike.step, alike.mask, events.as_deref());
        // What came between can leave nothing that a time decides about; who is left out for it, time decides.
        if matches!(in_any_time, Came::To(step) if step < 2) {
            return in_any_time;
        }
        let rules = Rules {
            definitions,
            // What goals are worth is not asked for.
            currency: "",
        };
        let (facts, events) = fold_timed(rules, self.visit_number, batches);
        let is_whole =
            facts.funnel_step == alike.step && facts.mask_all & counting.mask() == alike.mask;
        match counting.within().filter(|_| is_whole) {
            Some(window) => counting.reached_within(window, &events),
            None => Came::Unknown,
        }
    }
}

/// The statement.
struct Sql<'a> {
    counting: &'a Counting,
    definitions: &'a Definitions,
}

impl Sql<'_> {
    /// Reads what was found of visits `v` that meet these conditions, parted by what `value` says of them; `$4` is the time after
    /// which visits that were active may still move on.
    fn whole(&self, value: &str, only: &str, is_present: &str) -> String {
        let window = self.counting.within().unwrap_or_default();
        let place = |next: usize| format!("t{} < t{next}", next - 1);
        let in_time = |next: usize| format!("t{next} - t1 <= {window}");
        format!(
            "WITH timed AS (
               SELECT v.id, v.day, {value} AS value, v.is_automated, v.funnel_version AS version, v.funnel_step AS step,
                 v.mask_all & {mask} AS mask, CASE WHEN v.path <> '' THEN v.path END AS path, v.visit_number, v.macro_at,
                 CASE WHEN v.closed_at IS NULL AND v.last_at > $4 THEN 1 END AS open{times}
               FROM visits v LEFT JOIN visit_goals g ON g.site_id = v.site_id AND g.visit_id = v.id
               WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0 AND v.funnel_step > 1{only}
               GROUP BY v.site_id, v.id
             ), placed AS (
               SELECT timed.*, {ordered} AS ordered, {in_time} AS in_time FROM timed
             ), parted AS (
               SELECT placed.*, CASE WHEN {is_counted} AND NOT ({is_told}) THEN 1 ELSE 0 END AS is_open FROM placed
             )
             SELECT {is_present} AS present, s.value, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.version,
               CASE WHEN s.is_open = 1 OR s.in_time > s.step THEN s.step ELSE s.in_time END AS step, s.mask,
               CASE s.is_open WHEN 1 THEN s.path END AS path, CASE s.is_open WHEN 1 THEN s.id END AS id,
               CASE s.is_open WHEN 1 THEN s.visit_number END AS visit_number,
               COUNT(*) AS visits, COUNT(s.macro_at) AS conversions, COUNT(s.open) AS open
             FROM parted s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
            mask = self.counting.mask(),
            times = self.times(),
            ordered = self.leading(place),
            in_time = self.leading(in_time),
            is_counted = self.is_counted(),
            is_told = self.is_told(),
        )
    }

    /// When each step was first reached, and how often the first one.
    fn times(&self) -> String {
        let steps = self.counting.steps();
        let often = steps.first();
        let often = often.map(|bit| format!(", MAX(CASE g.bit WHEN {bit} THEN g.n END) AS begun"));
        let time = |(bit, place): (&u8, usize)| {
            format!(", MIN(CASE g.bit WHEN {bit} THEN g.first_at END) AS t{place}")
        };
        often
            .into_iter()
            .chain(steps.iter().zip(1..).map(time))
            .collect()
    }

    /// The last step up to which this holds of each from the second one on.
    fn leading(&self, holds: impl Fn(usize) -> String) -> String {
        let steps = self.counting.steps().len();
        (1..steps).rev().fold(steps.to_string(), |further, place| {
            format!(
                "CASE WHEN {} THEN {further} ELSE {place} END",
                holds(place + 1)
            )
        })
    }

    /// Whether visits of their version were counted as this counts; of the others it need not be known.
    fn is_counted(&self) -> String {
        let funnels = &self.definitions.funnels;
        let is_alike = |it: &&_| {
            let newest = funnels.last();
            newest.is_some_and(|newest| self.counting.is_counted_alike(it, newest))
        };
        let versions = funnels.iter().filter(is_alike);
        let versions: Vec<String> = versions
            .map(|it| format!("version = {}", it.version))
            .collect();
        match versions.as_slice() {
            [] => "1 = 0".into(),
            versions => format!("({})", versions.join(" OR ")),
        }
    }

    /// Whether the first times decide: also where nothing can have come between the steps that were reached in time.
    fn is_told(&self) -> String {
        let excluded = self.counting.excluded();
        let free_step = self.counting.free_step();
        let free = excluded.map(|bit| {
            let never = format!("mask & {} = 0", 1_i64 << bit);
            format!(" AND ({never} OR step <= {free_step} OR in_time <= {free_step})")
        });
        format!(
            "ordered >= step AND (begun = 1 OR in_time >= step){}",
            free.unwrap_or_default()
        )
    }
}
