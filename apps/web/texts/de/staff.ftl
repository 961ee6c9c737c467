# Was nur Mitarbeitende sehen. Deutsch und Englisch.

## Anfang
start-title = Geschützte Nachrichten für Ihre Einrichtung
start-text = Diese App öffnen Sie mit einem Link: dem Link zum Einrichten oder einer Einladung.
start-paste = Link hier einfügen
start-open = Link öffnen
setup-title = Einrichtung anlegen
setup-text = Sie richten diese App für Ihre Einrichtung ein und verwalten sie. Der Schlüssel der Einrichtung entsteht auf diesem Gerät und verlässt es nicht.
join-title = Willkommen im Team
join-text = Sie wurden eingeladen. Sagen Sie kurz, wie Ihre Kolleginnen und Kollegen Sie nennen.
your-name = Ihr Name
your-name-hint = So sehen andere Sie. Zum Beispiel: Anna Berger
your-position = Ihre Aufgabe
your-position-hint = Zum Beispiel: Sozialberatung
name-missing = Geben Sie einen Namen ein.
passphrase-new-title = Passwort für dieses Gerät
passphrase-new-text = Das Passwort verschlüsselt alles auf diesem Gerät. Niemand kann es zurücksetzen. Gut sind vier zufällige Wörter.
passphrase-repeat = Passwort noch einmal
passphrase-differs = Die beiden Passwörter sind verschieden.
passphrase-short = Das Passwort ist zu kurz: mindestens { $least } Zeichen.
strength-weak = Leicht zu erraten. Nehmen Sie mehr Wörter.
strength-fair = Brauchbar. Ein Wort mehr macht es gut.
strength-good = Gut.
create-account = Einrichten
working-setup = Die Einrichtung wird angelegt …
working-join = Sie werden aufgenommen …

## Räume
nav = Bereiche
settings = Einstellungen
search = Suchen
search-hint = In allen Räumen suchen
search-none = Nichts gefunden. Versuchen Sie einen Wortanfang.
search-results = { $count ->
    [one] Ein Treffer
   *[other] { $count } Treffer
}
no-rooms-title = Noch keine Räume
no-rooms-text = Laden Sie eine Kollegin, einen Kollegen oder eine Klientin, einen Klienten ein – oder legen Sie einen Raum an.
choose-room = Wählen Sie links einen Raum.
begin-new = Neu
new-room = Neuer Raum
invite-client = Klient/in einladen
invite-staff = Kolleg/in einladen
unread = { $count ->
    [one] eine ungelesene Nachricht
   *[other] { $count } ungelesene Nachrichten
}
draft = Angefangene Nachricht
waiting-count = { $count ->
    [one] eine Nachricht wartet
   *[other] { $count } Nachrichten warten
}
client-room = mit Klient/in
archived = Archiv
show-archived = Archiv zeigen ({ $count })
mute = Stumm schalten
unmute = Ton an
archive = Ins Archiv
unarchive = Aus dem Archiv holen
muted = stumm

## Raum
room-menu = Mehr zu diesem Raum
room-title = Name des Raums
room-title-hint = Zum Beispiel: Team Jugendhilfe. Keine Namen von Klient/innen.
rename = Umbenennen
create-room = Raum anlegen
room-title-missing = Geben Sie dem Raum einen Namen.
choose-people = Wer soll dabei sein?
nobody-yet = Noch ist niemand sonst da. Laden Sie zuerst jemanden ein.
leave-room = Raum verlassen
leave-room-text = Sie bitten darum, entfernt zu werden. Danach können Sie hier nichts Neues mehr lesen.
leave-room-asked = Sie haben darum gebeten, den Raum zu verlassen.
forward = Weiterleiten
people-count = { $count ->
    [one] eine Person
   *[other] { $count } Personen
}
contested = Ein Mitglied konnte die letzte Änderung nicht verarbeiten.
repair = Änderung zurücknehmen
repair-text = Die Änderung wird zurückgenommen und das Gerät entfernt, das sie gemacht hat.
out-of-step-staff = Der Server läuft aus einer Sicherung, und dieses Gerät passt nicht zu ihr. Was Sie schreiben, wartet, bis jemand online war, der oder die den Raum verwaltet.
out-of-step-manager = Der Server läuft aus einer Sicherung, und dieses Gerät passt nicht zu ihr. Was Sie schreiben, wartet, bis andere online waren, die den Raum verwalten. Kommt niemand, verbinden Sie den Raum neu.
realign = Raum neu verbinden
realign-text = Der Server übernimmt den Raum, wie ihn dieses Gerät kennt. Geräte mit einem anderen Stand werden neu aufgenommen. Klientinnen und Klienten mit einem anderen Stand brauchen einen neuen Link.
rolled-back = Die Daten dieses Geräts stammen aus einer Kopie. Es wird nichts gesendet, bis sie wieder stimmen. Das geschieht von selbst.

