# Тексты консоли. Ключи и переменные одинаковы на трёх языках; это проверяет тест.

## frame

brand = Торук
console = Консоль сотрудников
skip-to-content = К содержанию
menu = Меню
language = Язык
demo-title = Демонстрация.
demo-text = Здесь нет ничего настоящего: деньги, люди и время придуманы.
footer-time = Всё время указано по Бишкеку (UTC+6).
sign-out = Выйти
nav-home = Главная
nav-auctions = Все торги
nav-lots = Лоты
nav-applications = Заявки
nav-payments = Платежи
nav-audit = Журнал действий
nav-staff = Сотрудники
role-organiser = Организатор
role-moderator = Модератор
role-finance = Финансист
role-auditor = Аудитор
role-sysadmin = Системный администратор
role-bidder = Участник
role-system = Система
som = { $value } сом
optional = необязательно
fault = Исправьте:
to-home = На главную
count-lots = { $count ->
    [one] { $count } лот
    [few] { $count } лота
   *[many] { $count } лотов
}
yes = Да
unknown = неизвестно
older = Более ранние
newest = Самые новые

## access

sign-in = Войти
sign-in-title = Вход в консоль
sign-in-text = Пароля нет. Ваше устройство узнает вас по отпечатку, лицу или PIN-коду.
sign-in-button = Войти с ключом доступа
sign-in-help = Нет ключа доступа? Попросите одноразовую ссылку у системного администратора.
enrol-title = Добро пожаловать в консоль
enrol-role = Приглашение: { $value }
enrol-text = Представьтесь и создайте ключ доступа. С ним вы будете входить в консоль.
enrol-name = Ваши фамилия, имя, отчество
enrol-name-hint = Его увидят аудиторы рядом с каждым вашим действием.
enrol-language = Ваш язык
enrol-button = Создать ключ доступа
passkey-what = Ключ доступа хранится на вашем устройстве и не покидает его. Мы видим только его открытую часть.
passkey-waiting = Ответьте на запрос вашего устройства…
passkey-unsupported = Этот браузер не умеет работать с ключами доступа. Возьмите более новый.
passkey-refused = Устройство не подтвердило. Можно попробовать ещё раз.
passkey-exists = На этом устройстве уже есть ваш ключ доступа. Воспользуйтесь страницей входа.
passkey-network = Сервер не ответил. Проверьте связь и повторите.
passkey-needs-script = Для ключа доступа в браузере должен быть включён JavaScript. Остальные страницы работают и без него.

## refusals

error-title = Это не получилось
refused-not-found = Такой страницы или записи нет, или она вам не видна.
refused-forbidden = Ваша роль этого не разрешает. Если это нужно, обратитесь к системному администратору.
refused-signed-out = Сначала войдите: сеанса нет или он закончился.
refused-foreign-form = Этот запрос пришёл не с нашей страницы и не выполнен. Откройте страницу заново и повторите.
refused-internal = На сервере произошла ошибка. Ничего не записано наполовину; попробуйте ещё раз.
refused-unknown-outcome = Исход неизвестен. Обновите страницу и посмотрите, что записано.
refused-too-large = Отправлено слишком много. Файл должен быть не больше 25 МБ.
refused-malformed = Запрос составлен неверно.
refused-conflict = Такая запись уже есть или её только что изменил другой. Обновите страницу.
refused-ceremony = Ответ ключа доступа не прошёл проверку или время вышло. Начните заново.
refused-invitation = Эта ссылка использована или её срок истёк. Попросите новую.
refused-name = В имени должно быть от 1 до 200 знаков.
refused-import = Файл не прочитан, ничего не добавлено: { $detail }
refused-lot-in-use = Этот лот в других торгах. Новые можно создать, когда те закончатся.
refused-second-person = Это должен сделать второй человек: никто не одобряет то, что предложил сам.
refused-too-late = Для этого уже поздно.
refused-relaunched = Эти торги уже созданы заново.
refused-reason = Напишите причину: от 1 до 1000 знаков.
refused-wrong-state = В нынешнем состоянии это невозможно. Возможно, страница устарела.
refused-applications-closed = Приём заявок закончился { $detail }.
fault-value-zero = Начальная цена должна быть больше нуля.
fault-step = Шаг вне пределов, которые разрешают правила.
fault-guarantee = Гарантийный взнос вне пределов, которые разрешают правила.
fault-start-too-soon = Начало слишком скоро: после публикации должно пройти время, заданное правилами.
fault-no-time = На заявки не остаётся времени: перенесите начало.
fault-too-large = Сумма слишком велика.
fault-document = У лота нет ни одного документа. Сначала добавьте документ.

