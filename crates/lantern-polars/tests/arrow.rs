//! Frames into Arrow and back: types, chunks, buffers, and what is refused.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, DictionaryArray, Int64Array, ListArray, RecordBatch, StringArray,
        TimestampSecondArray, UnionArray, new_null_array,
    },
    buffer::ScalarBuffer,
    datatypes::{
        DataType as ArrowType, Field as ArrowField, Int8Type, Int32Type, Schema, UnionFields,
    },
};
use lantern::error::ErrorKind;
use lantern_polars::{IntoPolars, into_arrow};
use polars::prelude::*;

/// A frame with a column of each type that the default features have.
fn every_type() -> DataFrame {
    let numbers = Series::new("n".into(), [Some(1_i64), None, Some(3)]);
    let texts =
        Series::new("s".into(), [Some("short"), None, Some("a text that is longer than a view")]);
    let frozen = FrozenCategories::new(["short", "a text that is longer than a view"]).unwrap();
    let mut columns: Vec<Column> = Vec::new();
    let cast = |series: &Series, kind: DataType| {
        series.cast(&kind).unwrap().with_name(format!("{kind}").into())
    };
    for kind in [
        DataType::Boolean,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Date,
        DataType::Datetime(TimeUnit::Milliseconds, None),
        DataType::Datetime(TimeUnit::Microseconds, None),
        DataType::Datetime(TimeUnit::Nanoseconds, None),
        DataType::Duration(TimeUnit::Microseconds),
    ] {
        columns.push(cast(&numbers, kind).into());
    }
    columns.push(texts.clone().into());
    columns.push(cast(&texts, DataType::Binary).into());
    columns.push(cast(&texts, DataType::from_categories(Categories::global())).into());
    columns.push(
        cast(&texts, DataType::from_frozen_categories(frozen)).with_name("enum".into()).into(),
    );
    let list = Series::new("list".into(), [Some(texts.clone()), None, Some(texts.slice(0, 0))]);
    columns.push(list.into());
    let nested = Series::new("nested".into(), [Some(numbers.clone()), None, None]);
    columns.push(Series::new("lists".into(), [Some(nested), None, None]).into());
    DataFrame::new_infer_height(columns).unwrap()
}

/// The same values, with Enums as Categoricals: Arrow knows both as dictionaries.
fn expected(frame: &DataFrame) -> DataFrame {
    let kind = DataType::from_categories(Categories::global());
    frame.clone().lazy().with_column(col("enum").cast(kind)).collect().unwrap()
}

#[test]
fn every_type_comes_back_as_it_was() {
    let frame = every_type();
    let back = into_arrow(&frame).unwrap().into_polars().unwrap();
    let expected = expected(&frame);
    assert_eq!(back.dtypes(), expected.dtypes());
    for (back, expected) in back.columns().iter().zip(expected.columns()) {
        assert!(back.equals_missing(expected), "{}", expected.name());
    }
}

#[test]
fn chunked_sliced_and_empty_frames_come_back_as_they_were() {
    let frame = every_type();
    let chunked = frame.vstack(&frame.slice(1, 2)).unwrap().vstack(&frame.slice(0, 0)).unwrap();
    for frame in [chunked.slice(1, 3), chunked, frame.slice(0, 0), frame.slice(2, 1)] {
        let (schema, batches) = into_arrow(&frame).unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), frame.height());
        let back = (schema, batches).into_polars().unwrap();
        let expected = expected(&frame);
        assert_eq!(back.dtypes(), expected.dtypes());
        assert!(back.equals_missing(&expected));
    }
}

#[test]
fn columns_whose_chunks_end_elsewhere_are_brought_together() {
    let mut one = Series::new("one".into(), [1, 2]);
    one.append(&Series::new("one".into(), [3, 4, 5])).unwrap();
    let other = Series::new("other".into(), ["a", "b", "c", "d", "e"]);
    let frame = DataFrame::new_infer_height(vec![one.into(), other.into()]).unwrap();
    let (schema, batches) = into_arrow(&frame).unwrap();
    assert!((schema, batches).into_polars().unwrap().equals(&frame));
}

