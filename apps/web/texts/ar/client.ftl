# العربية. لم يراجعها متحدث أصلي.

app-name = رسائل
continue = متابعة
back = رجوع
cancel = إلغاء
close = إغلاق
save = حفظ
delete = حذف
copy = نسخ
copied = تم النسخ
again = حاول مرة أخرى
loading = جارٍ التحميل …
yes-sure = نعم، أريد ذلك
quick-exit = خروج سريع
quick-exit-hint = يغلق هذه الصفحة فوراً ويعرض صفحة أخرى. لوحة المفاتيح: Esc ثلاث مرات.
language = اللغة
choose-language = اختر اللغة
offline = لا يوجد اتصال. ما تكتبه سيُرسل عند عودة الاتصال.
update-ready = توجد نسخة جديدة من هذا التطبيق.
update-now = إعادة التحميل الآن

unlock-title = فتح القفل
unlock-intro = أدخل كلمة المرور. تبقى على هذا الجهاز.
unlock-intro-pin = أدخل الرمز السري.
unlock = فتح القفل
passphrase = كلمة المرور
pin = الرمز السري
passphrase-show = إظهار كلمة المرور
passphrase-hide = إخفاء كلمة المرور
wrong-passphrase = كلمة المرور غير صحيحة. تحقق من الأحرف الكبيرة والصغيرة وحاول مرة أخرى.
wrong-passphrase-wait = كان الإدخال خاطئاً عدة مرات. انتظر { $seconds ->
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $seconds } ثوانٍ
   *[other] { $seconds } ثانية
}.
passphrase-forgotten = هل نسيت كلمة المرور؟
passphrase-forgotten-help = لا أحد يستطيع إعادة تعيين كلمة المرور. اطلب رابطاً جديداً وجهّز هذا الجهاز من جديد.
erase-device = مسح كل شيء على هذا الجهاز
erase-device-sure = ستُحذف كل الرسائل على هذا الجهاز. لا يمكن التراجع عن ذلك.

lost-title = البيانات على هذا الجهاز مفقودة
lost-text = حذف المتصفح الرسائل المحفوظة كلها أو بعضها. قد يحدث ذلك عندما تمتلئ الذاكرة أو يُمسح السجل.
lost-next = اطلب رابطاً جديداً. به تجهّز هذا الجهاز من جديد.
damaged-title = لا يمكن قراءة البيانات على هذا الجهاز
damaged-text = البيانات المحفوظة تالفة أو من نسخة قديمة. لأجل الأمان لا يُستخدم منها شيء.
newer-title = هذه الصفحة أقدم من بياناتك
newer-text = بياناتك من نسخة أحدث. أعد تحميل الصفحة. لم يتغير شيء.
other-tab-title = مفتوح في نافذة أخرى
other-tab-text = التطبيق يعمل في نافذة أخرى. استخدمها أو تابع هنا.
other-tab-here = المتابعة هنا
unsupported-title = هذا المتصفح قديم جداً
unsupported-text = الرسائل المحمية تحتاج متصفحاً أحدث. حدّثه أو استخدم جهازاً آخر.
revoked-title = تم حظر هذا الجهاز
revoked-text = حظرت المؤسسة هذا الجهاز. لا يستطيع القراءة أو الإرسال بعد الآن. اسأل هناك إن كان هذا خطأ.
wiped-title = تم حذف كل شيء
wiped-text = لم يعد أي شيء محفوظاً على هذا الجهاز. يمكنك إغلاق هذه النافذة.
reload = إعادة التحميل

