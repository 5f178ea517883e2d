// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/core/secure.hpp"

#include "site.hpp"

namespace strata::cloud::http {
namespace {

int Base64Value(char c) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
    text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(text.size());
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = Base64Value(c);
    if (value < 0) {
      return std::nullopt;
    }
    bits = (bits << 6) | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(static_cast<unsigned char>(bits >> count));
    }
  }
  return out;
}

}  // namespace

std::optional<BasicCredentials> ParseBasic(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!EqualIgnoringCase(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) {
    authorization.remove_prefix(1);
  }
  std::optional<std::string> decoded = DecodeBase64(authorization);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  BasicCredentials credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
  SecureZero({reinterpret_cast<std::uint8_t*>(decoded->data()), decoded->size()});
  return credentials;
}

}  // namespace strata::cloud::http
