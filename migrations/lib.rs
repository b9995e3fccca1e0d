//! The schema, one change a file, in the order in which they are applied.
//!
//! Both engines are served by the schema builder; what only one of them needs is raw SQL behind a look at the backend.
//! Migrations never import entities: an old migration must keep meaning what it meant.

use sea_orm_migration::prelude::*;

mod m20261120_000001_create_schema;
mod m20261121_000001_group_design;
mod m20261121_000010_known_visitors;
mod m20261121_000011_dismiss_suggestions;
mod m20261121_000020_add_webhooks;
mod m20261121_000030_describe_versions;
mod m20261121_000040_page_settings;
mod m20261121_000041_answer_values;
mod m20261121_000060_keep_sources;
mod m20261121_000070_count_fairly;
mod m20261121_000090_merge_reasons;
mod m20261121_000100_never_ask;
mod m20261121_000110_judge_exits;
mod m20261121_000120_add_themes;
mod m20261121_000120_order_prompts;
mod m20261121_000130_hidden_fields;
mod m20261121_000130_speak_languages;
mod m20261122_000010_note_states;
mod m20261122_000030_answer_inbox;
mod m20261122_000070_recount;
mod m20261122_000071_signature_cube;
mod m20261122_000110_key_goals;
mod m20261122_000111_goal_stages;
mod m20261122_000112_goal_serves;
mod m20261122_000120_keep_events;
mod m20261122_000130_analyze_sooner;
mod m20261122_000140_measure_fields;
mod m20261122_000200_sum_days;
mod m20261122_000210_more_sums;
mod m20261122_000220_mark_imports;
mod m20261122_000230_note_harm;
mod m20261122_000231_plan_goals;
mod m20261122_000240_sum_stays;
mod m20261122_000241_index_buyers;
mod m20261123_000300_pack_days;
mod m20261123_000400_tell_variants;
mod m20261123_000500_pack_sums;
mod m20261123_000510_join_kinds;
mod m20261123_000520_goal_worth;
mod m20261123_000640_tell_loads;
mod m20261123_000650_tell_offers;
mod m20261123_000710_mark_no_loss;
mod m20261123_000720_version_answers;
mod m20261123_000900_tell_could;
mod m20261123_001000_tell_ways;
mod m20261123_001010_sum_cards;

/// Applies the migrations in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_create_schema::Migration),
            Box::new(m20261121_000001_group_design::Migration),
            Box::new(m20261121_000010_known_visitors::Migration),
            Box::new(m20261121_000011_dismiss_suggestions::Migration),
            Box::new(m20261121_000020_add_webhooks::Migration),
            Box::new(m20261121_000030_describe_versions::Migration),
            Box::new(m20261121_000040_page_settings::Migration),
            Box::new(m20261121_000041_answer_values::Migration),
            Box::new(m20261121_000060_keep_sources::Migration),
            Box::new(m20261121_000070_count_fairly::Migration),
            Box::new(m20261121_000090_merge_reasons::Migration),
            Box::new(m20261121_000100_never_ask::Migration),
            Box::new(m20261121_000110_judge_exits::Migration),
            Box::new(m20261121_000120_add_themes::Migration),
            Box::new(m20261121_000120_order_prompts::Migration),
            Box::new(m20261121_000130_speak_languages::Migration),
            Box::new(m20261121_000130_hidden_fields::Migration),
            Box::new(m20261122_000010_note_states::Migration),
            Box::new(m20261122_000030_answer_inbox::Migration),
            Box::new(m20261122_000070_recount::Migration),
            Box::new(m20261122_000071_signature_cube::Migration),
            Box::new(m20261122_000110_key_goals::Migration),
            Box::new(m20261122_000111_goal_stages::Migration),
            Box::new(m20261122_000112_goal_serves::Migration),
            Box::new(m20261122_000120_keep_events::Migration),
            Box::new(m20261122_000130_analyze_sooner::Migration),
            Box::new(m20261122_000140_measure_fields::Migration),
            Box::new(m20261122_000200_sum_days::Migration),
            Box::new(m20261122_000210_more_sums::Migration),
            Box::new(m20261122_000220_mark_imports::Migration),
            Box::new(m20261122_000230_note_harm::Migration),
            Box::new(m20261122_000231_plan_goals::Migration),
            Box::new(m20261122_000240_sum_stays::Migration),
            Box::new(m20261122_000241_index_buyers::Migration),
            Box::new(m20261123_000300_pack_days::Migration),
            Box::new(m20261123_000400_tell_variants::Migration),
            Box::new(m20261123_000500_pack_sums::Migration),
            Box::new(m20261123_000510_join_kinds::Migration),
            Box::new(m20261123_000520_goal_worth::Migration),
            Box::new(m20261123_000640_tell_loads::Migration),
            Box::new(m20261123_000650_tell_offers::Migration),
            Box::new(m20261123_000710_mark_no_loss::Migration),
            Box::new(m20261123_000720_version_answers::Migration),
            Box::new(m20261123_000900_tell_could::Migration),
            Box::new(m20261123_001000_tell_ways::Migration),
            Box::new(m20261123_001010_sum_cards::Migration),
        ]
    }
}