## home

home-greeting = Здравствуйте, { $value }
home-quiet = Сейчас вас ничего не ждёт.
home-waits = Вас ждут эти дела.
waiting-for-you = Ждёт вас
live-now = Идёт сейчас
live-mark = Идёт
first-steps = Первые шаги
first-steps-text = До первых торгов четыре шага. Каждый делает человек с подходящей ролью.
step-done = Сделано
step-open = Открыть
step-other = Дело другой роли
step-staff = Пригласить коллег
step-text-staff = Хотя бы одного организатора и одного модератора: один готовит торги, другой публикует.
step-lots = Загрузить лоты
step-text-lots = Из готовых данных. Неизвестное останется неизвестным, его дополнят потом.
step-auction = Создать торги
step-text-auction = Выберите лот, назовите цену, шаг и начало и подайте на проверку.
step-publish = Второй человек публикует
step-text-publish = Модератор проверяет и публикует или возвращает с причиной.
task-review = Торги ждут проверки
task-text-review = Просмотрите и опубликуйте или верните.
task-applications = Заявки ждут решения
task-text-applications = Решите до конца приёма заявок.
task-mismatches = Платежи с расхождением
task-text-mismatches = Сумма или время не те; деньги вернутся.
task-contracts = Ожидается договор
task-text-contracts = Запишите, когда подпишут.
task-failed = Торги не состоялись
task-text-failed = Их можно создать заново.
task-drafts = Черновики торгов
task-text-drafts = Закончите и подайте на проверку.
task-lots = Неполные лоты
task-text-lots = Дополните то, чего не сказал источник.

## lots

lot = Лот
kind = Вид
value = Начальная цена
lot-state = Готовность
lots-text = Имущество для продажи или аренды. Неизвестное не выдумывается — о нём спрашивают.
lots-import = Загрузить лоты
lots-none = Лотов пока нет
lots-none-text = Загрузите готовые данные. Потом каждый лот можно дополнить, добавить документы и выставить на торги.
lots-caption = Лоты, от новых к старым
lot-kind-land = Земля
lot-kind-premises = Помещение
lot-kind-building = Здание
lot-kind-vehicle = Транспорт
lot-kind-other = Другое
lot-in-auction = На торгах
lot-ready = Готов
count-missing = { $count ->
    [one] Не хватает { $count } сведения
    [few] Не хватает { $count } сведений
   *[many] Не хватает { $count } сведений
}
synthetic = Для испытаний
pages = Страницы
lot-missing = До торгов нужно:
missing-value = Начальная цена — спросим при создании торгов
missing-step = Шаг — спросим при создании торгов
missing-guarantee = Гарантийный взнос — спросим при создании торгов
missing-object-of-price = Предмет цены — спросим при создании торгов
missing-document = Хотя бы один документ
missing-lot-holder = Название балансодержателя
missing-title-ky = Название на кыргызском
missing-title-ru = Название на русском
lot-not-known = Пока не известно, впишите
lot-title-needed = Нужно название на кыргызском или русском.
lot-to-auction = К торгам
lot-facts = Что известно
lot-complete = Дополнить
lot-complete-text = Впишите то, чего не сказал источник. Остальное спросим при создании торгов.
lot-title-ky = Название на кыргызском
lot-title-ru = Название на русском
lot-title-en = Название на английском
lot-holder-ky = Балансодержатель, на кыргызском
lot-holder-ru = Балансодержатель, на русском
lot-holder-en = Балансодержатель, на английском
lot-holder-hint = На чьём балансе имущество
save = Сохранить
object = Предмет цены
object-sale-price = Покупка
object-annual-rent = Годовая аренда
object-lease-right = Право заключить договор аренды
area = Площадь
unit-m2 = м²
unit-ha = га
cadastral-number = Кадастровый номер
holder = Балансодержатель
description = Описание
source = Источник
size-kb = { $value } КБ
size-mb = { $value } МБ
documents = Документы
documents-none = Документов нет. Без документа торги не опубликовать.
document-title = Название документа
document-file = Файл
document-hint = PDF, JPEG или PNG, до 25 МБ
document-add = Добавить документ
document-none = Выберите файл.
document-kind = Файл не PDF, не JPEG и не PNG.
import-text = Файл или текст в виде JSON. При незнакомом поле ничего не добавится, и будет сказано, в каком лоте.
import-file = Файл JSON
import-file-hint = Если файл выбран, текст ниже не учитывается.
import-paste = или вставьте текст
import-button = Загрузить
import-example = Образец
done-lot = Лот сохранён.
done-import = Лоты загружены. Дополните неизвестное.
done-document = Документ добавлен.

