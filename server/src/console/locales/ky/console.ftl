# Консолдун тексттери. Ачкычтар жана өзгөрмөлөр үч тилде бирдей; тест текшерет.

## frame

brand = Торук
console = Кызматкерлердин консолу
skip-to-content = Мазмунга өтүү
menu = Меню
language = Тил
demo-title = Сыноо режими.
demo-text = Мында эч нерсе чыныгы эмес: акча, адамдар жана убакыт ойдон чыгарылган.
footer-time = Бардык убакыт Бишкек боюнча (UTC+6).
sign-out = Чыгуу
nav-home = Башкы бет
nav-auctions = Бардык торуктар
nav-lots = Лоттор
nav-applications = Арыздар
nav-payments = Төлөмдөр
nav-audit = Аракеттер журналы
nav-staff = Кызматкерлер
role-organiser = Уюштуруучу
role-moderator = Модератор
role-finance = Каржы адиси
role-auditor = Аудитор
role-sysadmin = Система администратору
role-bidder = Катышуучу
role-system = Система
som = { $value } сом
optional = милдеттүү эмес
fault = Оңдоңуз:
to-home = Башкы бетке
count-lots = { $count ->
    [one] { $count } лот
   *[other] { $count } лот
}
yes = Ооба
unknown = белгисиз
older = Мурункулар
newest = Эң жаңылары

## access

sign-in = Кирүү
sign-in-title = Консолго кирүү
sign-in-text = Сырсөз жок. Түзмөгүңүз сизди манжа изи, жүз же PIN-код аркылуу тааныйт.
sign-in-button = Ачкыч менен кирүү
sign-in-help = Ачкычыңыз жокпу? Система администраторунан бир жолку шилтеме сураңыз.
enrol-title = Консолго кош келиңиз
enrol-role = Чакыруу: { $value }
enrol-text = Өзүңүздү тааныштырып, ачкыч түзүңүз. Мындан ары консолго ошол ачкыч менен киресиз.
enrol-name = Аты-жөнүңүз
enrol-name-hint = Ар бир аракетиңиздин жанында аудиторлорго көрүнөт.
enrol-language = Тилиңиз
enrol-button = Ачкыч түзүү
passkey-what = Ачкыч түзмөгүңүздө сакталат жана андан чыкпайт. Биз анын ачык бөлүгүн гана көрөбүз.
passkey-waiting = Түзмөгүңүздүн суроосуна жооп бериңиз…
passkey-unsupported = Бул браузер ачкычтарды билбейт. Жаңыраак браузерди колдонуңуз.
passkey-refused = Түзмөк ырастаган жок. Кайра аракет кылсаңыз болот.
passkey-exists = Бул түзмөктө сиздин ачкычыңыз бар. Кирүү бетин колдонуңуз.
passkey-network = Сервер жооп берген жок. Байланышты текшерип, кайталаңыз.
passkey-needs-script = Ачкыч үчүн браузерде JavaScript иштетилиши керек. Калган барактар ансыз да иштейт.

## refusals