error-link-unavailable = هذا الرابط لم يعد صالحاً. استُخدم أو سُحب أو انتهت مدته. اطلب رابطاً جديداً.
error-link-form = الرابط غير كامل. افتح الرسالة مرة أخرى وانسخ الرابط كله.
error-link-kind = هذا الرابط لشيء آخر. اطلب رابط دعوة.
error-unreachable = لا يمكن الوصول إلى الخادم. تحقق من الإنترنت وحاول مرة أخرى.
error-wrong-relay = هذا ليس خادم مؤسستك. لم يُرسل شيء. أخبر المؤسسة.
error-outdated = هذا التطبيق أقدم من الخادم ولا يمكنه الإرسال أو الاستقبال. أعد تحميل الصفحة. رسائلك ومسوداتك محفوظة.
error-store-full = ذاكرة هذا الجهاز ممتلئة. احذف ملفات أو تطبيقات وحاول مرة أخرى.
error-too-large = هذا كبير جداً. الملفات حتى 100 ميغابايت، والنصوص نحو 30 صفحة.
error-not-allowed = هذا غير مسموح في هذه الغرفة.
error-removed = لم تعد في هذه الغرفة. ما هو موجود هنا يمكن قراءته.
error-quota = يُرسل الآن أكثر من اللازم. انتظر دقيقة وحاول مرة أخرى.
error-file-gone = هذا الملف لم يعد على الخادم. اطلب إرساله مرة أخرى.
error-file-damaged = هذا ليس الملف الذي أُرسل. لم يُحفظ.
error-metadata = قد تحتوي هذه الصورة على مكان ووقت التصوير ولا يمكن إزالتهما. خذ لقطة شاشة وأرسلها.
error-internal = لم ينجح ذلك. أعد تحميل الصفحة. رسائلك ما زالت موجودة.

guest-welcome = أهلاً بك
guest-opening = نفتح غرفتك المحمية …
notice-title = يرجى القراءة أولاً
notice-listen = قراءة بصوت عالٍ
notice-stop = إيقاف القراءة
notice-agree = أوافق
notice-decline = لا أريد ذلك
notice-other-language = هذا النص موجود بلغة أخرى فقط. اطلب من أحد أن يقرأه معك.
declined-title = حسناً
declined-text = لم يُرسل منك شيء. يمكنك إغلاق النافذة. إن أردت استخدامه فارجع.
pin-title = هل تريد رمزاً سرياً؟
pin-text = بالرمز السري لا يستطيع أحد غيرك قراءة رسائلك على هذا الهاتف. من دونه يكفي أن يكون الهاتف معه.
pin-choose = اختر الرمز السري ({ $least } خانات على الأقل)
pin-repeat = الرمز السري مرة أخرى
pin-set = استخدام الرمز السري
pin-skip = المتابعة بدون رمز
pin-differs = الإدخالان مختلفان. اكتب الرمز مرة أخرى.
pin-short = الرمز قصير جداً. استخدم { $least } خانات على الأقل.
home-screen-hint = ضع هذه الصفحة على الشاشة الرئيسية. وإلا يحذف المتصفح رسائلك بعد أيام.

rooms = الغرف
untitled-room = محادثة
write-message = اكتب رسالة
send = إرسال
attach = ملف أو صورة
take-photo = التقاط صورة
record-voice = تسجيل رسالة صوتية
recording = تسجيل: { $time }
recording-send = إرسال التسجيل
recording-drop = حذف التسجيل
no-microphone = الميكروفون غير مسموح. اسمح به في إعدادات المتصفح.
today = اليوم
yesterday = أمس
newest = إلى النهاية
new-messages = رسائل جديدة
message-count-new = { $count ->
    [one] رسالة جديدة
    [two] رسالتان جديدتان
    [few] { $count } رسائل جديدة
   *[other] { $count } رسالة جديدة
}
you = أنت
state-waiting = بانتظار الاتصال
state-sent = أُرسلت
state-delivered = وصلت
state-read = قُرئت
state-failed = لم تُرسل
edited = معدّلة
deleted-line = حُذفت هذه الرسالة.
reply = رد
reply-to = رد على { $name }
reply-gone = الرسالة لم تعد موجودة.
edit = تعديل
editing = تعديل الرسالة
delete-for-all = حذف للجميع
delete-for-all-sure = ستُحذف الرسالة من كل الأجهزة.
react = تفاعل
more-actions = المزيد عن هذه الرسالة
reaction-by = { $emoji } من { $names }
is-typing = { $name } يكتب …
drop-here = أفلت الملف هنا
uploading = يُرسل { $name }: { $percent } %
downloading = تم تحميل { $percent } %
open-file = فتح
save-file = حفظ على الجهاز
show-image = عرض الصورة
image-of = صورة: { $name }
voice-message = رسالة صوتية
file-size = { $name }، { $size }
caption = نص مرافق (اختياري)
send-file = إرسال الملف
room-closed = لم تعد في هذه الغرفة. يمكنك القراءة ولا يمكنك الكتابة.
room-settling = تُجهَّز الغرفة لك. رسالتك تُرسل بعد لحظة.
room-empty = لا رسائل بعد.

