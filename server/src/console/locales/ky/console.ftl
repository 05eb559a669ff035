# Консолдун тексттери. Ачкычтар жана өзгөрмөлөр үч тилде бирдей; тест текшерет.

## frame

brand = Торук
console = Кызматкерлердин консолу
skip-to-content = Мазмунга өтүү
menu = Меню
language = Тил
demo-title = Сыноо режими.
demo-text = Мында эч нерсе чыныгы эмес: акча, адамдар жана убакыт ойдон чыгарылган.
footer-time = Убакыт бардык жерде Бишкек боюнча (UTC+6).
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
som = { $value } сом
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
sign-in-button = Мүмкүндүк алуу ачкычы менен кирүү
sign-in-help = Мүмкүндүк алуу ачкычыңыз жокпу? Система администраторунан бир жолку шилтеме сураңыз.
enrol-title = Консолго кош келиңиз
enrol-role = Чакыруу: { $value }
enrol-text = Аты-жөнүңүздү жазып, мүмкүндүк алуу ачкычын түзүңүз. Мындан ары консолго ошол менен киресиз.
enrol-name = Аты-жөнүңүз
enrol-name-hint = Ар бир аракетиңиздин жанында аудиторлорго көрүнөт.
enrol-language = Тилиңиз
enrol-button = Ачкыч түзүү
passkey-what = Мүмкүндүк алуу ачкычы түзмөгүңүздө сакталат жана андан чыкпайт. Биз анын ачык бөлүгүн гана көрөбүз.
passkey-waiting = Түзмөгүңүздө ырастаңыз…
passkey-unsupported = Бул браузер мүмкүндүк алуу ачкычтарын колдобойт. Жаңыраак браузерди колдонуңуз.
passkey-refused = Түзмөк ырастаган жок. Кайталап көрүңүз.
passkey-exists = Бул түзмөктө сиздин ачкычыңыз бар. Кирүү бетин колдонуңуз.
passkey-network = Сервер жооп берген жок. Байланышты текшерип, кайталаңыз.
passkey-needs-script = Ачкыч үчүн браузерде JavaScript иштетилиши керек. Калган барактар ансыз да иштейт.

## refusals

error-title = Аткарылган жок
refused-not-found = Мындай барак же жазуу жок, же сизге ачык эмес.
refused-forbidden = Ролуңуз буга уруксат бербейт. Керек болсо, система администраторуна кайрылыңыз.
refused-signed-out = Адегенде кириңиз: сеансыңыз жок же аяктаган.
refused-foreign-form = Бул сурам биздин барактан келген жок, ошондуктан аткарылган жок. Баракты кайра ачып, кайталаңыз.
refused-internal = Серверде ката кетти. Эч нерсе жарым-жартылай сакталган жок; кайталап көрүңүз.
refused-unknown-outcome = Сакталганы белгисиз. Кайталоодон мурда баракты жаңыртып, текшериңиз.
refused-too-large = Файл өтө чоң: 25 МБдан ашпашы керек.
refused-too-many-requests = Сиздин тармактан өтө көп сурам келди. Бир мүнөттөн кийин кайталаңыз.
refused-malformed = Сурам туура эмес түзүлгөн.
refused-conflict = Мындай жазуу бар же аны башка бирөө эми эле өзгөрттү. Баракты жаңыртыңыз.
refused-ceremony = Ачкыч текшерүүдөн өткөн жок же убакыт бүттү. Кайра баштаңыз.
refused-invitation = Бул шилтеме колдонулган же мөөнөтү бүткөн. Жаңысын сураңыз.
refused-name = Аты-жөнү 1ден 200гө чейин белгиден турушу керек, көрүнбөгөн белгилерсиз.
refused-text = Текст бош, өтө узун же көрүнбөгөн белгилер бар. Кайра жазыңыз.
refused-import = Эч нерсе кошулган жок. { $detail }
refused-lot-in-use = Бул лот башка торукта. Ал аяктаганда жаңысын түзсө болот.
refused-second-person = Муну экинчи кызматкер жасашы керек: эч ким өзү сунуштаганды өзү бекитпейт.
refused-too-late = Буга кеч болуп калды.
refused-relaunched = Бул торуктун ордуна жаңысы түзүлгөн.
refused-reason = Себебин жазыңыз: 1ден 1000ге чейин белги, көрүнбөгөндөрсүз.
refused-wrong-state = Бул этапта мүмкүн эмес. Барак эскирген болушу мүмкүн.
refused-applications-closed = Арыз кабыл алуу аяктаган: { $detail }.
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
live-mark = Жүрүүдө
first-steps = Алгачкы кадамдар
first-steps-text = Биринчи торукка чейин төрт кадам. Ар бирин ылайыктуу ролдогу адам жасайт.
step-done = Аткарылды
step-open = Ачуу
step-other = Башка ролдун иши
step-staff = Кесиптештерди чакыруу
step-text-staff = Жок дегенде бир уюштуруучу жана бир модератор: торукту бири даярдап, экинчиси жарыялайт.
step-lots = Лотторду жүктөө
step-text-lots = Даяр маалыматтан. Жетпеген маалыматты кийин толуктайсыз.
step-auction = Торук түзүү
step-text-auction = Лотту тандап, баасын, кадамын жана башталуу убактысын жазып, текшерүүгө тапшырыңыз.
step-publish = Экинчи кызматкер жарыялайт
step-text-publish = Модератор текшерип, жарыялайт же себебин жазып кайтарат.
task-review = Текшерүүнү күткөн торуктар
task-text-review = Карап чыгып, жарыялаңыз же кайтарыңыз.
task-applications = Чечимди күткөн арыздар
task-text-applications = Арыз кабыл алуу бүткөнгө чейин чечиңиз.
task-push = Push-билдирмелер жөнөтүлбөй жатат
task-text-push = Push-шлюз бул серверди кабыл алган жок: серверди тейлеген адам ачкычын жана долбоорун текшерсин. Эч нерсе жоголбойт.
task-mismatches = Дал келбеген төлөмдөр
task-text-mismatches = Суммасы же убактысы туура эмес; акча кайтарылат.
task-clock-faults = Төлөм системасынын сааты туура эмес
task-text-clock-faults = Төлөмдөр төлөөчүлөрдүн пайдасына чечилди. Төлөм системасынан саатын оңдоону сураңыз.
task-contracts = Келишим күтүлүүдө
task-text-contracts = Кол коюлганда каттаңыз.
task-failed = Өтпөй калган торуктар
task-text-failed = Жаңыдан түзсө болот.
task-drafts = Долбоорлор
task-text-drafts = Аягына чыгарып, текшерүүгө тапшырыңыз.
task-lots = Толук эмес лоттор
task-text-lots = Булакта жок маалыматты толуктаңыз.

