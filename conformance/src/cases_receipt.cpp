// SPDX-License-Identifier: Apache-2.0
// Receipts and reports that the cloud does not take: reporting can never change what is installed.
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

/// The receipt of an installed app comes again while `evil` answers it; the same one, and nothing
/// else changes.
bool Repeats(Play& play, HostileCloud::Hook evil) {
  constexpr int kTimes = 2;
  play.cloud().SetHook(Route::kReceipt, play.First(kTimes, std::move(evil)));
  if (!play.Start()) {
    return false;
  }
  const Offered offer = play.cloud().Offer(play.Make(), May::kConfirm);
  if (!play.Confirms(offer) ||
      !play.Until("the receipt was repeated until it was taken",
                  [&offer](const Seen& seen) { return seen.Receipts(offer.id) > kTimes; })) {
    return false;
  }
  for (const wire::ReceiptBody& receipt : play.cloud().seen().receipts) {
    if (!play.Check(receipt.counter == play.cloud().seen().receipts.front().counter,
                    "a repeated receipt has another counter")) {
      return false;
    }
  }
  return play.StillWorks();
}

bool ReceiptNotAcknowledged(Play& play) {
  return Repeats(play, [](const Request&, Connection& connection) {
    connection.Cut();
    return true;
  });
}

bool ReceiptAnswered500(Play& play) {
  return Repeats(play, Says(Answer(500, "", "{}")));
}

bool ReceiptAnswered400(Play& play) {
  // The cloud will never take it; whether the device repeats it is its own affair.
  play.cloud().SetHook(Route::kReceipt, play.First(2, Says(Answer(400, "", "{}"))));
  return play.Start() && play.StillWorks() && play.StillWorks();
}

bool ReceiptSurvivesKill(Play& play) {
  // No acknowledgement before the power cut.
  play.cloud().SetHook(Route::kReceipt, [](const Request&, Connection& connection) {
    connection.Cut();
    return true;
  });
  if (!play.Start()) {
    return false;
  }
  const Offered offer = play.cloud().Offer(play.Make(), May::kConfirm);
  if (!play.Confirms(offer) || !play.Kill()) {
    return false;
  }
  const std::size_t before = play.cloud().seen().Receipts(offer.id);
  const std::size_t fetched = play.cloud().seen().Count(Route::kLayer);
  play.cloud().SetHook(Route::kReceipt, {});
  return play.Start() &&
         play.Until(
             "the receipt came again after the restart",
             [&offer, before](const Seen& seen) { return seen.Receipts(offer.id) > before; }) &&
         play.Check(play.cloud().seen().Count(Route::kLayer) == fetched,
                    "it fetched again what it had confirmed") &&
         play.StillWorks();
}

bool ReportsRefused(Play& play) {
  play.cloud().SetHook(Route::kReport,
                       play.InTurn({Says(Answer(400, "", "{}")), Says(Answer(500, "", "{}"))}));
  return play.Start() && play.StillWorks() && play.StillWorks();
}

constexpr std::array kReceiptCases = {
    Case{{"receipt-not-acknowledged",
          "withholding",
          "a receipt whose acknowledgement is lost comes again, the same, until it is taken"},
         ReceiptNotAcknowledged},
    Case{{"receipt-answered-500", "denial of service", "a receipt answered with 500 comes again"},
         ReceiptAnswered500},
    Case{{"receipt-answered-400",
          "hostile answer",
          "a receipt that the cloud refuses changes nothing that is installed"},
         ReceiptAnswered400},
    Case{{"receipt-survives-kill",
          "power cut",
          "a receipt that was not acknowledged comes again after a power cut"},
         ReceiptSurvivesKill},
    Case{{"reports-refused",
          "denial of service",
          "reports that nobody takes do not hold up an update"},
         ReportsRefused},
};

}  // namespace

std::span<const Case> ReceiptCases() {
  return kReceiptCases;
}

}  // namespace strata::conformance
