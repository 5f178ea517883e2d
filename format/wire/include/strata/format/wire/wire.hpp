// SPDX-License-Identifier: Apache-2.0
/// Messages between device and cloud, for both sides (nanopb, no heap). Role: values ↔ bytes, with
/// every check of form in docs/spec/wire.md; signatures are checked by whoever holds the key.
/// Security: input is an attacker's. Encoding is deterministic.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/error.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"
#include "strata/core/sid.hpp"

namespace strata::wire {

inline constexpr std::size_t kMaxMessageBytes = 2048;
inline constexpr std::size_t kMaxDesiredStateBytes = 112;
inline constexpr std::size_t kMaxReportBytes = 64;
inline constexpr std::size_t kMaxReceiptBodyBytes = 1280;
inline constexpr std::size_t kMaxReceiptBytes = 1408;
inline constexpr std::size_t kMaxLayers = 32;
inline constexpr std::size_t kMaxSettings = 8;  ///< of one request
inline constexpr std::size_t kMaxSettingKeyChars = 100;
inline constexpr std::size_t kMaxSettingBytes = 16'384;  ///< 4096 characters of UTF-8
inline constexpr std::size_t kMaxSettingsRequestBytes = 1024;
inline constexpr std::size_t kMaxSettingsAnswerBytes = kMaxSettings * (kMaxSettingBytes + 16);
inline constexpr std::size_t kMaxLogLines = 64;  ///< of one batch
inline constexpr std::size_t kMaxLogTextBytes = 1024;
inline constexpr std::size_t kLogLineRoom = 16;  ///< what a line takes at most besides its text
inline constexpr std::size_t kMaxLogBatchBytes = 16'384;

/// Prefix of a receipt's signature, its terminating NUL included.
inline constexpr std::array<std::uint8_t, 18> kReceiptPrefix = {
    's', 't', 'r', 'a', 't', 'a', '-', 'r', 'e', 'c', 'e', 'i', 'p', 't', '-', 'v', '1', '\0'};

using DeploymentId = std::array<std::uint8_t, 16>;

/// What a device shall run.
struct Deployment {
  AppSid app;
  Digest manifest_hash{};
  DeploymentId id{};

  friend bool operator==(const Deployment&, const Deployment&) = default;
};

struct DesiredState {
  std::optional<Deployment> deployment{};  ///< nullopt: never targeted
  std::uint32_t restart_counter = 0;
  bool logging_enabled = false;
  std::uint32_t keys_sequence = 0;  ///< newest NewKeys message of the fleet, 0: none

  friend bool operator==(const DesiredState&, const DesiredState&) = default;
};

/// The engine's states (docs/architecture.md); numbers are those of wire.proto.
enum class UpdateState : std::uint8_t {
  kIdle = 1,
  kFetchingManifest = 2,
  kCheckingManifest = 3,
  kFetchingLayers = 4,
  kStaged = 5,
  kVerifyingStaged = 6,
  kApplying = 7,
  kStarting = 8,
  kConfirming = 9,
  kConfirmed = 10,
  kReverting = 11,
  kRecovering = 12,
  kFailed = 13,
};

/// "Idle", "FetchingManifest", …
std::string_view NameOf(UpdateState state);

struct Report {
  std::optional<DeploymentId> deployment_id{};  ///< nullopt: about the device's keys alone
  UpdateState state = UpdateState::kIdle;
  std::uint32_t bytes_staged = 0;
  std::uint32_t bytes_total = 0;
  Error error{};
  std::uint32_t keys_sequence = 0;  ///< the NewKeys message the device stands at