error-title = Бул болбой калды
refused-not-found = Мындай барак же жазуу жок, же ал сизге көрүнбөйт.
refused-forbidden = Ролуңуз буга уруксат бербейт. Керек болсо, система администраторуна кайрылыңыз.
refused-signed-out = Адегенде кириңиз: сеансыңыз жок же аяктаган.
refused-foreign-form = Бул сурам биздин барактан келген жок, ошондуктан аткарылган жок. Баракты кайра ачып, кайталаңыз.
refused-internal = Серверде ката кетти. Эч нерсе жарым-жартылай жазылган жок; кайталап көрүңүз.
refused-unknown-outcome = Жыйынтык белгисиз. Баракты жаңылап, эмне жазылганын караңыз.
refused-too-large = Жөнөтүлгөн нерсе өтө чоң. Файл 25 МБдан ашпашы керек.
refused-malformed = Сурам туура эмес түзүлгөн.
refused-conflict = Мындай жазуу бар же аны башка бирөө эми эле өзгөрттү. Баракты жаңылаңыз.
refused-ceremony = Ачкычтын жообу текшерүүдөн өткөн жок же убактысы бүттү. Кайра баштаңыз.
refused-invitation = Бул шилтеме колдонулган же мөөнөтү бүткөн. Жаңысын сураңыз.
refused-name = Аты-жөнү 1ден 200гө чейин белгиден турушу керек.
refused-import = Файл окулган жок, эч нерсе кошулган жок: { $detail }
refused-lot-in-use = Бул лот башка торукта. Ал аяктаганда жаңысын түзсө болот.
refused-second-person = Муну экинчи адам жасашы керек: эч ким өзү сунуштаганды өзү бекитпейт.
refused-too-late = Буга кеч болуп калды.
refused-relaunched = Бул торук мурун эле кайра түзүлгөн.
refused-reason = Себебин жазыңыз: 1ден 1000ге чейин белги.
refused-wrong-state = Азыркы абалда бул мүмкүн эмес. Барак эскирген болушу мүмкүн.
refused-applications-closed = Арыздарды кабыл алуу { $detail } бүткөн.
fault-value-zero = Баштапкы баа нөлдөн чоң болушу керек.
fault-step = Кадам эрежелер уруксат берген чектен тышкары.
fault-guarantee = Кепилдик төлөм эрежелер уруксат берген чектен тышкары.
fault-start-too-soon = Башталышы өтө жакын: жарыялоодон кийин эрежелер белгилеген убакыт өтүшү керек.
fault-no-time = Арыздарга убакыт калбайт: башталышын кийинкиге жылдырыңыз.
fault-too-large = Сумма өтө чоң.
fault-document = Лотто бир да документ жок. Адегенде документ кошуңуз.

## home

home-greeting = Саламатсызбы, { $value }
home-quiet = Азыр сизди күткөн иш жок.
home-waits = Сизди төмөнкү иштер күтөт.
waiting-for-you = Сизди күтөт
live-now = Азыр жүрүп жатат
live-mark = Түз
first-steps = Алгачкы кадамдар
first-steps-text = Биринчи торукка чейин төрт кадам. Ар бирин ылайыктуу ролдогу адам жасайт.
step-done = Аткарылды
step-open = Ачуу
step-other = Башка ролдун иши
step-staff = Кесиптештерди чакыруу
step-text-staff = Жок дегенде бир уюштуруучу жана бир модератор: торукту бири даярдап, экинчиси жарыялайт.
step-lots = Лотторду жүктөө
step-text-lots = Даяр маалыматтан. Белгисиз нерсе белгисиз бойдон калат, кийин толуктайсыз.
step-auction = Торук түзүү
step-text-auction = Лотту тандап, баасын, кадамын жана башталышын жазып, текшерүүгө тапшырыңыз.
step-publish = Экинчи адам жарыялайт
step-text-publish = Модератор текшерип, жарыялайт же себебин жазып кайтарат.
task-review = Текшерүүнү күткөн торуктар
task-text-review = Карап чыгып, жарыялаңыз же кайтарыңыз.
task-applications = Чечимди күткөн арыздар
task-text-applications = Арыз кабыл алуу бүткөнгө чейин чечиңиз.
task-mismatches = Дал келбеген төлөмдөр
task-text-mismatches = Суммасы же убактысы туура эмес; акча кайтарылат.
task-contracts = Келишим күтүлүүдө
task-text-contracts = Кол коюлганда каттаңыз.
task-failed = Болбой калган торуктар
task-text-failed = Кайра түзсө болот.
task-drafts = Долбоорлор
task-text-drafts = Аягына чыгарып, текшерүүгө тапшырыңыз.
task-lots = Толук эмес лоттор
task-text-lots = Булакта айтылбаган маалыматты толуктаңыз.

## lots

