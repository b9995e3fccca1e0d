//! The way of a visit through its goals, as one short text: each goal is a letter, in the order in which it was reached. Pure.
//!
//! An event that reaches several goals at once joins their letters with `+`. What only repeats the event before it is written once,
//! which changes no funnel whose steps differ; an event of several goals is written as often as it has goals, since each time it
//! may serve another step.

/// The letter of each bit.
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Joins the letters of one event.
const JOIN: char = '+';
/// Events kept of a visit; behind them only goals that were not reached before. No person comes to so many.
const MAX_EVENTS: usize = 32;

/// The events of a path in order, each as the bits that it reached.
pub fn events(path: &str) -> Vec<i64> {
    let mut events: Vec<i64> = vec![];
    let mut is_joined = false;
    for letter in path.chars() {
        if letter == JOIN {
            is_joined = true;
            continue;
        }
        let Some(bit) = LETTERS.iter().position(|it| char::from(*it) == letter) else {
            continue;
        };
        match events.last_mut().filter(|_| is_joined) {
            Some(last) => *last |= 1 << bit,
            None => events.push(1 << bit),
        }
        is_joined = false;
    }
    events
}

/// The same; `None` where there may have been more: of so many only goals that were new have been kept.
pub fn all_events(path: &str) -> Option<Vec<i64>> {
    Some(events(path)).filter(|events| events.len() < MAX_EVENTS)
}

/// Adds an event that reached these bits.
pub fn push(path: &mut String, bits: i64) {
    let before = events(path);
    let bits = match before.len() < MAX_EVENTS {
        true => bits,
        false => bits & !before.iter().fold(0, |all, event| all | event),
    };
    let often = usize::try_from(bits.count_ones()).unwrap_or_default();
    let is_repeat = before.len() >= often && before.iter().rev().take(often).all(|it| *it == bits);
    // Of no bits at all nothing is left either.
    if is_repeat {
        return;
    }
    let reached = LETTERS
        .iter()
        .enumerate()
        .filter(|(bit, _)| bits & 1 << bit != 0);
    for (nth, (_, letter)) in reached.enumerate() {
        if nth > 0 {
            path.push(JOIN);
        }
        path.push(char::from(*letter));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(events: &[i64]) -> String {
        let mut path = String::new();
        for bits in events {
            push(&mut path, *bits);
        }
        path
    }

    #[test]
    fn goals_stand_in_the_order_in_which_they_were_reached() {
        assert_eq!(path_of(&[0b100, 0b1, 0b1, 0b100, 0]), "202");
        assert_eq!(path_of(&[0b11, 0b11, 0b11, 0b1]), "0+10+10");
        assert_eq!(events("0+10+10"), [0b11, 0b11, 0b1]);
        assert_eq!(path_of(&[1 << 61, 1 << 36]), "za");
        assert_eq!(events("za"), [1 << 61, 1 << 36]);
    }

    #[test]
    fn a_path_does_not_grow_for_ever_and_loses_no_goal() {
        let swaying = [0b1, 0b10].repeat(100);
        let mut path = path_of(&swaying);
        assert_eq!(events(&path).len(), MAX_EVENTS);

        assert_eq!(all_events(&path), None, "there were two hundred");
        assert_eq!(all_events("02"), Some(vec![0b1, 0b100]));
        push(&mut path, 0b101);

        assert_eq!(events(&path).last(), Some(&0b100));
    }
}
