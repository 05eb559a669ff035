# Тексты консоли. Ключи и переменные одинаковы на трёх языках; это проверяет тест.

## frame

brand = Торук
console = Консоль сотрудников
skip-to-content = К содержанию
menu = Меню
language = Язык
demo-title = Демонстрация.
demo-text = Здесь нет ничего настоящего: деньги, люди и время придуманы.
footer-time = Время везде бишкекское (UTC+6).
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
role-finance = Финансовый специалист
role-auditor = Аудитор
role-sysadmin = Системный администратор
role-bidder = Участник
role-system = Система
som = { $value } сом
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
enrol-text = Назовите себя и создайте ключ доступа: им вы будете входить в консоль.
enrol-name = Ваши фамилия, имя, отчество
enrol-name-hint = Имя видят аудиторы рядом с каждым вашим действием.
enrol-language = Ваш язык
enrol-button = Создать ключ доступа
passkey-what = Ключ доступа хранится на вашем устройстве и не покидает его. Мы видим только его открытую часть.
passkey-waiting = Подтвердите на устройстве…
passkey-unsupported = Этот браузер не поддерживает ключи доступа. Возьмите более новый браузер.
passkey-refused = Устройство не подтвердило. Можно попробовать ещё раз.
passkey-exists = На этом устройстве уже есть ваш ключ доступа. Воспользуйтесь страницей входа.
passkey-network = Сервер не ответил. Проверьте связь и повторите.
passkey-needs-script = Для ключа доступа в браузере должен быть включён JavaScript. Остальные страницы работают и без него.

## refusals

error-title = Не получилось
refused-not-found = Такой страницы или записи нет либо у вас нет к ней доступа.
refused-forbidden = Ваша роль этого не разрешает. Если это нужно, обратитесь к системному администратору.
refused-signed-out = Сначала войдите: сеанса нет или он закончился.
refused-foreign-form = Этот запрос пришёл не с нашего сайта и не выполнен. Откройте страницу заново и повторите.
refused-internal = Ошибка сервера. Частично ничего не сохранено; попробуйте ещё раз.
refused-unknown-outcome = Неизвестно, сохранилось ли. Прежде чем повторять, обновите страницу и проверьте.
refused-too-large = Слишком большой файл: допустимо до 25 МБ.
refused-too-many-requests = Из вашей сети пришло слишком много запросов. Повторите через минуту.
refused-malformed = Запрос составлен неверно.
refused-conflict = Такая запись уже есть или её только что изменил кто-то другой. Обновите страницу.
refused-ceremony = Ключ доступа не прошёл проверку или время вышло. Начните заново.
refused-invitation = Эта ссылка использована или её срок истёк. Попросите новую.
refused-name = Введите имя: от 1 до 200 знаков, без невидимых.
refused-text = Текст пуст, слишком длинный или содержит невидимые знаки. Наберите его заново.
refused-import = Ничего не добавлено. { $detail }
refused-lot-in-use = Этот лот в других торгах. Новые можно создать, когда те закончатся.
refused-second-person = Это должен сделать второй сотрудник: никто не одобряет то, что предложил сам.
refused-too-late = Для этого уже поздно.
refused-relaunched = Вместо этих торгов уже созданы повторные.
refused-reason = Укажите причину: от 1 до 1000 знаков, без невидимых.
refused-wrong-state = На этом этапе это невозможно. Возможно, страница устарела.
refused-applications-closed = Приём заявок завершён: { $detail }.
fault-value-zero = Начальная цена должна быть больше нуля.
fault-step = Шаг вне пределов, которые разрешают правила.
fault-guarantee = Гарантийный взнос вне пределов, которые разрешают правила.
fault-start-too-soon = Начало слишком скоро: после публикации должно пройти время, заданное правилами.
fault-no-time = На заявки не остаётся времени: перенесите начало.
fault-too-large = Сумма слишком велика.
fault-document = У лота нет ни одного документа. Сначала добавьте документ.

## home

