# Leichte Sprache. Von niemandem aus der Zielgruppe geprüft.

## Allgemein
app-name = Nachrichten
continue = Weiter
back = Zurück
cancel = Abbrechen
close = Schließen
save = Speichern
delete = Löschen
copy = Kopieren
copied = Kopiert
again = Noch einmal
loading = Bitte warten …
yes-sure = Ja, das will ich
quick-exit = Schnell weg
quick-exit-hint = Diese Seite ist dann sofort weg. Sie sehen eine andere Seite. Sie können auch 3 Mal die Taste Esc drücken.
language = Sprache
choose-language = Welche Sprache?
offline = Es gibt kein Internet. Sie können schreiben. Wir senden es später.
update-ready = Diese App ist neu.
update-now = Neu laden
update-forms-open = Sie haben noch etwas geschrieben. Vielleicht in einem anderen Fenster. Senden Sie es zuerst. Dann laden Sie neu.

## Zugang
unlock-title = Aufmachen
unlock-intro = Schreiben Sie Ihr Pass-Wort. Es bleibt auf diesem Gerät.
unlock-intro-pin = Schreiben Sie Ihre PIN.
unlock = Aufmachen
passphrase = Pass-Wort
pin = PIN
passphrase-show = Pass-Wort zeigen
passphrase-hide = Pass-Wort verstecken
wrong-passphrase = Das war falsch. Versuchen Sie es noch einmal.
wrong-passphrase-wait = Das war oft falsch. Bitte warten Sie { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
}.
passphrase-forgotten = Pass-Wort vergessen?
passphrase-forgotten-help = Niemand kennt Ihr Pass-Wort. Bitten Sie um einen neuen Link.
erase-device = Alles hier löschen
erase-device-sure = Alle Nachrichten auf diesem Gerät sind dann weg. Für immer.

## Störungen
lost-title = Ihre Nachrichten sind weg
lost-text = Der Browser hat sie gelöscht. Vielleicht war der Speicher voll.
lost-next = Bitten Sie um einen neuen Link. Dann geht es wieder.
damaged-title = Die Nachrichten sind kaputt
damaged-text = Wir können sie nicht lesen.
newer-title = Diese Seite ist zu alt
newer-text = Laden Sie die Seite neu. Ihre Nachrichten sind noch da.
other-tab-title = Die App ist schon offen
other-tab-text = Sie ist in einem anderen Fenster offen. Nehmen Sie das Fenster. Oder machen Sie hier weiter.
other-tab-here = Hier weiter
unsupported-title = Der Browser ist zu alt
unsupported-text = Nehmen Sie einen neuen Browser. Oder ein anderes Gerät.
revoked-title = Dieses Gerät ist gesperrt
revoked-text = Die Beratung hat es gesperrt. Fragen Sie dort nach.
wiped-title = Alles ist gelöscht
wiped-text = Auf diesem Gerät ist nichts mehr. Sie können das Fenster zumachen.
reload = Neu laden

## Fehler
error-link-unavailable = Dieser Link geht nicht mehr. Bitten Sie um einen neuen Link.
error-link-form = Der Link ist nicht ganz. Kopieren Sie den ganzen Link.
error-link-kind = Das ist der falsche Link. Bitten Sie um einen neuen Link.
error-unreachable = Es gibt kein Internet. Versuchen Sie es später noch einmal.
error-wrong-relay = Hier stimmt etwas nicht. Wir haben nichts gesendet. Sagen Sie der Beratung Bescheid.
error-outdated = Diese App ist zu alt. Laden Sie die Seite neu. Ihre Nachrichten bleiben da.
error-store-full = Der Speicher ist voll. Löschen Sie etwas auf Ihrem Gerät.
error-too-large = Das ist zu groß. Nehmen Sie etwas Kleineres.
error-not-allowed = Das geht hier nicht.
error-removed = Sie sind nicht mehr in diesem Raum. Sie können noch lesen.
error-member-back = Eine Person war nicht mehr im Raum. Jetzt ist sie wieder da. Sehen Sie nach: Wer liest mit? Dann können Sie noch einmal senden.
error-quota = Das war zu viel. Warten Sie eine Minute.
error-file-gone = Die Datei ist weg. Bitten Sie, sie neu zu senden.
error-file-damaged = Die Datei ist kaputt. Wir haben sie nicht gespeichert.
error-metadata = Im Bild steht, wo es gemacht wurde. Machen Sie ein Bildschirm-Foto. Senden Sie das.
error-internal = Das ging nicht. Laden Sie die Seite neu. Ihre Nachrichten sind noch da.

