// SPDX-License-Identifier: Apache-2.0
#include "receipt_check.hpp"

#include <algorithm>

namespace strata::conformance {
namespace {

std::string ProblemWithConfirmed(const wire::ReceiptBody& receipt, const App& app) {
  if (receipt.body_hash != app.body_hash) {
    return "confirms without the hash of the manifest's body";
  }
  if (receipt.measurement_count != app.measurements.size() ||
      !std::equal(app.measurements.begin(), app.measurements.end(), receipt.measurements.begin())) {
    return "confirms with other measurements than the manifest's";
  }
  return receipt.error.code == Code::kOk ? "" : "confirms with an error code";
}

}  // namespace

ReceiptSeen ReadReceipt(ByteSpan bytes, const DeviceSid& device, const PublicKey& key) {
  ReceiptSeen seen;
  if (bytes.size() > wire::kMaxMessageBytes) {
    seen.problem = "a receipt of " + std::to_string(bytes.size()) + " bytes";
    return seen;
  }
  std::array<std::uint8_t, wire::kMaxReceiptBodyBytes> storage{};
  const auto receipt = wire::DecodeReceipt(bytes, storage);
  if (!receipt.ok()) {
    seen.problem = "a receipt that can't be read";
    return seen;
  }
  const auto body = wire::DecodeReceiptBody(receipt->body);
  if (body.ok()) {
    seen.body = *body;
  }
  if (!bundle::VerifySignature(key, bundle::kReceiptPrefix, receipt->body, receipt->signature)) {
    seen.problem = "a receipt whose signature is not the device's";
  } else if (!body.ok()) {
    seen.problem = "a signed receipt whose body can't be read";
  } else if (body->device != device) {
    seen.problem = "a receipt of another device";
  }
  return seen;
}

std::string ProblemWith(const wire::ReceiptBody& receipt, const App& app) {
  if (receipt.manifest_hash != app.manifest_hash) {
    return "names another manifest than the deployment's";
  }
  if (receipt.verdict == wire::Verdict::kConfirmed) {
    return ProblemWithConfirmed(receipt, app);
  }
  if (receipt.measurement_count != 0) {
    return "has measurements although it confirms nothing";
  }
  if (receipt.error.code == Code::kOk) {
    return "says that the update failed without an error code";
  }
  return receipt.body_hash && *receipt.body_hash != app.body_hash
             ? "names another body than the manifest's"
             : "";
}

}  // namespace strata::conformance