home-greeting = Здравствуйте, { $value }
home-quiet = Сейчас для вас нет задач.
home-waits = Ваши задачи.
waiting-for-you = Ваши задачи
live-now = Идёт сейчас
live-mark = Идёт
first-steps = Первые шаги
first-steps-text = До первых торгов четыре шага. Каждый делает человек с подходящей ролью.
step-done = Сделано
step-open = Открыть
step-other = Задача другой роли
step-staff = Пригласить коллег
step-text-staff = Хотя бы одного организатора и одного модератора: один готовит торги, другой публикует.
step-lots = Загрузить лоты
step-text-lots = Из готовых данных. Недостающее можно дополнить потом.
step-auction = Создать торги
step-text-auction = Выберите лот, укажите цену, шаг и время начала и отправьте на проверку.
step-publish = Второй сотрудник публикует
step-text-publish = Модератор проверяет и публикует или возвращает с причиной.
task-review = Торги на проверку
task-text-review = Просмотрите и опубликуйте или верните.
task-applications = Заявки на рассмотрение
task-text-applications = Решите до конца приёма заявок.
task-push = Push-уведомления не отправляются
task-text-push = Push-шлюз не принимает этот сервер: пусть администратор сервера проверит ключ и проект. Ничего не потеряно.
task-mismatches = Платежи, которые не зачтены
task-text-mismatches = Сумма или время не те; деньги вернутся.
task-clock-faults = Часы платёжной системы неверны
task-text-clock-faults = Платежи засчитаны плательщикам. Попросите платёжную систему выставить часы.
task-contracts = Ожидается договор
task-text-contracts = Запишите, когда подпишут.
task-failed = Несостоявшиеся торги
task-text-failed = Можно создать повторные торги.
task-drafts = Черновики торгов
task-text-drafts = Закончите и отправьте на проверку.
task-lots = Неполные лоты
task-text-lots = Дополните то, чего нет в источнике.

## lots

