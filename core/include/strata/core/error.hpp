// SPDX-License-Identifier: Apache-2.0
/// Errors shared by everything in Strata: a stable code, the operation that failed, a small detail.
/// Role: the closed list of what can go wrong. Words for people are in error_text.hpp.
/// The numbers are stable: a device reports `code` to the cloud as `update_error_code`, so a number
/// is never reused. docs/spec/errors.md is the same table in words; a test holds the two together.
#pragma once

#include <cstdint>

namespace strata {

/// What went wrong. 0 is never an error. Hundreds are areas (docs/spec/errors.md).
enum class Code : std::uint16_t {
  kOk = 0,
  // 1xx general
  kInvalidArgument = 100,
  kOutOfRange = 101,
  kTooLarge = 102,
  kNotFound = 103,
  kAlreadyExists = 104,
  kUnsupported = 105,
  kInternal = 106,
  kTimeout = 107,
  kIo = 108,
  kMalformed = 109,
  kPermission = 110,
  // 2xx manifest
  kManifestMalformed = 200,
  kManifestTooLarge = 201,
  kManifestTooManyLayers = 202,
  kManifestUnsigned = 203,
  kSignerUnknown = 204,
  kSignatureInvalid = 205,
  kDecryptionKeyMissing = 206,
  kHardwareMismatch = 207,
  kPlacementOutOfBounds = 208,
  kPlacementUnaligned = 209,
  kPlacementOverlap = 210,
  kUpdateTooLarge = 211,
  kKernelTooOld = 212,
  kSecurityCounterTooLow = 213,
  kMixedEncryption = 214,
  kPolicyInvalid = 215,
  kManifestHashMismatch = 216,
  kManifestNoLayers = 217,
  kLayerSizeInvalid = 218,
  // 3xx layer
  kLayerHashMismatch = 300,
  kLayerTooLong = 301,
  kLayerTooShort = 302,
  kLayerNotFound = 303,
  kLayerDecryptFailed = 304,
  kMeasurementMismatch = 305,
  kLayerEncodingInvalid = 306,
  // 4xx flash, journal, staging, key store
  kFlashIo = 400,
  kFlashOutOfBounds = 401,
  kFlashUnaligned = 402,
  kFlashNotErased = 403,
  kJournalCorrupt = 410,
  kJournalFull = 411,
  kStagingCorrupt = 420,
  kSlotUnusable = 421,
  kKeyStoreCorrupt = 430,
  kKeyStoreFull = 431,
  kNewKeysMalformed = 440,
  kNewKeysOutOfOrder = 441,
  kNewKeysOtherFleet = 442,
  kRotationKeyUnknown = 443,
  kLastSigner = 444,
  // 5xx application
  kAppStartFailed = 500,
  kAppCrashed = 501,
  kTrialExpired = 502,
  kQuarantined = 503,
  kDebugRefused = 504,
  kDebugNoChallenge = 505,
  // 6xx network and cloud
  kCloudUnreachable = 600,
  kCloudRefused = 601,
  kCloudProtocol = 602,
  kDeviceSilent = 603,
  // 7xx crypto
  kEntropyFailed = 700,
  kCryptoFailed = 701,
  kKeyInvalid = 702,
  // 8xx bundle tool (host)
  kBundleTooLarge = 800,
  kZipMalformed = 801,
  kZipEntryUnexpected = 802,
  kZipEntryMissing = 803,
  kKeyUnreadable = 810,
  kKeyWrongType = 811,
  kImageEmpty = 820,
  kImageTooLarge = 821,
  kImageMalformed = 822,

  kConformanceFailed = 900,
};

/// What was being done. The number is stable like Code; it says where to look, not what to do.
enum class Op : std::uint16_t {
  kNone = 0,
  kFetchDesired = 1,
  kFetchManifest = 2,
  kCheckManifest = 3,
  kFetchLayer = 4,
  kSealLayer = 5,
  kVerifyStaged = 6,
  kApply = 7,
  kStartApp = 8,
  kConfirm = 9,
  kRevert = 10,
  kRecover = 11,
  kJournal = 12,
  kReport = 13,
  kKeyStore = 14,
  kBoot = 15,
  kParse = 16,
  kSign = 17,
  kVerify = 18,
  kEncrypt = 19,
  kDecrypt = 20,
  kReadFile = 21,
  kWriteFile = 22,
  kNewKeys = 23,
  kDebug = 24,
};

/// One failure, in 8 bytes. `detail` depends on the code: usually a layer's index, an offset or a
/// size in bytes, a status of the layer below; 0 when there is nothing to add.
struct Error {
  Code code = Code::kOk;
  Op op = Op::kNone;
  std::uint32_t detail = 0;

  friend constexpr bool operator==(const Error&, const Error&) = default;
};

static_assert(sizeof(Error) == 8);

}  // namespace strata
