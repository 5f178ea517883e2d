// SPDX-License-Identifier: Apache-2.0
#include "bundle/describe.hpp"

#include <boost/json.hpp>

#include "strata/format/bundle/keys.hpp"

#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

Json KeyIdValue(KeyId id) {
  return id == KeyId::kNone ? Json(nullptr) : Json(bundle::KeyIdText(id));
}

Json KeyValue(const std::optional<PublicKey>& key, KeyType type) {
  return key ? Json(bundle::KeyIdText(bundle::KeyIdOf(type, *key))) : Json(nullptr);
}

std::string MediumName(Medium medium) {
  return medium == Medium::kInternal ? "internal" : "external";
}

JsonObject LayerRecord(const bundle::Layer& layer) {
  return {{"medium", MediumName(layer.placement.medium)},
          {"start", layer.placement.start_bytes},
          {"size", layer.placement.size_bytes},
          {"fetchHash", HexText(layer.fetch_digest.bytes)},
          {"measurementHash", HexText(layer.measurement_digest.bytes)},
          {"encryptedWithKeyId", KeyIdValue(layer.encrypted_with)},
          {"plaintextSize", layer.plaintext_bytes},
          {"fetchSize", layer.fetch_bytes}};
}

Json TrialValue(const std::optional<bundle::TrialPolicy>& trial) {
  if (!trial) {
    return nullptr;
  }
  return JsonObject{{"ready", trial->ready_required},
                    {"windowSec", trial->window_sec},
                    {"crashesAllowed", trial->crashes_allowed}};
}

std::string ValueText(const Json& value) {
  if (value.is_null()) {
    return "-";
  }
  if (value.is_string()) {
    const std::string text(value.as_string());
    return text.empty() ? "-" : Printable(text);
  }
  return boost::json::serialize(value);
}

}  // namespace

JsonObject BundleRecord(const std::string& file,
                        std::uint64_t file_bytes,
                        ByteSpan manifest_bytes,
                        const bundle::SealedManifest& manifest,
                        const bundle::AppBody& body) {
  boost::json::array layers;
  for (const bundle::Layer& layer : body.layers) {
    layers.push_back(LayerRecord(layer));
  }
  const KeyId layer_key = body.layers.empty() ? KeyId::kNone : body.layers.front().encrypted_with;
  return {{"file", file},
          {"fileSize", file_bytes},
          {"manifestHash", "sha256:" + HexText(bundle::Sha256(manifest_bytes).bytes)},
          {"signed", manifest.signature.has_value()},
          {"signerId", KeyIdValue(manifest.signer)},
          {"encryptedWithKeyId", KeyIdValue(layer_key)},
          {"appVersion", body.app_version},
          {"hardwareType", body.hardware_type},
          {"securityCounter", body.security_counter},
          {"minimumKernelVersion", body.minimum_kernel_version},
          {"maximumPolitenessTime", body.maximum_politeness_time_sec},
          {"connectionGraceTime", body.connection_grace_time_sec},
          {"minimumCheckInTime", body.minimum_check_in_time_sec},
          {"minimumRestartInterval", body.minimum_restart_ms},
          {"maximumRestartInterval", body.maximum_restart_ms},
          {"debugAuthKeyId", KeyValue(body.debug_auth_key, KeyType::kDebug)},
          {"crashReportKey",
           body.crash_report_key ? Json(HexText(*body.crash_report_key)) : Json(nullptr)},
          {"crashStackBytes", body.crash_stack_bytes},
          {"trial", TrialValue(body.trial)},
          {"layers", std::move(layers)}};
}

std::string BundleSummary(std::uint64_t file_bytes,
                          const bundle::SealedManifest& manifest,
                          const bundle::AppBody& body) {
  std::uint64_t plain = 0;
  for (const bundle::Layer& layer : body.layers) {
    plain += layer.plaintext_bytes;
  }
  const bool encrypted = !body.layers.empty() && body.layers.front().encrypted_with != KeyId::kNone;
  std::string text = std::to_string(body.layers.size()) +
                     (body.layers.size() == 1 ? " layer, " : " layers, ") + HumanBytes(plain) +
                     " in " + HumanBytes(file_bytes) + ", ";
  text += encrypted ? "encrypted with " + bundle::KeyIdText(body.layers.front().encrypted_with)
                    : "in clear";
  text += manifest.signature ? ", signed by " + bundle::KeyIdText(manifest.signer) : ", unsigned";
  return text + ", for " + (body.hardware_type.empty() ? "any hardware" : body.hardware_type);
}

std::string BundlePage(const JsonObject& record, const bundle::AppBody& body) {
  std::vector<std::vector<std::string>> facts;
  for (const auto& [key, value] : record) {
    if (std::string_view(key) != "layers") {
      facts.push_back({Heading(key), ValueText(value)});
    }
  }
  std::vector<std::vector<std::string>> layers;
  for (const bundle::Layer& layer : body.layers) {
    const bool clear = layer.encrypted_with == KeyId::kNone;
    layers.push_back({MediumName(layer.placement.medium),
                      HexNumber(layer.placement.start_bytes, 8),
                      HexNumber(layer.placement.size_bytes, 8),
                      layer.plaintext_bytes == 0 ? "-" : std::to_string(layer.plaintext_bytes),
                      clear ? "clear" : "encrypted",
                      HexText(layer.fetch_digest.bytes)});
  }
  return Table({}, facts) + "\n" +
         Table({"Medium", "Start", "Size", "Bytes", "Form", "Fetch Hash"}, layers);
}

}  // namespace strata::cli
