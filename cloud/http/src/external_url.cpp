// SPDX-License-Identifier: Apache-2.0
#include "external_url.hpp"

#include <algorithm>

#include <arpa/inet.h>

#include "range.hpp"
#include "request_reader.hpp"

namespace strata::cloud::http {
namespace {

std::string_view LastValue(std::string_view list) {
  const std::size_t comma = list.rfind(',');
  std::string_view value = comma == std::string_view::npos ? list : list.substr(comma + 1);
  while (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  while (value.ends_with(' ')) {
    value.remove_suffix(1);
  }
  return value;
}

}  // namespace

std::optional<Cidr::Address> Cidr::ParseAddress(std::string_view text) {
  const std::string name(text);
  Address address{};
  if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    return address;
  }
  address = {};
  address[10] = 0xff;
  address[11] = 0xff;
  return inet_pton(AF_INET, name.c_str(), address.data() + 12) == 1 ? std::optional(address)
                                                                    : std::nullopt;
}

std::optional<Cidr> Cidr::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view address_text = text.substr(0, slash);
  const auto address = ParseAddress(address_text);
  const auto bits = ParseNumber(text.substr(slash + 1));
  const bool v4 = address_text.find(':') == std::string_view::npos;
  if (!address || !bits || *bits > (v4 ? 32U : 128U)) {
    return std::nullopt;
  }
  Cidr cidr;
  cidr.base_ = *address;
  cidr.bits_ = static_cast<unsigned>(*bits) + (v4 ? 96U : 0U);
  return cidr;
}

bool Cidr::Contains(const Address& address) const {
  for (unsigned bit = 0; bit < bits_; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((address[bit / 8] ^ base_[bit / 8]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

std::string AddressText(const Cidr::Address& address) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool v4 = std::equal(kMapped.begin(), kMapped.end(), address.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* const written = v4 ? inet_ntop(AF_INET, address.data() + 12, text.data(), text.size())
                                 : inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  return written == nullptr ? std::string() : std::string(written);
}

std::string ClientAddress(const Request& request, const Cidr::Address& peer, bool trust_forwarded) {
  const std::string* const forwarded =
      trust_forwarded ? request.FindLast("X-Forwarded-For") : nullptr;
  const auto named =
      forwarded != nullptr ? Cidr::ParseAddress(LastValue(*forwarded)) : std::nullopt;
  return AddressText(named.value_or(peer));
}

std::string BaseUrl(const Request& request,
                    bool tls,
                    bool trust_forwarded,
                    const std::string& own_url) {
  std::string scheme = tls ? "https" : "http";
  const std::string* const host_header = request.Find("Host");
  if (host_header == nullptr && !trust_forwarded) {
    return own_url;
  }
  std::string host = host_header != nullptr ? *host_header : "localhost";
  const std::string* const proto =
      trust_forwarded ? request.FindLast("X-Forwarded-Proto") : nullptr;
  const std::string* const name = trust_forwarded ? request.FindLast("X-Forwarded-Host") : nullptr;
  if (proto != nullptr && (LastValue(*proto) == "https" || LastValue(*proto) == "http")) {
    scheme = LastValue(*proto);
  }
  if (name != nullptr && IsHost(LastValue(*name))) {
    host = LastValue(*name);
  }
  return scheme + "://" + host;
}

}  // namespace strata::cloud::http
