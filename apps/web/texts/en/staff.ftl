# What only staff see. German and English.

## Beginning
start-title = Protected messages for your organisation
start-text = You open this app with a link: the set-up link or an invitation.
start-paste = Paste the link here
start-open = Open link
setup-title = Set up your organisation
setup-text = You set this app up for your organisation and administer it. The organisation’s key is made on this device and never leaves it.
join-title = Welcome to the team
join-text = You have been invited. Say briefly what your colleagues call you.
your-name = Your name
your-name-hint = This is how others see you. For example: Anna Berger
your-position = Your work
your-position-hint = For example: counselling
name-missing = Enter a name.
passphrase-new-title = Passphrase for this device
passphrase-new-text = The passphrase encrypts everything on this device. Nobody can reset it. Four random words are good.
passphrase-repeat = Passphrase once more
passphrase-differs = The two passphrases differ.
passphrase-short = The passphrase is too short: at least { $least } characters.
strength-weak = Easy to guess. Use more words.
strength-fair = Usable. One more word makes it good.
strength-good = Good.
create-account = Set up
working-setup = Your organisation is being set up …
working-join = You are being taken in …

## Rooms
nav = Areas
settings = Settings
search = Search
search-hint = Search in all rooms
search-none = Nothing found. Try the beginning of a word.
search-results = { $count ->
    [one] One result
   *[other] { $count } results
}
no-rooms-title = No rooms yet
no-rooms-text = Invite a colleague or a client, or make a room.
choose-room = Choose a room on the left.
begin-new = New
new-room = New room
invite-client = Invite a client
invite-staff = Invite a colleague
unread = { $count ->
    [one] one unread message
   *[other] { $count } unread messages
}
draft = Message begun
waiting-count = { $count ->
    [one] one message is waiting
   *[other] { $count } messages are waiting
}
client-room = with a client
archived = Archive
show-archived = Show archive ({ $count })
mute = Mute
unmute = Unmute
archive = Move to archive
unarchive = Take out of archive
muted = muted

## Room
room-menu = More about this room
room-title = Name of the room
room-title-hint = For example: youth team. No names of clients.
rename = Rename
create-room = Make room
room-title-missing = Give the room a name.
choose-people = Who should be in it?
nobody-yet = Nobody else is here yet. Invite somebody first.
leave-room = Leave room
leave-room-text = You ask to be removed. After that you cannot read anything new here.
leave-room-asked = You have asked to leave the room.
forward = Forward
people-count = { $count ->
    [one] one person
   *[other] { $count } people
}
contested = A member could not process the last change.
repair = Take the change back
repair-text = The change is taken back, and the device that made it is removed.
out-of-step-staff = The server runs from a backup that does not fit this device. What you write waits until somebody who manages the room was online.
out-of-step-manager = The server runs from a backup that does not fit this device. What you write waits until others who manage the room were online. If nobody comes, connect the room anew.
realign = Connect the room anew
realign-text = The server takes the room over as this device knows it. Devices that know another state are let in anew. Clients whose devices know another state need a new link.
rolled-back = This device’s data comes from a copy. Nothing is sent until it is right again. That happens by itself.

## Members
role-client = client
role-staff = staff
role-admin = administrator
role-external = external
manager = manages the room
devices-count = { $count ->
    [one] one device
   *[other] { $count } devices
}
status-verified = checked in person
status-unverified = not checked yet
status-provisional = has not opened the link yet
status-changed = identity has changed
status-revoked = revoked, being removed
verify = Check
verify-title = Compare with { $name }
verify-text = Call or meet each other. Read these four words to each other. The other person sees the same ones, under People in this room, Check.
verify-same = The words are the same
verify-different = They differ
verify-different-text = Then write nothing confidential here. Somebody could sit in between. Tell your administrator.
verify-wait = The words are being computed …
verify-not-yet = This works only after the person has opened the link.
changed-title = The identity of { $name } has changed
changed-text = This happens when somebody starts anew – or when somebody pretends to be { $name }. Until you have asked, nothing is sent to this person. Call a number you know.
changed-accept = I have asked, it is right
changed-wait = Ask first
add-people = Add colleagues
add = Add
remove = Remove
remove-sure = Remove { $name } from this room? The person can then no longer read new messages.
promote = May manage
label = Label
label-text = Only you call this person so. The label stays on your devices.
label-set = Change label

