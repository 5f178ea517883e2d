// SPDX-License-Identifier: Apache-2.0
/// The fleet's chain of key changes as the cloud tells it (docs/spec/new-keys.md).
/// Security: what the cloud says of a message is not believed; the message itself is read, and
/// whether a trusted rotation key signed it is the caller's question: IsSignedByOneOf().
#pragma once

#include <optional>
#include <vector>

#include "strata/format/bundle/new_keys.hpp"

#include "support/api.hpp"

namespace strata::cli {

struct NewestKeyChange {
  bundle::SealedNewKeys sealed;
  bundle::NewKeysBody body;
  Digest hash{};  ///< of the body: what the next message names
};

/// The newest message of the account's chain; nothing when there is none. * kCloudProtocol: the
/// answer holds no whole message of that number. * as Api::Get.
Expected<std::optional<NewestKeyChange>> FetchNewestKeyChange(Api& api);

/// Whether one of `rotation_keys` signed it. * kRotationKeyUnknown. * kSignatureInvalid.
Outcome IsSignedByOneOf(const bundle::SealedNewKeys& sealed,
                        const std::vector<PublicKey>& rotation_keys);

/// Of an account SID ("AC…") or of 32 hexadecimal digits; nothing otherwise.
std::optional<bundle::FleetId> ParseFleetId(std::string_view text);

/// The bytes behind base64 text with padding; nothing when it is not that.
std::optional<std::vector<std::uint8_t>> DecodeBase64(std::string_view text);

}  // namespace strata::cli
