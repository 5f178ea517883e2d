// SPDX-License-Identifier: Apache-2.0
#include "fleet_conf.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "strata/core/hex.hpp"

namespace strata::device {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"fleet_id", "sequence", "last_hash"};

using Values = std::array<std::optional<std::string_view>, kNames.size()>;

Failure Malformed(const std::string& what) {
  return {Fail(Code::kMalformed, Op::kParse),
          "seed/fleet.conf: " + what + "; provision the device again"};
}

bool TakeLine(std::string_view line, Values& values) {
  const std::size_t equals = line.find('=');
  const auto known = std::find(kNames.begin(), kNames.end(), line.substr(0, equals));
  if (equals == std::string_view::npos || known == kNames.end()) {
    return false;
  }
  auto& value = values[static_cast<std::size_t>(known - kNames.begin())];
  const bool first = !value;
  value = line.substr(equals + 1);
  return first;
}

std::optional<std::uint32_t> NumberOf(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = error == std::errc() && end == text.data() + text.size() && !text.empty() &&
                     (text.size() == 1 || text.front() != '0');
  return plain ? std::optional(value) : std::nullopt;
}

}  // namespace

Expected<ChainPosition> ParseFleetConf(std::string_view text) {
  Values values;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !TakeLine(text.substr(0, end), values)) {
      return Malformed("it is not one line each of fleet_id, sequence, last_hash = value");
    }
    text.remove_prefix(end + 1);
  }
  if (!values[0] || !values[1] || !values[2]) {
    return Malformed("fleet_id, sequence or last_hash is missing");
  }
  ChainPosition position;
  const auto sequence = NumberOf(*values[1]);
  const auto hash = Digest::FromHexText(*values[2]);
  if (!FromHex(*values[0], position.fleet) || position.fleet == FleetId{} || !sequence || !hash) {
    return Malformed("a value has the wrong form");
  }
  if ((*sequence == 0) != (*hash == Digest{})) {
    return Malformed("last_hash is not that of a message with this sequence");
  }
  position.sequence = *sequence;
  position.last_hash = *hash;
  return position;
}

}  // namespace strata::device
