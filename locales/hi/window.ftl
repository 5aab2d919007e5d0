# Words of the window: its screens, in their order. Units, places, stages and checks are in words.ftl, troubles in errors.ftl.

## Frame

skip = सीधे सामग्री पर जाएँ
foot = आगे बढ़ें
back = पीछे
loading = पढ़ा जा रहा है …
try-again = फिर कोशिश करें
save = सहेजें
saved = सहेजा गया:
show = दिखाएँ
copy = कॉपी करें
copied = कॉपी हो गया
change = बदलें
begin = शुरू करें
more = और
more-of = { $name } के काम
all-installations = सभी स्थापनाएँ
installation = स्थापना
step-of = चरण { $n } / 8
standing-nothing = अभी कुछ नहीं बना है।
cost-zero = अब तक की लागत: $0
title-error = त्रुटि: { $title }
errors-title = एक समस्या है
prefix-error = त्रुटि:
for-engineers = इंजीनियरों के लिए:
what-to-do = क्या करें।
rail-home = DIGIT Installer. सभी स्थापनाएँ
rail-main = मुख्य
rail-steps = चरण
rail-installations = स्थापनाएँ
rail-settings = सेटिंग
rail-help = सहायता
rail-language = भाषा:
rail-done = , पूरा
rail-needs-you = , आपकी ज़रूरत है
rail-new = नई स्थापना
rail-not-created = अभी बनी नहीं है
rail-not-named = अभी नाम नहीं दिया
language-en = English
language-hi = हिन्दी
switch-to-en = Switch to English
switch-to-hi = हिन्दी में बदलें
step-place = स्थान
step-sign-in = साइन इन
step-modules = मॉड्यूल
step-details = विवरण
step-checks = जाँच
step-review = समीक्षा
step-install = स्थापना
step-hand-over = सुपुर्दगी
sign-in-not-needed = ज़रूरत नहीं
checks-answer = { $all } में से { $passed } ठीक

## Closing the window

close-title = काम चल रहा है। विंडो बंद करें?
close-text = काम पृष्ठभूमि में चलता रह सकता है; पूरा होने, रुकने या आपकी ज़रूरत होने पर सूचना मिलेगी। या वह सुरक्षित स्थान पर रुक जाएगा: कुछ नहीं खोएगा, और आप बाद में आगे बढ़ सकते हैं।
close-stop = सुरक्षित स्थान पर रोकें
close-background = पृष्ठभूमि में जारी रखें

## Home

home-title = स्थापनाएँ
home-empty-title = DIGIT स्थापित करें
home-empty-lead = यह ऐप क्लस्टर पर DIGIT को स्थापित करता है: पहले प्रश्न से लेकर सभी सेवाएँ तैयार होने तक। न कोई दूसरा टूल चाहिए, न कोई कमांड।
home-lead-calm = { $count ->
    [one] आपकी स्थापना को अभी आपकी ज़रूरत नहीं है।
   *[other] आपकी { $n } स्थापनाओं में से किसी को अभी आपकी ज़रूरत नहीं है।
}
home-lead-need = { $need ->
    [one] आपकी { $all } स्थापनाओं में से एक को आपकी ज़रूरत है।
   *[other] आपकी { $all } स्थापनाओं में से { $m } को आपकी ज़रूरत है।
}
home-lead-need-it = आपकी स्थापना को आपकी ज़रूरत है।
home-new = नई स्थापना
home-continue = आगे बढ़ें
home-watch = देखें
home-open = खोलें
home-elsewhere = क्या स्थापना किसी दूसरे कंप्यूटर से हुई थी?
home-open-existing = उसे उसके क्लस्टर से खोलें
home-not-started = अभी कुछ नहीं बना है।
home-running = { $count ->
    [one] { $all } में से { $ready } सेवा तैयार, { $percent } %।
   *[other] { $all } में से { $ready } सेवाएँ तैयार, { $percent } %।
}
home-paused = { $percent } % पर रोकी गई, { $all } में से { $ready } सेवाएँ तैयार। कुछ भी दोबारा नहीं करना पड़ेगा।
home-needs-person = { $all } में से { $ready } सेवाएँ तैयार हैं। यह आपका इंतज़ार कर रहा है, उसके बाद अपने-आप आगे बढ़ेगा।
home-stopped = { $percent } % पर रुकी, { $all } में से { $ready } सेवाएँ तैयार। कुछ भी दोबारा नहीं करना पड़ेगा।
home-interrupted = { $percent } % पर बीच में टूट गई, { $all } में से { $ready } सेवाएँ तैयार। कुछ नहीं खोया।
home-failed = { $percent } % पर आपकी ज़रूरत है। { $all } में से { $ready } सेवाएँ तैयार हैं। जो बन चुका है, वह रहेगा।
home-ready = { $count ->
    [one] { $all } सेवा तैयार है।
   *[other] सभी { $all } सेवाएँ तैयार हैं।
}
home-rehearsed = अभ्यास पूरा हुआ। कुछ बना नहीं; इसके उत्तर आगे काम आ सकते हैं।
home-removed = इसे हटा दिया गया है। केवल इस कंप्यूटर पर इसका रिकॉर्ड बचा है।
home-draft = 8 में से { $n } चरण भरे हैं। अभी कुछ नहीं बना है।
menu-log = लॉग दिखाएँ
menu-remove = हटाएँ
menu-forget = इसका रिकॉर्ड मिटाएँ
menu-discard = ये उत्तर मिटाएँ
draft-title = कुछ उत्तर अभी काम में नहीं आए हैं
draft-text = { $name }: 8 में से { $n } चरण भरे हैं। इन्हीं उत्तरों से आगे बढ़ें, या इन्हें मिटाकर नए उत्तरों से शुरू करें? Esc सब कुछ वैसा ही छोड़ देता है।
draft-afresh = इन्हें मिटाकर शुरू करें
draft-go-on = इन्हीं से आगे बढ़ें
empty-title = अभी आपकी कोई स्थापना नहीं है
empty-text = आठ छोटे चरण आपको आगे ले जाते हैं। कुछ भी होने से पहले आप देखते हैं कि क्या बनेगा। आप कभी भी विंडो बंद करके बाद में आगे बढ़ सकते हैं।
empty-how-long = कितना समय
empty-how-long-text = समीक्षा में आपके चुनाव का पहला अनुमान दिखता है
empty-cost = कितनी लागत
empty-cost-text = आपके अपने क्लस्टर पर कुछ अतिरिक्त नहीं
empty-ready = क्या तैयार रखें
empty-ready-text = प्रशासक अधिकार वाली kubeconfig फ़ाइल, या इस कंप्यूटर पर चलता Kubernetes
empty-start = स्थापना शुरू करें
empty-rehearse = पहले अभ्यास करें
empty-rehearse-hint = अभ्यास हर चरण से बनावटी परिणामों के साथ गुज़रता है, कुछ नहीं बनाता और लगभग एक मिनट लेता है।