lot = Лот
kind = Түрү
value = Баштапкы баа
lot-state = Даярдыгы
lots-text = Сатыла же ижарага бериле турган мүлк. Белгисиз маалымат ойдон чыгарылбайт — суралат.
lots-import = Лотторду жүктөө
lots-none = Лоттор азырынча жок
lots-none-text = Даяр маалыматты жүктөңүз. Кийин ар бирин толуктап, документ кошуп, торукка чыгарсаңыз болот.
lots-caption = Лоттор, жаңысынан эскисине карай
lot-kind-land = Жер
lot-kind-premises = Имарат бөлмөсү
lot-kind-building = Имарат
lot-kind-vehicle = Унаа
lot-kind-other = Башка
lot-in-auction = Торукта
lot-ready = Даяр
count-missing = { $count ->
    [one] { $count } нерсе жетишпейт
   *[other] { $count } нерсе жетишпейт
}
synthetic = Сыноо үчүн
pages = Барактар
lot-missing = Торукка чейин булар керек:
missing-value = Баштапкы баа — торук түзүүдө суралат
missing-step = Кадам — торук түзүүдө суралат
missing-guarantee = Кепилдик төлөм — торук түзүүдө суралат
missing-object-of-price = Баа эмне үчүн — торук түзүүдө суралат
missing-document = Жок дегенде бир документ
missing-lot-holder = Баланс кармоочунун аталышы
missing-title-ky = Кыргызча аталышы
missing-title-ru = Орусча аталышы
lot-not-known = Азырынча белгисиз, жазып коюңуз
lot-title-needed = Кыргызча же орусча аталышы болушу керек.
lot-to-auction = Торукка өтүү
lot-facts = Белгилүү маалымат
lot-complete = Толуктоо
lot-complete-text = Булак эмнени айтпаса, ошону жазыңыз. Калганы торук түзүүдө суралат.
lot-title-ky = Кыргызча аталышы
lot-title-ru = Орусча аталышы
lot-title-en = Англисче аталышы
lot-holder-ky = Баланс кармоочу, кыргызча
lot-holder-ru = Баланс кармоочу, орусча
lot-holder-en = Баланс кармоочу, англисче
lot-holder-hint = Мүлк кимдин балансында турат
save = Сактоо
object = Баа эмне үчүн
object-sale-price = Сатып алуу
object-annual-rent = Жылдык ижара акысы
object-lease-right = Ижара келишимин түзүү укугу
area = Аянты
unit-m2 = м²
unit-ha = га
cadastral-number = Кадастрдык номери
holder = Баланс кармоочу
description = Сүрөттөмө
source = Булак
size-kb = { $value } КБ
size-mb = { $value } МБ
documents = Документтер
documents-none = Документ жок. Документсиз торук жарыяланбайт.
document-title = Документтин аталышы
document-file = Файл
document-hint = PDF, JPEG же PNG, 25 МБга чейин
document-add = Документ кошуу
document-none = Файлды тандаңыз.
document-kind = Файл PDF, JPEG же PNG эмес.
import-text = JSON түрүндөгү файл же текст. Тааныш эмес талаа болсо, эч нерсе кошулбайт жана кайсы лотто экени айтылат.
import-file = JSON файлы
import-file-hint = Файл тандалса, төмөнкү текст эске алынбайт.
import-paste = же текстти коюңуз
import-button = Жүктөө
import-example = Үлгү
done-lot = Лот сакталды.
done-import = Лоттор жүктөлдү. Белгисизин толуктаңыз.
done-document = Документ кошулду.

## auctions

