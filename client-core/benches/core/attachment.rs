//! Sealing and opening a file.

use criterion::{Criterion, Throughput};
use siegel_client_core::attachment::{Opener, SealedFile, Sealer, Verifier};
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_proto::ids::BlobId;

const SIZE: usize = 8 << 20;
const READ: usize = 1 << 20;

/// Seals, and checks and opens, 8 MiB in reads of 1 MiB.
pub fn files(criterion: &mut Criterion) {
    let mut rng = StepRng::new(Entropy([1; 32]));
    let file = vec![7; SIZE];
    let mut group = criterion.benchmark_group("attachment");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(SIZE as u64));
    group.bench_function("seal 8 MiB", |bencher| {
        bencher.iter(|| seal(&file, &mut rng));
    });
    let (sealed, blob) = seal(&file, &mut rng);
    group.bench_function("check and open 8 MiB", |bencher| {
        bencher.iter(|| open(&sealed, &blob));
    });
    group.finish();
}

fn seal(file: &[u8], rng: &mut StepRng) -> (SealedFile, Vec<u8>) {
    let mut sealer = Sealer::new(BlobId::new([3; 16]), file.len() as u64, rng).expect("fits");
    let mut blob = Vec::with_capacity(usize::try_from(sealer.sealed_size()).expect("fits"));
    for mut read in file.chunks(READ) {
        while let Some(frame) = sealer.push(&mut read).expect("as announced") {
            blob.extend(frame);
        }
    }
    (sealer.finish().expect("whole"), blob)
}

fn open(sealed: &SealedFile, blob: &[u8]) -> usize {
    let mut verifier = Verifier::new(sealed.clone()).expect("fits");
    for read in blob.chunks(READ) {
        verifier.push(read).expect("as announced");
    }
    let mut opener = Opener::new(verifier.finish().expect("the blob"));
    let mut opened = 0;
    for mut read in blob.chunks(READ) {
        while let Some(frame) = opener.push(&mut read).expect("sealed like that") {
            opened += frame.len();
        }
    }
    opener.finish().expect("whole");
    opened
}