## Step 1: Place

place-title = DIGIT कहाँ स्थापित हो?
place-lead = चुनने से कुछ नहीं बनता। वह चरण 6 में होता है, जब आप पूरी योजना देख चुके होंगे।
place-unsure = तय नहीं? अभ्यास चुनें। वह कुछ नहीं बनाता, और असली स्थापना उसके उत्तरों से शुरू हो सकती है।
place-missing = आगे बढ़ने के लिए तीन में से एक चुनें।
place-fact-size = आकार
place-fact-cost = लागत
place-fact-time = समय
place-fact-need = आपको चाहिए
place-cluster-hint = जैसे किसी राज्य डेटा केंद्र में। समीक्षा में दिखता है कि पूरा क्लस्टर क्या साझा करेगा।
place-cluster-size = जितनी क्लस्टर में जगह है
place-cluster-cost = कुछ अतिरिक्त नहीं
place-cluster-time = समीक्षा में पहला अनुमान
place-cluster-need = प्रशासक अधिकार वाली kubeconfig फ़ाइल
place-cluster-use = अपना क्लस्टर चुनें
place-this-computer-hint = यहाँ पहले से चलता Kubernetes: Docker Desktop, Rancher Desktop, Podman Desktop, minikube, k3s या kind।
place-this-computer-size = एक मशीन
place-this-computer-cost = कुछ नहीं
place-this-computer-time = समीक्षा में पहला अनुमान
place-this-computer-need = इनमें से एक, चालू हालत में
place-this-computer-use = इस कंप्यूटर को चुनें
place-rehearsal-hint = हर चरण, बनावटी परिणामों के साथ। प्रशिक्षण के लिए, किसी भी लैपटॉप पर, बिना इंटरनेट। इसके उत्तर आगे काम आ सकते हैं।
place-rehearsal-size = कोई नहीं
place-rehearsal-cost = कुछ नहीं
place-rehearsal-time = लगभग एक मिनट
place-rehearsal-need = कुछ नहीं
place-rehearsal-use = अभ्यास करें

## Step 2: Sign in, and opening an installation

sign-in-title-cluster = कौन सा क्लस्टर?
sign-in-title-this-computer = इस कंप्यूटर पर कौन सा Kubernetes?
sign-in-lead-cluster = हम आपकी kubeconfig पढ़ते हैं, यानी वह फ़ाइल जिसमें आपके क्लस्टरों का रास्ता है। हम उसमें कुछ नहीं बदलते।
sign-in-lead-this-computer = हम आपकी kubeconfig पढ़ते हैं, यानी वह फ़ाइल जिसमें Docker Desktop आदि रास्ता लिखते हैं। हम उसमें कुछ नहीं बदलते।
sign-in-rehearsal = अभ्यास कहीं साइन इन नहीं करता। मॉड्यूल के साथ आगे बढ़ें।
sign-in-use = इसी क्लस्टर का उपयोग करें
sign-in-missing-context = आगे बढ़ने के लिए कोई कॉन्टेक्स्ट चुनें।
sign-in-missing-answer = क्लस्टर ने अभी उत्तर नहीं दिया है।
sign-in-missing-rights = आगे बढ़ने के लिए इस क्लस्टर पर और अधिकार चाहिए।
sign-in-taken = { $name } स्थापना इस क्लस्टर में पहले से है।
sign-in-taken-text = एक क्लस्टर में दो स्थापनाएँ एक-दूसरे के काम में बाधा डालेंगी।
kubeconfig = Kubeconfig फ़ाइल
kubeconfig-hint = वह फ़ाइल जो क्लस्टर के प्रशासक ने आपको दी, या सामान्य फ़ाइल
kubeconfig-reading = फ़ाइल पढ़ी जा रही है
kubeconfig-none-yet = सामान्य जगह पर ऐसी कोई फ़ाइल नहीं है। जो फ़ाइल आपको दी गई है, उसे बताएँ।
choose-file = फ़ाइल चुनें
context = कॉन्टेक्स्ट
context-hint = (एक क्लस्टर और उस पर आपकी पहचान)
context-user = { $user } के रूप में
context-none = इस फ़ाइल में कोई कॉन्टेक्स्ट नहीं है। दूसरी फ़ाइल चुनें।
context-exec = एक प्रोग्राम चलाकर साइन इन करता है:
context-exec-consent = हम उसे आपकी सहमति के बाद ही चलाते हैं।
context-agree = सहमत हूँ, जोड़ें
context-connecting = जुड़ रहा है
context-ready = उपयोग के लिए तैयार
context-missing = अधिकार कम हैं
context-failed = ठीक उत्तर नहीं देता
context-consent = आपकी सहमति चाहिए
found-title = हमें क्या मिला
found-nothing = कोई कॉन्टेक्स्ट चुनें। हम क्लस्टर को केवल देखते हैं, कुछ नहीं बदलते।
found-looking = देखा जा रहा है
found-connected = जुड़ गया
found-you = आप हैं
found-kubernetes = Kubernetes
found-machines = मशीनें
found-machines-all = { $count ->
    [one] { $n }, तैयार
   *[other] { $n }, सभी तैयार
}
found-machines-some = { $n } में से { $ready } तैयार
found-memory = खाली मेमोरी
found-storage = स्टोरेज क्लास
found-storage-none = कोई डिफ़ॉल्ट नहीं
found-digit = इस पर DIGIT
found-digit-none = नहीं मिला
found-entry-none = अभी कोई नहीं
found-missing = स्थापना को जो चाहिए, उसकी आपको अनुमति नहीं है:
found-missing-todo = क्लस्टर के प्रशासक से cluster-admin भूमिका माँगें, फिर कोशिश करें।
open-title = पहले से मौजूद स्थापना खोलें
open-lead = स्थापना अपना रिकॉर्ड अपने क्लस्टर में रखती है। क्लस्टर की kubeconfig से आप इस कंप्यूटर पर आगे बढ़ सकते हैं।
open-missing-none = इस क्लस्टर में किसी स्थापना का रिकॉर्ड नहीं मिला।
open-sealed = { $name } के रिकॉर्ड में पासवर्ड एन्क्रिप्ट किए हुए हैं। उसकी रिकवरी किट उन्हें खोलती है।
open-missing-kit = रिकवरी किट चुनें और उसका पासफ़्रेज़ लिखें।
open-kit-file = रिकवरी किट की फ़ाइल
open-kit-file-hint = वह स्थापना शुरू होने से पहले सहेजी गई थी
open-passphrase-hint = वही जिससे किट सहेजी गई थी
open-standing = खोलने से क्लस्टर में कुछ नहीं बदलता।
open-use = { $name } खोलें

