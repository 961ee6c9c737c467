//! Passkeys (WebAuthn) whose extension `prf` makes 32 bytes of a salt: only the
//! authenticator can, and only after it has seen who asks.
//!
//! No server takes part. The challenge that WebAuthn wants is random and checked by nobody.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use siegel_web_bridge::{KnownPasskey, NewPasskey, PasskeySecret};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::window;

/// ES256, Ed25519, RS256. What they sign is looked at by nobody.
const ALGORITHMS: [i32; 3] = [-7, -8, -257];

/// Why there is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPasskey {
    /// The person gave up, or the authenticator did not recognise them.
    Refused,
    /// The authenticator makes passkeys, but none that can encrypt.
    CannotEncrypt,
}

/// Whether this browser may have passkeys that can encrypt. Whether the authenticator can is
/// known only when one was made.
pub(crate) async fn can_be_offered() -> bool {
    let Some(class) = property(&window(), "PublicKeyCredential") else {
        return false;
    };
    // Passkeys belong to a name; an address has none.
    let host = window().location().hostname().unwrap_or_default();
    if host.ends_with(|last: char| last.is_ascii_digit() || last == ']') {
        return false;
    }
    let asked = method(&class, "getClientCapabilities").and_then(|ask| ask.call0(&class).ok());
    let Some(asked) = asked.and_then(|asked| asked.dyn_into::<Promise>().ok()) else {
        // A browser that does not tell may still be able to.
        return true;
    };
    match JsFuture::from(asked).await {
        Ok(capable) => {
            let prf = property(&capable, "extension:prf");
            prf.and_then(|prf| prf.as_bool()) != Some(false)
        }
        Err(_) => true,
    }
}

/// Makes a passkey. `name` stands in the device's list of passkeys, for everybody to see who
/// looks into it.
pub(crate) async fn make(name: &str) -> Result<NewPasskey, NoPasskey> {
    let salt: [u8; 32] = random()?;
    let made = credential("create", &creation(name, &salt)?).await?;
    let credential = bytes(&made, "rawId").ok_or(NoPasskey::Refused)?.to_vec();
    let results = extension_results(&made).ok_or(NoPasskey::CannotEncrypt)?;
    let enabled = property(&results, "enabled").and_then(|enabled| enabled.as_bool());
    if enabled != Some(true) {
        return Err(NoPasskey::CannotEncrypt);
    }
    let secret = match secret(&results) {
        Some(secret) => secret,
        // Many authenticators make the bytes only when the passkey is used.
        None => {
            let known = KnownPasskey {
                credential: credential.clone(),
                salt,
            };
            ask(&known).await?
        }
    };
    Ok(NewPasskey {
        credential,
        salt,
        secret,
    })
}

/// Asks a passkey what it makes of its salt.
pub(crate) async fn ask(known: &KnownPasskey) -> Result<PasskeySecret, NoPasskey> {
    let used = credential("get", &request(known)?).await?;
    let results = extension_results(&used).ok_or(NoPasskey::CannotEncrypt)?;
    secret(&results).ok_or(NoPasskey::CannotEncrypt)
}

fn creation(name: &str, salt: &[u8; 32]) -> Result<JsValue, NoPasskey> {
    let host = window().location().hostname().unwrap_or_default();
    let user: [u8; 16] = random()?;
    let algorithms: Array = ALGORITHMS
        .into_iter()
        .map(|algorithm| object(&[("type", "public-key".into()), ("alg", algorithm.into())]))
        .collect();
    let selection = object(&[
        // Only those that the device lists by itself can encrypt on many phones. They are
        // asked by name all the same.
        ("residentKey", "preferred".into()),
        ("userVerification", "required".into()),
    ]);
    Ok(object(&[
        ("challenge", random_bytes()?),
        ("rp", object(&[("id", host.into()), ("name", name.into())])),
        (
            "user",
            object(&[
                ("id", array(&user)),
                ("name", name.into()),
                ("displayName", name.into()),
            ]),
        ),
        ("pubKeyCredParams", algorithms.into()),
        ("authenticatorSelection", selection),
        ("attestation", "none".into()),
        ("extensions", extensions(salt)),
    ]))
}

fn request(known: &KnownPasskey) -> Result<JsValue, NoPasskey> {
    let allowed = object(&[
        ("type", "public-key".into()),
        ("id", array(&known.credential)),
    ]);
    Ok(object(&[
        ("challenge", random_bytes()?),
        ("allowCredentials", Array::of1(&allowed).into()),
        ("userVerification", "required".into()),
        ("extensions", extensions(&known.salt)),
    ]))
}

fn extensions(salt: &[u8; 32]) -> JsValue {
    let evaluated = object(&[("first", array(salt))]);
    object(&[("prf", object(&[("eval", evaluated)]))])
}

/// `navigator.credentials.create` or `.get`. All its errors mean that there is no passkey now;
/// browsers do not tell more, so that nobody learns who was there.
async fn credential(how: &str, options: &JsValue) -> Result<JsValue, NoPasskey> {
    let asked = || {
        let container = property(&window().navigator(), "credentials")?;
        let options = object(&[("publicKey", options.clone())]);
        let promise = method(&container, how)?.call1(&container, &options).ok()?;
        promise.dyn_into::<Promise>().ok()
    };
    let promise = asked().ok_or(NoPasskey::Refused)?;
    JsFuture::from(promise)
        .await
        .map_err(|_| NoPasskey::Refused)
}

fn extension_results(credential: &JsValue) -> Option<JsValue> {
    let results = method(credential, "getClientExtensionResults")?.call0(credential);
    property(&results.ok()?, "prf")
}

/// Takes the bytes out and leaves none behind.
fn secret(results: &JsValue) -> Option<PasskeySecret> {
    let made = bytes(&property(results, "results")?, "first")?;
    let mut secret = [0; 32];
    if made.length() != 32 {
        return None;
    }
    made.copy_to(&mut secret);
    made.fill(0, 0, 32);
    Some(PasskeySecret::new(secret))
}

fn random<const N: usize>() -> Result<[u8; N], NoPasskey> {
    let mut bytes = [0; N];
    let crypto = window().crypto().map_err(|_| NoPasskey::Refused)?;
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .map_err(|_| NoPasskey::Refused)?;
    Ok(bytes)
}

fn random_bytes() -> Result<JsValue, NoPasskey> {
    random::<32>().map(|bytes| array(&bytes))
}

fn array(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// A view of a buffer, which shares its memory.
fn bytes(of: &JsValue, name: &str) -> Option<Uint8Array> {
    property(of, name).map(|buffer| Uint8Array::new(&buffer))
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A fresh object takes every field.
        Reflect::set(&object, &(*name).into(), value).ok();
    }
    object.into()
}

fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &name.into()).ok()?;
    (!value.is_null() && !value.is_undefined()).then_some(value)
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    property(of, name)?.dyn_into().ok()
}
