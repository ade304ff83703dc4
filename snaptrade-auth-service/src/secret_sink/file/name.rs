//! Names of files: any user id has one of its own, and none leads out of the directory.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::secret_sink::intent::IntentId;
use crate::user::UserId;

/// Longer ones are hashed, as file systems allow 255 bytes.
const LONGEST_ESCAPED: usize = 160;

const INTENT: &str = "intent-";
const JSON: &str = ".json";

/// `user-jane.json`. What is no lower-case ASCII letter, digit or hyphen is written as `_` and two hex digits a byte,
/// upper case included, as some file systems do not tell it from lower case.
pub(super) fn user(user_id: &UserId) -> String {
    let mut name = "user-".to_owned();
    let prefix = name.len();
    for byte in user_id.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => name.push(char::from(byte)),
            _ => hex(&mut name, byte),
        }
        if name.len() - prefix > LONGEST_ESCAPED {
            name.truncate(prefix);
            // No escaped name begins like this: `_` comes with digits.
            name.push_str("__");
            let hash = Sha256::digest(user_id.as_str());
            hash.iter().for_each(|byte| hex(&mut name, *byte));
            break;
        }
    }
    name + JSON
}

fn hex(name: &mut String, byte: u8) {
    // Writing to a string never fails.
    let _ = write!(name, "_{byte:02x}");
}

pub(super) fn intent(id: IntentId) -> String {
    format!("{INTENT}{id}{JSON}")
}

pub(super) fn is_intent(name: &str) -> bool {
    name.starts_with(INTENT) && name.ends_with(JSON)
}

/// What is being written on behalf of an intent, before it has its name.
pub(super) fn unfinished_secret(id: IntentId) -> String {
    format!("secret-{id}.tmp")
}

pub(super) fn unfinished_intent(id: IntentId) -> String {
    format!("intent-{id}.tmp")
}

/// What is made to see whose it is, and removed at once.
pub(super) fn probe() -> String {
    format!("probe-{:032x}.tmp", fastrand::u128(..))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::user;

    #[test]
    fn readable_where_they_can_be() {
        for (id, name) in [
            ("jane-1", "user-jane-1.json"),
            ("", "user-.json"),
            ("..", "user-_2e_2e.json"),
            (
                "../../etc/passwd",
                "user-_2e_2e_2f_2e_2e_2fetc_2fpasswd.json",
            ),
            ("Jane_ä\0", "user-_4aane_5f_c3_a4_00.json"),
        ] {
            assert_eq!(user(&id.into()), name);
        }
        let long = user(&"j".repeat(161).into());
        assert!(long.starts_with("user-__") && long.len() == 108, "{long}");
        assert_eq!(user(&"j".repeat(160).into()).len(), 170);
    }

    proptest! {
        #[test]
        fn one_each_and_harmless(a in ".*", b in ".*") {
            let (one, other) = (user(&a.as_str().into()), user(&b.as_str().into()));
            prop_assert_eq!(a == b, one == other);
            let harmless = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
            prop_assert!(one.trim_end_matches(".json").chars().all(harmless), "{}", one);
            prop_assert!(one.len() < 200);
        }

        #[test]
        fn case_is_told_apart_everywhere(a in "[a-zA-Z_]{0,90}", b in "[a-zA-Z_]{0,90}") {
            let (one, other) = (user(&a.as_str().into()), user(&b.as_str().into()));
            prop_assert_eq!(one.to_lowercase(), one.clone());
            prop_assert_eq!(a == b, one == other);
        }
    }
}
