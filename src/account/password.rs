//! Passwords: what is refused, and how they are hashed (Argon2id, 19 MiB, two passes, one lane).

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread::available_parallelism,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::error::{AppError, AppResult};

/// Shortest password taken.
pub const MIN_CHARS: usize = 8;
/// Longest password taken.
pub const MAX_CHARS: usize = 128;
/// Hashes that may wait for a free core before further ones are refused.
const QUEUE: usize = 16;

/// Passwords that every guessing list begins with and that are long enough to pass otherwise.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "password12",
    "password123",
    "passw0rd",
    "12345678",
    "123456789",
    "1234567890",
    "11111111",
    "00000000",
    "87654321",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "asdfghjk",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "letmein1",
    "welcome1",
    "welcome123",
    "admin123",
    "administrator",
    "changeme",
    "abcd1234",
    "abc12345",
    "michelle",
    "computer",
    "whatever",
    "starwars",
    "master123",
    "dragon123",
    "monkey123",
    "passwort",
    "hallo123",
    "geheim123",
];

/// Why a new password is refused, in the words of the screen; `None` when it is taken.
///
/// Refused are short and common ones, and the names that a guesser tries first: of the product, the member, the sites.
pub fn refusal(password: &str, email: &str, site_names: &[String]) -> Option<&'static str> {
    let chars = password.chars().count();
    let lower = password.to_lowercase();
    if chars < MIN_CHARS {
        Some("Use at least 8 characters. A short sentence works well")
    } else if chars > MAX_CHARS {
        Some("Use at most 128 characters")
    } else if COMMON.contains(&lower.as_str()) || lower.chars().all(|c| lower.starts_with(c)) {
        Some("This password is on every list of common ones. Choose another")
    } else if lower == email || is_name(&lower, email, site_names) {
        Some("Do not use your own name, that of your site or that of this product as the password")
    } else {
        None
    }
}

/// Whether the password is a known name, perhaps with digits or signs after it.
fn is_name(password: &str, email: &str, site_names: &[String]) -> bool {
    let letters = |text: &str| {
        text.to_lowercase()
            .replace(|c: char| !c.is_alphanumeric(), "")
    };
    let stem = letters(password.trim_end_matches(|c: char| !c.is_alphabetic()));
    let (name, host) = email.split_once('@').unwrap_or_default();
    let names = [
        "exitpoll",
        name,
        host,
        host.split('.').next().unwrap_or_default(),
    ];
    let mut known = names
        .into_iter()
        .chain(site_names.iter().map(String::as_str))
        .map(letters);
    !stem.is_empty() && known.any(|known| known == stem)
}

/// Does the slow work on a few blocking threads, so that a flood of sign-ins leaves room for everything else.
pub struct Passwords {
    cores: Semaphore,
    waiting: AtomicUsize,
    limit: usize,
    /// Checked for unknown members, so that the time of an answer does not tell who exists.
    dummy: String,
}

impl Passwords {
    /// As many at once as there are cores.
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let dummy = hash_now(&crate::secret::random_text()).expect("a random text can be hashed");
        Self {
            cores: Semaphore::new(cores),
            waiting: AtomicUsize::new(0),
            limit: cores + QUEUE,
            dummy,
        }
    }

    /// The text to store for a password.
    pub async fn hash(&self, password: String) -> AppResult<String> {
        self.work(move || hash_now(&password)).await
    }

    /// Whether `password` belongs to the stored text. Without one the answer is no, after the same time.
    pub async fn check(&self, password: String, stored: Option<String>) -> AppResult<bool> {
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.clone());
        let matches = self
            .work(move || {
                let hash = PasswordHash::new(&stored)
                    .map_err(|error| anyhow::anyhow!("a stored hash: {error}"))?;
                Ok(engine()?
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok())
            })
            .await?;
        Ok(matches && is_known)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> AppResult<T> {
        let _place = Place::take(&self.waiting, self.limit)?;
        let _core = self
            .cores
            .acquire()
            .await
            .map_err(|_| AppError::Unavailable)?;
        let done = spawn_blocking(job).await.map_err(anyhow::Error::from)?;
        Ok(done?)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// One place in the queue, given back when the work ends or its request goes away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, limit: usize) -> AppResult<Self> {
        let place = Place(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= limit {
            return Err(AppError::Unavailable);
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn engine() -> anyhow::Result<Argon2<'static>> {
    let params =
        Params::new(19_456, 2, 1, None).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let salt: [u8; 16] = crate::secret::random_bytes();
    let hash = engine()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessable_passwords_are_refused() {
        let refused = |password: &str| {
            refusal(
                password,
                "annabella@shop.example",
                &["Northwind Desk".to_owned()],
            )
        };
        let guessable = [
            "short",
            "password",
            "Password123",
            "aaaaaaaaaa",
            "exitpoll2026",
            "annabella@shop.example",
            "Annabella1!",
            "shop12345",
            "northwind desk",
            "NorthwindDesk7",
        ];
        for password in guessable {
            assert!(refused(password).is_some(), "{password}");
        }
        assert!(refused(&"x1".repeat(65)).is_some());
        assert_eq!(refused("three blue herons"), None);
        assert_eq!(refused("9402-3381-77"), None);
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_member_passes() {
        let passwords = Passwords::new();
        let stored = passwords.hash("three blue herons".into()).await.unwrap();

        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            passwords
                .check("three blue herons".into(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .check("three blue heron".into(), Some(stored))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .check("three blue herons".into(), None)
                .await
                .unwrap()
        );
    }
}
