# Alles, was eine Klientin oder ein Klient sehen kann. Jede Sprache hat diese Datei.

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
again = Noch einmal versuchen
loading = Wird geladen …
yes-sure = Ja, das will ich
quick-exit = Schnell verlassen
quick-exit-hint = Schließt diese Seite sofort und zeigt eine andere. Tastenkürzel: dreimal Esc.
language = Sprache
choose-language = Sprache wählen
offline = Keine Verbindung. Was Sie schreiben, wird gesendet, sobald die Verbindung wieder da ist.
update-ready = Es gibt eine neue Version dieser App.
update-now = Jetzt neu laden
update-forms-open = Irgendwo ist noch ein Formular halb ausgefüllt, hier oder in einem anderen Tab. Senden oder schließen Sie es, und laden Sie dann neu.

## Zugang
unlock-title = Entsperren
unlock-intro = Geben Sie Ihr Passwort ein. Es bleibt auf diesem Gerät.
unlock-intro-pin = Geben Sie Ihre PIN ein.
unlock = Entsperren
passphrase = Passwort
pin = PIN
passphrase-show = Passwort zeigen
passphrase-hide = Passwort verbergen
wrong-passphrase = Das Passwort stimmt nicht. Prüfen Sie Groß- und Kleinschreibung und versuchen Sie es noch einmal.
wrong-passphrase-wait = Das war mehrmals falsch. Bitte warten Sie { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
}.
passphrase-forgotten = Passwort vergessen?
passphrase-forgotten-help = Niemand kann das Passwort zurücksetzen. Bitten Sie um einen neuen Link und richten Sie dieses Gerät neu ein.
erase-device = Dieses Gerät leeren
erase-device-sure = Alle Nachrichten auf diesem Gerät werden gelöscht. Das lässt sich nicht rückgängig machen.

## Störungen
lost-title = Die Daten auf diesem Gerät fehlen
lost-text = Der Browser hat die gespeicherten Nachrichten ganz oder zum Teil gelöscht. Das kann passieren, wenn der Speicher voll ist oder der Verlauf gelöscht wurde.
lost-next = Bitten Sie um einen neuen Link. Mit ihm richten Sie dieses Gerät neu ein.
damaged-title = Die Daten auf diesem Gerät lassen sich nicht lesen
damaged-text = Die gespeicherten Daten sind beschädigt oder stammen aus einer Kopie. Aus Sicherheit wird nichts davon verwendet.
newer-title = Diese Seite ist älter als Ihre Daten
newer-text = Ihre Daten stammen von einer neueren Version. Laden Sie die Seite neu. Es wurde nichts verändert.
other-tab-title = Schon in einem anderen Fenster geöffnet
other-tab-text = Die App läuft bereits in einem anderen Fenster oder Tab. Benutzen Sie dieses, oder arbeiten Sie hier weiter.
other-tab-here = Hier weiterarbeiten
unsupported-title = Dieser Browser ist zu alt
unsupported-text = Für geschützte Nachrichten braucht es einen neueren Browser. Aktualisieren Sie ihn oder benutzen Sie ein anderes Gerät.
revoked-title = Dieses Gerät wurde gesperrt
revoked-text = Ihre Einrichtung hat dieses Gerät gesperrt. Es kann nichts mehr lesen oder senden. Fragen Sie dort nach, wenn das ein Irrtum ist.
wiped-title = Alles ist gelöscht
wiped-text = Auf diesem Gerät ist nichts mehr gespeichert. Sie können dieses Fenster schließen.
reload = Neu laden

