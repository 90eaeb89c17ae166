//! Enums for strings that the API defines, such as `phone-email`.

/// Defines an enum of strings that the API defines. Parsing any other string fails with an error
/// that lists the valid ones. With strum and serde each spelling would be written twice, and the
/// error would list none.
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident, $field:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$(Self::$variant),+];

            /// The API's spelling.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        // Written by hand, because a derive does not see the strings that this macro receives.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.name()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::api::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::api::Invalid> {
                Self::ALL.iter().copied().find(|word| word.name() == text).ok_or_else(|| {
                    $crate::api::Invalid::new($field, format!("{} is {text:?}", $field))
                        .hint(format!("use {}", [$($word),+].join(" or ")))
                })
            }
        }
    };
}

pub(crate) use string_enum;