auction = Торук
state = Абалы
price = Баасы
start = Башталышы
step = Кадамы
guarantee = Кепилдик төлөм
terms = Шарттары
rules = Эрежелер топтому
back = Артка
open = Ачуу
auction-create = Торук түзүү
auctions-text = Долбоордон келишимге чейин. Жарыялоого эки адам керек.
auctions-none = Торуктар азырынча жок
auctions-none-text = Торук лоттон түзүлөт. Белгилүү маалымат толтурулуп коюлат, калганын форма сурайт.
auctions-to-lots = Лотторго өтүү
auctions-caption = Торуктар, жаңысынан эскисине карай
watch = Түз көрүү
attempt = { $value }-аракет
status-draft = Долбоор
status-review = Текшерүүдө
status-rectification = Оңдоого болот
status-tendering = Арыздар кабыл алынууда
status-waiting = Башталышын күтүүдө
status-bidding = Торук жүрүп жатат
status-qualification = Жеңүүчүнүн ырастоосу күтүлүүдө
status-awarded = Келишим күтүлүүдө
status-complete = Аяктады
status-unsuccessful = Болбой калды
status-cancelled = Жокко чыгарылды
sentence-draft = Уюштуруучу даярдап жатат.
sentence-review = Экинчи адам текшерип, жарыялайт же кайтарат.
sentence-rectification = Жарыяланды; шарттарын азырынча оңдоого болот.
sentence-tendering = Арыздар жана кепилдик төлөмдөр кабыл алынууда.
sentence-waiting = Катышуучулар белгилүү, башталышы күтүлүүдө.
sentence-bidding = Ар бир жогорулатуудан кийин убакыт кайра башталат.
sentence-qualification = Сунуштар бүттү, жеңүүчү протоколду ырасташы керек.
sentence-awarded = Жеңүүчү ырастады, келишимге кол коюлушу керек.
sentence-complete = Келишимге кол коюлду.
sentence-unsuccessful = Торук болбой калды.
sentence-cancelled = Чечим менен жокко чыгарылды.
sentence-suspended = Убакыт токтотулган: азыр сунуш кабыл алынбайт жана мөөнөт жүрбөйт.
failure-no-applications = Бир да жарактуу арыз түшкөн жок.
failure-insufficient-participants = Катышуучулар эрежелер талап кылгандан аз.
failure-no-first-offer = Эч ким баштапкы баадан жогору сунуш берген жок.
failure-winner-default = Жеңүүчү баш тартты же мөөнөттү өткөрүп жиберди.
failure-contract-not-concluded = Келишим түзүлгөн жок.
your-turn = Сиздин кезегиңиз
is-successor = Бул торук болбой калган торуктун ордуна түзүлгөн.
has-successor = Бул торук кайра түзүлгөн.
to-previous = Мурунку аракет
to-successor = Кийинки аракет
to-auction = Торуктун барагына
terms-not-frozen = Суммалар жарыялоодо бекитилет.
lease = Ижара мөөнөтү
lease-none = Ижара эмес
lease-P1Y = 1 жыл
lease-P3Y = 3 жыл
lease-P5Y = 5 жыл
lease-P10Y = 10 жыл
lease-P25Y = 25 жыл
lease-P49Y = 49 жыл
first-window = Биринчи сунушка убакыт
raise-window = Ар бир жогорулатуудан кийин
history = Тарыхы
history-none = Окуялар журналы жарыялангандан кийин көрүнөт.
log-head = Журналдын башы: { $value }
timeline = Мөөнөттөр
moment-tender-end = Арыздарды кабыл алуу бүтөт
moment-start = Торук башталат
moment-close = Учурдагы терезе бүтөт
moment-confirm = Жеңүүчү ушуга чейин ырастайт
moment-contract = Келишимге ушуга чейин кол коюлат
moment-past = өттү
participants = Катышуучулар
participants-number = Катышуучулардын саны
participant = { $value }-катышуучу
count-participants = { $count ->
    [one] { $count } катышуучу
   *[other] { $count } катышуучу
}
raises = Жогорулатуулар
winner = Жеңүүчү
until = { $value } чейин
from-moment = { $value } баштап

## acts on an auction

act-submit = Текшерүүгө тапшыруу
act-submit-text = Тапшырылгандан кийин башка адам текшерет. Кайтарылса гана оңдой аласыз.
act-edit = Оңдоо
act-publish = Жарыялоо
act-publish-text = Суммалар жана мөөнөттөр бекитилип, торук баарына көрүнөт.
act-return = Кайтаруу
act-return-reason = Кайтаруунун себеби
act-return-hint = Уюштуруучу эмнени оңдош керек экенин билиши үчүн. 1000 белгиге чейин.
act-relaunch = Кайра түзүү
act-relaunch-text = Шарттары көчүрүлөт, жаңы башталышын жазасыз. Эки торук бири-бирине шилтеме берет.
act-contract = Кол коюлган келишимди каттоо
act-contract-text = Файл сакталбайт: анын SHA-256 хеши гана журналга жазылат.
act-contract-file = Келишимдин файлы
act-contract-hash = же анын SHA-256 хеши
act-contract-button = Каттоо
contract-hash = Файлды тандаңыз же 64 белгилүү SHA-256 хешин жазыңыз.
act-contract-failed = Келишим түзүлгөн жок
act-contract-fault = Кимдин айынан
contract-fault-bidder = Жеңүүчүнүн айынан
contract-fault-other = Башка себеп
act-contract-failed-button = Торукту болбой калды деп каттоо
done-created = Долбоор түзүлдү. Даяр болгондо текшерүүгө тапшырыңыз.
done-saved = Сакталды.
done-submitted = Текшерүүгө тапшырылды.
done-published = Жарыяланды.
done-returned = Уюштуруучуга кайтарылды.
done-relaunched = Торук кайра түзүлдү.
done-contract = Келишим катталды.
done-contract-failed = Торук болбой калды деп катталды.

