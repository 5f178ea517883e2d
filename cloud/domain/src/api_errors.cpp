// SPDX-License-Identifier: Apache-2.0
#include "api_errors.hpp"

#include <utility>

#include "strata/core/error_text.hpp"

namespace strata::cloud {
namespace {

constexpr int kDamagedRetryAfterSec = 60;
constexpr int kRetryAfterSec = 5;
constexpr std::size_t kLongestNameShown = 256;

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

/// "801 ZipMalformed: what happened; what to do"
std::string WordsOf(const bundle::Failure& failure) {
  const ErrorText& text = TextOf(failure.error.code);
  std::string message = std::to_string(static_cast<unsigned>(failure.error.code)) + " ";
  message += text.name;
  message += ": " + failure.message + "; ";
  return message += text.next_step;
}

}  // namespace

ApiError BadParameter(std::string message) {
  return {400, 20001, std::move(message)};
}

ApiError BadPage() {
  return {400,
          20002,
          "PageToken: this is not a token of this list; follow next_page_url from the first page "
          "(Page alone does not name a page)"};
}

ApiError BadCredentials() {
  return {401,
          20003,
          "the account SID or the auth token, or the API key or its secret, is wrong; sign in with "
          "strata login"};
}

ApiError Forbidden(std::string message) {
  return {403, 20006, std::move(message)};
}

ApiError NotFound(std::string_view collection, std::string_view name, std::string_view suffix) {
  std::string path(collection);
  path += '/';
  path += PercentEncoded(name.substr(0, kLongestNameShown));
  path += suffix;
  return {404, 20404, "The requested resource " + path + " was not found"};
}

ApiError NameTaken(std::string_view unique_name) {
  return {409,
          20409,
          "UniqueName: \"" + std::string(unique_name) +
              "\" is taken; choose another name or rename what has it"};
}

ApiError KeyTaken() {
  return {409, 20409, "Key: it exists already; update it at its own path, or choose another"};
}

ApiError TooManyWebhooks(std::uint64_t limit) {
  return {400,
          65021,
          "the account has " + std::to_string(limit) +
              " webhooks, which is all it may; remove one with strata webhooks remove"};
}

ApiError TooManySettings() {
  return {400, 65020, "Key: there are 256 here already; delete one that is no longer needed"};
}

ApiError UploadTooLarge() {
  return {413, 20413, "File: a bundle may have at most 67108864 bytes; make the app smaller"};
}

ApiError BundleRefused(const bundle::Failure& failure) {
  return {400, 65001, WordsOf(failure)};
}

ApiError KeysRefused(const bundle::Failure& failure) {
  return {400, 65006, WordsOf(failure)};
}

ApiError DiskNearlyFull() {
  return {507,
          65007,
          "less than 5 % of the server's disk is free, so it takes no uploads; remove apps that "
          "are no longer needed or give it a larger disk"};
}

ApiError TooMany(std::string message, int retry_after_sec) {
  return {429, 20429, std::move(message), retry_after_sec};
}

ApiError TooManyApps(std::uint64_t limit) {
  return {400,
          65010,
          "the account has " + std::to_string(limit) +
              " apps, which is as many as it may; remove one that no device needs with "
              "strata apps remove and upload again"};
}

ApiError TooManyBytes(std::uint64_t limit) {
  return {400,
          65011,
          "with this bundle the account's apps would take more than " + std::to_string(limit) +
              " bytes; remove apps that no device needs with strata apps remove and upload again"};
}

ApiError ServerFailed(std::string_view what, Error error) {
  const std::string number =
      std::to_string(static_cast<unsigned>(error.code)) + "." + std::to_string(error.detail);
  if (error.code == Code::kTimeout || error.code == Code::kTooLarge) {
    return {503,
            20503,
            "the server can't finish this right now (" + std::string(what) + " " + number +
                "); try again later",
            kRetryAfterSec};
  }
  return {500,
          20500,
          "the server failed (" + std::string(what) + " " + number +
              "); its log has more under the request id"};
}

ApiError ToApiError(Error error) {
  if (error.code == Code::kAlreadyExists) {
    return {409, 20409, "something of that name exists already; choose another name"};
  }
  if (error.code == Code::kMalformed) {
    return {503,
            20503,
            "the server's database is damaged, so it serves nothing; whoever runs it restores a "
            "backup: docs/operations.md",
            kDamagedRetryAfterSec};
  }
  return ServerFailed("store", error);
}

}  // namespace strata::cloud