## auctions

auction = Торги
state = Состояние
price = Цена
start = Начало
step = Шаг
guarantee = Гарантийный взнос
terms = Условия
rules = Набор правил
back = Назад
open = Открыть
auction-create = Создать торги
auctions-text = От черновика до договора. Для публикации нужны двое.
auctions-none = Торгов пока нет
auctions-none-text = Торги создаются из лота. Известное будет заполнено, остальное спросит форма.
auctions-to-lots = К лотам
auctions-caption = Торги, от новых к старым
watch = Смотреть вживую
attempt = попытка { $value }
status-draft = Черновик
status-review = На проверке
status-rectification = Можно исправить
status-tendering = Приём заявок
status-waiting = Ждёт начала
status-bidding = Идут торги
status-qualification = Ждёт подтверждения победителя
status-awarded = Ждёт договора
status-complete = Завершены
status-unsuccessful = Не состоялись
status-cancelled = Отменены
sentence-draft = Организатор готовит торги.
sentence-review = Второй человек проверит и опубликует или вернёт.
sentence-rectification = Опубликованы; условия пока можно исправить.
sentence-tendering = Принимаются заявки и гарантийные взносы.
sentence-waiting = Участники известны, ждём начала.
sentence-bidding = После каждого повышения время начинается заново.
sentence-qualification = Торг окончен, победитель должен подтвердить протокол.
sentence-awarded = Победитель подтвердил, нужно подписать договор.
sentence-complete = Договор подписан.
sentence-unsuccessful = Торги не состоялись.
sentence-cancelled = Отменены решением.
sentence-suspended = Время остановлено: предложения не принимаются, сроки не идут.
failure-no-applications = Не поступило ни одной годной заявки.
failure-insufficient-participants = Участников меньше, чем требуют правила.
failure-no-first-offer = Никто не предложил цену выше начальной.
failure-winner-default = Победитель отказался или пропустил срок.
failure-contract-not-concluded = Договор не заключён.
your-turn = Ваш ход
is-successor = Эти торги созданы вместо несостоявшихся.
has-successor = Эти торги созданы заново.
to-previous = Предыдущая попытка
to-successor = Следующая попытка
to-auction = К странице торгов
terms-not-frozen = Суммы закрепятся при публикации.
lease = Срок аренды
lease-none = Не аренда
lease-P1Y = 1 год
lease-P3Y = 3 года
lease-P5Y = 5 лет
lease-P10Y = 10 лет
lease-P25Y = 25 лет
lease-P49Y = 49 лет
first-window = Время на первое предложение
raise-window = После каждого повышения
history = История
history-none = Журнал событий виден после публикации.
log-head = Вершина журнала: { $value }
timeline = Сроки
moment-tender-end = Конец приёма заявок
moment-start = Начало торгов
moment-close = Конец текущего окна
moment-confirm = Победитель подтверждает до
moment-contract = Договор подписывают до
moment-past = прошло
participants = Участники
participants-number = Число участников
participant = участник { $value }
count-participants = { $count ->
    [one] { $count } участник
    [few] { $count } участника
   *[many] { $count } участников
}
raises = Повышений
winner = Победитель
until = до { $value }
from-moment = с { $value }