#[test]
fn a_frame_without_columns_keeps_its_height() {
    let frame = DataFrame::empty_with_height(3);
    let (schema, batches) = into_arrow(&frame).unwrap();
    assert_eq!((schema.fields().len(), batches[0].num_rows()), (0, 3));
    assert_eq!((schema, batches).into_polars().unwrap().shape(), (3, 0));
    let none: (Arc<Schema>, Vec<RecordBatch>) = (Arc::new(Schema::empty()), vec![]);
    assert_eq!(none.into_polars().unwrap().shape(), (0, 0));
}

#[test]
fn buffers_are_shared_and_not_copied() {
    let numbers = Series::new("n".into(), (0..1_000_i64).collect::<Vec<_>>());
    let texts = Series::new(
        "s".into(),
        (0..1_000).map(|n| format!("a text of some length {n}")).collect::<Vec<_>>(),
    );
    let frame = DataFrame::new_infer_height(vec![numbers.clone().into(), texts.into()]).unwrap();
    let start = numbers.i64().unwrap().cont_slice().unwrap().as_ptr();
    let (schema, batches) = into_arrow(&frame).unwrap();
    let there = batches[0].column(0).as_primitive::<arrow::datatypes::Int64Type>();
    assert_eq!(there.values().as_ptr(), start);
    let views = batches[0].column(1).as_string_view();
    let (view, text) = (views.views().as_ptr(), views.value(7).as_ptr());
    let back = (schema, batches).into_polars().unwrap();
    assert_eq!(back.column("n").unwrap().i64().unwrap().cont_slice().unwrap().as_ptr(), start);
    let texts = back.column("s").unwrap().str().unwrap();
    assert_eq!(texts.get(7).unwrap().as_ptr(), text);
    assert_eq!(
        texts.downcast_iter().next().unwrap().views().as_ptr().cast::<u8>(),
        view.cast::<u8>()
    );
    // What Arrow borrowed outlives the frame that it came from.
    drop(frame);
    drop(numbers);
    assert_eq!(back.column("n").unwrap().i64().unwrap().get(999), Some(999));
}

#[test]
fn columns_of_nothing_but_nulls_become_text() {
    let nothing = Series::new_null("nothing".into(), 2);
    let lists = Series::new("lists".into(), [nothing.clone(), nothing.slice(0, 0)]);
    assert_eq!(lists.dtype(), &DataType::List(Box::new(DataType::Null)));
    let frame = DataFrame::new_infer_height(vec![nothing.into(), lists.into()]).unwrap();
    let (schema, batches) = into_arrow(&frame).unwrap();
    assert_eq!(schema.field(0).data_type(), &ArrowType::Utf8View);
    let back = (schema, batches).into_polars().unwrap();
    assert_eq!(back.column("nothing").unwrap().null_count(), 2);
    assert_eq!(back.column("lists").unwrap().dtype(), &DataType::List(Box::new(DataType::String)));
}

fn batch(name: &str, column: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([(name, column, true)]).unwrap()
}

#[test]
fn tables_of_arrow_become_frames() {
    let texts = StringArray::from(vec![Some("a"), None, Some("c"), Some("d")]);
    let back = batch("s", Arc::new(texts.slice(1, 2))).into_polars().unwrap();
    assert_eq!(
        back.column("s").unwrap().str().unwrap().iter().collect::<Vec<_>>(),
        [None, Some("c")]
    );
    let dictionary: DictionaryArray<Int8Type> = [Some("x"), None, Some("x")].into_iter().collect();
    let back = batch("d", Arc::new(dictionary.slice(1, 2))).into_polars().unwrap();
    assert!(back.column("d").unwrap().dtype().is_categorical());
    let values = back.column("d").unwrap().cast(&DataType::String).unwrap();
    assert_eq!(values.str().unwrap().iter().collect::<Vec<_>>(), [None, Some("x")]);
    let times = TimestampSecondArray::from(vec![1]).with_timezone("UTC");
    let back = batch("t", Arc::new(times)).into_polars().unwrap();
    let zone = TimeZone::opt_try_new(Some("UTC")).unwrap();
    assert_eq!(
        back.column("t").unwrap().dtype(),
        &DataType::Datetime(TimeUnit::Milliseconds, zone)
    );
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)]), None]);
    let back = batch("l", Arc::new(list)).into_polars().unwrap();
    assert_eq!(back.column("l").unwrap().null_count(), 1);
    let null = batch("n", new_null_array(&ArrowType::Null, 2)).into_polars().unwrap();
    assert_eq!(null.column("n").unwrap().null_count(), 2);
}

