//! What a request is answered if nothing goes wrong.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode, request};
use http_body_util::Full;
use serde::Serialize;
use snaptrade_signing::clock::{Clock, UnixTime};
use snaptrade_signing::verify::{Rejection, VerifyRequest};
use tower::ServiceExt;

use super::answer::{Answer, insert_allow};
use super::api::{Api, Received};
use super::body::SandboxBody;
use super::route::{Found, Route};
use super::state::Shared;

/// The routes, the verifier before them, and what is answered before that.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) shared: Arc<Shared>,
    pub(super) guarded: VerifyRequest<Api>,
}

#[derive(Serialize)]
struct Status {
    version: u32,
    timestamp: String,
    online: bool,
}

impl Server {
    /// Never waits: all that it needs is in memory.
    pub(super) async fn answer(
        &self,
        number: u64,
        parts: request::Parts,
        body: Result<Bytes, Rejection>,
        found: Option<Found>,
    ) -> Response<SandboxBody> {
        // An address that leads nowhere is found out before anyone asks who is calling.
        let Some(found) = found else {
            return Answer::not_found().into_response();
        };
        let body = match body {
            Ok(body) => body,
            Err(rejection) => return rejection.into_response(),
        };
        let route = found.route;
        if route == Route::Health {
            return self.health(number, &parts);
        }
        let mut request = Request::from_parts(parts, Full::new(body.clone()));
        request.extensions_mut().insert(Received {
            number,
            found,
            body,
        });
        match self.guarded.clone().oneshot(request).await {
            Ok(response) if route == Route::ListUsers => forbid_strangers(response),
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    fn health(&self, number: u64, parts: &request::Parts) -> Response<SandboxBody> {
        let route = Route::Health;
        let answer = if parts.method == route.method() {
            self.shared.log.commit(number, route);
            Answer::ok(&Status {
                version: 151,
                timestamp: iso_8601(self.shared.clock.now()),
                online: true,
            })
        } else {
            Answer::method_not_allowed(&parts.method)
        };
        let mut response = answer.into_response();
        insert_allow(response.headers_mut(), &route.method());
        response
    }
}

/// Where others answer 401 to a request without a stamp, listing users answers 403.
fn forbid_strangers(response: Response<SandboxBody>) -> Response<SandboxBody> {
    let rejection = Rejection::NotAuthenticated;
    let (code, detail) = (rejection.code(), rejection.detail());
    let rejection: Response<Bytes> = rejection.into_response();
    if response.body().bytes() != rejection.body() {
        return response;
    }
    Answer::refusal(StatusCode::FORBIDDEN, code, detail).into_response()
}

/// `2026-06-01T12:00:00Z`, in the Gregorian calendar without end.
fn iso_8601(time: UnixTime) -> String {
    let (mut days, second) = (time.as_secs() / 86_400, time.as_secs() % 86_400);
    // Years begin in March here, so that a leap day is the last of its year.
    days += 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let second = second % 60;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::{UnixTime, iso_8601};

    #[test]
    fn tells_the_date() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_635_790_389, "2021-11-01T18:13:09Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(iso_8601(UnixTime::from_secs(secs)), text);
        }
        // No clock makes it panic.
        iso_8601(UnixTime::from_secs(u64::MAX));
    }
}
