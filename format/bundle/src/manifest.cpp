// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/manifest.hpp"

#include <algorithm>

#include <strata_protobuf/bundle.pb.h>

#include "strata/format/bundle/keys.hpp"

#include "manifest_rules.hpp"
#include "protobuf.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

// Namespace ::bundle is the original's protobuf package.
namespace pb = ::bundle;

Failure Malformed(const std::string& why) {
  return {Error{Code::kManifestMalformed, Op::kParse, 0}, "the manifest can't be read: " + why};
}

Expected<Placement> PlacementFrom(const pb::AppLayerRegion& region) {
  switch (region.where_case()) {
    case pb::AppLayerRegion::kInternalFlash:
      return Placement{
          Medium::kInternal, region.internal_flash().start(), region.internal_flash().size()};
    case pb::AppLayerRegion::kExternalFlash:
      return Placement{
          Medium::kExternal, region.external_flash().start(), region.external_flash().size()};
    case pb::AppLayerRegion::WHERE_NOT_SET:
      break;
  }
  return Malformed("a layer has no placement");
}

Expected<Layer> LayerFrom(const pb::AppLayerReference& in) {
  Layer layer;
  BUNDLE_TRY_ASSIGN(layer.placement, PlacementFrom(in.target()));
  const auto fetch = Digest::FromBytes(AsBytes(in.fetch_hash()));
  const auto measurement = Digest::FromBytes(AsBytes(in.measurement_hash()));
  if (!fetch || !measurement) {
    return Malformed("a layer's hash is not 32 bytes");
  }
  layer.encrypted_with = static_cast<KeyId>(in.encrypted_with_key_id());
  layer.fetch_digest = *fetch;
  layer.measurement_digest = *measurement;
  layer.plaintext_bytes = in.plaintext_size();
  layer.fetch_bytes = in.fetch_size();
  return layer;
}

Expected<std::optional<PublicKey>> KeyFrom(const std::string& bytes, const char* name) {
  if (bytes.empty()) {
    return std::optional<PublicKey>();
  }
  PublicKey key{};
  if (bytes.size() != key.size() || bytes[0] != '\x04') {
    return Failure{Error{Code::kPolicyInvalid, Op::kParse, 0},
                   std::string(name) + " is not an uncompressed P-256 point"};
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return std::optional<PublicKey>(key);
}

Outcome PoliciesFrom(const pb::AppBody& in, AppBody& body) {
  BUNDLE_TRY_ASSIGN(body.debug_auth_key, KeyFrom(in.debug().debug_auth_pubkey(), "the debug key"));
  BUNDLE_TRY_ASSIGN(body.crash_report_key,
                    KeyFrom(in.crash().crash_report_pubkey(), "the crash report key"));
  body.debuggable = in.debug().debuggable();
  body.minimum_restart_ms = in.crash().minimum_restart_ms();
  body.maximum_restart_ms = in.crash().maximum_restart_ms();
  body.crash_stack_bytes = in.crash().include_stack_bytes();
  body.maximum_politeness_time_sec = in.update().maximum_politeness_time_sec();
  body.minimum_kernel_version = in.update().minimum_kernel_version();
  body.connection_grace_time_sec = in.connectivity().connection_grace_time_sec();
  body.minimum_check_in_time_sec = in.connectivity().minimum_check_in_time_sec();
  body.app_version = in.app_version();
  body.hardware_type = in.hardware_type();
  body.security_counter = in.security_counter();
  if (in.has_trial()) {
    body.trial = TrialPolicy{
        in.trial().ready_required(), in.trial().window_sec(), in.trial().crashes_allowed()};
  }
  return Done{};
}

void WriteLayer(const Layer& layer, pb::AppLayerReference& out) {
  if (layer.placement.medium == Medium::kInternal) {
    auto* region = out.mutable_target()->mutable_internal_flash();
    region->set_start(layer.placement.start_bytes);
    region->set_size(layer.placement.size_bytes);
  } else {
    auto* region = out.mutable_target()->mutable_external_flash();
    region->set_start(layer.placement.start_bytes);
    region->set_size(layer.placement.size_bytes);
  }
  out.set_encrypted_with_key_id(static_cast<std::uint64_t>(layer.encrypted_with));
  out.set_fetch_hash(Text(layer.fetch_digest.bytes));
  out.set_measurement_hash(Text(layer.measurement_digest.bytes));
  out.set_plaintext_size(layer.plaintext_bytes);
  out.set_fetch_size(layer.fetch_bytes);
}

void WriteDebugAndCrash(const AppBody& body, pb::AppBody& out) {
  if (body.debuggable || body.debug_auth_key) {
    out.mutable_debug()->set_debuggable(body.debuggable);
  }
  if (body.debug_auth_key) {
    out.mutable_debug()->set_debug_auth_pubkey(Text(*body.debug_auth_key));
  }
  const bool crash = body.minimum_restart_ms != 0 || body.maximum_restart_ms != 0 ||
                     body.crash_report_key || body.crash_stack_bytes != 0;
  if (!crash) {
    return;
  }
  out.mutable_crash()->set_minimum_restart_ms(body.minimum_restart_ms);
  out.mutable_crash()->set_maximum_restart_ms(body.maximum_restart_ms);
  out.mutable_crash()->set_include_stack_bytes(body.crash_stack_bytes);
  if (body.crash_report_key) {
    out.mutable_crash()->set_crash_report_pubkey(Text(*body.crash_report_key));
  }
}

}  // namespace