## Fehler mit dem nächsten Schritt
error-link-unavailable = Dieser Link gilt nicht mehr. Er wurde schon benutzt, zurückgezogen oder ist abgelaufen. Bitten Sie um einen neuen.
error-link-form = Das ist kein vollständiger Link. Öffnen Sie die Nachricht mit dem Link noch einmal und kopieren Sie ihn ganz.
error-link-kind = Dieser Link ist für etwas anderes. Bitten Sie um einen Link für die Einladung.
error-unreachable = Der Server ist nicht erreichbar. Prüfen Sie die Internetverbindung und versuchen Sie es noch einmal.
error-wrong-relay = Das ist nicht der Server Ihrer Einrichtung. Es wurde nichts gesendet. Geben Sie dort Bescheid.
error-outdated = Diese App ist älter als der Server und kann nichts senden oder empfangen. Laden Sie die Seite neu. Ihre Nachrichten und Entwürfe bleiben erhalten.
error-store-full = Der Speicher dieses Geräts ist voll. Löschen Sie Dateien oder Apps und versuchen Sie es noch einmal.
error-too-large = Das ist zu groß. Dateien dürfen höchstens 100 MB haben, Texte etwa 30 Seiten.
error-not-allowed = Das ist in diesem Raum nicht erlaubt.
error-removed = Sie gehören nicht mehr zu diesem Raum. Was hier steht, bleibt lesbar.
error-member-back = Eine Person, die nicht mehr im Raum war, ist wieder dabei. Sehen Sie nach, wer mitliest, und senden Sie dann noch einmal.
error-quota = Gerade wird zu viel gesendet. Warten Sie eine Minute und versuchen Sie es noch einmal.
error-file-gone = Diese Datei liegt nicht mehr auf dem Server. Bitten Sie darum, sie noch einmal zu senden.
error-file-damaged = Diese Datei ist nicht die, die gesendet wurde. Sie wurde nicht gespeichert.
error-metadata = Dieses Bild kann Ort und Zeit der Aufnahme enthalten, und das lässt sich nicht entfernen. Machen Sie ein Bildschirmfoto davon und senden Sie das.
error-internal = Das hat nicht geklappt. Laden Sie die Seite neu. Ihre Nachrichten sind noch da.

## Einladung
guest-welcome = Willkommen
guest-opening = Ihr geschützter Raum wird geöffnet …
notice-title = Bitte zuerst lesen
notice-listen = Vorlesen
notice-stop = Nicht weiter vorlesen
notice-agree = Ich bin einverstanden
notice-decline = Ich möchte das nicht
notice-other-language = Dieser Text liegt nur in einer anderen Sprache vor. Bitten Sie jemanden, ihn mit Ihnen zu lesen.
declined-title = In Ordnung
declined-text = Es wurde nichts von Ihnen gesendet. Sie können das Fenster schließen. Möchten Sie es doch benutzen, gehen Sie zurück.
pin-title = Möchten Sie eine PIN?
pin-text = Mit einer PIN kann niemand sonst auf diesem Handy Ihre Nachrichten lesen. Ohne PIN genügt es, das Handy zu haben.
pin-choose = PIN wählen (mindestens { $least } Zeichen)
pin-repeat = PIN noch einmal
pin-set = PIN benutzen
pin-skip = Ohne PIN weiter
pin-differs = Die beiden Eingaben sind verschieden. Tippen Sie die PIN noch einmal.
pin-short = Die PIN ist zu kurz. Nehmen Sie mindestens { $least } Zeichen.
home-screen-hint = Legen Sie diese Seite auf den Startbildschirm. Sonst löscht der Browser nach einigen Tagen Ihre Nachrichten.

## Raum
rooms = Räume
untitled-room = Unterhaltung
write-message = Nachricht schreiben
send = Senden
attach = Datei oder Foto
take-photo = Foto aufnehmen
record-voice = Sprachnachricht aufnehmen
recording = Aufnahme läuft: { $time }
recording-send = Aufnahme senden
recording-drop = Aufnahme verwerfen
no-microphone = Das Mikrofon ist nicht freigegeben. Erlauben Sie es in den Einstellungen des Browsers.
today = Heute
yesterday = Gestern
newest = Zum Ende
new-messages = Neue Nachrichten
message-count-new = { $count ->
    [one] Eine neue Nachricht
   *[other] { $count } neue Nachrichten
}
you = Sie
state-waiting = Wartet auf Verbindung
state-sent = Gesendet
state-delivered = Angekommen
state-read = Gelesen
state-failed = Nicht gesendet
edited = bearbeitet
deleted-line = Diese Nachricht wurde gelöscht.
reply = Antworten
reply-to = Antwort an { $name }
reply-gone = Die Nachricht ist nicht mehr da.
edit = Bearbeiten
editing = Nachricht bearbeiten
delete-for-all = Für alle löschen
delete-for-all-sure = Die Nachricht wird auf allen Geräten gelöscht.
react = Reagieren
more-actions = Mehr zu dieser Nachricht
reaction-by = { $emoji } von { $names }
is-typing = { $name } schreibt …
drop-here = Datei hier loslassen
uploading = { $name } wird gesendet: { $percent } %
downloading = { $percent } % geladen
open-file = Öffnen
save-file = Auf dem Gerät speichern
show-image = Bild zeigen
image-of = Bild: { $name }
voice-message = Sprachnachricht
file-size = { $name }, { $size }
caption = Text dazu (freiwillig)
send-file = Datei senden
room-closed = Sie gehören nicht mehr zu diesem Raum. Sie können lesen, aber nicht schreiben.
out-of-step = Der Server läuft aus einer Sicherung. Ihre Nachrichten warten hier, bis die Beratung online war. Dauert es länger als einen Tag: Bitten Sie um einen neuen Link.
room-settling = Der Raum wird für Sie eingerichtet. Ihre Nachricht geht gleich hinaus.
room-empty = Noch keine Nachrichten.

