//! Cards of several questions: which of them counts as answered.

use exitpoll::{
    prompt::types::{Jump, JumpWhen, Question},
    types::ReasonId,
};

use super::{
    offered::{answers, choices, load, nps, publish, reason},
    world::World,
};
use crate::support::app::TestApp;

#[actix_web::test]
async fn of_a_card_the_question_counts_that_was_answered() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let questions = vec![nps("q1"), choices("q2", &[("c1", world.phone)])];
    let both = publish(&app, &world, questions).await;
    answers(&mut world, (40, "desktop", 2), both, &[]);
    let phone = ("c1", world.phone);
    for n in 0..30 {
        answers(&mut world, (1, "desktop", 2), both, &[]);
        let mut second = world.answers.last().unwrap().clone();
        second.question_id = "q2".into();
        world.answers.push(second.clone());
        if n < 15 {
            answers(&mut world, (1, "desktop", 2), both, &[phone]);
            world.answers.last_mut().unwrap().question_id = "q2".into();
            world.choices.last_mut().unwrap().question_id = "q2".into();
        }
    }
    world.insert_settled(&app).await;

    let reasons = load(&app, &world).await.drops[2].reasons.clone();

    assert_eq!((reasons[0].rate.k, reasons[0].rate.n), (15, 45));
}

/// A question why, of which only those who will not tell others are asked what more there is to say.
fn with_a_way_past(world: &World, more: ReasonId) -> Vec<Question> {
    let mut first = choices("q1", &[("c1", world.phone), ("c2", world.looking)]);
    first.jumps = vec![Jump {
        when: JumpWhen::Is,
        value: "c2".into(),
        to: String::new(),
    }];
    vec![first, choices("q2", &[("c1", more)])]
}

#[actix_web::test]
async fn whoever_was_led_past_a_question_named_none_of_its_reasons() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Shop").await;
    let more = reason(&app, &world, "Fear of calls").await;
    let both = with_a_way_past(&world, more);
    let both = publish(&app, &world, both).await;
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    // Three of four are just looking, and are asked nothing more.
    answers(&mut world, (60, "desktop", 2), both, &[looking]);
    for answer in &mut world.answers {
        answer.led_past = Some(",q2,".into());
    }
    for _ in 0..20 {
        answers(&mut world, (1, "desktop", 2), both, &[phone]);
        let mut second = world.answers.last().unwrap().clone();
        second.question_id = "q2".into();
        let mut choice = world.choices.last().unwrap().clone();
        (choice.question_id, choice.reason_id) = ("q2".into(), Some(more));
        world.answers.push(second);
        world.choices.push(choice);
    }
    // As many came to the second question, and went away.
    answers(&mut world, (20, "desktop", 2), both, &[phone]);
    for answer in world.answers.iter_mut().rev().take(20) {
        (answer.is_complete, answer.led_to) = (false, Some(",q2,".into()));
    }
    world.insert_settled(&app).await;

    let report = load(&app, &world).await;

    let reasons = report.drops[2].reasons.iter();
    let told: Vec<_> = reasons
        .map(|it| (it.name.as_str(), it.rate.k, it.rate.n))
        .collect();
    assert_eq!(
        told,
        [
            ("Just looking", 60, 100),
            ("Phone number", 40, 100),
            ("Fear of calls", 20, 80)
        ]
    );
    let of_all = &report.drops[2].reasons[2];
    // Of the hundred 40 came to it, and all of them who answered it name it.
    assert!((of_all.corrected.unwrap().share - 0.4).abs() < 1e-9);
    assert_eq!(of_all.could, 100);
}