## Einladung
guest-welcome = Willkommen
guest-opening = Wir machen Ihren Raum auf …
notice-title = Bitte zuerst lesen
notice-listen = Vorlesen
notice-stop = Stopp
notice-agree = Ja, ich bin einverstanden
notice-decline = Nein, ich will das nicht
notice-other-language = Diesen Text gibt es nur in einer anderen Sprache. Lesen Sie ihn mit jemandem.
declined-title = Das ist in Ordnung
declined-text = Wir haben nichts gesendet. Sie können das Fenster zumachen. Oder Sie gehen zurück.
pin-title = Wollen Sie eine PIN?
pin-text = Eine PIN ist eine geheime Zahl. Nur Sie können dann die Nachrichten lesen.
pin-choose = Ihre PIN ({ $least } Zeichen oder mehr)
pin-repeat = Die PIN noch einmal
pin-set = PIN nehmen
pin-skip = Ohne PIN weiter
pin-differs = Das ist nicht gleich. Schreiben Sie die PIN noch einmal.
pin-short = Die PIN ist zu kurz. Nehmen Sie { $least } Zeichen.
home-screen-hint = Legen Sie diese Seite auf den Start-Bildschirm. Sonst sind die Nachrichten bald weg.

## Raum
rooms = Räume
untitled-room = Gespräch
write-message = Hier schreiben
send = Senden
attach = Datei oder Foto
take-photo = Foto machen
record-voice = Sprechen und senden
recording = Sie sprechen: { $time }
recording-send = Senden
recording-drop = Weg damit
no-microphone = Das Mikrofon ist aus. Erlauben Sie es im Browser.
today = Heute
yesterday = Gestern
newest = Nach unten
new-messages = Neue Nachrichten
message-count-new = { $count ->
    [one] Eine neue Nachricht
   *[other] { $count } neue Nachrichten
}
you = Sie
state-waiting = Wartet auf Internet
state-sent = Gesendet
state-delivered = Angekommen
state-read = Gelesen
state-failed = Nicht gesendet
edited = geändert
deleted-line = Diese Nachricht ist gelöscht.
reply = Antworten
reply-to = Antwort an { $name }
reply-gone = Die Nachricht ist weg.
edit = Ändern
editing = Nachricht ändern
delete-for-all = Für alle löschen
delete-for-all-sure = Niemand sieht die Nachricht dann mehr.
react = Mit einem Bild antworten
more-actions = Mehr
reaction-by = { $emoji } von { $names }
is-typing = { $name } schreibt …
drop-here = Datei hierher ziehen
uploading = { $name } wird gesendet: { $percent } %
downloading = { $percent } % geladen
open-file = Öffnen
save-file = Auf dem Gerät speichern
show-image = Bild zeigen
image-of = Bild: { $name }
voice-message = Gesprochene Nachricht
file-size = { $name }, { $size }
caption = Text dazu
send-file = Datei senden
room-closed = Sie sind nicht mehr in diesem Raum. Sie können nur lesen.
out-of-step = Der Server war kaputt. Ihre Nachrichten warten. Geht es morgen noch nicht? Dann fragen Sie nach einem neuen Link.
room-settling = Der Raum ist gleich fertig. Ihre Nachricht geht dann weg.
room-empty = Hier ist noch nichts.