## Zeilen, die der Raum selbst schreibt
line-notice = Hinweis zum Datenschutz
line-consented = Einverstanden: { $name }
line-withdrew = Einverständnis zurückgenommen: { $name }
line-joined = Neu im Raum: { $names }
line-left = Nicht mehr im Raum: { $names }
line-arrived = Link geöffnet: { $name }
line-devices = Anderes Gerät: { $name }
line-info = Name oder Verwaltung des Raums wurden geändert.
line-verified = Persönlich überprüft: { $name }
line-leave-asked = Möchte den Raum verlassen: { $name }
line-retention = Nachrichten werden ab jetzt nach { $days ->
    [one] einem Tag
   *[other] { $days } Tagen
} gelöscht.
line-too-new = Für diese Nachricht ist die App zu alt. Laden Sie die Seite neu.
line-unreadable = Eine Nachricht ist hier nicht lesbar. Bitten Sie, sie noch einmal zu senden.
line-missing = { $count ->
    [one] Hier fehlt eine Nachricht. Sie war zu alt und wurde gelöscht.
   *[other] Hier fehlen { $count } Nachrichten. Sie waren zu alt und wurden gelöscht.
}
line-author-gap = { $count ->
    [one] Eine Nachricht von { $name } ist nicht angekommen. Fragen Sie nach.
   *[other] { $count } Nachrichten von { $name } sind nicht angekommen. Fragen Sie nach.
}
line-author-broken = Die Nachrichten von { $name } passen nicht zusammen. Fragen Sie persönlich nach.
line-split = Achtung: Der Server zeigt nicht allen dasselbe. Geben Sie der Einrichtung Bescheid.
line-refused = Eine Änderung des Raums wurde aus Sicherheit nicht angenommen.
line-voided = Eine Änderung des Raums wurde zurückgenommen.
line-put-back = Der Server läuft aus einer Sicherung weiter. Was danach geschrieben wurde, senden die Geräte selbst noch einmal. Von verlorenen Geräten kann etwas fehlen.
line-reset = Raum wieder verbunden: { $name }

## Meine Daten
my-data = Meine Daten
my-data-text = Hier sehen Sie, was über Sie gespeichert ist, und können darüber bestimmen.
download-data = Alles herunterladen
download-data-text = Sie bekommen eine Datei, die Sie lesen können. Bewahren Sie sie gut auf: Sie ist nicht geschützt.
withdraw-consent = Einverständnis zurücknehmen
withdraw-consent-text = Ihre Ansprechperson erfährt es sofort. Sie müssen keinen Grund nennen.
consent-withdrawn = Sie haben Ihr Einverständnis zurückgenommen.
give-consent = Wieder einverstanden sein
leave-delete = Verlassen und löschen
leave-delete-text = Sie verlassen den Raum, und auf diesem Gerät wird alles gelöscht.
leave-delete-sure = Wirklich verlassen und alles auf diesem Gerät löschen?
set-pin = PIN setzen
lock-now = Jetzt sperren
theme = Aussehen
theme-auto = Wie das Gerät
theme-light = Hell
theme-dark = Dunkel
help = Hilfe
who-can-read = Nur die Personen in diesem Raum können lesen, was hier steht. Der Server kann es nicht.
members = Personen im Raum

error-already-joined = Hier ist schon jemand angemeldet. Öffnen Sie den Link in einem anderen Browser.
error-link-other-relay = Dieser Link führt zu einer anderen Adresse. Öffnen Sie ihn direkt aus der Nachricht.
tries-left = { $count ->
    [one] Noch ein Versuch, dann wird alles auf diesem Gerät gelöscht.
   *[other] Noch { $count } Versuche, dann wird alles auf diesem Gerät gelöscht.
}
send-anyway = Trotzdem senden
start-over = Von vorn beginnen
other-version-text = Alle anderen Fenster mit dieser App schließen, dann neu laden.
contact-person = Ihre Ansprechperson
state-read-by = Gelesen von { $by } von { $of }
messages-live = Nachrichten werden nach { $days ->
    [one] einem Tag
   *[other] { $days } Tagen
} gelöscht.
picture = Bild
consented-short = ist einverstanden
withdrew-short = hat das Einverständnis zurückgenommen
line-room = Änderung im Raum
blocked = Die Identität einer Person hat sich geändert. Bis Sie nachgesehen haben, wird nichts gesendet.

