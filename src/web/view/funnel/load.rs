//! How leaving goes with the time that pages took to load, in words. Pure.

use crate::{report::funnel::DropOff, web::view::number};

/// Says it where more of those with a slow page left than chance explains.
pub(super) fn load_words(drop: &DropOff) -> Option<String> {
    let loads = drop.loads?;
    let (more, range) = loads.more()?;
    Some(format!(
        "Of visits whose first page took over 2.5 s to load {} left here ({}), of the others {} ({}): {} ({}). It goes with leaving; it need not be why.",
        number::whole_percent(loads.slow),
        number::of(loads.slow),
        number::whole_percent(loads.others),
        number::of(loads.others),
        number::points_more(more),
        number::points_range(range),
    ))
}
