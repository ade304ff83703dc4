//! What can be wrong with credentials, told without showing them.

use std::fmt;

use super::{CLIENT_ID_VARIABLE, CONSUMER_KEY_VARIABLE};

/// Credentials that no request should be signed with. Says which of the two, what, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialsError {
    field: Field,
    flaw: Flaw,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The client id.
    ClientId,
    /// The consumer key.
    ConsumerKey,
}

/// What is wrong. Places are in bytes from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// It has no characters.
    Empty,
    /// It begins with white space.
    LeadingSpace(char),
    /// White space stands at the end.
    TrailingSpace(char, usize),
    /// A control character.
    Control(char, usize),
    /// A character that is not seen: a zero-width space or joiner, a byte order mark, a soft hyphen, …
    Invisible(char, usize),
    /// The environment variable is not set.
    NotSet,
    /// The environment variable is not Unicode.
    NotUnicode,
}

impl CredentialsError {
    pub(super) fn new(field: Field, flaw: Flaw) -> Self {
        Self { field, flaw }
    }

    /// Which of the two.
    #[must_use]
    pub fn field(&self) -> Field {
        self.field
    }

    /// What is wrong.
    #[must_use]
    pub fn flaw(&self) -> Flaw {
        self.flaw
    }
}

impl Field {
    pub(super) fn variable(self) -> &'static str {
        match self {
            Self::ClientId => CLIENT_ID_VARIABLE,
            Self::ConsumerKey => CONSUMER_KEY_VARIABLE,
        }
    }
}

pub(super) fn check(field: Field, value: &str) -> Result<(), CredentialsError> {
    match flaw(value) {
        Some(flaw) => Err(CredentialsError::new(field, flaw)),
        None => Ok(()),
    }
}

fn flaw(value: &str) -> Option<Flaw> {
    let first = value.chars().next();
    let Some(first) = first else {
        return Some(Flaw::Empty);
    };
    if first.is_whitespace() {
        return Some(Flaw::LeadingSpace(first));
    }
    if let Some((at, last)) = value.char_indices().next_back()
        && last.is_whitespace()
    {
        return Some(Flaw::TrailingSpace(last, at));
    }
    value.char_indices().find_map(|(at, c)| match c {
        c if c.is_control() => Some(Flaw::Control(c, at)),
        c if is_invisible(c) => Some(Flaw::Invisible(c, at)),
        _ => None,
    })
}

/// Unicode's default-ignorable and format characters that a clipboard is known to bring along.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientId => "client id",
            Self::ConsumerKey => "consumer key",
        })
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, flaw } = self;
        let variable = field.variable();
        match *flaw {
            Flaw::Empty => write!(f, "the {field} is empty: set it to the dashboard's"),
            Flaw::LeadingSpace(c) => write!(
                f,
                "the {field} has white space ({}) at byte 0, its start: copy it again without it",
                CodePoint(c)
            ),
            Flaw::TrailingSpace(c, at) => write!(
                f,
                "the {field} has white space ({}) at byte {at}, its end: copy it again without it",
                CodePoint(c)
            ),
            Flaw::Control(c, at) => write!(
                f,
                "the {field} has a control character ({}) at byte {at}: copy it again without it",
                CodePoint(c)
            ),
            Flaw::Invisible(c, at) => write!(
                f,
                "the {field} has an invisible character ({}) at byte {at}: copy it again without it",
                CodePoint(c)
            ),
            Flaw::NotSet => write!(f, "the {field} is missing: set {variable}"),
            Flaw::NotUnicode => write!(f, "the {field} is not Unicode: correct {variable}"),
        }
    }
}

impl std::error::Error for CredentialsError {}

/// A character that should not be printed itself.
struct CodePoint(char);

impl fmt::Display for CodePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X}", u32::from(self.0))
    }
}
