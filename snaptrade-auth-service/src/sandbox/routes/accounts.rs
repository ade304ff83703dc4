//! A little account data, so that operations of one's own have something to call.

use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::super::answer::Answer;
use super::super::users::User;
use super::{Answered, Call};

const BROKERAGE: &str = "Sandbox Brokerage";
const ACTIONS: &[&str] = &["BUY", "SELL"];

#[derive(Serialize)]
struct Account {
    id: Uuid,
    brokerage_authorization: Uuid,
    name: &'static str,
    number: &'static str,
    institution_name: &'static str,
}

#[derive(Serialize)]
struct Position {
    symbol: &'static str,
    units: f64,
    price: f64,
}

#[derive(Serialize)]
struct Authorization {
    id: Uuid,
    name: &'static str,
    r#type: &'static str,
    disabled: bool,
}

#[derive(Serialize)]
struct Order<'a> {
    brokerage_order_id: Uuid,
    account_id: &'a str,
    action: &'a str,
    status: &'static str,
}

pub(super) fn list(call: &mut Call<'_>) -> Answered {
    let user = call.authenticated_user()?;
    let [cash, margin] = user.accounts;
    let account = |id, name, number| Account {
        id,
        brokerage_authorization: user.authorization,
        name,
        number,
        institution_name: BROKERAGE,
    };
    Ok(Answer::ok(&[
        account(cash, "Cash", "10000001"),
        account(margin, "Margin", "10000002"),
    ]))
}

pub(super) fn positions(call: &mut Call<'_>) -> Answered {
    let id = call.account_id.unwrap_or_default();
    own_account(call.authenticated_user()?, id)?;
    Ok(Answer::ok(&[
        Position {
            symbol: "AAPL",
            units: 10.0,
            price: 190.25,
        },
        Position {
            symbol: "VTI",
            units: 2.5,
            price: 260.5,
        },
    ]))
}

pub(super) fn authorizations(call: &mut Call<'_>) -> Answered {
    let user = call.authenticated_user()?;
    Ok(Answer::ok(&[Authorization {
        id: user.authorization,
        name: BROKERAGE,
        r#type: "trade",
        disabled: false,
    }]))
}

pub(super) fn place_order(call: &mut Call<'_>) -> Answered {
    let body = call.body()?;
    let account_id = body.required("account_id")?;
    own_account(call.authenticated_user()?, account_id)?;
    body.required("action")?;
    let action = body.choice("action", ACTIONS)?.unwrap_or_default();
    Ok(Answer::ok(&Order {
        brokerage_order_id: call.state.uuid(),
        account_id,
        action,
        status: "EXECUTED",
    }))
}

fn own_account(user: &User, id: &str) -> Result<(), Answer> {
    let id = Uuid::try_parse(id).ok();
    match id.filter(|id| user.accounts.contains(id)) {
        Some(_) => Ok(()),
        None => Err(Answer::refusal(
            StatusCode::NOT_FOUND,
            "1011",
            "The requested resource does not exist.",
        )),
    }
}
