# Troubles by code: what happened; `.safe` what is safe; `.todo` one thing to do.

error-unknown = कुछ गड़बड़ हुई, जिसके लिए हमारे पास अभी शब्द नहीं हैं
    .safe = अब तक जो बना है, वह वैसा ही रहेगा।
    .todo = फिर कोशिश करें। फिर हो तो इंजीनियरों वाली पंक्ति अपनी मदद करने वाले को दिखाएँ।
