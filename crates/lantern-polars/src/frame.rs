//! The argument of this crate's functions: a DataFrame or a LazyFrame.

use lantern::{error::Result, tabular::no_column};
use polars::prelude::{DataFrame, Expr, LazyFrame, PlSmallStr, by_name};

use crate::error::uncomputed;

/// A DataFrame or a LazyFrame. Functions take `impl Into<Frame>`, so either can be passed directly.
#[derive(Clone)]
#[non_exhaustive]
pub enum Frame {
    Eager(DataFrame),
    /// Computed by the function that takes it, as far as possible only in the columns that are
    /// needed.
    Lazy(Box<LazyFrame>),
}

impl From<DataFrame> for Frame {
    fn from(frame: DataFrame) -> Self {
        Self::Eager(frame)
    }
}

impl From<&DataFrame> for Frame {
    fn from(frame: &DataFrame) -> Self {
        // Cloning a frame shares its columns.
        Self::Eager(frame.clone())
    }
}

impl From<LazyFrame> for Frame {
    fn from(frame: LazyFrame) -> Self {
        Self::Lazy(Box::new(frame))
    }
}

impl From<&LazyFrame> for Frame {
    fn from(frame: &LazyFrame) -> Self {
        Self::Lazy(Box::new(frame.clone()))
    }
}

impl Frame {
    /// Computes all columns.
    ///
    /// # Errors
    /// If Polars cannot compute the frame.
    pub(crate) fn collect(self) -> Result<DataFrame> {
        match self {
            Self::Eager(frame) => Ok(frame),
            Self::Lazy(frame) => frame.collect().map_err(uncomputed),
        }
    }

    /// Computes only these columns, in this order. A name may be repeated.
    ///
    /// # Errors
    /// If a column is missing, or Polars cannot compute the frame.
    pub(crate) fn columns(self, names: &[&str]) -> Result<DataFrame> {
        let mut wanted: Vec<&str> = Vec::new();
        for name in names {
            if !wanted.contains(name) {
                wanted.push(name);
            }
        }
        match self {
            Self::Eager(frame) => {
                check(&wanted, frame.get_column_names())?;
                frame.select(wanted.iter().copied()).map_err(uncomputed)
            }
            Self::Lazy(mut frame) => {
                let schema = frame.collect_schema().map_err(uncomputed)?;
                check(&wanted, schema.iter_names().collect())?;
                // `col` would interpret a name such as "^a.*$" as a pattern.
                let columns = wanted.iter().map(|name| Expr::from(by_name([*name], true, false)));
                frame.select(columns.collect::<Vec<_>>()).collect().map_err(uncomputed)
            }
        }
    }
}

fn check(wanted: &[&str], columns: Vec<&PlSmallStr>) -> Result<()> {
    let has: Vec<&str> = columns.into_iter().map(PlSmallStr::as_str).collect();
    match wanted.iter().find(|name| !has.contains(name)) {
        Some(missing) => Err(no_column("the frame", missing, &has)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{DataType, IntoLazy, col, df};

    use super::*;

    #[test]
    fn a_lazy_frame_computes_the_columns_that_are_wanted_and_no_others() {
        let frame = df!("a" => [1, 2], "^b.*$" => ["x", "y"]).unwrap().lazy();
        // Computing this column would fail.
        let text = Expr::from(by_name(["^b.*$"], true, false));
        let broken = frame.with_column(text.strict_cast(DataType::Int32).alias("c"));
        assert!(Frame::from(&broken).collect().is_err());
        let names = ["^b.*$", "a", "^b.*$"];
        let lazy = Frame::from(&broken).columns(&names).unwrap();
        assert_eq!(lazy.get_column_names(), ["^b.*$", "a"]);
        let eager = Frame::from(
            &broken.select([col("a"), by_name(["^b.*$"], true, false).into()]).collect().unwrap(),
        );
        assert!(eager.columns(&names).unwrap().equals(&lazy));
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest() {
        let frame = df!("company" => ["x"], "id" => [1]).unwrap();
        for frame in [Frame::from(&frame), Frame::from(frame.clone().lazy())] {
            let error = frame.columns(&["id", "compny"]).unwrap_err();
            assert_eq!(error.facts().column.as_deref(), Some("compny"));
            assert_eq!(
                error.to_string(),
                "the frame has no column \"compny\" (its columns: \"company\", \"id\"); did you mean \
                 \"company\"?"
            );
        }
    }

    #[test]
    fn a_frame_that_cannot_be_computed_keeps_the_reason_of_polars() {
        let frame = df!("a" => [1]).unwrap().lazy().select([col("b")]);
        let error = Frame::from(frame).collect().unwrap_err();
        assert!(error.to_string().contains("cannot be computed"), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
}