## Step 3: Modules

modules-title = क्या स्थापित हो?
modules-lead = वह चुनें जिसकी आपके नगर को पहले ज़रूरत है। हर मॉड्यूल बताता है कि वह तैयार है या आपकी टीम की ज़रूरत है।
product = उत्पाद
version = संस्करण
charts-needed = चार्ट अभी इस कंप्यूटर पर नहीं हैं।
charts-needed-text = वे बताते हैं कि हर सेवा कैसे स्थापित होती है। उन्हें GitHub से डाउनलोड करें, लगभग { $size }, या वह फ़ोल्डर चुनें जिसमें वे हैं।
charts-needed-text-unmeasured = वे बताते हैं कि हर सेवा कैसे स्थापित होती है। उन्हें GitHub से डाउनलोड करें, या वह फ़ोल्डर चुनें जिसमें वे हैं।
charts-download = चार्ट डाउनलोड करें
charts-downloading = चार्ट डाउनलोड हो रहे हैं
charts-give-up = डाउनलोड रोकें
charts-attempt = कोशिश { $n }, कुल { $all } में से।
charts-reading = चार्ट पढ़े जा रहे हैं
charts-read-again = फ़ोल्डर फिर पढ़ें
charts-folder = फ़ोल्डर चुनें
charts-from-folder = चार्ट इस फ़ोल्डर से आते हैं:
charts-use-download = इसके बदले डाउनलोड लें
module-group-complaints = शिकायतें और रिपोर्ट
module-group-permits = अनुमतियाँ
module-group-taxes = कर और शुल्क
module-group-other = मॉड्यूल
module-ready = उपयोग के लिए तैयार
module-services-only = केवल सेवाएँ: आपकी टीम इसे सेट करती है
modules-use = { $count ->
    [0] मॉड्यूल चुनें
    [one] यह मॉड्यूल चुनें
   *[other] ये { $n } मॉड्यूल चुनें
}
modules-error-none = कम से कम एक मॉड्यूल चुनें
modules-missing-charts = आगे बढ़ने से पहले चार्ट चाहिए।
modules-missing-fetching = चार्ट आ रहे हैं।
goes-in-title = क्या-क्या आएगा
goes-in-choose = कोई मॉड्यूल चुनें, फिर दिखेगा कि साथ में क्या आता है।
goes-in-unknown = चार्ट आने तक पता नहीं।
goes-in-why = { $count ->
    [one] यह { $n } साथ क्यों आती है
   *[other] ये { $n } साथ क्यों आती हैं
}
size-memory = मेमोरी
memory-not-stated = नहीं बताया
size-memory-of-free = मेमोरी, खाली में से
size-processors = प्रोसेसर
size-disk = डेटा के लिए डिस्क
size-machines = कम से कम मशीनें
size-beneath = इसके अलावा: डेटा और सेटिंग
size-images = डाउनलोड होने वाली इमेज
size-free = क्लस्टर में { $memory } खाली है।

## Step 4: Details

