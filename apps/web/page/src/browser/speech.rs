//! Reading aloud, with voices that are on the device: nothing is sent to a service.

use siegel_web_texts::Language;
use wasm_bindgen::JsCast;
use web_sys::{SpeechSynthesis, SpeechSynthesisUtterance, SpeechSynthesisVoice};

/// Whether the device has a voice for the language.
pub(crate) fn can_read(language: Language) -> bool {
    voice(language).is_some()
}

/// Reads a text aloud.
pub(crate) fn read(language: Language, text: &str) {
    let (Some(speech), Some(voice)) = (speech(), voice(language)) else {
        return;
    };
    speech.cancel();
    // Some voices stop after a quarter of a minute: one utterance per paragraph.
    for paragraph in text.split("\n\n") {
        if let Ok(utterance) = SpeechSynthesisUtterance::new_with_text(paragraph) {
            utterance.set_lang(&voice.lang());
            utterance.set_voice(Some(&voice));
            utterance.set_rate(0.9);
            speech.speak(&utterance);
        }
    }
}

/// Stops reading.
pub(crate) fn stop() {
    if let Some(speech) = speech() {
        speech.cancel();
    }
}

fn speech() -> Option<SpeechSynthesis> {
    super::window().speech_synthesis().ok()
}

fn voice(language: Language) -> Option<SpeechSynthesisVoice> {
    let wanted = language.code().split('-').next()?;
    let voices = speech()?.get_voices();
    voices
        .iter()
        .filter_map(|voice| voice.dyn_into::<SpeechSynthesisVoice>().ok())
        .find(|voice| voice.local_service() && voice.lang().starts_with(wanted))
}