## Zeilen des Raums
line-notice = So schützen wir Ihre Daten
line-consented = Ist einverstanden: { $name }
line-withdrew = Ist nicht mehr einverstanden: { $name }
line-joined = Jetzt dabei: { $names }
line-left = Nicht mehr dabei: { $names }
line-arrived = Hat den Link geöffnet: { $name }
line-devices = Hat ein anderes Gerät: { $name }
line-info = Der Raum heißt jetzt anders. Oder jemand anders leitet ihn.
line-verified = Ist geprüft: { $name }
line-leave-asked = Will den Raum verlassen: { $name }
line-retention = Wir löschen Nachrichten nach { $days ->
    [one] einem Tag
   *[other] { $days } Tagen
}.
line-too-new = Diese App ist zu alt. Laden Sie die Seite neu.
line-unreadable = Eine Nachricht ist kaputt. Bitten Sie, sie neu zu senden.
line-missing = { $count ->
    [one] Hier fehlt eine Nachricht. Sie war zu alt.
   *[other] Hier fehlen { $count } Nachrichten. Sie waren zu alt.
}
line-author-gap = { $count ->
    [one] Eine Nachricht von { $name } fehlt. Fragen Sie nach.
   *[other] { $count } Nachrichten von { $name } fehlen. Fragen Sie nach.
}
line-author-broken = Mit den Nachrichten von { $name } stimmt etwas nicht. Fragen Sie nach.
line-split = Achtung: Hier stimmt etwas nicht. Sagen Sie der Beratung Bescheid.
line-refused = Jemand wollte den Raum ändern. Das war nicht sicher.
line-voided = Eine Änderung ist wieder weg.
line-put-back = Der Server war kaputt. Er geht wieder. Vielleicht fehlen Nachrichten.
line-reset = Der Raum geht wieder: { $name }

## Meine Daten
my-data = Meine Daten
my-data-text = Hier bestimmen Sie über Ihre Daten.
download-data = Alles herunterladen
download-data-text = Sie bekommen eine Datei. Sie können sie lesen. Andere auch: Passen Sie gut auf sie auf.
withdraw-consent = Ich bin nicht mehr einverstanden
withdraw-consent-text = Die Beratung sieht das sofort. Sie müssen nicht sagen, warum.
consent-withdrawn = Sie sind nicht mehr einverstanden.
give-consent = Ich bin wieder einverstanden
leave-delete = Raum verlassen und alles löschen
leave-delete-text = Sie gehen aus dem Raum. Alles auf diesem Gerät ist dann weg.
leave-delete-sure = Wirklich gehen und alles löschen?
set-pin = PIN setzen
lock-now = Jetzt zumachen
theme = Hell oder dunkel
theme-auto = Wie das Gerät
theme-light = Hell
theme-dark = Dunkel
help = Hilfe
who-can-read = Nur die Menschen in diesem Raum können das lesen.
members = Menschen im Raum

error-already-joined = Hier ist schon jemand. Nehmen Sie einen anderen Browser.
error-link-other-relay = Das ist der falsche Ort. Drücken Sie auf den Link in der Nachricht.
tries-left = { $count ->
    [one] Noch 1 Versuch. Dann wird hier alles gelöscht.
   *[other] Noch { $count } Versuche. Dann wird hier alles gelöscht.
}
send-anyway = Trotzdem senden
start-over = Neu anfangen
other-version-text = Machen Sie die anderen Fenster zu. Dann laden Sie neu.
contact-person = Ihre Beratung
state-read-by = { $by } von { $of } haben es gelesen
messages-live = Wir löschen Nachrichten nach { $days ->
    [one] einem Tag
   *[other] { $days } Tagen
}.
picture = Bild
consented-short = ist einverstanden
withdrew-short = ist nicht mehr einverstanden
line-room = Im Raum ist etwas anders
blocked = Hier stimmt etwas nicht. Wir senden nichts. Fragen Sie die Beratung.