## lots

lot = Лот
kind = Түрү
value = Баштапкы баа
lot-state = Даярдыгы
lots-text = Сатыла турган же ижарага бериле турган мүлк. Жетпеген маалымат ойдон чыгарылбайт: система аны сурайт.
search-label = Аталышы, номери же жери
search-button = Издөө
search-none = Эч нерсе табылган жок
search-all = Баарын көрсөтүү
lots-import = Лотторду жүктөө
lots-none = Лоттор азырынча жок
lots-none-text = Даяр маалыматты жүктөңүз. Кийин ар бирин толуктап, документ кошуп, торукка чыгарсаңыз болот.
lots-caption = Лоттор, жаңысынан эскисине карай
lot-kind-land = Жер тилкеси
lot-kind-premises = Жай
lot-kind-building = Имарат
lot-kind-vehicle = Унаа
lot-kind-other = Башка
lot-in-auction = Торукта
lot-ready = Даяр
count-missing = { $count ->
    [one] { $count } маалымат жетишпейт
   *[other] { $count } маалымат жетишпейт
}
synthetic = Сыноо маалыматы
pages = Барактар
lot-missing = Торукка чейин булар керек:
missing-value = Баштапкы баа — торук түзүүдө суралат
missing-step = Кадам — торук түзүүдө суралат
missing-guarantee = Кепилдик төлөм — торук түзүүдө суралат
missing-object-of-price = Баа эмне үчүн — торук түзүүдө суралат
missing-document = Жок дегенде бир документ
missing-lot-holder = Баланс кармоочунун аталышы
missing-title-ky = Кыргызча аталышы
missing-title-ru = Орусча аталышы
lot-not-known = Азырынча белгисиз: толтуруңуз
lot-title-needed = Кыргызча же орусча аталышы болушу керек.
lot-to-auction = Торукка өтүү
lot-facts = Белгилүү маалымат
lot-complete = Толуктоо
lot-complete-text = Булакта жок маалыматты жазыңыз. Калганы торук түзүүдө суралат.
lot-title-ky = Кыргызча аталышы
lot-title-ru = Орусча аталышы
lot-title-en = Англисче аталышы
lot-holder-ky = Баланс кармоочу, кыргызча
lot-holder-ru = Баланс кармоочу, орусча
lot-holder-en = Баланс кармоочу, англисче
lot-holder-hint = Мүлк балансында турган мекеме
save = Сактоо
object = Баа эмне үчүн
object-sale-price = Сатуу баасы
object-annual-rent = Жылдык ижара акысы
object-lease-right = Ижара келишимин түзүү укугу
area = Аянты
unit-m2 = м²
unit-ha = га
cadastral-number = Кадастрдык номери
holder = Баланс кармоочу
description = Сүрөттөмө
source = Булак
size-kb = { $value } КБ
size-mb = { $value } МБ
documents = Документтер
documents-none = Документ жок. Документсиз торук жарыяланбайт.
document-title = Документтин аталышы
document-file = Файл
document-hint = PDF, JPEG же PNG, 25 МБга чейин
document-add = Документ кошуу
document-none = Файлды тандаңыз.
document-kind = Файл PDF, JPEG же PNG эмес.
import-text = JSON файлы же тексти. Белгисиз талаа болсо, эч нерсе кошулбайт жана кайсы лотто экени айтылат.
import-file = JSON файлы
import-file-hint = Файл тандалса, төмөнкү текст эске алынбайт.
import-paste = же текстти коюңуз
import-button = Жүктөө
import-example = Үлгү
done-lot = Лот сакталды.
done-import = Лоттор жүктөлдү. Жетпеген маалыматты толуктаңыз.
done-document = Документ кошулду.

## auctions

