// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/case_id.hpp"

#include <charconv>

namespace strata::sim {
namespace {

constexpr std::string_view kCutWord = "cut=";
constexpr std::string_view kFailWord = "fail=";
constexpr std::string_view kSeedWord = "seed=";

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

/// Takes what comes before `separator` (or all) from the front of `text`.
std::string_view TakeWord(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return word;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<Cut> ParseCut(std::string_view text) {
  const auto operation = ParseNumber(TakeWord(text, ':'));
  for (const CutKind kind : kAllCutKinds) {
    if (operation && NameOf(kind) == text) {
      return Cut{*operation, kind};
    }
  }
  return std::nullopt;
}

bool ParseCuts(std::string_view text, std::vector<Cut>& cuts) {
  if (text == "none") {
    return true;
  }
  do {
    const auto cut = ParseCut(TakeWord(text, ','));
    if (!cut || (!cuts.empty() && cuts.back().operation >= cut->operation)) {
      return false;
    }
    cuts.push_back(*cut);
  } while (!text.empty());
  return true;
}

std::optional<Fault> ParseFault(std::string_view text) {
  const std::string_view name = TakeWord(text, '@');
  const auto call = ParseNumber(text);
  for (const PortName port : kAllPorts) {
    if (call && NameOf(port) == name) {
      return Fault{port, *call};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(PortName port) {
  switch (port) {
    case PortName::kInternal:
      return "internal";
    case PortName::kExternal:
      return "external";
    case PortName::kSecure:
      return "secure";
    case PortName::kCloud:
      return "cloud";
    case PortName::kCrypto:
      return "crypto";
    case PortName::kEntropy:
      return "entropy";
    case PortName::kClock:
      return "clock";
    case PortName::kApp:
      return "app";
    case PortName::kIdentity:
      return "identity";
  }
  return "";
}

std::string CaseId::Text() const {
  std::string what(cuts.empty() && !fault ? "cut=none" : "");
  if (fault) {
    what = std::string(kFailWord) + std::string(NameOf(fault->port)) + "@" +
           std::to_string(fault->call);
  }
  for (const Cut& cut : cuts) {
    what += what.empty() ? std::string(kCutWord) : ",";
    what += std::to_string(cut.operation) + ":" + std::string(NameOf(cut.kind));
  }
  return scenario + "/" + geometry + ":" + what + ":" + std::string(kSeedWord) +
         std::to_string(seed);
}

std::optional<CaseId> CaseId::Parse(std::string_view text) {
  const std::size_t end = text.rfind(':');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view seed_text = text.substr(end + 1);
  text = text.substr(0, end);
  const bool seeded = TakePrefix(seed_text, kSeedWord);
  const auto seed = ParseNumber(seed_text);
  CaseId id;
  id.scenario = TakeWord(text, '/');
  id.geometry = TakeWord(text, ':');
  if (!seeded || !seed || id.scenario.empty() || id.geometry.empty()) {
    return std::nullopt;
  }
  id.seed = *seed;
  if (TakePrefix(text, kFailWord)) {
    id.fault = ParseFault(text);
    return id.fault ? std::optional(id) : std::nullopt;
  }
  return TakePrefix(text, kCutWord) && ParseCuts(text, id.cuts) ? std::optional(id) : std::nullopt;
}

}  // namespace strata::sim
