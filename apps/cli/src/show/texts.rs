//! Every sentence of the program, in English and in German, side by side.

use super::language::Language;

/// The sentences in one language.
#[derive(Clone, Copy, Debug)]
pub struct Texts(Language);

impl Texts {
    /// In this language.
    pub fn new(language: Language) -> Self {
        Self(language)
    }
}

/// One method per sentence. The arguments stand in braces in both languages; a sentence
/// missing in one does not compile.
macro_rules! sentences {
    ($($(#[doc = $doc:literal])* $name:ident($($argument:ident),*) $english:literal $german:literal;)*) => {
        impl Texts {
            $(
                $(#[doc = $doc])*
                pub fn $name(self, $($argument: impl std::fmt::Display),*) -> String {
                    match self.0 {
                        Language::En => format!($english),
                        Language::De => format!($german),
                    }
                }
            )*
        }
    };
}

sentences! {
    /// Asks for the passphrase.
    ask_passphrase()
        "Passphrase: "
        "Passwort: ";
    /// Asks for a new passphrase.
    ask_new_passphrase()
        "New passphrase for this device: "
        "Neues Passwort für dieses Gerät: ";
    /// Asks for it once more.
    ask_again()
        "Once more: "
        "Noch einmal: ";
    /// Exit code 3.
    profile_locked()
        "another siegel process uses this profile; end it or choose another with --profile"
        "dieses Profil wird von einem anderen siegel-Prozess benutzt; beenden Sie ihn oder wählen Sie mit --profile ein anderes";
    /// Exit code 3, with the process number.
    profile_locked_by(process)
        "another siegel process (number {process}) uses this profile; end it or choose another with --profile"
        "dieses Profil wird von einem anderen siegel-Prozess (Nummer {process}) benutzt; beenden Sie ihn oder wählen Sie mit --profile ein anderes";
    /// Profile trouble.
    profile_unusable()
        "cannot use the profile"
        "das Profil lässt sich nicht benutzen";
    /// The home of all profiles is unknown.
    profile_no_home()
        "set SIEGEL_HOME to the directory the profiles belong in"
        "setzen Sie SIEGEL_HOME auf das Verzeichnis, in das die Profile gehören";
    /// Exit code 4.
    wrong_passphrase()
        "the passphrase is wrong"
        "das Passwort ist falsch";
    /// Exit code 4: nothing was given.
    no_passphrase()
        "no passphrase could be read"
        "es konnte kein Passwort gelesen werden";
    /// Exit code 4: typed twice, differently.
    passphrases_differ()
        "the two passphrases differ; nothing was changed"
        "die beiden Passwörter sind verschieden; es wurde nichts geändert";
    /// Exit code 4: the file.
    passphrase_file_open(path)
        "others can read {path}; restrict it with: chmod 600"
        "andere können {path} lesen; schränken Sie das ein mit: chmod 600";
    /// Exit code 7: no vault.
    no_vault()
        "this profile is not set up; use 'siegel setup' or 'siegel join' first"
        "dieses Profil ist noch nicht eingerichtet; benutzen Sie zuerst „siegel setup“ oder „siegel join“";
    /// Exit code 10.
    vault_exists()
        "this profile is already set up; choose another with --profile"
        "dieses Profil ist schon eingerichtet; wählen Sie mit --profile ein anderes";
    /// Exit code 9.
    vault_newer()
        "the vault was written by a newer version of siegel; nothing was touched, update this program"
        "der Tresor stammt von einer neueren Version von siegel; es wurde nichts verändert, aktualisieren Sie dieses Programm";
    /// Exit code 9.
    vault_failed()
        "the vault cannot be read or written; nothing was given up, keep the files and ask your administrator"
        "der Tresor lässt sich nicht lesen oder schreiben; es wurde nichts aufgegeben, behalten Sie die Dateien und fragen Sie Ihre Administration";
    /// Exit code 9.
    vault_damaged()
        "the vault is damaged or was put back from a copy; this device has to be linked anew"
        "der Tresor ist beschädigt oder wurde aus einer Kopie zurückgespielt; dieses Gerät muss neu verbunden werden";
    /// Exit code 6.
    unreachable()
        "the relay cannot be reached"
        "der Server ist nicht erreichbar";
    /// Exit code 6.
    too_slow(seconds)
        "the relay did not answer within {seconds} seconds; what was to be sent stays in the outbox"
        "der Server hat nicht innerhalb von {seconds} Sekunden geantwortet; was zu senden war, bleibt im Ausgang";
    /// Exit code 2.
    bad_address()
        "the link does not start with https://HOST; copy it again, whole"
        "der Link beginnt nicht mit https://HOST; kopieren Sie ihn noch einmal ganz";
    /// Exit code 2.
    insecure_address()
        "the link uses plain http; only https is safe towards another machine"
        "der Link benutzt unverschlüsseltes http; zu einem anderen Rechner ist nur https sicher";
    /// Exit code 2.
    bad_certificates()
        "the file of --ca-file cannot be used"
        "die Datei von --ca-file ist nicht brauchbar";
    /// Exit code 5.
    refused(code)
        "the relay refused: {code}"
        "der Server hat abgelehnt: {code}";
    /// Exit code 7.
    no_such_room(name)
        "there is no room “{name}”; 'siegel rooms' lists them"
        "es gibt keinen Raum „{name}“; „siegel rooms“ zeigt alle";
    /// Exit code 7.
    no_such_person(name)
        "nobody is called “{name}” here"
        "hier heißt niemand „{name}“";
    /// Exit code 7.
    no_such_device(name)
        "no device of yours or of people in your rooms begins with “{name}”; 'siegel devices' lists them"
        "kein Gerät von Ihnen oder von Personen in Ihren Räumen beginnt mit „{name}“; „siegel devices“ zählt sie auf";
    /// Exit code 7.
    no_such_invitation(name)
        "no invitation of this device is called “{name}”; 'siegel invite list' shows them"
        "keine Einladung dieses Geräts heißt „{name}“; „siegel invite list“ zeigt sie";
    /// Exit code 7.
    no_such_message(name)
        "there is no message “{name}” in this room"
        "in diesem Raum gibt es keine Nachricht „{name}“";
    /// Exit code 7.
    not_a_file(name)
        "message “{name}” carries no file"
        "Nachricht „{name}“ enthält keine Datei";
    /// Exit code 2.
    ambiguous(name, choices)
        "“{name}” could be: {choices}"
        "„{name}“ könnte sein: {choices}";
    /// Exit code 9.
    file_failed(path)
        "cannot use the file {path}"
        "die Datei {path} lässt sich nicht benutzen";
    /// Exit code 10.
    file_exists(path)
        "{path} is already there and was left as it is; use --force to replace it"
        "{path} gibt es schon und wurde nicht verändert; mit --force wird die Datei ersetzt";
    /// Exit code 2.
    not_understood()
        "the input could not be understood"
        "die Eingabe wurde nicht verstanden";
    /// Exit code 1: a pipe broke.
    no_output()
        "nobody reads what is printed"
        "niemand liest die Ausgabe";
    /// Exit code 7.
    file_gone()
        "the relay no longer has this file"
        "der Server hat diese Datei nicht mehr";
    /// Exit code 2.
    file_too_large()
        "the file is larger than 100 MiB"
        "die Datei ist größer als 100 MiB";
    /// Exit code 8.
    file_damaged()
        "the file is not the one that was sent; nothing was saved"
        "die Datei ist nicht die, die gesendet wurde; es wurde nichts gespeichert";
    /// Exit code 8.
    metadata()
        "this picture may hold the place and time of the shot, and they cannot be taken out; send another format, or as it is with --keep-metadata"
        "dieses Bild kann Ort und Zeit der Aufnahme enthalten, und sie lassen sich nicht entfernen; senden Sie ein anderes Format oder das Bild unverändert mit --keep-metadata";
    /// Exit code 2.
    link_incomplete()
        "this is not a complete Siegel link; copy it again, whole, and put it in quotes"
        "das ist kein vollständiger Siegel-Link; kopieren Sie ihn noch einmal ganz und setzen Sie ihn in Anführungszeichen";
    /// Exit code 2.
    link_kind()
        "this link is for something else"
        "dieser Link ist für etwas anderes";
    /// Exit code 7.
    link_unavailable()
        "this link cannot be used any more: it was used, withdrawn or has expired; ask for a new one"
        "dieser Link gilt nicht mehr: er wurde benutzt, zurückgezogen oder ist abgelaufen; bitten Sie um einen neuen";
    /// Exit code 8.
    wrong_relay()
        "this is not your organisation's relay; nothing was sent, tell your administrator"
        "das ist nicht der Server Ihrer Organisation; es wurde nichts gesendet, informieren Sie Ihre Administration";
    /// Exit code 8.
    outdated()
        "this program is older than the relay and can neither send nor receive; install the newer version, nothing here is lost"
        "dieses Programm ist älter als der Server und kann nichts senden oder empfangen; installieren Sie die neue Version, hier geht nichts verloren";
    /// Exit code 8.
    revoked()
        "this device was revoked; it can no longer be used"
        "dieses Gerät wurde gesperrt; es kann nicht mehr benutzt werden";
    /// Exit code 8.
    identity_changed(name)
        "the identity of “{name}” has changed; nothing is sent to them until you have checked with them and used 'siegel verify'"
        "die Identität von „{name}“ hat sich geändert; es wird nichts gesendet, bis Sie nachgefragt und „siegel verify“ benutzt haben";
    /// Exit code 2.
    nothing_to_send()
        "there is nothing to send"
        "es gibt nichts zu senden";
    /// The relay is out of reach; what is here is shown.
    not_in_step()
        "the relay cannot be reached; this is what this device knows so far"
        "der Server ist nicht erreichbar; das ist, was dieses Gerät bisher weiß";
    /// Exit code 7.
    not_met()
        "this device and the person's have not exchanged anything yet; write to each other first"
        "dieses Gerät und das der Person haben noch nichts ausgetauscht; schreiben Sie einander zuerst";
    /// The system's signals are out of order.
    no_signal()
        "cannot listen for interruptions"
        "auf Unterbrechungen kann nicht gehört werden";
    /// Exit code 2.
    no_name()
        "colleagues need a name: use --name"
        "für die Kolleginnen und Kollegen braucht es einen Namen: benutzen Sie --name";
    /// After `setup`.
    arrived_as_admin()
        "The organisation is made, and this device is its administrator's."
        "Die Organisation ist angelegt; dieses Gerät gehört ihrer Administration.";
    /// After `join` of a colleague.
    arrived()
        "You have joined."
        "Sie sind dabei.";
    /// After `join` of a client.
    arrived_as_guest()
        "You are in the room. 'siegel rooms' shows it, 'siegel read' what was written."
        "Sie sind im Raum. „siegel rooms“ zeigt ihn, „siegel read“ das Geschriebene.";
    /// After `man`.
    manual_written(directory)
        "The manual pages are in {directory}."
        "Die Handbuchseiten liegen in {directory}.";
    /// A person without a known name.
    nameless(id)
        "unnamed ({id})"
        "ohne Namen ({id})";
    /// The client in a room.
    client()
        "client"
        "Klient/in";
    /// A colleague.
    staff()
        "staff"
        "intern";
    /// An administrator.
    admin()
        "administrator"
        "Administration";
    /// Marks the own person.
    you()
        "you"
        "Sie";
    /// A member who may add and remove.
    manager()
        "manages the room"
        "verwaltet den Raum";
    /// Verified.
    verified()
        "verified"
        "geprüft";
    /// Not verified.
    not_verified()
        "not verified"
        "nicht geprüft";
    /// A client who has not opened the link.
    not_arrived()
        "has not opened the link yet"
        "hat den Link noch nicht geöffnet";
    /// A changed identity, in a list.
    changed()
        "identity changed"
        "Identität geändert";
    /// A revoked member, in a list.
    revoked_member()
        "revoked"
        "gesperrt";
    /// A number of devices.
    devices(count)
        "devices: {count}"
        "Geräte: {count}";
    /// A room without a title.
    untitled(id)
        "room {id}"
        "Raum {id}";
    /// A number of people.
    people(count)
        "people: {count}"
        "Personen: {count}";
    /// Unread messages.
    unread(count)
        "unread: {count}"
        "ungelesen: {count}";
    /// Waiting work.
    waiting(count)
        "waiting to be sent: {count}"
        "wartet auf Versand: {count}";
    /// Failed work.
    failed(count)
        "failed: {count}"
        "fehlgeschlagen: {count}";
    /// A room that is over for this device.
    no_longer_member()
        "you are no longer a member"
        "Sie sind nicht mehr dabei";
    /// A room whose last change somebody could not process.
    contested()
        "a member could not process the last change"
        "ein Mitglied konnte die letzte Änderung nicht verarbeiten";
    /// A room whose last change this device could not process.
    refused_here()
        "this device refused the last change"
        "dieses Gerät hat die letzte Änderung abgelehnt";
    /// The state was put back.
    rolled_back()
        "this device's data was put back from a copy; it heals by itself"
        "die Daten dieses Geräts wurden aus einer Kopie zurückgespielt; es heilt von selbst";
    /// The relay was put back to a backup that does not fit this device.
    out_of_step()
        "the server runs from a backup that does not fit this device; messages wait until somebody who manages the room was online (who manages it: `siegel room repair`)"
        "der Server läuft aus einer Sicherung, die nicht zu diesem Gerät passt; Nachrichten warten, bis jemand online war, der oder die den Raum verwaltet (wer ihn verwaltet: `siegel room repair`)";
    /// The relay lies.
    split_view()
        "WARNING: the relay shows members different messages; tell your administrator"
        "WARNUNG: der Server zeigt den Mitgliedern Verschiedenes; informieren Sie Ihre Administration";
    /// Nothing came from anybody else for long.
    stale_room(since)
        "nothing from anybody else since {since}: what is shown may be old, the relay may be holding messages back"
        "seit {since} nichts von anderen: was gezeigt wird, kann veraltet sein, der Server hält vielleicht Nachrichten zurück";
    /// In `status`.
    stale_rooms(rooms)
        "WARNING: {rooms} of the rooms may be out of date: see `siegel rooms`"
        "WARNUNG: {rooms} der Räume können veraltet sein: siehe `siegel rooms`";
    /// After `room new`.
    room_made(title, id)
        "Room “{title}” is made ({id})."
        "Raum „{title}“ ist angelegt ({id}).";
    /// The relay has it.
    sent(number)
        "Sent ({number})."
        "Gesendet ({number}).";
    /// A change of members is done.
    members_changed()
        "Done."
        "Erledigt.";
    /// Above an invitation's link.
    invitation(until)
        "Pass this on; it can be used once, until {until}:"
        "Geben Sie dies weiter; es gilt einmal und bis {until}:";
    /// A file in a conversation.
    attachment(name, size)
        "file “{name}”, {size}"
        "Datei „{name}“, {size}";
    /// A voice note.
    voice_note(seconds)
        "voice note, {seconds} seconds"
        "Sprachnachricht, {seconds} Sekunden";
    /// The head of a data card.
    data_card()
        "data card"
        "Datenkarte";
    /// A field of a data card whose day has come.
    expired_field()
        "(deleted on time)"
        "(fristgerecht gelöscht)";
    /// A field of a data card.
    field_name()
        "Name"
        "Name";
    /// A field of a data card.
    field_birth_date()
        "Date of birth"
        "Geburtsdatum";
    /// A field of a data card.
    field_address()
        "Address"
        "Anschrift";
    /// A field of a data card.
    field_phone()
        "Telephone"
        "Telefon";
    /// What was said elsewhere before; author and reason may be empty.
    forwarded(author, reason)
        "[forwarded: {author} · {reason}]"
        "[weitergeleitet: {author} · {reason}]";
    /// A privacy notice in a conversation.
    notice(version)
        "Notice {version}:"
        "Hinweis {version}:";
    /// Consent in a conversation.
    consented(version)
        "agrees to notice {version}"
        "stimmt Hinweis {version} zu";
    /// Its withdrawal.
    withdrew(version)
        "withdraws the agreement to notice {version}"
        "nimmt die Zustimmung zu Hinweis {version} zurück";
    /// Nobody has decided.
    no_consent()
        "Nobody has decided about a notice yet."
        "Bisher hat niemand über einen Hinweis entschieden.";
    /// A deleted message.
    deleted()
        "deleted"
        "gelöscht";
    /// Marks an edited message.
    edited()
        "edited"
        "bearbeitet";
    /// Marks an own message that all others have.
    delivered()
        "delivered"
        "angekommen";
    /// Marks an own message by how many of those who tell have read it.
    read_by(by, of)
        "read by {by} of {of}"
        "gelesen von {by} von {of}";
    /// Retention changed.
    retention(days)
        "messages are kept for {days} days from now on"
        "Nachrichten bleiben ab jetzt {days} Tage";
    /// People came in.
    joined(names)
        "came in: {names}"
        "dazugekommen: {names}";
    /// People left.
    left(names)
        "no longer in the room: {names}"
        "nicht mehr im Raum: {names}";
    /// The client opened the link.
    guest_arrived(name)
        "{name} has opened the link (not verified yet)"
        "{name} hat den Link geöffnet (noch nicht geprüft)";
    /// Devices changed.
    devices_changed(name)
        "the devices of {name} changed"
        "die Geräte von {name} haben sich geändert";
    /// Title or managers changed.
    info_changed()
        "the room's title or managers changed"
        "Titel oder Verwaltung des Raums haben sich geändert";
    /// Somebody verified somebody.
    verified_by(name)
        "has verified {name}"
        "hat {name} geprüft";
    /// Somebody wants to leave.
    leave_asked()
        "asks to be removed from the room"
        "bittet darum, aus dem Raum entfernt zu werden";
    /// A newer kind of message.
    too_new()
        "this program is too old for this message"
        "dieses Programm ist zu alt für diese Nachricht";
    /// An unreadable entry.
    unreadable()
        "a message that cannot be read on this device"
        "eine Nachricht, die auf diesem Gerät nicht lesbar ist";
    /// A gap in the log.
    missing(entries)
        "here {entries} entries are missing"
        "hier fehlen {entries} Einträge";
    /// A gap in an author's messages.
    author_gap(messages)
        "{messages} messages of this author never arrived"
        "{messages} Nachrichten dieser Person sind nie angekommen";
    /// An author's chain is broken.
    author_broken()
        "the messages of this author do not follow on from each other"
        "die Nachrichten dieser Person schließen nicht aneinander an";
    /// A refused change.
    commit_refused()
        "a change of the room was refused here"
        "eine Änderung des Raums wurde hier abgelehnt";
    /// A change was taken back.
    commit_voided()
        "a change of the room was taken back"
        "eine Änderung des Raums wurde zurückgenommen";
    /// The relay was put back to a backup.
    put_back()
        "the server goes on from a backup; what was written since is sent again by the devices themselves, and something from lost devices may be missing"
        "der Server läuft aus einer Sicherung weiter; was danach geschrieben wurde, senden die Geräte selbst noch einmal, und von verlorenen Geräten kann etwas fehlen";
    /// A manager's device had the relay take the room over.
    room_reset()
        "connected the room again"
        "hat den Raum wieder verbunden";
    /// Marks a message that waits.
    still_waiting()
        "waits to be sent"
        "wartet auf Versand";
    /// Marks a message that failed.
    not_sent()
        "could not be sent"
        "konnte nicht gesendet werden";
    /// After `save`.
    saved(path)
        "Saved as {path}."
        "Gespeichert als {path}.";
    /// Introduces the safety words.
    compare_words(name)
        "Read these to {name} by phone, or face to face. If they see the same, use 'siegel verify'."
        "Vergleichen Sie dies mit {name} am Telefon oder von Angesicht zu Angesicht. Stimmt alles überein, benutzen Sie „siegel verify“.";
    /// After `verify`.
    now_verified(name)
        "{name} is verified."
        "{name} ist geprüft.";
    /// After `revoke`.
    now_revoked(name)
        "{name} is revoked for ever and is being removed from the rooms."
        "{name} ist für immer gesperrt und wird aus den Räumen entfernt.";
    /// After `revoke-device`.
    device_revoked(id, name)
        "Device {id} of {name} is revoked for ever and is being removed from the rooms."
        "Das Gerät {id} von {name} ist für immer gesperrt und wird aus den Räumen entfernt.";
    /// An invitation in a list.
    invitation_open(until)
        "can be used until {until}"
        "benutzbar bis {until}";
    /// An invitation in a list.
    invitation_used()
        "used"
        "benutzt";
    /// An invitation in a list.
    invitation_gone()
        "taken back or run out"
        "zurückgenommen oder abgelaufen";
    /// An invitation in a list.
    invitation_preparing()
        "being prepared"
        "wird vorbereitet";
    /// Policy.
    policy_retention(days)
        "messages live at most {days} days"
        "Nachrichten leben höchstens {days} Tage";
    /// Policy; 0 for never.
    policy_lock(minutes)
        "devices lock themselves after {minutes} minutes (0: never)"
        "Geräte sperren sich nach {minutes} Minuten (0: nie)";
    /// Policy.
    policy_invitations(hours)
        "invitations can be used for {hours} hours"
        "Einladungen sind {hours} Stunden benutzbar";
    /// Policy; 0 for the app's own.
    policy_passphrase(characters)
        "passphrases and PINs have at least {characters} characters (0: as the app asks)"
        "Passwörter und PINs haben mindestens {characters} Zeichen (0: wie die App es verlangt)";
    /// Policy; 0 for never.
    policy_wipe(tries)
        "devices forget everything after {tries} wrong tries (0: never)"
        "Geräte vergessen alles nach {tries} falschen Versuchen (0: nie)";
    /// Policy.
    policy_without_passkeys()
        "no device is unlocked by passkey"
        "kein Gerät wird mit Passkey entsperrt";
    /// Policy.
    policy_title(title)
        "the app calls itself “{title}”"
        "die App nennt sich „{title}“";
    /// Status: the organisation's relay.
    relay(origin)
        "relay: {origin}"
        "Server: {origin}";
    /// Status: reached or not.
    reached()
        "connected"
        "verbunden";
    /// Status: not reached.
    not_reached()
        "not connected"
        "nicht verbunden";
    /// Status: this person.
    this_person(name, role)
        "person: {name} ({role})"
        "Person: {name} ({role})";
    /// Status: this device.
    this_device(id)
        "device: {id}"
        "Gerät: {id}";
    /// Exit code 7.
    no_notice()
        "this room has no notice to decide about"
        "in diesem Raum gibt es keinen Hinweis, über den zu entscheiden wäre";
    /// Exit code 7.
    gone()
        "it is no longer there"
        "das gibt es nicht mehr";
    /// Exit code 5.
    not_allowed()
        "this is not allowed here, or not to you"
        "das ist hier oder für Sie nicht erlaubt";
    /// Exit code 2.
    too_large()
        "the input is too long"
        "die Eingabe ist zu lang";
    /// Exit code 5.
    no_key_package()
        "a colleague's device must come online once before it can be added"
        "ein Gerät einer eingeladenen Person muss erst einmal online gewesen sein";
    /// Exit code 5.
    denied()
        "the relay does not let this device into the room any more"
        "der Server lässt dieses Gerät nicht mehr in den Raum";
    /// Exit code 5.
    quota()
        "a limit of the relay is reached"
        "eine Grenze des Servers ist erreicht";
    /// Exit code 5.
    crowded()
        "there are too many devices in this room for an invitation: make a smaller room"
        "in diesem Raum sind zu viele Geräte für eine Einladung: legen Sie einen kleineren an";
    /// Exit code 5.
    uninvited()
        "the invitation this belongs to did not come about"
        "die Einladung, zu der das gehört, ist nicht zustande gekommen";
    /// Exit code 5.
    member_back()
        "somebody who was no longer in the room is back: see who can read this, then send it again"
        "eine Person, die nicht mehr im Raum war, ist wieder dabei: sehen Sie nach, wer mitliest, und senden Sie noch einmal";
    /// Exit code 1.
    internal()
        "a fault in the program; nothing more was done"
        "ein Fehler im Programm; es wurde nichts weiter getan";
}