auction = Торук
state = Абалы
price = Баасы
start = Башталышы
step = Кадам
guarantee = Кепилдик төлөм
terms = Шарттары
rules = Эрежелер топтому
back = Артка
open = Ачуу
auction-create = Торук түзүү
auctions-text = Долбоордон келишимге чейин. Жарыялоого эки кызматкер керек.
auctions-none = Торуктар азырынча жок
auctions-none-text = Торук лоттон түзүлөт. Белгилүү маалымат толтурулуп коюлат, калганын форма сурайт.
auctions-to-lots = Лотторго өтүү
auctions-caption = Торуктар, жаңысынан эскисине карай
watch = Жүрүшүн көрүү
attempt = { $value }-аракет
status-draft = Долбоор
status-review = Текшерүүдө
status-rectification = Шарттарды оңдоо мөөнөтү
status-tendering = Арыз кабыл алынууда
status-waiting = Башталышы күтүлүүдө
status-bidding = Торук жүрүп жатат
status-qualification = Жеңүүчүнүн ырастоосу күтүлүүдө
status-awarded = Келишим күтүлүүдө
status-complete = Аяктады
status-unsuccessful = Өткөн жок
status-cancelled = Жокко чыгарылды
sentence-draft = Уюштуруучу даярдап жатат.
sentence-review = Экинчи кызматкер текшерип, жарыялайт же оңдоого кайтарат.
sentence-rectification = Жарыяланды; шарттарын азырынча оңдоого болот.
sentence-tendering = Арыздар жана кепилдик төлөмдөр кабыл алынууда.
sentence-waiting = Катышуучулар белгилүү, башталышы күтүлүүдө.
sentence-bidding = Бааны ар бир жогорулатуудан кийин убакыт кайра башталат.
sentence-qualification = Баа сунуштоо аяктады: жеңүүчү протоколду ырасташы керек.
sentence-awarded = Жеңүүчү ырастады, келишимге кол коюлушу керек.
sentence-complete = Келишимге кол коюлду.
sentence-unsuccessful = Торук өткөн жок.
sentence-cancelled = Чечим менен жокко чыгарылды.
sentence-suspended = Торук убактылуу токтотулду: баа сунуштары кабыл алынбайт, мөөнөт эсептелбейт.
failure-no-applications = Жарактуу арыз түшкөн жок.
failure-insufficient-participants = Катышуучу жетишсиз.
failure-no-first-offer = Эч ким бааны жогорулаткан жок.
failure-winner-default = Жеңүүчү ырастаган жок.
failure-contract-not-concluded = Келишим түзүлгөн жок.
your-turn = Сиздин ишиңиз
is-successor = Бул торук өтпөй калган торуктун ордуна түзүлгөн.
has-successor = Бул торуктун ордуна жаңысы түзүлгөн.
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
first-window = Биринчи сунушка берилген убакыт
raise-window = Бааны ар бир жогорулатууга берилген убакыт
history = Тарыхы
history-none = Окуялар журналы жарыялангандан кийин көрүнөт.
log-head = Журналдын акыркы хеши: { $value }
timeline = Мөөнөттөр
moment-tender-end = Арыз кабыл алуу бүтөт
moment-start = Торук башталат
moment-close = Баа сунуштоо мөөнөтү бүтөт
moment-confirm = Жеңүүчүнүн ырастоо мөөнөтү
moment-contract = Келишимге кол коюу мөөнөтү
moment-past = өттү
participants = Катышуучулар
participants-number = Катышуучулардын саны
participant = № { $value } катышуучу
count-participants = { $count ->
    [one] { $count } катышуучу
   *[other] { $count } катышуучу
}
raises = Жогорулатуу саны
winner = Жеңүүчү
until = мөөнөтү: { $value }
from-moment = башталышы: { $value }

## acts on an auction

act-submit = Текшерүүгө тапшыруу
act-submit-text = Тапшырылгандан кийин башка кызматкер текшерет. Кайтарылса гана оңдой аласыз.
act-edit = Оңдоо
act-publish = Жарыялоо
act-publish-text = Суммалар жана мөөнөттөр бекитилип, торук баарына көрүнөт.
act-return = Оңдоого кайтаруу
act-return-reason = Кайтаруунун себеби
act-return-hint = Уюштуруучу эмнени оңдош керек экенин билиши үчүн. 1000 белгиге чейин.
act-relaunch = Жаңыдан түзүү
act-relaunch-text = Шарттары көчүрүлөт, жаңы башталуу убактысын жазасыз. Эки торук бири-бирине шилтеме берет.
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
act-contract-failed-button = Торук өткөн жок деп каттоо
done-created = Долбоор түзүлдү. Даяр болгондо текшерүүгө тапшырыңыз.
done-saved = Сакталды.
done-submitted = Текшерүүгө тапшырылды.
done-published = Жарыяланды.
done-returned = Оңдоого кайтарылды.
done-relaunched = Торук жаңыдан түзүлдү.
done-contract = Келишим катталды.
done-contract-failed = Торук өткөн жок деп катталды.

## the auction's form

