//! Sends single calls.

use serde::Serialize;

use crate::{connection::shared::Shared, conversion::arguments::Object};
use lantern::{
    api::Call,
    client::{Answered, CallOptions, Client},
    error::Result,
};

/// Sends a call.
pub async fn send<C: Call>(client: Result<Client>, call: C) -> Result<Answered<C::Response>> {
    client?.call(&call).await
}

/// Sends one call, with fields that this version does not know. A call that names somebody who is
/// suppressed is not sent.
pub async fn send_with<C: Call<Response: Serialize + Sync>>(
    shared: Shared,
    call: C,
    extra: Option<Object>,
) -> Result<Answered<C::Response>> {
    let extra = extra.map(|extra| extra.0).unwrap_or_default();
    let (client, list) = (shared.client()?, shared.suppressed().await?);
    list.check_call(&call, &extra)?;
    let answered = client.call_with(&call, CallOptions { extra, ..CallOptions::default() }).await?;
    list.check_answer(&answered)?;
    Ok(answered)
}