## the auction's form

editor-create = Жаңы торук
editor-edit = Долбоорду оңдоо
editor-relaunch = Торукту кайра түзүү
editor-text-create = Булактан белгилүү болгону толтурулган. Калганын сиз айтыңыз.
editor-text-edit = Жарыяланганга чейин баарын өзгөртсө болот.
editor-text-relaunch = Мурунку шарттар көчүрүлдү. Жаңы башталышын жазыңыз.
editor-failed = Мурунку аракет: { $value }
editor-button-create = Долбоорду сактоо
editor-button-edit = Сактоо
editor-button-relaunch = Кайра түзүү
preview = Суммаларды көрүү
frozen = Жарыялоодо бекитилет
frozen-text = Кадам менен кепилдик төлөм бүтүн сомго чейин тегеректелет (жогору карай).
frozen-none = Форма туура толтурулганда бул жерде суммалар көрүнөт.
choose = Тандаңыз
value-som = Баштапкы баа, сом
step-percent = Кадамы, баштапкы баанын %
guarantee-percent = Кепилдик төлөм, баштапкы баанын %
percent-range = Эрежелер боюнча: { $value } %
start-hint = Бишкек убактысы. Жарыялоодон кийин жок дегенде { $value } өтүшү керек.
start-hint-any = Бишкек убактысы.
days-left = { $value } күн
form-faulty = Сакталган жок: төмөндө белгиленген талааларды оңдоңуз.
fault-choose = Бирин тандаңыз.
fault-amount = Сумманы жазыңыз, мисалы 1 260 000 же 1260000,50.
fault-percent = Пайызды жазыңыз, мисалы 5 же 2,5.
fault-moment = Күнүн жана убактысын жазыңыз.
fault-lease = Ижара мөөнөтүн тандаңыз.
fault-no-lease = Сатууда ижара мөөнөтү болбойт.

## the log

event-created = Долбоор түзүлдү
event-edited = Долбоор өзгөртүлдү
event-submitted = Текшерүүгө тапшырылды
event-returned = Кайтарылды
event-published = Жарыяланды
event-amended = Шарттары оңдолду
event-tendering-opened = Арыздарды кабыл алуу башталды
event-tendering-closed = Арыздарды кабыл алуу бүттү
event-bidding-opened = Торук башталды
event-bid-placed = Баа жогорулатылды
event-bid-refused = Сунуш кабыл алынган жок
event-suspended = Убакыт токтотулду
event-resume-announced = Улантуу жарыяланды
event-resumed = Уланды
event-bidding-closed = Торук бүттү
event-award-proposed = Жеңүүчү аныкталды
event-award-confirmed = Жеңүүчү ырастады
event-award-lapsed = Жеңүүчү укугунан ажырады
event-contract-signed = Келишимге кол коюлду
event-contract-failed = Келишим түзүлгөн жок
event-failed = Торук болбой калды
event-cancelled = Жокко чыгарылды
event-relaunched = Кайра түзүлдү
cause-late-start = өз убагында башталган жок
cause-outage = система иштебей калды
cause-technical-fault = техникалык бузулуу
lapse-refused = баш тартты
lapse-timeout = мөөнөтүн өткөрүп жиберди

## bids

bid-accepted = Кабыл алынды
bid-not-eligible = Катышуучу эмес
bid-not-started = Торук баштала элек
bid-suspended = Убакыт токтотулган
bid-deadline-passed = Кечикти
bid-closed = Торук бүткөн
bid-stale-basis = Баа өзгөрүп калган
bid-already-leading = Өзү эле алдыда
bid-wrong-amount = Туура эмес сумма
bid-price-limit = Баа чегине жетти
bid-rate-limited = Өтө тез-тез

