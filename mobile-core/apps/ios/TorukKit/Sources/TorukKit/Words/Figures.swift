import Foundation

private let tyiynInSom: Int64 = 100
private let groupDigits = 3
private let microsInSecond: Int64 = 1_000_000
private let microsInDecisecond: Int64 = 100_000
private let noBreakSpace: Character = "\u{a0}"

/// `1 275 000 som`: tyiyn as everybody writes them, the same in all three languages.
public func money(_ tyiyn: Int64) -> Phrase { Phrase(.amount, "figures", figures(tyiyn)) }

/// `1 275 000`, and `1 275 000,50` where there are tyiyn.
public func figures(_ tyiyn: Int64) -> String {
    var som = ""
    for (place, digit) in String(tyiyn / tyiynInSom).reversed().enumerated() {
        if place > 0 && place % groupDigits == 0 { som.append(noBreakSpace) }
        som.append(digit)
    }
    let rest = tyiyn % tyiynInSom
    return String(som.reversed()) + (rest == 0 ? "" : "," + twoDigits(rest))
}

/// What is left, `04:59`, `3:01:01` or days before that; begun seconds are not shown, as they may
/// be too late.
public func countdown(_ micros: Int64) -> Phrase {
    let all = max(micros, 0) / microsInSecond
    let (days, hours) = (all / 86_400, all / 3_600 % 24)
    let short = twoDigits(all / 60 % 60) + ":" + twoDigits(all % 60)
    if days > 0 {
        let clock = "\(hours):\(short)"
        return Phrase(
            .countdownDays, ["days": .figures(String(days)), "left": .figures(clock)])
    }
    return Phrase(.countdown, "left", hours > 0 ? "\(hours):\(short)" : short)
}

/// A moment of the server's in Bishkek, `23.11.2026 10:30:00`.
public func moment(_ micros: Int64) -> String {
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.timeZone = TimeZone(identifier: "Asia/Bishkek")
    form.dateFormat = "dd.MM.yyyy HH:mm:ss"
    return form.string(from: Date(timeIntervalSince1970: Double(micros / microsInSecond)))
}

/// A moment as a phrase.
public func at(_ micros: Int64) -> Phrase { Phrase(.moment, "time", moment(micros)) }

/// An uncertainty in seconds, `0,2`, never rounded down.
public func seconds(_ micros: Int64) -> String {
    let tenths = (micros + microsInDecisecond - 1) / microsInDecisecond
    return "\(tenths / 10),\(tenths % 10)"
}

private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
