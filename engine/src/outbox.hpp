// SPDX-License-Identifier: Apache-2.0
/// Outbox: what the device tells the cloud: advisory reports, and the one receipt that is due.
/// Role: sends; decides nothing, and nothing it meets can change what is installed
/// (docs/architecture.md, invariant 5). Durability: a receipt stays in the journal until the cloud
/// stored it; its counter is fixed with the record that concluded the deployment. Security:
/// receipts are signed by the identity key over "strata-receipt-v1" ‖ NUL ‖ body.
#pragma once

#include "strata/engine/ports/clock.hpp"
#include "strata/engine/ports/cloud.hpp"
#include "strata/engine/ports/identity.hpp"

#include "manifest_book.hpp"
#include "progress.hpp"

namespace strata::engine {

inline constexpr std::uint32_t kReportEveryBytes = 64 * 1024;

class Outbox {
 public:
  struct Tools {
    Journal& journal;
    ManifestBook& book;
    Buffers& buffers;
    ports::Clock& clock;
    ports::Cloud& cloud;
    ports::Identity& identity;
    ports::Entropy& entropy;
  };

  explicit Outbox(const Tools& tools)
      : tools_(tools), receipt_backoff_(tools.entropy), report_backoff_(tools.entropy) {}

  /// Sends a report now, unless the last one failed a moment ago; whether the cloud took it.
  bool Report(const wire::Report& report);

  /// Sends the receipt if one is due; returns in how many ms to call again (0: nothing is due).
  /// Uses buffers.scratch, and reads the current manifest for a confirmed one.
  /// * as Journal::Append(): that the cloud has it could not be noted; it will be sent again.
  Result<std::uint32_t> SendReceipt();

 private:
  Result<std::size_t> MakeReceipt(const Conclusion& conclusion, MutableByteSpan out);
  Status FillMeasurements(wire::ReceiptBody& body);

  Tools tools_;
  Backoff receipt_backoff_;
  Backoff report_backoff_;
  std::uint64_t receipt_not_before_ms_ = 0;
  std::uint64_t report_not_before_ms_ = 0;
};

}  // namespace strata::engine
