//! Pictures as cameras and editors write them, and as nobody does.

use std::ops::Not;

use proptest::prelude::*;

use super::*;

const SECRET: &[u8] = b"52.5200N13.4050E";

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A TIFF structure with a camera's name, an orientation and a place.
fn camera_exif(orientation: u16, little_endian: bool) -> Vec<u8> {
    let n16 = |v: u16| {
        if little_endian {
            v.to_le_bytes()
        } else {
            v.to_be_bytes()
        }
    };
    let n32 = |v: u32| {
        if little_endian {
            v.to_le_bytes()
        } else {
            v.to_be_bytes()
        }
    };
    let mut tiff = if little_endian {
        b"II*\0".to_vec()
    } else {
        b"MM\0*".to_vec()
    };
    tiff.extend(n32(8));
    tiff.extend(n16(2));
    for (tag, kind, count, value) in [
        (0x010f, 2, SECRET.len() as u32, n32(38)),
        (
            0x0112,
            3,
            1,
            [n16(orientation), [0, 0]].concat().try_into().unwrap(),
        ),
    ] {
        tiff.extend(n16(tag));
        tiff.extend(n16(kind));
        tiff.extend(n32(count));
        tiff.extend(value);
    }
    tiff.extend(n32(0));
    tiff.extend(SECRET);
    tiff
}

fn segment(code: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, code], &length[..], content].concat()
}

/// Two scans with stuffing, a restart and fill bytes, as a progressive camera file.
fn jpeg_picture() -> Vec<u8> {
    [
        segment(0xdb, &[1; 65]),
        segment(0xc2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xc4, &[2; 20]),
        segment(0xda, &[1, 1, 0, 0, 0x3f, 0]),
        vec![0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56],
        segment(0xc4, &[3; 20]),
        segment(0xda, &[1, 1, 0, 0, 0x3f, 0]),
        vec![0x78, 0xff, 0x00],
    ]
    .concat()
}

fn jpeg(orientation: u16) -> Vec<u8> {
    [
        b"\xff\xd8".to_vec(),
        segment(
            0xe0,
            &[b"JFIF\0\x01\x02\x01\0\x48\0\x48\x02\x01", SECRET].concat(),
        ),
        segment(0xe0, &[b"JFXX\0\x10", SECRET].concat()),
        segment(
            0xe1,
            &[b"Exif\0\0", &camera_exif(orientation, true)[..]].concat(),
        ),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01profile"),
        segment(0xe2, &[b"MPF\0", SECRET].concat()),
        segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
        segment(0xee, b"Adobe\0\x64\0\0\0\0\x01"),
        segment(0xfe, SECRET),
        jpeg_picture(),
        b"\xff\xd9".to_vec(),
        SECRET.to_vec(),
    ]
    .concat()
}

#[test]
fn attack_60_a_jpeg_keeps_its_picture_profile_and_orientation_only() {
    let cleaned = strip(&jpeg(6)).unwrap();
    assert_eq!(cleaned.format, ImageFormat::Jpeg);
    assert!(!holds(&cleaned.bytes, SECRET));
    assert!(holds(&cleaned.bytes, &jpeg_picture()));
    assert!(holds(&cleaned.bytes, b"ICC_PROFILE\0\x01\x01profile"));
    assert!(holds(&cleaned.bytes, b"Adobe"));
    assert!(cleaned.bytes.ends_with(b"\xff\xd9"));
    let exif = cleaned
        .bytes
        .windows(6)
        .position(|part| part == b"Exif\0\0")
        .unwrap();
    assert_eq!(exif::orientation(&cleaned.bytes[exif + 6..]), Some(6));
}

#[test]
fn an_upright_jpeg_has_no_exif_at_all() {
    for orientation in [0, 1, 9, 0x0106] {
        assert!(!holds(&strip(&jpeg(orientation)).unwrap().bytes, b"Exif"));
    }
}

fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(content) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], kind, content, &(!crc).to_be_bytes()].concat()
}