line-notice = معلومات حماية البيانات
line-consented = موافقة: { $name }
line-withdrew = سحب الموافقة: { $name }
line-joined = في الغرفة الآن: { $names }
line-left = لم يعد في الغرفة: { $names }
line-arrived = فُتح الرابط: { $name }
line-devices = جهاز آخر: { $name }
line-info = تغيّر اسم الغرفة أو إدارتها.
line-verified = تم التحقق شخصياً: { $name }
line-leave-asked = طلب مغادرة الغرفة: { $name }
line-retention = من الآن تُحذف الرسائل بعد { $days ->
    [one] يوم واحد
    [two] يومين
    [few] { $days } أيام
   *[other] { $days } يوماً
}.
line-too-new = التطبيق قديم لهذه الرسالة. أعد تحميل الصفحة.
line-unreadable = رسالة لا يمكن قراءتها هنا. اطلب إرسالها مرة أخرى.
line-missing = { $count ->
    [one] تنقص هنا رسالة واحدة. كانت قديمة وحُذفت.
    [two] تنقص هنا رسالتان. كانتا قديمتين وحُذفتا.
    [few] تنقص هنا { $count } رسائل. كانت قديمة وحُذفت.
   *[other] تنقص هنا { $count } رسالة. كانت قديمة وحُذفت.
}
line-author-gap = { $count ->
    [one] رسالة من { $name } لم تصل. اسأل عنها.
    [two] رسالتان من { $name } لم تصلا. اسأل عنهما.
    [few] { $count } رسائل من { $name } لم تصل. اسأل عنها.
   *[other] { $count } رسالة من { $name } لم تصل. اسأل عنها.
}
line-author-broken = رسائل { $name } لا تتوافق. اسأل شخصياً.
line-split = انتباه: الخادم لا يعرض الشيء نفسه للجميع. أخبر المؤسسة.
line-refused = لم يُقبل تغيير في الغرفة لأجل الأمان.
line-voided = تم التراجع عن تغيير في الغرفة.

my-data = بياناتي
my-data-text = هنا ترى ما هو محفوظ عنك وتقرر بشأنه.
download-data = تنزيل الكل
download-data-text = تحصل على ملف يمكنك قراءته. احتفظ به جيداً: فهو غير محمي.
withdraw-consent = سحب الموافقة
withdraw-consent-text = يعلم الشخص المسؤول بذلك فوراً. لست مضطراً لذكر سبب.
consent-withdrawn = لقد سحبت موافقتك.
give-consent = الموافقة من جديد
leave-delete = مغادرة وحذف
leave-delete-text = تغادر الغرفة ويُحذف كل شيء على هذا الجهاز.
leave-delete-sure = هل تريد حقاً المغادرة وحذف كل شيء على هذا الجهاز؟
set-pin = تعيين رمز سري
lock-now = قفل الآن
theme = المظهر
theme-auto = مثل الجهاز
theme-light = فاتح
theme-dark = داكن
help = مساعدة
who-can-read = فقط الأشخاص في هذه الغرفة يستطيعون قراءة ما هنا. الخادم لا يستطيع.
members = الأشخاص في الغرفة

error-already-joined = يوجد هنا شخص مسجّل. افتح الرابط في متصفح آخر.
error-link-other-relay = يقود هذا الرابط إلى عنوان آخر. افتحه من الرسالة مباشرة.
tries-left = { $count ->
    [one] محاولة واحدة أخرى ثم يُحذف كل شيء على هذا الجهاز.
    [two] محاولتان ثم يُحذف كل شيء على هذا الجهاز.
    [few] { $count } محاولات ثم يُحذف كل شيء على هذا الجهاز.
   *[other] { $count } محاولة ثم يُحذف كل شيء على هذا الجهاز.
}
send-anyway = إرسال على أي حال
start-over = البدء من جديد
other-version-text = أغلق كل النوافذ الأخرى لهذا التطبيق ثم أعد التحميل.
contact-person = الشخص المسؤول عنك
state-read-by = قرأها { $by } من { $of }
messages-live = تُحذف الرسائل بعد { $days ->
    [one] يوم واحد
    [two] يومين
    [few] { $days } أيام
   *[other] { $days } يوماً
}.
picture = صورة
consented-short = موافق
withdrew-short = سحب الموافقة
line-room = تغيير في الغرفة
blocked = تغيّرت هوية أحد الأشخاص. لن يُرسل شيء حتى تتحقق.

