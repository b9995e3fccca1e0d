//! Addresses of pages, as they are kept. Pure.

/// Stands for a part of an address that was an e-mail address.
const SOMEBODY: &str = "@";

/// Takes out what is about a person or says nothing: e-mail addresses in the path or the query, and what the widget left
/// between the parameters that it took out.
pub(super) fn tidy(address: &mut String) {
    tidy_query(address);
    // Most addresses have none: nothing is written anew.
    if address.contains('@') || address.contains("%40") {
        *address = address
            .split_inclusive(['/', '?', '&', '=', ';', ','])
            .map(without_email)
            .collect();
    }
}

fn tidy_query(address: &mut String) {
    let Some(at) = address.find('?') else {
        return;
    };
    let query = address.split_off(at);
    let query = query.trim_matches(['?', '&']);
    if !query.is_empty() {
        address.push('?');
        address.push_str(query);
    }
}

/// One part of an address, with the sign that ends it.
fn without_email(part: &str) -> String {
    let name = part.trim_end_matches(['/', '?', '&', '=', ';', ',']);
    let end = &part[name.len()..];
    // A handle such as `/@jane` stands for what somebody published under it.
    let is_email = name
        .replace("%40", "@")
        .split_once('@')
        .is_some_and(|(person, host)| !person.is_empty() && is_host(host));
    let kept = if is_email { SOMEBODY } else { name };
    format!("{kept}{end}")
}

/// Whether it ends as a name of the internet does, and not as the version of a package.
fn is_host(text: &str) -> bool {
    text.rsplit_once('.')
        .is_some_and(|(_, top)| top.len() > 1 && top.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_one_question_mark_and_no_empty_end() {
        for (sent, kept) in [
            ("/p?", "/p"),
            ("/p??utm_source=x&plan=pro", "/p?utm_source=x&plan=pro"),
            ("/p?&plan=pro", "/p?plan=pro"),
            ("/p&q?", "/p&q"),
            ("/p?plan=a?b", "/p?plan=a?b"),
            ("/p", "/p"),
        ] {
            let mut address = sent.to_owned();
            tidy(&mut address);
            assert_eq!(address, kept);
        }
    }

    #[test]
    fn nobodys_email_address_is_kept() {
        for (sent, kept) in [
            ("/u/jane@example.com/orders", "/u/@/orders"),
            ("/u/jane%40example.com", "/u/@"),
            (
                "/p?utm_content=jane@example.com&plan=pro",
                "/p?utm_content=@&plan=pro",
            ),
            (
                "https://shop.example/u/jane@example.com",
                "https://shop.example/u/@",
            ),
            ("/@jane", "/@jane"),
            ("/npm/@scope/name@2.10", "/npm/@scope/name@2.10"),
        ] {
            let mut address = sent.to_owned();
            tidy(&mut address);
            assert_eq!(address, kept);
        }
    }
}