details-title = विवरण
details-lead = हर जगह पहला विकल्प सामान्य है। पासवर्ड और कुंजियाँ आपके लिए बनाई जाती हैं।
details-use = सब कुछ जाँचें
city = नगर या संगठन
city-hint = जो नागरिक पढ़ेंगे
state = राज्य
state-hint = जो नागरिक नगर के साथ पढ़ेंगे
name = इस स्थापना का नाम
name-hint = छोटे अंग्रेज़ी अक्षर, अंक और हाइफ़न, जैसे citya-pilot
details-error-city = नगर या संगठन का नाम लिखें, जैसे City A
details-error-state = राज्य का नाम लिखें, जैसे State A
details-error-name = इस स्थापना का नाम लिखें, जैसे citya-pilot
data = डेटा कहाँ रहे
data-inside = क्लस्टर के भीतर
data-inside-hint = क्लस्टर की डिस्क पर डेटाबेस और फ़ाइल भंडार बनते हैं।
data-ours = हमारे अपने
data-ours-hint = आप अपने डेटाबेस और फ़ाइल भंडार का पता देते हैं।
database = आपका डेटाबेस (PostgreSQL)
db-host = पता
db-host-hint = जैसे क्लस्टर उस तक पहुँचता है, उदाहरण db.example
db-port = पोर्ट
db-port-hint = आम तौर पर 5432
db-name = डेटाबेस का नाम
db-user = उपयोगकर्ता नाम
db-password-file = पासवर्ड वाली फ़ाइल
db-password-file-hint = इस कंप्यूटर पर एक टेक्स्ट फ़ाइल का पूरा पथ
files = आपका फ़ाइल भंडार (S3)
files-endpoint = पता
files-endpoint-hint = http:// या https:// के साथ, जैसे https://files.example
files-bucket = बकेट
files-bucket-hint = यह पहले से होनी चाहिए
files-region = रीजन
files-region-hint = यदि कोई नहीं है तो us-east-1
files-key-file = एक्सेस कुंजी वाली फ़ाइल
files-key-file-hint = दो पंक्तियाँ: access key id और secret key
entry = वेब प्रवेश
entry-load-balancer = लोड बैलेंसर
entry-load-balancer-hint = क्लस्टर वेब प्रवेश को अपना एक पता देता है।
entry-node-port = मशीनों के पोर्ट
entry-node-port-hint = DIGIT हर मशीन के एक पोर्ट पर उत्तर देता है।
no-domain = डोमेन के बिना DIGIT http:// और वेब प्रवेश को मिले पते पर मिलता है। उस पर भेजी गई बातें एन्क्रिप्टेड नहीं होतीं।
demo = यह प्रदर्शन के लिए है
demo-hint = नागरिक SMS के बदले एक तय कोड से साइन इन करते हैं। असली नागरिकों के लिए कभी नहीं।
sealed = क्लस्टर के रिकॉर्ड में पासवर्ड एन्क्रिप्ट करें
sealed-hint = स्थापना अपना रिकॉर्ड क्लस्टर में रखती है, ताकि दूसरा कंप्यूटर आगे बढ़ सके। एन्क्रिप्ट होने पर वह वहाँ केवल रिकवरी किट से खुलता है।
made-title = आपके लिए बनाया जाता है
made-text = पासवर्ड और कुंजियाँ इसी कंप्यूटर पर बनती हैं। आपको कोई लिखना नहीं पड़ेगा।
made-rehearsal = अभ्यास वही नाम पूछता है जो असली स्थापना पूछती है। वे आगे काम आ सकते हैं।
cluster-has = इस क्लस्टर में क्या है

## Step 5: Checks

checks-title-running = शुरू करने से पहले जाँच
checks-title-failed = { $count ->
    [one] पहले एक चीज़ ठीक करनी है
   *[other] पहले { $n } चीज़ें ठीक करनी हैं
}
checks-title-passed = सब कुछ शुरू करने के लिए तैयार है
checks-lead-running = हम हर वह चीज़ देखते हैं जो स्थापना को बीच में रोक सकती है।
checks-lead-failed = { $count ->
    [one] { $n } जाँच ठीक रही। कुछ बना नहीं है, इसलिए कुछ टूट नहीं सकता।
   *[other] { $n } जाँच ठीक रहीं। कुछ बना नहीं है, इसलिए कुछ टूट नहीं सकता।
}
checks-lead-passed = आगे आप पूरी योजना देखेंगे। अभी कुछ नहीं बना है।
checks-missing-running = जाँच पूरी होने पर अगला चरण खुलेगा।
checks-missing-failed = { $count ->
    [one] आगे बढ़ने से पहले एक जाँच ठीक होनी चाहिए।
   *[other] आगे बढ़ने से पहले { $n } जाँच ठीक होनी चाहिए।
}
checks-missing-error = जाँच पूरी नहीं हो सकी।
checks-accept = इसके बिना आगे बढ़ें
checks-finished = पूरी हुई जाँच
checks-finished-of = { $all } में से { $n } पूरी
checks-count-failed = { $n } ठीक नहीं
checks-count-note = { $n } पर ध्यान दें
checks-count-passed = { $all } में से { $n } ठीक
checks-look-only = जाँच कुछ नहीं बदलती और उसकी कोई लागत नहीं है। आपका अपना डेटाबेस या फ़ाइल भंडार एक छोटे पॉड से परखा जाता है, जो फिर हटा दिया जाता है।
checks-again = वे हर 30 सेकंड में अपने-आप फिर चलती हैं।
checks-now = अभी फिर जाँचें
checks-use = समीक्षा पर जाएँ
so-far = अब तक

## Step 6: Review