## Mitglieder
role-client = Klient/in
role-staff = Mitarbeiter/in
role-admin = Administration
role-external = extern
manager = verwaltet den Raum
devices-count = { $count ->
    [one] ein Gerät
   *[other] { $count } Geräte
}
status-verified = persönlich überprüft
status-unverified = noch nicht überprüft
status-provisional = hat den Link noch nicht geöffnet
status-changed = Identität hat sich geändert
status-revoked = gesperrt, wird entfernt
verify = Überprüfen
verify-title = Mit { $name } vergleichen
verify-text = Rufen Sie an oder treffen Sie sich. Lesen Sie sich diese vier Wörter vor. Bei der anderen Person stehen dieselben – unter Personen im Raum, Überprüfen.
verify-same = Die Wörter sind gleich
verify-different = Sie sind verschieden
verify-different-text = Dann schreiben Sie hier nichts Vertrauliches. Jemand könnte dazwischen sitzen. Geben Sie der Administration Bescheid.
verify-wait = Die Wörter werden berechnet …
verify-not-yet = Das geht erst, wenn die Person den Link geöffnet hat.
changed-title = Die Identität von { $name } hat sich geändert
changed-text = Das passiert, wenn jemand neu anfängt – oder wenn sich jemand als { $name } ausgibt. Bis Sie nachgefragt haben, wird nichts an diese Person gesendet. Rufen Sie unter einer bekannten Nummer an.
changed-accept = Ich habe nachgefragt, es stimmt
changed-wait = Erst nachfragen
add-people = Kolleg/innen hinzufügen
add = Hinzufügen
remove = Entfernen
remove-sure = { $name } aus diesem Raum entfernen? Neue Nachrichten kann die Person dann nicht mehr lesen.
promote = Darf verwalten
label = Bezeichnung
label-text = So nennen nur Sie diese Person. Die Bezeichnung bleibt auf Ihren Geräten.
label-set = Bezeichnung ändern

## Einladungen
invitations = Einladungen
invitations-none = Es gibt keine Einladungen.
invite-client-title = Klient/in einladen
invite-client-text = Sie bekommen einen Link und einen QR-Code. Beides gilt einmal. Ihre Klientin oder Ihr Klient braucht keine App und kein Konto.
invite-staff-title = Kolleg/in einladen
invite-staff-text = Geben Sie den Link nur der Person selbst. Er gilt einmal.
invite-label = Für wen?
invite-label-client-hint = Nur für Sie, zum Beispiel ein Kürzel. Die andere Person sieht das nicht.
invite-label-staff-hint = Nur für Ihre Liste der Einladungen.
greeting = Begrüßung
greeting-default = Guten Tag! Hier können wir uns geschützt schreiben. Sie können auch Fotos und Sprachnachrichten senden.
notice-language-choice = Sprachen des Hinweises
notice-language-text = Ihre Klientin oder Ihr Klient wählt daraus beim Öffnen.
notice-preview = Hinweis lesen
also-admin = Soll auch verwalten (bekommt den Schlüssel der Einrichtung)
make-link = Link erstellen
making-link = Der Link wird vorbereitet …
link-ready = Der Link ist fertig
link-copy = Link kopieren
link-print = Blatt drucken
print-language = Sprache des Blatts
link-qr = QR-Code mit dem Link
invitation-open = offen bis { $date }
invitation-used = angenommen
invitation-gone = abgelaufen oder zurückgezogen
invitation-preparing = wird vorbereitet
invitation-for-client = Klient/in
invitation-for-staff = Kolleg/in
withdraw = Zurückziehen
withdraw-sure = Der Link gilt dann nicht mehr.
show-link = Link zeigen