editor-create = Жаңы торук
editor-edit = Долбоорду оңдоо
editor-relaunch = Торукту жаңыдан түзүү
editor-text-create = Белгилүү маалымат толтурулган. Калганын жазыңыз.
editor-text-edit = Жарыяланганга чейин баарын өзгөртсө болот.
editor-text-relaunch = Мурунку шарттар көчүрүлдү. Жаңы башталуу убактысын жазыңыз.
editor-failed = Мурунку аракет: { $value }
editor-button-create = Долбоорду сактоо
editor-button-edit = Сактоо
editor-button-relaunch = Жаңыдан түзүү
preview = Суммаларды көрүү
frozen = Жарыялоодо бекитилет
frozen-text = Кадам менен кепилдик төлөм бүтүн сомго чейин тегеректелет (жогору карай).
frozen-none = Форма туура толтурулганда бул жерде суммалар көрүнөт.
choose = Тандаңыз
value-som = Баштапкы баа, сом
step-percent = Кадамы, баштапкы баанын %
guarantee-percent = Кепилдик төлөм, баштапкы баанын %
percent-range = Эрежелер боюнча: { $value }
start-hint = Бишкек убактысы. Жарыялоодон кийин кеминде { $value } өтүшү керек.
start-hint-any = Бишкек убактысы.
days-left = { $value } күн
form-faulty = Сакталган жок: төмөндө белгиленген талааларды оңдоңуз.
fault-choose = Бирин тандаңыз.
fault-amount = Сумманы жазыңыз, мисалы 1 260 000 же 1 260 000,50.
fault-percent = Пайызды жазыңыз, мисалы 5 же 2,5.
fault-moment = Күнүн жана убактысын жазыңыз.
fault-lease = Ижара мөөнөтүн тандаңыз.
fault-no-lease = Сатууда ижара мөөнөтү болбойт.

## the log

event-created = Долбоор түзүлдү
event-edited = Долбоор өзгөртүлдү
event-submitted = Текшерүүгө тапшырылды
event-returned = Оңдоого кайтарылды
event-published = Жарыяланды
event-amended = Шарттары оңдолду
event-tendering-opened = Арыз кабыл алуу башталды
event-tendering-closed = Арыз кабыл алуу бүттү
event-bidding-opened = Торук башталды
event-bid-placed = Баа жогорулатылды
event-bid-refused = Баа сунушу кабыл алынган жок
event-suspended = Убактылуу токтотулду
event-resume-announced = Улантуу жарыяланды
event-resumed = Улантылды
event-bidding-closed = Баа сунуштоо аяктады
event-award-proposed = Жеңүүчү аныкталды
event-award-confirmed = Жеңүүчү ырастады
event-award-lapsed = Жеңүүчү укугунан ажырады
event-contract-signed = Келишимге кол коюлду
event-contract-failed = Келишим түзүлгөн жок
event-failed = Торук өткөн жок
event-cancelled = Жокко чыгарылды
event-relaunched = Жаңыдан түзүлдү
cause-late-start = өз убагында башталган жок
cause-outage = система иштебей калды
cause-technical-fault = техникалык бузулуу
lapse-refused = баш тартты
lapse-timeout = мөөнөтүн өткөрүп жиберди

## bids

bid-accepted = Кабыл алынды
bid-not-eligible = Катышуучу эмес
bid-not-started = Торук баштала элек
bid-suspended = Торук убактылуу токтотулган
bid-deadline-passed = Мөөнөт өткөн
bid-closed = Баа сунуштоо аяктаган
bid-stale-basis = Баа өзгөрүп калган
bid-already-leading = Өзү эле алдыда
bid-wrong-amount = Туура эмес сумма
bid-price-limit = Баа чегине жетти
bid-rate-limited = Өтө бат

## live

price-now = Учурдагы баа
leader = Алдыда
leader-none = азырынча эч ким
clock-start = Башталышына калган убакыт
clock-window = Баа сунуштоого калган убакыт
clock-none = Мөөнөт
ends-at = Бүтөт: { $value }
bids = Баа сунуштары
bids-caption = Кабыл алынган жана алынбаган баа сунуштары, жаңысы биринчи. Убакыт — сервердики.
bids-none = Баа сунуштары азырынча жок
amount = Суммасы
result = Жыйынтыгы
received = Алынган убактысы
server-clock = Сервердин убактысы:
link-off = Жаңырбайт
link-connecting = Байланышууда…
link-live = Жаңырып турат
link-lost = Эскирген
link-full = Туташкан жок
link-paused = Тындырылган
pause = Жаңыртууну тындыруу
resume = Жаңыртууну улантуу
lagging = МААЛЫМАТ ЭСКИ: сервер жооп берген жок. Барак өзү кайра туташат.
live-too-many = МААЛЫМАТ ЭСКИ: түз көрсөтүү барактары өтө көп ачылган. Ашыкчасын жабыңыз.
live-no-script = JavaScript иштебесе, барак өзү жаңырбайт: кайра жүктөңүз.
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
application-signed = Арыз каралууда
application-admitted = Жол берилди
application-not-admitted = Жол берилген жок
application-eligible = Катышат
application-withdrawn = Кайтарып алынды
application-disqualified = Четтетилди
application-lost = Жеңген жок
application-reserve = Резервде
application-won = Жеңүүчү
application-reason = Модератордун себеби:
deposit-paid = Төлөнгөн
deposit-due = Төлөнө элек
answers = Жооптор
choice-person = Жеке адам
choice-sole-trader = Жеке ишкер
choice-organisation = Уюм
files-none = Файл жок.
files-audited = Файлды ачканыңыз аракеттер журналына жазылат.
act-admit = Катышууга жол берүү
act-admit-text = Жоопторду жана файлдарды карап чыктым: катышууга жол берсе болот.
act-refuse = Жол бербөө
act-refuse-reason = Жол бербөөнүн себеби
act-refuse-hint = Арыз берүүчү дал ушул сөздөрдү окуйт.
proof = Далил
signed-hash = Кол коюлган пакеттин хеши
done-admitted = Катышууга жол берилди.
done-refused = Катышууга жол берилген жок.

## payments