fn png(with_metadata: bool) -> Vec<u8> {
    let metadata = if with_metadata {
        let texts = [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"prVt"];
        let mut chunks: Vec<u8> = texts.iter().flat_map(|k| png_chunk(k, SECRET)).collect();
        chunks.extend(png_chunk(b"eXIf", &camera_exif(1, false)));
        chunks
    } else {
        Vec::new()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        png_chunk(b"iCCP", b"profile"),
        metadata.clone(),
        png_chunk(b"IDAT", b"pixels"),
        metadata,
        png_chunk(b"IEND", b""),
        if with_metadata {
            SECRET.to_vec()
        } else {
            Vec::new()
        },
    ]
    .concat()
}

#[test]
fn attack_60_a_png_keeps_its_picture_and_profile_only() {
    let cleaned = strip(&png(true)).unwrap();
    assert_eq!(
        cleaned,
        Cleaned {
            format: ImageFormat::Png,
            bytes: png(false)
        }
    );
}

#[test]
fn a_turned_png_stays_turned() {
    let mut turned = png(false);
    turned.splice(33..33, png_chunk(b"eXIf", &camera_exif(8, true)));
    let cleaned = strip(&turned).unwrap().bytes;
    assert!(!holds(&cleaned, SECRET));
    assert_eq!(&cleaned[33..], {
        let mut expected = png(false);
        expected.splice(33..33, png_chunk(b"eXIf", &exif::with_orientation(8)));
        expected[33..].to_vec()
    });
}

#[test]
fn a_png_with_an_unknown_critical_chunk_or_a_wrong_checksum_is_refused() {
    let mut unknown = png(false);
    unknown.splice(33..33, png_chunk(b"QrST", b""));
    assert_eq!(strip(&unknown), Err(ImageError::Damaged));
    let mut flipped = png(false);
    flipped[20] ^= 1;
    assert_eq!(strip(&flipped), Err(ImageError::Damaged));
}

fn riff_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&kind[..], &length, content, &[0][..content.len() % 2]].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    let length = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &length[..], b"WEBP", &chunks].concat()
}

fn vp8x(flags: u8) -> Vec<u8> {
    riff_chunk(b"VP8X", &[flags, 0, 0, 0, 1, 0, 0, 1, 0, 0])
}

#[test]
fn attack_60_a_webp_keeps_its_picture_and_profile_only() {
    let animated = |secret: bool| {
        let picture = riff_chunk(b"VP8L", b"pixel");
        let inner = if secret {
            riff_chunk(b"XMP ", SECRET)
        } else {
            Vec::new()
        };
        riff_chunk(b"ANMF", &[&[0; 16][..], &picture, &inner].concat())
    };
    let dirty = webp(&[
        vp8x(0x2c),
        riff_chunk(b"ICCP", b"profile"),
        animated(true),
        riff_chunk(b"EXIF", &camera_exif(1, true)),
        riff_chunk(b"XMP ", SECRET),
        riff_chunk(b"prIV", SECRET),
    ]);
    let clean = webp(&[vp8x(0x20), riff_chunk(b"ICCP", b"profile"), animated(false)]);
    assert_eq!(strip(&[&dirty[..], SECRET].concat()).unwrap().bytes, clean);
    let simple = webp(&[riff_chunk(b"VP8 ", b"pixels")]);
    assert_eq!(strip(&simple).unwrap().bytes, simple);
}

#[test]
fn a_turned_webp_stays_turned() {
    let dirty = |prefix: &[u8]| {
        let exif = [prefix, &camera_exif(3, false)].concat();
        webp(&[
            vp8x(0x08),
            riff_chunk(b"VP8 ", b"pixels"),
            riff_chunk(b"EXIF", &exif),
        ])
    };
    let clean = webp(&[
        vp8x(0x08),
        riff_chunk(b"VP8 ", b"pixels"),
        riff_chunk(b"EXIF", &exif::with_orientation(3)),
    ]);
    assert_eq!(strip(&dirty(b"")).unwrap().bytes, clean);
    assert_eq!(strip(&dirty(b"Exif\0\0")).unwrap().bytes, clean);
}