## acts on an auction

act-submit = Подать на проверку
act-submit-text = После подачи проверит другой человек. Исправить можно будет, только если вернут.
act-edit = Изменить
act-publish = Опубликовать
act-publish-text = Суммы и сроки закрепятся, торги увидят все.
act-return = Вернуть
act-return-reason = Причина возврата
act-return-hint = Чтобы организатор знал, что исправить. До 1000 знаков.
act-relaunch = Создать заново
act-relaunch-text = Условия скопируются, вы назовёте новое начало. Торги будут ссылаться друг на друга.
act-contract = Записать подписанный договор
act-contract-text = Файл не сохраняется: в журнал попадёт только его хеш SHA-256.
act-contract-file = Файл договора
act-contract-hash = или его хеш SHA-256
act-contract-button = Записать
contract-hash = Выберите файл или впишите хеш SHA-256 из 64 знаков.
act-contract-failed = Договор не заключён
act-contract-fault = По чьей вине
contract-fault-bidder = По вине победителя
contract-fault-other = По иной причине
act-contract-failed-button = Записать, что торги не состоялись
done-created = Черновик создан. Когда будет готов, подайте на проверку.
done-saved = Сохранено.
done-submitted = Подано на проверку.
done-published = Опубликовано.
done-returned = Возвращено организатору.
done-relaunched = Торги созданы заново.
done-contract = Договор записан.
done-contract-failed = Записано: торги не состоялись.

## the auction's form

editor-create = Новые торги
editor-edit = Изменить черновик
editor-relaunch = Создать торги заново
editor-text-create = Известное из источника уже заполнено. Остальное назовите вы.
editor-text-edit = До публикации можно изменить всё.
editor-text-relaunch = Прежние условия скопированы. Назовите новое начало.
editor-failed = Предыдущая попытка: { $value }
editor-button-create = Сохранить черновик
editor-button-edit = Сохранить
editor-button-relaunch = Создать заново
preview = Показать суммы
frozen = Закрепится при публикации
frozen-text = Шаг и гарантийный взнос округляются вверх до целого сома.
frozen-none = Когда форма заполнена верно, здесь появятся суммы.
choose = Выберите
value-som = Начальная цена, сом
step-percent = Шаг, % от начальной цены
guarantee-percent = Гарантийный взнос, % от начальной цены
percent-range = По правилам: { $value } %
start-hint = Время Бишкека. После публикации должно пройти не меньше { $value }.
start-hint-any = Время Бишкека.
days-left = { $value } дн.
form-faulty = Не сохранено: исправьте отмеченные ниже поля.
fault-choose = Выберите один из вариантов.
fault-amount = Впишите сумму, например 1 260 000 или 1260000,50.
fault-percent = Впишите процент, например 5 или 2,5.
fault-moment = Укажите дату и время.
fault-lease = Выберите срок аренды.
fault-no-lease = У продажи нет срока аренды.

## the log

