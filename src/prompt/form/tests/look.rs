//! As what it is shown, and how it looks: what the editor takes and gives back.

use super::*;
use crate::{
    prompt::types::{Look, Place, ShownAs, Side},
    site::theme::Theme,
};

fn read_look(changes: &[(&str, &str)]) -> Result<Look, FieldErrors> {
    read(&filled(changes), &[]).map(|design| design.look)
}

#[test]
fn a_tab_needs_words_and_no_moment() {
    let tab = [
        ("shown_as", "tab"),
        ("tab_label", " Tell us "),
        ("tab_side", "left"),
        ("place", "top_left"),
        ("ask_at", ""),
        ("within_minutes", "soon"),
    ];
    let look = read_look(&tab).unwrap();
    let expected = Look {
        shown_as: ShownAs::Tab,
        label: "Tell us".into(),
        side: Side::Left,
        place: Place::TopLeft,
        ..Look::default()
    };
    assert_eq!(look, expected);

    let errors = read_look(&[("shown_as", "tab"), ("tab_label", "")]).unwrap_err();
    assert_eq!(errors.0[0].field, "tab_label");
    assert!(
        read_look(&[("ask_at", "")]).is_err(),
        "a card needs a moment"
    );
}

#[test]
fn each_selector_belongs_to_its_way() {
    let both = [("inline_selector", "#vote"), ("button_selector", ".say")];
    let of = |way: &str| {
        let mut changes = both.to_vec();
        changes.push(("shown_as", way));
        read_look(&changes).unwrap().selector
    };
    assert_eq!(
        (of("inline"), of("button"), of("card")),
        ("#vote".into(), ".say".into(), String::new())
    );

    for (way, selector, is_right) in [
        ("inline", "", false),
        ("button", "", true),
        ("inline", "a{}", false),
        ("button", "<b>", false),
    ] {
        let field = format!("{way}_selector");
        let read = read_look(&[("shown_as", way), (&field, selector)]);
        assert_eq!(read.is_ok(), is_right, "{way} {selector:?}");
        assert!(read.err().is_none_or(|errors| errors.of(&field).is_some()));
    }
}

#[test]
fn a_look_of_its_own_is_checked_and_reads_back() {
    let mut form = filled(&[("has_theme", "on")]);
    form.look.theme = crate::site::theme::form::ThemeForm::of(&Theme {
        radius: 3,
        ..Theme::default()
    });
    let look = read(&form, &[]).unwrap().look;
    assert_eq!(look.theme.as_ref().map(|theme| theme.radius), Some(3));
    assert_eq!(LookForm::of(&look).theme, form.look.theme);

    form.look.take("theme_light_text", "#cccccc");
    let errors = read(&form, &[]).unwrap_err();
    assert!(errors.of("theme_light_text").is_some());
    form.look.has_theme = false;
    assert!(
        read(&form, &[]).is_ok(),
        "what is not wanted is not looked at"
    );
}