lot = Лот
kind = Вид
value = Начальная цена
lot-state = Готовность
lots-text = Имущество для продажи или аренды. Недостающие сведения система запросит, а не придумает.
search-label = Название, номер или место
search-button = Найти
search-none = Ничего не найдено
search-all = Показать все
lots-import = Загрузить лоты
lots-none = Лотов пока нет
lots-none-text = Загрузите готовые данные. Потом каждый лот можно дополнить, добавить документы и выставить на торги.
lots-caption = Лоты, от новых к старым
lot-kind-land = Земельный участок
lot-kind-premises = Помещение
lot-kind-building = Здание
lot-kind-vehicle = Транспорт
lot-kind-other = Другое
lot-in-auction = На торгах
lot-ready = Готов
count-missing = Не заполнено: { $count }
synthetic = Тестовые данные
pages = Страницы
lot-missing = До торгов нужно:
missing-value = Начальная цена — спросим при создании торгов
missing-step = Шаг — спросим при создании торгов
missing-guarantee = Гарантийный взнос — спросим при создании торгов
missing-object-of-price = За что цена — спросим при создании торгов
missing-document = Хотя бы один документ
missing-lot-holder = Название балансодержателя
missing-title-ky = Название на кыргызском
missing-title-ru = Название на русском
lot-not-known = Пока неизвестно: заполните
lot-title-needed = Нужно название на кыргызском или русском.
lot-to-auction = К торгам
lot-facts = Что известно
lot-complete = Дополнить
lot-complete-text = Укажите то, чего нет в источнике. Остальное спросим при создании торгов.
lot-title-ky = Название на кыргызском
lot-title-ru = Название на русском
lot-title-en = Название на английском
lot-holder-ky = Балансодержатель, на кыргызском
lot-holder-ru = Балансодержатель, на русском
lot-holder-en = Балансодержатель, на английском
lot-holder-hint = Организация, на балансе которой имущество
save = Сохранить
object = За что цена
object-sale-price = Цена продажи
object-annual-rent = Годовая арендная плата
object-lease-right = Право на заключение договора аренды
area = Площадь
unit-m2 = м²
unit-ha = га
cadastral-number = Кадастровый номер
holder = Балансодержатель
description = Описание
source = Источник
size-kb = { $value } КБ
size-mb = { $value } МБ
documents = Документы
documents-none = Документов нет. Без документа торги не опубликовать.
document-title = Название документа
document-file = Файл
document-hint = PDF, JPEG или PNG, до 25 МБ
document-add = Добавить документ
document-none = Выберите файл.
document-kind = Файл не PDF, не JPEG и не PNG.
import-text = Файл или текст JSON. Если есть неизвестное поле, ничего не добавится, а лот с ошибкой будет назван.
import-file = Файл JSON
import-file-hint = Если файл выбран, текст ниже не учитывается.
import-paste = или вставьте текст
import-button = Загрузить
import-example = Образец
done-lot = Лот сохранён.
done-import = Лоты загружены. Дополните недостающее.
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
auctions-text = От черновика до договора. Для публикации нужны два сотрудника.
auctions-none = Торгов пока нет
auctions-none-text = Торги создаются из лота. Известное будет заполнено, остальное спросит форма.
auctions-to-lots = К лотам
auctions-caption = Торги, от новых к старым
watch = Следить за ходом
attempt = попытка { $value }
status-draft = Черновик
status-review = На проверке
status-rectification = Срок исправлений
status-tendering = Приём заявок
status-waiting = Ожидается начало
status-bidding = Идут торги
status-qualification = Ожидается подтверждение победителя
status-awarded = Ожидается договор
status-complete = Завершены
status-unsuccessful = Не состоялись
status-cancelled = Отменены
sentence-draft = Организатор готовит торги.
sentence-review = Второй сотрудник проверит и опубликует или вернёт на исправление.
sentence-rectification = Опубликованы; условия пока можно исправить.
sentence-tendering = Принимаются заявки и гарантийные взносы.
sentence-waiting = Участники известны, ожидается начало.
sentence-bidding = После каждого повышения время начинается заново.
sentence-qualification = Торги окончены: победитель должен подтвердить протокол.
sentence-awarded = Победитель подтвердил, нужно подписать договор.
sentence-complete = Договор подписан.
sentence-unsuccessful = Торги не состоялись.
sentence-cancelled = Отменены решением.
sentence-suspended = Торги приостановлены: ставки не принимаются, сроки не идут.
failure-no-applications = Не было действительных заявок.
failure-insufficient-participants = Недостаточно участников.
failure-no-first-offer = Никто не повысил цену.
failure-winner-default = Победитель не подтвердил.
failure-contract-not-concluded = Договор не заключён.
your-turn = Ваше действие
is-successor = Эти торги созданы вместо несостоявшихся.
has-successor = Вместо этих торгов созданы повторные.
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
raise-window = Время на каждое повышение
history = История
history-none = Журнал событий виден после публикации.
log-head = Последний хеш журнала: { $value }
timeline = Сроки
moment-tender-end = Конец приёма заявок
moment-start = Начало торгов
moment-close = Конец времени на ставку
moment-confirm = Срок подтверждения
moment-contract = Срок подписания договора
moment-past = прошло
participants = Участники
participants-number = Число участников
participant = участник № { $value }
count-participants = { $count ->
    [one] { $count } участник
    [few] { $count } участника
   *[many] { $count } участников
}
raises = Повышений
winner = Победитель
until = до { $value }
from-moment = начало: { $value }

## acts on an auction

act-submit = Отправить на проверку
act-submit-text = После отправки проверит другой сотрудник. Изменить можно будет, только если вернут.
act-edit = Изменить
act-publish = Опубликовать
act-publish-text = Суммы и сроки закрепятся, торги увидят все.
act-return = Вернуть на исправление
act-return-reason = Причина возврата
act-return-hint = Чтобы организатор знал, что исправить. До 1000 знаков.
act-relaunch = Создать повторные торги
act-relaunch-text = Условия скопируются, укажите новое время начала. Торги будут ссылаться друг на друга.
contract-title = Файл договора
contract-winner = Победитель
contract-holder = Балансодержатель
contract-not-signed = Не подписан
contract-hash-of-file = Хеш файла
contract-sign-text = Вы подписываете ключом доступа тот же файл, что подписал победитель. После этого торги завершатся.
contract-sign = Подписать договор
act-contract-upload = Загрузить договор
act-contract-upload-text = Файл PDF. Сначала его прочтёт и подпишет на телефоне победитель, затем вы за балансодержателя. В журнале публикуется только хеш.
act-contract-upload-button = Загрузить договор
contract-no-file = Укажите название и выберите файл договора в формате PDF.
done-contract-uploaded = Договор загружен. Победитель увидит его на телефоне.
act-contract = Записать подписанный договор
act-contract-text = Файл не сохраняется: в журнал попадёт только его хеш SHA-256.
act-contract-file = Файл договора
act-contract-hash = или его хеш SHA-256
act-contract-button = Записать
contract-hash = Выберите файл или укажите хеш SHA-256 из 64 знаков.
act-contract-failed = Договор не заключён
act-contract-fault = По чьей вине
contract-fault-bidder = По вине победителя
contract-fault-other = По иной причине
act-contract-failed-button = Записать, что торги не состоялись
done-created = Черновик создан. Когда будет готов, отправьте на проверку.
done-saved = Сохранено.
done-submitted = Отправлены на проверку.
done-published = Опубликованы.
done-returned = Возвращены на исправление.
done-relaunched = Созданы повторные торги.
done-contract = Договор записан.
done-contract-failed = Записано: торги не состоялись.

