//! Opening a vault, and sealing what a step changed.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_client_core::vault::{PassphraseCost, Scope, Table, Vault};
use siegel_proto::ids::RoomId;

const TABLE: Table = Table::new("bench");
const ROWS: u32 = 10_000;
const ROW: [u8; 1_024] = [7; 1_024];

/// A vault of 10,000 rows of 1 KiB: opening all of it, and changing one row.
pub fn rows(criterion: &mut Criterion) {
    let mut rng = StepRng::new(Entropy([1; 32]));
    let mut vault = Vault::create(b"p", PassphraseCost::TRIVIAL, &mut rng).expect("a vault");
    for number in 0..ROWS {
        put(&vault, number, &ROW);
    }
    let batch = vault.commit(&mut rng).expect("a batch");
    let header = batch.header.expect("a new vault has a header");

    let mut group = criterion.benchmark_group("vault");
    group.bench_function("seal a row", |bencher| {
        let mut number = 0_u32;
        bencher.iter(|| {
            number += 1;
            let mut row = ROW;
            row[..4].copy_from_slice(&number.to_be_bytes());
            put(&vault, number % ROWS, &row);
            black_box(vault.commit(&mut rng).expect("a batch"))
        });
    });
    group.sample_size(20);
    group.throughput(Throughput::Elements(ROWS.into()));
    group.bench_function("open 10,000 rows", |bencher| {
        bencher.iter(|| Vault::open(&header, b"p", batch.puts.iter().cloned()).expect("opens"));
    });
    group.finish();

    let mut group = criterion.benchmark_group("passphrase");
    group.sample_size(10);
    group.bench_function("stretch and wrap", |bencher| {
        bencher.iter(|| Vault::create(b"p", PassphraseCost::STANDARD, &mut rng).expect("a vault"));
    });
    group.finish();
}

fn put(vault: &Vault, number: u32, row: &[u8]) {
    let scope = Scope::Room(RoomId::new([7; 16]));
    (vault.put(scope, TABLE, &number.to_be_bytes(), row)).expect("staged");
}