payments-text = Төлөм төлөм системасы аны ырастаганда гана эсепке алынат. Дал келбегени төлөөчүгө кайтарылат.
count-unfit = { $count ->
    [one] { $count } төлөм дал келбейт, акча кайтарылат.
   *[other] { $count } төлөм дал келбейт, акча кайтарылат.
}
count-clock-faults = { $count ->
    [one] { $count } төлөмдүн убактысы төлөм системасынын туура эмес саатынан; ал төлөөчүнүн пайдасына чечилди.
   *[other] { $count } төлөмдүн убактысы төлөм системасынын туура эмес саатынан; алар төлөөчүлөрдүн пайдасына чечилди.
}
balances = Калдыктар
balances-none = Акча кыймылы азырынча жок.
account-gateway = Төлөм системасында
account-deposits = Кепилдик төлөмдөр
account-refunds-due = Кайтарылууга тийиш
account-unmatched = Дал келбеген
account-seller = Баланс кармоочуга
account-forfeited = Кайтарылбайт
payments-none = Төлөмдөр азырынча жок
payments-none-text = Арыз берүүчү төлөө кодун алганда бул жерде пайда болот.
payments-caption = Төлөө аракеттери: адегенде дал келбегендери
payment-code = Төлөө коду
code-none = Кодсуз
expected = Күтүлгөн
came = Түшкөн
created = Түзүлгөн
channel-wallet-code = Мобилдик капчык
channel-branch-code = Банк бөлүмү
channel-card = Карта
intent-created = Башталды
intent-code-issued = Код берилди
intent-redirected = Банктын барагында
intent-succeeded = Төлөндү
intent-succeeded-late = Кеч төлөндү
intent-failed = Төлөм өткөн жок
intent-expired = Мөөнөтү бүттү
mismatch-short = Кем төлөнгөн
mismatch-over = Ашык төлөнгөн
mismatch-late = Кеч төлөнгөн
mismatch-not-due = Төлөө талап кылынбайт
clock-fault-ahead = Саат { $value } алдыда
clock-fault-behind = Саат { $value } артта
deposit-held = Эсепте турат
deposit-releasing = Кайтарылууда
deposit-released = Кайтарылды
deposit-forfeit-proposed = Кайтарбоо сунушталды
deposit-forfeited = Кайтарылбайт
deposit-applied = Баанын эсебине чегерилди

## audit

when = Качан
who = Ким
what = Эмне
on-what = Объект
audit-text = Ар бир аракет мурункусу менен байланышкан. Эч ким өчүрө да, өзгөртө да албайт.
audit-none = Аракеттер азырынча жок
audit-none-text = Биринчи аракет жасалганда бул жерде пайда болот.
audit-caption = Аракеттер, жаңысынан эскисине карай
chain-link = Жазуунун хеши
audit-staff-invite = Кызматкер чакырылды
audit-application-submit = Арыз берилди
audit-application-withdraw = Арыз кайтарып алынды

## staff

staff-text = Ролдор атайын бөлүнгөн: даярдаган адам жарыялабайт, администратор торукка кийлигишпейт.
staff-caption = Консолго кире алгандар
roles = Ролдору
invite-title = Кызматкерди чакыруу
invite-text = Бир жолку шилтеме чыгат. Аны өз колуна бериңиз: ким ачса, ошол кирет.
invite-role = Ролу
invite-button = Шилтеме түзүү
invited = Шилтеме даяр: { $value }
invited-text = Азыр көчүрүп алыңыз: ал бир эле жолу көрсөтүлөт. Иштөө мөөнөтү: { $value }.
invited-link = Бир жолку шилтеме
role-text-organiser = Лотторду жүктөйт, торуктарды даярдайт
role-text-moderator = Торуктарды жарыялайт, арыздар боюнча чечим кабыл алат
role-text-finance = Төлөмдөрдү көзөмөлдөйт
role-text-auditor = Баарын көрөт, эч нерсени өзгөртпөйт
role-text-sysadmin = Кызматкерлерди чакырат, торукка катышпайт

## what the services brought

