//! A Parquet file as the text that the rest of the program reads: one CSV record a row.
//!
//! Only a batch of rows is held at a time, so that memory does not grow with the file. A
//! value is written as a fact of its type is written; types that facts do not have, such
//! as floating point numbers, are no columns of the history.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use redress_model::{Date, Timestamp};

use super::{Blocks, Format, History, HistoryError, Progress};

/// What a file begins with.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// How many rows are decoded at a time.
const BATCH_ROWS: usize = 4_096;

/// Opens a Parquet file.
///
/// # Errors
/// [`HistoryError`] when it cannot be read or is damaged.
pub(super) fn open(file: File, path: &Path) -> Result<History, HistoryError> {
    let failed = |error: ParquetError| HistoryError::Read {
        name: crate::input::shown(path),
        line: 0,
        source: broken(&error),
    };
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let rows = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or_default();
    let progress = Progress {
        total: Some(rows),
        ..Progress::default()
    };
    let (mut columns, mut unread) = (Vec::new(), Vec::new());
    for (place, column) in schema.columns().iter().enumerate() {
        match Kind::of(column) {
            Some(kind) => columns.push(Column::new(place, column, kind)),
            None => unread.push((column.path().string(), shown(column))),
        }
    }
    let header: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let text = Text {
        reader,
        next_group: 0,
        left: 0,
        columns,
        out: Vec::new(),
        at: 0,
        read: Arc::clone(&progress.read),
    };
    Ok(History {
        name: crate::input::shown(path),
        format: Format::Csv,
        header,
        unread,
        blocks: Blocks::new(Box::new(text), Format::Csv, Vec::new(), 1),
        progress,
        is_ledger: false,
    })
}

fn broken(error: &ParquetError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// A column's type, for messages.
fn shown(column: &ColumnDescriptor) -> String {
    let repeated = if column.max_rep_level() > 0 {
        "repeated "
    } else {
        ""
    };
    match column.converted_type() {
        ConvertedType::NONE => format!("{repeated}{}", column.physical_type()),
        converted => format!("{repeated}{} ({converted})", column.physical_type()),
    }
}

/// How the values of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int32,
    Unsigned32,
    Date,
    Int64,
    Unsigned64,
    /// An instant; so many of the units make a second.
    Instant(i64),
    Text,
}

impl Kind {
    /// `None` for what no fact is written as.
    fn of(column: &ColumnDescriptor) -> Option<Self> {
        if column.max_rep_level() > 0 {
            return None;
        }
        let (logical, converted) = (column.logical_type_ref(), column.converted_type());
        match (column.physical_type(), logical, converted) {
            (Type::BOOLEAN, None, _) => Some(Self::Bool),
            (Type::INT32, Some(LogicalType::Date), _)
            | (Type::INT32, None, ConvertedType::DATE) => Some(Self::Date),
            (Type::INT32, Some(LogicalType::Integer(int)), _) if !int.is_signed => {
                Some(Self::Unsigned32)
            }
            (Type::INT32, Some(LogicalType::Integer(_)), _)
            | (Type::INT32, None, ConvertedType::NONE) => Some(Self::Int32),
            (Type::INT64, Some(LogicalType::Integer(int)), _) if !int.is_signed => {
                Some(Self::Unsigned64)
            }
            (Type::INT64, Some(LogicalType::Integer(_)), _)
            | (Type::INT64, None, ConvertedType::NONE) => Some(Self::Int64),
            (Type::INT64, Some(LogicalType::Timestamp(of)), _) if of.is_adjusted_to_u_t_c => {
                Some(Self::Instant(match of.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                }))
            }
            (Type::BYTE_ARRAY, Some(LogicalType::String | LogicalType::Enum), _)
            | (Type::BYTE_ARRAY, None, ConvertedType::UTF8 | ConvertedType::ENUM) => {
                Some(Self::Text)
            }
            _ => None,
        }
    }
}

/// The values of a batch.
enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Bytes(Vec<ByteArray>),
}

struct Column {
    place: usize,
    name: String,
    kind: Kind,
    /// The definition level at which a value is there.
    defined: i16,
    reader: Option<ColumnReader>,
    levels: Vec<i16>,
    values: Values,
    /// The place of the next value.
    next: usize,
}

impl Column {
    fn new(place: usize, column: &ColumnDescriptor, kind: Kind) -> Self {
        Self {
            place,
            name: column.path().string(),
            kind,
            defined: column.max_def_level(),
            reader: None,
            levels: Vec::new(),
            values: match kind {
                Kind::Bool => Values::Bool(Vec::new()),
                Kind::Int32 | Kind::Unsigned32 | Kind::Date => Values::Int32(Vec::new()),
                Kind::Int64 | Kind::Unsigned64 | Kind::Instant(_) => Values::Int64(Vec::new()),
                Kind::Text => Values::Bytes(Vec::new()),
            },
            next: 0,
        }
    }

