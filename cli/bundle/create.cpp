// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "bundle/bundle.hpp"
#include "bundle/describe.hpp"
#include "support/hardware.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"
#include "support/placement.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

Expected<std::optional<PublicKey>> OptionalPublicKey(const std::string& file) {
  if (file.empty()) {
    return std::optional<PublicKey>();
  }
  STRATA_TRY_ASSIGN(const PublicKey key, LoadPublicKey(file));
  return std::optional(key);
}

Expected<std::optional<bundle::TrialPolicy>> Trial(const CreateBundleOptions& options) {
  if (!options.trial_ready && options.trial_window.empty() && options.trial_crashes.empty()) {
    return std::optional<bundle::TrialPolicy>();
  }
  bundle::TrialPolicy trial;
  trial.ready_required = options.trial_ready;
  if (!options.trial_window.empty()) {
    STRATA_TRY_ASSIGN(trial.window_sec, ParseNumber(options.trial_window, "--trial-window"));
  }
  if (!options.trial_crashes.empty()) {
    STRATA_TRY_ASSIGN(trial.crashes_allowed, ParseNumber(options.trial_crashes, "--trial-crashes"));
  }
  return std::optional(trial);
}

Expected<bundle::AppBody> Policies(const CreateBundleOptions& options) {
  bundle::AppBody body;
  STRATA_TRY_ASSIGN(body.connection_grace_time_sec,
                    ParseNumber(options.connection_grace_time, "--connection-grace-time"));
  STRATA_TRY_ASSIGN(body.minimum_check_in_time_sec,
                    ParseNumber(options.minimum_check_in_time, "--minimum-check-in-time"));
  STRATA_TRY_ASSIGN(body.maximum_politeness_time_sec,
                    ParseNumber(options.maximum_politeness_time, "--maximum-politeness-time"));
  STRATA_TRY_ASSIGN(body.minimum_kernel_version,
                    ParseNumber(options.minimum_kernel_version, "--minimum-kernel-version"));
  STRATA_TRY_ASSIGN(body.minimum_restart_ms,
                    ParseNumber(options.minimum_restart_interval, "--minimum-restart-interval"));
  STRATA_TRY_ASSIGN(body.maximum_restart_ms,
                    ParseNumber(options.maximum_restart_interval, "--maximum-restart-interval"));
  STRATA_TRY_ASSIGN(body.crash_stack_bytes,
                    ParseSize(options.crash_stack_bytes, "--crash-stack-bytes"));
  STRATA_TRY_ASSIGN(body.security_counter,
                    ParseNumber(options.security_counter, "--security-counter"));
  STRATA_TRY_ASSIGN(body.debug_auth_key, OptionalPublicKey(options.debug_auth_pubkey));
  STRATA_TRY_ASSIGN(body.crash_report_key, OptionalPublicKey(options.crash_report_key));
  STRATA_TRY_ASSIGN(body.trial, Trial(options));
  body.app_version = options.app_version;
  return body;
}

Expected<std::vector<bundle::DataLayer>> DataLayers(const CreateBundleOptions& options) {
  std::vector<bundle::DataLayer> layers;
  for (const std::string& text : options.layers) {
    STRATA_TRY_ASSIGN(const LayerArgument argument, ParseLayerArgument(text));
    STRATA_TRY_ASSIGN(std::vector<std::uint8_t> bytes, ReadFile(argument.file, kMaxImageFileBytes));
    if (bytes.empty()) {
      return FromFailure(
          bundle::MakeFailure(Code::kImageEmpty, Op::kReadFile, "--layer " + argument.file));
    }
    layers.push_back({argument.placement, std::move(bytes)});
  }
  return layers;
}

Expected<std::optional<bundle::PrivateKey>> SigningKey(const CreateBundleOptions& options,
                                                       const Session& session) {
  if (options.is_unsigned) {
    return std::optional<bundle::PrivateKey>();
  }
  Expected<bundle::PrivateKey> key =
      options.signing_key.empty()
          ? DefaultSigningKey(session, "give --sign KEY.pem, or say --unsigned")
          : LoadPrivateKey(options.signing_key);
  if (!key.ok()) {
    return key.error();
  }
  return std::optional(std::move(key).value());
}

