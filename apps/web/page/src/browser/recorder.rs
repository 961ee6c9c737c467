//! Recording a voice note in the page.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobEvent, BlobPropertyBag, MediaRecorder, MediaRecorderOptions, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

/// Bits a second: speech needs no more, and cheap contracts thank.
const SPEECH_BITS: u32 = 32_000;

/// A recording under way. Dropped, it ends and the microphone is free.
pub(crate) struct Recording {
    recorder: MediaRecorder,
    stream: MediaStream,
    parts: Rc<RefCell<Vec<Blob>>>,
    _data: Closure<dyn FnMut(BlobEvent)>,
}

/// The microphone cannot be used.
pub(crate) struct NoMicrophone;

impl Recording {
    /// Begins; the browser may ask the person first.
    pub(crate) async fn begin() -> Result<Self, NoMicrophone> {
        let devices = super::window().navigator().media_devices();
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&true.into());
        let promise = devices
            .and_then(|devices| devices.get_user_media_with_constraints(&constraints))
            .map_err(|_| NoMicrophone)?;
        let stream: MediaStream = JsFuture::from(promise)
            .await
            .map_err(|_| NoMicrophone)?
            .unchecked_into();
        let options = MediaRecorderOptions::new();
        options.set_audio_bits_per_second(SPEECH_BITS);
        let recorder =
            MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options)
                .map_err(|_| NoMicrophone)?;
        let parts = Rc::new(RefCell::new(Vec::new()));
        let keep = Rc::clone(&parts);
        let data = Closure::<dyn FnMut(BlobEvent)>::new(move |event: BlobEvent| {
            keep.borrow_mut().extend(event.data());
        });
        recorder.set_ondataavailable(Some(data.as_ref().unchecked_ref()));
        recorder.start().map_err(|_| NoMicrophone)?;
        Ok(Self {
            recorder,
            stream,
            parts,
            _data: data,
        })
    }

    /// Ends and gives the sound.
    pub(crate) async fn finish(self) -> Option<Blob> {
        let stopped = js_sys::Promise::new(&mut |done, _| {
            self.recorder.set_onstop(Some(&done));
        });
        self.recorder.stop().ok()?;
        JsFuture::from(stopped).await.ok()?;
        let parts: Array = self.parts.borrow().iter().collect();
        let bag = BlobPropertyBag::new();
        // Without the codec: the media type is sent along and need not tell the browser.
        let kind = self.recorder.mime_type();
        bag.set_type(kind.split(';').next().unwrap_or("audio/webm"));
        Blob::new_with_blob_sequence_and_options(&parts, &bag).ok()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.recorder.set_ondataavailable(None);
        for track in self.stream.get_tracks().iter() {
            if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
                track.stop();
            }
        }
    }
}
