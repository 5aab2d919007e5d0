# Words that window and command line share: units, times, places, products, stages, states, checks.
# Messages take strings and plural counts only; figures are written by the table in locales/format-cases.json.

## Units and times

unit-mib = { $n } MiB
unit-gib = { $n } GiB
unit-kb = { $n } kB
unit-mb = { $n } MB
unit-gb = { $n } GB
unit-s = { $n } सेकंड
unit-min = { $n } मिनट
unit-min-s = { $m } मिनट { $s } सेकंड
unit-h = { $count ->
    [one] { $n } घंटा
   *[other] { $n } घंटे
}
unit-h-min = { $count ->
    [one] { $h } घंटा { $m } मिनट
   *[other] { $h } घंटे { $m } मिनट
}
range-short = 2 मिनट से कम
range-min = { $from } से { $to } मिनट
range-h = { $from } से { $to } घंटे
range-unknown = अभी पता नहीं
date-day = { $day } { $month } { $year }
month-1 = जनवरी
month-2 = फ़रवरी
month-3 = मार्च
month-4 = अप्रैल
month-5 = मई
month-6 = जून
month-7 = जुलाई
month-8 = अगस्त
month-9 = सितंबर
month-10 = अक्टूबर
month-11 = नवंबर
month-12 = दिसंबर
moment-now = अभी-अभी
moment-minutes = { $count ->
    [one] { $n } मिनट पहले
   *[other] { $n } मिनट पहले
}
moment-today = आज { $time } बजे
moment-yesterday = कल { $time } बजे
first-estimate = पहला अनुमान
measured = मापा हुआ
measured-in-part = { $all } में से { $measured } चरण यहाँ मापे गए, बाकी पहला अनुमान
images-simulated = अभ्यास में कोई नहीं
images-there = कोई नहीं: सभी पहले से मशीनों पर हैं
images-to-download = { $all } में से { $n }
images-perhaps = { $all } में से अधिकतम { $n }
images-size = { $size }
images-size-in-part = उनमें से { $n } के लिए { $size }; बाकी का आकार ज्ञात नहीं
images-size-unknown = उनका आकार ज्ञात नहीं

## Counts

count-services = { $count ->
    [one] { $n } सेवा
   *[other] { $n } सेवाएँ
}
count-objects = { $count ->
    [one] { $n } वस्तु
   *[other] { $n } वस्तुएँ
}
count-pods = { $count ->
    [one] { $n } pod में
   *[other] { $n } pod में
}
of = { $all } में से { $part }
n-of = { $all } में से { $n }
percent = { $n } %

## Places

place-cluster = आपका अपना क्लस्टर
place-this-computer = यह कंप्यूटर
place-rehearsal = अभ्यास

## Products and modules

product-digit = DIGIT: शिकायतें
    .short = DIGIT
product-urban = DIGIT Urban: नगर की सेवाएँ
    .short = Urban
product-practice = अभ्यास उत्पाद
    .short = अभ्यास
product-line = { $count ->
    [one] { $product } { $version }, { $n } मॉड्यूल
   *[other] { $product } { $version }, { $n } मॉड्यूल
}
module-requests = अनुरोध
module-notices = सूचनाएँ
module-pgr = शिकायतें
    .tag = PGR
    .hint = नागरिक शिकायत करते हैं, कर्मचारी हल करते हैं
module-dss = डैशबोर्ड
    .tag = DSS
    .hint = अधिकारियों के लिए आँकड़े
module-bpa = भवन नक्शे
    .tag = BPA
    .hint = आवेदन, निरीक्षण, स्वीकृति
module-edcr = नक्शों की जाँच
    .tag = eDCR
    .hint = नक्शों को नियमों से मिलाता है
module-fire-noc = अग्नि प्रमाणपत्र
    .tag = Fire NOC
    .hint = आवेदन और निरीक्षण
module-property-tax = संपत्ति कर
    .tag = PT
    .hint = पंजीकरण, निर्धारण और भुगतान
module-trade-license = व्यापार लाइसेंस
    .tag = TL
    .hint = आवेदन, नवीनीकरण और भुगतान
module-water-service = जल शुल्क
    .tag = WS
    .hint = कनेक्शन, मीटर, बिल
module-sewerage = सीवर शुल्क
    .tag = SW
    .hint = कनेक्शन और बिल