## the auction's form

editor-create = Новые торги
editor-edit = Изменить черновик
editor-relaunch = Создание повторных торгов
editor-text-create = Известное уже заполнено. Остальное укажите вы.
editor-text-edit = До публикации можно изменить всё.
editor-text-relaunch = Прежние условия скопированы. Укажите новое время начала.
editor-failed = Предыдущая попытка: { $value }
editor-button-create = Сохранить черновик
editor-button-edit = Сохранить
editor-button-relaunch = Создать повторные торги
preview = Показать суммы
frozen = Закрепится при публикации
frozen-text = Шаг и гарантийный взнос округляются вверх до целого сома.
frozen-none = Когда форма заполнена верно, здесь появятся суммы.
choose = Выберите
value-som = Начальная цена, сом
step-percent = Шаг, % от начальной цены
guarantee-percent = Гарантийный взнос, % от начальной цены
percent-range = По правилам: { $value }
start-hint = Время бишкекское. После публикации должно пройти не меньше { $value }.
start-hint-any = Время бишкекское.
days-left = { $value } дн.
form-faulty = Не сохранено: исправьте отмеченные ниже поля.
fault-choose = Выберите один из вариантов.
fault-amount = Укажите сумму, например 1 260 000 или 1 260 000,50.
fault-percent = Укажите процент, например 5 или 2,5.
fault-moment = Укажите дату и время.
fault-lease = Выберите срок аренды.
fault-no-lease = У продажи нет срока аренды.

## the log

event-created = Создан черновик
event-edited = Черновик изменён
event-submitted = Отправлены на проверку
event-returned = Возвращены на исправление
event-published = Опубликованы
event-amended = Условия исправлены
event-tendering-opened = Начат приём заявок
event-tendering-closed = Приём заявок завершён
event-bidding-opened = Торги начались
event-bid-placed = Цена повышена
event-bid-refused = Ставка не принята
event-suspended = Приостановлены
event-resume-announced = Объявлено возобновление
event-resumed = Возобновлены
event-bidding-closed = Торги окончены
event-award-proposed = Определён победитель
event-award-confirmed = Победитель подтвердил
event-award-lapsed = Победитель утратил право
event-contract-signed = Договор подписан
event-contract-failed = Договор не заключён
event-failed = Торги не состоялись
event-cancelled = Отменены
event-relaunched = Созданы повторные торги
cause-late-start = не удалось начать вовремя
cause-outage = перерыв в работе системы
cause-technical-fault = техническая неисправность
lapse-refused = отказался
lapse-timeout = пропустил срок

## bids

bid-accepted = Принята
bid-not-eligible = Не участник
bid-not-started = Торги не начались
bid-suspended = Торги приостановлены
bid-deadline-passed = Слишком поздно
bid-closed = Торги окончены
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
clock-window = Осталось времени на ставку
clock-none = Срок
ends-at = Конец: { $value }
bids = Ставки
bids-caption = Принятые и непринятые ставки, новые сверху. Время — серверное.
bids-none = Ставок пока нет
amount = Сумма
result = Итог
received = Получено
server-clock = Время сервера:
link-off = Не обновляется
link-connecting = Подключаемся…
link-live = Обновляется
link-lost = Данные устарели
link-full = Нет подключения
link-paused = На паузе
pause = Приостановить обновление
resume = Возобновить обновление
lagging = ДАННЫЕ УСТАРЕЛИ: сервер не отвечает. Страница подключится сама.
live-too-many = ДАННЫЕ УСТАРЕЛИ: открыто слишком много страниц с прямой трансляцией. Закройте лишние.
live-no-script = Без JavaScript страница не обновляется сама: загрузите её заново.
minute-left = Осталась одна минута
seconds-left = Осталось десять секунд