fault-price-cut = Торукту жаңыдан түзүүдө баштапкы бааны мынчалык төмөндөтүүгө болбойт.
refused-holder-unknown = Баланс кармоочу белгисиз. Адегенде лотту толуктаңыз.
refused-busy = Азыр система бош эмес. Бир аздан кийин кайталаңыз.
relaunch-reason = Баа төмөндөсө, себеби
relaunch-reason-hint = Баштапкы баа мурункудан төмөн болсо гана керек.
audit-auction-create = Торуктун долбоору түзүлдү
audit-auction-edit = Долбоор өзгөртүлдү
audit-auction-submit = Текшерүүгө тапшырылды
audit-auction-return = Оңдоого кайтарылды
audit-auction-publish = Торук жарыяланды
audit-auction-amend = Шарттары оңдолду
audit-auction-award = Жеңүүчүнүн жообу
audit-auction-contract = Келишим катталды
audit-auction-no-contract = Келишим түзүлбөгөнү катталды
audit-auction-relaunch = Торук жаңыдан түзүлдү
audit-auction-tick = Мөөнөт келди
audit-application-admit = Катышууга жол берилди
audit-application-refuse = Катышууга жол берилген жок
audit-application-open = Арыз ачылды
audit-application-file = Арыздын файлы ачылды
audit-application-pin = ПИН ачылды
audit-deposit-hold = Кепилдик төлөм эсепте турат
audit-deposit-release = Кепилдик төлөм кайтарылууда
audit-deposit-refunded = Кепилдик төлөм кайтарылды
audit-deposit-apply = Кепилдик төлөм баанын эсебине чегерилди
audit-deposit-propose-forfeit = Кепилдик төлөмдү кайтарбоо сунушталды
audit-deposit-forfeit = Кепилдик төлөм кайтарылбайт
audit-deposit-reject-forfeit = Кайтарбоо четке кагылды
audit-payment-credit = Төлөм эсепке алынды
audit-payment-unmatched = Төлөм дал келген жок
audit-device-register = Телефон катталды
audit-device-renew = Телефон кайра катталды
audit-device-revoke = Телефондон кирүү жабылды
audit-person-forget = Катышуучунун маалыматы өчүрүлдү
audit-person-link = Инсандыгы ырасталды
audit-person-register = Катышуучу катталды
audit-lot-entrust = Лоттун уюштуруучусу көрсөтүлдү
audit-lot-import = Лоттор жүктөлдү
audit-lot-complete = Лот толукталды
audit-lot-document = Лотко документ кошулду
audit-staff-enrol = Кызматкер катталды
audit-staff-sign-in = Консолго кирди
start-hint-days = { $count ->
    [one] Бишкек убактысы. Жарыялоодон кийин кеминде { $count } күн өтүшү керек.
   *[other] Бишкек убактысы. Жарыялоодон кийин кеминде { $count } күн өтүшү керек.
}
clock-applications = Арыз кабыл алуу бүткөнгө чейин
detail-expires-at = Жарактуулук мөөнөтү
detail-bidder = Катышуучу
detail-seq = Торуктун журналындагы орду
detail-successor = Жаңы торук
detail-reason = Себеби
detail-sha256 = Файлдын SHA-256
detail-auction = Торук
detail-package = Кол коюлгандын SHA-256
detail-lots = Лоттор
detail-amount-tyiyn = Суммасы
detail-reference = Төлөм системасындагы номери
detail-mismatch = Дал келбестик
detail-paid-at = Төлөнгөн убактысы, төлөм системасынын сааты боюнча
detail-counted-at = Төлөндү деп эсептелген убактысы
detail-clock-fault = Төлөм системасынын сааты
detail-unmatched-tyiyn = Эсепке алынган жок

## эки адам чечет

joint-waiting = Экинчи кызматкерди күтөт
joint-suspend = Торукту убактылуу токтотуу
joint-resume = Торукту улантуу
joint-cancel = Торукту жокко чыгаруу
joint-disqualify = Жеңүүчүнү четтетүү
joint-suspend-text = Торук токтоп турганда баа сунуштары кабыл алынбайт, мөөнөттөр эсептелбейт. Экинчи кызматкер бекиткенде токтотуу ушул учурдан эсептелет.
joint-suspend-reason = Эмне болду
joint-propose-suspend = Токтотууну сунуштоо
joint-resume-text = Баарына дароо кабарланат: улантууга чейин кеминде { $value } калышы керек. Экинчи кызматкер убагында бекитиши керек.
joint-resume-at = Улантуу убактысы (Бишкек убактысы)
joint-propose-resume = Ушул убакытты сунуштоо
joint-disqualify-text = Жеңүүчү лотко болгон укугунан ажырайт. Чечимди тиркеңиз: анын хеши жарыяланат.
joint-cancel-text = Бардык кепилдик төлөмдөр кайтарылат. Чечимди тиркеңиз: анын хеши жарыяланат. Баа сунуштары журналда калат.
joint-reason = Себеби; ал жарыяланат
joint-document = Негиз болгон документ
joint-no-document = Негиз болгон документти тандаңыз.
joint-propose = Сунуштоо
joint-by = Сунуштаган: { $value }
joint-approve-suspend = Торукту убактылуу токтотуу
joint-approve-resume = Ушул убакытты жарыялоо
joint-approve-cancel = Торукту жокко чыгаруу
joint-approve-disqualify = Жеңүүчүнү четтетүү
joint-decline = Четке кагуу
joint-withdraw = Кайтарып алуу
done-proposed = Сунушталды. Муну экинчи кызматкер бекитиши керек.
done-approved = Аткарылды: эки кызматкер бекитти.
done-declined = Сунуш кайтарылып алынды.
refused-resume-too-soon = Өтө эрте: катышуучуларга алдын ала кабарлоо керек. Кийинчерээк убакытты тандаңыз.
sentence-cause = Себеби: { $value }.
sentence-resume-at = Улантылат: { $value }.
sentence-resume-unknown = Качан улантылары жарыяланат.
clock-resume = Улантылганга чейин
moment-resume = Улантуу
resumptions = Улантуу саны
audit-auction-propose = Экинчи кызматкерге сунушталды
audit-auction-approve = Экинчи кызматкер бекитти
audit-auction-decline = Экинчи кызматкер четке какты
audit-auction-withdraw-proposal = Сунуш кайтарылып алынды
audit-auction-outage = Система иштебей калгандан кийин торук убактылуу токтотулду
detail-act = Эмне
detail-document = Документтин SHA-256 хеши
detail-resume-at = Улантуу
detail-proposed-by = Сунуштаган
detail-alive-at = Акыркы иштеген учуру
status-stopped = Убактылуу токтотулду
refused-forbidden-sysadmin = Система администраторунун ролу буга уруксат бербейт: муну башка ролдогу кызматкер жасайт.
percent = { $value } %
span-days = { $value } күн
span-hours = { $value } саат
span-minutes = { $value } мүн
span-seconds = { $value } сек
document-damaged = Сүрөт бузулган: башка файл тандаңыз.
document-too-many-pixels = Сүрөттүн пикселдери өтө көп: аны кичирейтиңиз, бир жагы 16 384, бардыгы 67 миллион пикселден ашпасын.
import-fault-in-lot = Лот № { $value }: { $detail }
import-fault-in-file = Файл: { $detail }
import-fault-json = JSON туура эмес жазылган ({ $line }-сап, { $character }-белги).
import-fault-too-many = лоттор өтө көп: { $count }, эң көбү { $most }.
import-fault-unknown-field = белгисиз талаа «{ $value }».
import-fault-missing-field = «{ $value }» талаасы жок.
import-fault-wrong-value = «{ $value }» талаасынын мааниси туура эмес.
import-fault-title-too-long = аталышы өтө узун.
import-fault-title-missing = аталышы жок.
refused-lot-frozen = Лот жарыяланган же текшерүүдө: анда эч нерсе өзгөрбөйт. Текшерүүдөгү долбоорду оңдоого кайтарса болот; жарыяланган торукту эки кызматкер оңдойт, же ал жокко чыгарылып, жаңыдан түзүлөт.
refused-holder-changed = Лоттун баланс кармоочусу долбоор түзүлгөндөгүдөн башка. Жаңы долбоор түзүңүз.
document-too-many = Лотто 50 документ бар, андан көп болбойт.
lot-frozen = Лот жарыяланган же текшерүүдө: анын маалыматтары жана документтери мындан ары өзгөрбөйт.
audit-audit-open = Аракеттер журналында аты-жөнү ачылды
audit-name-closed = Аты-жөнү көрсөтүлгөн жок
audit-open-name = Аты-жөнүн көрсөтүү
detail-lot-hash = Лоттун жана документтеринин SHA-256 белгиси
detail-status = Абалы
detail-documents = Документтер
detail-ended = Эмне жабылды
detail-sessions = Сеанстар
detail-role = Ролу
detail-roles = Ролдору
detail-passkey = Ачкыч
ended-official = бардык кирүү укугу
ended-role = ролу
ended-session = сеанс
ended-passkey = ачкыч
ended-invitation = чакыруу
ended-own-sessions = башка жердеги өз сеанстары
joint-correct = Лотту оңдоо
joint-correct-text = Оңдоо мөөнөтү бүткүчө муну экинчи кызматкер беките алат. Арыз берүүчүлөргө кабар берилет, алар арызга кайра кол коёт. Лоттун баланс кармоочусу жана түрү өзгөрбөйт.
joint-approve-correct = Оңдоону бекитүү
lot-description-ky = Кыргызча сүрөттөмө
lot-description-ru = Орусча сүрөттөмө
lot-description-en = Англисче сүрөттөмө
correct-drop = «{ $value }» документин алып салуу
refused-nothing-corrected = Эч нерсе оңдолгон жок: аталышты, сүрөттөмөнү же документти өзгөртүңүз.
refused-correction-malformed = Кыргызча же орусча аталыш керек, ал эми документ аталышы бар PDF, JPEG же PNG болот.
audit-changes = Мурунку жана кийинки маанилер

