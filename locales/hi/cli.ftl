# केवल कमांड लाइन के शब्द।

cli-file = { $path } काम में नहीं लाया जा सकता: { $detail }। कुछ नहीं बदला गया।
cli-helm-says = Helm इसे ऐसे कहता है: { $detail }
cli-no-example = { $target } के लिए कोई उदाहरण नहीं है। उदाहरण cluster, this-computer और rehearsal के लिए हैं।
cli-needs-yes = यहाँ किसी से पूछा नहीं जा सकता। बिना पूछे आगे बढ़ने के लिए --yes जोड़ें। कुछ नहीं बदला गया।
cli-confirm-install = इंस्टॉल करने के लिए { $name } लिखें:
cli-confirm-resume = आगे बढ़ने के लिए { $name } लिखें:
cli-confirm-remove = इससे इसका सब कुछ हट जाएगा। हटाने के लिए { $name } लिखें:
cli-confirm-verify = यह { $name } पर एक शिकायत दर्ज करता है, हमारे निशान के साथ, उसका समाधान करता है, और एक फ़ोटो अपलोड करता है। आगे बढ़ने के लिए { $name } लिखें, या --read-only का उपयोग करें:
cli-verify-took = { $seconds } सेकंड
cli-verify-said = DIGIT ऐसे कहता है: { $said }
cli-verify-cut-off = समाप्त। दर्ज हुई शिकायत अगली बार फिर मिल जाएगी।
cli-interrupted = रुक रहे हैं। परखने के लिए जो बनाया गया था, वह हटाया जा रहा है। दोबारा दबाने पर तुरंत बंद हो जाएगा।
cli-stopping = सुरक्षित जगह पर रुक रहे हैं। अब तक बना सब कुछ बना रहेगा। दोबारा दबाने पर तुरंत बंद हो जाएगा।
cli-ended-at-once = तुरंत बंद किया गया। digit resume वहीं से आगे बढ़ेगा जहाँ तक दर्ज है।
cli-available = इस कंप्यूटर पर है
cli-to-download = ज़रूरत पड़ने पर डाउनलोड होगा
cli-ready-to-use = इस्तेमाल के लिए तैयार
cli-services-only = केवल सेवाएँ
cli-plan-title = { $name }: { $product } { $version }
cli-plan-sizes = { $services ->
    [one] { $services } सेवा
   *[other] { $services } सेवाएँ
}, { $workloads } वर्कलोड, { $pods } पॉड, { $images } इमेज। इन्हें { $memory } GiB मेमोरी, { $disk } GiB डिस्क और कम से कम { $nodes ->
    [one] { $nodes } मशीन
   *[other] { $nodes } मशीनें
} चाहिए।
cli-plan-objects = ऑब्जेक्ट: { $objects }
cli-plan-id = योजना { $id }
cli-time = इंस्टॉल करने में { $range } लगते हैं।
cli-time-first-estimate = इंस्टॉल करने में { $range } लगते हैं (पहला अनुमान)।
cli-time-in-part = इंस्टॉल करने में { $range } लगते हैं ({ $basis })।
cli-images = डाउनलोड होने वाली इमेज: { $images }
cli-images-sized = डाउनलोड होने वाली इमेज: { $images }; { $size }
cli-time-left = { $range } बाकी
cli-services-ready = { $total ->
    [one] { $total } में से { $ready } सेवा तैयार है
   *[other] { $total } में से { $ready } सेवाएँ तैयार हैं
}
cli-waiting = { $on } की प्रतीक्षा
cli-ready-after = { $time } में तैयार
cli-done-after = { $time } में पूरा
cli-and-more = { $names } और { $count } और
cli-address = पता: { $address }
cli-nothing-left = हमने दोबारा देखा: इसका कुछ भी नहीं बचा।
cli-left = हमने दोबारा देखा। अब भी है: { $left }
time-under-two-minutes = 2 मिनट से कम
time-range-minutes = { $low } से { $high } मिनट
time-seconds = { $count } सेकंड
time-minutes = { $count } मिनट
kind-cluster = स्वयं क्लस्टर
kind-check = क्लस्टर की जाँच
kind-namespaces = नेमस्पेस
kind-crds = { $subject } की कस्टम परिभाषाएँ
kind-ahead = { $subject } का वह भाग जो औरों को चाहिए
kind-hooks = { $subject } की तैयारी
kind-release = { $subject }
kind-webhook = { $subject } की प्रवेश जाँच
kind-find = वेब प्रवेश का पता
kind-leave = जो अब नहीं चुना गया, उसे हटाना
cli-plan-leaving = हट जाएगा, उसकी डिस्क रहेंगी: { $services }
image-not-reached = रजिस्ट्री तक नहीं पहुँचे
image-timed-out = रजिस्ट्री ने समय पर उत्तर नहीं दिया
image-sign-in = रजिस्ट्री उपयोगकर्ता नाम और पासवर्ड चाहती है
image-not-there = रजिस्ट्री में नहीं है
image-too-many-requests = रजिस्ट्री से बहुत बार पूछा गया
image-refused = रजिस्ट्री ने मना किया
image-garbled = रजिस्ट्री ने ऐसा उत्तर दिया जिसे हम नहीं जानते
image-not-asked = पूछा नहीं गया, समय समाप्त हो गया
cli-goes-on = काम आगे बढ़ रहा है।
cli-output-lost = परिणाम मानक आउटपुट पर नहीं लिखे जा सकते: { $detail }। वहाँ आगे कुछ नहीं लिखा जाएगा; काम चलता रहेगा।
cli-nothing-changed = रुक गए। कुछ नहीं बदला गया।
cli-nobody-came = { $time } तक किसी व्यक्ति की ज़रूरत थी और कोई नहीं आया। सुरक्षित जगह पर रुक रहे हैं। अब तक बना सब कुछ बना रहेगा।
cli-still-removable = इसे फिर भी हटाया जा सकता है: digit remove { $id }
cli-go-on = आगे बढ़ने या यहाँ से दोबारा कोशिश करने के लिए: digit resume { $id }
cli-removal-nothing = क्लस्टर में इसका कुछ नहीं है।
cli-removal-objects = ये ऑब्जेक्ट हटेंगे: { $names }
cli-removal-namespaces = ये नेमस्पेस हटेंगे: { $names }
cli-removal-disks = ये डिस्क अपने डेटा सहित हटेंगी: { $names }
cli-removal-disks-kept = ये डिस्क रहेंगी: { $names }
cli-removal-namespaces-kept = ये नेमस्पेस रहेंगे: { $names }
cli-gone-after = { $time } में हट गया
time-under-a-second = 1 सेकंड से कम
cli-not-confirmed = यह { $name } नहीं है। कुछ नहीं बदला गया।
cli-none-here = इस कंप्यूटर पर कोई इंस्टॉलेशन नहीं है।
cli-may-accept = इस जाँच के बिना आगे बढ़ने के लिए: --accept { $name }
cli-kit-written = { $name } के पासवर्ड और कुंजियाँ { $path } में हैं, पासफ़्रेज़ से एन्क्रिप्ट की हुई। दोनों सँभालकर रखें, पर एक ही जगह नहीं।