## Datenkarten, Weiterleitungen, Sprechzeiten
data-card = بطاقة بيانات
field-name = الاسم
field-birth-date = تاريخ الميلاد
field-address = العنوان
field-phone = الهاتف
field-until = تُحذف في { $date }
field-gone = حُذفت
forwarded = أُعيد توجيهها
forwarded-from = أُعيد توجيهها، كتبها أولاً { $name }
forwarded-reason = السبب: { $reason }
nobody-reads = لا أحد يقرأ هنا الآن.
reads-again = مرة أخرى ابتداءً من { $date }.
reads-again-by = يقرأ { $name } مرة أخرى ابتداءً من { $date }.
emergency = في حالات الطوارئ

## Antworten auf das, was über einen anderen Weg kam
wrong-facebook = مرحباً! شكراً على رسالتك. ما تكتبه على فيسبوك غير محمي، لذلك لا نجيب هنا.
wrong-whatsapp = مرحباً! شكراً على رسالتك. ما تكتبه على واتساب غير محمي، لذلك لا نجيب هنا.
wrong-email = مرحباً، شكراً على رسالتك. البريد الإلكتروني غير محمي في طريقه، لذلك لا نجيب هنا.
wrong-link = بهذا الرابط تكتب إلينا بشكل محمي، بلا تطبيق وبلا حساب. يعمل مرة واحدة فقط:
wrong-voicemail = مرحباً. لا يستطيع أحد الرد على الهاتف الآن. اذكر من فضلك اسمك ورقمك فقط، ولا تذكر الموضوع. نعاود الاتصال بك ونعطيك رابطاً تكتب به إلينا بشكل محمي. في حالات الطوارئ اتصل بالرقم 112.
wrong-poster-title = اكتب إلينا بشكل محمي
wrong-poster = بهاتفك، بلا تطبيق وبلا حساب. اطلب منا رابطك الشخصي. لا يعرف أحد من يكتب إلينا.
link-valid = صالح لمرة واحدة، حتى { $date }.
print-title = مدخلك المحمي
print-step-scan = امسح الصورة بكاميرا هاتفك.
print-step-open = افتح الرابط. يعمل مرة واحدة فقط.
print-step-read = اختر لغتك واقرأ التوضيح.
wrong-greeting = مرحباً! ما تكتبه هنا محمي. اكتب لنا عن الموضوع متى شئت.

## Passkey
passkey = مفتاح المرور
unlock-by-passkey = الفتح بمفتاح المرور
passkey-text = بمفتاح المرور تفتح القفل ببصمة الإصبع أو الوجه أو قفل جهازك. وتبقى كلمة المرور أو الرمز السري صالحين.
passkey-set-up = إعداد مفتاح المرور
passkey-confirm = أكّد أولاً بكلمة المرور أو الرمز السري. بعدها يطلب الجهاز الإصبع أو الوجه أو قفل الشاشة.
passkey-warning = تحفظ أجهزة كثيرة مفاتيح المرور أيضاً في حساب لدى Apple أو Google أو Microsoft. ومن كان لديه هذا الجهاز ودخل إلى ذلك الحساب يستطيع قراءة كل شيء. ويظهر عنوان هذه الصفحة في قائمة مفاتيح المرور على الجهاز.
passkey-done = تم إعداد مفتاح المرور.
passkey-is-set-up = يمكنك هنا الفتح بمفتاح المرور. وتبقى كلمة المرور أو الرمز السري صالحين.
passkey-remove = إزالة مفتاح المرور
passkey-removed = لم يعد مفتاح المرور يفتح شيئاً هنا. احذفه أيضاً من القائمة على جهازك.
passkey-refused = لم يتم تأكيد مفتاح المرور. حاول مرة أخرى أو استخدم كلمة المرور أو الرمز السري.
passkey-cannot = لا يستطيع هذا الجهاز التشفير بمفتاح المرور. تبقى كلمة المرور أو الرمز السري صالحين. إذا ظهر مدخل جديد في القائمة فيمكنك حذفه.
passkey-unfit = لم يعد مفتاح المرور مناسباً للبيانات هنا. افتح بكلمة المرور أو الرمز السري ثم أعد إعداده.
passkey-lost = كان مفتاح المرور تالفاً أو قديماً وقد أُزيل. يمكنك إعداده من جديد.
