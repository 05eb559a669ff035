// An amount in words, as the server's papers have it: soms in words, tyiyn in figures.

const KY = {
  units: ["", "бир", "эки", "үч", "төрт", "беш", "алты", "жети", "сегиз", "тогуз"],
  tens: ["", "он", "жыйырма", "отуз", "кырк", "элүү", "алтымыш", "жетимиш", "сексен", "токсон"],
  scales: ["", "миң", "миллион", "миллиард"],
};
const RU = {
  units: ["", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"],
  tens: ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"],
  hundreds: ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"],
  scales: [["", "", ""], ["тысяча", "тысячи", "тысяч"], ["миллион", "миллиона", "миллионов"], ["миллиард", "миллиарда", "миллиардов"]],
};
const EN = {
  units: ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
  tens: ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
  scales: ["", "thousand", "million", "billion"],
};

/** The form after this number: of one, of two to four, of many. @param {number} number @param {string[]} forms */
function russianForm(number, [one, few, many]) {
  const [last, two] = [number % 10, number % 100];
  if (two >= 11 && two <= 14) return many;
  return last === 1 ? one : last >= 2 && last <= 4 ? few : many;
}

const digits = (group) => [Math.floor(group / 100), Math.floor(group / 10) % 10, group % 10];
/** Below twenty Russian and English have words of their own. */
const teens = (tens, units) => (tens === 1 ? [0, units + 10] : [tens, units]);

function kyrgyz(group, power) {
  const [hundreds, tens, units] = digits(group);
  return [KY.units[hundreds], hundreds > 0 ? "жүз" : "", KY.tens[tens], KY.units[units], KY.scales[power]];
}

function russian(group, power) {
  const [hundreds, ...rest] = digits(group);
  const [tens, units] = teens(rest[0], rest[1]);
  const feminine = power === 1 ? { 1: "одна", 2: "две" } : {};
  return [RU.hundreds[hundreds], RU.tens[tens], feminine[units] ?? RU.units[units], russianForm(group, RU.scales[power])];
}

function english(group, power) {
  const [hundreds, ...rest] = digits(group);
  const [tens, units] = teens(rest[0], rest[1]);
  const below = [EN.tens[tens], EN.units[units]].filter(Boolean).join("-");
  return [EN.units[hundreds], hundreds > 0 ? "hundred" : "", below, EN.scales[power]];
}

const LANGUAGES = {
  ky: { group: kyrgyz, zero: "нөл", som: () => "сом", tyiyn: () => "тыйын" },
  ru: { group: russian, zero: "ноль", som: (n) => russianForm(n, ["сом", "сома", "сомов"]), tyiyn: (n) => russianForm(n, ["тыйын", "тыйына", "тыйынов"]) },
  en: { group: english, zero: "zero", som: () => "som", tyiyn: () => "tyiyn" },
};

/** @param {number} amount Tyiyn. @param {"ky" | "ru" | "en"} tag */
export function inWords(amount, tag) {
  const { group, zero, som, tyiyn } = LANGUAGES[tag];
  const [soms, rest] = [Math.floor(amount / 100), amount % 100];
  const said = [3, 2, 1, 0].flatMap((power) => {
    const part = Math.floor(soms / 1_000 ** power) % 1_000;
    return part > 0 ? group(part, power) : [];
  });
  const words = said.filter(Boolean).join(" ") || zero;
  const text = `${words} ${som(soms)} ${String(rest).padStart(2, "0")}\u00a0${tyiyn(rest)}`;
  return text[0].toUpperCase() + text.slice(1);
}