    /// Decodes so many rows.
    fn fill(&mut self, rows: usize) -> Result<(), ParquetError> {
        self.levels.clear();
        self.next = 0;
        let levels = Some(&mut self.levels);
        let (read, _, _) = match (&mut self.reader, &mut self.values) {
            (Some(ColumnReader::BoolColumnReader(reader)), Values::Bool(values)) => {
                values.clear();
                reader.read_records(rows, levels, None, values)?
            }
            (Some(ColumnReader::Int32ColumnReader(reader)), Values::Int32(values)) => {
                values.clear();
                reader.read_records(rows, levels, None, values)?
            }
            (Some(ColumnReader::Int64ColumnReader(reader)), Values::Int64(values)) => {
                values.clear();
                reader.read_records(rows, levels, None, values)?
            }
            (Some(ColumnReader::ByteArrayColumnReader(reader)), Values::Bytes(values)) => {
                values.clear();
                reader.read_records(rows, levels, None, values)?
            }
            _ => (0, 0, 0),
        };
        if read == rows {
            Ok(())
        } else {
            let name = &self.name;
            Err(ParquetError::General(format!(
                "column {name} ends {} rows early",
                rows - read
            )))
        }
    }

    /// Writes the value of a row of the batch, and nothing where it is unknown.
    fn write(&mut self, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
        if self.defined > 0
            && self
                .levels
                .get(row)
                .is_none_or(|level| *level < self.defined)
        {
            return Ok(());
        }
        let place = self.next;
        self.next += 1;
        match &self.values {
            Values::Bool(values) => match values.get(place) {
                Some(value) => write!(out, "{value}"),
                None => Ok(()),
            },
            Values::Int32(values) => match (values.get(place), self.kind) {
                (Some(days), Kind::Date) => match Date::from_days(*days) {
                    Some(date) => write!(out, "{date}"),
                    None => write!(out, "{days}"),
                },
                (Some(value), Kind::Unsigned32) => write!(out, "{}", value.cast_unsigned()),
                (Some(value), _) => write!(out, "{value}"),
                (None, _) => Ok(()),
            },
            Values::Int64(values) => match (values.get(place), self.kind) {
                (Some(value), Kind::Instant(units)) => match instant(*value, units) {
                    Some(instant) => write!(out, "{instant}"),
                    None => write!(out, "{value}"),
                },
                (Some(value), Kind::Unsigned64) => write!(out, "{}", value.cast_unsigned()),
                (Some(value), _) => write!(out, "{value}"),
                (None, _) => Ok(()),
            },
            Values::Bytes(values) => {
                let text = values.get(place).map(ByteArray::data).unwrap_or_default();
                quoted(text, out);
                Ok(())
            }
        }
    }
}

/// Whole seconds only: a fraction is not cut off unseen, and no fact is written as a bare
/// number of units, so that such a row is told as bad.
fn instant(value: i64, units: i64) -> Option<Timestamp> {
    (value.rem_euclid(units) == 0)
        .then(|| Timestamp::from_seconds(value.div_euclid(units)))
        .flatten()
}