module-echallan = चालान
    .tag = mCollect
    .hint = जुर्माने और दूसरी प्राप्तियाँ
module-practice = अभ्यास मॉड्यूल
    .hint = अभ्यास के लिए

## Stages

stage-cluster = क्लस्टर
stage-namespaces = नेमस्पेस
stage-crds = वस्तुओं के प्रकार (CRD)
stage-settings = क्लस्टर की सेटिंग
stage-entry = वेब प्रवेश और प्रमाणपत्र
stage-data = डेटाबेस और फ़ाइल भंडार
stage-backbone = बुनियादी सेवाएँ
stage-core = मुख्य सेवाएँ
stage-business = साझा सेवाएँ
stage-frontend = वेब पेज
stage-modules = मॉड्यूल
stage-gateway = गेटवे
stage-leave = जो अब नहीं चुना गया

because-chosen = चुना गया
because-group = { $of } को इनकी ज़रूरत है
because-always = इनके बिना कोई मॉड्यूल काम में नहीं आ सकता
because-data = डेटा यहीं रहता है
because-settings = वे सेटिंग जिन्हें सभी सेवाएँ पढ़ती हैं
because-gateway = वेब प्रवेश से सेवाओं तक ले जाता है

## States of a step

step-state-pending = अभी नहीं
step-state-running = चल रहा है
step-state-waiting = प्रतीक्षा में
step-state-retrying = फिर कोशिश हो रही है
step-state-done = पूरा
step-state-skipped = छोड़ा गया
step-state-failed = विफल
step-state-blocked = विफल चरण की प्रतीक्षा में

## States of an installation

state-not-started = शुरू नहीं हुई
state-running = काम चल रहा है
state-needs-person = किसी व्यक्ति की ज़रूरत है
state-paused = रोकी हुई
state-stopped = रुकी हुई
state-interrupted = बीच में टूटी हुई
state-failed = रुकी, आपकी ज़रूरत है
state-ready = सेवाएँ तैयार
state-rehearsed = अभ्यास पूरा
state-removed = हटाई गई
state-unreadable = पढ़ा नहीं जा सकता

## Checks

check-access = क्लस्टर उत्तर देता है और हम जानते हैं कि आप कौन हैं
check-permissions = योजना की हर चीज़ बनाने की आपको अनुमति है
check-version = Kubernetes का यह संस्करण परखा हुआ है
check-apis = क्लस्टर योजना की हर तरह की वस्तु जानता है
check-capacity = पर्याप्त खाली मेमोरी और प्रोसेसर समय है
check-nodes = पर्याप्त मशीनें हैं
check-storage = डिस्क के लिए स्टोरेज क्लास है
check-names = नाम खाली हैं
check-other-installation = इस क्लस्टर में कोई दूसरा DIGIT नहीं है
check-kept-disks = किसी पुरानी स्थापना की डिस्कें रास्ते में नहीं हैं
check-product-list = उत्पाद की सूची में वह सब है जिसे उसकी सेवाएँ पुकारती हैं
check-leaving = जो वहाँ है उसमें से कुछ नहीं हटेगा
check-entry-door = वेब प्रवेश साइन इन की रखवाली करता है
check-namespaces = योजना का कोई नेमस्पेस हटाया नहीं जा रहा
check-webhooks = योजना की चीज़ों के आगे औरों का कुछ नहीं है
check-address = वेब प्रवेश को पता मिल सकता है
check-database = आपका डेटाबेस काम में आ सकता है
check-files = आपका फ़ाइल भंडार काम में आ सकता है
check-passed = ठीक
check-take-note = ध्यान दें
check-not-passed = ठीक नहीं
check-accepted = आपने स्वीकार किया
check-not-tried = नहीं आज़माया
check-checking = जाँच हो रही है
check-not-yet = अभी नहीं
check-group-access = पहुँच
check-group-room = क्लस्टर में जगह
check-group-names = नाम
check-group-data = आपका डेटाबेस और फ़ाइल भंडार
check-group-product = क्या-क्या आएगा
check-group-other = और जाँच

## Levels of the log

level-error = त्रुटि
level-warning = चेतावनी
level-info = सूचना
level-debug = डीबग

## पूरे काम को क्या रोक रहा है; अपने आप फिर कोशिश होती है