#[test]
fn attack_60_a_gif_keeps_its_pictures_and_loop_only() {
    let start = [&b"GIF89a\x01\0\x01\0\x80\0\0"[..], &[7; 6]].concat();
    let repeat = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0".to_vec();
    let control = b"\x21\xf9\x04\0\x0a\0\0\0".to_vec();
    let picture = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".to_vec();
    let block = |label: u8, content: &[u8]| {
        [&[0x21, label][..], &[SECRET.len() as u8], content, &[0]].concat()
    };
    let xmp = [
        &b"\x21\xff\x0bXMP DataXMP"[..],
        &[SECRET.len() as u8],
        SECRET,
        &[0],
    ]
    .concat();
    let stuffed = [
        &b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0"[..],
        &[SECRET.len() as u8],
        SECRET,
        &[0],
    ]
    .concat();
    let dirty = [
        start.clone(),
        block(0xfe, SECRET),
        repeat.clone(),
        xmp,
        stuffed,
        block(0x01, SECRET),
        control.clone(),
        picture.clone(),
        b"\x3b".to_vec(),
        SECRET.to_vec(),
    ]
    .concat();
    let clean = [start, repeat, control, picture, b"\x3b".to_vec()].concat();
    assert_eq!(
        strip(&dirty).unwrap(),
        Cleaned {
            format: ImageFormat::Gif,
            bytes: clean
        }
    );
}

#[test]
fn pictures_that_cannot_be_cleaned_say_so() {
    let cases: [(&[u8], &str); 7] = [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0avif", "HEIF"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1miafavif", "AVIF"),
        (b"II*\0\x08\0\0\0", "TIFF or camera raw"),
        (b"MM\0*\0\0\0\x08", "TIFF or camera raw"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", "BMP"),
    ];
    for (bytes, name) in cases {
        assert_eq!(strip(bytes), Err(ImageError::CannotBeCleaned(name)));
    }
}

#[test]
fn other_files_are_no_pictures() {
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42";
    for bytes in [
        &b""[..],
        b"%PDF-1.7",
        b"BMW\n",
        b"\xff\xd8",
        b"RIFF\0\0\0\0WAVE",
        film,
    ] {
        assert_eq!(strip(bytes), Err(ImageError::NotAnImage));
    }
}

#[test]
fn a_picture_cut_short_is_damaged() {
    let gif = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b".to_vec();
    let webp = webp(&[vp8x(0), riff_chunk(b"VP8 ", b"pixels")]);
    let whole_jpeg = jpeg(6);
    let whole_jpeg = &whole_jpeg[..whole_jpeg.len() - SECRET.len()];
    for whole in [whole_jpeg, &png(false), &webp, &gif] {
        assert!(strip(whole).is_ok());
        for length in 12..whole.len() {
            assert_eq!(
                strip(&whole[..length]),
                Err(ImageError::Damaged),
                "{length}"
            );
        }
    }
}

fn any_picture() -> impl Strategy<Value = Vec<u8>> {
    let webp = webp(&[vp8x(0x0c), riff_chunk(b"EXIF", &camera_exif(3, true))]);
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    prop_oneof![
        Just(jpeg(6)),
        Just(png(true)),
        Just(webp),
        Just(gif.to_vec())
    ]
}

proptest! {
    #[test]
    fn garbage_never_panics_and_never_grows(
        start in any_picture(),
        rest: Vec<u8>,
        keep in 0..40usize,
    ) {
        let keep = keep.min(start.len());
        let bytes = [&start[..keep], &rest].concat();
        // An orientation that stays is written anew, in fewer than fifty bytes.
        prop_assert!(strip(&bytes).is_ok_and(|it| it.bytes.len() > bytes.len() + 50).not());
    }

    #[test]
    fn a_mutated_picture_never_panics_and_cleans_to_a_fixed_point(
        picture in any_picture(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6),
    ) {
        let mut picture = picture;
        for (place, value) in changes {
            let place = place % picture.len();
            picture[place] = value;
        }
        if let Ok(cleaned) = strip(&picture) {
            prop_assert_eq!(strip(&cleaned.bytes), Ok(cleaned.clone()));
        }
    }
}
