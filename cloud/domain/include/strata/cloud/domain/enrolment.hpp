// SPDX-License-Identifier: Apache-2.0
/// Enrolment tokens: each lets one device into an account, once, without other credentials.
/// Role: values; the rules are Service's. Security: of a token's text the cloud keeps a hash only.
/// Reference: docs/spec/enrolment.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/cloud/domain/resources.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud {

inline constexpr std::uint32_t kMaxTokensAtOnce = 1'000;
inline constexpr std::uint64_t kMaxTokensWaiting = 10'000;
inline constexpr UnixSeconds kDefaultTokenSec = 7 * 24 * 60 * 60;
inline constexpr UnixSeconds kLongestTokenSec = 366 * 24 * 60 * 60;

struct EnrolmentToken {
  EnrolmentTokenSid sid;
  AccountSid account_sid;
  std::string friendly_name{};
  std::string hardware_type{};      ///< of the device that it lets in
  std::vector<std::string> tags{};  ///< that the device gets; sorted, none twice
  UnixSeconds date_created = 0;
  UnixSeconds date_expires = 0;
  std::optional<UnixSeconds> date_used{};
  std::optional<DeviceSid> device_sid{};  ///< which device it let in; set with date_used
};

struct EnrolmentTokenRecord {
  EnrolmentToken token;
  Digest secret_hash{};  ///< SHA-256 of the secret part of the token's text
};

/// A token and its text "ET….secret", once, in clear.
struct NewEnrolmentToken {
  EnrolmentToken token;
  std::string text{};
};

struct EnrolmentTokenRequest {
  std::uint32_t count = 1;
  std::string friendly_name{};
  std::string hardware_type{};  ///< empty: the default profile
  std::string tags{};           ///< joined by commas
  UnixSeconds valid_sec = kDefaultTokenSec;
};

/// What a device says of itself when it shows a token.
struct EnrolmentRequest {
  PublicKey public_key{};  ///< from a CSR whose proof of possession was checked
  std::optional<std::string> unique_name{};
  std::optional<std::string> hardware_type{};  ///< must be the token's
};

/// Who a token speaks for.
struct EnrolmentCaller {
  Account account;
  EnrolmentTokenSid token;
};

}  // namespace strata::cloud