event-created = Создан черновик
event-edited = Черновик изменён
event-submitted = Подано на проверку
event-returned = Возвращено
event-published = Опубликовано
event-amended = Условия исправлены
event-tendering-opened = Начат приём заявок
event-tendering-closed = Приём заявок окончен
event-bidding-opened = Торги начались
event-bid-placed = Цена повышена
event-bid-refused = Предложение отклонено
event-suspended = Время остановлено
event-resume-announced = Объявлено продолжение
event-resumed = Продолжено
event-bidding-closed = Торг окончен
event-award-proposed = Определён победитель
event-award-confirmed = Победитель подтвердил
event-award-lapsed = Победитель утратил право
event-contract-signed = Договор подписан
event-contract-failed = Договор не заключён
event-failed = Торги не состоялись
event-cancelled = Отменено
event-relaunched = Созданы заново
cause-late-start = не удалось начать вовремя
cause-outage = перерыв в работе системы
cause-technical-fault = техническая неисправность
lapse-refused = отказался
lapse-timeout = пропустил срок

## bids

bid-accepted = Принято
bid-not-eligible = Не участник
bid-not-started = Торги не начались
bid-suspended = Время остановлено
bid-deadline-passed = Опоздало
bid-closed = Торг окончен
bid-stale-basis = Цена уже изменилась
bid-already-leading = Уже лидирует
bid-wrong-amount = Неверная сумма
bid-price-limit = Достигнут предел цены
bid-rate-limited = Слишком часто

## live

price-now = Текущая цена
leader = Лидирует
leader-none = пока никто
clock-start = До начала осталось
clock-window = Осталось в этом окне
clock-none = Время
ends-at = Конец: { $value }
bids = Предложения
bids-caption = Принятые и отклонённые предложения, новые сверху. Время — по серверу.
bids-none = Предложений пока нет
amount = Сумма
result = Итог
received = Получено
server-clock = Часы сервера:
link-off = Нет прямой связи
link-connecting = Подключаемся…
link-live = Вживую
link-lost = Отстаём
link-paused = На паузе
pause = Приостановить обновление
resume = Возобновить обновление
lagging = ОТСТАЁМ: от сервера нет вестей больше 5 секунд, цифры могли устареть.
live-no-script = Без JavaScript страница не обновляется сама: чтобы увидеть новое, загрузите её заново.
minute-left = Осталась одна минута
seconds-left = Осталось десять секунд

## applications

application = Заявка
files = Файлы
applications-quiet = Нет заявок, ждущих решения.
count-waiting = { $count ->
    [one] { $count } заявка ждёт решения.
    [few] { $count } заявки ждут решения.
   *[many] { $count } заявок ждут решения.
}
applications-none = Заявок пока нет
applications-none-text = Они появятся здесь после публикации торгов.
applications-caption = Сначала ждущие решения. Имя видно только на странице заявки.
application-needs-reconfirm = Нужно подтвердить заново
application-signed = Ждёт решения
application-admitted = Допущена
application-not-admitted = Не допущена
application-eligible = Участвует
application-withdrawn = Отозвана
application-disqualified = Отстранена
application-lost = Не выиграла
application-reserve = В резерве
application-won = Выиграла
application-reason = Причина модератора:
deposit-paid = Оплачен
deposit-due = Не оплачен
answers = Ответы
choice-person = Физическое лицо
choice-sole-trader = Индивидуальный предприниматель
choice-organisation = Организация
files-none = Файлов нет.
files-audited = Открытие файла записывается в журнал действий.
act-admit = Допустить
act-admit-text = Ответы и файлы просмотрены, заявку можно допустить.
act-refuse = Отказать
act-refuse-reason = Причина отказа
act-refuse-hint = Заявитель прочтёт именно эти слова.
proof = Доказательство
signed-hash = Хеш подписанного пакета
done-admitted = Заявка допущена.
done-refused = В допуске отказано.

## payments

