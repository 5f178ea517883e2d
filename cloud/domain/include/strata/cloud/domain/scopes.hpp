// SPDX-License-Identifier: Apache-2.0
/// Scopes: what credentials may do. Which request needs which stands in docs/spec/rest.md "API keys
/// and scopes" and is enforced by cloud/http.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::cloud {

/// The numbers are stored (docs/spec/storage.md).
enum class Scope : std::uint8_t { kRead = 1, kDeploy = 2, kProvision = 4, kAdmin = 8 };

inline constexpr std::array kAllScopes = {
    Scope::kRead, Scope::kDeploy, Scope::kProvision, Scope::kAdmin};

/// "read", "deploy", "provision" or "admin".
std::string_view NameOf(Scope scope);

/// A set of scopes.
class Scopes {
 public:
  constexpr Scopes() = default;  ///< none

  constexpr Scopes(Scope scope)
      : bits_(static_cast<std::uint8_t>(scope)) {}  // NOLINT(google-explicit-constructor)

  /// As stored; nullopt when a bit has no meaning.
  static constexpr std::optional<Scopes> FromBits(std::uint64_t bits) {
    Scopes scopes;
    scopes.bits_ = static_cast<std::uint8_t>(bits);
    return bits > 15 ? std::nullopt : std::optional(scopes);
  }

  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }

  [[nodiscard]] constexpr bool Has(Scope scope) const {
    return (bits_ & static_cast<std::uint8_t>(scope)) != 0;
  }

  /// Whether the two have a scope in common.
  [[nodiscard]] constexpr bool Meets(Scopes other) const { return (bits_ & other.bits_) != 0; }

  friend constexpr Scopes operator|(Scopes a, Scopes b) {
    a.bits_ |= b.bits_;
    return a;
  }

  friend constexpr bool operator==(Scopes, Scopes) = default;

 private:
  std::uint8_t bits_ = 0;
};

constexpr Scopes operator|(Scope a, Scope b) {
  return Scopes(a) | Scopes(b);
}

/// Names joined by commas, each known; nullopt otherwise and for an empty text.
std::optional<Scopes> ParseScopes(std::string_view text);

/// Names in the order of kAllScopes with `between` between them.
std::string ScopesText(Scopes scopes, std::string_view between);

}  // namespace strata::cloud
