//! The commands that match tables on this machine: nothing is sent, and nothing is spent.

mod arguments;
mod background;
mod dedupe;
mod describe;
mod evaluate;
mod explain;
mod labels;
mod link;
mod review;

pub use self::{
    dedupe::Dedupe, describe::Describe, evaluate::Evaluate, explain::Explain, link::Link,
    review::Review,
};
