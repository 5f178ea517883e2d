// SPDX-License-Identifier: Apache-2.0
// Special networks: IANA's registries of special-purpose addresses (RFC 6890), 2024.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "strata/cloud/jobs/webhook_sender.hpp"

namespace strata::cloud {
namespace {

using V6 = std::array<std::uint8_t, 16>;

struct Network4 {
  std::uint32_t address;
  int bits;
};

constexpr std::array kSpecial4 = {
    Network4{0x00000000, 8},   // this network
    Network4{0x0A000000, 8},   // private
    Network4{0x64400000, 10},  // shared by carriers
    Network4{0x7F000000, 8},   // loopback
    Network4{0xA9FE0000, 16},  // link-local, and the metadata of clouds
    Network4{0xAC100000, 12},  // private
    Network4{0xC0000000, 24},  // protocol assignments
    Network4{0xC0000200, 24},  // documentation
    Network4{0xC0586300, 24},  // 6to4 relays
    Network4{0xC0A80000, 16},  // private
    Network4{0xC6120000, 15},  // benchmarks
    Network4{0xC6336400, 24},  // documentation
    Network4{0xCB007100, 24},  // documentation
    Network4{0xE0000000, 4},   // multicast
    Network4{0xF0000000, 4},   // reserved, broadcast
};

bool IsPublic4(std::uint32_t address) {
  return std::none_of(kSpecial4.begin(), kSpecial4.end(), [address](const Network4& network) {
    return (address >> (32 - network.bits)) == (network.address >> (32 - network.bits));
  });
}

std::uint32_t Embedded4(const V6& bytes, std::size_t at) {
  return (std::uint32_t{bytes[at]} << 24U) | (std::uint32_t{bytes[at + 1]} << 16U) |
         (std::uint32_t{bytes[at + 2]} << 8U) | bytes[at + 3];
}

bool StartsWith(const V6& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool IsPublic6(const V6& bytes) {
  if (StartsWith(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) {  // mapped
    return IsPublic4(Embedded4(bytes, 12));
  }
  if (StartsWith(bytes, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {  // NAT64
    return IsPublic4(Embedded4(bytes, 12));
  }
  if (StartsWith(bytes, {0x20, 0x02})) {  // 6to4
    return IsPublic4(Embedded4(bytes, 2));
  }
  const bool global = (bytes[0] & 0xE0U) == 0x20;  // 2000::/3 is all that was given out
  const bool special = StartsWith(bytes, {0x20, 0x01, 0x0D, 0xB8}) ||        // documentation
                       (StartsWith(bytes, {0x20, 0x01}) && bytes[2] < 2) ||  // Teredo and others
                       StartsWith(bytes, {0x3F, 0xFF});                      // documentation
  return global && !special;
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    return IsPublic4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    V6 bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return IsPublic6(bytes);
  }
  return false;
}

}  // namespace strata::cloud
