// SPDX-License-Identifier: Apache-2.0
/// Whether a receipt proves what it says. Pure. Reference: docs/spec/wire.md "What the cloud does
/// with a receipt".
#pragma once

#include <optional>
#include <string>

#include "strata/core/keys.hpp"
#include "strata/format/wire/wire.hpp"

#include "app_maker.hpp"

namespace strata::conformance {

/// A receipt as it came; `body` is there when it could be read, whatever else is wrong with it.
struct ReceiptSeen {
  std::optional<wire::ReceiptBody> body;
  std::string problem;  ///< empty: form, signature and sender are right
};

/// Size, form, signature under the device's key, and that it is of `device`.
ReceiptSeen ReadReceipt(ByteSpan bytes, const DeviceSid& device, const PublicKey& key);

/// What is wrong with a receipt of a deployment of `app`; empty: nothing. Confirmed: body hash and
/// every measurement as the manifest says, no error. Otherwise: no measurement, an error code, and
/// no other body's hash.
std::string ProblemWith(const wire::ReceiptBody& receipt, const App& app);

}  // namespace strata::conformance
