// SPDX-License-Identifier: Apache-2.0
/// strata bundle create|inspect|verify|sign. Reference: docs/spec/manifest.md; page "What is a
/// bundle?".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/format/bundle/create.hpp"

#include "support/verb.hpp"

namespace strata::cli {

/// Texts of numbers are parsed when the verb runs, so that K, M and 0x are understood.
struct CreateBundleOptions {
  std::string rom;
  std::string out;
  std::string hardware = "stm32u585";
  std::string at;                   ///< START[+SIZE]
  std::vector<std::string> layers;  ///< FILE@MEDIUM:START[+SIZE]
  std::string signing_key;
  bool is_unsigned = false;
  std::string layer_key;  ///< PEM, private or public
  std::string layer_size = "64K";
  std::string debug_auth_pubkey;
  std::string connection_grace_time = "0";
  std::string minimum_check_in_time = "0";
  std::string maximum_politeness_time = "0";
  std::string minimum_kernel_version = "0";
  std::string minimum_restart_interval = "0";
  std::string maximum_restart_interval = "0";
  std::string crash_report_key;
  std::string crash_stack_bytes = "0";
  bool trial_ready = false;
  std::string trial_window;
  std::string trial_crashes;
  std::string app_version;
  std::string security_counter = "0";
};

/// Makes and writes the bundle without a word; options and failures as RunCreateBundle.
Expected<bundle::CreatedBundle> WriteBundle(const CreateBundleOptions& options,
                                            const Session& session);

/// The options of RunCreateBundle but ROM and OUT, for verbs that make a bundle on their way.
void AddBundleOptions(CLI::App& verb, CreateBundleOptions& options);

/// Writes the bundle whole or not at all; an older file at `out` stays when anything fails.
/// * any failure of bundle::ReadImage and CreateBundle. * as ReadFile, WriteFile. *
/// kInvalidArgument, kOutOfRange: an option. * kInvalidArgument: neither a key nor --unsigned.
Outcome RunCreateBundle(const CreateBundleOptions& options, Session& session);

struct InspectBundleOptions {
  std::string file;
};

/// Shows what the bundle says; checks its form, not who signed it. * any failure of
/// BundleReader::Open.
Outcome RunInspectBundle(const InspectBundleOptions& options, Session& session);

struct VerifyBundleOptions {
  std::string file;
  std::string key;  ///< public PEM; empty: the default signing key's
};

/// Checks everything: form, signature, every layer, hardware. * the first failure found.
Outcome RunVerifyBundle(const VerifyBundleOptions& options, Session& session);

struct SignBundleOptions {
  std::string in;
  std::string out;
  std::string signing_key;
};

/// Signs an unsigned bundle, or replaces its signature. Files as for create; `in` may equal `out`.
Outcome RunSignBundle(const SignBundleOptions& options, Session& session);

void AddCreateBundle(CLI::App& noun, Session& session);
void AddInspectBundle(CLI::App& noun, Session& session);
void AddVerifyBundle(CLI::App& noun, Session& session);
void AddSignBundle(CLI::App& noun, Session& session);
void AddBundle(CLI::App& noun, Session& session);

}  // namespace strata::cli
