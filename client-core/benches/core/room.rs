//! Messages and changes in rooms of 2, 50 and 1,000 devices.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion};
use siegel_client_core::mls::MlsError;
use siegel_client_core::mls::group::{Group, Plan};

use super::device::{Device, ROOM, Room, root};

const SIZES: [usize; 3] = [2, 50, 1_000];

/// Sending and receiving 1 KiB in a room that is loaded, as it is while somebody is online.
pub fn messages(criterion: &mut Criterion) {
    let padded = vec![0; 1_024 - 208];
    for size in SIZES {
        let Room {
            mut anna, mut bo, ..
        } = Room::of(size);
        let mut annas = load(&mut anna);
        let mut bos = load(&mut bo);
        let mut send = || {
            let (sent, batch) =
                anna.step(|provider, signer| annas.encrypt(provider, signer, &padded));
            (sent.expect("encrypted"), batch)
        };
        let mut group = criterion.benchmark_group("receive");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched(
                || send().0,
                |message| bo.step(|provider, _| bos.process(provider, &root(), &message).is_ok()),
                BatchSize::SmallInput,
            );
        });
        group.finish();
        let mut group = criterion.benchmark_group("send");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(&mut send);
        });
        group.finish();
    }
}

/// Adding one device, joining, and new keys of one's own.
pub fn changes(criterion: &mut Criterion) {
    for size in SIZES {
        let mut room = Room::of(size);
        let key_package = Device::new(u32::MAX).key_package();
        let checked = room.anna.check(&key_package);
        let mut group = criterion.benchmark_group("add one");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                commit(&mut room.anna, || Plan {
                    add: vec![checked.clone()],
                    ..Plan::default()
                })
            });
        });
        group.finish();
        let mut group = criterion.benchmark_group("self-update");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| commit(&mut room.anna, Plan::default));
        });
        group.finish();
        let mut group = criterion.benchmark_group("join");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                let joined = (room.outside)
                    .undone(|provider, _| Group::join(provider, &room.welcome).map(drop));
                joined.expect("joins");
            });
        });
        group.finish();
    }
}

fn load(device: &mut Device) -> Group {
    device
        .undone(|provider, _| Group::load(provider, ROOM))
        .expect("the room is there")
}

/// Loads the room and makes a commit that is thrown away.
fn commit(device: &mut Device, plan: impl FnOnce() -> Plan) {
    let made = device.undone(|provider, signer| {
        let mut group = Group::load(provider, ROOM)?;
        group.commit(provider, signer, plan())?;
        Ok::<_, MlsError>(())
    });
    black_box(made).expect("a commit");
}