/// Image, its region and the data layers, as the options place them.
Outcome FillImages(const CreateBundleOptions& options, bundle::CreateRequest& request) {
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> file,
                    ReadFile(options.rom, kMaxImageFileBytes));
  STRATA_TRY_ASSIGN(bundle::Image image,
                    Lift(bundle::ReadImage(file, *request.profile), options.rom));
  if (!options.at.empty()) {
    STRATA_TRY_ASSIGN(const Span span, ParseSpan(options.at, "--at"));
    image.start_bytes = span.start_bytes;
    request.image_region_bytes = span.size_bytes;
  }
  request.image = std::move(image);
  STRATA_TRY_ASSIGN(request.data_layers, DataLayers(options));
  return Done{};
}

Outcome RefuseToOverwriteInput(const CreateBundleOptions& options) {
  std::error_code error;
  std::vector<std::string> inputs = {options.rom,
                                     options.signing_key,
                                     options.layer_key,
                                     options.debug_auth_pubkey,
                                     options.crash_report_key};
  for (const std::string& text : options.layers) {
    inputs.push_back(text.substr(0, text.rfind('@')));
  }
  for (const std::string& input : inputs) {
    if (!input.empty() && fs::equivalent(input, options.out, error)) {
      return Local(Code::kInvalidArgument,
                   options.out + ": is also an input",
                   "write the bundle to another file");
    }
  }
  return Done{};
}

void Report(const CreateBundleOptions& options,
            const bundle::CreatedBundle& created,
            const Session& session) {
  const std::vector<std::uint8_t> manifest = bundle::SerializeManifest(created.manifest);
  if (session.common.OutputFormat() != Format::kColumns) {
    WriteRecords(
        session,
        {BundleRecord(options.out, created.zip.size(), manifest, created.manifest, created.body)},
        "file,manifestHash");
    return;
  }
  std::ostream& out = session.context.out;
  out << "Bundle written to file: " << options.out << '\n';
  out << Printable(BundleSummary(created.zip.size(), created.manifest, created.body)) << '\n';
}

}  // namespace

Expected<bundle::CreatedBundle> WriteBundle(const CreateBundleOptions& options,
                                            const Session& session) {
  STRATA_TRY(RefuseToOverwriteInput(options));
  bundle::CreateRequest request;
  STRATA_TRY_ASSIGN(request.profile, HardwareOf(options.hardware));
  STRATA_TRY_ASSIGN(request.policies, Policies(options));
  STRATA_TRY_ASSIGN(request.layer_bytes, ParseSize(options.layer_size, "--layer-size"));
  if (request.layer_bytes == 0) {
    return Local(Code::kInvalidArgument, "--layer-size: a layer holds at least one byte");
  }
  STRATA_TRY_ASSIGN(const std::optional<bundle::PrivateKey> signing_key,
                    SigningKey(options, session));
  request.signing_key = signing_key ? &*signing_key : nullptr;
  LayerKeyFile layer_key;
  if (!options.layer_key.empty()) {
    STRATA_TRY_ASSIGN(layer_key, LoadLayerKey(options.layer_key));
    request.layer_key = bundle::LayerKey{layer_key.public_key,
                                         layer_key.private_key ? &*layer_key.private_key : nullptr};
  }
  STRATA_TRY(FillImages(options, request));
  STRATA_TRY_ASSIGN(bundle::CreatedBundle created, Lift(bundle::CreateBundle(request)));
  STRATA_TRY(WriteFile(options.out, AsText(created.zip), kPublicFile, Overwrite::kReplace));
  return created;
}

Outcome RunCreateBundle(const CreateBundleOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const bundle::CreatedBundle created, WriteBundle(options, session));
  Report(options, created, session);
  return Done{};
}

}  // namespace strata::cli