review-title = एक बार देख लें
review-lead = यह पूरी योजना है। बटन दबाने तक कुछ नहीं होता।
review-answers = आपके उत्तर
review-place = स्थान
review-cluster = क्लस्टर
review-product = उत्पाद
review-modules = मॉड्यूल
review-name = नाम
review-city = नगर
review-data = डेटा
review-entry = वेब प्रवेश
review-record = रिकॉर्ड
record-open = क्लस्टर में, पासवर्ड कूटबद्ध नहीं
record-sealed = क्लस्टर में, पासवर्ड कूटबद्ध; रिकवरी किट इसे खोलती है
city-none = नहीं दिया गया
review-objects = क्या बनेगा
review-leaving = क्या हट जाएगा
review-leaving-text = ये सेवाएँ क्लस्टर में हैं और अब चुनी हुई नहीं हैं। बाकी सब तैयार होने पर इन्हें हटाया जाएगा। उनकी डिस्क रहेंगी।
review-shared = पूरा क्लस्टर क्या साझा करेगा
review-shared-text = ये DIGIT के नेमस्पेस से बाहर हैं, इसलिए क्लस्टर के दूसरे लोग भी इन्हें देखेंगे।
review-shared-list = { $count ->
    [one] इसे दिखाएँ
   *[other] सभी { $n } दिखाएँ
}
review-size = आकार, लागत और समय
review-services = सेवाएँ
review-cost = लागत
review-cost-cluster = कुछ अतिरिक्त नहीं
review-cost-rehearsal = कुछ नहीं बनता
review-time = स्थापना में लगेंगे
review-stages = पड़ाव
review-while = स्थापना के दौरान
review-while-text = इस कंप्यूटर को चालू और जुड़ा रखें। आप विंडो बंद कर सकते हैं: स्थापना पृष्ठभूमि में चलती है या सुरक्षित स्थान पर रुकती है। कंप्यूटर सो जाए तो जागने पर आगे बढ़ती है।
review-while-rehearsal = वही चरण चलते हैं जो असली स्थापना में, पर बनावटी क्लस्टर पर। कुछ नहीं बनता।
review-planning = योजना बन रही है
review-missing-plan = योजना अभी तैयार नहीं है।
review-missing-error = अभी कोई योजना नहीं है।
of-free = खाली { $all } में से { $part }
needed-of = { $part }, क्लस्टर में { $all }
export-plan = यह योजना सहेजें
rehearse-plan = इस योजना का अभ्यास करें
install-now = बनाएँ और स्थापित करें
install-rehearsal = अभ्यास शुरू करें
kit = रिकवरी किट
kit-text = सभी पासवर्ड और कुंजियाँ एक एन्क्रिप्टेड फ़ाइल में। कुछ भी बनने से पहले इसे सहेजें।
kit-where = { $path } के रूप में सहेजा गया। इसे इस कंप्यूटर से अलग रखें।
kit-saved = सहेजा गया
kit-saved-at = { $time } बजे सहेजा गया
kit-not-saved = अभी सहेजा नहीं गया
kit-save = रिकवरी किट सहेजें
kit-save-again = फिर सहेजें
kit-choose-place = जगह चुनें और सहेजें
kit-error-not-saved = कुछ भी बनने से पहले रिकवरी किट सहेजें
kit-error-short = कम से कम { $n } अक्षरों का पासफ़्रेज़ लिखें
passphrase = पासफ़्रेज़
passphrase-hint = कम से कम { $n } अक्षर। किट खोलने वाले को यह चाहिए; हम इसे नहीं रखते।

## Step 7: Install

install-title = DIGIT स्थापित हो रहा है
install-title-rehearsing = अभ्यास चल रहा है
install-title-rehearsed = अभ्यास पूरा हुआ
install-title-ready = सभी सेवाएँ तैयार हैं
install-title-failed = स्थापना रुक गई है
install-title-remove-failed = हटाना रुक गया है
install-title-removing = हटाया जा रहा है
install-title-paused = रोकी गई
install-title-needs-person = किसी व्यक्ति की ज़रूरत है
install-title-stopped = सुरक्षित स्थान पर रुकी
install-title-interrupted = बीच में टूट गई
install-where-failed = { $step }। पड़ाव { $stage } / { $stages }, { $time } बाद
progress = स्थापना की प्रगति
progress-begins = शुरुआत हो रही है
progress-stage = { $stage }: काम चल रहा है
progress-still = अभी कुछ नहीं चल रहा
progress-ready = जो योजना में था, सब पूरा हुआ
progress-count = { $count ->
    [one] पड़ाव { $stage } / { $stages }। { $all } में से { $ready } सेवा तैयार है।
   *[other] पड़ाव { $stage } / { $stages }। { $all } में से { $ready } सेवाएँ तैयार हैं।
}
progress-count-removing = पड़ाव { $stage } / { $stages }।
progress-aria = { $percent } प्रतिशत। { $headline }। { $count } { $left }
time-left = शेष समय
done-between = { $from } और { $to } के बीच पूरा
running-for = अब तक का समय
since = { $time } से
cost-so-far = अब तक की लागत
cost-nothing-extra = कुछ अतिरिक्त नहीं
trouble = समस्या
trouble-none = कोई नहीं
troubles-passed = { $count ->
    [one] { $n } अपने-आप दूर हुई
   *[other] { $n } अपने-आप दूर हुईं
}
stopped-at = { $percent } % पर रुकी, { $all } में से { $ready } सेवाएँ तैयार
stages = पड़ाव
why-as-wanted = पहले से ठीक था
why-done = { $time } में पूरा
why-running = { $time } से
why-retrying = कोशिश { $n }। { $why }
why-waits = { $name } की प्रतीक्षा
waiting-title = { $name } प्रतीक्षा में है।
waiting-normal = यहाँ यह सामान्य है। बहुत देर होने पर हम रुकेंगे और बताएँगे कि क्या करना है।
slept = कंप्यूटर { $time } सोया रहा। स्थापना अपने-आप आगे बढ़ी।
still-stopped = यह सुरक्षित स्थान पर रुकी है।
still-interrupted = अभी इस पर कोई काम नहीं कर रहा: कंप्यूटर या ऐप बंद हो गया था।
still-safe = अब तक जो बना, वह रहेगा। कुछ भी दोबारा नहीं करना पड़ेगा।
pause = इस चरण के बाद रोकें
pausing = इस चरण के बाद रुकेगी
go-on = आगे बढ़ें
to-hand-over = सुपुर्दगी पर जाएँ
standing-running = आप यह विंडो बंद कर सकते हैं: काम पृष्ठभूमि में चलता रहेगा, या सुरक्षित स्थान पर रुकेगा।
standing-rehearsal = यह अभ्यास है। कुछ नहीं बना है।
standing-failed = { $time } बजे रुकी। आप यह विंडो बंद कर सकते हैं; कुछ नहीं खोएगा।
standing-still = आप यह विंडो बंद कर सकते हैं; कुछ नहीं खोएगा।
standing-ready = { $count ->
    [one] { $n } सेवा तैयार है।
   *[other] { $n } सेवाएँ तैयार हैं।
}
what-is-safe = क्या सुरक्षित है।
what-it-costs = रुके रहने की लागत।
what-to-do-title = क्या करें
failure-step = { $count ->
    [one] यह { $name } के साथ हुआ।
   *[other] यह { $name } के साथ हुआ, { $attempts } कोशिशों के बाद।
}
failure-blocked = { $count ->
    [one] { $n } और चरण इसकी प्रतीक्षा में है।
   *[other] { $n } और चरण इसकी प्रतीक्षा में हैं।
}
failure-safe = { $count ->
    [one] अब तक जो बना, वह रहेगा, { $n } तैयार सेवा भी। कुछ भी दोबारा नहीं करना पड़ेगा।
   *[other] अब तक जो बना, वह रहेगा, { $n } तैयार सेवाएँ भी। कुछ भी दोबारा नहीं करना पड़ेगा।
}
failure-costs = कुछ अतिरिक्त नहीं।
failure-todo = यहीं से फिर कोशिश करें। उसी जगह रुके तो लॉग उस व्यक्ति को दिखाएँ जो क्लस्टर सँभालता है।
failure-retry = यहीं से फिर कोशिश करें
failure-retry-hint = जो हो चुका है वह रहेगा; केवल बाकी की कोशिश होगी।
failure-change = सेटिंग बदलें
remove-everything = सब कुछ हटाएँ
tree-cluster = स्वयं क्लस्टर
tree-check = क्लस्टर की जाँच
tree-namespaces = नेमस्पेस और रिकॉर्ड
tree-crds = { $subject } की वस्तुओं के प्रकार
tree-webhook = { $subject } का उत्तर
tree-ahead = { $subject } का वह भाग जो औरों को चाहिए
tree-hooks = { $subject } की तैयारी
tree-find = वेब प्रवेश का पता
tree-leave = जो अब नहीं चुना गया, उसे हटाना
busy-making = इसे बनाया जा रहा है
busy-removing = इसे हटाया जा रहा है
busy-applying = इसकी वस्तुएँ बन रही हैं
busy-starting = इसके pod शुरू हो रहे हैं