  friend bool operator==(const Report&, const Report&) = default;
};

enum class Verdict : std::uint8_t { kConfirmed = 1, kReverted = 2, kFailed = 3 };

struct ReceiptBody {
  DeviceSid device;
  DeploymentId deployment_id{};
  Digest manifest_hash{};
  std::optional<Digest> body_hash{};  ///< nullopt: no manifest was accepted
  std::array<Digest, kMaxLayers> measurements{};
  std::uint32_t measurement_count = 0;
  std::uint64_t counter = 0;
  std::uint32_t boot_count = 0;
  Verdict verdict = Verdict::kFailed;
  Error error{};
};

/// `body` points to bytes that outlive the value (decoded: into the caller's storage).
struct Receipt {
  ByteSpan body{};
  Signature signature{};
};

enum class SettingKind : std::uint8_t { kConfig = 1, kSecret = 2 };
enum class SettingScope : std::uint8_t { kAccount = 1, kDevice = 2 };
enum class SettingStatus : std::uint8_t { kOk = 1, kKeyNotFound = 2, kServerError = 3 };

/// 1–kMaxSettingKeyChars printable ASCII characters.
class SettingKey {
 public:
  /// nullopt: not of that form.
  static std::optional<SettingKey> Parse(std::string_view text);

  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

  friend bool operator==(const SettingKey&, const SettingKey&) = default;

 private:
  std::array<char, kMaxSettingKeyChars> text_{};
  std::uint8_t size_ = 0;
};

struct SettingName {
  SettingKind kind = SettingKind::kConfig;
  SettingScope scope = SettingScope::kDevice;
  SettingKey key{};

  friend bool operator==(const SettingName&, const SettingName&) = default;
};

struct SettingsRequest {
  std::array<SettingName, kMaxSettings> names{};
  std::uint32_t count = 0;

  friend bool operator==(const SettingsRequest&, const SettingsRequest&) = default;
};

/// `value` points to bytes that outlive it (decoded: into the message). Empty unless kOk.
struct SettingItem {
  SettingStatus status = SettingStatus::kKeyNotFound;
  ByteSpan value{};
};

/// In the order of the request's names.
struct SettingsAnswer {
  std::array<SettingItem, kMaxSettings> items{};
  std::uint32_t count = 0;
};

enum class LogKind : std::uint8_t { kApp = 1, kUpdate = 2, kConnection = 3 };

/// `text` points to bytes that outlive it (decoded: into the message); any bytes.
struct LogLine {
  LogKind kind = LogKind::kApp;
  std::uint32_t age_ms = 0;  ///< before the batch was sent
  ByteSpan text{};
};

/// In the order in which they came to be.
struct LogBatch {
  std::uint32_t dropped = 0;  ///< lines lost before these
  std::array<LogLine, kMaxLogLines> lines{};
  std::uint32_t count = 0;
};

// Encoders fill the start of `out` and return how much. * kTooLarge: `out` is smaller than the
// kMax… constant.
// * kInvalidArgument: more than kMaxLayers measurements; a receipt's body of 0 or more than
// kMaxReceiptBodyBytes bytes; settings or log lines that the decoder would refuse. A receipt's
// body does not overlap `out`. A SettingsAnswer and a LogBatch need only as much room as they have.
Result<std::size_t> Encode(const DesiredState& state, MutableByteSpan out);
Result<std::size_t> Encode(const Report& report, MutableByteSpan out);
Result<std::size_t> Encode(const ReceiptBody& body, MutableByteSpan out);
Result<std::size_t> Encode(const Receipt& receipt, MutableByteSpan out);
Result<std::size_t> Encode(const SettingsRequest& request, MutableByteSpan out);
Result<std::size_t> Encode(const SettingsAnswer& answer, MutableByteSpan out);
Result<std::size_t> Encode(const LogBatch& batch, MutableByteSpan out);

// Decoders. * kMalformed: not the message, or a field without the form docs/spec/wire.md demands.
Result<DesiredState> DecodeDesiredState(ByteSpan in);
Result<Report> DecodeReport(ByteSpan in);
Result<ReceiptBody> DecodeReceiptBody(ByteSpan in);
/// `storage` (≥ kMaxReceiptBodyBytes) holds the body that the result points to. * kTooLarge: it is
/// smaller.
Result<Receipt> DecodeReceipt(ByteSpan in, MutableByteSpan storage);
Result<SettingsRequest> DecodeSettingsRequest(ByteSpan in);
/// Values stay where they are in `in`, which outlives the result; nothing is copied.
Result<SettingsAnswer> DecodeSettingsAnswer(ByteSpan in);
/// The same. * kMalformed also: neither a line nor a lost one.
Result<LogBatch> DecodeLogBatch(ByteSpan in);

}  // namespace strata::wire
