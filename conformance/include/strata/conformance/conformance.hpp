// SPDX-License-Identifier: Apache-2.0
/// The black-box conformance kit: drives any device engine through a hostile cloud and judges it by
/// what it shows on the wire.
/// Role: makes keys, certificates, bundles and a device directory for each case, starts the
/// device's command, plays the cloud over real mutual TLS on 127.0.0.1, and gives a verdict. It
/// never looks at the device's files and prints nothing. Context: RunCases() blocks and uses
/// threads of its own; host only. Security: every key is made for one case and lies in that case's
/// directory (0700); none is of use elsewhere. Reference: docs/spec/conformance.md, which lists
/// every case; docs/spec/wire.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/hardware.hpp"
#include "strata/format/bundle/expected.hpp"

namespace strata::conformance {

/// What a case is, for people. The name is stable.
struct CaseInfo {
  std::string_view name;
  std::string_view attack;       ///< its name in TUF, SUIT or common speech
  std::string_view expectation;  ///< one sentence without a full stop
};

enum class Verdict : std::uint8_t { kPass, kFail, kSkip };

/// "PASS", "FAIL" or "SKIP".
[[nodiscard]] std::string_view NameOf(Verdict verdict);

struct CaseResult {
  CaseInfo info;
  Verdict verdict = Verdict::kFail;
  std::string reason{};  ///< empty for PASS; one line
  std::chrono::milliseconds took{0};
};

struct Options {
  /// The device's command: words as a shell splits them (quotes and backslashes, nothing else),
  /// with the placeholders {dir} (needed), {url} and {case}. No shell runs it.
  std::string device_command;
  /// One directory per case is made in it. Those of passed cases are removed, the others kept.
  std::filesystem::path work_dir;
  const HardwareProfile* profile = nullptr;
  std::chrono::seconds timeout{120};  ///< of one case
  unsigned jobs = 12;                 ///< cases at a time
  std::vector<std::string> only{};    ///< names; none: all
};

/// Every case, in the order of docs/spec/conformance.md.
[[nodiscard]] std::span<const CaseInfo> Cases();

/// Runs the chosen cases and returns their results in the order of Cases(). `on_end` is told of
/// each as it ends, one at a time.
/// * kInvalidArgument: a command that can't be split or lacks {dir}, a profile on which apps are
///   programs. * kNotFound: an unknown name in `only`, a program that is not there. * kIo:
///   `work_dir` can't be used. * kCryptoFailed, kEntropyFailed.
bundle::Expected<std::vector<CaseResult>> RunCases(
    const Options& options, const std::function<void(const CaseResult&)>& on_end);

}  // namespace strata::conformance