## Log

log = लॉग
log-lead = स्थापना के दौरान जो कुछ कहा गया। पासवर्ड और कुंजियाँ छिपाई गई हैं।
log-follow = साथ चलें
log-pause = रोकें
log-export = सहेजें
log-hide = छिपाएँ
log-show = दिखाएँ
log-narrow = लॉग: छाँटें
log-find = खोजें
log-source = स्रोत
log-all-sources = सभी स्रोत
log-levels = स्तर
log-no-match = कोई पंक्ति मेल नहीं खाती।
log-following = साथ चल रहा है। रोकने के लिए ऊपर जाएँ।
log-is-paused = रोका हुआ। पंक्तियाँ फिर भी लिखी जा रही हैं।
log-scrolled = साथ नहीं चल रहा।
log-at-error = पहली त्रुटि दिख रही है।
log-to-end = अंत पर जाएँ
log-narrowed = { $all } में से { $n } पंक्तियाँ
log-lines = { $count ->
    [one] { $n } पंक्ति
   *[other] { $n } पंक्तियाँ
}
log-errors = { $count ->
    [one] { $n } त्रुटि
   *[other] { $n } त्रुटियाँ
}
log-warnings = { $count ->
    [one] { $n } चेतावनी
   *[other] { $n } चेतावनियाँ
}
log-saved = { $path } के रूप में सहेजा गया। उसमें पासवर्ड और कुंजियाँ छिपाई गई हैं।

## Step 8: Hand over

hand-over-ready = { $count ->
    [one] { $n } सेवा तैयार है
   *[other] सभी { $n } सेवाएँ तैयार हैं
}
hand-over-rehearsed = अभ्यास पूरा हुआ
hand-over-lead = { $time } बजे योजना की हर सेवा ने तैयार होने का उत्तर दिया। { $took } लगे।
hand-over-rehearsed-lead = योजना का हर चरण बनावटी क्लस्टर पर { $took } में पूरा हुआ। कुछ नहीं बना।
hand-over-not-ready = अभी तैयार नहीं
hand-over-back = स्थापना पर वापस
hand-over-tried = क्या परखा गया
hand-over-services = योजना की सेवाएँ तैयार हैं
not-tried = परखा नहीं गया
hand-over-not-tried = साइन इन करना और शिकायत दर्ज करना
hand-over-not-tried-text = यह संस्करण पहला प्रशासक नहीं बनाता और प्रारंभिक डेटा नहीं भरता। यह काम आगे DIGIT जानने वाला कोई व्यक्ति करता है।
hand-over-door-open = साइन इन की रखवाली नहीं हो रही
hand-over-door-open-text = जो भी किसी का नाम जानता है वह बिना पासवर्ड के उसी के रूप में साइन इन कर सकता है। वेब प्रवेश सँभालने वाले से कहें कि /user के नीचे हर वह अनुरोध ठुकराया जाए जिसमें isInternal नाम का आर्ग्युमेंट हो, इससे पहले कि बाहर का कोई वहाँ पहुँच सके।
hand-over-kept = चीज़ें कहाँ रखी हैं
hand-over-kept-text = इस स्थापना का रिकॉर्ड इस फ़ोल्डर में है और, ताकि दूसरा कंप्यूटर आगे बढ़ सके, क्लस्टर में भी। उसमें पासवर्ड और कुंजियाँ एन्क्रिप्टेड हैं।
hand-over-address-text = अभी कोई डोमेन नहीं है, इसलिए पता http:// से शुरू होता है और उस पर भेजी गई बातें एन्क्रिप्टेड नहीं होतीं।
hand-over-no-address = वेब प्रवेश को क्लस्टर से कोई पता नहीं मिला। क्लस्टर सँभालने वाला व्यक्ति कारण बता सकता है।
address = पता
address-none = अभी कोई नहीं
copy-address = पता कॉपी करें
copy-folder = फ़ोल्डर कॉपी करें
open-digit = DIGIT खोलें
install-for-real = इसे सचमुच स्थापित करें
install-for-real-hint = उन्हीं उत्तरों से नई स्थापना शुरू करता है
install-for-real-text = आपके उत्तर रखे गए हैं। आप केवल यह चुनते हैं कि DIGIT कहाँ जाए।
to-installation = स्थापना पर जाएँ