## applications

application = Заявка
files = Файлы
applications-quiet = Нет заявок, по которым нужно решение.
count-waiting = { $count ->
    [one] { $count } заявка ожидает решения.
    [few] { $count } заявки ожидают решения.
   *[many] { $count } заявок ожидают решения.
}
applications-none = Заявок пока нет
applications-none-text = Они появятся здесь после публикации торгов.
applications-caption = Сначала те, по которым нужно решение. Имя видно только на странице заявки.
application-needs-reconfirm = Нужно подтвердить снова
application-signed = На рассмотрении
application-admitted = Допущена
application-not-admitted = Не допущена
application-eligible = Участвует
application-withdrawn = Отозвана
application-disqualified = Отстранена
application-lost = Победил другой участник
application-reserve = В резерве
application-won = Победитель
application-reason = Причина модератора:
deposit-paid = Внесён
deposit-due = Не внесён
answers = Ответы
choice-person = Физическое лицо
choice-sole-trader = Индивидуальный предприниматель
choice-organisation = Организация
files-none = Файлов нет.
files-audited = Открытие файла записывается в журнал действий.
act-admit = Допустить
act-admit-text = Ответы и файлы просмотрены: заявителя можно допустить.
act-refuse = Не допустить
act-refuse-reason = Причина недопуска
act-refuse-hint = Заявитель прочтёт именно эти слова.
act-exclude-title = Отстранить заявителя
act-exclude-text = До начала торгов заявителя можно отстранить. Гарантийный взнос вернётся, заявитель получит подписанную квитанцию и уведомление.
act-exclude-reason = Причина отстранения
act-exclude = Отстранить
proof = Доказательство
signed-hash = Хеш подписанного пакета
done-admitted = Заявитель допущен.
done-refused = Заявитель не допущен.
done-excluded = Заявитель отстранён.

## payments

payments-text = Учитываются только платежи, подтверждённые платёжной системой. Остальное возвращается плательщику.
count-unfit = { $count ->
    [one] { $count } платёж не зачтён, деньги вернутся.
    [few] { $count } платежа не зачтены, деньги вернутся.
   *[many] { $count } платежей не зачтено, деньги вернутся.
}
count-clock-faults = { $count ->
    [one] { $count } платёж с неверным временем платёжной системы; он решён в пользу плательщика.
    [few] { $count } платежа с неверным временем платёжной системы; они решены в пользу плательщиков.
   *[many] { $count } платежей с неверным временем платёжной системы; они решены в пользу плательщиков.
}
balances = Остатки
balances-none = Движения средств пока нет.
account-gateway = В платёжной системе
account-deposits = Гарантийные взносы
account-refunds-due = К возврату
account-unmatched = Не зачтено
account-seller = Балансодержателю
account-forfeited = Не возвращается
payments-none = Платежей пока нет
payments-none-text = Они появятся, когда заявитель получит код платежа.
payments-caption = Попытки оплаты: сначала незачтённые
payment-code = Код платежа
code-none = Без кода
expected = Ожидалось
came = Поступило
created = Создано
channel-wallet-code = Мобильный кошелёк
channel-branch-code = Отделение банка
channel-card = Карта
intent-created = Начато
intent-code-issued = Код выдан
intent-redirected = На странице банка
intent-succeeded = Оплачено
intent-succeeded-late = Оплачено с опозданием
intent-failed = Платёж не прошёл
intent-expired = Срок истёк
mismatch-short = Недоплата
mismatch-over = Переплата
mismatch-late = Поздно
mismatch-not-due = Не требуется
clock-fault-ahead = Часы спешат на { $value }
clock-fault-behind = Часы отстают на { $value }
deposit-held = На счёте
deposit-releasing = Возвращается
deposit-released = Возвращён
deposit-forfeit-proposed = Предложено не возвращать
deposit-forfeited = Не возвращается
deposit-applied = Зачтён в счёт цены

