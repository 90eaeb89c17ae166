//! The API over HTTP: connections, middleware, and a handler for each call.

pub(crate) mod access;
mod activity;
mod answer;
mod body;
pub(crate) mod connection_limits;
pub(crate) mod connections;
pub(crate) mod host_names;
mod middleware;
pub(crate) mod oauth_tokens;
pub(crate) mod rate_limits;
mod request;
mod routes;
pub(crate) mod s3;
mod state;

pub(crate) use routes::routes;
pub(crate) use state::{Instance, Parts};
