//! Writes a history of generated flights as Parquet, to see what a backtest needs for it.
//!
//! ```text
//! generate ROWS FILE.parquet
//! ```
//!
//! The rows are the same every time: flights of ten years between sixteen airports, of which
//! one in five is late by hours and one in a hundred is diverted without an arrival.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

/// How many rows a group has: what a reader may have to hold at once.
const GROUP: u64 = 65_536;

const SCHEMA: &str = "message flights {
    required binary flight_id (UTF8); required int32 date (DATE); required binary origin (UTF8);
    required binary destination (UTF8); required int32 distance_km; required binary event (UTF8);
    optional int32 arrival_delay_minutes;
}";

const AIRPORTS: [&str; 16] = [
    "AMS", "BCN", "CDG", "CPH", "DUB", "FCO", "FRA", "HEL", "LIS", "MAD", "MUC", "OSL", "PEK",
    "PRG", "VIE", "WAW",
];

/// The first day, 1 January 2010, in days since 1970.
const FIRST_DAY: u64 = 14_610;
/// Over how many days the flights are spread.
const DAYS: u64 = 3_652;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: generate ROWS FILE.parquet";
    let rows: u64 = arguments.next().context(usage)?.parse().context(usage)?;
    let path = arguments.next().context(usage)?;
    write(rows, Path::new(&path))
}

fn write(rows: u64, path: &Path) -> Result<()> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(File::create(path)?, schema, properties)?;
    let mut from = 0;
    while from < rows {
        let to = rows.min(from.saturating_add(GROUP));
        let mut group = writer.next_row_group()?;
        put(
            &mut group,
            &(from..to).map(Flight::of).collect::<Result<Vec<_>>>()?,
        )?;
        group.close()?;
        from = to;
    }
    writer.close()?;
    Ok(())
}

struct Flight {
    id: String,
    day: i32,
    origin: &'static str,
    destination: &'static str,
    distance_km: i32,
    /// None where the flight was diverted.
    delay_minutes: Option<i32>,
}

impl Flight {
    fn of(number: u64) -> Result<Self> {
        let mut bits = scattered(number);
        let mut below = |limit: u64| {
            let found = bits % limit;
            bits = scattered(bits);
            found
        };
        let airport = |place: u64| -> Result<&'static str> {
            let place = usize::try_from(place)?;
            AIRPORTS.get(place).copied().context("an airport")
        };
        let (origin, destination) = (airport(below(16))?, airport(below(16))?);
        let distance_km = i32::try_from(150 + below(9_000))?;
        let delay = match below(100) {
            0 => None,
            1..=20 => Some(i32::try_from(60 + below(540))?),
            _ => Some(i32::try_from(below(60))?),
        };
        Ok(Self {
            id: format!("flight-{number:010}"),
            day: i32::try_from(FIRST_DAY + number % DAYS)?,
            origin,
            destination,
            distance_km,
            delay_minutes: delay,
        })
    }
}

fn put(group: &mut SerializedRowGroupWriter<'_, File>, flights: &[Flight]) -> Result<()> {
    let texts = |get: fn(&Flight) -> &str| -> Vec<ByteArray> {
        flights.iter().map(|it| ByteArray::from(get(it))).collect()
    };
    let diverted = |it: &Flight| it.delay_minutes.is_none();
    let event = |it: &Flight| {
        if it.delay_minutes.is_none() {
            "diversion"
        } else {
            "arrival"
        }
    };
    let days: Vec<i32> = flights.iter().map(|it| it.day).collect();
    let distances: Vec<i32> = flights.iter().map(|it| it.distance_km).collect();
    let delays: Vec<i32> = flights.iter().filter_map(|it| it.delay_minutes).collect();
    let levels: Vec<i16> = flights.iter().map(|it| i16::from(!diverted(it))).collect();
    let events: Vec<ByteArray> = flights
        .iter()
        .map(|it| ByteArray::from(event(it)))
        .collect();
    column::<ByteArrayType>(group, &texts(|it| &it.id), None)?;
    column::<Int32Type>(group, &days, None)?;
    column::<ByteArrayType>(group, &texts(|it| it.origin), None)?;
    column::<ByteArrayType>(group, &texts(|it| it.destination), None)?;
    column::<Int32Type>(group, &distances, None)?;
    column::<ByteArrayType>(group, &events, None)?;
    column::<Int32Type>(group, &delays, Some(&levels))
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let mut column = group.next_column()?.context("a column")?;
    column.typed::<T>().write_batch(values, levels, None)?;
    Ok(column.close()?)
}

/// A number that says nothing of the one before it (the finaliser of SplitMix64).
const fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