## кирүү укугу жана кагылыштар

conflict-official-account = Бул кызматкердин эсеби, ал консолго гана кирет: кызматкер торукка катыша албайт.
conflict-bidder-account = Бул катышуучунун эсеби. Консолго кызматкердин эсеби менен кирет, аны чакыруу боюнча түзөт.
conflict-same-person = Кызыкчылыктардын кагылышы: бул торукка өзүңүз арыз бергенсиз. Муну башка кызматкер жасашы керек.
conflict-same-name = Кызыкчылыктардын кагылышы: сиздин жана арыз берүүчүнүн аты-жөнү бирдей. Башка кызматкер чечиши керек.
conflict-same-organisation = Кызыкчылыктардын кагылышы: сиз жана арыз берүүчүлөрдүн бири бир уюмдансыңар. Муну башка кызматкер жасашы керек.
conflict-same-pin = Кызыкчылыктардын кагылышы: сиздин жана арыз берүүчүлөрдүн биринин ПИНи бирдей. Муну башка кызматкер жасашы керек.
conflict-one-human = Муну эки башка адам жасашы керек. Сиздин жана биринчи кызматкердин аты-жөнү жана уюму бирдей, же бириңер экинчиңерди чакыргансыңар. Муну үчүнчү кызматкер жасашы керек.
identity-taken = Бул eID же ЭЦП башка эсепке байланган.
identity-pin-taken = Бул ПИН менен башка эсеп бар: ошол эсеп менен кириңиз.
identity-pin-differs = Бул эсептин ПИНи башка.
identity-revoked = Бул eID же ЭЦП менен кирүү жабылган.
identity-no-account = Бул eID же ЭЦП менен кызматкердин эсеби жок. Адегенде чакыруу менен катталыңыз.
identity-forgotten = Бул эсептин маалыматы өчүрүлгөн.
refused-last-administrator = Серверде администратор калбай калат. Адегенде дагы бирин чакырыңыз.
audit-conflict-found = Кызыкчылыктардын кагылышы табылды
audit-organisation-create = Уюм кошулду
audit-organisation-edit = Уюм өзгөртүлдү
audit-organisation-end-power = Ыйгарым укук токтотулду
audit-organisation-power = Ыйгарым укук берилди
audit-passkey-review = Мүмкүндүк алуу ачкычын текшерүү керек: анын көчүрмөсү болушу мүмкүн
audit-passkey-revoke = Мүмкүндүк алуу ачкычы жокко чыгарылды
audit-passkey-warning = Мүмкүндүк алуу ачкычынын адаттан тыш жообу
audit-staff-revoke = Кызматкердин кирүү укугу жабылды
staff-id = Идентификатору
staff-organisation = Уюму
staff-invited-by = Ким чакырган
staff-machine = сервердин оператору
staff-access = Кирүү укугу
staff-no-roles = ролу жок
staff-no-organisation = көрсөтүлгөн эмес
staff-sessions = Сеанстар: { $count }
staff-passkeys = Ачкычтар: { $count }
staff-session-since = Сеанс башталган: { $value }
staff-passkey-since = Ачкыч түзүлгөн: { $value }
staff-passkey-used = акыркы жолу кирген: { $value }
staff-end = Жабуу
staff-end-all = Бардык кирүү укугун жабуу
staff-end-all-text = Бардык ролдор, сеанстар жана ачкычтар бир секунданын ичинде иштебей калат. Артка кайтарууга болбойт: жаңы чакыруу менен жаңы эсеп түзүлөт.
staff-invitations = Колдонула элек чакыруулар
done-access-ended = Кирүү укугу жабылды.

