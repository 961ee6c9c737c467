# Everything a client may see. Every language has this file.

## General
app-name = Messages
continue = Continue
back = Back
cancel = Cancel
close = Close
save = Save
delete = Delete
copy = Copy
copied = Copied
again = Try again
loading = Loading …
yes-sure = Yes, I want this
quick-exit = Leave quickly
quick-exit-hint = Closes this page at once and shows another. Keyboard: Esc three times.
language = Language
choose-language = Choose a language
offline = No connection. What you write is sent as soon as the connection is back.
update-ready = There is a new version of this app.
update-now = Reload now
update-forms-open = A form is still half filled in, here or in another tab. Send or close it, then reload.

## Access
unlock-title = Unlock
unlock-intro = Enter your passphrase. It stays on this device.
unlock-intro-pin = Enter your PIN.
unlock = Unlock
passphrase = Passphrase
pin = PIN
passphrase-show = Show passphrase
passphrase-hide = Hide passphrase
wrong-passphrase = The passphrase is wrong. Check capital and small letters and try again.
wrong-passphrase-wait = That was wrong several times. Please wait { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
passphrase-forgotten = Forgotten your passphrase?
passphrase-forgotten-help = Nobody can reset the passphrase. Ask for a new link and set this device up anew.
erase-device = Erase this device
erase-device-sure = All messages on this device are deleted. This cannot be undone.

## Trouble
lost-title = The data on this device is missing
lost-text = The browser has deleted stored messages, all or in part. This can happen when storage is full or the history was cleared.
lost-next = Ask for a new link. With it you set this device up anew.
damaged-title = The data on this device cannot be read
damaged-text = The stored data is damaged or comes from a copy. To be safe, none of it is used.
newer-title = This page is older than your data
newer-text = Your data comes from a newer version. Reload the page. Nothing was changed.
other-tab-title = Already open in another window
other-tab-text = The app is already running in another window or tab. Use that one, or go on here.
other-tab-here = Go on here
unsupported-title = This browser is too old
unsupported-text = Protected messages need a newer browser. Update it or use another device.
revoked-title = This device was revoked
revoked-text = Your organisation has revoked this device. It can no longer read or send. Ask there if this is a mistake.
wiped-title = Everything is deleted
wiped-text = Nothing is stored on this device any more. You can close this window.
reload = Reload

## Errors with the next step
error-link-unavailable = This link no longer works. It was used already, withdrawn, or has expired. Ask for a new one.
error-link-form = This is not a complete link. Open the message with the link again and copy all of it.
error-link-kind = This link is for something else. Ask for an invitation link.
error-unreachable = The server cannot be reached. Check the internet connection and try again.
error-wrong-relay = This is not your organisation’s server. Nothing was sent. Tell your organisation.
error-outdated = This app is older than the server and can neither send nor receive. Reload the page. Your messages and drafts are kept.
error-store-full = This device’s storage is full. Delete files or apps and try again.
error-too-large = This is too large. Files may have at most 100 MB, texts about 30 pages.
error-not-allowed = This is not allowed in this room.
error-removed = You no longer belong to this room. What is here can still be read.
error-member-back = A person who was no longer in the room is back. See who can read this, then send it again.
error-quota = Too much is being sent right now. Wait a minute and try again.
error-file-gone = The server no longer has this file. Ask for it to be sent again.
error-file-damaged = This file is not the one that was sent. It was not saved.
error-metadata = This picture may hold the place and time of the shot, and that cannot be removed. Take a screenshot of it and send that.
error-internal = That did not work. Reload the page. Your messages are still here.

## Invitation
guest-welcome = Welcome
guest-opening = Your protected room is being opened …
notice-title = Please read this first
notice-listen = Read aloud
notice-stop = Stop reading aloud
notice-agree = I agree
notice-decline = I do not want this
notice-other-language = This text is only there in another language. Ask somebody to read it with you.
declined-title = All right
declined-text = Nothing of yours was sent. You can close the window. If you want to use it after all, go back.
pin-title = Would you like a PIN?
pin-text = With a PIN nobody else on this phone can read your messages. Without one it is enough to have the phone.
pin-choose = Choose a PIN (at least { $least } characters)
pin-repeat = PIN once more
pin-set = Use PIN
pin-skip = Go on without PIN
pin-differs = The two inputs differ. Type the PIN again.
pin-short = The PIN is too short. Use at least { $least } characters.
home-screen-hint = Put this page on your home screen. Otherwise the browser deletes your messages after some days.

## Room
rooms = Rooms
untitled-room = Conversation
write-message = Write a message
send = Send
attach = File or photo
take-photo = Take a photo
record-voice = Record a voice message
recording = Recording: { $time }
recording-send = Send recording
recording-drop = Discard recording
no-microphone = The microphone is not allowed. Allow it in the browser’s settings.
today = Today
yesterday = Yesterday
newest = To the end
new-messages = New messages
message-count-new = { $count ->
    [one] One new message
   *[other] { $count } new messages
}
you = You
state-waiting = Waiting for connection
state-sent = Sent
state-delivered = Delivered
state-read = Read
state-failed = Not sent
edited = edited
deleted-line = This message was deleted.
reply = Reply
reply-to = Reply to { $name }
reply-gone = The message is no longer there.
edit = Edit
editing = Edit message
delete-for-all = Delete for everyone
delete-for-all-sure = The message is deleted on all devices.
react = React
more-actions = More about this message
reaction-by = { $emoji } by { $names }
is-typing = { $name } is writing …
drop-here = Drop the file here
uploading = { $name } is being sent: { $percent } %
downloading = { $percent } % loaded
open-file = Open
save-file = Save on the device
show-image = Show picture
image-of = Picture: { $name }
voice-message = Voice message
file-size = { $name }, { $size }
caption = Text with it (optional)
send-file = Send file
room-closed = You no longer belong to this room. You can read, but not write.
out-of-step = The server runs from a backup. Your messages wait here until the counsellor was online. If it takes more than a day, ask for a new link.
room-settling = The room is being set up for you. Your message goes out in a moment.
room-empty = No messages yet.

## Lines the room itself writes
line-notice = Privacy notice
line-consented = Agrees to the notice: { $name }
line-withdrew = Consent withdrawn: { $name }
line-joined = New in the room: { $names }
line-left = No longer in the room: { $names }
line-arrived = Link opened: { $name }
line-devices = Another device: { $name }
line-info = The room’s name or managers were changed.
line-verified = Checked in person: { $name }
line-leave-asked = Would like to leave the room: { $name }
line-retention = From now on messages are deleted after { $days ->
    [one] one day
   *[other] { $days } days
}.
line-too-new = The app is too old for this message. Reload the page.
line-unreadable = One message cannot be read here. Ask for it to be sent again.
line-missing = { $count ->
    [one] One message is missing here. It was too old and was deleted.
   *[other] { $count } messages are missing here. They were too old and were deleted.
}
line-author-gap = { $count ->
    [one] One message from { $name } did not arrive. Ask about it.
   *[other] { $count } messages from { $name } did not arrive. Ask about them.
}
line-author-broken = The messages from { $name } do not fit together. Ask in person.
line-split = Attention: the server does not show everybody the same. Tell the organisation.
line-refused = A change of the room was not accepted, to be safe.
line-voided = A change of the room was taken back.
line-put-back = The server goes on from a backup. What was written since is sent again by the devices themselves. Something from lost devices may be missing.
line-reset = Room connected again: { $name }

## My data
my-data = My data
my-data-text = Here you see what is stored about you, and decide about it.
download-data = Download everything
download-data-text = You get one file that you can read. Keep it safe: it is not protected.
withdraw-consent = Withdraw consent
withdraw-consent-text = Your contact learns of it at once. You need not give a reason.
consent-withdrawn = You have withdrawn your consent.
give-consent = Agree again
leave-delete = Leave and delete
leave-delete-text = You leave the room, and everything on this device is deleted.
leave-delete-sure = Really leave and delete everything on this device?
set-pin = Set a PIN
lock-now = Lock now
theme = Look
theme-auto = Like the device
theme-light = Light
theme-dark = Dark
help = Help
who-can-read = Only the people in this room can read what is here. The server cannot.
members = People in this room

error-already-joined = Somebody is already signed in here. Open the link in another browser.
error-link-other-relay = This link leads to another address. Open it directly from the message.
tries-left = { $count ->
    [one] One more try, then everything on this device is deleted.
   *[other] { $count } more tries, then everything on this device is deleted.
}
send-anyway = Send anyway
start-over = Start over
other-version-text = Close all other windows with this app, then reload.
contact-person = Your contact
state-read-by = Read by { $by } of { $of }
messages-live = Messages are deleted after { $days ->
    [one] one day
   *[other] { $days } days
}.
picture = Picture
consented-short = agrees
withdrew-short = has withdrawn consent
line-room = Change in the room
blocked = A person’s identity has changed. Until you have looked, nothing is sent.

## Datenkarten, Weiterleitungen, Sprechzeiten
data-card = Data card
field-name = Name
field-birth-date = Date of birth
field-address = Address
field-phone = Phone
field-until = Will be deleted on { $date }
field-gone = Deleted by now
forwarded = Forwarded
forwarded-from = Forwarded, first said by { $name }
forwarded-reason = Reason: { $reason }
nobody-reads = Nobody reads here right now.
reads-again = Again from { $date }.
reads-again-by = { $name } reads again from { $date }.
emergency = In an emergency

## Antworten auf das, was über einen anderen Weg kam
wrong-facebook = Hello! Thank you for your message. What you write on Facebook is not protected, so we do not answer here.
wrong-whatsapp = Hello! Thank you for your message. What you write on WhatsApp is not protected, so we do not answer here.
wrong-email = Hello, thank you for your e-mail. E-mails are not protected on their way, so we do not answer here.
wrong-link = With this link you can write to us protected, without an app and without an account. It works only once:
wrong-voicemail = Hello. Nobody can take your call right now. Please leave only your name and your number, not what it is about. We call you back and give you a link with which you can write to us protected. In an emergency call 112.
wrong-poster-title = Write to us, protected
wrong-poster = With your phone, without an app and without an account. Ask us for your personal link. Nobody learns who writes to us.
link-valid = Works once, until { $date }.
print-title = Your protected access
print-step-scan = Scan the picture with your phone’s camera.
print-step-open = Open the link. It works only once.
print-step-read = Choose your language and read the notice.
wrong-greeting = Hello! What you write here is protected. Tell us what it is about, whenever it suits you.

## Passkey
passkey = Passkey
unlock-by-passkey = Unlock with passkey
passkey-text = With a passkey you unlock by finger, face or the lock of your device. Passphrase or PIN still count.
passkey-set-up = Set up a passkey
passkey-confirm = Confirm with your passphrase or PIN first. Then the device asks for finger, face or its lock.
passkey-warning = Many devices also keep passkeys in an account with Apple, Google or Microsoft. Whoever has this device and gets into that account can then read everything. And the device's list of passkeys shows the address of this page.
passkey-done = The passkey is set up.
passkey-is-set-up = You can unlock with a passkey here. Passphrase or PIN still count.
passkey-remove = Remove passkey
passkey-removed = The passkey unlocks nothing here any more. Delete it from the list of passkeys on your device as well.
passkey-refused = The passkey was not confirmed. Try again, or use your passphrase or PIN.
passkey-cannot = This device cannot encrypt anything with a passkey. Passphrase or PIN still count. If there is a new entry in the list of passkeys, you can delete it.
passkey-unfit = The passkey no longer fits the data here. Unlock with your passphrase or PIN and set it up anew.
passkey-lost = The passkey was damaged or out of date and is removed. You can set it up anew.