payments-text = Деньги учитываются только по слову платёжной системы. Что не подошло, возвращается и не теряется.
count-unfit = { $count ->
    [one] { $count } платёж не подошёл, деньги вернутся.
    [few] { $count } платежа не подошли, деньги вернутся.
   *[many] { $count } платежей не подошли, деньги вернутся.
}
balances = Остатки
balances-none = Деньги ещё не двигались.
account-gateway = В платёжной системе
account-deposits = Гарантийные взносы
account-refunds-due = К возврату
account-unmatched = Не подошло
account-seller = Балансодержателю
account-forfeited = Удержано
payments-none = Платежей пока нет
payments-none-text = Они появятся, когда участник получит код платежа.
payments-caption = Попытки оплаты: сначала неподошедшие
payment-code = Код платежа
code-none = Без кода
expected = Ожидалось
came = Поступило
created = Создано
channel-wallet-code = Мобильный кошелёк
channel-branch-code = Отделение банка
channel-card = Карта
intent-created = Начат
intent-code-issued = Код выдан
intent-redirected = На странице банка
intent-succeeded = Оплачен
intent-succeeded-late = Оплачен поздно
intent-failed = Не удался
intent-expired = Истёк
mismatch-short = Недоплата
mismatch-over = Переплата
mismatch-late = Опоздал
mismatch-not-due = Уже не требуется
deposit-held = Удерживается
deposit-releasing = Возвращается
deposit-released = Возвращён
deposit-forfeit-proposed = Предложено удержать
deposit-forfeited = Удержан
deposit-applied = Зачтён в цену

## audit

when = Когда
who = Кто
what = Что
on-what = Над чем
audit-text = Каждое действие связано с предыдущим. Никто не может их стереть или изменить.
audit-none = Действий пока нет
audit-none-text = Первое же действие появится здесь.
audit-caption = Действия, от новых к старым
chain-link = Звено цепи
audit-staff-invite = Приглашён сотрудник
audit-application-submit = Подана заявка
audit-application-withdraw = Заявка отозвана

## staff

staff-text = Роли разделены нарочно: кто готовит, тот не публикует, а администратор не участвует в торгах.
staff-caption = Кто имеет доступ к консоли
roles = Роли
since = С какого времени
invite-title = Пригласить сотрудника
invite-text = Появится одноразовая ссылка. Передайте её лично: кто откроет, тот и войдёт.
invite-role = Роль
invite-button = Создать ссылку
invited = Ссылка готова: { $value }
invited-text = Скопируйте сейчас: она показывается один раз и действует до { $value }.
invited-link = Одноразовая ссылка
role-text-organiser = Загружает лоты, готовит торги
role-text-moderator = Публикует торги, решает заявки
role-text-finance = Следит за платежами
role-text-auditor = Видит всё, ничего не меняет
role-text-sysadmin = Приглашает сотрудников, в торгах не участвует

## what the services brought

