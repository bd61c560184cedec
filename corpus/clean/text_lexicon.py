"""Words and whole lines that tell what a line of a page is for, in many languages; facts only, in lower case.

Lines stand without the numbers and marks around them: buttons, headings of lists of other articles and of
comments. The patterns are in `text_words`.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _lines(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


INTERFACE_LINES = _lines(
    "paylaş|yazdır|giriş yap|üye ol|kaydol|abone ol|takip et|ara|anasayfa|ana sayfa|devamını oku|"
    "daha fazla|tümü|tümünü gör|içeriği görüntüle|kapat|gönder|yorum yap|yanıtla|beğen|bildir|menü|"
    "kopyala|bagikan|cetak|masuk|daftar|cari|beranda|selengkapnya|lihat semua|lihat lainnya|muat lainnya|"
    "tutup|kirim|balas|salin tautan|salin link|unduh|ikuti|chia sẻ|đăng nhập|đăng ký|tìm kiếm|trang chủ|"
    "xem thêm|đóng|gửi|trả lời|thích|مشاركة|شارك|طباعة|تسجيل الدخول|تسجيل|بحث|الرئيسية|المزيد|"
    "اقرأ المزيد|إغلاق|إرسال|تابعنا|نسخ الرابط|رد|إعجاب|القائمة|اشترك|حفظ|اشتراک گذاری|اشتراک‌گذاری|چاپ|"
    "ورود|ثبت نام|جستجو|صفحه اصلی|خانه|بیشتر|ادامه مطلب|بستن|ارسال|پاسخ|کپی لینک|لینک کوتاه|شیئر|"
    "شیئر کریں|مزید|مزید پڑھیں|ہوم|صفحہ اول|تلاش|پرنٹ|लॉग इन|साझा करें|शेयर करें|शेयर|खोजें|होम|और पढ़ें|"
    "और देखें|แชร์|ค้นหา|เข้าสู่ระบบ|หน้าแรก|อ่านต่อ|ดูเพิ่มเติม|เพิ่มเติม|שתף|שתפו|הדפסה|חיפוש|התחברות|"
    "עוד|קרא עוד|תפריט|סגור|udostępnij|drukuj|zaloguj się|zaloguj|zarejestruj się|szukaj|strona główna|"
    "więcej|czytaj więcej|czytaj dalej|zamknij|wyślij|odpowiedz|lubię to|kopiuj link|delen|afdrukken|"
    "inloggen|zoeken|sluiten|lees meer|meer|versturen|beantwoorden|dela|skriv ut|logga in|sök|stäng|"
    "läs mer|mer|del|logg inn|søk|lukk|les mer|log ind|søg|læs mere|jaa|tulosta|kirjaudu|hae|sulje|"
    "lue lisää|κοινοποίηση|εκτύπωση|σύνδεση|αναζήτηση|αρχική|περισσότερα|κλείσιμο|подписаться|подробнее|"
    "читать далее|читать полностью|показать ещё|показать еще|ещё|еще|закрыть|отправить|ответить|"
    "регистрация|главная|скопировать ссылку|нравится|пожаловаться|распечатать|копировать ссылку|"
    "надрукувати|увійти|пошук|головна|читати далі|більше|tisk|přihlásit se|hledat|domů|více|číst dále|"
    "sdílet|zavřít|megosztás|nyomtatás|bejelentkezés|keresés|főoldal|tovább|distribuie|autentificare|"
    "căutare|acasă|citește mai mult|acceder|iniciar sesión|regístrate|suscríbete|inicio|leer más|ver más|"
    "enviar|responder|me gusta|copiar enlace|entrar|cadastre-se|assine|ler mais|saiba mais|veja mais|"
    "fechar|curtir|pesquisar|connexion|se connecter|s'inscrire|accueil|lire la suite|lire plus|"
    "en savoir plus|voir plus|envoyer|répondre|j'aime|copier le lien|registrati|iscriviti|leggi tutto|"
    "leggi di più|continua a leggere|chiudi|invia|rispondi|mi piace|registrieren|abonnieren|startseite|"
    "weiterlesen|mehr lesen|mehr anzeigen|alle anzeigen|senden|antworten|gefällt mir|link kopieren|"
    "merken|vorlesen|nach oben|zur startseite|newsletter|お気に入り|保存|会員登録|新規登録|続きを読む|"
    "全文を読む|記事を読む|トップ|トップへ|ホーム|ページトップへ|前へ|次へ|前の記事|次の記事|返信|送信|"
    "リンクをコピー|いいね|フォロー|フォローする|ブックマーク|クリップ|회원가입|구독|구독하기|홈|맨위로|"
    "목록|이전|다음|이전기사|다음기사|좋아요|싫어요|답글|신고|등록|복사|url복사|글자크기|기사저장|"
    "본문듣기|음성으로 듣기|가나다라마바사"
)

RELATED_LINES = _lines(
    "ilgili haberler|benzer haberler|diğer haberler|son haberler|en çok okunanlar|en çok okunan haberler|"
    "çok okunanlar|bunlar da ilginizi çekebilir|ilginizi çekebilir|öne çıkanlar|önerilen haberler|"
    "günün manşetleri|günün gelişmeleri|son eklenenler|baca juga|berita lainnya|berita terkini|"
    "berita terbaru|terpopuler|terkini|artikel lainnya|rekomendasi|rekomendasi untuk anda|topik terkait|"
    "video terkait|tin liên quan|bài liên quan|tin cùng chuyên mục|tin mới|tin nổi bật|đọc nhiều|"
    "đọc nhiều nhất|xem nhiều|có thể bạn quan tâm|مواضيع ذات صلة|موضوعات ذات صلة|الموضوعات المتعلقة|"
    "مواضيع متعلقة|أخبار متعلقة|أخبار ذات صلة|مقالات ذات صلة|اقرأ أيضا|اقرأ أيضًا|اقرأ ايضا|الأكثر قراءة|"
    "الاكثر قراءة|آخر الأخبار|أحدث الأخبار|قد يعجبك أيضا|ذات صلة|اخبار مرتبط|مطالب مرتبط|خبرهای مرتبط|"
    "پربازدیدترین|پربازدیدها|پربازدید|پیشنهاد سردبیر|آخرین اخبار|جدیدترین اخبار|بیشتر بخوانید|"
    "متعلقہ خبریں|متعلقہ عنوان|مزید خبریں|تازہ ترین خبریں|یہ بھی پڑھیں|संबंधित खबरें|यह भी पढ़ें|"
    "ये भी पढ़ें|ताज़ा खबरें|ताजा खबरें|ข่าวที่เกี่ยวข้อง|บทความที่เกี่ยวข้อง|เรื่องที่เกี่ยวข้อง|"
    "ข่าวล่าสุด|ข่าวยอดนิยม|כתבות נוספות|כתבות קשורות|אולי יעניין אותך|najnowsze|najpopularniejsze|"
    "najczęściej czytane|polecamy|polecane|powiązane artykuły|więcej na ten temat|przeczytaj także|"
    "przeczytaj też|zobacz też|warto przeczytać|gerelateerd|gerelateerde artikelen|lees ook|"
    "meest gelezen|meer nieuws|läs också|läs även|mest läst|senaste nytt|relaterat|les også|mest lest|"
    "læs også|mest læste|lue myös|luetuimmat|διαβάστε επίσης|σχετικά άρθρα|διαβάστε ακόμη|δημοφιλή|"
    "по теме|новости по теме|материалы по теме|смотрите также|популярное|самое читаемое|"
    "последние новости|главные новости|новости партнёров|новости партнеров|другие новости|рекомендуем|"
    "читают сейчас|лента новостей|ещё по теме|еще по теме|читайте также|читайте ещё|читайте еще|"
    "читайте також|новини за темою|související články|mohlo by vás zajímat|nejčtenější|čtěte také|"
    "kapcsolódó cikkek|ajánlott cikkek|ez is érdekelheti|articole similare|citește și|"
    "artículos relacionados|te recomendamos|también te puede interesar|más noticias|más leídas|lo último|"
    "últimas noticias|lee también|mira también|relacionadas|mais lidas|últimas notícias|leia mais|"
    "notícias relacionadas|relacionados|recomendadas|você pode gostar|articles similaires|articles liés|"
    "à voir aussi|a lire aussi|à lire également|les plus lus|dernières actualités|en continu|"
    "vous aimerez aussi|recommandé pour vous|ultime notizie|i più letti|più letti|"
    "ti potrebbe interessare|leggi anche|notizie correlate|correlati|ähnliche artikel|verwandte artikel|"
    "mehr zum thema|mehr zu diesem thema|zum thema|lesen sie mehr|lesen sie auch|lesen sie dazu auch|"
    "auch interessant|das könnte sie auch interessieren|meistgelesen|meistgelesene artikel|"
    "neueste artikel|aktuelle nachrichten|aktuelle meldungen|weitere nachrichten|weitere meldungen|"
    "weitere themen|beliebte artikel|empfehlungen|top-themen|おすすめ|関連|関連キーワード|"
    "この記事を読んだ人はこんな記事も読んでいます|こちらもおすすめ|注目の記事|注目記事|最新ニュース|"
    "最新記事|アクセスランキング|よく読まれている記事|新着|あなたにおすすめ|編集部のおすすめ|"
    "함께 본 뉴스|이 기사와 함께 많이 본 뉴스|가장 많이 본 뉴스|실시간 인기|오늘의 주요뉴스|최신뉴스|"
    "최신 기사|인기기사|추천뉴스|관련기사|관련뉴스|이 시각 주요뉴스|많이 본 기사|랭킹뉴스|베스트클릭|"
    "핫이슈"
)

COMMENTS_LINES = _lines(
    "yorumlar|yorum yaz|komentar|tulis komentar|bình luận|ý kiến bạn đọc|التعليقات|تعليقات|أضف تعليقا|"
    "أضف تعليق|اضف تعليق|اترك تعليقا|اترك تعليقاً|نظرات|نظرات کاربران|نظر شما|دیدگاه ها|دیدگاه‌ها|"
    "ارسال نظر|تبصرے|टिप्पणियाँ|टिप्पणी करें|ความคิดเห็น|แสดงความคิดเห็น|תגובות|הוסף תגובה|komentarze|"
    "dodaj komentarz|reacties|plaats een reactie|kommentarer|skriv en kommentar|kommentit|kommentoi|"
    "σχόλια|комментарии|обсуждение|оставьте комментарий|написать комментарий|коментарі|komentáře|diskuse|"
    "hozzászólások|comentarii|comentarios|deja tu comentario|escribe un comentario|comentários|comente|"
    "deixe seu comentário|commentaires|réagir|laisser un commentaire|ajouter un commentaire|commenti|"
    "scrivi un commento|lascia un commento|kommentare|leserkommentare|kommentar schreiben|"
    "kommentar verfassen|diskussion|ihre meinung|コメント|コメントする|コメントを書く|コメントを投稿する|"
    "みんなのコメント|댓글|댓글쓰기|댓글 쓰기|의견쓰기|전체댓글|독자의견"
)

MONTHS = _names(
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august "
    "september october november december januar februar märz mai juni juli oktober dezember janvier "
    "février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril "
    "mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio "
    "giugno luglio settembre ottobre dicembre janeiro fevereiro março maio junho julho setembro outubro "
    "dezembro января февраля марта апреля мая июня июля августа сентября октября ноября декабря ocak "
    "şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık januari februari maret maart "
    "mei agustus augustus desember stycznia lutego marca kwietnia maja czerwca lipca sierpnia września "
    "października listopada grudnia ledna února března dubna května června července srpna října "
    "listopadu prosince січня лютого березня квітня травня червня липня серпня вересня жовтня листопада "
    "грудня ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου "
    "οκτωβρίου νοεμβρίου δεκεμβρίου يناير فبراير مارس أبريل ابريل مايو يونيو يوليو أغسطس اغسطس سبتمبر "
    "أكتوبر اكتوبر نوفمبر ديسمبر فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند "
    "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر जनवरी फरवरी मार्च अप्रैल मई जून "
    "जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม "
    "สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
)

OFFER_WORDS = _names(
    "cookie cookies inbox newsletter newsletters subscribe subscriber subscribers subscription "
    "subscriptions unsubscribe password passwords account donate donation donations contribute login "
    "log-in sign-up signup membership sign postfach abonnieren abo passwort konto s'inscrire "
    "abonnez-vous s'abonner contraseña suscríbete inscríbete suscribirse iscriviti abbonati inscreva-se "
    "assine подписывайтесь подпишитесь подписаться подписка whatsapp telegram app berlangganan abone ol "
    "takip zapisz obserwuj اشترك تابعنا عضویت اشتراک"
)

STOP_WORDS = _names(
    "the of to and in a is that for it was on with as he at by this had not are but from or have an they "
    "which one were all her she there their we been has when who will no more if out so what up its "
    "about into than them can only i you his would could our my me because even after also der die das "
    "und ist nicht mit von den des ein eine sich auf für dem im auch es werden aus er hat dass sie nach "
    "wird bei einer um am sind noch wie einem über einen zum war haben nur oder aber vor zur bis mehr "
    "durch le la les et est un une du dans qui que pour pas sur au ce il par plus avec son se ne ont "
    "cette mais el los las en y del por con una su para al lo como más pero sus fue ha sobre este di che "
    "e non per sono della gli nel alla anche ma dei come si più o do da os uma não com na em dos foi ao "
    "à и в не на что с по как к из это но за от у для он его о а все так же был yang dan dengan untuk "
    "dari itu dalam tidak ini pada ke juga akan adalah w nie się jest że z po od jak za ale przez tym de "
    "het een van niet te dat zijn op met voor maar om ook aan ve bir bu için ile olarak olan çok daha "
    "gibi kadar sonra ancak ise göre ki dedi oldu olduğu في من على أن إلى التي الذي عن ما هذا هذه كان "
    "كانت قد بعد بين أو لا مع كما أنه أنها لم ذلك خلال إن حتى قبل هو هي وقد به از که در را با این است "
    "برای آن تا بر یک خود هم شد می شده بود کرد های نیز اما کے کی میں کا نے ہے سے کو پر اور یہ کہ ہیں ایک "
    "بھی اس نہیں تھا وہ ان جو تو لیے کر के की में का ने है से को पर और यह कि हैं एक भी इस नहीं था वह जो "
    "तो लिए कर या गया và của là có trong cho được không một với các người này đã khi từ những đến ra để "
    "cũng như vào och att det som på är av för med till inte har ett men var jag han hade kan så vi og "
    "til ikke jeg ble fra seg ja ei että oli hän mutta ovat kun niin myös az és hogy nem egy meg ez csak "
    "már volt și în cu pe din că nu mai fost să pentru v je že s k jako tak і що з як це до від та але "
    "також його був και το η ο να του της τα την με για που σε από είναι στο θα στην δεν οι των של את על "
    "לא הוא זה עם כי גם או אם אבל היא אני יש כל"
)