## audit

when = Когда
who = Кто
what = Что
on-what = Объект
audit-text = Каждое действие связано с предыдущим. Никто не может их стереть или изменить.
audit-none = Действий пока нет
audit-none-text = Первое действие появится здесь.
audit-caption = Действия, от новых к старым
chain-link = Хеш записи
audit-staff-invite = Приглашён сотрудник
audit-application-submit = Подана заявка
audit-application-withdraw = Заявка отозвана

## staff

staff-text = Роли разделены намеренно: кто готовит, тот не публикует, а администратор не участвует в торгах.
staff-caption = Кто имеет доступ к консоли
roles = Роли
invite-title = Пригласить сотрудника
invite-text = Появится одноразовая ссылка. Передайте её лично: кто откроет, тот и войдёт.
invite-role = Роль
invite-button = Создать ссылку
invited = Ссылка готова: { $value }
invited-text = Скопируйте сейчас: она показывается один раз и действует до { $value }.
invited-link = Одноразовая ссылка
role-text-organiser = Загружает лоты, готовит торги
role-text-moderator = Публикует торги, принимает решения по заявкам
role-text-finance = Следит за платежами
role-text-auditor = Видит всё, ничего не меняет
role-text-sysadmin = Приглашает сотрудников, в торгах не участвует

## what the services brought

fault-price-cut = В повторных торгах начальную цену нельзя снизить настолько.
refused-holder-unknown = Балансодержатель неизвестен. Сначала дополните лот.
refused-busy = Система сейчас занята. Повторите чуть позже.
relaunch-reason = Причина, если цена снижена
relaunch-reason-hint = Нужна, только если начальная цена ниже прежней.
audit-auction-create = Создан черновик торгов
audit-auction-edit = Черновик изменён
audit-auction-submit = Отправлены на проверку
audit-auction-return = Возвращены на исправление
audit-auction-publish = Торги опубликованы
audit-auction-amend = Условия исправлены
audit-auction-award = Ответ победителя
audit-auction-contract = Записан договор
audit-auction-no-contract = Записано, что договора нет
audit-auction-relaunch = Созданы повторные торги
audit-auction-tick = Наступил срок
audit-application-admit = Заявитель допущен
audit-application-disqualify = Заявитель отстранён
audit-application-refuse = Заявитель не допущен
audit-application-open = Заявка открыта
audit-application-file = Открыт файл заявки
audit-deposit-hold = Гарантийный взнос на счёте
audit-deposit-release = Гарантийный взнос возвращается
audit-deposit-refunded = Гарантийный взнос возвращён
audit-deposit-apply = Гарантийный взнос зачтён в счёт цены
audit-deposit-propose-forfeit = Предложено не возвращать взнос
audit-deposit-forfeit = Гарантийный взнос не возвращается
audit-deposit-reject-forfeit = Невозврат взноса отклонён
audit-payment-credit = Платёж зачтён
audit-payment-unmatched = Платёж не зачтён
audit-device-register = Зарегистрирован телефон
audit-device-renew = Телефон зарегистрирован заново
audit-device-revoke = Доступ с телефона закрыт
audit-person-register = Зарегистрирован участник
audit-lot-import = Загружены лоты
audit-lot-complete = Лот дополнен
audit-lot-document = К лоту добавлен документ
audit-staff-enrol = Сотрудник зарегистрирован
audit-staff-sign-in = Вход в консоль
start-hint-days = { $count ->
    [one] Время бишкекское. После публикации должен пройти хотя бы { $count } день.
    [few] Время бишкекское. После публикации должно пройти хотя бы { $count } дня.
   *[many] Время бишкекское. После публикации должно пройти хотя бы { $count } дней.
}
clock-applications = До конца приёма заявок осталось
detail-expires-at = Действует до
detail-bidder = Участник
detail-seq = Место в журнале торгов
detail-successor = Повторные торги
detail-reason = Причина
detail-sha256 = SHA-256 файла
detail-auction = Торги
detail-package = SHA-256 подписанного пакета
detail-lots = Лотов
detail-amount-tyiyn = Сумма
detail-reference = Номер в платёжной системе
detail-mismatch = Несоответствие
detail-paid-at = Оплачено по часам платёжной системы
detail-counted-at = Засчитано как оплаченное
detail-clock-fault = Часы платёжной системы
detail-unmatched-tyiyn = Не зачтено