## Einstellungen
settings-device = Dieses Gerät
settings-look = Sprache und Aussehen
settings-organisation = Einrichtung
settings-team = Team
signed-in-as = Angemeldet als { $name }
auto-lock = Sperrt sich nach { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
} ohne Eingabe.
auto-lock-never = Sperrt sich nicht von selbst.
change-passphrase = Passwort ändern
passphrase-current = Bisheriges Passwort
passphrase-new = Neues Passwort
passphrase-changed = Das Passwort wurde geändert.
notifications = Benachrichtigungen
notifications-text = Sie zeigen nie, wer schreibt oder was. Nur, dass etwas Neues da ist.
notifications-on = Einschalten
notifications-are-on = Eingeschaltet.
notifications-blocked = Der Browser erlaubt keine Benachrichtigungen. Ändern Sie das in seinen Einstellungen für diese Seite.
notification-text = Es gibt etwas Neues.
policy = Regeln
policy-text = Gelten für alle Geräte der Einrichtung.
policy-retention = Nachrichten werden gelöscht nach (Tagen)
policy-lock = Geräte sperren sich nach (Minuten, 0 für nie)
policy-invitation = Einladungen gelten (Stunden)
policy-save = Regeln ändern
policy-saved = Die Regeln gelten jetzt.
policy-range = Erlaubt sind { $from } bis { $to }.
revoke = Sperren
revoke-sure = { $name } mit allen Geräten sperren? Das lässt sich nicht zurücknehmen. Die Person wird aus allen Räumen entfernt.
revoked-done = { $name } ist gesperrt.
team-none = Außer Ihnen ist noch niemand da.
shortcuts = Tastenkürzel
shortcut-search = Suchen
shortcut-next = Nächster Raum
shortcut-previous = Vorheriger Raum
shortcut-write = Zur Eingabe
shortcut-lock = Sperren
shortcut-quit = Schnell verlassen
error-no-key-package = Das Gerät der Person war noch nicht online. Bitten Sie sie, die App einmal zu öffnen.
error-crowded = In diesem Raum sind zu viele Geräte für eine Einladung. Legen Sie für diese Person einen kleineren Raum an.
error-uninvited = Die Einladung, zu der das gehört, ist nicht zustande gekommen.
error-name-too-long = Dieser Name oder diese Bezeichnung ist zu lang. Bitte kürzen Sie.
error-setting-out-of-range = Eine Angabe ist so nicht möglich. Prüfen Sie Zahlen, Zeiten und Telefonnummern.
error-only-staff = Das können nur Mitarbeitende.
error-only-admin = Das kann nur die Administration.
open-room = Zum Raum
consents = Einverständnis
consents-none = Noch hat niemand geantwortet.
consent-granted = einverstanden, { $date }
consent-taken-back = zurückgenommen, { $date }
consent-text = Fassung { $version }, { $language }

## Datenkarten
card-send = Datenkarte senden
card-text = Name, Adresse und Ähnliches gehören auf eine Karte: Jede Angabe wird an ihrem Tag auf allen Geräten gelöscht.
card-hint = Das sieht nach persönlichen Angaben aus.
card-instead = Als Datenkarte senden
card-other = Weitere Angabe
card-other-label = Bezeichnung
card-other-value = Angabe
card-add = Weitere Angabe hinzufügen
card-keep = Aufbewahren
card-keep-days = { $days ->
    [one] bleibt einen Tag
   *[other] bleibt { $days } Tage
}
card-keep-message = bleibt wie Nachricht
card-empty = Füllen Sie mindestens eine Angabe aus.
card-note = Notiz
copy-field = { $field } kopieren

## Weiterleiten und erwähnen
forward-to = In welchen Raum?
forward-reason = Warum?
forward-reason-hint = Der Grund steht bei der Nachricht. Zum Beispiel: Vertretung ab Montag
forward-reason-missing = Geben Sie einen Grund an. Was in einem anderen Raum gesagt wurde, braucht einen.
forward-room-missing = Wählen Sie einen Raum.
forward-client = Achtung: Eine Klientin oder ein Klient liest dort mit.
forward-none = Es gibt keinen anderen Raum.
forwarded-done = Weitergeleitet.
mention-list = Wen erwähnen?
mentioned = Sie wurden erwähnt

