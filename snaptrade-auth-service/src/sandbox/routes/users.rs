//! Registering, listing, deleting users, and giving them new secrets.

use http::StatusCode;
use serde::Serialize;

use super::super::answer::Answer;
use super::super::users::{Secret, User};
use super::{Answered, Call};
use crate::RsaPublicKey;

#[derive(Serialize)]
struct UserSecret<'a> {
    #[serde(rename = "userId")]
    user_id: &'a str,
    #[serde(rename = "userSecret")]
    user_secret: &'a str,
}

#[derive(Serialize)]
struct Deleted<'a> {
    status: &'a str,
    detail: &'a str,
    #[serde(rename = "userId")]
    user_id: &'a str,
}

pub(super) fn register(call: &mut Call<'_>) -> Answered {
    if call.is_personal() {
        return Err(Answer::refusal(
            StatusCode::BAD_REQUEST,
            "1012",
            "Personal SnapTrade keys are provisioned with their user automatically at signup. \
             Use the OAuth bearer flow to access the API; registerUser is not available for personal keys.",
        ));
    }
    let body = call.body()?;
    let id = body.required("userId")?;
    let rsa_public_key = body.string("rsaPublicKey")?;
    if let Some(key) = rsa_public_key
        && RsaPublicKey::parse(key).is_err()
    {
        return Err(Answer::invalid("rsaPublicKey", "Not a valid ssh-rsa key."));
    }
    if call.user(id).is_some() {
        let detail = format!("User with the following userId already exist: '{id}'");
        return Err(Answer::refusal(StatusCode::BAD_REQUEST, "1010", detail));
    }
    let rsa_public_key = rsa_public_key.map(str::to_owned);
    let user = call.state.new_user(id.to_owned(), rsa_public_key);
    let answer = shown_once(&user);
    call.state.users.insert(call.client_id, user);
    Ok(answer)
}

pub(super) fn list(call: &mut Call<'_>) -> Answered {
    let users = call.state.users.of(call.client_id, call.now);
    let ids: Vec<&str> = users.map(|user| user.id.as_str()).collect();
    Ok(Answer::ok(&ids))
}

pub(super) fn delete(call: &mut Call<'_>) -> Answered {
    if call.is_personal() {
        return Err(Answer::forbidden());
    }
    let id = call.query().required("userId")?;
    let delay = call.shared.deletion_delay;
    let users = &mut call.state.users;
    if !users.delete(call.client_id, &id, call.now, delay) {
        return Err(Answer::not_found());
    }
    Ok(Answer::ok(&Deleted {
        status: "deleted",
        detail: &format!("User queued for deletion: '{id}'"),
        user_id: &id,
    }))
}

pub(super) fn reset_secret(call: &mut Call<'_>) -> Answered {
    if call.is_personal() {
        return Err(Answer::forbidden());
    }
    let body = call.body()?;
    let id = body.required("userId")?;
    let secret = body.required("userSecret")?;
    call.user_with_secret(id, secret)?;
    let secret = Secret::new(call.state.uuid().to_string());
    let user = call.user(id).ok_or_else(Answer::wrong_user)?;
    user.secret = secret;
    Ok(shown_once(user))
}

fn shown_once(user: &User) -> Answer {
    Answer::ok(&UserSecret {
        user_id: &user.id,
        user_secret: user.secret.expose(),
    })
}