## решают двое

joint-waiting = Ожидается второй сотрудник
joint-suspend = Приостановить торги
joint-resume = Возобновить торги
joint-cancel = Отменить торги
joint-disqualify = Отстранить победителя
joint-refusal = Записать отказ победителя
joint-suspend-text = Пока торги приостановлены, ставки не принимаются и сроки не идут. Когда второй сотрудник одобрит, приостановка засчитается с этой минуты.
joint-suspend-reason = Что случилось
joint-propose-suspend = Предложить приостановку
joint-resume-text = Всем сообщат сразу: до возобновления должно оставаться не меньше { $value }. Второй сотрудник должен успеть одобрить.
joint-resume-at = Возобновление (время бишкекское)
joint-propose-resume = Предложить это время
joint-disqualify-text = Победитель теряет право на лот. Приложите решение: его хеш публикуется.
joint-refusal-text = Если победитель отказался письменно. Приложите его письмо: хеш письма останется в журнале действий. Удержание гарантийного взноса будет предложено.
joint-refusal-reason = Причина; она останется в журнале действий
joint-refusal-document = Письмо победителя
joint-cancel-text = Все гарантийные взносы возвращаются. Приложите решение: его хеш публикуется. Ставки остаются в журнале.
joint-reason = Причина; она публикуется
joint-document = Документ-основание
joint-no-document = Выберите документ-основание.
joint-propose = Предложить
joint-by = Предлагает: { $value }
joint-approve-suspend = Приостановить торги
joint-approve-resume = Объявить это время
joint-approve-cancel = Отменить торги
joint-approve-disqualify = Отстранить победителя
joint-approve-refusal = Записать отказ
joint-decline = Отклонить
joint-withdraw = Отозвать
done-proposed = Предложено. Это должен одобрить второй сотрудник.
done-approved = Сделано: одобрили два сотрудника.
done-declined = Предложение снято.
refused-resume-too-soon = Слишком рано: участников нужно предупредить заранее. Выберите более позднее время.
sentence-cause = Причина: { $value }.
sentence-resume-at = Возобновление: { $value }.
sentence-resume-unknown = О возобновлении сообщим.
clock-resume = До возобновления
moment-resume = Возобновление
resumptions = Возобновлений
audit-auction-propose = Предложено второму сотруднику
audit-auction-approve = Второй сотрудник одобрил
audit-auction-decline = Второй сотрудник отклонил
audit-auction-withdraw-proposal = Предложение отозвано
audit-auction-outage = Торги приостановлены после сбоя
detail-act = Что
detail-document = SHA-256 документа
detail-resume-at = Возобновление
detail-proposed-by = Кто предложил
detail-alive-at = Последний признак работы
status-stopped = Приостановлены
refused-forbidden-sysadmin = Роль системного администратора этого не разрешает: это делает сотрудник с другой ролью.
percent = { $value } %
span-days = { $value } дн.
span-hours = { $value } ч
span-minutes = { $value } мин
span-seconds = { $value } с
document-damaged = Изображение повреждено: выберите другой файл.
document-too-many-pixels = В изображении слишком много пикселей: уменьшите его, не больше 16 384 по стороне и 67 миллионов всего.
import-fault-in-lot = Лот № { $value }: { $detail }
import-fault-in-file = Файл: { $detail }
import-fault-json = неверный JSON (строка { $line }, знак { $character }).
import-fault-too-many = слишком много лотов: { $count }, не больше { $most }.
import-fault-unknown-field = неизвестное поле «{ $value }».
import-fault-missing-field = нет поля «{ $value }».
import-fault-wrong-value = неверное значение поля «{ $value }».
import-fault-title-too-long = название слишком длинное.
import-fault-title-missing = нет названия.
refused-lot-frozen = Лот опубликован или на проверке: в нём больше ничего не меняется. Черновик на проверке можно вернуть на исправление; опубликованные торги исправляют двое сотрудников, либо их отменяют и создают повторные торги.
refused-holder-changed = Балансодержатель лота не тот, для которого создан черновик. Создайте новый черновик.
document-too-many = У лота уже 50 документов, больше нельзя.
lot-frozen = Лот опубликован или на проверке: его сведения и документы больше не меняются.
audit-audit-open = В журнале действий открыто имя
audit-name-closed = Имя не показано
audit-open-name = Показать имя
detail-lot-hash = SHA-256 лота и его документов
detail-status = Статус
detail-documents = Документы
detail-ended = Что закрыто
detail-sessions = Сеансов
detail-role = Роль
detail-roles = Роли
detail-passkey = Ключ доступа
ended-official = весь доступ
ended-role = роль
ended-session = сеанс
ended-passkey = ключ доступа
ended-invitation = приглашение
ended-own-sessions = свои сеансы в других местах
joint-correct = Исправить лот
joint-correct-text = Пока срок исправлений не истёк, это может одобрить второй сотрудник. Заявителям придёт уведомление, и они подпишут заявку снова. Балансодержатель и вид лота не меняются.
joint-approve-correct = Одобрить исправление
lot-description-ky = Описание на кыргызском
lot-description-ru = Описание на русском
lot-description-en = Описание на английском
correct-drop = Убрать «{ $value }»
refused-nothing-corrected = Ничего не исправлено: измените название, описание или документ.
refused-correction-malformed = Нужно название на кыргызском или русском, а документ — это PDF, JPEG или PNG с названием.
audit-changes = Значения до и после

