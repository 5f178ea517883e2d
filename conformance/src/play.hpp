// SPDX-License-Identifier: Apache-2.0
/// Play: one case on its stage: trust, cloud, device directory and process, a deadline, and the
/// words in which cases are written. Every step returns false when it failed; the first failure's
/// words stay. Cases wait for what the device does and never for time to pass, so a slow machine
/// changes no verdict.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "strata/conformance/conformance.hpp"

#include "device_process.hpp"
#include "hostile_cloud.hpp"

namespace strata::conformance {

class Play {
 public:
  /// Sets the stage in the new directory `dir`; the device is not started.
  /// * as Trust::Make, HostileCloud::Start, WriteDeviceHome.
  static bundle::Expected<std::unique_ptr<Play>> Set(const Options& options,
                                                     const std::vector<std::string>& command,
                                                     std::string_view case_name);

  [[nodiscard]] HostileCloud& cloud() { return *cloud_; }

  [[nodiscard]] const Trust& trust() const { return trust_; }

  [[nodiscard]] const HardwareProfile& profile() const { return *options_.profile; }

  /// An app; a failure to make one shows at the next step.
  App Make(const Wish& wish = {});

  // Steps.

  /// Starts the device (again).
  bool Start();

  /// SIGKILL, as a power cut.
  bool Kill();

  /// Waits until the device did what `what` says. Fails when the device ended or time is up.
  bool Until(const std::string& what, const std::function<bool(const Seen&)>& wanted);

  /// Offers a good app and waits for the receipt that confirms it.
  bool Installs(const App& app);

  /// Waits for the receipt that confirms what was offered.
  bool Confirms(const Offered& offer);

  /// Offers an app that has to be refused before any of its layers is asked for.
  bool Refuses(const App& app, std::initializer_list<Code> codes) {
    return Ends(cloud_->Offer(app, May::kFail), wire::Verdict::kFailed, codes);
  }

  /// Waits for the receipt of `offer`: this verdict, one of these codes.
  bool Ends(const Offered& offer, wire::Verdict verdict, std::initializer_list<Code> codes);

  /// Waits for `count` further requests of `route`.
  bool Asks(Route route, std::size_t count, const std::string& what);

  /// Fails with `why` unless `condition`.
  bool Check(bool condition, const std::string& why);

  /// The device installs one more good app: it came out of the case unharmed.
  bool StillWorks() { return Installs(Make()); }

  // Evil for HostileCloud::SetHook(). A case in which some of it was never met is skipped: it has
  // shown nothing.

  /// `hook` until it answered `times` requests, then the cloud is good.
  HostileCloud::Hook First(int times, const HostileCloud::Hook& hook);

  /// Each of `hooks` until it answered a request, in turn; then the cloud is good.
  HostileCloud::Hook InTurn(std::vector<HostileCloud::Hook> hooks);

  struct End {
    Verdict verdict = Verdict::kFail;
    std::string reason;
  };

  /// Stops the device and judges what every case judges.
  End Finish(bool passed);

 private:
  Play(const Options& options, std::vector<std::string> command, Trust trust);

  [[nodiscard]] bool Late() const { return std::chrono::steady_clock::now() >= deadline_; }

  bool Blame(const std::string& why);

  const Options& options_;
  std::vector<std::string> command_;
  std::filesystem::path dir_;
  Trust trust_;
  AppMaker maker_;
  std::unique_ptr<HostileCloud> cloud_;
  DeviceProcess device_;
  std::chrono::steady_clock::time_point deadline_;
  std::string failure_;
  std::vector<std::shared_ptr<std::atomic<std::size_t>>> evil_left_;
};

/// A case's script: true when every step held.
using Script = bool (*)(Play&);

struct Case {
  CaseInfo info;
  Script script;
};

// The cases, by what they attack; docs/spec/conformance.md has the same order.
std::span<const Case> UpdateCases();
std::span<const Case> ManifestCases();
std::span<const Case> LayerCases();
std::span<const Case> HttpCases();
std::span<const Case> DesiredCases();
std::span<const Case> KeysCases();
std::span<const Case> ReceiptCases();
std::span<const Case> ConnectionCases();

// Evil that several cases do.

/// Answers with these very bytes and, if `cut`, ends the connection.
HostileCloud::Hook Says(std::string bytes, bool cut = false);

/// Says `head`, then writes without end, at most `most_bytes`; notes in `taken` when the peer took
/// all.
HostileCloud::Hook Endless(std::string head,
                           std::string piece,
                           std::uint64_t most_bytes,
                           std::shared_ptr<std::atomic<bool>> taken);

}  // namespace strata::conformance