access-title = Сиздин кирүү укугуңуз
access-text = Кайда жана кайсы ачкыч менен кирдиңиз.
access-this = ушул сеанс
access-end-others = Башка жердин баарынан чыгуу
access-lost = Ачкыч жоголсо, система администраторуна айтыңыз: ал кирүү укугуңузду жабат жана жаңы чакырууну өз колуңузга берет.

## applicants

applicant-proven = Инсандыгы ырасталган
applicant-unproven = Инсандыгы ырасталган эмес
applicant-firm = Уюмдун атынан
numbers-open = ПИНди көрсөтүү
numbers-audited = ПИН жашырылган. Ар бир ачуу журналга жазылат.
risks = Көңүл буруңуз
risks-text = Бул белгилер эч нерсени чечпейт: жол берүүнү сиз чечесиз.
risk-no-declaration = Арыз берүүчү баланс кармоочуга жана уюштуруучуга байланышы жоктугун ырастаган эмес
risk-same-phone = Телефон номери төмөнкү арыздагыдай:
risk-same-device = Төмөнкү арыз берүүчүнүн эсеби да ошол эле телефондо ачылган:
risk-same-refund-account = Төлөм кайтарылуучу эсеп төмөнкү арыздагыдай:
risk-same-representative = Өкүлү төмөнкү арыздагыдай:
risk-never-competed = Мурунку торуктарда чогуу катышып, эч качан экөө тең сунуш берген эмес:

## organisations

nav-organisations = Уюмдар
organisations-text = Баланс кармоочулар, уюштуруучулар жана арыз берген уюмдар. Кызматкердин ролу уюмда берилет.
organisations-caption = Бардык уюмдар
organisations-none = Азырынча уюм жок
organisation = Уюм
organisation-new = Уюм кошуу
organisation-facts = Аталышы жана номери
organisation-name-ky = Кыргызча аталышы
organisation-name-ru = Орусча аталышы
organisation-name-en = Англисче аталышы
organisation-scheme = Реестр
organisation-scheme-hint = KG-INN: салык төлөөчүнүн номери (ИНН)
organisation-identifier = Реестрдеги номери
organiser = Уюштуруучу
organiser-text = Торукту баланс кармоочунун ордуна башка уюм өткөрсө, аны көрсөтүңүз.
organiser-is-holder = Баланс кармоочунун өзү
powers = Уюмдун атынан ким аракеттене алат
powers-text = Уюмдун атынан арызды ушул адамдар гана берет.
powers-none = Азырынча эч ким
powers-give = Ыйгарым укук берүү
powers-end = Токтотуу
power-head = Жетекчи
power-representative = Ишеним кат боюнча өкүл
power-pin = Адамдын ПИНи
power-pin-hint = Адам өзүн eID же ЭЦП менен тастыктаган болушу керек.
power-ground = Негизи
power-document = Документ: аталышы, номери, датасы
power-from = Башталышы
power-until = Аягы
power-without-end = мөөнөтсүз
power-valid = Күчүндө
power-not-valid = Күчү жок
invite-organisation = Кайсы уюмда
invite-organisation-hint = Роль ушул уюмда гана жарайт.
invite-everywhere = Бардык уюмдарда
done-organisation = Уюм сакталды.
done-powers = Ыйгарым укук берилди.
done-powers-ended = Ыйгарым укук токтотулду.
refused-organisation = Уюмдун аталышын кыргызча же орусча жазыңыз.
refused-identifier = Реестрдеги номер туура эмес: ИННде 14 цифра бар.
refused-pin = ПИН туура эмес: 14 цифра, ичинде туулган күн.
refused-powers-end = Ыйгарым укук башталганга чейин бүтөт.

## erasure

forget-title = Катышуучунун маалыматын өчүрүү
forget-text = Ачкычы жок кылынат: аты-жөнү, ПИНи, жооптору жана файлдары эми окулбайт. Муну кайтарууга болбойт. Торуктардын журналы сакталат.
forget-person = Адамдын номери (журналдан)
forget-button = Биротоло өчүрүү
done-person-forgotten = Маалымат өчүрүлдү.
refused-still-needed = Азыр өчүрүүгө болбойт: бул адамдын торугу бүтө элек же акчасы эсептеше элек.
