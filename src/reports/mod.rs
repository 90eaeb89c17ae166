//! Answers of the API that are tables of their own: the routing log and the use of credits by day.

pub mod credit_usage;
pub mod routing_log;