Expected<SealedManifest> ParseManifest(ByteSpan bytes) {
  if (bytes.size() > kMaxManifestBytes) {
    return MakeFailure(Code::kManifestTooLarge, Op::kParse);
  }
  pb::OpaqueManifest envelope;
  if (!Decode(bytes, envelope)) {
    return Malformed("it is not a protobuf message");
  }
  SealedManifest manifest;
  manifest.signer = static_cast<KeyId>(envelope.signer_id());
  manifest.body = Vector(envelope.body());
  if (manifest.body.empty()) {
    return Malformed("it has no body");
  }
  const std::string& signature = envelope.signature();
  if ((manifest.signer == KeyId::kNone) != signature.empty()) {
    return Malformed("signer and signature do not go together");
  }
  if (!signature.empty()) {
    Signature raw{};
    if (signature.size() != raw.size()) {
      return Malformed("its signature is not 64 bytes");
    }
    std::copy(signature.begin(), signature.end(), raw.begin());
    manifest.signature = raw;
  }
  return manifest;
}

std::vector<std::uint8_t> SerializeManifest(const SealedManifest& manifest) {
  pb::OpaqueManifest envelope;
  envelope.set_signer_id(static_cast<std::uint64_t>(manifest.signer));
  envelope.set_body(Text(manifest.body));
  if (manifest.signature) {
    envelope.set_signature(Text(*manifest.signature));
  }
  return Encode(envelope);
}

Outcome VerifyManifest(const SealedManifest& manifest, const PublicKey& signer_key) {
  if (manifest.signer == KeyId::kNone || !manifest.signature) {
    return MakeFailure(Code::kManifestUnsigned, Op::kVerify);
  }
  if (manifest.signer != KeyIdOf(KeyType::kManifestSigner, signer_key)) {
    return Failure{Error{Code::kSignatureInvalid, Op::kVerify, 0},
                   "the manifest was signed with another key, " + KeyIdText(manifest.signer)};
  }
  if (!VerifySignature(signer_key, kManifestPrefix, manifest.body, *manifest.signature)) {
    return MakeFailure(Code::kSignatureInvalid, Op::kVerify);
  }
  return Done{};
}

Expected<AppBody> ParseBody(ByteSpan bytes) {
  if (bytes.size() > kMaxManifestBytes) {
    return MakeFailure(Code::kManifestTooLarge, Op::kParse);
  }
  pb::AppBody in;
  if (!Decode(bytes, in)) {
    return Malformed("its body is not a protobuf message");
  }
  if (in.layers_size() == 0) {
    return MakeFailure(Code::kManifestNoLayers, Op::kParse);
  }
  if (static_cast<std::size_t>(in.layers_size()) > kMaxLayers) {
    return MakeFailure(Code::kManifestTooManyLayers, Op::kParse);
  }
  AppBody body;
  for (const auto& reference : in.layers()) {
    BUNDLE_TRY_ASSIGN(Layer layer, LayerFrom(reference));
    body.layers.push_back(layer);
  }
  BUNDLE_TRY(PoliciesFrom(in, body));
  BUNDLE_TRY(CheckBody(body));
  return body;
}

std::vector<std::uint8_t> SerializeBody(const AppBody& body) {
  pb::AppBody out;
  for (const Layer& layer : body.layers) {
    WriteLayer(layer, *out.add_layers());
  }
  WriteDebugAndCrash(body, out);
  out.mutable_update()->set_maximum_politeness_time_sec(body.maximum_politeness_time_sec);
  out.mutable_update()->set_minimum_kernel_version(body.minimum_kernel_version);
  out.mutable_connectivity()->set_connection_grace_time_sec(body.connection_grace_time_sec);
  out.mutable_connectivity()->set_minimum_check_in_time_sec(body.minimum_check_in_time_sec);
  out.set_app_version(body.app_version);
  out.set_hardware_type(body.hardware_type);
  out.set_security_counter(body.security_counter);
  if (body.trial) {
    out.mutable_trial()->set_ready_required(body.trial->ready_required);
    out.mutable_trial()->set_window_sec(body.trial->window_sec);
    out.mutable_trial()->set_crashes_allowed(body.trial->crashes_allowed);
  }
  return Encode(out);
}

}  // namespace strata::bundle
