// SPDX-License-Identifier: Apache-2.0
/// How clients name this server: from Host, or from X-Forwarded-* of a trusted proxy. Input is
/// attacker-controlled.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"

namespace strata::cloud::http {

/// A range of addresses, e.g. 10.0.0.0/8 or fd00::/8; IPv4 is kept as IPv4-mapped IPv6.
class Cidr {
 public:
  using Address = std::array<std::uint8_t, 16>;

  /// Nothing when `text` is not ADDRESS/BITS.
  static std::optional<Cidr> Parse(std::string_view text);
  [[nodiscard]] bool Contains(const Address& address) const;

  /// Nothing when `text` is not a numeric address.
  static std::optional<Address> ParseAddress(std::string_view text);

 private:
  Address base_{};
  unsigned bits_ = 0;
};

/// "192.0.2.7" or "2001:db8::1".
std::string AddressText(const Cidr::Address& address);

/// Where a request comes from: `peer`, or with `trust_forwarded` the last value of the last
/// X-Forwarded-For when that is an address: all before it is what the client says.
std::string ClientAddress(const Request& request, const Cidr::Address& peer, bool trust_forwarded);

/// Scheme, host and port without a slash at the end. X-Forwarded-Proto and X-Forwarded-Host count
/// only with `trust_forwarded`; of several values or lines the last one, which the nearest proxy
/// added.
/// `own_url`: the answer for a request that names no host.
std::string BaseUrl(const Request& request,
                    bool tls,
                    bool trust_forwarded,
                    const std::string& own_url);

}  // namespace strata::cloud::http
