// Plays the scenario through the generated Swift binding: asks the host for a step, does it, says what
// came of it, until there is none.

import Foundation
import TorukCore

/// An error as the scenario has it: each of the binding's cases, with what it carries.
func asError(_ error: CoreError) -> [String: Any] {
    switch error {
    case .Refused(let code, let params):
        return ["kind": "refused", "code": code, "params": params]
    case .Offline: return ["kind": "offline"]
    case .SignedOut: return ["kind": "signed_out"]
    case .OutOfDate: return ["kind": "out_of_date"]
    case .StorageFull: return ["kind": "storage_full"]
    case .StoreRepaired: return ["kind": "store_repaired"]
    case .StoreTooNew: return ["kind": "store_too_new"]
    case .StoreInUse: return ["kind": "store_in_use"]
    case .UnsafeAddress: return ["kind": "unsafe_address"]
    case .Closed: return ["kind": "closed"]
    case .Internal(let detail): return ["kind": "internal", "detail": detail]
    }
}

setvbuf(stdout, nil, _IOLBF, 0)
let desk = Desk(CommandLine.arguments[1])
let bidder = Bidder(desk: desk)
var answer: Any = NSNull()
while true {
    let asked = try JSONSerialization.data(withJSONObject: ["answer": answer])
    let (status, told) = try await desk.post("/next", asked)
    guard status == 200,
        let order = try JSONSerialization.jsonObject(with: told) as? [String: Any],
        let verb = order["do"] as? String, let with = order["with"] as? [String: Any]
    else {
        fatalError("the host answers \(status)")
    }
    if verb == "ends" { break }
    do {
        answer = ["done": try await bidder.act(verb, With(fields: with))]
    } catch let error as CoreError {
        answer = ["error": asError(error)]
    } catch {
        answer = ["error": ["kind": "unexpected", "detail": "\(error)"]]
    }
}
