//! Compiles the `.proto` sources with `protox`, so that no external `protoc` is needed.

use std::error::Error;

use protox::prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let files = [
        "proto/siegel/v1/frame.proto",
        "proto/siegel/v1/content.proto",
        "proto/siegel/v1/group.proto",
    ];
    let descriptors = protox::compile(files, ["proto"])?;
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("siegel.v1.bin"), descriptors.encode_to_vec())?;
    let mut config = prost_build::Config::new();
    // Messages hold tokens and ciphertext and print nothing; these enums hold neither.
    config.bytes(["."]).skip_debug(["."]);
    for name in [
        "CertificateKind",
        "EntryKind",
        "ErrorCode",
        "FieldKind",
        "PersonRole",
        "ReceiptKind",
        "RoomKind",
    ] {
        config.type_attribute(format!(".siegel.v1.{name}"), "#[derive(Debug)]");
    }
    config.compile_fds(descriptors)?;
    println!("cargo::rerun-if-changed=proto");
    Ok(())
}