## An installation’s pages

page-overview = एक नज़र में
page-services = सेवाएँ
page-log = लॉग
page-remove = हटाएँ
overview-lead = { $count ->
    [one] योजना की { $all } में से { $n } सेवा तैयार है।
   *[other] योजना की { $all } में से { $n } सेवाएँ तैयार हैं।
}
overview-reserved = योजना में आरक्षित
overview-claimed = योजना में माँगी गई
overview-not-known = पता नहीं
overview-still-removable = इसे फिर भी हटाया जा सकता है: इसका क्या-क्या है, यह क्लस्टर से पढ़ा जाता है।
overview-stages = पिछली बार के पड़ाव
overview-facts = तथ्य
overview-can = आप क्या कर सकते हैं
figures = आँकड़े
services = सेवाएँ
ready = तैयार
cost = लागत
created = बनाई गई
records = रिकॉर्ड
engineers = इंजीनियरों के लिए
engineers-hint = हर सेवा अपनी अलग Helm release है; helm list सबको दिखाता है
remove-hint = पहले दिखाता है कि क्या मिटेगा, फिर नाम पूछता है
services-lead = योजना की सेवाएँ, और पिछली बार वे किस स्थिति में रहीं।
services-list = सेवाओं की सूची
services-narrow = सूची छाँटें
services-table = सेवाएँ, तालिका
services-none = “{ $text }” से कोई सेवा मेल नहीं खाती
search = खोजें
group = समूह
all-groups = सभी समूह
service = सेवा
state-of-service = स्थिति
namespace = नेमस्पेस
show-all = सभी { $n } दिखाएँ

## Removal

remove-title = सब कुछ हटाएँ?
remove-lead = केवल वही जो इस स्थापना ने बनाया, जैसा क्लस्टर अभी दिखाता है।
remove-list = क्या मिटाया जाएगा
remove-seen = { $count ->
    [one] { $n } वस्तु, { $time } बजे देखी गई
   *[other] { $n } वस्तुएँ, { $time } बजे देखी गईं
}
remove-looking = क्लस्टर को देखा जा रहा है। कुछ बदला नहीं जाता।
remove-none = क्लस्टर में इसका कुछ नहीं मिला।
remove-unanswered = क्लस्टर के जो API जवाब नहीं देते: { $names }
remove-unanswered-text = उनमें क्या है, यह दिखता नहीं। वह सूची में नहीं है और वहीं रहेगा। क्लस्टर सँभालने वाले से कहें कि उन्हें ठीक करे या हटाए, फिर दोबारा देखें।
remove-missing = पहले हम क्लस्टर को देखते हैं।
look-again = फिर देखें
remove-claims = { $count ->
    [one] { $n } डिस्क (PersistentVolumeClaim)
   *[other] { $n } डिस्क (PersistentVolumeClaim)
}
remove-namespaces = { $count ->
    [one] { $n } namespace
   *[other] { $n } namespaces
}
remove-record = सबसे अंत में वह रिकॉर्ड हटता है जो यह स्थापना क्लस्टर में, namespace digit-installer में, रखती है।
remove-stays = क्या रहेगा
part = हिस्सा
count = संख्या
what-is-lost = क्या खोएगा
lost-data = नागरिकों का डेटा
lost-settings = सेटिंग और कुंजियाँ; कुंजियाँ रिकवरी किट में हैं
lost-again = फिर बनाया जा सकता है
remove-untouched = क्लस्टर में दूसरों की बनाई हर चीज़, रिकवरी किट, और इस कंप्यूटर पर इस स्थापना का रिकॉर्ड।
keep-title = नागरिकों का डेटा
keep-title-ours = क्लस्टर की डिस्क
keep-yes = डिस्क रखें
keep-yes-hint = डेटाबेस और फ़ाइलें क्लस्टर में अपनी डिस्क पर रहती हैं।
keep-yes-hint-ours = संदेश और खोज क्लस्टर में अपनी डिस्क पर रहते हैं।
keep-no = डेटा भी मिटाएँ
keep-no-ours = डिस्क भी मिटाएँ
keep-no-hint = इसे कोई वापस नहीं ला सकता।
keep-ours = डेटाबेस और फ़ाइलें आपकी अपनी हैं। उन्हें छुआ नहीं जाएगा।
confirm = पुष्टि के लिए नाम लिखें
confirm-hint = नाम है { $name }
remove-error-name = पुष्टि के लिए { $name } लिखें
remove-afterwards = कितना समय लगता है, यह अभी मापा नहीं गया। बाद में हम फिर देखेंगे और बताएँगे कि कुछ बचा है या नहीं।
keep-everything = सब कुछ रखें
remove-name = { $name } हटाएँ
standing-remove = अभी कुछ नहीं हटाया गया है।
remove-title-done = हटा दिया गया
remove-nothing-left = क्लस्टर में इसका कुछ नहीं बचा।
remove-nothing-but-disks = क्लस्टर में केवल आपकी रखी डिस्क और उनके namespace बचे हैं।
remove-something-left = क्लस्टर में कुछ बचा है।
remove-looked = हमने फिर देखा।
remove-not-looked = अभी किसी ने नहीं देखा कि कुछ बचा है या नहीं।
remove-left = क्या बचा है
removed-unanswered-text = उनमें क्या है, यह देखा नहीं जा सका। इसलिए यह साबित नहीं हुआ कि वहाँ इसका कुछ नहीं बचा।
removed-came = इस बीच नया आया, जो इस स्थापना का नहीं है
removed-went = इस बीच चला गया, जो इस स्थापना का नहीं था
forget-hint = रिकॉर्ड मिटाने पर इसका लॉग और योजना इस कंप्यूटर से हट जाते हैं। रिकवरी किट वहीं रहती है जहाँ आपने सहेजी।
forget-hint-kept = रिकॉर्ड में आपकी रखी डिस्कों के पासवर्ड हैं। उसे मिटाने के बाद वे केवल रिकवरी किट में रहेंगे, और यह ऐप इन डिस्कों पर फिर स्थापित नहीं कर सकेगा।

