//! Pages for people: what the server has done, and what it can do. They need no network and no
//! script.

mod call_counts;
mod layout;
mod reference;
mod status;

pub(crate) use call_counts::CallCounts;
pub(crate) use layout::STYLE;
pub(crate) use reference::page as reference;
pub(crate) use status::{StatusOf, page as status};