/// A text as a cell.
fn quoted(text: &[u8], out: &mut Vec<u8>) {
    if !text.iter().any(|byte| b",\"\r\n".contains(byte)) && !text.is_empty() {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// The rows as text.
struct Text {
    reader: SerializedFileReader<File>,
    next_group: usize,
    /// Rows of the group that were not decoded yet.
    left: u64,
    columns: Vec<Column>,
    out: Vec<u8>,
    /// How much of `out` was taken.
    at: usize,
    read: Arc<AtomicU64>,
}

impl Text {
    /// Decodes and writes the next batch; `false` at the end.
    fn batch(&mut self) -> io::Result<bool> {
        self.out.clear();
        self.at = 0;
        while self.left == 0 {
            if self.next_group >= self.reader.num_row_groups() {
                return Ok(false);
            }
            let group = self
                .reader
                .get_row_group(self.next_group)
                .map_err(|error| broken(&error))?;
            self.left = u64::try_from(group.metadata().num_rows()).unwrap_or_default();
            for column in &mut self.columns {
                let reader = group.get_column_reader(column.place);
                column.reader = Some(reader.map_err(|error| broken(&error))?);
            }
            self.next_group += 1;
        }
        let rows = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(BATCH_ROWS);
        for column in &mut self.columns {
            column.fill(rows).map_err(|error| broken(&error))?;
        }
        for row in 0..rows {
            for (place, column) in self.columns.iter_mut().enumerate() {
                if place > 0 {
                    self.out.push(b',');
                }
                column.write(row, &mut self.out)?;
            }
            self.out.push(b'\n');
        }
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        self.left -= rows;
        self.read.fetch_add(rows, Ordering::Relaxed);
        Ok(true)
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.out.len() && !self.batch()? {
            return Ok(0);
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
    use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
    use parquet::schema::parser::parse_message_type;

    use super::super::{Block, open};
    use super::*;

    fn opened(path: &Path) -> Result<History, HistoryError> {
        open(&path.as_os_str().to_owned().into(), "any")
    }

    fn column<T: DataType>(
        group: &mut SerializedRowGroupWriter<'_, File>,
        values: &[T::T],
        levels: Option<&[i16]>,
    ) {
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<T>()
            .write_batch(values, levels, None)
            .unwrap();
        column.close().unwrap();
    }

    /// A file with two groups of three rows, and the text that it is read as.
    fn read(
        schema: &str,
        write: impl Fn(&mut SerializedRowGroupWriter<'_, File>),
    ) -> (History, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.parquet");
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let file = File::create(&path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
        for _ in 0..2 {
            let mut group = writer.next_row_group().unwrap();
            write(&mut group);
            group.close().unwrap();
        }
        writer.close().unwrap();
        let mut history = opened(&path).unwrap();
        let (mut block, mut text) = (Block::default(), Vec::new());
        while history.blocks.next_into(&mut block).unwrap() {
            text.extend_from_slice(&block.bytes);
        }
        (history, String::from_utf8(text).unwrap())
    }

    #[test]
    fn values_are_written_as_facts_are() {
        let schema = "message m {
            required binary id (UTF8); required int32 day (DATE); optional int32 delay;
            optional int64 at (TIMESTAMP(MILLIS, true)); required boolean late;
            optional group reroute { optional int64 minutes; } required double score;
        }";
        let (history, text) = read(schema, |group| {
            let ids: Vec<ByteArray> = ["a", "b,\"c\"", "北京"].map(ByteArray::from).into();
            column::<ByteArrayType>(group, &ids, None);
            column::<Int32Type>(group, &[0, 15_706, -1], None);
            column::<Int32Type>(group, &[-5, 7], Some(&[1, 0, 1]));
            column::<Int64Type>(group, &[1_000, 1_500], Some(&[1, 1, 0]));
            column::<BoolType>(group, &[true, false, true], None);
            column::<Int64Type>(group, &[60], Some(&[2, 1, 0]));
            column::<DoubleType>(group, &[0.5, 1.5, 2.5], None);
        });
        assert_eq!(
            history.header,
            ["id", "day", "delay", "at", "late", "reroute.minutes"]
        );
        assert_eq!(history.unread, [("score".to_owned(), "DOUBLE".to_owned())]);
        let group = "a,1970-01-01,-5,1970-01-01T00:00:01Z,true,60\n\
                     \"b,\"\"c\"\"\",2013-01-01,,1500,false,\n\
                     北京,1969-12-31,7,,true,\n";
        assert_eq!(text, group.repeat(2));
        assert_eq!(
            (history.progress.total, history.progress.read()),
            (Some(6), 6)
        );
    }

    #[test]
    fn types_that_no_fact_has_are_no_columns() {
        let schema = "message m {
            required int32 price (DECIMAL(9, 2)); required float rate; repeated int32 list;
            required int64 local (TIMESTAMP(MILLIS, false)); required binary raw;
        }";
        let (history, text) = read(schema, |group| {
            column::<Int32Type>(group, &[1, 2, 3], None);
            column::<parquet::data_type::FloatType>(group, &[1.0, 2.0, 3.0], None);
            let mut list = group.next_column().unwrap().unwrap();
            list.typed::<Int32Type>()
                .write_batch(&[1, 2, 3], Some(&[1; 3]), Some(&[0; 3]))
                .unwrap();
            list.close().unwrap();
            column::<Int64Type>(group, &[1, 2, 3], None);
            let raw: Vec<ByteArray> = vec![ByteArray::from(vec![0xff]); 3];
            column::<ByteArrayType>(group, &raw, None);
        });
        assert_eq!(history.header, [""; 0]);
        let names: Vec<&str> = history
            .unread
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["price", "rate", "list", "local", "raw"]);
        assert_eq!(text, "\n".repeat(6));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.parquet");
        std::fs::write(&path, b"PAR1 and nothing of the kind PAR1").unwrap();
        assert_eq!(opened(&path).err().unwrap().code(), "history_read");
        let piped = super::super::from_reader(&b"PAR1"[..], "standard input", Progress::default());
        assert_eq!(piped.err().unwrap().code(), "history_piped");
    }
}