## live

price-now = Учурдагы баа
leader = Алдыда
leader-none = азырынча эч ким
clock-start = Башталышына калды
clock-window = Бул терезеде калган убакыт
clock-none = Убакыт
ends-at = Бүтөт: { $value }
bids = Сунуштар
bids-caption = Кабыл алынган жана алынбаган сунуштар, жаңысы биринчи. Убактысы — сервердики.
bids-none = Сунуштар азырынча жок
amount = Суммасы
result = Жыйынтыгы
received = Алынган убактысы
server-clock = Сервердин сааты:
link-off = Түз байланыш жок
link-connecting = Байланышууда…
link-live = Түз эфир
link-lost = Кечигүүдө
link-paused = Тындырылган
pause = Жаңылоону тындыруу
resume = Жаңылоону улантуу
lagging = КЕЧИГҮҮДӨ: серверден 5 секунддан ашык кабар жок, сандар эскирген болушу мүмкүн.
live-no-script = JavaScript'сиз барак өзү жаңыланбайт: жаңы абалды көрүү үчүн кайра жүктөңүз.
minute-left = Бир мүнөт калды
seconds-left = Он секунд калды

## applications

application = Арыз
files = Файлдар
applications-quiet = Чечим күткөн арыз жок.
count-waiting = { $count ->
    [one] { $count } арыз чечимди күтөт.
   *[other] { $count } арыз чечимди күтөт.
}
applications-none = Арыздар азырынча жок
applications-none-text = Торук жарыялангандан кийин бул жерде пайда болот.
applications-caption = Адегенде чечимди күткөндөр. Аты-жөнү арыздын өз барагында гана көрүнөт.
application-needs-reconfirm = Кайра ырастоо керек
application-signed = Чечимди күтөт
application-admitted = Киргизилген
application-not-admitted = Киргизилген жок
application-eligible = Катышат
application-withdrawn = Кайтарып алынган
application-disqualified = Четтетилген
application-lost = Жеңген жок
application-reserve = Резервде
application-won = Жеңди
application-reason = Модератордун себеби:
deposit-paid = Төлөнгөн
deposit-due = Төлөнө элек
answers = Жооптор
choice-person = Жеке адам
choice-sole-trader = Жеке ишкер
choice-organisation = Уюм
files-none = Файл жок.
files-audited = Файлды ачканыңыз аракеттер журналына жазылат.
act-admit = Киргизүү
act-admit-text = Жоопторду жана файлдарды карап чыктым, торукка киргизүүгө болот.
act-refuse = Баш тартуу
act-refuse-reason = Баш тартуунун себеби
act-refuse-hint = Арыз ээси дал ушул сөздөрдү окуйт.
proof = Далил
signed-hash = Кол коюлган пакеттин хеши
done-admitted = Арыз киргизилди.
done-refused = Арыздан баш тартылды.

## payments

payments-text = Акча төлөм системасы айткандай гана эсептелет. Дал келбегени кайтарылат, жоголбойт.
count-unfit = { $count ->
    [one] { $count } төлөм дал келбейт, акча кайтарылат.
   *[other] { $count } төлөм дал келбейт, акча кайтарылат.
}
balances = Калдыктар
balances-none = Азырынча акча кыймылдаган жок.
account-gateway = Төлөм системасында
account-deposits = Кепилдик төлөмдөр
account-refunds-due = Кайтарылууга тийиш
account-unmatched = Дал келбеген
account-seller = Балансты кармоочуга
account-forfeited = Кармалган
payments-none = Төлөмдөр азырынча жок
payments-none-text = Катышуучу төлөө кодун алганда бул жерде пайда болот.
payments-caption = Төлөө аракеттери: адегенде дал келбегендери
payment-code = Төлөө коду
code-none = Кодсуз
expected = Күтүлгөн
came = Келген
created = Түзүлгөн
channel-wallet-code = Мобилдик капчык
channel-branch-code = Банк бөлүмү
channel-card = Карта
intent-created = Башталды
intent-code-issued = Код берилди
intent-redirected = Банктын барагында
intent-succeeded = Төлөндү
intent-succeeded-late = Кеч төлөндү
intent-failed = Болбой калды
intent-expired = Мөөнөтү бүттү
mismatch-short = Кем төлөнгөн
mismatch-over = Ашык төлөнгөн
mismatch-late = Кеч төлөнгөн
mismatch-not-due = Төлөнүп бүткөн
deposit-held = Кармалып турат
deposit-releasing = Кайтарылууда
deposit-released = Кайтарылды
deposit-forfeit-proposed = Кармоо сунушталды
deposit-forfeited = Кармалды
deposit-applied = Баага кошулду

