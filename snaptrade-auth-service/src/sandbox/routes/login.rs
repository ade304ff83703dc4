//! Links to the connection portal, and the encrypted token.

use serde::Serialize;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::super::answer::Answer;
use super::seal::seal;
use super::{Answered, Call};

const PORTAL: &str = "https://app.snaptrade.com/snapTrade/redeemToken";
const CONNECTION_TYPES: &[&str] = &["read", "trade", "trade-if-available"];
const PORTAL_VERSIONS: &[&str] = &["v4", "v3", "v2"];
const DEFAULT_PORTAL_VERSION: &str = "v4";

#[derive(Serialize)]
struct PortalLink {
    #[serde(rename = "redirectURI")]
    redirect_uri: String,
    #[serde(rename = "sessionId")]
    session_id: Uuid,
}

pub(super) fn login(call: &mut Call<'_>) -> Answered {
    let rsa_public_key = call.authenticated_user()?.rsa_public_key.clone();
    let body = call.body()?;
    let session_id = call.state.uuid();
    let token = call.state.uuid().simple().to_string();

    let mut query = Serializer::new(String::new());
    query.append_pair("token", &token);
    query.append_pair("clientId", call.client_id);
    if let Some(broker) = body.string("broker")? {
        query.append_pair("broker", broker);
    }
    if let Some(kind) = body.choice("connectionType", CONNECTION_TYPES)? {
        query.append_pair("connectionType", kind);
    }
    if let Some(url) = body.url("customRedirect")? {
        query.append_pair("customRedirect", url);
    }
    if let Some(connection) = body.uuid("reconnect")? {
        query.append_pair("reconnect", connection);
    }
    for name in ["immediateRedirect", "showCloseButton", "darkMode"] {
        if let Some(value) = body.boolean(name)? {
            query.append_pair(name, if value { "true" } else { "false" });
        }
    }
    if let Some(locale) = body.string("locale")? {
        query.append_pair("locale", locale);
    }
    let version = body.choice("connectionPortalVersion", PORTAL_VERSIONS)?;
    query.append_pair(
        "connectionPortalVersion",
        version.unwrap_or(DEFAULT_PORTAL_VERSION),
    );
    query.append_pair("sessionId", &session_id.to_string());

    let link = PortalLink {
        redirect_uri: format!("{PORTAL}?{}", query.finish()),
        session_id,
    };
    let mut answer = Answer::ok(&link);
    if let Some(key) = rsa_public_key {
        answer = seal(&key, answer.body())?;
    }
    call.state.open_session(session_id, call.now);
    Ok(answer)
}

pub(super) fn encrypted_jwt(call: &mut Call<'_>) -> Answered {
    let user = call.authenticated_user()?;
    let Some(key) = user.rsa_public_key.clone() else {
        return Err(Answer::invalid(
            "rsaPublicKey",
            "The user was registered without one.",
        ));
    };
    let token = call.state.uuid().simple().to_string();
    seal(&key, token.as_bytes())
}