## доступ и конфликты

conflict-official-account = Это учётная запись сотрудника, она только для консоли: сотрудник не может участвовать в торгах.
conflict-bidder-account = Это учётная запись участника. В консоль входят с учётной записью сотрудника, её создают по приглашению.
conflict-same-person = Конфликт интересов: вы сами подали заявку на эти торги. Это должен сделать другой сотрудник.
conflict-same-name = Конфликт интересов: у вас и у заявителя одно и то же имя. Решить должен другой сотрудник.
conflict-same-organisation = Конфликт интересов: вы и один из заявителей из одной организации. Это должен сделать другой сотрудник.
conflict-same-pin = Конфликт интересов: у вас и у одного из заявителей один и тот же ПИН. Это должен сделать другой сотрудник.
conflict-one-human = Это должны сделать два разных человека. У вас и у первого сотрудника одно имя в одной организации, либо один из вас пригласил другого. Это должен сделать третий сотрудник.
refused-last-administrator = На сервере не осталось бы администратора. Сначала пригласите ещё одного.
audit-conflict-found = Обнаружен конфликт интересов
audit-contract-sign = Победитель подписал договор
audit-contract-upload = Загружен файл договора
audit-passkey-review = Ключ доступа надо проверить: возможно, их два
audit-passkey-revoke = Ключ доступа отозван
audit-passkey-warning = Необычный ответ ключа доступа
audit-staff-revoke = Доступ сотрудника закрыт
staff-id = Идентификатор
staff-organisation = Организация
staff-invited-by = Кто пригласил
staff-machine = оператор сервера
staff-access = Доступ
staff-no-roles = ролей нет
staff-no-organisation = не указана
staff-sessions = Сеансов: { $count }
staff-passkeys = Ключей доступа: { $count }
staff-session-since = Сеанс с { $value }
staff-passkey-since = Ключ доступа создан { $value }
staff-passkey-used = последний вход { $value }
staff-end = Закрыть
staff-end-all = Закрыть весь доступ
staff-end-all-text = Все роли, сеансы и ключи доступа перестанут действовать в течение секунды. Отменить нельзя: по новому приглашению создаётся новая учётная запись.
staff-invitations = Неиспользованные приглашения
done-access-ended = Доступ закрыт.

access-title = Ваш доступ
access-text = Где вы вошли и с каким ключом.
access-this = этот сеанс
access-end-others = Выйти везде, кроме этого места
access-lost = Если ключ доступа утерян, сообщите системному администратору: он закроет доступ и лично передаст новое приглашение.
