//! Words of the contract as types: an enum that knows how the API spells it.

/// Defines an enum of words; a word that is none of them is refused with those that are.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $field:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$(Self::$variant),+];

            /// The word that the API uses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.name()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::api::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::api::Invalid> {
                Self::ALL.iter().copied().find(|word| word.name() == text).ok_or_else(|| {
                    $crate::api::Invalid::new($field, format!(
                        "{} is {text:?}; use {}", $field, [$($word),+].join(" or ")
                    ))
                })
            }
        }
    };
}

pub(crate) use words;