## audit

when = Качан
who = Ким
what = Эмне
on-what = Эмнени
audit-text = Ар бир аракет мурункусу менен байланышкан. Эч ким өчүрө да, өзгөртө да албайт.
audit-none = Аракеттер азырынча жок
audit-none-text = Биринчи аракет жасалганда бул жерде пайда болот.
audit-caption = Аракеттер, жаңысынан эскисине карай
chain-link = Чынжырдын шакеги
audit-staff-invite = Кызматкер чакырылды
audit-application-submit = Арыз берилди
audit-application-withdraw = Арыз кайтарып алынды

## staff

staff-text = Ролдор атайын бөлүнгөн: даярдаган адам жарыялабайт, администратор торукка кийлигишпейт.
staff-caption = Консолго кире алгандар
roles = Ролдору
since = Качандан бери
invite-title = Кызматкерди чакыруу
invite-text = Бир жолку шилтеме чыгат. Аны өз колуна бериңиз: ким ачса, ошол кирет.
invite-role = Ролу
invite-button = Шилтеме түзүү
invited = Шилтеме даяр: { $value }
invited-text = Азыр көчүрүп алыңыз: ал бир эле жолу көрсөтүлөт жана { $value } чейин иштейт.
invited-link = Бир жолку шилтеме
role-text-organiser = Лотторду жүктөйт, торуктарды даярдайт
role-text-moderator = Торуктарды жарыялайт, арыздарды чечет
role-text-finance = Төлөмдөрдү көзөмөлдөйт
role-text-auditor = Баарын көрөт, эч нерсени өзгөртпөйт
role-text-sysadmin = Кызматкерлерди чакырат, торукка катышпайт

## what the services brought

fault-price-cut = Кайра өткөрүүдө баштапкы бааны мынчалык төмөндөтүүгө болбойт.
refused-holder-unknown = Баланс кармоочу белгисиз. Адегенде лотту толуктаңыз.
refused-busy = Азыр система бош эмес. Бир аздан кийин кайталаңыз.
relaunch-reason = Баа төмөндөсө, себеби
relaunch-reason-hint = Баштапкы баа мурункудан төмөн болсо гана керек.
audit-auction-create = Торуктун долбоору түзүлдү
audit-auction-edit = Долбоор өзгөртүлдү
audit-auction-submit = Текшерүүгө тапшырылды
audit-auction-return = Уюштуруучуга кайтарылды
audit-auction-publish = Торук жарыяланды
audit-auction-amend = Шарттары оңдолду
audit-auction-award = Жеңүүчүнүн жообу
audit-auction-contract = Келишим катталды
audit-auction-no-contract = Келишим түзүлбөгөнү катталды
audit-auction-relaunch = Торук кайра түзүлдү
audit-auction-tick = Убактысы келди
audit-application-admit = Арыз киргизилди
audit-application-refuse = Арыздан баш тартылды
audit-application-open = Арыз каралды
audit-application-file = Арыздын файлы ачылды
audit-deposit-hold = Кепилдик төлөм кармалып турат
audit-deposit-release = Кепилдик төлөм кайтарылууда
audit-deposit-refunded = Кепилдик төлөм кайтарылды
audit-deposit-apply = Кепилдик төлөм баага кошулду
audit-deposit-propose-forfeit = Кармоо сунушталды
audit-deposit-forfeit = Кепилдик төлөм кармалды
audit-deposit-reject-forfeit = Кармоо четке кагылды
audit-payment-credit = Төлөм эсептелди
audit-payment-unmatched = Төлөм дал келген жок
audit-device-register = Телефон катталды
audit-device-renew = Телефон жаңыланды
audit-device-revoke = Телефондон кирүү жабылды
audit-person-register = Катышуучу катталды
audit-lot-import = Лоттор жүктөлдү
audit-lot-complete = Лот толукталды
audit-lot-document = Лотко документ кошулду
audit-staff-enrol = Кызматкер катталды
audit-staff-sign-in = Консолго кирди
start-hint-days = { $count ->
    [one] Бишкек убактысы. Жарыялоодон кийин жок дегенде { $count } күн өтүшү керек.
   *[other] Бишкек убактысы. Жарыялоодон кийин жок дегенде { $count } күн өтүшү керек.
}
clock-applications = Арыздар бүткөнгө чейин калды
detail-expires-at = Качанга чейин
detail-bidder = Катышуучу
detail-seq = Аукциондун журналындагы орду
detail-successor = Жаңы аукцион
detail-reason = Себеби
detail-sha256 = Файлдын SHA-256
detail-auction = Аукцион
detail-package = Кол коюлгандын SHA-256
detail-lots = Лоттор
detail-amount-tyiyn = Суммасы
detail-reference = Төлөм системасындагы номери
detail-mismatch = Дал келбестик
detail-unmatched-tyiyn = Эсепке алынган жок

