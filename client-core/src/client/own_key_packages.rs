//! The own key packages at the relay, with which colleagues add this device to rooms.

use bytes::Bytes;
use siegel_proto::frame::Request;
use siegel_proto::key_package::{KeyPackage, PublishKeyPackages};
use siegel_proto::label;
use siegel_proto::limits::KEY_PACKAGE_DAYS;
use siegel_proto::seat::SeatClass;

use super::connection::Pending;
use super::{Client, Cx};
use crate::device::Device;
use crate::error::Error;
use crate::mls::key_package::{self, Offer};
use crate::mls::provider::Provider;
use crate::mls::signer::DeviceSigner;
use crate::mls::welcome_seal::WelcomeKey;
use crate::room::join::StoredOffer;
use crate::sealed;

/// The pool is filled up to this many when it falls below a quarter of it.
pub(super) const KEY_PACKAGE_POOL: u32 = 40;
const ANEW_SECONDS: i64 = KEY_PACKAGE_DAYS as i64 * 86_400 / 2;

impl Client {
    /// Keeps the pool at the relay filled and young: half way to their end all are made
    /// anew, the last resort among them, so that nobody is found without.
    pub(super) fn stock_up(
        &mut self,
        cx: &mut Cx,
        device: &Device,
        left: u32,
    ) -> Result<(), Error> {
        let aged = |at| cx.now.since(at) > ANEW_SECONDS;
        if !device.last_resort || device.key_packages_at.is_none_or(aged) {
            let mut device = device.clone();
            device.last_resort = false;
            device.key_packages_at = Some(cx.now);
            device.save(&self.vault)?;
            return self.publish(cx, KEY_PACKAGE_POOL, true);
        }
        if left < KEY_PACKAGE_POOL / 4 {
            return self.publish(cx, KEY_PACKAGE_POOL - left, false);
        }
        Ok(())
    }

    /// The relay hands out key packages this device knows nothing of: its state was put back
    /// since they were made. All are made anew, or nobody could add it as long as they last;
    /// once per connection, as anybody in the organisation may write to an inbox.
    pub(crate) fn stock_up_anew(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let is_news = (self.connection.as_mut()).is_some_and(|connection| {
            connection.session && !std::mem::replace(&mut connection.stocked_anew, true)
        });
        let mut device = Device::load(&self.vault)?;
        if !is_news || !device.last_resort {
            return Ok(());
        }
        device.last_resort = false;
        self.stock_up(cx, &device, 0)
    }

    /// Makes key packages and puts them on the relay. Their private halves are in the
    /// same batch, stored before the relay gets them.
    fn publish(&mut self, cx: &mut Cx, count: u32, anew: bool) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let mut key_packages = Vec::new();
        for _ in 0..count {
            key_packages.push(self.offer(cx, &device, false)?);
        }
        let last_resort = match anew {
            true => Some(self.offer(cx, &device, true)?),
            false => None,
        };
        let publish = PublishKeyPackages {
            key_packages,
            last_resort,
            replace: anew,
        };
        self.request(cx, Pending::Publish, Request::PublishKeyPackages(publish));
        Ok(())
    }

    fn offer(
        &mut self,
        cx: &mut Cx,
        device: &Device,
        last_resort: bool,
    ) -> Result<KeyPackage, Error> {
        let token = siegel_proto::seat::SeatToken::new(cx.rng.bytes());
        let welcome_key = WelcomeKey::generate(&mut cx.rng);
        let public: Bytes = welcome_key
            .public()
            .map_err(|_| siegel_proto::Malformed("welcome key"))?
            .into();
        let offer = Offer {
            chain: &device.keys.device_chain,
            leaf: siegel_proto::group::LeafInfo {
                seat_key: token.key(SeatClass::Staff),
                inbox: device.inbox.as_ref().map(|inbox| inbox.room),
            },
            welcome_key: public.clone(),
            last_resort,
        };
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let signer = DeviceSigner::new(&device.keys.signature);
        let message = key_package::generate(&provider, &signer, &offer, cx.now)?;
        StoredOffer::new(token, welcome_key, last_resort).save(&self.vault, &public)?;
        let key = sealed::derive(device.directory_key()?, label::KEY_PACKAGE_KEY);
        let sealed = sealed::seal(&key, label::KEY_PACKAGE, &[], &message, &mut cx.rng)?;
        Ok(KeyPackage {
            sealed: sealed.into(),
            expires_day: cx.now.day() + KEY_PACKAGE_DAYS,
        })
    }
}