## Invitations
invitations = Invitations
invitations-none = There are no invitations.
invite-client-title = Invite a client
invite-client-text = You get a link and a QR code. Both work once. Your client needs neither an app nor an account.
invite-staff-title = Invite a colleague
invite-staff-text = Give the link only to the person. It works once.
invite-label = For whom?
invite-label-client-hint = Only for you, for example initials. The other person does not see it.
invite-label-staff-hint = Only for your list of invitations.
greeting = Greeting
greeting-default = Hello! Here we can write to each other in a protected way. You can also send photos and voice messages.
notice-language-choice = Languages of the notice
notice-language-text = Your client chooses among them when opening the link.
notice-preview = Read the notice
also-admin = Shall administer, too (gets the organisation’s key)
make-link = Make link
making-link = The link is being prepared …
link-ready = The link is ready
link-copy = Copy link
link-print = Print sheet
print-language = Language of the sheet
link-qr = QR code with the link
invitation-open = open until { $date }
invitation-used = accepted
invitation-gone = expired or withdrawn
invitation-preparing = being prepared
invitation-for-client = client
invitation-for-staff = colleague
withdraw = Withdraw
withdraw-sure = The link then no longer works.
show-link = Show link

## Settings
settings-device = This device
settings-look = Language and look
settings-organisation = Organisation
settings-team = Team
signed-in-as = Signed in as { $name }
auto-lock = Locks itself after { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
} without input.
auto-lock-never = Does not lock by itself.
change-passphrase = Change passphrase
passphrase-current = Current passphrase
passphrase-new = New passphrase
passphrase-changed = The passphrase was changed.
notifications = Notifications
notifications-text = They never show who writes or what. Only that something is new.
notifications-on = Turn on
notifications-are-on = Turned on.
notifications-blocked = The browser does not allow notifications. Change that in its settings for this page.
notification-text = There is something new.
policy = Rules
policy-text = They hold for all devices of the organisation.
policy-retention = Messages are deleted after (days)
policy-lock = Devices lock themselves after (minutes, 0 for never)
policy-invitation = Invitations are valid for (hours)
policy-save = Change rules
policy-saved = The rules hold now.
policy-range = Allowed are { $from } to { $to }.
revoke = Revoke
revoke-sure = Revoke { $name } with all devices? This cannot be taken back. The person is removed from all rooms.
revoked-done = { $name } is revoked.
team-none = Nobody but you is here yet.
shortcuts = Keyboard shortcuts
shortcut-search = Search
shortcut-next = Next room
shortcut-previous = Previous room
shortcut-write = To the input
shortcut-lock = Lock
shortcut-quit = Leave quickly
error-no-key-package = The person’s device has not been online yet. Ask them to open the app once.
error-crowded = There are too many devices in this room for an invitation. Make a smaller room for this person.
error-uninvited = The invitation this belongs to did not come about.
error-name-too-long = This name or label is too long. Please shorten it.
error-setting-out-of-range = One of the values is not possible. Check numbers, times and phone numbers.
error-only-staff = Only staff can do this.
error-only-admin = Only administrators can do this.
open-room = To the room
consents = Consent
consents-none = Nobody has answered yet.
consent-granted = agreed, { $date }
consent-taken-back = withdrawn, { $date }
consent-text = version { $version }, { $language }