## Datenkarten, Weiterleitungen, Sprechzeiten
data-card = Daten-Karte
field-name = Name
field-birth-date = Geburts-Tag
field-address = Adresse
field-phone = Telefon
field-until = Wir löschen das am { $date }
field-gone = Schon gelöscht
forwarded = Weiter-Geleitet
forwarded-from = Weiter-Geleitet. Zuerst von { $name }
forwarded-reason = Grund: { $reason }
nobody-reads = Jetzt liest hier niemand.
reads-again = Wieder ab { $date }.
reads-again-by = { $name } liest wieder ab { $date }.
emergency = Sind Sie in Not?

## Antworten auf das, was über einen anderen Weg kam
wrong-facebook = Guten Tag! Danke für Ihre Nachricht. Facebook ist nicht geschützt. Wir antworten hier nicht.
wrong-whatsapp = Guten Tag! Danke für Ihre Nachricht. WhatsApp ist nicht geschützt. Wir antworten hier nicht.
wrong-email = Guten Tag! Danke für Ihre E-Mail. E-Mails sind nicht geschützt. Wir antworten hier nicht.
wrong-link = Mit diesem Link können Sie uns geschützt schreiben. Der Link geht nur einmal:
wrong-voicemail = Guten Tag. Jetzt ist niemand am Telefon. Sagen Sie nur Ihren Namen und Ihre Nummer. Sagen Sie nicht, worum es geht. Wir rufen zurück. Dann bekommen Sie einen Link. Damit können Sie uns geschützt schreiben. Sind Sie in Not? Dann rufen Sie die 112 an.
wrong-poster-title = Schreiben Sie uns geschützt
wrong-poster = Das geht mit dem Handy. Fragen Sie uns nach Ihrem Link. Niemand erfährt, wer uns schreibt.
link-valid = Der Link geht einmal. Er geht bis { $date }.
print-title = Ihr geschützter Zugang
print-step-scan = Halten Sie Ihr Handy mit der Kamera über das Bild.
print-step-open = Öffnen Sie den Link. Er geht nur einmal.
print-step-read = Wählen Sie Ihre Sprache. Lesen Sie dann den Hinweis.
wrong-greeting = Guten Tag! Hier ist alles geschützt. Schreiben Sie uns, wann Sie wollen.

## Passkey
passkey = Passkey
unlock-by-passkey = Mit Passkey aufmachen
passkey-text = Ein Passkey ist ein Schlüssel in Ihrem Gerät. Sie machen mit Finger oder Gesicht auf. Ihre PIN gilt weiter.
passkey-set-up = Passkey einrichten
passkey-confirm = Schreiben Sie zuerst Ihre PIN oder Ihr Pass-Wort. Dann fragt das Gerät nach Finger oder Gesicht.
passkey-warning = Viele Geräte speichern den Passkey auch im Internet. Zum Beispiel bei Apple oder Google. Hat jemand Ihr Gerät und Ihr Konto? Dann kann diese Person alles lesen. In der Passkey-Liste steht die Adresse dieser Seite.
passkey-done = Der Passkey ist fertig.
passkey-is-set-up = Sie können mit dem Passkey aufmachen. Ihre PIN gilt weiter.
passkey-remove = Passkey wegnehmen
passkey-removed = Der Passkey macht hier nichts mehr auf. Löschen Sie ihn auch in der Liste vom Gerät.
passkey-refused = Das hat nicht geklappt. Versuchen Sie es noch einmal. Oder nehmen Sie Ihre PIN.
passkey-cannot = Dieses Gerät kann das nicht. Nehmen Sie weiter Ihre PIN.
passkey-unfit = Der Passkey passt nicht mehr. Nehmen Sie Ihre PIN. Richten Sie dann den Passkey neu ein.
passkey-lost = Der Passkey war kaputt. Er ist jetzt weg. Sie können ihn neu einrichten.
