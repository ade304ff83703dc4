//! What an error's body says, told to layers that look at heads alone.

use http::{HeaderMap, StatusCode, response};
use snaptrade_signing::clock::{Clock, SystemClock};

use crate::error::Said;
use crate::rate_limit::{AnnouncedWait, announced_wait};

/// On an answer: a 401 whose code says that the signature could not be verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignatureRefused;

/// Marks the head of an answer with what its body says, where that matters below the operations.
pub(super) fn tell(head: &mut response::Parts, body: &[u8]) {
    match head.status {
        StatusCode::UNAUTHORIZED if Said::read(body).signature_refused() => {
            head.extensions.insert(SignatureRefused);
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let now = SystemClock.now();
            // Headers go first, and who wants them reads them.
            if announced_wait(head.status, &head.headers, None, now).is_some() {
                return;
            }
            let detail = Said::read(body).detail;
            let none = HeaderMap::new();
            if let Some(wait) = announced_wait(head.status, &none, detail.as_deref(), now) {
                head.extensions.insert(AnnouncedWait(wait));
            }
        }
        _ => {}
    }
}
