// SPDX-License-Identifier: Apache-2.0
#include "strata/core/error_text.hpp"

#include <array>

namespace strata {
namespace {

// docs/spec/errors.md is this table; error_text_test.cpp compares them.
constexpr std::array kTexts = {
    ErrorText{Code::kInvalidArgument,
              "InvalidArgument",
              "an argument has a value that is not allowed",
              "correct the value named in the message"},
    ErrorText{Code::kOutOfRange,
              "OutOfRange",
              "a number or offset lies outside what is allowed",
              "correct the value named in the message"},
    ErrorText{Code::kTooLarge,
              "TooLarge",
              "something is larger than its limit",
              "make it smaller; the limits stand in docs/spec"},
    ErrorText{
        Code::kNotFound, "NotFound", "what was named does not exist", "check the name or SID"},
    ErrorText{Code::kAlreadyExists,
              "AlreadyExists",
              "something of that name exists already",
              "choose another name or remove the old one"},
    ErrorText{
        Code::kUnsupported, "Unsupported", "this version of Strata can't do that", "update Strata"},
    ErrorText{Code::kInternal,
              "Internal",
              "Strata reached a state it should not reach",
              "report it with the log lines before it"},
    ErrorText{Code::kTimeout,
              "Timeout",
              "an operation took longer than it may",
              "try again; if it stays, look at the network and the load"},
    ErrorText{
        Code::kIo, "Io", "reading or writing failed", "check disk space, permissions and the disk"},
    ErrorText{Code::kMalformed,
              "Malformed",
              "bytes do not have the form they must have",
              "make the file or message again"},
    ErrorText{Code::kPermission,
              "Permission",
              "access was refused",
              "check who runs the program and who owns the file"},
    ErrorText{Code::kManifestMalformed,
              "ManifestMalformed",
              "the manifest can't be read",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kManifestTooLarge,
              "ManifestTooLarge",
              "the manifest is larger than 4096 bytes",
              "use fewer layers or a shorter app version text"},
    ErrorText{Code::kManifestTooManyLayers,
              "ManifestTooManyLayers",
              "the manifest lists more than 32 layers",
              "use a larger --layer-size or fewer --layer options"},
    ErrorText{Code::kManifestUnsigned,
              "ManifestUnsigned",
              "the manifest is not signed",
              "sign it with strata bundle sign"},
    ErrorText{Code::kSignerUnknown,
              "SignerUnknown",
              "the manifest's signer is not known here",
              "register the key with strata keys register, or sign with a key the device trusts"},
    ErrorText{Code::kSignatureInvalid,
              "SignatureInvalid",
              "the manifest's signature does not match its body",
              "get the bundle again from its source and sign it again"},
    ErrorText{Code::kDecryptionKeyMissing,
              "DecryptionKeyMissing",
              "the device does not hold the key its layers are encrypted with",
              "provision the device with that layer key, or encrypt with one it holds"},
    ErrorText{Code::kHardwareMismatch,
              "HardwareMismatch",
              "the bundle was made for other hardware",
              "create it with the device's own --hardware"},
    ErrorText{Code::kPlacementOutOfBounds,
              "PlacementOutOfBounds",
              "a placement lies outside its medium",
              "correct --at or --layer, or use the right --hardware"},
    ErrorText{Code::kPlacementUnaligned,
              "PlacementUnaligned",
              "a placement does not start or end on an erase unit",
              "align its start and size to the erase unit of the medium"},
    ErrorText{
        Code::kPlacementOverlap, "PlacementOverlap", "two placements overlap", "move one of them"},
    ErrorText{Code::kUpdateTooLarge,
              "UpdateTooLarge",
              "the layers together do not fit the staging slot",
              "make the app smaller"},
    ErrorText{Code::kKernelTooOld,
              "KernelTooOld",
              "the bundle needs a newer device kernel",
              "update the device's own software first"},
    ErrorText{Code::kSecurityCounterTooLow,
              "SecurityCounterTooLow",
              "the bundle's security counter is lower than the device's",
              "deploy an app with the same or a higher security counter"},
    ErrorText{Code::kMixedEncryption,
              "MixedEncryption",
              "the layers are not all in clear or all encrypted with one key",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kPolicyInvalid,
              "PolicyInvalid",
              "a policy in the manifest has a value that is not allowed",
              "correct the policy options of strata bundle create"},
    ErrorText{Code::kManifestHashMismatch,
              "ManifestHashMismatch",
              "the manifest that arrived is not the one that was named",
              "deploy again; if it stays, upload the bundle again"},
    ErrorText{Code::kManifestNoLayers,
              "ManifestNoLayers",
              "the manifest lists no layers",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kLayerSizeInvalid,
              "LayerSizeInvalid",
              "a layer's sizes contradict its placement",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kLayerHashMismatch,
              "LayerHashMismatch",
              "a layer's bytes do not match the hash in the signed manifest",
              "upload the bundle again from its source; this copy of the layer is damaged"},
    ErrorText{Code::kLayerTooLong,
              "LayerTooLong",
              "the cloud sent more bytes than the layer has",
              "check the proxy or cache between device and cloud"},
    ErrorText{Code::kLayerTooShort,
              "LayerTooShort",
              "the cloud sent fewer bytes than the layer has",
              "check the proxy or cache between device and cloud"},
    ErrorText{Code::kLayerNotFound,
              "LayerNotFound",
              "the cloud does not have the layer",
              "upload the bundle again and deploy it"},
    ErrorText{Code::kLayerDecryptFailed,
              "LayerDecryptFailed",
              "a layer can't be decrypted with the device's key",
              "encrypt with the layer key that the device holds"},
    ErrorText{Code::kMeasurementMismatch,
              "MeasurementMismatch",
              "what a placement would hold or holds does not match the signed measurement",
              "create the bundle again; if it stays, the device's flash is failing"},
    ErrorText{Code::kLayerEncodingInvalid,
              "LayerEncodingInvalid",
              "an encrypted layer does not have the form it must have",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kFlashIo,
              "FlashIo",
              "flash reported a failure",
              "the device's flash may be worn out; replace the device"},
    ErrorText{Code::kFlashOutOfBounds,
              "FlashOutOfBounds",
              "an access lies outside the flash",
              "report it as a defect"},
    ErrorText{Code::kFlashUnaligned,
              "FlashUnaligned",
              "an access is not aligned to the flash's units",
              "report it as a defect"},
    ErrorText{Code::kFlashNotErased,
              "FlashNotErased",
              "flash was to be programmed that is not erased",
              "report it as a defect"},
    ErrorText{Code::kJournalCorrupt,
              "JournalCorrupt",
              "the device's journal can't be read",
              "the device starts over from its installed app; deploy again"},
    ErrorText{Code::kJournalFull,
              "JournalFull",
              "the device's journal has no room",
              "restart the device; report it as a defect"},
    ErrorText{Code::kStagingCorrupt,
              "StagingCorrupt",
              "staged bytes are not what was written",
              "deploy again; if it stays, external flash is failing or was tampered with"},
    ErrorText{Code::kSlotUnusable,
              "SlotUnusable",
              "neither staging slot holds a whole app",
              "keep the device online; it recovers from the cloud"},
    ErrorText{Code::kKeyStoreCorrupt,
              "KeyStoreCorrupt",
              "the device's key store can't be read",
              "provision the device again"},
    ErrorText{Code::kKeyStoreFull,
              "KeyStoreFull",
              "the device's key store has no room",
              "delete keys that are no longer needed"},
    ErrorText{Code::kNewKeysMalformed,
              "NewKeysMalformed",
              "the message with new keys can't be read",
              "make it again with strata keys rotate"},
    ErrorText{Code::kNewKeysOutOfOrder,
              "NewKeysOutOfOrder",
              "the message with new keys is not the next of the fleet's chain",
              "upload the messages in their order; if a device stays behind, provision it again"},
    ErrorText{Code::kNewKeysOtherFleet,
              "NewKeysOtherFleet",
              "the message with new keys is for another fleet",
              "use the rotation key and account that the device was provisioned with"},
    ErrorText{Code::kRotationKeyUnknown,
              "RotationKeyUnknown",
              "the message with new keys is not signed by a rotation key known here",
              "sign it with a rotation key the devices were provisioned with"},
    ErrorText{Code::kLastSigner,
              "LastSigner",
              "the message would leave no manifest signer",
              "add a signer in the same message"},
    ErrorText{Code::kAppStartFailed,
              "AppStartFailed",
              "the app could not be started",
              "test the app on the same hardware; the device went back to the app before"},
    ErrorText{Code::kAppCrashed,
              "AppCrashed",
              "the app ended more often than its trial allows",
              "fix the app; the device went back to the app before"},
    ErrorText{Code::kTrialExpired,
              "TrialExpired",
              "the app did not say it is ready within its trial window",
              "send ready from the app or give it a longer --trial-window; the device went back to "
              "the app before"},
    ErrorText{Code::kQuarantined,
              "Quarantined",
              "this deployment failed on the device before and is not tried again",
              "deploy again to lift the quarantine"},
    ErrorText{Code::kDebugRefused,
              "DebugRefused",
              "the running app does not allow debugging",
              "deploy an app made with --debug-auth-pubkey"},
    ErrorText{Code::kDebugNoChallenge,
              "DebugNoChallenge",
              "no debug challenge is open",
              "ask the device for a new challenge and sign that one"},
    ErrorText{Code::kCloudUnreachable,
              "CloudUnreachable",
              "the cloud can't be reached",
              "check network, address and certificate"},
    ErrorText{Code::kCloudRefused,
              "CloudRefused",
              "the cloud refused the request",
              "check that the device is not revoked"},
    ErrorText{Code::kCloudProtocol,
              "CloudProtocol",
              "the cloud's answer can't be understood",
              "check the proxy between device and cloud, and both versions"},
    ErrorText{Code::kDeviceSilent,
              "DeviceSilent",
              "the device has not reported within its deadline",
              "check that the device has power and network"},
    ErrorText{Code::kEntropyFailed,
              "EntropyFailed",
              "the device has no randomness",
              "restart the device; if it stays, replace it"},
    ErrorText{Code::kCryptoFailed,
              "CryptoFailed",
              "a cryptographic operation failed",
              "report it as a defect"},
    ErrorText{Code::kKeyInvalid,
              "KeyInvalid",
              "a key is not a valid P-256 key",
              "make a new key with strata keys generate"},
    ErrorText{Code::kBundleTooLarge,
              "BundleTooLarge",
              "the bundle file is larger than 67108864 bytes",
              "make the app smaller"},
    ErrorText{Code::kZipMalformed,
              "ZipMalformed",
              "the file is not a well-formed zip of a bundle",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kZipEntryUnexpected,
              "ZipEntryUnexpected",
              "the zip holds an entry that does not belong to the bundle",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kZipEntryMissing,
              "ZipEntryMissing",
              "the zip lacks the manifest or a layer that the manifest lists",
              "create the bundle again with strata bundle create"},
    ErrorText{Code::kKeyUnreadable,
              "KeyUnreadable",
              "the key file can't be read as PEM",
              "name a PEM file made by strata keys generate"},
    ErrorText{Code::kKeyWrongType,
              "KeyWrongType",
              "the key is not of the kind or curve needed here",
              "use a P-256 key of the right kind from strata keys generate"},
    ErrorText{
        Code::kImageEmpty, "ImageEmpty", "the image holds no bytes", "build the application first"},
    ErrorText{Code::kImageTooLarge,
              "ImageTooLarge",
              "the image does not fit its medium",
              "make the application smaller or use the right --hardware"},
    ErrorText{Code::kImageMalformed,
              "ImageMalformed",
              "the image is not a well-formed ELF, Intel HEX or raw binary for this device",
              "build the application again for the right addresses, or name the hardware it is for "
              "with --hardware"},
    ErrorText{Code::kConformanceFailed,
              "ConformanceFailed",
              "the device engine failed a case of the conformance kit",
              "read the case's reason and its device.log; docs/spec/conformance.md says what each "
              "case expects"},
};

}  // namespace

std::span<const ErrorText> ErrorTexts() {
  return kTexts;
}

const ErrorText& TextOf(Code code) {
  const ErrorText* internal = &kTexts.front();
  for (const ErrorText& text : kTexts) {
    if (text.code == code) {
      return text;
    }
    if (text.code == Code::kInternal) {
      internal = &text;
    }
  }
  return *internal;
}

std::string_view TextOf(Op op) {
  switch (op) {
    case Op::kNone:
      return "";
    case Op::kFetchDesired:
      return "asking for the desired state";
    case Op::kFetchManifest:
      return "fetching the manifest";
    case Op::kCheckManifest:
      return "checking the manifest";
    case Op::kFetchLayer:
      return "fetching a layer";
    case Op::kSealLayer:
      return "staging a layer";
    case Op::kVerifyStaged:
      return "verifying the staged layers";
    case Op::kApply:
      return "applying the update";
    case Op::kStartApp:
      return "starting the app";
    case Op::kConfirm:
      return "confirming the app";
    case Op::kRevert:
      return "reverting to the previous app";
    case Op::kRecover:
      return "recovering from the cloud";
    case Op::kJournal:
      return "writing the journal";
    case Op::kReport:
      return "reporting to the cloud";
    case Op::kKeyStore:
      return "using the key store";
    case Op::kBoot:
      return "booting";
    case Op::kParse:
      return "reading";
    case Op::kSign:
      return "signing";
    case Op::kVerify:
      return "verifying";
    case Op::kEncrypt:
      return "encrypting";
    case Op::kDecrypt:
      return "decrypting";
    case Op::kReadFile:
      return "reading a file";
    case Op::kWriteFile:
      return "writing a file";
    case Op::kNewKeys:
      return "changing the device's keys";
    case Op::kDebug:
      return "authorizing a debugger";
  }
  return "";
}

}  // namespace strata