## Datenkarten, Weiterleitungen, Sprechzeiten
data-card = Datenkarte
field-name = Name
field-birth-date = Geburtsdatum
field-address = Adresse
field-phone = Telefon
field-until = Wird gelöscht am { $date }
field-gone = Schon gelöscht
forwarded = Weitergeleitet
forwarded-from = Weitergeleitet, zuerst von { $name }
forwarded-reason = Grund: { $reason }
nobody-reads = Gerade liest hier niemand.
reads-again = Wieder ab { $date }.
reads-again-by = { $name } liest wieder ab { $date }.
emergency = Im Notfall

## Antworten auf das, was über einen anderen Weg kam
wrong-facebook = Guten Tag! Danke für Ihre Nachricht. Auf Facebook sind Ihre Angaben nicht geschützt, deshalb antworten wir hier nicht.
wrong-whatsapp = Guten Tag! Danke für Ihre Nachricht. Auf WhatsApp sind Ihre Angaben nicht geschützt, deshalb antworten wir hier nicht.
wrong-email = Guten Tag, danke für Ihre E-Mail. E-Mails sind unterwegs nicht geschützt, deshalb antworten wir hier nicht.
wrong-link = Über diesen Link schreiben Sie uns geschützt, ohne App und ohne Konto. Er geht nur einmal:
wrong-voicemail = Guten Tag. Gerade kann niemand ans Telefon gehen. Nennen Sie bitte nur Ihren Namen und Ihre Nummer, nicht Ihr Anliegen. Wir rufen zurück und geben Ihnen einen Link, über den Sie uns geschützt schreiben können. In Notfällen rufen Sie die 112 an.
wrong-poster-title = Schreiben Sie uns geschützt
wrong-poster = Mit dem Handy, ohne App und ohne Konto. Bitten Sie uns um Ihren persönlichen Link. Wer uns schreibt, erfährt niemand.
link-valid = Gilt einmal, bis { $date }.
print-title = Ihr geschützter Zugang
print-step-scan = Scannen Sie das Bild mit der Kamera Ihres Handys.
print-step-open = Öffnen Sie den Link. Er geht nur einmal.
print-step-read = Wählen Sie Ihre Sprache und lesen Sie den Hinweis.
wrong-greeting = Guten Tag! Hier sind Ihre Angaben geschützt. Schreiben Sie, worum es geht, wann es Ihnen passt.

## Passkey
passkey = Passkey
unlock-by-passkey = Mit Passkey entsperren
passkey-text = Mit einem Passkey entsperren Sie mit Finger, Gesicht oder der Sperre Ihres Geräts. Passwort oder PIN gelten weiter.
passkey-set-up = Passkey einrichten
passkey-confirm = Bestätigen Sie zuerst mit Ihrem Passwort oder Ihrer PIN. Danach fragt das Gerät nach Finger, Gesicht oder Sperre.
passkey-warning = Viele Geräte speichern Passkeys auch im Konto bei Apple, Google oder Microsoft. Wer dann dieses Gerät hat und in das Konto kommt, kann alles lesen. Und in der Passkey-Liste des Geräts steht die Adresse dieser Seite.
passkey-done = Der Passkey ist eingerichtet.
passkey-is-set-up = Sie können hier mit einem Passkey entsperren. Passwort oder PIN gelten weiter.
passkey-remove = Passkey entfernen
passkey-removed = Der Passkey entsperrt hier nichts mehr. Löschen Sie ihn auch in der Passkey-Liste Ihres Geräts.
passkey-refused = Der Passkey wurde nicht bestätigt. Versuchen Sie es noch einmal, oder nehmen Sie Passwort oder PIN.
passkey-cannot = Dieses Gerät kann mit einem Passkey nichts verschlüsseln. Passwort oder PIN gelten weiter. Steht in der Passkey-Liste ein neuer Eintrag, können Sie ihn löschen.
passkey-unfit = Der Passkey passt nicht mehr zu den Daten hier. Entsperren Sie mit Passwort oder PIN, und richten Sie ihn neu ein.
passkey-lost = Der Passkey war beschädigt oder veraltet und ist entfernt. Sie können ihn neu einrichten.
