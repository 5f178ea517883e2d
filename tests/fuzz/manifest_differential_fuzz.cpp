// SPDX-License-Identifier: Apache-2.0
// The two manifest readers, host (format/bundle) and device (format/manifest), on the same bytes:
// the same verdict, the same error code, the same meaning. The input is read as a manifest, and as
// the body of one.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <vector>

#include "strata/format/bundle/manifest.hpp"
#include "strata/format/manifest/manifest.hpp"

namespace {

using strata::ByteSpan;
using strata::Code;
namespace host = strata::bundle;
namespace device = strata::manifest;

void Require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "the readers differ: %s\n", what);
    std::abort();
  }
}

template <typename T>
Code CodeOf(const host::Expected<T>& result) {
  return result.ok() ? Code::kOk : result.failure().error.code;
}

void RequireSame(Code host_code, Code device_code, const char* what) {
  if (host_code != device_code) {
    std::fprintf(stderr,
                 "%s: host %u, device %u\n",
                 what,
                 static_cast<unsigned>(host_code),
                 static_cast<unsigned>(device_code));
    std::abort();
  }
}

bool SameLayer(const host::Layer& a, const device::Layer& b) {
  return a.placement == b.placement && a.encrypted_with == b.encrypted_with &&
         a.fetch_digest == b.fetch_digest && a.measurement_digest == b.measurement_digest &&
         a.plaintext_bytes == b.plaintext_bytes && a.fetch_bytes == b.fetch_bytes;
}

bool SameTrial(const std::optional<host::TrialPolicy>& a, const device::TrialPolicy& b) {
  const host::TrialPolicy policy = a.value_or(host::TrialPolicy{});
  const std::uint32_t window_sec =
      policy.window_sec == 0 ? device::kDefaultTrialWindowSec : policy.window_sec;
  return policy.ready_required == b.ready_required && window_sec == b.window_sec &&
         policy.crashes_allowed == b.crashes_allowed;
}

void RequireSameMeaning(const host::AppBody& a, const device::AppManifest& b) {
  Require(std::ranges::equal(a.layers, b.layers(), SameLayer), "layers");
  Require(a.debug_auth_key == b.debug_auth_key, "debug key");
  Require(a.crash_report_key == b.crash_report_key, "crash report key");
  Require(a.minimum_restart_ms == b.minimum_restart_ms, "minimum restart");
  Require(a.maximum_restart_ms == b.maximum_restart_ms, "maximum restart");
  Require(a.crash_stack_bytes == b.crash_stack_bytes, "crash stack");
  Require(a.maximum_politeness_time_sec == b.maximum_politeness_time_sec, "politeness");
  Require(a.minimum_kernel_version == b.minimum_kernel_version, "kernel version");
  Require(a.connection_grace_time_sec == b.connection_grace_time_sec, "grace time");
  Require(a.minimum_check_in_time_sec == b.minimum_check_in_time_sec, "check-in time");
  Require(a.hardware_type == b.hardware_type(), "hardware type");
  Require(a.security_counter == b.security_counter, "security counter");
  Require(SameTrial(a.trial, b.trial), "trial");
}

// The host counts bytes that two layers share once, the device counts what each takes.
bool SharesBytes(const host::AppBody& body) {
  std::set<strata::Digest> digests;
  for (const host::Layer& layer : body.layers) {
    digests.insert(layer.fetch_digest);
  }
  return digests.size() != body.layers.size();
}

void CompareOnHardware(const host::AppBody& body, const device::AppManifest& app) {
  for (const strata::HardwareProfile& profile : strata::HardwareProfiles()) {
    const Code device_code = device::CheckAgainstHardware(app, profile).error().code;
    if (device_code != Code::kUpdateTooLarge || !SharesBytes(body)) {
      RequireSame(CodeOf(host::CheckAgainstHardware(body, profile)), device_code, "hardware");
    }
  }
}

void CompareBodies(ByteSpan body, const device::VerifiedManifest& verified) {
  const auto host_body = host::ParseBody(body);
  device::AppManifest app;
  RequireSame(CodeOf(host_body), device::Decode(verified, app).error().code, "body");
  if (host_body.ok()) {
    RequireSameMeaning(*host_body, app);
    CompareOnHardware(*host_body, app);
  }
}

void CompareManifests(ByteSpan in) {
  const auto sealed = host::ParseManifest(in);
  const auto envelope = device::ParseEnvelope(in);
  RequireSame(CodeOf(sealed), envelope.error().code, "envelope");
  if (!sealed.ok()) {
    return;
  }
  Require(sealed->signer == envelope->signer(), "signer");
  Require(strata::Equal(sealed->body, envelope->SignedParts()[1]), "signed body");
  Require(sealed->signature.value_or(strata::Signature{}) == envelope->signature(), "signature");
  const auto verified = device::VerifiedManifest::Verify(
      *envelope, [](auto, const strata::Signature&) { return strata::Status(); });
  Require(verified.ok() == sealed->signature.has_value(), "signed or not");
  if (verified.ok()) {
    CompareBodies(sealed->body, *verified);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kEnvelopeBytes = 80;  // at most: signer, body's tag and length, signature
  CompareManifests({data, size});
  if (size > 0 && size <= device::kMaxManifestBytes - kEnvelopeBytes) {
    CompareManifests(host::SerializeManifest({.signer = strata::KeyId{1},
                                              .body = {data, data + size},
                                              .signature = strata::Signature{}}));
  }
  return 0;
}