fault-price-cut = При повторных торгах начальную цену нельзя снизить настолько.
refused-holder-unknown = Балансодержатель не известен. Сначала дополните лот.
refused-busy = Система сейчас занята. Повторите чуть позже.
relaunch-reason = Причина, если цена снижена
relaunch-reason-hint = Нужна, только если начальная цена ниже прежней.
audit-auction-create = Создан черновик торгов
audit-auction-edit = Черновик изменён
audit-auction-submit = Подано на проверку
audit-auction-return = Возвращено организатору
audit-auction-publish = Торги опубликованы
audit-auction-amend = Условия исправлены
audit-auction-award = Ответ победителя
audit-auction-contract = Записан договор
audit-auction-no-contract = Записано, что договора нет
audit-auction-relaunch = Торги созданы заново
audit-auction-tick = Наступил срок
audit-application-admit = Заявка допущена
audit-application-refuse = В допуске отказано
audit-application-open = Заявка открыта
audit-application-file = Открыт файл заявки
audit-deposit-hold = Гарантийный взнос удержан до итога
audit-deposit-release = Гарантийный взнос возвращается
audit-deposit-refunded = Гарантийный взнос возвращён
audit-deposit-apply = Гарантийный взнос зачтён в цену
audit-deposit-propose-forfeit = Предложено удержать взнос
audit-deposit-forfeit = Гарантийный взнос удержан
audit-deposit-reject-forfeit = Удержание отклонено
audit-payment-credit = Платёж зачтён
audit-payment-unmatched = Платёж не подошёл
audit-device-register = Зарегистрирован телефон
audit-device-renew = Телефон обновлён
audit-device-revoke = Доступ с телефона закрыт
audit-person-register = Зарегистрирован участник
audit-lot-import = Загружены лоты
audit-lot-complete = Лот дополнен
audit-lot-document = К лоту добавлен документ
audit-staff-enrol = Сотрудник зарегистрирован
audit-staff-sign-in = Вход в консоль
start-hint-days = { $count ->
    [one] Время Бишкека. После публикации должен пройти хотя бы { $count } день.
    [few] Время Бишкека. После публикации должно пройти хотя бы { $count } дня.
   *[many] Время Бишкека. После публикации должно пройти хотя бы { $count } дней.
}
clock-applications = До конца приёма заявок осталось
detail-expires-at = Действует до
detail-bidder = Участник
detail-seq = Место в журнале торгов
detail-successor = Новые торги
detail-reason = Причина
detail-sha256 = SHA-256 файла
detail-auction = Торги
detail-package = SHA-256 подписанного
detail-lots = Лотов
detail-amount-tyiyn = Сумма
detail-reference = Номер в платёжной системе
detail-mismatch = Несоответствие
detail-unmatched-tyiyn = Не зачислено

## решают двое

joint-waiting = Ждёт второго человека
joint-suspend = Остановить время
joint-resume = Продолжить торги
joint-cancel = Отменить торги
joint-disqualify = Исключить победителя
joint-suspend-text = Пока время остановлено, предложения не принимаются и сроки не идут. Это должен одобрить второй человек; отсчёт — с этой минуты.
joint-suspend-reason = Что случилось
joint-propose-suspend = Предложить остановку
joint-resume-text = Всем сообщается сразу, не позже чем за { $value } мин. Второй человек должен одобрить это вовремя.
joint-resume-at = Продолжить в (время Бишкека)
joint-propose-resume = Предложить это время
joint-disqualify-text = Победитель теряет право на лот. Основание — документ, его хеш публикуется.
joint-cancel-text = Все гарантийные взносы возвращаются. Основание — документ, его хеш публикуется; предложения остаются в журнале.
joint-reason = Причина; она публикуется
joint-document = Документ-основание
joint-no-document = Выберите документ-основание.
joint-propose = Предложить
joint-by = Предлагает: { $value }
joint-approve-suspend = Остановить время сейчас
joint-approve-resume = Объявить это время
joint-approve-cancel = Отменить торги
joint-approve-disqualify = Исключить победителя
joint-decline = Отклонить
joint-withdraw = Отозвать
done-proposed = Предложено. Это должен одобрить второй человек.
done-approved = Сделано: решили двое.
done-declined = Предложение снято.
refused-resume-too-soon = Слишком рано: участников нужно предупредить заранее. Выберите более позднее время.
sentence-cause = Причина: { $value }.
sentence-resume-at = Торги продолжатся { $value }.
sentence-resume-unknown = О продолжении будет объявлено.
clock-resume = До продолжения
moment-resume = Продолжение
resumptions = Возобновлены, раз
audit-auction-propose = Предложено второму человеку
audit-auction-approve = Второй человек одобрил
audit-auction-decline = Второй человек отклонил
audit-auction-withdraw-proposal = Предложение отозвано
audit-auction-outage = Время остановлено после перерыва в работе
detail-act = Что
detail-document = SHA-256 документа
detail-resume-at = Продолжение
detail-proposed-by = Кто предложил
detail-alive-at = Последний признак работы
status-stopped = Остановлены