## Settings

settings-title = सेटिंग
settings-lead = हर बदलाव तुरंत रखा जाता है।
settings-saved = रखा गया
settings-language = भाषा
language-system = सिस्टम के अनुसार
settings-theme = रंग-रूप
theme-system = सिस्टम के अनुसार
theme-light = हल्का
theme-dark = गहरा
settings-proxy = इंटरनेट का रास्ता
settings-proxy-hint = डाउनलोड और क्लस्टर के लिए। कई दफ़्तरों में बाहर का रास्ता प्रॉक्सी से होकर जाता है।
proxy-system = जैसा सिस्टम में है
proxy-system-hint = इस कंप्यूटर पर तय प्रॉक्सी, यदि कोई है।
proxy-none = सीधा
proxy-none-hint = कोई प्रॉक्सी नहीं, सिस्टम में कुछ भी हो।
proxy-address = आपका अपना प्रॉक्सी
proxy-address-hint = आप उसका पता देते हैं।
proxy-given = प्रॉक्सी का पता
proxy-given-hint = जैसे http://proxy.example:3128
proxy-error = पता http:// और पोर्ट के साथ लिखें, जैसे http://proxy.example:3128
settings-records = रिकॉर्ड
settings-records-text = सभी स्थापनाओं के उत्तर, योजनाएँ और लॉग इस फ़ोल्डर में रहते हैं। उसमें पासवर्ड और कुंजियाँ एन्क्रिप्टेड हैं।
settings-version = DIGIT Installer { $version }

## Help

help-title = सहायता
help-lead = इस ऐप के शब्द, और चीज़ें कहाँ रहती हैं।
help-words = शब्द
word-installation = स्थापना
word-installation-means = एक जगह पर एक DIGIT, और उसका रिकॉर्ड।
word-rehearsal = अभ्यास
word-rehearsal-means = सभी चरण बनावटी क्लस्टर पर। कुछ नहीं बनता।
word-product = उत्पाद
word-product-means = DIGIT जो पूरा देता है, एक तय किए गए संस्करण में।
word-module = मॉड्यूल
word-module-means = जो आप चुनते हैं, जैसे शिकायतें। वह अपनी ज़रूरत की सेवाएँ साथ लाता है।
word-service = सेवा
word-service-means = DIGIT का एक प्रोग्राम जो क्लस्टर में चलता है। Helm की भाषा में: release।
word-stage = पड़ाव
word-stage-means = सेवाएँ जो साथ लगती हैं, क्योंकि बाद वाली को उनकी ज़रूरत है।
word-plan = योजना
word-plan-means = जो कुछ होगा, पहले से तय। इसमें कोई गोपनीय बात नहीं है और इसे सहेजा जा सकता है।
word-cluster = क्लस्टर
word-cluster-means = मशीनें जो Kubernetes के नीचे मिलकर प्रोग्राम चलाती हैं।
word-kubeconfig = Kubeconfig
word-kubeconfig-means = वह फ़ाइल जिसमें क्लस्टरों का रास्ता है। क्लस्टर का प्रशासक इसे आपको देता है।
word-context = कॉन्टेक्स्ट
word-context-means = एक क्लस्टर और उस पर आपकी पहचान; एक kubeconfig में कई हो सकते हैं।
word-base = बुनियादी सेवाएँ (backbone)
word-base-means = संदेश, खोज और कैश: जिन पर बाकी सभी सेवाएँ टिकी हैं।
word-entry = वेब प्रवेश (ingress)
word-entry-means = वह द्वार जिससे ब्राउज़र DIGIT तक पहुँचते हैं।
word-kit = रिकवरी किट
word-kit-means = सभी पासवर्ड और कुंजियाँ एक एन्क्रिप्टेड फ़ाइल में। यह कंप्यूटर खो जाए तो इसके बिना एन्क्रिप्टेड डेटा पढ़ा नहीं जा सकता।
word-run = रन
word-run-means = योजना को पूरा करने की एक कोशिश। इसे रोका जा सकता है, और यह वहीं से आगे बढ़ती है।
help-kept = चीज़ें कहाँ रहती हैं
kept-folder = इस कंप्यूटर पर
kept-folder-text = उत्तर, योजनाएँ और लॉग, नीचे लिखे फ़ोल्डर में।
kept-cluster = क्लस्टर में
kept-cluster-text = रिकॉर्ड की एक प्रति, digit-installer नेमस्पेस में, ताकि दूसरा कंप्यूटर आगे बढ़ सके।
kept-charts = चार्ट
kept-charts-text = आपके सिस्टम के कैश फ़ोल्डर में। वे एक बार डाउनलोड होते हैं।
kept-keychain = पासवर्ड और कुंजियाँ
kept-keychain-text = एक एन्क्रिप्टेड फ़ाइल में, जिसकी कुंजी आपके सिस्टम की कीचेन में है।
help-keys = कुंजीपटल
key-tab = Tab
key-tab-does = अगले नियंत्रण पर
key-find = Ctrl + F
key-find-does = लॉग में खोजें
key-end = End
key-end-does = लॉग में: फिर साथ चलें
key-escape = Esc
key-escape-does = बिना बदलाव प्रश्न छोड़ता है