## Data cards
card-send = Send data card
card-text = A name, an address and the like belong on a card: each of them is deleted on all devices on its day.
card-hint = This looks like personal data.
card-instead = Send as data card
card-other = Something else
card-other-label = What it is
card-other-value = What it says
card-add = Add something else
card-keep = Keep
card-keep-days = { $days ->
    [one] kept one day
   *[other] kept { $days } days
}
card-keep-message = kept like message
card-empty = Fill in at least one of them.
card-note = Note
copy-field = Copy { $field }

## Forwarding and mentions
forward-to = Into which room?
forward-reason = Why?
forward-reason-hint = The reason stands with the message. For example: stands in from Monday on
forward-reason-missing = Give a reason. What was said in another room needs one.
forward-room-missing = Choose a room.
forward-client = Careful: a client reads there.
forward-none = There is no other room.
forwarded-done = Forwarded.
mention-list = Whom to mention?
mentioned = You were mentioned

## Requests over another way
wrong-title = A request from outside
wrong-text = Did somebody write to you over Facebook, WhatsApp, e-mail or call you? Here is the ready answer. Answer nothing about the matter over there.
wrong-channel = Where did it come from?
channel-facebook = Facebook
channel-whatsapp = WhatsApp
channel-email = E-mail
channel-voicemail = Voicemail
channel-poster = Poster on the door
wrong-language = Language of the answer
wrong-make = Make the answer with a new link
wrong-show = Show the text
wrong-copy = Copy the answer
wrong-again = Another answer
wrong-meaning = What it says
wrong-no-link = There is no link here: it works once, and whoever hears or reads it first would be in the room. Give the link to the person.
wrong-reminder = Then delete it over there
wrong-reminder-facebook = Delete the chat in Facebook, in the archive and in message requests as well, and the e-mails with which Facebook told you of it.
wrong-reminder-whatsapp = Delete the chat in WhatsApp with its media, the pictures in the photo album, the number in your contacts and the backup that holds it.
wrong-reminder-email = Delete the e-mail with its attachments, under “Sent”, in the bin and on the phone as well.
wrong-reminder-voicemail = Delete the recording when you have heard it, e-mails with the recording and the list of calls as well.

## Hours and emergency numbers
hours = Hours
hours-text = Your clients see when somebody reads again. Outside these hours the app on this device stays silent.
hours-none = No hours yet.
hours-usual = Monday to Friday, 9 to 17
hours-add = More hours
hours-day = Day
hours-from = From
hours-to = To
hours-note = A note with them (optional)
hours-note-hint = For example: Wednesdays by phone only
hours-away = Away up to and including (optional)
hours-save = Save hours
hours-saved = Saved. Your clients see the hours.
hours-wrong = “To” must be later than “From”. Check the hours.
emergency-text = Clients see these numbers when nobody reads, and under “My data”.
emergency-label = Who answers there
emergency-number = Number
emergency-missing = Give a number on each line, or remove the line.
emergency-add = Add a number
policy-hours = Hours of the organisation
policy-hours-text = They hold where nobody in the room has set hours.
policy-title = What the app is called in the browser (empty: “Messages”)
policy-passphrase = Characters a new passphrase or PIN has at least (0: as the app says)
policy-wipe = Wrong tries after which a device empties itself (5 to 100, 0 for never)
policy-passkeys = Forbid passkeys
policy-wipe-range = Allowed are 0 or 5 to 100 tries.

## Devices and retention
devices = Devices
devices-of = Devices of { $name }
devices-text = Who is verified is so with all devices: each carries the signature of this person.
device-own = this device
device-number = Device { $number }
device-revoke-sure = Lock this device out for ever? It can read and send nothing any more. The person needs a new invitation for another device.
device-revoked = The device is locked out.
retention = Retention
retention-text = Messages in this room are deleted on all devices after so many days. The organisation allows at most { $days }.
retention-days = Days
retention-saved = The retention is changed.
wipe-rule = After { $tries } wrong tries this device empties itself.
