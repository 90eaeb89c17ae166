//! Errors of normalizing a column.

/// An error of a normalizer or of its name. Values never cause errors: a value without a key
/// becomes null.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NormalizeError {
    /// There is no normalizer of this name.
    #[error("There is no normalizer {name:?}{}; the normalizers are {known}.", suggestion.map(|like| format!(" (did you mean {like:?}?)")).unwrap_or_default())]
    UnknownNormalizer { name: String, suggestion: Option<&'static str>, known: String },

    /// A parameter was given to a normalizer that takes none.
    #[error(
        "The normalizer {name:?} takes no parameter, but {parameter:?} was given after its name; write {name:?} alone."
    )]
    NoParameter { name: &'static str, parameter: String },

    /// A region without phone numbers.
    #[error(
        "{region:?} is not a region with phone numbers; write an ISO 3166-1 alpha-2 code such as \"US\" or \"DE\"."
    )]
    UnknownRegion { region: String },

    /// A country code that does not exist.
    #[error(
        "{country:?} is not a country; write an ISO 3166-1 alpha-2 code such as \"US\" or \"DE\"."
    )]
    UnknownCountry { country: String },

    /// The array holds no text.
    #[error(
        "{normalizer} takes text (string, large string, string view, or a dictionary of one), but the column is of type {found}; cast it to text first."
    )]
    NotText { normalizer: &'static str, found: String },

    /// The results do not fit into one string array.
    #[error(
        "The results of {normalizer} take more than 2 GB; normalize the column in smaller chunks."
    )]
    TooLarge { normalizer: &'static str },

    /// Arrow could not read the array.
    #[error("{normalizer} could not read the column: {message}.")]
    Arrow { normalizer: &'static str, message: String },
}