## Anfragen über einen anderen Weg
wrong-title = Anfrage von außerhalb
wrong-text = Hat Ihnen jemand über Facebook, WhatsApp, E-Mail oder Telefon geschrieben? Hier bekommen Sie die fertige Antwort. Antworten Sie dort nichts zur Sache.
wrong-channel = Woher kam die Anfrage?
channel-facebook = Facebook
channel-whatsapp = WhatsApp
channel-email = E-Mail
channel-voicemail = Anrufbeantworter
channel-poster = Aushang an der Tür
wrong-language = Sprache der Antwort
wrong-make = Antwort mit neuem Link erstellen
wrong-show = Text zeigen
wrong-copy = Antwort kopieren
wrong-again = Andere Antwort
wrong-meaning = Was darin steht
wrong-no-link = Hier steht kein Link: Er gilt nur einmal, und wer ihn zuerst hört oder liest, wäre im Raum. Geben Sie den Link der Person selbst.
wrong-reminder = Danach dort löschen
wrong-reminder-facebook = Löschen Sie den Chat in Facebook, auch im Archiv und in „Nachrichtenanfragen“, und die E-Mails, mit denen Facebook ihn gemeldet hat.
wrong-reminder-whatsapp = Löschen Sie den Chat in WhatsApp samt Medien, die Bilder im Fotoalbum, die Nummer in den Kontakten und die Sicherung, in der er steht.
wrong-reminder-email = Löschen Sie die E-Mail mit Anhängen, auch unter „Gesendet“, im Papierkorb und auf dem Handy.
wrong-reminder-voicemail = Löschen Sie die Aufnahme nach dem Abhören, auch E-Mails mit der Aufnahme und die Anrufliste.

## Sprechzeiten und Notfallnummern
hours = Sprechzeiten
hours-text = Ihre Klient/innen sehen, wann wieder jemand liest. Außerhalb der Zeiten meldet sich die App auf diesem Gerät nicht.
hours-none = Noch keine Zeiten.
hours-usual = Montag bis Freitag, 9 bis 17 Uhr
hours-add = Weitere Zeit
hours-day = Tag
hours-from = Von
hours-to = Bis
hours-note = Hinweis dazu (freiwillig)
hours-note-hint = Zum Beispiel: Mittwochs nur telefonisch
hours-away = Abwesend bis einschließlich (freiwillig)
hours-save = Zeiten speichern
hours-saved = Gespeichert. Ihre Klient/innen sehen die Zeiten.
hours-wrong = „Bis“ muss nach „Von“ liegen. Prüfen Sie die Zeiten.
emergency-text = Klient/innen sehen diese Nummern, wenn niemand liest, und unter „Meine Daten“.
emergency-label = Wer dort abnimmt
emergency-number = Nummer
emergency-missing = Tragen Sie zu jeder Zeile eine Nummer ein, oder entfernen Sie die Zeile.
emergency-add = Nummer hinzufügen
policy-hours = Sprechzeiten der Einrichtung
policy-hours-text = Gelten, wo niemand im Raum eigene Zeiten gesetzt hat.
policy-title = Name der App im Browser (leer: „Nachrichten“)
policy-passphrase = Neue Passwörter und PINs haben mindestens so viele Zeichen (0: wie die App)
policy-wipe = Ein Gerät leert sich nach so vielen falschen Eingaben (5 bis 100, 0 für nie)
policy-passkeys = Passkeys verbieten
policy-wipe-range = Erlaubt sind 0 oder 5 bis 100 Eingaben.

## Geräte und Löschfrist
devices = Geräte
devices-of = Geräte von { $name }
devices-text = Wer überprüft ist, ist es mit allen Geräten: Jedes trägt die Unterschrift dieser Person.
device-own = dieses Gerät
device-number = Gerät { $number }
device-revoke-sure = Dieses Gerät für immer sperren? Es kann danach nichts mehr lesen oder senden. Die Person braucht für ein neues Gerät eine neue Einladung.
device-revoked = Das Gerät ist gesperrt.
retention = Löschfrist
retention-text = Nachrichten in diesem Raum werden auf allen Geräten nach so vielen Tagen gelöscht. Die Einrichtung erlaubt höchstens { $days }.
retention-days = Tage
retention-saved = Die Löschfrist ist geändert.
wipe-rule = Nach { $tries } falschen Eingaben leert sich dieses Gerät.
