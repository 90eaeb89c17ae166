//! Rate limits: which calls are counted together, and how many of them are granted a minute.

/// The rate limit that a call counts against. Each class has its own number of requests a minute
/// per API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LimitClass {
    /// Calls that are answered immediately: 50 a minute by default.
    Sync,
    /// Batches (`POST /v1/agents/*`): 1 a minute by default.
    Batches,
    /// Credit look-ups: 10 a minute by default.
    Credits,
    /// Workflow triggers and forms, which allow bursts of hundreds a minute: 300 by default.
    Bursts,
}

impl LimitClass {
    pub const ALL: [LimitClass; 4] = [Self::Sync, Self::Batches, Self::Credits, Self::Bursts];

    /// The name used in settings, the ledger and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Batches => "batches",
            Self::Credits => "credits",
            Self::Bursts => "bursts",
        }
    }

    /// Requests a minute that the API grants by default.
    pub const fn default_per_minute(self) -> u32 {
        match self {
            Self::Sync => 50,
            Self::Batches => 1,
            Self::Credits => 10,
            Self::Bursts => 300,
        }
    }
}

/// Requests a minute for each class; `None` is no limit. The default is what the API grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// 50 by default.
    pub sync: Option<u32>,
    /// 1 by default.
    pub batches: Option<u32>,
    /// 10 by default.
    pub credits: Option<u32>,
    /// 300 by default.
    pub bursts: Option<u32>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            sync: Some(LimitClass::Sync.default_per_minute()),
            batches: Some(LimitClass::Batches.default_per_minute()),
            credits: Some(LimitClass::Credits.default_per_minute()),
            bursts: Some(LimitClass::Bursts.default_per_minute()),
        }
    }
}

impl RateLimits {
    /// No limit for any class.
    pub const LIFTED: Self = Self { sync: None, batches: None, credits: None, bursts: None };

    pub const fn get(&self, class: LimitClass) -> Option<u32> {
        match class {
            LimitClass::Sync => self.sync,
            LimitClass::Batches => self.batches,
            LimitClass::Credits => self.credits,
            LimitClass::Bursts => self.bursts,
        }
    }
}