held-disk-full = इस कंप्यूटर की डिस्क भर गई है। उस पर जगह बनाएँ: फिर इंस्टॉलेशन अपने आप आगे बढ़ेगा। कुछ भी नहीं खोया है।
held-server-not-answering = क्लस्टर जवाब नहीं दे रहा है। उससे हर कुछ सेकंड में फिर पूछा जाता है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो अपना नेटवर्क या VPN और क्लस्टर देखें।
held-server-not-trusted = क्लस्टर की जगह कोई और जवाब दे रहा है, जिसका सर्टिफ़िकेट क्लस्टर का नहीं है। हर कुछ सेकंड में फिर पूछा जाता है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो नेटवर्क चलाने वालों से पूछें।
held-sign-in-failed = क्लस्टर अब आपका साइन-इन नहीं मान रहा है। हर कुछ सेकंड में फिर कोशिश होती है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो इस क्लस्टर के लिए पहले की तरह फिर साइन इन करें।
held-sign-in-rejected = क्लस्टर अब आपको नहीं पहचानता। हर कुछ सेकंड में फिर कोशिश होती है, और कुछ भी नहीं खोया है। इस क्लस्टर के लिए पहले की तरह फिर साइन इन करें: तब काम अपने आप आगे बढ़ेगा।
held-sign-in-program-missing = क्लस्टर में साइन इन कराने वाला प्रोग्राम अब नहीं मिल रहा है। हर कुछ सेकंड में फिर कोशिश होती है, और कुछ भी नहीं खोया है। उसे फिर इंस्टॉल करें: तब काम अपने आप आगे बढ़ेगा।
held-network-portal = यह नेटवर्क पहले साइन इन चाहता है। हर कुछ सेकंड में फिर कोशिश होती है, और कुछ भी नहीं खोया है। ब्राउज़र में कोई पेज खोलकर साइन इन करें: तब काम अपने आप आगे बढ़ेगा।
held-proxy-sign-in = क्लस्टर के रास्ते का प्रॉक्सी नाम और पासवर्ड चाहता है। हर कुछ सेकंड में फिर कोशिश होती है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो नेटवर्क देखने वाले से पूछें।
held-proxy-failing = क्लस्टर के रास्ते का प्रॉक्सी हमें जाने नहीं दे रहा है। हर कुछ सेकंड में फिर कोशिश होती है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो अपना नेटवर्क और उसका प्रॉक्सी देखें।
held-server-busy = क्लस्टर व्यस्त है और धीरे चलने को कह रहा है। हर कुछ सेकंड में फिर पूछा जाता है, और कुछ भी नहीं खोया है।
held-server-error = क्लस्टर त्रुटियाँ लौटा रहा है। हर कुछ सेकंड में फिर पूछा जाता है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो क्लस्टर चलाने वालों से पूछें।
held-answer-garbled = क्लस्टर के जवाब टूटे हुए आ रहे हैं। हर कुछ सेकंड में फिर पूछा जाता है, और कुछ भी नहीं खोया है। अगर यह देर तक रहे, तो अपना नेटवर्क या प्रॉक्सी देखें।
held-person-sign-in = क्लस्टर अब आपका साइन-इन स्वीकार नहीं करता। इस क्लस्टर के लिए जैसे साइन-इन किया था, वैसे फिर करें: तब यह अपने-आप आगे बढ़ेगा। कुछ नहीं खोया है।
held-person-trust = क्लस्टर की जगह कोई और उत्तर दे रहा है, ऐसे प्रमाणपत्र के साथ जो क्लस्टर का नहीं है। नेटवर्क चलाने वाले से पूछें। क्लस्टर के फिर उत्तर देने पर यह अपने-आप आगे बढ़ेगा। कुछ नहीं खोया है।
held-person-network = क्लस्टर तक पहुँचा नहीं जा सकता। अपना नेटवर्क, VPN या वह पृष्ठ देखें जिस पर यह नेटवर्क साइन-इन चाहता है। क्लस्टर के फिर उत्तर देने पर यह अपने-आप आगे बढ़ेगा। कुछ नहीं खोया है।
held-other = कोई चीज़ सब कुछ रोक रही है। अपने आप फिर कोशिश होती है, और कुछ भी नहीं खोया है।