## эки адам чечет

joint-waiting = Экинчи адамды күтөт
joint-suspend = Убакытты токтотуу
joint-resume = Торукту улантуу
joint-cancel = Торукту жокко чыгаруу
joint-disqualify = Жеңүүчүнү четтетүү
joint-suspend-text = Убакыт токтоп турганда сунуш кабыл алынбайт, мөөнөт жүрбөйт. Муну экинчи адам бекитиши керек; эсеп азыртан башталат.
joint-suspend-reason = Эмне болду
joint-propose-suspend = Токтотууну сунуштоо
joint-resume-text = Баарына дароо, эң аз дегенде { $value } мүнөт калганда кабарланат. Экинчи адам убагында бекитиши керек.
joint-resume-at = Улантуу убактысы (Бишкек убактысы)
joint-propose-resume = Ушул убакытты сунуштоо
joint-disqualify-text = Жеңүүчү лотко болгон укугунан ажырайт. Негизи — документ, анын хеши жарыяланат.
joint-cancel-text = Бардык кепилдик төлөмдөр кайтарылат. Негизи — документ, анын хеши жарыяланат; сунуштар журналда калат.
joint-reason = Себеби; ал жарыяланат
joint-document = Негиз болгон документ
joint-no-document = Негиз болгон документти тандаңыз.
joint-propose = Сунуштоо
joint-by = Сунуштаган: { $value }
joint-approve-suspend = Убакытты азыр токтотуу
joint-approve-resume = Ушул убакытты жарыялоо
joint-approve-cancel = Торукту жокко чыгаруу
joint-approve-disqualify = Жеңүүчүнү четтетүү
joint-decline = Четке кагуу
joint-withdraw = Кайтарып алуу
done-proposed = Сунушталды. Муну экинчи адам бекитиши керек.
done-approved = Аткарылды: эки адам чечти.
done-declined = Сунуш алынды.
refused-resume-too-soon = Өтө эрте: катышуучуларга алдын ала кабарлоо керек. Кийинчерээк убакытты тандаңыз.
sentence-cause = Себеби: { $value }.
sentence-resume-at = Торук { $value } улантылат.
sentence-resume-unknown = Качан улантылары жарыяланат.
clock-resume = Улантылганга чейин
moment-resume = Улантуу
resumptions = Улантылды, жолу
audit-auction-propose = Экинчи адамга сунушталды
audit-auction-approve = Экинчи адам бекитти
audit-auction-decline = Экинчи адам четке какты
audit-auction-withdraw-proposal = Сунуш кайтарылып алынды
audit-auction-outage = Система иштебей калгандан кийин убакыт токтотулду
detail-act = Эмне
detail-document = Документтин SHA-256 хеши
detail-resume-at = Улантуу
detail-proposed-by = Сунуштаган
detail-alive-at = Акыркы иштеген учуру
status-stopped = Токтотулган