#[test]
fn a_table_without_batches_keeps_its_types() {
    let dictionary = ArrowType::Dictionary(Box::new(ArrowType::Int8), Box::new(ArrowType::Utf8));
    let item = Arc::new(ArrowField::new("item", ArrowType::Utf8, true));
    let fields = vec![
        ArrowField::new("d", dictionary, true),
        ArrowField::new("l", ArrowType::List(item), true),
        ArrowField::new("s", ArrowType::Utf8, false),
    ];
    let empty = (Arc::new(Schema::new(fields)), Vec::<RecordBatch>::new());
    let frame = empty.into_polars().unwrap();
    assert_eq!(frame.shape(), (0, 3));
    assert!(frame.dtypes()[0].is_categorical());
}

#[test]
fn metadata_that_only_polars_may_write_is_not_believed() {
    // Polars would look for its categories in these, and panic.
    let metadata = [
        ("_PL_ENUM_VALUES2".to_owned(), "no number;".to_owned()),
        ("_PL_CATEGORICAL2".to_owned(), "x".to_owned()),
    ];
    let dictionary: DictionaryArray<Int8Type> = ["x"].into_iter().collect();
    let field = ArrowField::new("d", dictionary.data_type().clone(), true)
        .with_metadata(metadata.clone().into());
    let item = Arc::new(field.clone());
    let list = ListArray::new(
        item.clone(),
        arrow::buffer::OffsetBuffer::from_lengths([1]),
        Arc::new(dictionary.clone()),
        None,
    );
    let fields = vec![field, ArrowField::new("l", list.data_type().clone(), true)];
    let batch = RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        vec![Arc::new(dictionary), Arc::new(list)],
    )
    .unwrap();
    let frame = batch.into_polars().unwrap();
    assert_eq!(frame.height(), 1);
}

#[test]
fn what_polars_does_not_have_is_refused_and_named() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let fields = [(0_i8, Arc::new(ArrowField::new("a", ArrowType::Int64, true)))];
    let union = UnionArray::try_new(
        fields.into_iter().collect::<UnionFields>(),
        ScalarBuffer::from(vec![0_i8]),
        None,
        vec![numbers],
    )
    .unwrap();
    let zone = TimestampSecondArray::from(vec![1]).with_timezone("a\0b");
    for (column, name) in [(Arc::new(union) as ArrayRef, "u"), (Arc::new(zone), "z")] {
        let error = batch(name, column).into_polars().unwrap_err();
        assert!(error.is(ErrorKind::Input));
        assert_eq!(error.facts().column.as_deref(), Some(name));
        assert!(error.to_string().contains("which Polars does not have"), "{error}");
    }
}

#[test]
fn types_beyond_the_features_name_the_feature() {
    for kind in [
        ArrowType::Time64(arrow::datatypes::TimeUnit::Nanosecond),
        ArrowType::Decimal128(10, 2),
        ArrowType::Struct(vec![ArrowField::new("a", ArrowType::Int64, true)].into()),
        ArrowType::FixedSizeList(Arc::new(ArrowField::new("item", ArrowType::Utf8, true)), 2),
    ] {
        let column = new_null_array(&kind, 2);
        let made = batch("x", column).into_polars();
        if cfg!(feature = "dtype-full") {
            assert_eq!(made.unwrap().column("x").unwrap().null_count(), 2, "{kind}");
        } else {
            let error = made.unwrap_err().to_string();
            assert!(error.contains("turn on the feature dtype-full"), "{error}");
        }
    }
}

#[test]
fn two_columns_of_one_name_are_no_frame() {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let fields = vec![ArrowField::new("a", ArrowType::Int64, true); 2];
    let batch =
        RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![column.clone(), column]).unwrap();
    let error = batch.into_polars().unwrap_err();
    assert!(error.to_string().contains("the DataFrame cannot be built"), "{error}");
}

#[test]
fn a_name_may_have_a_zero_byte() {
    // C would end it there, so the names of columns do not cross the border.
    let frame = df!("a\0b" => [1]).unwrap();
    assert!(into_arrow(&frame).unwrap().into_polars().unwrap().equals(&frame));
}
